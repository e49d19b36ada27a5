"""Functions that changed since a revision and that no test calls; and the tests they lack, as a patch."""

import asyncio
import difflib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from coding_agent.errors import UsageError
from coding_agent.ide.tests import Asked, request_of
from coding_agent.testgen.changed import changed
from coding_agent.testgen.generate import generate
from coding_agent.testgen.layout import is_test_name
from coding_agent.testgen.plan import wanted
from coding_agent.testgen.report import Listener
from coding_agent.vcs import git


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
    asked: Asked, targets: Sequence[str], revision: str, write: bool, listener: Listener
) -> list[Untested]:
    """Look at the files that changed since a revision (empty: where the branch left the main one), or at ``targets``.

    Nothing in the tree is written; with ``write`` each result has a patch.
    Raises: UsageError, NoSandbox.
    """
    project = asked.project.resolve()
    known = await git.commit(project, revision) if revision else await git.base(project)
    if targets:
        files = [wanted(each, asked.project, asked.directory).source.path for each in targets]
    else:
        files = [each for each in await git.changed_files(project, known) if _is_source(each, project)]
    found: list[Untested] = []
    for file in files:
        old = await git.text_at(project, known, file.resolve())
        names = changed(old, await asyncio.to_thread(file.read_text, "utf-8", "replace"))
        if names:
            found.append(await _looked(replace(asked, target=str(file)), file, names, write, listener))
    return found


def _is_source(path: Path, project: Path) -> bool:
    parts = path.relative_to(project).parts
    return not is_test_name(path.name) and path.name not in ("conftest.py", "setup.py") and "tests" not in parts


async def _looked(asked: Asked, file: Path, names: tuple[str, ...], write: bool, listener: Listener) -> Untested:
    try:
        request = request_of(asked, wanted(asked.target, asked.project, asked.directory))
    except UsageError as error:
        return Untested(file, names, (), why=str(error), failed=True)
    report = await generate(replace(request, gaps=True), listener)
    if not report.functions:
        return Untested(file, names, (), why=report.why or "; ".join(report.problems), failed=bool(report.why))
    left = tuple(
        (gap.function, gap.line) for gap in report.gaps if gap.outcome == "called" and gap.function in names
    )  # fmt: skip
    left = tuple(sorted(left, key=lambda each: each[1]))
    if left and report.incomplete:
        return Untested(file, names, left, why="; ".join(report.problems), failed=True)
    if not left or not write:
        return Untested(file, names, left)
    place = request.place.path
    with tempfile.TemporaryDirectory(prefix="coding-agent-tests-") as folder:
        into = Path(folder) / place.name
        made = await generate(replace(request, names=tuple(name for name, _ in left), into=into), listener)
    old = place.read_text("utf-8") if request.place.exists else None
    patch = "".join(_patch(old, made.text, place, asked.project)) if made.file else ""
    return Untested(file, names, left, patch, "" if patch else made.why)


def _patch(old: str | None, new: str, place: Path, project: Path) -> Iterator[str]:
    """Lines of a unified patch, from the project's folder, as git and patch take it."""
    name = place.relative_to(project).as_posix() if place.is_relative_to(project) else place.as_posix()
    before = old.splitlines(keepends=True) if old is not None else []
    head = f"a/{name}" if old is not None else "/dev/null"
    for line in difflib.unified_diff(before, new.splitlines(keepends=True), head, f"b/{name}"):
        yield line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"
