"""Files as git keeps them: what it lists of a tree, and what it gives of their contents."""

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple


class Entry(NamedTuple):
    """One file of a tree; ``name`` is its path, ``digest`` of its content."""

    mode: str
    digest: str
    name: str

    @property
    def is_file(self) -> bool:
        return self.mode.startswith("100")

    @property
    def is_link(self) -> bool:
        return self.mode == "120000"


def entries(listed: bytes) -> list[Entry]:
    """Read the output of ``git ls-tree -z``."""
    found: list[Entry] = []
    for line in listed.split(b"\0"):
        head, tab, name = line.partition(b"\t")
        if tab:
            mode, _, digest = head.decode("ascii").split(" ")
            found.append(Entry(mode, digest, os.fsdecode(name)))
    return found


def put(found: Sequence[Entry], batch: bytes, into: Path) -> None:
    """Write files and then links into an empty folder, from the output of ``git cat-file --batch`` for all of them.

    Raises: OSError; ValueError - git gave something else.
    """
    links: list[tuple[Path, str]] = []
    at = 0
    for each in found:
        stop = batch.index(b"\n", at)
        digest, kind, *size = batch[at:stop].decode("ascii").split(" ")
        if digest != each.digest or kind != "blob":
            raise ValueError(f"git lacks {each.name}")
        at = stop + 1 + int(size[0]) + 1
        content = batch[stop + 1 : at - 1]
        if not _is_inside(PurePosixPath(each.name)):
            continue
        path = into / each.name
        path.parent.mkdir(parents=True, exist_ok=True)
        if each.is_link:
            links.append((path, os.fsdecode(content)))
        else:
            path.write_bytes(content)
            path.chmod(0o755 if each.mode == "100755" else 0o644)
    # Links come last, so no file is written through one.
    for path, target in links:
        if _stays(PurePosixPath(target), len(path.relative_to(into).parts) - 1):
            path.symlink_to(target)


def _is_inside(name: PurePosixPath) -> bool:
    return bool(name.parts) and not name.is_absolute() and not {"..", ".git"} & set(name.parts)


def _stays(target: PurePosixPath, depth: int) -> bool:
    """Whether a link so deep in a folder leads to something in it, wherever other links on its way lead."""
    up = 0
    while up < len(target.parts) and target.parts[up] == "..":
        up += 1
    return not target.is_absolute() and up <= depth and ".." not in target.parts[up:]
