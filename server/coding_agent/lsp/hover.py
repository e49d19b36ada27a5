"""Hover: our own answer at once, jedi's part of it within its deadline."""

import asyncio
import json
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from lsprotocol import types as lsp

from coding_agent.analysis.file import Analyser
from coding_agent.errors import UsageError
from coding_agent.explain.hover import Limits
from coding_agent.explain.page import Section, markdown, plain
from coding_agent.explain.project import Relations
from coding_agent.explain.radon import Maintainability, maintainability
from coding_agent.ide.facade import View
from coding_agent.ide.hover import Found, Named, find, function_text, imports, named, sections, uses_of
from coding_agent.ide.interpreter import chosen
from coding_agent.ide.slices import in_slices
from coding_agent.lsp.ranges import range_of
from coding_agent.lsp.related import Wanted
from coding_agent.runtime.log import Level, event
from coding_agent.semantics.environment import project_at, trusted_project_at
from coding_agent.semantics.memory import Asked
from coding_agent.semantics.semantics import Semantics, jedi_worker
from coding_agent.semantics.symbol import Project, SymbolInfo
from coding_agent.text.text import line_body

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server


_FIRST = 2.0
"""Seconds a hover waits for jedi while it still starts and there is nothing of ours to show."""
_QUIET = 1.0
"""Seconds without a hover before jedi reads ahead."""
_LEAST = 0.01
_SOON = 0.012
"""Seconds that hover waits for what the index and git say; what they say later is shown the next time."""
_IMPORTS = 40
"""Imports of a document looked at ahead at most."""
_LONG = 30_000
"""Characters of a function that is measured by radon, in some 40 ms."""
_MEASURED = 64
"""Functions whose figures are remembered."""


