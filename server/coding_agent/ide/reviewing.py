"""What was changed in a repository, as a model is asked about it."""

import asyncio
from pathlib import Path

from coding_agent.assist.reviewing import Change
from coding_agent.store.source import Unreadable, decode
from coding_agent.vcs.git import Git

_LARGEST = 1_000_000
"""Bytes of a file that is looked at."""


async def changes(git: Git, root: Path, since: str = "") -> list[Change]:
    """The Python files below ``root`` that are other than in a commit (empty: the last one), by their paths from it.

    Raises: UsageError - git cannot tell; there is no commit.
    """
    known = await git.commit(since or "HEAD")
    found: list[Change] = []
    for path in await git.changed_files(known, gone=True):
        if path.is_relative_to(root):
            after = await asyncio.to_thread(text_of, path)
            before = await git.text_at(known, path.parent.resolve() / path.name)
            if before is not None or after is not None:
                found.append(Change(path.relative_to(root).as_posix(), before, after))
    return found


def text_of(path: Path) -> str | None:
    """Return the text of a file; None where there is none, or none that is looked at."""
    try:
        return decode(path, path.read_bytes()).text if path.stat().st_size <= _LARGEST else None
    except (OSError, Unreadable):
        return None
