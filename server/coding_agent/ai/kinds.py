"""The kinds of secrets that are known by their own shape, whatever their name: one row each.

What needs a name beside it (`password = ...`) is in `assigned.py`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from coding_agent.ai.looks import Look, look, odd, tangled


@dataclass(frozen=True, slots=True)
class Found:
    """A secret in a text: code points, half open. ``value``: what it is if that is not what stands there."""

    start: int
    stop: int
    kind: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """``pattern`` is tried only on texts with one of ``anchors``; its last group, or all of it, is the secret if
    ``proof`` holds for it.

    Invariant: a pattern is linear: what repeats without a bound excludes what follows it.
    """

    name: str
    anchors: tuple[str, ...]
    pattern: re.Pattern[str]
    proof: Callable[[str], bool]


def _real(value: str) -> bool:
    """Not a placeholder."""
    return look(value) is not Look.NOTHING


def _mixed(value: str) -> bool:
    """Not only words."""
    return look(value) >= Look.MIXED


def _tangled(value: str) -> bool:
    """No name of anything."""
    return look(value) is not Look.NOTHING and (odd(value) or tangled(value))


def _kind(name: str, anchors: str, pattern: str, proof: Callable[[str], bool] = _real) -> Kind:
    return Kind(name, tuple(anchors.split()), re.compile(pattern), proof)


def _edged(sign: str, width: int) -> str:
    """What begins with signs of a width, not within a word, but behind an escape (`\\n`, `%3D`).

    The signs stand first, so that only places that have them are looked at.
    """
    behind = f".{{{width}}}" if width else ""
    return rf"{sign}(?:(?<![A-Za-z0-9]{behind})|(?<=\\[nrt]{behind})|(?<=%[0-9A-Fa-f]{{2}}{behind}))"


_EDGE = _edged("", 0)
_W = r"[A-Za-z0-9_-]"
_SQL = r"""\\*["']([^"'\n\\]{1,200})"""
_OPEN = r"""[bru]?["']"""
_FIRST = r"""[bu]?["'][^"'\n]{1,80}["'][ \t]*,\s*[bu]?["']"""

KINDS: tuple[Kind, ...] = (
    _kind("aws-access-key-id", "AKIA ASIA ABIA ACCA", rf"{_EDGE}(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{{16,}}"),
    _kind("aws-bedrock-key", "ABSK", r"ABSK[A-Za-z0-9+/]{40,}={0,2}", _tangled),
    _kind("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9_]{20,}"),
    _kind("github-token", "github_pat_", r"github_pat_[A-Za-z0-9_]{20,}"),
    _kind(
        "gitlab-token",
        "glpat- gldt- glrt- glcbt- glptt- glft- glsoat- glimt- glagent-",
        rf"gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|agent)-{_W}{{16,}}(?:\.{_W}{{2,}})*",
    ),
    _kind("slack-token", "xox xapp-", r"(?:xox[a-z]|xapp)(?:\.xox[a-z])?-[A-Za-z0-9-]{10,}", _mixed),
    _kind(
        "slack-webhook", "hooks.slack.com/", r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{20,})"
    ),
    _kind("stripe-key", "k_live_ k_test_", r"[srp]k_(?:live|test)_[A-Za-z0-9_]{10,}"),
    _kind("webhook-secret", "whsec_", r"whsec_[A-Za-z0-9+/=_-]{20,}"),
    _kind("anthropic-key", "sk-ant-", rf"sk-ant-{_W}{{16,}}"),
    _kind("openai-key", "sk-", rf"{_EDGE}sk-{_W}{{18,}}", _tangled),
    _kind("google-api-key", "AIza", rf"AIza{_W}{{30,}}"),
    _kind("google-oauth-token", "ya29.", r"ya29\.[A-Za-z0-9_.-]{20,}"),
    _kind("google-client-secret", "GOCSPX-", rf"GOCSPX-{_W}{{16,}}"),
    _kind("google-refresh-token", "1//0", rf"{_EDGE}1//0{_W}{{30,}}", _tangled),
    _kind("npm-token", "npm_", rf"{_EDGE}npm_[A-Za-z0-9]{{30,}}"),
    _kind("pypi-token", "pypi-", rf"pypi-{_W}{{32,}}", _mixed),
    _kind("hugging-face-token", "hf_ api_org_", rf"{_EDGE}(?:hf|api_org)_[A-Za-z0-9]{{30,}}"),
    _kind("twilio-key", "SK AC", rf"{_edged('(?:SK|AC)', 2)}[0-9a-f]{{32}}(?![0-9A-Za-z])"),
    _kind("sendgrid-key", "SG.", rf"SG\.{_W}{{16,64}}\.{_W}{{16,}}"),
    _kind("mailgun-key", "key-", rf"{_EDGE}key-[0-9a-zA-Z]{{32}}(?![0-9A-Za-z-])", _mixed),
    _kind("mailchimp-key", "-us", rf"{_EDGE}[0-9a-f]{{32}}-us[0-9]{{1,2}}(?![0-9A-Za-z])"),
    _kind("telegram-token", ":AA", rf"(?<![0-9])[0-9]{{8,10}}:AA{_W}{{30,}}"),
    _kind("discord-token", ".", rf"{_edged('[MNO]', 1)}{_W}{{22,27}}\.{_W}{{6}}\.{_W}{{27,}}", _tangled),
    _kind("discord-webhook", "/api/webhooks/", rf"discord(?:app)?\.com/api/webhooks/([0-9]+/{_W}{{30,}})"),
    _kind("digitalocean-token", "_v1_", r"do[opr]_v1_[0-9a-f]{40,}"),
    _kind("databricks-token", "dapi", rf"{_EDGE}dapi[0-9a-f]{{32}}(?:-[0-9])?"),
    _kind("shopify-token", "shp", r"shp(?:at|ca|pa|ss|ua|tka)_[0-9a-zA-Z]{24,}"),
    _kind("square-token", "sq0", rf"sq0(?:atp|csp|idp|csb)-{_W}{{20,}}"),
    _kind("square-token", "EAAA", rf"{_EDGE}EAAA{_W}{{56,}}", _tangled),
    _kind(
        "azure-key",
        "AccountKey= SharedAccessKey=",
        r"(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/%]{16,}={0,2})",
        _mixed,
    ),
    _kind("azure-sas", "sig=", r"[?&;]sig=([A-Za-z0-9+/%_-]{30,}={0,2})", _mixed),
    _kind("azure-client-secret", "Q~", r"(?<![\w~.-])[\w~.-]{3}[78]Q~[\w~.-]{31,}"),
    _kind("jwt", "eyJ", rf"eyJ{_W}{{8,1000}}+\.(?:eyJ{_W}{{8,}}(?:\.{_W}*)?|{_W}*(?:\.{_W}+){{1,3}})"),
    _kind(
        "vendor-token",
        "gsk_ xai- pplx- r8_ lsv2_ tvly- glsa_ glc_ sntrys_ sntryu_ NRAK- hvs. hvb. pul- HRKU- FlyV1 nfp_ sbp_ "
        "dckr_pat_ rubygems_ lin_api_ ntn_ figd_ ATATT3 ATCTT3 dp.pt. dp.st. dp.sa. dp.ct. PMAK- fo1_ "
        "AKCp rdme_ shippo_ squ_ sqp_ CCIPAT_ bkua_ AGE-SECRET-KEY- nvapi- secret_ sgp_ tskey- pscale_",
        rf"{_EDGE}(?:gsk_|xai-|pplx-|r8_|lsv2_(?:pt|sk)_|tvly-|glsa_|glc_|sntry[su]_|NRAK-|hv[sb]\.|pul-|HRKU-|FlyV1 "
        r"|nfp_|sbp_|dckr_pat_|rubygems_|lin_api_|ntn_|figd_|AT[AC]TT3|dp\.(?:pt|st|sa|ct)\.|PMAK-|fo1_|AKCp|rdme_"
        r"|sq[up]_|shippo_(?:live|test)_|CCIPAT_|bkua_|AGE-SECRET-KEY-|nvapi-|secret_|sgp_|tskey-(?:auth|api)-"
        r"|pscale_[a-z]+_)"
        rf"{_W}{{20,}}",
        _tangled,
    ),
    # scheme://user:password@host; what looks like a port and a path is none.
    _kind(
        "url-password",
        "://",
        r"://[^\s:/@\"'<>\\(){}]{0,100}:(?![0-9]{1,5}/)([^\s\"'<>@]{1,200}(?:@[^\s\"'<>@/]{1,60}){0,4})@(?=[\w.\[%{$<-])",
    ),
    _kind("url-token", "://", r"://([^\s:/@\"'<>\\(){}]{16,200})@", _tangled),
    _kind("bearer", "earer EARER", r"\b(?:[Bb]earer|BEARER)[ \t]+([A-Za-z0-9._~+/-]{12,}={0,2})", _mixed),
    _kind(
        "authorization",
        "uthorization UTHORIZATION",
        r"""(?i)\bauthorization\\*["']?\]?[ \t]*[:=,][ \t]*[bf]?\\*["']?"""
        r"""(?:basic|token|bearer|digest|apikey|bot|key|negotiate)[ \t]+(?![{$%<])([^\s"'\\,;)]{6,})""",
        _mixed,
    ),
    _kind("basic", "Basic basic", r"\b[Bb]asic[ \t]+([A-Za-z0-9+/]{8,}={0,2})(?![A-Za-z0-9+/])", _tangled),
    _kind(
        "basic-auth",
        "auth Auth cred",
        rf"""(?:(?:\bauth|cred(?:ential)?s?)[ \t]*=[ \t]*|Auth)\(\s*{_FIRST}([^"'\n]{{1,200}})["'][ \t]*,?\s*\)""",
    ),
    _kind(
        "login",
        "login( authenticate(",
        rf"""\b(?:login|authenticate)\(\s*{_FIRST}([^"'\n]{{1,200}})["'][ \t]*,?\s*\)""",
    ),
    _kind(
        "login", "login(", r"""\blogin\([ \t]*[\w.]{1,60},[ \t]*[bu]?["']([^"'\n]{1,200})["'][ \t]*,?[ \t]*\)""", _mixed
    ),
    _kind(
        "signing-key",
        "jwt.encode( jwt.decode(",
        rf"""\bjwt\.(?:encode|decode)\(\s*(?:\{{[^{{}}]{{0,300}}\}}|[\w.]{{1,80}}),\s*(?:key[ ]?=[ ]?)?{_OPEN}"""
        r"""([^"'\n]{1,200})["']""",
    ),
    _kind("signing-key", "hmac.new(", rf"""\bhmac\.new\(\s*{_OPEN}([^"'\n]{{1,200}})["']""", _mixed),
    _kind("fernet-key", "Fernet(", rf"""Fernet\(\s*{_OPEN}([A-Za-z0-9_-]{{43}}=)["']""", _tangled),
    _kind(
        "session",
        "essionid ession_id essionId ESSID",
        r"""(?i)(?:session_?id|sessid)\\*["']?\]?[ \t]*[:=][ \t]*\\*["']?([A-Za-z0-9._-]{16,200})""",
        _tangled,
    ),
    _kind("sql-password", "IDENTIFIED BY", rf"IDENTIFIED BY[ \t]+(?:PASSWORD[ \t]+)?{_SQL}"),
    _kind("sql-password", "identified by", rf"identified by[ \t]+(?:password[ \t]+)?{_SQL}", _mixed),
    _kind("sshpass", "sshpass", r"""\bsshpass["',\s]{1,9}-p["',\s]{0,9}([^\s"',]{2,200})"""),
    _kind(
        "mnemonic",
        "nemonic _phrase",
        r"""(?:mnemonic|seed_phrase|recovery_phrase)["']?[ \t]*[:=][ \t]*["']?((?:[a-z]{3,8} ){11,23}[a-z]{3,8})\b""",
    ),
    _kind(
        "curl-user",
        "curl",
        r"""\bcurl [^\n|;]{0,300}?(?:-u|--user)[ =]?[ \t]*\\?["']?[^\s:"'\\]{1,80}:([^\s"'\\]{2,200})""",
    ),
    _kind(
        "netrc", "machine", r"\bmachine\s+\S{1,200}(?:\s+(?:login|account)\s+\S{1,80}){1,2}\s+password\s+(\S{3,200})"
    ),
    _kind("ppk", "Private-Lines:", r"Private-Lines: [0-9]+\s+((?:[A-Za-z0-9+/=]{10,80}\s+){1,80})"),
)

