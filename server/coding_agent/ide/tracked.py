"""The analysis of one open document, brought up to date in slices that let the loop breathe."""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter

from coding_agent.analysis.file import Analyser, FileState, Question, Update
from coding_agent.ide.slices import SLICE
from coding_agent.runtime.collector import acyclic
from coding_agent.workspace.document import EVERYTHING, Document, Same

Asks = Callable[[Question, Analyser], Awaitable[None]]
"""Finds the answer to a question and has the analyser learn it."""


class Tracked:
    """One document and what is known of it.

    Invariant: ``_same`` says what the text of ``_base`` and the document's have in common.
    """

    def __init__(self, document: Document, analyser: Analyser, path: str, asks: Asks | None = None) -> None:
        self._asks = asks
        self.document = document
        self.path = path
        self._analyser = analyser
        self._base: FileState | None = None
        self._same = EVERYTHING
        self._running: asyncio.Task[FileState] | None = None
        self._update: Update | None = None

    @property
    def analyser(self) -> Analyser:
        return self._analyser

    def change(self, document: Document, same: Same) -> None:
        """Take a new text; work on the old one stops, what it found out is kept."""
        self._stop()
        self.document = document
        self._same = self._same.and_then(same)

    def reconsider(self, analyser: Analyser, path: str) -> None:
        """Take other rules, or another place of the file: everything is judged again."""
        self._stop()
        self._analyser, self.path, self._base, self._same = analyser, path, None, EVERYTHING

    def close(self) -> None:
        self._stop()

    def current(self) -> FileState | None:
        """The results for the document's text if they are there already."""
        base = self._base
        return base if base is not None and base.complete and base.text is self.document.text else None

    async def state(self) -> FileState:
        """The results for the document's text. Callers may be cancelled each on their own.

        Raises: CancelledError - the text changed meanwhile.
        """
        known = self.current()
        if known is not None:
            return known
        if self._running is None:
            # Most edits cost less than a slice: then there is nothing to wait for.
            update = self._begin()
            done = self._work(update, SLICE)
            if isinstance(done, FileState):
                return done
            self._running = asyncio.create_task(self._finish(update, done))
        return await asyncio.shield(self._running)

    def _begin(self) -> Update:
        text, base = self.document.text, self._base
        head, tail = (0, 0) if base is None else (self._same.head, self._same.tail)
        self._update = self._analyser.update(base, text, head, tail, self.path)
        return self._update

    def _work(self, update: Update, seconds: float) -> FileState | Question | None:
        """Go on until all is done, something is asked, or time is up."""
        until = perf_counter() + seconds
        with acyclic():
            for step in update.steps:
                if step is not None:
                    return step
                if perf_counter() > until:
                    return None
        assert update.state is not None
        self._base, self._same, self._update = update.state, EVERYTHING, None
        return update.state

    async def _finish(self, update: Update, step: Question | None) -> FileState:
        try:
            while True:
                if step is not None and self._asks is not None:
                    await self._asks(step, self._analyser)
                else:
                    await asyncio.sleep(0)
                done = self._work(update, SLICE)
                if isinstance(done, FileState):
                    return done
                step = done
        finally:
            # A task that was stopped ends later than its successor begins.
            if self._running is asyncio.current_task():
                self._running = None

    def _stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            self._running = None
        update, self._update = self._update, None
        if update is None:
            return
        # An update and its steps refer to each other until they have ended.
        update.steps.close()
        # A first look that was stopped half-way is worth keeping; an edit's is not: the whole it began from is.
        if self._base is None or not self._base.complete:
            self._base, self._same = update.partial(), EVERYTHING
