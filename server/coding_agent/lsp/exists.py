"""Says of functions that are being written what does the same already: once nobody types, and only where the project is
indexed by then.

What was answered is remembered by the text of the function, so each is asked once until it is another, or until other
files are.
"""

import asyncio
from typing import TYPE_CHECKING

from coding_agent.analysis.finding import Finding
from coding_agent.analysis.report import Elsewhere
from coding_agent.errors import CodingAgentError
from coding_agent.ide.exists import NAME, Written, line_of, said, written
from coding_agent.ide.facade import View
from coding_agent.ide.search import Known, Search
from coding_agent.lsp import diagnostics
from coding_agent.runtime.log import Level, event

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server

_PAUSE = 1.0
"""Seconds without a new text before anything is asked."""
_MOST = 8
"""Functions that are asked at once; who has more new ones has not just written them, but waits little for the rest."""
_ALL = 40
"""New functions from which on none is asked: another file was put in place of this one."""

Answers = dict[str, Known | None]
"""By the text of a function's piece."""


class Exists:
    """For the documents of one server; ``search`` is asked about what it has indexed."""

    def __init__(self, server: "Server", search: Search) -> None:
        self._server, self._search = server, search
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._answers: dict[str, Answers] = {}

    def changed(self, uri: str) -> None:
        """A document has a new text; asked at each keystroke, so what it begins it begins later."""
        # What is said of others may name a function that is gone.
        for each in {uri, *self._answers}:
            timer = self._timers.pop(each, None)
            if timer is not None:
                timer.cancel()
            self._timers[each] = asyncio.get_running_loop().call_later(_PAUSE, self._begin, each)

    def doubt(self) -> None:
        """Files changed: what was answered may be another by now."""
        uris, self._answers = list(self._answers), {}
        for uri in uris:
            self.changed(uri)

    def forget(self, uri: str) -> None:
        """A document was closed."""
        self._answers.pop(uri, None)
        timer = self._timers.pop(uri, None)
        if timer is not None:
            timer.cancel()

    def _begin(self, uri: str) -> None:
        del self._timers[uri]
        self._server.connection.spawn(self._look(uri))

    async def _look(self, uri: str) -> None:
        ide = self._server.ide
        path, wanted = ide.path_of(uri), ide.options_of(uri).rules.get(NAME) is not None
        if path is None or not wanted or not self._server.search.knows(path):
            return
        view = await ide.view(uri)
        if view is None or view.silent is not None:
            return
        old = ide.names_at_first(uri)
        new = [each for each in written(view.state) if each.name not in old]
        before = self._answers.get(uri, {})
        answers = {each.piece.text: before[each.piece.text] for each in new if each.piece.text in before}
        asked = [each for each in new if each.piece.text not in answers]
        self._answers[uri] = answers
        if asked and len(new) <= _ALL:
            try:
                found = await self._search.exists(path, [(each.name, each.code) for each in asked[:_MOST]])
            except CodingAgentError as error:
                event("not-asked-what-exists", level=Level.DEBUG, why=str(error))
                return
            answers.update(zip((each.piece.text for each in asked), found, strict=False))
        await self._tell(uri, view, [(each, answers.get(each.piece.text)) for each in new])
        if len(new) <= _ALL and len(asked) > _MOST:
            self.changed(uri)

    async def _tell(self, uri: str, view: View, answered: list[tuple[Written, Known | None]]) -> None:
        ide, told = self._server.ide, dict[str, Finding]()
        for new, known in answered:
            place = await self._elsewhere(new, known) if known is not None else None
            rules = ide.options_of(uri).rules
            enabled = rules.get(NAME)
            finding = said(new, place, enabled, rules) if place is not None and enabled is not None else None
            if finding is not None:
                told[new.piece.text] = finding
        # Whoever typed meanwhile is asked again.
        if ide.document(uri) is view.document and ide.tell(uri, told):
            event("already-exists", level=Level.DEBUG, uri=uri, count=len(told))
            diagnostics.again(self._server, uri)

    async def _elsewhere(self, new: Written, known: Known) -> Elsewhere | None:
        """Where that is, as its text is in the editor; None where it is there no more."""
        ide, found = self._server.ide, known.found
        document, line = ide.document_at(found.path), found.at
        view = await ide.view(document.uri) if document is not None else None
        if view is not None and view.silent is None:
            now = line_of(view.state, found.name)
            if now is None:
                return None
            line = now
        address = f"{ide.uri_at(found.path)}#L{line}"
        if known.package is not None:
            inside = found.path.relative_to(known.package.parent)
            module = ".".join(inside.with_suffix("").parts).removesuffix(".__init__")
            return Elsewhere(new.span, f"{module}.{found.name}", f"{inside.as_posix()}:{line}", known.why, address)
        return Elsewhere(new.span, found.name, f"{ide.shown(found.path)}:{line}", known.why, address)
