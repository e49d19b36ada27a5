"""Secrets that are known by value: those of the environment, and of the files that set one up."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path

from coding_agent.ai.keywords import Says, says
from coding_agent.ai.looks import COMMON, Look, look, odd
from coding_agent.ai.spellings import LEAST, plain

_OTHER = re.compile(r"(?i)(?:^|_)(?:key|keys|salt|pat|dsn|cookie|sid|webhook|signature)$")
"""Names of values that are a secret if they look like one."""
_URL = re.compile(r"[A-Za-z][\w+.-]*://[^\s:/@]*:([^\s]+)@")
_FILE = re.compile(r"\.env|\.env\..+|.+\.env|\.envrc", re.IGNORECASE)
_SAMPLE = re.compile(r"(?i)(?:.*[._-])?(?:example|sample|template|dist)(?:[._-].*)?")
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
_ENTRIES = 20_000
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
        yield from (value for value in plain(url[1]) if _secret(value, Look.WORD))
    elif says(name) is not Says.NOTHING:
        yield from (value for value in plain(text.strip()) if len(value.split()) > 1 or _secret(value, Look.WORD))
    elif _OTHER.search(name) and "public" not in name.lower():
        yield from (value for value in plain(text.strip()) if _secret(value, Look.MIXED))


def _secret(value: str, least: Look) -> bool:
    """Whether it may be hidden wherever it occurs: not short, no number, path or word that everybody has."""
    return len(value) >= LEAST and value.lower() not in COMMON and (odd(value) or look(value) >= least)


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
                for path in sorted(islice(folder.iterdir(), _ENTRIES)):
                    if path.is_dir():
                        if not path.is_symlink() and path.name not in _SKIPPED:
                            below.append(path)
                    elif _FILE.fullmatch(path.name) and not _SAMPLE.fullmatch(path.name) and path.is_file():
                        yield path
        folders = below[:_FOLDERS]
