"""Names that say that their value is a secret, and the words that such names are made of."""

import re
from collections.abc import Sequence
from enum import IntEnum

HINT = re.compile(
    r"pass|pwd|secret|token|key|auth|cred|bearer|conn|psk|(?<![a-z])pw(?![a-z])|kennwort|senha|contrasena|wachtwoord"
)
"""What stands in every name that says secret, in lower case."""

_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")


def table(text: str) -> frozenset[str]:
    """The words of a table."""
    return frozenset(text.split())


_PASSWORDS = (
    *("password", "passwords", "passwd", "passphrase", "passcode", "pwd"),
    *("passwort", "kennwort", "senha", "contrasena", "motdepasse", "wachtwoord"),
)
_PASS_OF = table(
    """
    db database user usr smtp mail email ftp sftp ssh mysql pg postgres redis root admin proxy login basic ldap imap
    my http https auth sudo rabbit rabbitmq mongo amqp keystore wifi
    """
)
_KEY_OF = table(
    """
    api access secret private signing sign signature encryption encrypt encrypted decryption master service account
    storage shared auth client consumer customer ssh aes hmac jwt jwe jws sse subscription deploy app application
    rest webhook fernet crypto cipher admin root license server bot rsa ecdsa ed25519 pgp gpg host openai anthropic
    claude gemini google gcp maps aws s3 azure github gitlab slack stripe twilio sendgrid mailgun mailchimp discord
    telegram heroku digitalocean cloudflare datadog sentry algolia firebase supabase cohere mistral groq pinecone
    tavily huggingface hf openrouter deepseek replicate serpapi alchemy infura weather omdb tmdb giphy steam riot
    """
)
_TOKEN_OF = table(
    """
    access auth api refresh bearer id session oauth oauth2 security client app bot personal private service deploy
    secret jwt user admin registry vault account verification webhook upload publish github gh gitlab slack npm pypi
    hf huggingface telegram discord aws azure google stripe twilio heroku digitalocean cloudflare sentry codecov
    coveralls sonar circleci docker jira vercel netlify figma notion airtable shopify square databricks replicate
    dropbox mapbox twitter facebook twine
    """
)
_SYNTAX = table(
    """
    eos bos pad unk cls sep mask start end stop begin special prefix suffix next prev page continuation sync resume
    cursor first last num max min n new line name string comment image video audio word sub punct operator delimiter
    current this cancellation fake blank empty separator op media mime
    """
)
"""What comes before a token of a language, a page or a tokenizer."""
_DENIES = table(
    """
    public no not is has have use uses needs require requires with without num count max min forgot wants should can
    invalid missing bad supports allow hide show render mask header headers set get create delete fetch load make
    generate validate check parse
    """
)
_AFTER = table(
    """
    dev develop development prod production staging stage test testing tests live local default old new previous
    primary secondary main raw plain plaintext text txt b64 base64 hex bytes str string value val backup env bak
    confirmation confirm repeat again verify sandbox ci eu us orig original fallback fallbacks
    """
)
"""What may follow the word that counts."""
_JOINED = (
    *("apikey", "apikeys", "secretkey", "accesskey", "privatekey", "authkey", "signingkey", "encryptionkey"),
    *("masterkey", "accountkey", "sharedkey", "appkey", "clientkey", "sshkey", "servicekey"),
)
_CREDENTIALS = table(
    """
    credential credentials creds cred auth authorization bearer psk
    """
)
_CONNECTIONS = (["conn", "str"], ["conn", "string"], ["connection", "str"], ["connection", "string"])
_NAMING = table(
    """
    password passwords passwd passphrase passcode pass pwd pw secret secrets token tokens key keys credential auth
    credentials creds cred oauth authorization authentication bearer basic digest apikey username user name login id
    x csrftoken csrfmiddlewaretoken kerberos negotiate ntlm jwt header headers type field value url uri query cookie
    file path env var str bytes int bool float none null true false optional list dict tuple set any string text
    object default confirm confirmation old new current reset forgot change repeat again invalid required hash
    hashed salt get set the a of and or your to for in no not with empty unknown missing cram plain scram
    passwort kennwort senha contrasena motdepasse wachtwoord
    """
)
_VERBS = table("set check change reset verify update")
"""What a function does that is given a secret."""
_QUALIFYING = (_KEY_OF | _TOKEN_OF | _AFTER) - {"test", "dev", "prod"}


class Says(IntEnum):
    """How sure a name is that its value is a secret."""

    NOTHING = 0
    MAYBE = 1
    """`token` is one of a language just as well."""
    SECRET = 2
    PASSWORD = 3


def parts(name: str) -> list[str]:
    """The words of a name in any case style, and its numbers, in lower case."""
    return [part.lower() for part in _PART.findall(name)]


def names(words: Sequence[str]) -> bool:
    """Whether words, in lower case, are no more than the name of a secret: `access_token`, `password`, `str`."""
    return bool(words) and words[-1] in _NAMING and all(word in _NAMING or word in _QUALIFYING for word in words)


def says(name: str, before: str = "") -> Says:
    """What the name of a value says; ``before`` is the word left of it, as in "API key"."""
    words = parts(name)
    if words[-2:] in _CONNECTIONS or words[-1:] in (["connstr"], ["connectionstring"]):
        return Says.MAYBE
    while len(words) > 1 and (words[-1] in _AFTER or words[-1].isdigit()):
        words.pop()
    if not words or not _DENIES.isdisjoint(words[:-1]):
        return Says.NOTHING
    head = words.pop()
    if words[-1:] == ["pass"] and head in ("word", "wd", "phrase"):
        head = "password"
    if head == "pass" and not words and not name.isupper():  # There are others, of compilers and of tests.
        return Says.MAYBE
    if head == "passe" and words[-2:] == ["mot", "de"]:
        head = "motdepasse"
    return _head(head, {*words, before.lower()}, name.isupper())


def takes(name: str) -> Says:
    """What the name of a function says of what it is given."""
    words = parts(name)
    return says("_".join(words[1:]) if len(words) > 1 and words[0] in _VERBS else name)


def _head(head: str, of: set[str], upper: bool) -> Says:
    """What the word says that counts, which is ``of`` those before it."""
    if head.endswith(_PASSWORDS) or head == "pw" or (head == "pass" and (upper or not _PASS_OF.isdisjoint(of))):
        return Says.PASSWORD
    if head in ("key", "keys"):
        return Says.NOTHING if _KEY_OF.isdisjoint(of) else Says.SECRET
    if head.endswith(("secret", "secrets", *_JOINED)):
        return Says.SECRET
    if head.endswith(("token", "tokens")):
        of = {*of, head.removesuffix("s").removesuffix("token")}
        sure = Says.MAYBE if _TOKEN_OF.isdisjoint(of) or head.endswith("s") else Says.SECRET
        return sure if _SYNTAX.isdisjoint(of) else Says.NOTHING
    return Says.MAYBE if head in _CREDENTIALS else Says.NOTHING
