"""Asks git, and never lets a repository's own configuration run a hook or a monitor."""

import io
import tarfile
from pathlib import Path

from coding_agent.errors import UsageError
from coding_agent.runtime.oneshot import Ran, run

_SECONDS, _LARGEST = 30.0, 1 << 28
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-optional-locks")
_MAIN = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


async def top(folder: Path) -> Path:
    """Return the top of the working tree around a folder.

    Raises: UsageError - there is none, or no git.
    """
    ran = await _git(folder, "rev-parse", "--show-toplevel")
    if not ran.ok:
        raise UsageError(f"{folder} is in no git repository: {_reason(ran)}")
    return Path(ran.out.decode("utf-8", "surrogateescape").rstrip("\n"))


async def commit(folder: Path, revision: str) -> str:
    """Return the hash of the commit that a revision names.

    Raises: UsageError - it names none.
    """
    ran = await _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
    if not ran.ok:
        raise UsageError(f"git knows no revision {revision!r}")
    return ran.out.decode("ascii").strip()


async def base(folder: Path) -> str:
    """Return the commit where this branch left the main one; HEAD where there is no main branch, or this is it.

    Raises: UsageError - there is no commit.
    """
    head = await commit(folder, "HEAD")
    for name in _MAIN:
        ran = await _git(folder, "merge-base", name, head)
        if ran.ok:
            return ran.out.decode("ascii").strip()
    return head


async def changed_files(folder: Path, known: str) -> list[Path]:
    """Return the Python files below a folder that are new or other than in a commit, also those not added yet.

    Raises: UsageError - git cannot tell.
    """
    named = await _git(
        folder, "diff", "--relative", "--name-only", "--no-ext-diff", "--diff-filter=d", "-z", known, "--", "*.py"
    )
    new = await _git(folder, "ls-files", "--others", "--exclude-standard", "-z", "--", "*.py")
    for ran in (named, new):
        if not ran.ok:
            raise UsageError(f"git cannot tell what changed: {_reason(ran)}")
    names = (named.out + new.out).decode("utf-8", "surrogateescape").split("\0")
    return sorted({folder / name for name in names if name})


async def text_at(folder: Path, known: str, path: Path) -> str | None:
    """Return a file of the working tree as a commit has it; None where it has none."""
    name = path.relative_to(await top(folder)).as_posix()
    ran = await _git(folder, "show", f"{known}:{name}")
    return ran.out.decode("utf-8", "replace") if ran.ok else None


async def checked_out(folder: Path, known: str, into: Path) -> None:
    """Put all files of a commit into a folder that is empty; links that lead out of it are left out.

    Raises: UsageError - git cannot.
    """
    ran = await _git(await top(folder), "archive", "--format=tar", known)
    if not ran.ok:
        raise UsageError(f"git cannot give the files of {known}: {_reason(ran)}")
    with tarfile.open(fileobj=io.BytesIO(ran.out)) as archive:
        for member in archive:
            try:
                archive.extract(member, into, filter="data")
            except tarfile.FilterError:
                continue


async def _git(folder: Path, *arguments: str) -> Ran:
    return await run(["git", *_SAFE, *arguments], cwd=folder, timeout=_SECONDS, limit=_LARGEST)


def _reason(ran: Ran) -> str:
    return ran.problem or ran.err.decode("utf-8", "replace").strip()
