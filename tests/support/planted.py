"""Secrets planted in ordinary text by a seed: values as the makers of each kind give them out, written as people write.

Left out is what nothing can find: a password without a name beside it that nobody knows, and, where there are no quotes,
one that is a word of the language (`# password: swordfish`).
"""

import base64
import json
import random
import shlex
import string
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import quote

_ALNUM = string.ascii_letters + string.digits
_LOWER = string.ascii_lowercase + string.digits
_HEX = "0123456789abcdef"
_WORDLIKE = _ALNUM + "_-"
_BASE64 = _ALNUM + "+/"
_SIGNS = "!@#$%^&*()-_=+[]{}|;:,.?/~"


class Planted(NamedTuple):
    """``known``: nothing shows that it is a secret but that it is known."""

    text: str
    secret: str
    kind: str
    form: str

    @property
    def known(self) -> frozenset[str]:
        return frozenset({self.secret} if self.kind == "known" else ())

    def leaked(self, text: str) -> bool:
        """Whether a text has the secret, in any spelling, or eight characters of it that belong together."""
        secret = self.secret
        shown = {secret, json.dumps(secret)[1:-1], quote(secret, safe=""), base64.b64encode(secret.encode()).decode()}
        body = "".join(line for line in secret.splitlines() if not line.startswith("-----"))
        shown |= {body[at : at + 8] for at in range(4, len(body) - 8)} if len(body) > 16 else set()
        return any(each in text for each in shown)


def planted(seed: int, count: int) -> list[Planted]:
    """So many secrets, each in a text of its own, all kinds in all their forms in turns."""
    chance = random.Random(seed)
    pairs = [(kind, form) for kind in (*_SHAPED, *_NAMED, "known") for form in _forms(kind)]
    chance.shuffle(pairs)
    return [_one(chance, *pairs[at % len(pairs)]) for at in range(count)]


def _forms(kind: str) -> list[str]:
    if kind == "known":
        return [*_QUOTED, *_UNQUOTED, *_NAMELESS, *_SPELLED]
    if kind in _BLOCKS:
        return [*_BLOCK_FORMS]
    if kind in _NAMED:
        return [*_QUOTED, *_UNQUOTED]
    return [*_QUOTED, *_UNQUOTED, *_NAMELESS]


def _one(chance: random.Random, kind: str, form: str) -> Planted:
    if kind in _NAMED:
        names, values = _NAMED[kind]
        name, value = chance.choice(names), chance.choice(values)(chance)
    else:
        name = chance.choice(("value", "thing", "setting", "x", "data"))
        value = chance.choice(_PASSWORDS)(chance) if kind == "known" else _SHAPED[kind](chance)
    if form in _UNQUOTED and kind in ("known", *_NAMED):
        while (
            set(value) & set("\"'`<>\\ #")
            or value[0] in "@&*!%{[|>?-:,$(~=^.;/+_)]}"
            or not set(value) & set(string.digits)
        ):
            value = chance.choice(_PASSWORDS)(chance)
    forms: Mapping[str, _Form] = {**_QUOTED, **_UNQUOTED, **_NAMELESS, **_SPELLED, **_BLOCK_FORMS}
    secret = value
    if kind in _FRAMES:
        if kind == "url-password":
            secret = quote(secret, safe="!$*-_.~^")
        value = _FRAMES[kind](chance, secret)
    written = forms[form](chance, name, value)
    before, after = chance.choice(_AROUND_SETTINGS if form in _SETTINGS else _AROUND)
    return Planted(before + written + after, secret, kind, form)


def _some(alphabet: str, least: int, most: int | None = None) -> Callable[[random.Random], str]:
    return lambda chance: "".join(chance.choice(alphabet) for _ in range(chance.randint(least, most or least)))


def _with(prefix: str, alphabet: str, least: int, most: int | None = None) -> Callable[[random.Random], str]:
    body = _some(alphabet, least, most)
    return lambda chance: prefix + body(chance)


def _either(*makers: Callable[[random.Random], str]) -> Callable[[random.Random], str]:
    return lambda chance: chance.choice(makers)(chance)


def _password(chance: random.Random) -> str:
    """As a generator makes it: each class of signs at least once."""
    signs = [chance.choice(each) for each in (string.ascii_lowercase, string.ascii_uppercase, string.digits, _SIGNS)]
    signs += [chance.choice(_ALNUM + _SIGNS) for _ in range(chance.randint(6, 20))]
    chance.shuffle(signs)
    return "".join(signs)


