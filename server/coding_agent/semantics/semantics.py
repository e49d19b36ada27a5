"""Ask jedi, in time: our side of the door."""

from collections.abc import Callable
from inspect import cleandoc
from typing import cast

from coding_agent import errors
from coding_agent.runtime.log import Level, event
from coding_agent.runtime.process import Worker
from coding_agent.semantics.symbol import Place, PlaceData, Project, QuestionData, SymbolData, SymbolInfo, Uses

_DOOR = "coding_agent.semantics.door"


def jedi_worker(*, on_restart: Callable[[str], None] | None = None, idle_seconds: float = 600.0) -> Worker:
    """Return the one process that jedi lives in.

    A question that nobody waits for any more may end within 150 ms, for a restart would cost half a second of CPU;
    one that missed its deadline may go on for 5 s, for jedi's first look at a big library is slow but once.
    """
    return Worker(
        f"{_DOOR}:hover",
        name="jedi",
        idle_seconds=idle_seconds,
        spare_cancelled=0.15,
        spare_late=5.0,
        nice=5,
        on_restart=on_restart,
    )


class Semantics:
    """Names, types and uses. An answer that does not come, for whatever reason, is None: nobody depends on jedi.

    ``cache_folder`` is where jedi keeps what it read of libraries; it must be ours alone, it is unpickled.
    Lines and columns are from 0, columns in code points, deadlines in seconds.
    """

    def __init__(self, worker: Worker, cache_folder: str) -> None:
        self._worker = worker
        self._cache_folder = cache_folder

    async def prepare(self, deadline: float = 30.0) -> None:
        """Start the process and warm jedi up, for an idle moment: about a second of CPU, elsewhere."""
        await self._ask("prepare", self._cache_folder, deadline=deadline)

    async def hover(
        self, text: str, path: str, line: int, column: int, project: Project, *, deadline: float = 0.15
    ) -> SymbolInfo | None:
        """Return what the name there means; None when there is none, or no answer in time."""
        asked = self._question(text, path, line, column, project)
        answer = cast("SymbolData | None", await self._ask("hover", asked, deadline=deadline))
        if answer is None:
            return None
        name, kind, full_name, signatures, value, doc, place = answer
        return SymbolInfo(name, kind, full_name, signatures, value, cleandoc(doc), Place(*place) if place else None)

    async def uses(
        self,
        text: str,
        path: str,
        line: int,
        column: int,
        project: Project,
        *,
        beyond_file: bool = False,
        deadline: float = 0.15,
    ) -> Uses | None:
        """Return where the name there is used; None when there is none, or no answer in time."""
        asked = self._question(text, path, line, column, project)
        answer = cast("list[PlaceData] | None", await self._ask("uses", asked, beyond_file, deadline=deadline))
        return None if answer is None else Uses(tuple(Place(*place) for place in answer), beyond_file)

    async def stop(self) -> None:
        await self._worker.stop()

    def _question(self, text: str, path: str, line: int, column: int, project: Project) -> QuestionData:
        return text, path, line, column, self._cache_folder, project.root, project.paths

    async def _ask(self, function: str, *args: object, deadline: float) -> object:
        try:
            return await self._worker.call(*args, target=f"{_DOOR}:{function}", deadline=deadline)
        except (errors.DeadlinePassed, errors.WorkerLost, errors.WorkerFailed) as error:
            level = Level.WARNING if isinstance(error, errors.WorkerFailed) else Level.INFO
            event("jedi-silent", level=level, asked=function, why=str(error))
            return None
