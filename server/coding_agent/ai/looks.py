"""What a value looks like: a secret, a word, or evidently something else."""

import re
from enum import IntEnum

from coding_agent.ai.keywords import names, parts, table


class Look(IntEnum):
    """The order is that of suspicion."""

    NOTHING = 0
    """Evidently no secret: a placeholder, the name of one, a path, a message, a number."""
    WORD = 1
    """Letters that can be spoken; a weak password or any other word."""
    MIXED = 2
    """A word with digits or signs: a password that somebody thought of, or a name such as `v2beta`."""
    RANDOM = 3


COMMON = table(
    """
    admin administrator root postgres postgresql mysql redis mongo mongodb rabbitmq guest user test tests testing
    demo dev local localhost default django flask celery python api app web server client master service system
    public private access login welcome foo bar baz spam eggs hello world name value string data example sample
    dummy fake mock none null true false
    """
)
"""Values that are everybody's: hidden where they are a password, and not wherever else the word stands."""

_PRETENDED = table(
    """
    dummy fake mock mocked sample example foo bar baz spam eggs some todo fixme na tbd test
    """
)
_FIELD = re.compile(
    r"""\{\{[^{}]{0,80}\}\} | \$\{[A-Za-z_][\w.:?-]{0,80}\} | \$\([^()]{0,80}\)
      | \{ (?:[a-z_][a-z0-9_.\[\]'"()]{0,80}|[A-Z_]+|[a-z]+(?:[A-Z][a-z]+)+|[0-9]?) (?:![rsa])? (?::[^{}]{0,20})? \}
      | %\(\w{0,40}\)[sdr] | %[srd](?![A-Za-z0-9])""",
    re.VERBOSE,
)
_REPLACED = re.compile(r"(?<!\{)\{[^{}]{1,200}\}")
"""What an f-string puts in."""
_PLACEHOLDER = re.compile(
    r"""(?i)x{4} | \*{3} | \.{3} | … | placeholder | (?<![a-z])your[-_ ] | [-_ ]here\Z
      | (?:replace|insert|enter|put|add|paste|fill)[-_ ](?:me|this|with|your|here|in)
      | change[-_ ]?(?:me|this|it)\Z | \A(?:redacted|masked|hidden|removed|filtered|scrubbed)\Z""",
    re.VERBOSE,
)
_REPEATED = re.compile(r"([A-Za-z0-9*._-])\1{3,}")
_TAG = re.compile(
    r"</?[\w .:/|-]*>|\[[\w .:/|-]*\]|\{[\w .:/|-]*\}|\$[A-Za-z_]\w*|%\w+%|@\w+@|__\w+__|:[a-z_]+|_[a-zA-Z_]+"
)
_ELSE = re.compile(
    r"""[-+]?[0-9][0-9_,]*(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?  # a number, a date, a version
      | [0-9]{1,4}(?:[-/.:][0-9]{1,4})+ | v?[0-9]++(?:\.[0-9]++)++\w*+
      | (?:[A-Za-z][A-Za-z0-9+.-]*://|(?:mailto|urn|data|arn|file):).* | </?[a-zA-Z].*>
      | [a-z_.]+\([\w.,= ]*\) | \#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})""",
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(
    r"\(\?(?:[:=!]|P<|<[=!])|\[\^?(?:a-z|A-Z|0-9|\\w|\\d|\\s)|\\[wdsbSWD][+*)\]{]|\.[*+]\)"
    r"|\(\?[a-zA-Z]{1,4}[):-]|0-9a-z|a-zA-Z|A-Za-z|a-fA-F|A-Fa-f|\\b(?![a-zA-Z0-9])"
)
_NAME = re.compile(
    r"""[\w.+-]+@[\w.-]+\.(?:com|org|net|edu|gov|info|test|local|example|invalid|[a-z]{2})  # an address
      | [a-z0-9.-]+:[0-9]{2,5}(?:/.*)? | [A-Za-z_]+(?:(?:\.|::?)[A-Za-z_]+)+  # a host, a dotted name
      | (?:~|\.{0,2})(?:/(?:[a-z0-9_. -]*|[A-Z][a-z]+))+ | [A-Za-z]:\\.* | [a-z0-9_.-]+(?:/[a-z0-9_.+-]+)+/?  # a path
      | [A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+ | X(?:-[A-Z][A-Za-z]*)+  # a constant, a header
      | [A-Za-z_ ]+(?:\|[A-Za-z_ ]+)+ | [A-Z_]{2,}=[a-z_.]* | --?[a-z][a-z-]*=? | \^.*\$  # a choice, a flag, a pattern
      | [\w./\\ -]*\.(?:pem|key|pub|jsonc?|txt|ya?ml|toml|ini|cfg|conf|env|pyi?|crt|cert?|p12|pfx|html?|[jt]sx?|css|md
        |rst|log|db|sqlite3?|sh|xml|csv|gpg|asc|jks|lock)  # a file""",
    re.VERBOSE,
)
_ALGORITHM = re.compile(
    r"(?i)(?<![a-z])(?:sha|md|utf|[hrep]s|aes|cp|latin|iso|base|oauth|u?int|float|s|ec|v|hmac|http)[-_]?[0-9]{1,4}(?![0-9])"
)
_PROSE = re.compile(
    r"""(?i)(?<![\w'])(?:the|your|my|our|is|are|was|be|a|an|to|of|for|and|or|not|no|in|on|with|from|by|as|at|if|this
      |that|it|must|should|can|cannot|could|please|enter|use|used|using|has|have|will|when|which|invalid|missing
      |required|forgot|reset|change|new|old|passwords?|passphrase|token|secret|key|credentials|confirmation|user|name
      |only|one|all|any|de|la|le|el|der|die|das)(?![\w'])""",
    re.VERBOSE,
)
_LETTERS = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")
_UNSPOKEN = re.compile(
    r"[bcdfghjklmnpqrstvwxz]{5}|q[^u]|[jvxzqkwf][jxz]|[bcdfgjkmpqvxz][jvx]|v[bcdgkmt]|wv|xk|zx|zc|fq|\A[^aeiouy]{4,}\Z"
)
_SWITCH = re.compile(r"(?<=[A-Za-z])[0-9]|(?<=[0-9])[A-Za-z]")
_INSIDE = re.compile(r"[0-9][A-Za-z]")
_HEX = re.compile(r"(?=[^0-9]*[0-9])(?:0x)?[0-9a-fA-F-]{16,}")
_SIGN = re.compile(r"[^\w\s.:/,;-]")
_BETWEEN = re.compile(r"[A-Za-z0-9][@#$^~!?*+][A-Za-z0-9]|[a-z][0-9][a-z]")
"""What words of sentences do not have within them."""
_SCHEME = re.compile(r"(?i)(?:bearer|basic|token|digest|apikey|api-key|jwt|key|splunk|bot)[ :]+")


def look(value: str, template: bool = False) -> Look:
    """What the text of a value looks like, without its quotes; ``template`` says that fields in it are fields."""
    value = value.strip()
    rest = (_REPLACED if template else _FIELD).sub("" if len(value) > 10 else " ", value)
    if rest != value:
        return Look.RANDOM if (odd(rest) and _SWITCH.search(rest)) or (tangled(rest) and not template) else Look.NOTHING
    rest = _REPEATED.sub("", value)
    if len(set(value)) < 3 or len(rest) < len(value) / 2 or (_PLACEHOLDER.search(value) and not odd(rest)):
        return Look.NOTHING
    if _TAG.fullmatch(value.rstrip(".,;:")) and not odd(value[1:-1]):
        return Look.NOTHING
    return _phrase(value.split()) if any(map(str.isspace, value)) else _one(value)


def scheme(value: str) -> int:
    """The length of what says how to read the rest: "Bearer "."""
    found = _SCHEME.match(value)
    return found.end() if found else 0


def tangled(value: str) -> bool:
    """Whether a value has letters of both cases and digits."""
    return value.lower() != value != value.upper() and any(map(str.isdigit, value))


def odd(value: str) -> bool:
    """Whether letters, cases and digits are mixed as nobody names anything."""
    if len(value) < 6 or not value.isascii():
        return False
    if _HEX.fullmatch(value) or (len(value) >= 20 and tangled(value) and _INSIDE.search(value) and value.isalnum()):
        return True
    words = _LETTERS.findall(value)
    humps = [hump for word in words for hump in _HUMP.findall(word)]
    letters = sum(map(len, words))
    spoken = [len(hump) for hump in humps if len(hump) > 2 and not _UNSPOKEN.search(hump.lower())]
    if len(_SWITCH.findall(value)) >= 3 and sum(spoken) < 0.7 * letters:
        return True
    if len(humps) >= 4 and (letters < 2.4 * len(humps) or len(spoken) <= (len(humps) - 1) / 2):
        return True
    constant = len(words) > 1 and value.upper() in (value, value.swapcase())
    return letters >= 8 and sum(spoken) < letters / 2 and not constant


def _phrase(words: list[str]) -> Look:
    """Several words: a message, unless they lack what sentences, labels and code have."""
    value = " ".join(words)
    if len(words) < 4 and any(map(_BETWEEN.search, words)) and not _PROSE.search(value):
        return Look.WORD
    plain = len(words) > 2 and all(map(str.isalnum, words))
    return Look.WORD if plain and not _PROSE.search(value) else Look.NOTHING


def _one(value: str) -> Look:
    """One word, in the widest sense."""
    if not any(map(str.isalnum, value)) or _ELSE.fullmatch(value) or _REGEX.search(value):
        return Look.NOTHING
    known = _ALGORITHM.sub("", value)
    words = [word for word in parts(known) if not word.isdigit()]
    digits, signs = sum(map(str.isdigit, known)), bool(_SIGN.search(value.rstrip("?")))
    if digits < 3 and not signs and (names(words) or _PRETENDED.issuperset(words)):
        return Look.NOTHING
    if odd(value):
        return Look.RANDOM
    if _NAME.fullmatch(value):
        return Look.NOTHING
    if digits or signs:
        return Look.MIXED
    return Look.WORD if len(value) > 3 else Look.NOTHING
