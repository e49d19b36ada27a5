"""Files and variables that no job is shown."""

import os
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
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
        with suppress(OSError), os.scandir(here) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name in _FOLDERS:
                        yield Path(entry.path)
                    elif entry.name not in _SKIPPED:
                        waiting.append(Path(entry.path))
                elif looks_secret(entry.name) and not entry.is_symlink():
                    yield Path(entry.path)


def around(folder: Path, secrets: Collection[Path]) -> tuple[list[Path], list[Path]]:
    """Return what of ``folder`` may be read so that ``secrets`` are not, and the folders that may be listed only."""
    if folder in secrets:
        return [], []
    if not any(folder in secret.parents for secret in secrets):
        return [folder], []
    read: list[Path] = []
    listed = [folder]
    with suppress(OSError):
        for entry in sorted(folder.iterdir()):
            below = around(entry, secrets)
            read += below[0]
            listed += below[1]
    return read, listed


def looks_secret(name: str) -> bool:
    """Return whether a file of this name is likely to hold a secret."""
    return bool(_NAMES.fullmatch(name)) and not _SAMPLES.fullmatch(name)


def passed(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the few variables of an environment that jobs may see."""
    return {name: value for name, value in environment.items() if name in _PASSED}


def without_secrets(variables: Mapping[str, str]) -> dict[str, str]:
    """Return variables without those whose name says that they hold a secret."""
    return {name: value for name, value in variables.items() if not _VARIABLE.search(name)}