def _alnum(chance: random.Random) -> str:
    signs = [chance.choice(string.digits), *(chance.choice(_ALNUM) for _ in range(chance.randint(9, 31)))]
    chance.shuffle(signs)
    return "".join(signs)


def _thought_of(chance: random.Random) -> str:
    """As a person thinks of it."""
    word = chance.choice(
        ("sunshine", "Hunter", "monkey", "Dragon", "summer", "blueberry", "Tr0ub4dor", "pa55word", "Krakow")
    )
    return (
        word
        + chance.choice(("", "_", "-", ".", "!", "#"))
        + str(chance.randint(10, 9999))
        + chance.choice(("", "!", "$", "?!"))
    )


def _words(chance: random.Random) -> str:
    words = ("correct", "horse", "battery", "staple", "purple", "otter", "canyon", "velvet", "rocket", "maple")
    return chance.choice("-_.").join(chance.sample(words, 4)) + str(chance.randint(1, 99))


def _uuid(chance: random.Random) -> str:
    return "-".join(_some(_HEX, size)(chance) for size in (8, 4, 4, 4, 12))


def _jwt(chance: random.Random) -> str:
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in (
            {"alg": "HS256", "typ": "JWT"},
            {"sub": str(chance.randint(1, 10**9)), "iat": chance.randint(1, 10**9)},
        )
    )
    return f"{head}.{body}.{_some(_WORDLIKE, 43)(chance)}"


def _pem(chance: random.Random) -> str:
    name = chance.choice(
        ("RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK")
    )
    body = _some(_BASE64, 300, 900)(chance) + "=" * chance.randint(0, 2)
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    if name.startswith("PGP"):
        lines = ["Version: GnuPG v2", "", *lines]
    return "\n".join([f"-----BEGIN {name}-----", *lines, f"-----END {name}-----"])


_PASSWORDS = (_password, _alnum, _thought_of, _words, _some(_HEX, 32, 40), _uuid)
_TOKENS = (_alnum, _some(_HEX, 32, 64), _uuid, _some(_WORDLIKE, 32, 48), _some(_BASE64, 40))
_BLOCKS = ("private-key",)
_SCHEMES = ("postgres", "postgresql+asyncpg", "mysql", "redis", "amqp", "mongodb+srv", "https", "ftp", "smtp")

_SHAPED: dict[str, Callable[[random.Random], str]] = {
    "aws-access-key-id": _either(*(_with(each, string.ascii_uppercase + "234567", 16) for each in ("AKIA", "ASIA"))),
    "github-token": _either(*(_with(f"gh{each}_", _ALNUM, 36) for each in "pousr")),
    "github-pat": lambda chance: f"github_pat_{_some(_ALNUM, 22)(chance)}_{_some(_ALNUM, 59)(chance)}",
    "gitlab-token": _with("glpat-", _WORDLIKE, 20),
    "slack-token": lambda chance: (
        f"xox{chance.choice('baprs')}-{chance.randint(10**11, 10**12)}-{chance.randint(10**11, 10**12)}-{_some(_ALNUM, 24)(chance)}"
    ),
    "slack-webhook": lambda chance: "/".join(
        (f"T{_some(_ALNUM.upper(), 8)(chance)}", f"B{_some(_ALNUM.upper(), 8)(chance)}", _some(_ALNUM, 24)(chance))
    ),
    "stripe-key": _either(*(_with(each, _ALNUM, 24, 99) for each in ("sk_live_", "rk_live_", "pk_live_", "sk_test_"))),
    "openai-key": _either(
        _with("sk-", _ALNUM, 48), _with("sk-proj-", _WORDLIKE, 64, 156), _with("sk-or-v1-", _HEX, 64)
    ),
    "anthropic-key": _with("sk-ant-api03-", _WORDLIKE, 95),
    "google-api-key": _with("AIza", _WORDLIKE, 35),
    "google-oauth-token": _with("ya29.a0", _WORDLIKE, 60, 120),
    "google-client-secret": _with("GOCSPX-", _WORDLIKE, 28),
    "npm-token": _with("npm_", _ALNUM, 36),
    "pypi-token": _with("pypi-AgEIcHlwaS5vcmc", _WORDLIKE, 100, 150),
    "hugging-face-token": _with("hf_", string.ascii_letters, 34),
    "twilio-key": _either(_with("SK", _HEX, 32), _with("AC", _HEX, 32)),
    "sendgrid-key": lambda chance: f"SG.{_some(_WORDLIKE, 22)(chance)}.{_some(_WORDLIKE, 43)(chance)}",
    "mailgun-key": _with("key-", _HEX, 32),
    "telegram-token": lambda chance: f"{chance.randint(10**8, 10**10 - 1)}:AA{_some(_WORDLIKE, 33)(chance)}",
    "discord-token": lambda chance: (
        f"{chance.choice('MNO')}{_some(_ALNUM, 23)(chance)}.{_some(_WORDLIKE, 6)(chance)}.{_some(_WORDLIKE, 27, 38)(chance)}"
    ),
    "discord-webhook": lambda chance: f"{chance.randint(10**17, 10**18)}/{_some(_WORDLIKE, 68)(chance)}",
    "digitalocean-token": _with("dop_v1_", _HEX, 64),
    "databricks-token": _with("dapi", _HEX, 32),
    "shopify-token": _either(*(_with(f"shp{each}_", _HEX, 32) for each in ("at", "ca", "pa", "ss"))),
    "square-token": _either(_with("sq0atp-", _WORDLIKE, 22), _with("sq0csp-", _WORDLIKE, 43)),
    "azure-storage-key": lambda chance: _some(_BASE64, 86)(chance) + "==",
    "azure-bus-key": lambda chance: _some(_BASE64, 43)(chance) + "=",
    "jwt": _jwt,
    "groq-key": _with("gsk_", _ALNUM, 52),
    "url-password": _either(*_PASSWORDS),
    "private-key": _pem,
}

