"""Files and variables that no job is shown."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

_NAMES = re.compile(
    r"\.env(\..*)?|.*\.(pem|key|p12|pfx|jks|keystore|kdbx|asc|gpg|ppk)|id_(rsa|dsa|ecdsa|ed25519)(_sk)?"
    r"|\.netrc|_netrc|\.pypirc|\.npmrc|\.pgpass|\.git-credentials|\.htpasswd|credentials(\.json)?|\.dockercfg|\.boto",
    re.IGNORECASE,
)
_SAMPLES = re.compile(r"\.env\.(example|sample|template|dist)", re.IGNORECASE)
_FOLDERS = frozenset({".aws", ".ssh", ".gnupg", ".kube", ".docker", ".azure", ".gcloud"})
_SKIPPED = frozenset({"node_modules", "__pycache__", ".venv", "venv", ".tox", ".nox", "site-packages"})
_VARIABLE = re.compile(r"key|token|secret|passw|credential|auth|session|cookie|private", re.IGNORECASE)
_PASSED = frozenset({"LANG", "LC_ALL", "LC_CTYPE", "DJANGO_SETTINGS_MODULE", "FLASK_APP"})
_MOST = 20_000
"""Folders looked through at most."""


def hidden(folder: Path) -> Iterator[Path]:
    """Yield what below ``folder`` looks like a secret: files, and whole folders. Links are not followed."""
    waiting = [folder]
    for _ in range(_MOST):
        if not waiting:
            return
        here = waiting.pop()
        if here.name == ".git":
            yield from (path for path in (here / "config", here / "credentials") if path.is_file())
            continue
        try:
            entries = sorted(here.iterdir())
        except OSError:
            continue
        for entry in entries:
            if entry.is_symlink():
                continue
            if entry.is_dir():
                if entry.name in _FOLDERS:
                    yield entry
                elif entry.name not in _SKIPPED:
                    waiting.append(entry)
            elif looks_secret(entry.name):
                yield entry


def looks_secret(name: str) -> bool:
    """Return whether a file of this name is likely to hold a secret."""
    return bool(_NAMES.fullmatch(name)) and not _SAMPLES.fullmatch(name)


def passed(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the few variables of an environment that jobs may see."""
    return {name: value for name, value in environment.items() if name in _PASSED}


def without_secrets(variables: Mapping[str, str]) -> dict[str, str]:
    """Return variables without those whose name says that they hold a secret."""
    return {name: value for name, value in variables.items() if not _VARIABLE.search(name)}