_SECRET_KEY = re.compile(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
_NEAR = 200
"""How far from its id, in characters, a secret key of AWS is looked for."""


def shaped(text: str) -> Iterator[Found]:
    """Yield the secrets of a text that are known by their shape; they may overlap."""
    for kind in KINDS:
        if any(anchor in text for anchor in kind.anchors):
            for match in kind.pattern.finditer(text):
                start, stop = match.span(match.lastindex or 0)
                if kind.proof(text[start:stop]):
                    yield Found(start, stop, kind.name)
                    if kind.name == "aws-access-key-id":
                        yield from _secret_keys(text, start, stop)
    yield from _blocks(text)


def _secret_keys(text: str, start: int, stop: int) -> Iterator[Found]:
    for match in _SECRET_KEY.finditer(text, max(0, start - _NEAR), stop + _NEAR):
        if tangled(match.group()):
            yield Found(match.start(), match.end(), "aws-secret-key")


_BETWEEN = r"""(?:\\[nrt]|[\s"'+\\#>|*,])*+"""
_SIGNS = "[A-Za-z0-9+/=]"
# Possessive: a plus sign is of both the text between lines and of lines.
_BLOCK = re.compile(
    rf"""-----BEGIN\ [A-Z0-9 ]{{0,40}}PRIVATE\ KEY(?:\ BLOCK)?-----
        (?P<body> (?:{_BETWEEN}(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset)[^\n\\]{{0,200}})*+
            (?:{_BETWEEN}{_SIGNS}{{16,}}+)++
            (?: (?:{_BETWEEN}{_SIGNS}{{1,76}}+){{0,2}}{_BETWEEN}(?=-----END\ )
              | (?:(?:\\[nrt]|\s|\#\ )++{_SIGNS}{{1,76}}+(?![\w(.])){{0,2}} ) )""",
    re.VERBOSE,
)
_RUN = re.compile(r"[A-Za-z0-9+/]{16,}")


def _blocks(text: str) -> Iterator[Found]:
    """PEM and PGP blocks, also within string literals, also without an end."""
    for block in _BLOCK.finditer(text):
        if any(map(odd, _RUN.findall(block["body"]))):
            yield Found(*block.span("body"), "private-key")