_ANY_TOKEN = (*_TOKENS, _password)
_NAMED: dict[str, tuple[tuple[str, ...], tuple[Callable[[random.Random], str], ...]]] = {
    "password": (
        tuple(
            "password passwd pwd db_password DB_PASSWORD dbPassword smtp-password userPassword MYSQL_ROOT_PASSWORD PGPASSWORD "
            "admin_passwd Password passphrase ssh_key_passphrase PASSPHRASE db_pass password2 password_prod".split()
        ),
        _PASSWORDS,
    ),
    "secret": (
        tuple(
            "secret client_secret clientSecret CLIENT_SECRET client-secret app_secret SECRET_KEY secret_key JWT_SECRET "
            "webhook_secret signing_secret secretKey shared_secret".split()
        ),
        (*_ANY_TOKEN, _words),
    ),
    "token": (
        tuple(
            "token access_token accessToken ACCESS_TOKEN auth_token X-Auth-Token api_token refresh_token bot_token "
            "GITHUB_TOKEN slackToken session_token id_token".split()
        ),
        _ANY_TOKEN,
    ),
    "key": (
        tuple(
            "api_key apiKey API_KEY apikey X-API-Key x-api-key access_key aws_secret_access_key AWS_SECRET_ACCESS_KEY "
            "private_key signing_key encryptionKey ENCRYPTION_KEY master_key account_key OPENAI_API_KEY STRIPE_KEY".split()
        ),
        _ANY_TOKEN,
    ),
    "credential": (("credential", "credentials", "auth", "db_credentials", "AUTH", "conn_str", "_auth"), _TOKENS),
}

_Form = Callable[[random.Random, str, str], str]


def _python(name: str) -> str:
    """A name as Python takes it."""
    return name.replace("-", "_")


def _literal(value: str, mark: str = '"') -> str:
    body = value.replace("\\", "\\\\").replace(mark, "\\" + mark).replace("\n", "\\n")
    return mark + body + mark


