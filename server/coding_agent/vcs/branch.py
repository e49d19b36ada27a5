"""Which branches a repository has, and what is checked out, read from git's own files: asked often, without git."""

from collections.abc import Iterator
from pathlib import Path

_REF, _HEADS = "ref: ", "refs/heads/"


def branch_of(folder: Path) -> str:
    """Return the branch that is checked out around a folder; "" on no branch, and outside of all repositories."""
    place = _git_folder(folder)
    head = _text(place / "HEAD") if place is not None else ""
    return head.removeprefix(_REF).removeprefix(_HEADS) if head.startswith(_REF) else ""


def commit_of(folder: Path) -> str:
    """Return the hash of the last commit of what is checked out around a folder; "" where there is none."""
    place = _git_folder(folder)
    head = _text(place / "HEAD") if place is not None else ""
    if place is None or not head.startswith(_REF):
        return head
    name, shared = head.removeprefix(_REF), _common(place)
    return _text(shared / name) or next((commit for commit, _, ref in _packed(shared) if ref == name), "")


def branches_of(folder: Path) -> frozenset[str]:
    """Return the branches of the repository around a folder, also one that is checked out and has no commit yet,
    with "" for none.
    """
    place = _git_folder(folder)
    return frozenset(("", branch_of(folder), *(_branches(_common(place)) if place is not None else ())))


def _git_folder(folder: Path) -> Path | None:
    for above in (folder, *folder.parents):
        place = above / ".git"
        if place.is_file():  # A worktree or submodule says where its own folder is.
            place = above / _text(place).removeprefix("gitdir:").strip()
        if (place / "HEAD").is_file():
            return place
    return None


def _common(place: Path) -> Path:
    """The folder that all worktrees of a repository share."""
    shared = _text(place / "commondir")
    return place / shared if shared else place


def _branches(place: Path) -> Iterator[str]:
    heads = place / _HEADS
    if heads.is_dir():
        yield from (each.relative_to(heads).as_posix() for each in heads.rglob("*") if each.is_file())
    yield from (name.removeprefix(_HEADS) for _, _, name in _packed(place) if name.startswith(_HEADS))


def _packed(place: Path) -> Iterator[tuple[str, str, str]]:
    return (line.partition(" ") for line in _text(place / "packed-refs").splitlines())


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeError):
        return ""
