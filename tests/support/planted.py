"""Secrets planted in ordinary text by a seed: values as the makers of each kind give them out, written as people do.

Left out is what nothing can find: a password without a name beside it that nobody knows, and, where there are no
quotes, one that is a word of the language (`# password: swordfish`).
"""

import base64
import json
import random
import string
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import quote

from support.planted_forms import (
    AROUND,
    AROUND_SETTINGS,
    BLOCK_FORMS,
    NAMELESS,
    QUOTED,
    SETTINGS,
    SPELLED,
    UNQUOTED,
    Form,
)

_ALNUM = string.ascii_letters + string.digits
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
        return [*QUOTED, *UNQUOTED, *NAMELESS, *SPELLED]
    if kind in _BLOCKS:
        return [*BLOCK_FORMS]
    if kind in _NAMED:
        return [*QUOTED, *UNQUOTED]
    return [*QUOTED, *UNQUOTED, *NAMELESS]


def _one(chance: random.Random, kind: str, form: str) -> Planted:
    if kind in _NAMED:
        names, values = _NAMED[kind]
        name, value = chance.choice(names), chance.choice(values)(chance)
    else:
        name = chance.choice(("value", "thing", "setting", "x", "data"))
        value = chance.choice(_PASSWORDS)(chance) if kind == "known" else _SHAPED[kind](chance)
    while form in UNQUOTED and kind in ("known", *_NAMED) and not _stands_bare(form, value):
        value = chance.choice(_PASSWORDS)(chance)
    forms: Mapping[str, Form] = {**QUOTED, **UNQUOTED, **NAMELESS, **SPELLED, **BLOCK_FORMS}
    secret = value
    if kind in _FRAMES:
        if kind == "url-password":
            secret = quote(secret, safe="!$*-_.~^")
        value = _FRAMES[kind](chance, secret)
    written = forms[form](chance, name, value)
    before, after = chance.choice(AROUND_SETTINGS if form in SETTINGS else AROUND)
    return Planted(before + written + after, secret, kind, form)


def _stands_bare(form: str, value: str) -> bool:
    """Whether people can, and would, write a value without quotes."""
    if form.startswith("YAML") and value[0] in "@&*!%{[|>?-:,":
        return False
    return value[0] != "=" and set(value).isdisjoint("\"'`<>\\ #") and not set(value).isdisjoint(string.digits)


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
    "slack-token": lambda chance: "-".join(
        (
            f"xox{chance.choice('baprs')}",
            *(str(chance.randint(10**11, 10**12)) for _ in "ab"),
            _some(_ALNUM, 24)(chance),
        )
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
    "discord-token": lambda chance: ".".join(
        (
            chance.choice("MNO") + _some(_ALNUM, 23)(chance),
            _some(_WORDLIKE, 6)(chance),
            _some(_WORDLIKE, 27, 38)(chance),
        )
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


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ANY_TOKEN = (*_TOKENS, _password)
_NAMED: dict[str, tuple[tuple[str, ...], tuple[Callable[[random.Random], str], ...]]] = {
    "password": (
        _names(
            """
    password passwd pwd db_password DB_PASSWORD dbPassword smtp-password userPassword
    MYSQL_ROOT_PASSWORD PGPASSWORD admin_passwd Password passphrase ssh_key_passphrase PASSPHRASE
    db_pass password2 password_prod passwort senha kennwort
    """
        ),
        _PASSWORDS,
    ),
    "secret": (
        _names(
            """
    secret client_secret clientSecret CLIENT_SECRET client-secret app_secret SECRET_KEY secret_key
    JWT_SECRET webhook_secret signing_secret secretKey shared_secret
    """
        ),
        (*_ANY_TOKEN, _words),
    ),
    "token": (
        _names(
            """
    token access_token accessToken ACCESS_TOKEN auth_token X-Auth-Token api_token refresh_token
    bot_token GITHUB_TOKEN slackToken session_token id_token
    """
        ),
        _ANY_TOKEN,
    ),
    "key": (
        _names(
            """
    api_key apiKey API_KEY apikey X-API-Key x-api-key access_key aws_secret_access_key
    AWS_SECRET_ACCESS_KEY private_key signing_key encryptionKey ENCRYPTION_KEY master_key account_key
    OPENAI_API_KEY STRIPE_KEY
    """
        ),
        _ANY_TOKEN,
    ),
    "credential": (("credential", "credentials", "auth", "db_credentials", "AUTH", "conn_str", "_auth"), _TOKENS),
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
