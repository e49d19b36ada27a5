"""What the commands that ask a model have in common: who is asked, about what, and how it is said what that took."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from coding_agent.cli.core import Project, project_for
from coding_agent.cli.outside import Outside
from coding_agent.cli.searching import indexed, place_of, wanted
from coding_agent.errors import UserError
from coding_agent.ide.asker import Asker
from coding_agent.ide.assistant import Assistant, Subject
from coding_agent.ide.models import Models, Reply
from coding_agent.ide.search import About, Search
from coding_agent.report.asking import spent
from coding_agent.settings.folder import model_options
from coding_agent.store import source

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asking:
    """A project whose code somebody asks a model about."""

    project: Project
    outside: Outside

    def answered(self, ask: Callable[[Models, Assistant], Awaitable[T]]) -> T:
        """Have one question answered. Raises: UserError in its kinds."""

        async def whole() -> T:
            asker = Asker()
            try:
                models = Models(
                    asker.answer, model_options(self.project.settings.ai), self.outside.folders, self.outside.variables
                )
                return await ask(models, Assistant(models, lambda path, line: f"{path.as_uri()}#L{line}"))
            finally:
                await asker.close()

        return asyncio.run(whole())

    def say_spent(self, reply: Reply) -> None:
        self.outside.warn(f"coding-agent: {spent(reply)}")
        if reply.warning:
            self.outside.warn(f"coding-agent: {reply.warning}")


def about_project(root: str | None, outside: Outside) -> Asking:
    """Raises: UserError - there is no such folder."""
    folder = outside.absolute(root) if root else outside.directory
    if not folder.is_dir():
        raise UserError(f"there is no folder {folder}")
    return Asking(project_for(folder, outside), outside)


def subject_at(said: str, root: str | None, outside: Outside) -> tuple[Asking, Subject]:
    """The definition at FILE:LINE, with what the index knows of it.

    Raises: UserError - no function or class stands there.
    """
    file, line = place_of(said, outside)
    asking = Asking(project_for(file, outside), outside)
    project = asking.project
    try:
        text = source.read(file, project.settings.analysis.max_file_size).text
    except source.Unreadable as error:
        raise UserError(f"{said}: {error}") from error
    state, found = project.definition(file, text, line)
    if found is None:
        raise UserError(f"no function or class stands at {said}")
    place = wanted(root, file.parent, outside)

    async def known(search: Search) -> About | None:
        return await search.about(file, found.qualified, found.line)

    first, last = found.lines
    findings = tuple(
        f"line {each.start[0] + 1}: {each.message} ({each.rule})"
        for each in project.check(file, text, fixes=False).diagnostics
        if first <= each.start[0] + 1 <= last
    )
    shown = f"{found.qualified} ({project.name(file)}:{found.line})"
    return asking, Subject(place.root, file, shown, state, found, indexed(place, outside, known), findings)
