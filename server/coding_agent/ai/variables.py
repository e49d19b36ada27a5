"""Secrets that are known by value: those of the environment, and of the files that set one up."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path

from coding_agent.ai.looks import COMMON, Look, look, odd
from coding_agent.ai.spellings import LEAST, plain

_NAME = re.compile(
    r"key|token|secret|passw|passphrase|pwd|(?<![a-z])pass(?![a-z])|(?<![a-z])pw(?![a-z])|credential|auth|private|salt|signature"
    r"|cookie|session|conn(?:ection)?_?str|dsn|webhook|(?<![a-z])pat(?![a-z])",
    re.IGNORECASE,
)
_URL = re.compile(r"[A-Za-z][\w+.-]*://[^\s:/@]*:([^\s]+)@")
_FILE = re.compile(r"\.env|\.env\..+|.+\.env|\.envrc", re.IGNORECASE)
_SAMPLE = re.compile(
    r"(?:.*\.)?(?:example|sample|template|dist|tpl|defaults?)(?:\..*)?|.*[-_.](?:example|sample|template|dist)\b.*",
    re.I,
)
_SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages", "venv", ".venv", ".git", ".hg", ".tox", ".nox"})
_LINE = re.compile(
    r"""^[ \t]*(?:export[ \t]+|set[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*[=:][ \t]*
        (?:"((?:[^"\\]|\\.)*)"|'([^']*)'|`([^`]*)`|([^\r\n]*))""",
    re.MULTILINE | re.VERBOSE | re.DOTALL,
)
_COMMENT = re.compile(r"(?:\A|[ \t]+)#.*")
_DEPTH = 2
_FOLDERS = 500
_FILES = 50
_SIZE = 64 * 1024
"""In bytes; a larger file is read so far."""


def known_values(variables: Mapping[str, str], root: Path | None) -> frozenset[str]:
    """The values of variables that are secrets by their names, and the passwords in URLs whatever the name: of those
    given, and of the `.env` files in a folder and two storeys below. What cannot be read is left out.
    """
    pairs = [*variables.items()]
    if root is not None:
        for path in islice(_files(root), _FILES):
            pairs += _read(path)
    return frozenset(value for name, text in pairs for value in _values(name, text))


def _values(name: str, text: str) -> Iterator[str]:
    url = _URL.match(text)
    if url is not None:
        yield from filter(_secret, plain(url[1]))
    elif _NAME.search(name):
        yield from filter(_secret, plain(text.strip()))


def _secret(value: str) -> bool:
    """Whether it may be hidden wherever it occurs: not short, no number, path or word that everybody has."""
    if len(value) < LEAST or value.lower() in COMMON:
        return False
    return odd(value) or look(value) is not Look.NOTHING or len(value.split()) > 1


def _read(path: Path) -> list[tuple[str, str]]:
    try:
        with path.open("rb") as file:
            text = file.read(_SIZE).decode("utf-8", "replace")
    except OSError:
        return []
    found: list[tuple[str, str]] = []
    for name, double, single, back, bare in _LINE.findall(text):
        found.append((name, double or single or back or _COMMENT.sub("", bare).strip()))
    return found


def _files(root: Path) -> Iterator[Path]:
    """The files that set up an environment, nearest first; folders that are links are left out."""
    folders = [root]
    for _ in range(_DEPTH + 1):
        below: list[Path] = []
        for folder in folders:
            with suppress(OSError):
                for path in sorted(folder.iterdir()):
                    if path.is_dir():
                        if not path.is_symlink() and path.name not in _SKIPPED:
                            below.append(path)
                    elif _FILE.fullmatch(path.name) and not _SAMPLE.fullmatch(path.name):
                        yield path
        folders = below[:_FOLDERS]