class Hovers:
    """Answers hovers; owns jedi."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        worker = jedi_worker(on_restart=server.tell_once)
        self._semantics = Semantics(worker, str(server.host.folders.jedi))
        self._projects: dict[Path, asyncio.Future[Project]] = {}
        self._warming: asyncio.Future[object] | None = None
        self._ahead: asyncio.TimerHandle | None = None
        self._read: set[str] = set()
        """Documents whose imports were looked at."""
        self._figures: dict[str, asyncio.Future[Maintainability | None]] = {}
        """What radon says of functions, by their text."""

    async def hover(self, params: lsp.HoverParams) -> lsp.Hover | None:
        server, uri = self._server, params.text_document.uri
        begun = asyncio.get_running_loop().time()
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
        measured = await self._measured(function_text(found), options.jedi_deadline)
        uses = await in_slices(uses_of(view.state, analyser, found))
        say = partial(say, related=await self._related(view, found))
        shown, span = say(symbol=None, maintainability=measured, uses=uses)
        name = None if known else named(view.state, analyser, offset)
        symbol = None if name is None else await self._symbol(view, analyser, name, begun, empty=not shown)
        if symbol is not None:
            shown, span = say(symbol=symbol, related=await self._related_to(symbol))
        elif not shown and name is not None and name.dotted:
            # What it is called beats nothing while jedi still looks what it is.
            shown = (Section(code=name.dotted.removeprefix("builtins.")),)
        if not shown:
            return None
        kind, value = (
            (lsp.MarkupKind.Markdown, "\n\n".join((markdown(shown), *self._links(uri, found))))
            if server.client.markdown
            else (
                lsp.MarkupKind.PlainText,
                plain(shown),
            )
        )
        place = None if span is None else _range(range_of(text, span, units))
        return lsp.Hover(contents=lsp.MarkupContent(kind, value), range=place)

    def _links(self, uri: str, found: Found | None) -> Iterator[str]:
        """What runs a command of ours, for editors that do so, where a model can be asked."""
        server = self._server
        if found is None or found.node is None or not server.client.links:
            return
        if server.ide.options_of(uri).ai.is_set and not server.trust.restricted:
            arguments = quote(json.dumps([uri, found.line - 1]), safe="")
            yield f"[Explain with AI](command:codingAgent.aiExplain?{arguments})"

    async def _related(self, view: View, found: Found | None) -> Relations | None:
        """What the project has to do with a definition of this document."""
        path = self._server.ide.path_of(view.document.uri)
        if found is None or found.node is None or path is None or self._server.searches is None:
            return None
        first, last = found.lines
        lines = tuple(line_body(line) for line in view.document.text.lines[first - 1 : last])
        return await self._server.search.related.relations(path, Wanted(found.qualified, found.line, lines), _SOON)

    async def _related_to(self, symbol: SymbolInfo) -> Relations | None:
        """The same for what a name means that is defined in another file of the workspace."""
        place = symbol.place
        if place is None or symbol.kind not in ("function", "class") or self._server.searches is None:
            return None
        wanted = Wanted(symbol.name, place.line + 1)
        return await self._server.search.related.relations(Path(place.path), wanted, _SOON)

    async def _measured(self, text: str | None, wait: float) -> Maintainability | None:
        """radon's figures of a function; None where they take longer: the next hover has them."""
        if text is None or len(text) > _LONG:
            return None
        known = self._figures.get(text)
        if known is None:
            if len(self._figures) >= _MEASURED:
                del self._figures[next(iter(self._figures))]
            known = self._figures[text] = asyncio.ensure_future(asyncio.to_thread(maintainability, text))
        done, _ = await asyncio.wait({known}, timeout=wait)
        return known.result() if done else None

    async def _symbol(
        self, view: View, analyser: Analyser, name: Named, begun: float, *, empty: bool
    ) -> SymbolInfo | None:
        """What jedi says: from memory, or in time."""
        uri = view.document.uri
        path = self._server.ide.path_of(uri)
        if path is None:
            return None
        warm, wait = self.prepare().done(), self._server.ide.options_of(uri).jedi_deadline
        # The first questions come while jedi still starts: an answer that comes late beats none.
        if empty and not warm:
            wait = max(wait, _FIRST)
        deadline = begun + wait
        project = await self._project(self._server.ide.workspace.folder_of(path) or path.parent, wait)
        if project is None:
            return None
        asked = _asked(view, path, project, name)
        known = self._semantics.known(asked)
        if known is not None:
            return known.symbol
        left = max(_LEAST, deadline - asyncio.get_running_loop().time())
        symbol = await self._semantics.hover(str(view.document.text), asked, deadline=left)
        self._look_ahead(view, analyser, path, project)
        return symbol

    def _look_ahead(self, view: View, analyser: Analyser, path: Path, project: Project) -> None:
        """Have jedi read what a document imports, once somebody hovered there: the next names are mostly of that."""
        if self._ahead is not None:
            self._ahead.cancel()
            self._ahead = None
        if view.document.uri not in self._read:
            loop, spawn = asyncio.get_running_loop(), self._server.connection.spawn
            self._ahead = loop.call_later(
                _QUIET, lambda: spawn(self._read_imports(view, analyser, path, project)) and None
            )

    async def _read_imports(self, view: View, analyser: Analyser, path: Path, project: Project) -> None:
        for offset in islice(imports(view.state, analyser), _IMPORTS):
            # A newer text needs another look: jedi would go to and fro between the two.
            if self._server.ide.document(view.document.uri) is not view.document:
                return
            name = named(view.state, analyser, offset)
            asked = None if name is None else _asked(view, path, project, name)
            if asked is not None and self._semantics.known(asked) is None:
                await self._semantics.ahead(str(view.document.text), asked)
        self._read.add(view.document.uri)

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
        self._read.clear()
        self.files_changed()

    def files_changed(self) -> None:
        """What jedi read may be written anew."""
        self._semantics.forget()

    async def _found(self, root: Path) -> Project:
        """Where imports come from: said by the interpreter where that may run, else read from its files."""
        said = self._server.ide.options(root).interpreter
        try:
            # Python on PATH is nobody's choice: without one of the project's, jedi's own is as good.
            interpreter = chosen(root, said, self._server.host.active_environment, "").path
        except UsageError:
            return await asyncio.to_thread(project_at, root)
        owners = [folder for folder in (root, *self._server.ide.workspace.folders) if _holds(folder, interpreter)]
        untrusted = [folder for folder in owners if not self._server.trust.is_trusted(folder)]
        # A setting may come from the workspace, as editors keep theirs in it: what it names there is not the user's.
        if not untrusted and (owners or said or self._server.trust.is_trusted(root)):
            return await trusted_project_at(root, interpreter)
        if untrusted:
            self._server.trust.ask(untrusted[0], lambda: self._projects.pop(root, None))
        return await asyncio.to_thread(project_at, root, interpreter)

    def prepare(self) -> "asyncio.Future[object]":
        """Let jedi start before it is asked: its first answer takes a second, in its own process."""
        if self._warming is None:
            self._warming = self._server.connection.spawn(self._semantics.prepare())
        return self._warming

    async def close(self) -> None:
        """Stop jedi."""
        if self._ahead is not None:
            self._ahead.cancel()
        await self._semantics.stop()
        event("jedi-stopped", level=Level.DEBUG)


def _asked(view: View, path: Path, project: Project, name: Named) -> Asked:
    text = view.document.text
    return Asked(
        project, str(path), hash(str(text)), *text.position(name.offset), name.dotted, hash(name.piece), name.at
    )


def _holds(folder: Path, interpreter: Path) -> bool:
    """Whether an interpreter, or the environment it stands in, lies in a folder, by its name or really."""
    real = folder.resolve()
    places = (interpreter.parent.resolve(), interpreter.resolve())
    return interpreter.is_relative_to(folder) or any(place.is_relative_to(real) for place in places)


def _range(shown: dict[str, dict[str, int]]) -> lsp.Range:
    start, end = shown["start"], shown["end"]
    return lsp.Range(lsp.Position(start["line"], start["character"]), lsp.Position(end["line"], end["character"]))
