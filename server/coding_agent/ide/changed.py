"""Functions that changed since a revision and that no test calls; and the tests they lack, as a patch."""

import asyncio
import difflib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from coding_agent.errors import UserError
from coding_agent.ide.tests import Asked, meant, request_of
from coding_agent.testgen.changed import changed
from coding_agent.testgen.generate import generate
from coding_agent.testgen.layout import is_test_name
from coding_agent.testgen.report import Listener
from coding_agent.testgen.request import Request
from coding_agent.vcs.git import Git


@dataclass(frozen=True, slots=True)
class Untested:
    """A file with its changed functions, those that no test calls, and the patch with tests for them, where wanted.

    ``why``: it could not be looked at, or no useful test was found.
    """

    source: Path
    changed: tuple[str, ...]
    functions: tuple[tuple[str, int], ...]
    """Names and lines."""
    patch: str = ""
    why: str = ""
    failed: bool = False
    """What is tested cannot be told."""


async def untested(
    asked: Asked, targets: Sequence[str], revision: str, write: bool, listener: Listener, git: Git
) -> list[Untested]:
    """Look at the files that changed since a revision (empty: where the branch left the main one), or at ``targets``.

    Nothing in the tree is written; with ``write`` the results have patches, one for each test file.
    Raises: UsageError, NoSandbox.
    """
    known = await (git.commit(revision) if revision else git.base())
    if targets:
        files = [meant(replace(asked, target=each)).source.path for each in targets]
    else:
        files = [each for each in await git.changed_files(known) if _is_source(each, git.folder)]
    found: list[Untested] = []
    patches = Patches(asked.project)
    for file in files:
        try:
            now = await asyncio.to_thread(file.read_text, "utf-8", "replace")
        except OSError as error:
            found.append(Untested(file, (), (), why=f"it cannot be read: {error.strerror}", failed=True))
            continue
        names = changed(await git.text_at(known, file.resolve()), now)
        if names:
            found.append(
                await _looked(replace(asked, target=str(file)), file, names, patches if write else None, listener)
            )
    return [replace(each, patch=patches.of(each.source)) for each in found]


def _is_source(path: Path, project: Path) -> bool:
    parts = path.relative_to(project).parts
    return not is_test_name(path.name) and path.name not in ("conftest.py", "setup.py") and "tests" not in parts


async def _looked(
    asked: Asked, file: Path, names: tuple[str, ...], patches: "Patches | None", listener: Listener
) -> Untested:
    try:
        request = request_of(replace(asked, gaps=patches is None), meant(asked))
    except UserError as error:
        return Untested(file, names, (), why=str(error), failed=True)
    report = await generate(replace(request, gaps=True), listener)
    if not report.functions:
        return Untested(file, names, (), why=report.why or "; ".join(report.problems), failed=bool(report.why))
    left = tuple(
        sorted(
            ((gap.function, gap.line) for gap in report.gaps if gap.outcome == "called" and gap.function in names),
            key=lambda each: each[1],
        )
    )
    if left and report.incomplete:
        return Untested(file, names, left, why="; ".join(report.problems), failed=True)
    if not left or patches is None:
        return Untested(file, names, left)
    return Untested(file, names, left, why=await patches.add(request, file, [name for name, _ in left], listener))


class Patches:
    """Test files as they would be, as patches. What several modules add to one file comes in one patch."""

    def __init__(self, project: Path) -> None:
        self._project = project
        self._files: dict[Path, tuple[str | None, str, Path]] = {}
        """By its place: the text on disk, the one with tests, and the last module that they are for."""

    async def add(self, request: Request, source: Path, names: Sequence[str], listener: Listener) -> str:
        """Generate tests of some functions; returns why there are none, or nothing."""
        place = request.place.path
        old, before, _ = self._files.get(place, (request.before, request.before, source))
        with tempfile.TemporaryDirectory(prefix="coding-agent-tests-") as folder:
            into = Path(folder) / place.name
            made = await generate(replace(request, names=tuple(names), before=before, into=into), listener)
        if made.file:
            self._files[place] = old, made.text, source
            return ""
        return made.why

    def of(self, source: Path) -> str:
        """Return the patches of the files of which a module was the last."""
        found = ((place, old, new) for place, (old, new, last) in self._files.items() if last == source)
        return "".join(line for place, old, new in found for line in patch_of(old, new, place, self._project))


def patch_of(old: str | None, new: str, place: Path, project: Path) -> Iterator[str]:
    """Lines of a unified patch, from the project's folder, as git and patch take it."""
    name = place.relative_to(project).as_posix() if place.is_relative_to(project) else place.as_posix()
    head = f"a/{name}" if old is not None else "/dev/null"
    for line in difflib.unified_diff(_lines(old or ""), _lines(new), head, f"b/{name}"):
        yield line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    """Lines as patches have them: they end at a line feed and nowhere else."""
    *lines, last = text.split("\n")
    return [f"{line}\n" for line in lines] + ([last] if last else [])
