"""Hover: our own answer at once, jedi's part of it within its deadline."""

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from coding_agent.explain.hover import Limits
from coding_agent.explain.page import markdown, plain
from coding_agent.ide.facade import View
from coding_agent.ide.hover import find, sections
from coding_agent.lsp.ranges import range_of
from coding_agent.runtime.log import Level, event
from coding_agent.semantics.environment import project_at, trusted_project_at
from coding_agent.semantics.semantics import Semantics, jedi_worker
from coding_agent.semantics.symbol import Project, SymbolInfo

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server


_COLD, _FIRST = 0.04, 2.0
"""Seconds a hover waits for jedi while it still starts: with something of ours to show, and with nothing."""


class Hovers:
    """Answers hovers; owns jedi."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        worker = jedi_worker(on_restart=server.tell_once)
        self._semantics = Semantics(worker, str(server.host.folders.jedi))
        self._projects: dict[Path, asyncio.Future[Project]] = {}
        self._warming: asyncio.Future[object] | None = None

    async def hover(self, params: lsp.HoverParams) -> lsp.Hover | None:
        server, uri = self._server, params.text_document.uri
        view = await server.ide.view(uri)
        if view is None or view.silent is not None:
            return None
        text, units = view.document.text, server.client.units
        position = text.from_client(params.position.line, params.position.character, units)
        offset = text.offset(position)
        options = server.ide.options_of(uri)
        analyser = server.ide.analyser_of(uri)
        found = find(view.state, analyser, offset)
        # What is defined in this file needs no jedi: its own signature and docstring are at hand.
        known = options.hover_ours_only or not options.jedi or (found is not None and found.node is not None)
        say = partial(
            sections,
            view.state,
            analyser,
            offset,
            found,
            page=server.warm.page,
            ours_only=options.hover_ours_only,
            limits=Limits(),
        )
        shown, span = say(symbol=None)
        symbol = None if known else await self._symbol(view, *position, patient=not shown)
        if symbol is not None:
            shown, span = say(symbol=symbol)
        if not shown:
            return None
        kind, value = (
            (lsp.MarkupKind.Markdown, markdown(shown))
            if server.client.markdown
            else (
                lsp.MarkupKind.PlainText,
                plain(shown),
            )
        )
        place = None if span is None else _range(range_of(text, span, units))
        return lsp.Hover(contents=lsp.MarkupContent(kind, value), range=place)

    async def _symbol(self, view: View, line: int, column: int, *, patient: bool) -> SymbolInfo | None:
        uri = view.document.uri
        path = self._server.ide.path_of(uri)
        if path is None:
            return None
        warm = self.prepare()
        # The first questions come while jedi still starts: where there is something to show they wait only as long
        # as nobody notices, otherwise an answer that comes late beats none.
        cold = _FIRST if patient else _COLD
        deadline = self._server.ide.options_of(uri).jedi_deadline if warm.done() else cold
        project = await self._project(self._server.ide.workspace.folder_of(path) or path.parent, deadline)
        if project is None:
            return None
        text = str(view.document.text)
        return await self._semantics.hover(text, str(path), line, column, project, deadline=deadline)

    async def _project(self, root: Path, deadline: float) -> Project | None:
        """Where imports come from; None while an interpreter is still asked."""
        known = self._projects.get(root)
        if known is None:
            known = self._projects[root] = self._server.connection.spawn(self._found(root))
        done, _ = await asyncio.wait({known}, timeout=deadline)
        return known.result() if done else None

    def reconsider(self) -> None:
        """Settings or trust changed: imports may come from elsewhere."""
        self._projects.clear()

    async def _found(self, root: Path) -> Project:
        """Where imports come from: said by the interpreter where that may run, else read from its files."""
        chosen, active = self._server.ide.options(root).interpreter, self._server.host.active_environment
        interpreter = Path(chosen) if chosen else _python_in(active) if active is not None else _inside(root)
        if interpreter is None or not interpreter.is_file():
            return await asyncio.to_thread(project_at, root)
        if chosen or self._server.trust.is_trusted(root):
            return await trusted_project_at(root, interpreter)
        if interpreter.is_relative_to(root):
            self._server.trust.ask(root, lambda: self._projects.pop(root, None))
        return await asyncio.to_thread(project_at, root, interpreter)

    def prepare(self) -> "asyncio.Future[object]":
        """Let jedi start before it is asked: its first answer takes a second, in its own process."""
        if self._warming is None:
            self._warming = self._server.connection.spawn(self._semantics.prepare())
        return self._warming

    async def close(self) -> None:
        """Stop jedi."""
        await self._semantics.stop()
        event("jedi-stopped", level=Level.DEBUG)


def _inside(root: Path) -> Path | None:
    """The interpreter of a virtual environment in the workspace."""
    found = (_python_in(root / name) for name in (".venv", "venv"))
    return next((place for place in found if place is not None), None)


def _python_in(environment: Path) -> Path | None:
    places = (environment / "bin" / "python", environment / "Scripts" / "python.exe")
    return next((place for place in places if place.is_file()), None)


def _range(shown: dict[str, dict[str, int]]) -> lsp.Range:
    start, end = shown["start"], shown["end"]
    return lsp.Range(lsp.Position(start["line"], start["character"]), lsp.Position(end["line"], end["character"]))
