"""Every folder we write, and nothing else is written by us without being asked.

`app.py` builds the one `Folders`; tests build their own.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Folders:
    """Where our files are. On some systems two of these are the same folder."""

    config: Path
    """The user's own ``config.toml``; read, never written."""
    state: Path
    """What the user told us and would miss: trust."""
    cache: Path
    """What can be made again."""
    system: Path | None = None
    """An administrator's, for everybody on this machine; only read."""

    @property
    def user_file(self) -> Path:
        return self.config / "config.toml"

    @property
    def trust_file(self) -> Path:
        return self.state / "trust.json"

    @property
    def consents_file(self) -> Path:
        return self.state / "ai-consent.json"

    @property
    def budget_file(self) -> Path:
        return self.state / "ai-budget.sqlite"

    @property
    def audit_file(self) -> Path:
        return self.state / "ai-audit.jsonl"

    @property
    def answers(self) -> Path:
        return self.cache / "answers"

    @property
    def abilities_file(self) -> Path:
        return self.cache / "ai-abilities.json"

    @property
    def facts(self) -> Path:
        return self.cache / "facts"

    @property
    def pages(self) -> Path:
        return self.cache / "pages"

    @property
    def explained(self) -> Path:
        return self.cache / "explained"

    @property
    def jedi(self) -> Path:
        return self.cache / "jedi"

    @property
    def tests(self) -> Path:
        return self.cache / "tests"

    @property
    def search(self) -> Path:
        return self.cache / "search"

    @property
    def manifest_file(self) -> Path:
        return self.cache / "rules.json"


@dataclass(frozen=True, slots=True)
class Use:
    """What one place takes on disk."""

    name: str
    path: Path
    purpose: str
    written: bool
    """Whether we write it, and so may clear it."""
    size: int
    """Bytes; 0 where nothing is there."""


def uses(folders: Folders) -> tuple[Use, ...]:
    """Return all places with their sizes. What cannot be read counts as empty."""
    places = (
        ("config", folders.user_file, "your settings; we only read them", False),
        ("trust", folders.trust_file, "folders you trust", True),
        ("consent", folders.consents_file, "hosts that may have code of yours", True),
        ("audit", folders.audit_file, "what was sent to models, without content", True),
        ("answers", folders.answers, "answers of models, asked again when missing", True),
        ("abilities", folders.abilities_file, "what endpoints were found to take, tried again when missing", True),
        ("budget", folders.budget_file, "what models took by day", False),
        ("facts", folders.facts, "facts of files, made again when missing", True),
        ("pages", folders.pages, "pages of rules for your editor, made again when missing", True),
        ("explained", folders.explained, "explanations that your editor opened", True),
        ("jedi", folders.jedi, "what jedi read of libraries, made again when missing", True),
        ("tests", folders.tests, "generated tests on their way into your editor", True),
        ("search", folders.search, "indexes of your code for search, made again when missing", True),
        ("rules", folders.manifest_file, "list of rules for a quick start, made again when missing", True),
    )
    return tuple(Use(name, path, purpose, written, size_of(path)) for name, path, purpose, written in places)


def clear(folders: Folders, names: frozenset[str]) -> tuple[Use, ...]:
    """Remove the places of those names that we write, and return what was removed.

    Only files of ours go: where state and configuration are one folder, the user's file stays.
    Raises: OSError - something could not be removed.
    """
    from shutil import rmtree

    gone = tuple(use for use in uses(folders) if use.written and use.name in names and use.path.exists())
    for use in gone:
        if use.path.is_dir() and not use.path.is_symlink():
            rmtree(use.path)
        else:
            use.path.unlink()
    return gone


def size_of(path: Path) -> int:
    """Return the bytes of a file or of all files below a folder; 0 where nothing can be read."""
    try:
        if not path.is_dir():
            return path.stat().st_size
        return sum(_sizes(path))
    except OSError:
        return 0


def _sizes(folder: Path) -> Iterator[int]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _sizes(Path(entry.path))
            else:
                yield entry.stat(follow_symlinks=False).st_size
