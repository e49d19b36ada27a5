"""An endpoint of the user's that says what code means, as the process that searches asks it: the door's own part of it.

Nothing waits for the endpoint but a question, and that shortly: what it does not say in time, our own encoder does.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from coding_agent.errors import AIOff, Cancelled, NotAgreed, UserError
from coding_agent.runtime.log import Level, event
from coding_agent.search.pending import Progress
from coding_agent.search.root import Root

if TYPE_CHECKING:
    from coding_agent.ide.asker import Asker
    from coding_agent.search.encoder import FloatVector
    from coding_agent.search.meanings import Meanings, Sent

Table = dict[str, Any]
_QUESTION = 2.0
"""Seconds that a question waits for its vector."""
_TYPED = 0.25
"""Seconds without another question, after which one that somebody types is asked: each is paid for."""
_AGAIN = 60.0
"""Seconds after a failure until the endpoint is asked again."""


class Embedding:
    """The endpoints of some roots. ``warn`` is told what the user should know, once each."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._of: dict[str, _Of] = {}
        self._asker: Asker | None = None
        self._told = set[str]()
        self._questions = 0

    async def set(self, path: str, root: Root, table: Table | None, file: Path | None) -> None:
        """Ask for a root as the settings say it now; without a table nobody is asked."""
        known = self._of.get(path)
        if known is not None and (known.table != table or known.meanings.root is not root):
            self._of.pop(path).stop()
            known = None
        if table is None or known is not None:
            return
        if not root.encoder:
            self._tell("ai.embedding-model: it needs numpy: pip install 'coding-agent-lsp[search]'")
            return
        from coding_agent.search.meanings import Meanings

        self._of[path] = of = _Of(table)
        of.meanings = Meanings(root, self._sender(Path(path), of), file)
        await of.meanings.load()

    async def fill(
        self, path: str, tell: Callable[[Progress], None], stopped: asyncio.Event, seconds: float | None = None
    ) -> None:
        """Have the endpoint say what it did not yet, while somebody watches. Why it does not is warned of."""
        of = self._of.get(path)
        if of is not None:
            of.stopped, of.watched = False, of.watched + 1
            try:
                await self._filled(of, tell, stopped, seconds)
            finally:
                of.watched -= 1
            of.stopped = stopped.is_set()

    def begin(self, path: str) -> None:
        """Have it done when there is time for it, unless somebody stopped it."""
        of = self._of.get(path)
        if of is None or of.stopped or of.watched or not self._may(of) or (of.filling and not of.filling.done()):
            return
        known, wanted = of.meanings.counts
        if known < wanted:
            of.filling = asyncio.create_task(self._filled(of, lambda _: None, asyncio.Event()))

    async def question(self, path: str, text: str, *, typed: bool) -> "FloatVector | None":
        """How near each chunk is to a question by the endpoint; None where our own encoder answers. Of those that are
        ``typed`` only the last is asked.
        """
        of = self._of.get(path)
        if of is None or not text.strip():
            return None
        self.begin(path)
        if not of.meanings.ready or not self._may(of):
            return None
        self._questions += 1
        number = self._questions
        if typed:
            await asyncio.sleep(_TYPED)
            if number != self._questions:
                return None
        try:
            vector = await of.meanings.vector(text, _QUESTION)
        except UserError as error:
            self._failed(of, error)
            return None
        if vector is None or not of.meanings.ready:
            self.begin(path)  # Another model answers there now.
            return None
        return of.meanings.nearness(vector)

    def told(self, path: str) -> Table:
        """What a status says."""
        of = self._of.get(path)
        if of is None:
            return {"model": "", "meant": 0, "meaning": 0, "refused": ""}
        known, wanted = of.meanings.counts
        return {"model": of.model, "meant": known, "meaning": wanted, "refused": of.problem}

    async def close(self) -> None:
        for of in self._of.values():
            of.stop()
        waiting = [of.filling for of in self._of.values() if of.filling is not None]
        if waiting:
            await asyncio.wait(waiting)
        if self._asker is not None:
            await self._asker.close()

    async def _filled(
        self, of: "_Of", tell: Callable[[Progress], None], stopped: asyncio.Event, seconds: float | None = None
    ) -> None:
        try:
            await of.meanings.fill(tell, stopped, seconds)
        except Cancelled:
            return
        except UserError as error:
            self._failed(of, error)
        else:
            of.problem = ""
        if of.meanings.store.problem:
            self._tell(of.meanings.store.problem)

    def _may(self, of: "_Of") -> bool:
        """Whether it may be tried: what asks nobody costs nothing, and may have been mended."""
        return not of.problem or of.free or asyncio.get_running_loop().time() >= of.again

    def _failed(self, of: "_Of", error: UserError) -> None:
        of.problem, of.free = str(error), isinstance(error, NotAgreed | AIOff)
        of.again = asyncio.get_running_loop().time() + _AGAIN
        event("not-embedded", level=Level.DEBUG, why=of.problem)
        self._tell(f"ai.embedding-model: {error}; our own encoder answers")

    def _tell(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self._warn(sentence)

    def _sender(self, root: Path, of: "_Of") -> "Callable[..., Any]":
        async def send(texts: Sequence[tuple[str, Path | None]], longest: int, seconds: float) -> "Sent":
            from coding_agent.search.meanings import Sent

            if self._asker is None:
                self._asker = await asyncio.to_thread(_made)
            table = {
                **of.table,
                "root": str(root),
                "texts": [text for text, _ in texts],
                "files": [str(file or "") for _, file in texts],
                "longest": longest,
                "seconds": seconds,
            }
            said = await self._asker.answer(("embed", table), lambda _: None, asyncio.Event())
            answer = cast("Table", said)
            if answer["warning"]:
                self._tell(answer["warning"])
            return Sent(answer["rows"], answer["width"])

        return send


class _Of:
    """One root's."""

    meanings: "Meanings"

    def __init__(self, table: Table) -> None:
        self.table = table
        self.model = str(table["setup"]["model"])
        self.filling: asyncio.Task[None] | None = None
        self.stopped = False
        """Whether somebody did not want it to go on."""
        self.watched = 0
        """How many wait for it to be done."""
        self.problem = ""
        self.free = False
        """Whether the problem was found without asking anybody."""
        self.again = 0.0

    def stop(self) -> None:
        if self.filling is not None:
            self.filling.cancel()


def _made() -> "Asker":
    """The package takes seconds to load, which others shall not wait."""
    from coding_agent.ai.adapters.openai import load
    from coding_agent.ide.asker import Asker

    load()
    return Asker()