def _halves(chance: random.Random, value: str) -> tuple[str, str]:
    at = chance.randint(len(value) // 3, len(value) - len(value) // 3)
    return _literal(value[:at]), _literal(value[at:])


def _concatenated(chance: random.Random, name: str, value: str) -> str:
    first, second = _halves(chance, value)
    return f"{_python(name)} = (\n    {first}\n    {second}\n)"


def _added(chance: random.Random, name: str, value: str) -> str:
    first, second = _halves(chance, value)
    return f"{_python(name)} = {first} + {second}"


def _continued(chance: random.Random, name: str, value: str) -> str:
    first, second = _halves(chance, value)
    return f"{_python(name)} = {first} \\\n    {second}"


_QUOTED: dict[str, _Form] = {
    "assigned": lambda _, name, value: f"{_python(name)} = {_literal(value)}",
    "single quotes": lambda _, name, value: f"{_python(name)}={_literal(value, chr(39))}",
    "annotated": lambda _, name, value: f"{_python(name)}: str | None = {_literal(value)}",
    "attribute": lambda _, name, value: f"    self.{_python(name)} = {_literal(value)}",
    "keyword argument": lambda _, name, value: f"client = Client(host, {_python(name)}={_literal(value)}, timeout=3)",
    "default": lambda _, name, value: f"def connect(host, *, {_python(name)}={_literal(value)}):\n    ...",
    "dict entry": lambda _, name, value: f"options = {{'user': 'me', {name!r}: {_literal(value, chr(39))}, 'port': 1}}",
    "subscript": lambda _, name, value: f'config["{name}"] = {_literal(value)}',
    "JSON": lambda _, name, value: json.dumps({"user": "me", name: value, "port": 5432}, indent=2),
    "JSON in a literal": lambda _, name, value: f"body = {_literal(json.dumps({name: value}))}",
    "JSON in one line": lambda _, name, value: f"payload = {json.dumps({'a': 1, name: value})!r}",
    "YAML, quoted": lambda _, name, value: f"db:\n  {name}: {_literal(value)}\n  port: 5432",
    "TOML": lambda _, name, value: f"[service]\n{name} = {_literal(value)}\nretries = 3",
    "environment, quoted": lambda _, name, value: f"export {_python(name).upper()}={_literal(value)}",
    "bytes": lambda _, name, value: f"{_python(name)} = b{_literal(value)}",
    "raw": lambda _, name, value: (
        f"{_python(name)} = r'{value}'" if "\n" not in value else f"{_python(name)} = r'''{value}'''"
    ),
    "f-string": lambda _, name, value: f"{_python(name)} = f{_literal(value.replace('{', '{{').replace('}', '}}'))}",
    "triple quotes": lambda _, name, value: f'{_python(name)} = """{value}"""',
    "concatenated": _concatenated,
    "added": _added,
    "continued": _continued,
    "comment, quoted": lambda _, name, value: f"x = 1  # was {_python(name)} = {_literal(value)}",
    "wrapped": lambda _, name, value: f"{_python(name)} = SecretStr({_literal(value)})",
    "lookup with default": lambda _, name, value: f'{_python(name)} = os.environ.get("{name}", {_literal(value)})',
    "or": lambda _, name, value: f"{_python(name)} = given or {_literal(value)}",
    "compared": lambda _, name, value: f"if {_python(name)} == {_literal(value)}:\n    return True",
    "tuples": lambda _, name, value: f'pairs = [("user", "me"), ("{name}", {_literal(value)})]',
    "header": lambda _, name, value: f'headers = {{"{name}": {_literal(value)}}}',
    "arguments": lambda _, name, value: f'run(["tool", "--{name}", {_literal(value)}])',
    "minified": lambda _, name, value: "var a=1;" * 200 + f"b={{{_python(name)}:{_literal(value)}}};" + "c=2;" * 200,
}
_UNQUOTED: dict[str, _Form] = {
    "environment": lambda _, name, value: f"{_python(name).upper()}={value}",
    "export": lambda _, name, value: f"export {_python(name).upper()}={value}",
    "ini": lambda _, name, value: f"[db]\n{name} = {value}\nport = 1",
    "properties": lambda _, name, value: f"spring.datasource.{name}={value}",
    "YAML": lambda _, name, value: f"db:\n  - {name}: {value}\n    port: 5432",
    "YAML pair": lambda _, name, value: f"  - name: {_python(name).upper()}\n    value: {value}",
    "comment": lambda _, name, value: f"# {name}: {value}",
    "comment behind code": lambda _, name, value: f"connect()  # {name}={value}",
    "docstring": lambda _, name, value: f'def f():\n    """Log in.\n\n    {name}: {value}\n    """',
    "flag": lambda _, name, value: f"$ tool --{name} {shlex.quote(value)} --verbose",
    "flag with sign": lambda _, name, value: f"tool --verbose --{name}={shlex.quote(value)}",
    "HTTP header": lambda _, name, value: f"GET / HTTP/1.1\nHost: example.com\n{name}: {value}\n",
    "query": lambda _, name, value: f'url = "https://example.com/v1?a=1&{_python(name)}={quote(value, safe="")}&b=2"',
    "log": lambda _, name, value: f'log.info("connected with {_python(name)}={value} to db")',
    "XML": lambda _, name, value: f"<config><{_python(name)}>{value}</{_python(name)}></config>",
    "XML attribute": lambda _, name, value: f'<add key="{name}" value="{value}" />',
    "Dockerfile": lambda _, name, value: f"FROM python:3.12\nENV {_python(name).upper()}={value}\nRUN x",
}
_NAMELESS: dict[str, _Form] = {
    "bare literal": lambda _, __, value: f"call({_literal(value)})",
    "list": lambda _, __, value: f"items = ['a', {_literal(value, chr(39))}, 'b']",
    "prose": lambda _, __, value: f"# I used {value} before, see the wiki",
    "sentence": lambda _, __, value: f'"""Works with {value}."""',
    "behind an escape": lambda _, __, value: 'text = "first line\\n' + _literal(value)[1:],
    "Markdown": lambda _, __, value: f"Use `{value}` for staging.",
    "bearer": lambda _, __, value: f'curl -H "Authorization: Bearer {value}" https://example.com',
    "CSV": lambda _, __, value: f"id,value\n1,{value}\n2,x",
}
_SPELLED: dict[str, _Form] = {
    "as a URL": lambda _, __, value: f"https://example.com/{quote(value, safe='')}/x",
    "as base64": lambda _, __, value: f"data: {base64.b64encode(value.encode()).decode()}",
    "as base64 in a pair": lambda _, __, value: f"Basic {base64.b64encode(f'user:{value}:x'.encode()).decode()}",
    "as base64 for URLs": lambda _, __, value: base64.urlsafe_b64encode(f"u={value}".encode()).decode().rstrip("="),
    "as JSON": lambda _, __, value: json.dumps({"x": value}),
    "as JSON in JSON": lambda _, __, value: json.dumps({"x": json.dumps({"y": value})}),
    "as repr": lambda _, __, value: repr([value]),
    "as points": lambda _, __, value: "x = '" + "".join(f"\\u{ord(sign):04x}" for sign in value) + "'",
    "over lines": lambda _, __, value: f'x = "{value[:4]}\\\n{value[4:]}"' if "\\" not in value else json.dumps(value),
    "in parts": lambda chance, __, value: "f({} {})".format(*_halves(chance, value)),
}
_BLOCK_FORMS: dict[str, _Form] = {
    "block": lambda _, __, value: value,
    "block in a literal": lambda _, name, value: f'{name} = """{value}"""',
    "block with escapes": lambda _, name, value: f"{name} = {_literal(value)}",
    "block in JSON": lambda _, name, value: json.dumps({"type": "service_account", name: value}),
    "block in YAML": lambda _, name, value: f"{name}: |\n" + "".join(f"    {line}\n" for line in value.split("\n")),
    "block in parts": lambda _, name, value: (
        f"{name} = (\n" + "".join(f'    {_literal(line)[:-1]}\\n"\n' for line in value.split("\n")) + ")"
    ),
    "block cut off": lambda chance, __, value: value[: chance.randint(len(value) // 2, len(value) - 40)],
    "block in a comment": lambda _, __, value: "".join(f"# {line}\n" for line in value.split("\n")),
    "block in a variable": lambda _, __, value: "KEY=" + value.replace("\n", "\\n"),
    "block with CRLF": lambda _, __, value: value.replace("\n", "\r\n"),
}
_FRAMES: dict[str, Callable[[random.Random, str], str]] = {
    "slack-webhook": lambda _, secret: f"https://hooks.slack.com/services/{secret}",
    "discord-webhook": lambda _, secret: f"https://discord.com/api/webhooks/{secret}",
    "azure-storage-key": lambda _, secret: (
        f"DefaultEndpointsProtocol=https;AccountName=store;AccountKey={secret};EndpointSuffix=core.windows.net"
    ),
    "azure-bus-key": lambda _, secret: (
        f"Endpoint=sb://bus.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={secret}"
    ),
    "url-password": lambda chance, secret: (
        f"{chance.choice(_SCHEMES)}://{chance.choice(('app', 'admin', 'db_user', 'root', ''))}:{secret}"
        f"@db{chance.randint(1, 9)}.example.com/app"
    ),
}
"""What a secret of these kinds is never seen without."""

_AROUND = (
    ("", "\n"),
    ("import os\n\n", "\nprint(os.name)\n"),
    ("def run(self, name):\n    return name\n\n\n", "\n\n\ndef stop(self):\n    pass\n"),
    ('"""Settings."""\n\nDEBUG = True\n', "\nPORT = 8080\n"),
    ("# Größe 🎉\n", "\n# fin\n"),
)
_AROUND_SETTINGS = (
    ("", "\n"),
    ("# Größe 🎉\n", "\n# fin\n"),
    ("name: service\nversion: 2\n", "\nreplicas: 3\n"),
    ("HOST=localhost\n", "\nPORT=80\n"),
)
_SETTINGS = frozenset("environment export ini properties YAML TOML XML Dockerfile".split()) | {
    "YAML pair",
    "XML attribute",
}
