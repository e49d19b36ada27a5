"""Asks git, and never lets a repository's own configuration run a program: no hook, monitor, filter, pager or fetch.

So only commands are asked that read objects and the index; files of the working tree are looked at by ourselves.
"""

import asyncio
import hashlib
import os
import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from coding_agent.errors import UsageError
from coding_agent.runtime.oneshot import Ran, run
from coding_agent.vcs.history import History, read
from coding_agent.vcs.tree import Entry, entries, put

_SECONDS, _LARGEST = 30.0, 1 << 28
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-optional-locks")
# Objects that a partial clone lacks are fetched, by programs that the repository's configuration names.
_NO_FETCH = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "GIT_TERMINAL_PROMPT": "0"}
_MAIN = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
_PROGRAMS = ("/usr/bin", "/usr/local/bin", "/bin", "/run/wrappers/bin")


@dataclass(frozen=True, slots=True)
class Git:
    """The repository around a folder. ``variables`` are the environment's; they say where git is."""

    folder: Path
    variables: Mapping[str, str]

    async def top(self) -> Path:
        """Return the top of the working tree.

        Raises: UsageError - there is none, or no git.
        """
        ran = await self._git("rev-parse", "--show-toplevel")
        if not ran.ok:
            raise UsageError(f"{self.folder} is in no git repository: {_reason(ran)}")
        return Path(os.fsdecode(ran.out).rstrip("\n"))

    async def commit(self, revision: str) -> str:
        """Return the hash of the commit that a revision names.

        Raises: UsageError - it names none; there is no repository.
        """
        await self.top()
        ran = await self._git("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
        if not ran.ok:
            why = f": {_reason(ran)}" if _reason(ran) else ""
            raise UsageError(f"git knows no revision {revision!r}{why}")
        return ran.out.decode("ascii").strip()

    async def base(self) -> str:
        """Return the commit where this branch left the main one; HEAD where there is no main branch, or this is it.

        Raises: UsageError - there is no commit.
        """
        head = await self.commit("HEAD")
        for name in _MAIN:
            ran = await self._git("merge-base", name, head)
            if ran.ok:
                return ran.out.decode("ascii").strip()
        return head

    async def changed_files(self, known: str, *, gone: bool = False) -> list[Path]:
        """Return the Python files below the folder that are new or other than in a commit, also those not added yet;
        with ``gone`` also those that are not there any more.

        Links are left out: what they lead to is looked at where it is.
        Raises: UsageError - git cannot tell.
        """
        listed = await self._git("ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", "*.py")
        if not listed.ok:
            raise UsageError(f"git cannot tell what changed: {_reason(listed)}")
        before = {each.name: each for each in await self._entries(known, "-r")}
        names = sorted({name for name in os.fsdecode(listed.out).split("\0") if name})
        if gone:
            lost = [name for name, entry in before.items() if name.endswith(".py") and entry.is_file]
            lost = [name for name in lost if not os.path.lexists(self.folder / name)]
            changed = await self.changed_files(known)
            return sorted({*changed, *(self.folder / name for name in lost)})
        return await asyncio.to_thread(
            lambda: [self.folder / name for name in names if _is_other(self.folder / name, before.get(name))]
        )

    async def subjects(self, count: int) -> list[str]:
        """Return the first lines of the last messages, the newest first; none where there is no commit."""
        ran = await self._git("log", f"-{count}", "--no-merges", "--format=%s", "HEAD")
        return ran.out.decode("utf-8", "replace").splitlines() if ran.ok else []

    async def text_at(self, known: str, path: Path) -> str | None:
        """Return a file of the working tree, by its real path, as a commit has it; None where it has none.

        Raises: UsageError - git cannot tell; the file is not in its working tree.
        """
        top = await self.top()
        if not path.is_relative_to(top):
            raise UsageError(f"{path} is not in the git repository {top}")
        name = path.relative_to(top).as_posix()
        found = [each for each in await self._entries(known, "--full-tree", name=name) if each.is_file]
        if not found:
            return None
        ran = await self._git("cat-file", "blob", found[0].digest)
        if not ran.ok:
            raise UsageError(f"git cannot give {name} of {known}: {_reason(ran)}")
        return ran.out.decode("utf-8", "replace")

    async def blamed(self, path: Path) -> tuple[str, list[str]] | None:
        """Return a file, by its real path, as HEAD has it, and the commit that each of its lines comes from.

        None where git cannot tell: no repository, no commit, a file that HEAD lacks.
        """
        try:
            text = await self.text_at(await self.commit("HEAD"), path)
        except UsageError:
            return None
        said = await self._blame(path, "-l", "-s") if text is not None else ""
        lines = said.split("\n")[:-1]
        return (text, [line.split(" ", 1)[0] for line in lines]) if text is not None and lines else None

    async def history(self, path: Path) -> History | None:
        """Return where the lines of a file, by its real path, come from.

        None where git cannot tell: no repository, no commit, a file that HEAD lacks.
        """
        said = await self._blame(path, "--porcelain")
        return read(said) if said else None

    async def _blame(self, path: Path, *flags: str) -> str:
        """What git says of the lines of a file as HEAD has it; "" where it cannot."""
        try:
            head, top = await self.commit("HEAD"), await self.top()
        except UsageError:
            return ""
        if not path.is_relative_to(top):
            return ""
        # Of a commit, not of the working tree, whose filters are programs.
        name = path.relative_to(top).as_posix()
        ran = await self._git("-C", str(top), "blame", "--no-textconv", *flags, "--root", head, "--", name)
        return ran.out.decode("utf-8", "replace") if ran.ok else ""

    async def checked_out(self, known: str, into: Path) -> None:
        """Put all files of a commit into an empty folder; links that may lead out of it and submodules are left out.

        Raises: UsageError - git cannot.
        """
        found = [each for each in await self._entries(known, "--full-tree", "-r") if each.is_file or each.is_link]
        ran = await self._git("cat-file", "--batch", given="".join(f"{each.digest}\n" for each in found).encode())
        if not ran.ok:
            raise UsageError(f"git cannot give the files of {known}: {_reason(ran)}")
        try:
            await asyncio.to_thread(put, found, ran.out, into)
        except (OSError, ValueError) as error:
            raise UsageError(f"the files of {known} cannot be written: {error}") from error

    async def _entries(self, known: str, *flags: str, name: str = "") -> list[Entry]:
        ran = await self._git("ls-tree", "-z", *flags, known, *([name] if name else []))
        if not ran.ok:
            raise UsageError(f"git cannot list the files of {known}: {_reason(ran)}")
        return entries(ran.out)

    async def _git(self, *arguments: str, given: bytes = b"") -> Ran:
        return await run(
            [_program(self.variables.get("PATH", ""), self.folder), *_SAFE, *arguments],
            cwd=self.folder,
            timeout=_SECONDS,
            input=given,
            env={**self.variables, **_NO_FETCH},
            limit=_LARGEST,
        )


def _program(path: str, project: Path) -> str:
    """Return the git of the system or of PATH, never one that a project or an environment brings along."""
    own = project.resolve()
    folders = [
        folder
        for folder in map(Path, filter(None, path.split(os.pathsep)))
        if folder.is_absolute()
        and not folder.resolve().is_relative_to(own)
        and not (folder.parent / "pyvenv.cfg").is_file()
    ]
    return shutil.which("git", path=os.pathsep.join([*_PROGRAMS, *map(str, folders)])) or "git"


def _is_other(file: Path, before: Entry | None) -> bool:
    """Whether a file is other than in a commit; how its lines end does not count, for git may have changed that."""
    try:
        if not stat.S_ISREG(file.lstat().st_mode):
            return False
        content = file.read_bytes()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return before is None or before.digest not in (
        _digest(content, before),
        _digest(content.replace(b"\r\n", b"\n"), before),
    )


def _digest(content: bytes, like: Entry) -> str:
    kind = "sha256" if len(like.digest) == 64 else "sha1"
    return hashlib.new(kind, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _reason(ran: Ran) -> str:
    return ran.problem or ran.err.decode("utf-8", "replace").strip()
