"""Files that hold secrets, by their names: no job is shown them, no index has them, no model is sent them."""

import re

_NAMES = re.compile(
    r"\.env(\..*)?|\.envrc|.*\.env|.*\.(pem|key|p12|pfx|jks|keystore|kdbx|asc|gpg|ppk)"
    r"|id_(rsa|dsa|ecdsa|ed25519)(_sk)?|\.netrc|_netrc|\.pypirc|\.npmrc|\.pgpass|\.git-credentials|\.htpasswd"
    r"|credentials(\.json)?|\.dockercfg|\.boto|\.?hgrc|config\.worktree|\.?secrets\.(toml|ya?ml|json)"
    r"|service[-_]?account.*\.json|client_secrets?.*\.json|.*\.tfstate(\.backup)?",
    re.IGNORECASE,
)
FOLDERS = frozenset({".aws", ".ssh", ".gnupg", ".kube", ".docker", ".azure", ".gcloud"})
"""Folders of secrets."""
_SAMPLES = re.compile(r"\.env\.(example|sample|template|dist)|\.?(example|sample|template|dist)\.env", re.IGNORECASE)


def looks_secret(name: str) -> bool:
    """Return whether a file of this name is likely to hold a secret."""
    return bool(_NAMES.fullmatch(name)) and not _SAMPLES.fullmatch(name)
