"""The facade: what an editor can ask, in plain frozen data. Knows no protocol."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from coding_agent.analysis.file import Analyser, FileState, Placed, Question
from coding_agent.analysis.metrics import Metrics
from coding_agent.analysis.report import Symbol
from coding_agent.errors import DeadlinePassed, WorkerFailed, WorkerLost
from coding_agent.ide.exists import Opened, Told
from coding_agent.ide.options import FolderOptions
from coding_agent.ide.tracked import Tracked
from coding_agent.runtime.log import Level, event
from coding_agent.text import Span, Text, Units
from coding_agent.workspace.document import Change, Document, Same
from coding_agent.workspace.files import FIRST_LINES
from coding_agent.workspace.uris import Scheme, path_of, place_of, uri_of
from coding_agent.workspace.workspace import Workspace

if TYPE_CHECKING:
    from coding_agent.analysis.known import KnownFindings

Load = Callable[[Path | None], FolderOptions]
"""Gives the options of a workspace folder, None for files outside all folders."""

Elsewhere = Callable[[tuple[object, ...]], Awaitable[object]]
"""Calls `large.look` in another process."""

LARGEST = 30_000
"""Characters of a piece that is looked at on the event loop: some 10 ms of work, three times as much for dense code."""

_LONG = 10_000
"""Characters of an insertion that can make a text too large; more are hardly typed."""


@dataclass(frozen=True, slots=True)
class Lens:
    """What stands above a function: its place and its metrics."""

    name: str
    span: Span
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class View:
    """The results of a document at one version. ``silent`` says why there are none."""

    document: Document
    state: FileState
    silent: str | None = None


class Ide:
    """One workspace with its documents. Lives on one event loop.

    ``elsewhere`` looks at large pieces; without it they are looked at here, however long that takes.
    """

    def __init__(self, load: Load, units: Units, *, windows: bool, elsewhere: Elsewhere | None = None) -> None:
        self.workspace = Workspace(units)
        self._load = load
        self._windows = windows
        self._elsewhere = elsewhere
        self._options: dict[Path | None, FolderOptions] = {}
        self._analysers: dict[str, Analyser] = {}
        self._tracked: dict[str, Tracked] = {}
        self._spelled: dict[str, str] = {}
        """The URIs of open files as their editor spells them, by our own spelling."""
        self._silent: dict[str, str] = {}
        self._shown: dict[str, tuple[FileState, KnownFindings, FileState]] = {}
        """What was last shown of a document: all results, the baseline, and the results without what that knows."""
        self._told: dict[str, Told] = {}
        """What others found out of a document."""
        self._opened: dict[str, Opened] = {}
        self._failed: set[str] = set()
        """Rules that raised, and were logged."""

    # Documents.

    def open(self, uri: str, version: int | None, text: str, language: str) -> None:
        document = self.workspace.open(uri, version, text, language)
        path = path_of(uri, windows=self._windows)
        if path is not None:
            self._spelled[uri_of(path, windows=self._windows)] = uri
        before = self._tracked.pop(uri, None)
        if before is not None:
            before.close()
        asks = self._ask if self._elsewhere is not None else None
        self._tracked[uri] = Tracked(document, self.analyser_of(uri), self.shown_path(uri), asks)
        self._opened[uri] = Opened(text)
        self._judge(document)

    def change(self, uri: str, version: int | None, changes: list[Change]) -> Same:
        """Return what the texts have in common. Raises: KeyError - the document is not open."""
        document, same = self.workspace.change(uri, version, changes)
        self._tracked[uri].change(document, same)
        # Only what is written at the top, and how long the text is, decides whether it is looked at.
        if uri in self._silent or same.head < FIRST_LINES or any(len(change.new) > _LONG for change in changes):
            self._judge(document)
        return same

    def close(self, uri: str) -> None:
        self.workspace.close(uri)
        self._spelled = {ours: each for ours, each in self._spelled.items() if each != uri}
        self._silent.pop(uri, None)
        for each in (self._shown, self._told, self._opened):
            each.pop(uri, None)
        tracked = self._tracked.pop(uri, None)
        if tracked is not None:
            tracked.close()

    def documents(self) -> tuple[Document, ...]:
        return tuple(self.workspace.documents.values())

    def document(self, uri: str) -> Document | None:
        return self.workspace.documents.get(uri)

    def document_at(self, path: Path) -> Document | None:
        """The open document of a file, however its editor spells the URI."""
        return self.document(self._spelled.get(self.uri_of(path), ""))

    def is_open(self, uri: str) -> bool:
        """Whether the file of a URI, as we spell it, is open."""
        return uri in self._spelled

    # Options.

    def reconsider(self) -> None:
        """The settings or the folders changed: read them again and judge all documents anew."""
        self._options.clear()
        self._analysers.clear()
        self._told.clear()
        for uri, tracked in self._tracked.items():
            tracked.reconsider(self.analyser_of(uri), self.shown_path(uri))
            self._judge(tracked.document)

    def options_of(self, uri: str) -> FolderOptions:
        path = self.path_of(uri)
        return self.options(self.workspace.folder_of(path) if path is not None else None)

    def options(self, folder: Path | None) -> FolderOptions:
        found = self._options.get(folder)
        if found is None:
            found = self._options[folder] = self._load(folder)
        return found

    def analyser(self, options: FolderOptions) -> Analyser:
        """The analyser for these rules; documents under equal rules share what it remembers."""
        found = self._analysers.get(options.rules.key)
        if found is None:
            found = self._analysers[options.rules.key] = Analyser(
                options.rules, largest=LARGEST if self._elsewhere is not None else None
            )
        return found

    def analyser_of(self, uri: str) -> Analyser:
        return self.analyser(self.options_of(uri))

    # Paths.

    def path_of(self, uri: str) -> Path | None:
        """The path of a document that is, or would be, a file."""
        place = place_of(uri, windows=self._windows)
        return Path(place.path) if place.path and place.scheme in (Scheme.FILE, Scheme.UNTITLED) else None

    def uri_of(self, path: Path) -> str:
        return uri_of(str(path), windows=self._windows)

    def uri_at(self, path: Path) -> str:
        """The URI that the editor knows a file by: where it is open, in the editor's own spelling."""
        document = self.document_at(path)
        return document.uri if document is not None else self.uri_of(path)

    def shown_path(self, uri: str) -> str:
        """The path as rules and reports see it: relative to its workspace folder, with forward slashes."""
        path = self.path_of(uri)
        return uri if path is None else self.shown(path)

    def shown(self, path: Path) -> str:
        """The same for a path."""
        folder = self.workspace.folder_of(path)
        return path.relative_to(folder).as_posix() if folder is not None else path.as_posix()

    # Questions.

    async def view(self, uri: str) -> View | None:
        """The results of an open document, None where it is not open."""
        while (tracked := self._tracked.get(uri)) is not None:
            document, reason = tracked.document, self._silent.get(uri)
            if reason is not None:
                return View(document, FileState(document.text), reason)
            try:
                state = await tracked.state()
                self._log_failures(tracked.analyser)
                told, shown = self._told.get(uri), self._unknown(uri, state)
                return View(document, replace(shown, told=told) if told else shown)
            except asyncio.CancelledError:
                # Work on an older text was stopped by a newer one; who asked may still want to know.
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise
        return None

    def names_at_first(self, uri: str) -> frozenset[str]:
        """The qualified names of the functions that an open document had when it was opened."""
        opened = self._opened.get(uri)
        return opened.names if opened is not None else frozenset()

    def tell(self, uri: str, told: Told) -> bool:
        """Take what others found out of a document's pieces; whether it is something else than before."""
        if self.document(uri) is None or self._told.get(uri, {}) == told:
            return False
        self._told[uri] = told
        return True

    async def _ask(self, question: Question, analyser: Analyser) -> None:
        """Have a large piece looked at elsewhere."""
        from coding_agent.ide.large import answered, asked

        assert self._elsewhere is not None
        try:
            answer = await self._elsewhere(asked(question, analyser.rules))
        except (WorkerLost, WorkerFailed, DeadlinePassed) as error:
            # What the other process could not bear, this one might not survive.
            event("large-piece-not-read", level=Level.WARNING, characters=len(question.piece.text), why=str(error))
            return
        failure, report, failed = answered(answer)
        analyser.learn(question, failure, report)
        self.log_failures(failed)

    def _unknown(self, uri: str, state: FileState) -> FileState:
        """The results without what the baseline knows."""
        baseline, path = self.options_of(uri).baseline, self.path_of(uri)
        if baseline is None or path is None:
            return state
        before = self._shown.get(uri)
        if before is None or before[0] is not state or before[1] is not baseline:
            before = self._shown[uri] = (state, baseline, baseline.unknown(state, path))
        return before[2]

    def settings_changed(self) -> bool:
        """Whether a file that the options come from is no longer what was read."""
        return any(each.outdated for each in self._options.values())

    def files_moved(self) -> None:
        """Files were made or removed on disk."""
        for each in self._options.values():
            if each.baseline is not None:
                each.baseline.files_moved()
        self._shown.clear()

    def _log_failures(self, analyser: Analyser) -> None:
        if analyser.failed:
            self.log_failures([each.described() for each in analyser.failed])
            analyser.failed.clear()

    def log_failures(self, failed: Iterable[tuple[str, str, str]]) -> None:
        """Log rules that raised, each once: (rule, type of what it raised, where)."""
        for rule, error, where in failed:
            if rule not in self._failed:
                self._failed.add(rule)
                event("rule-failed", level=Level.ERROR, rule=rule, error=error, where=where)

    def current(self, uri: str) -> FileState | None:
        """The results for a document's newest text, if they are there already."""
        tracked = self._tracked.get(uri)
        return tracked.current() if tracked is not None else None

    async def lenses(self, uri: str) -> list[Lens]:
        """The functions of a document that are worth a lens."""
        return await self.measured(uri) if self.options_of(uri).complexity_lens else []

    async def measured(self, uri: str) -> list[Lens]:
        """The functions of a document with any branch at all, measured."""
        view = await self.view(uri)
        return lenses_of(outline(view.state)) if view is not None else []

    def _judge(self, document: Document) -> None:
        """Decide whether anything is said about a document."""
        reason = self._reason(document, self.options_of(document.uri), self.path_of(document.uri))
        if reason is None:
            self._silent.pop(document.uri, None)
        else:
            self._silent[document.uri] = reason

    def _reason(self, document: Document, options: FolderOptions, path: Path | None) -> str | None:
        place = place_of(document.uri, windows=self._windows)
        if place.scheme in (Scheme.GIT, Scheme.NOTEBOOK_CELL):
            return f"a document of the scheme {place.scheme.value} is only looked at by people"
        if document.language != "python":
            return f"the language is {document.language}"
        if _is_above(document.text, options.max_file_size):
            return f"larger than {options.max_file_size} bytes (analysis.max-file-size)"
        if options.files is None or path is None or place.scheme is not Scheme.FILE:
            return None
        reason = options.files.silent(path, list(document.text.lines[:FIRST_LINES]))
        return reason.value if reason is not None else None


def _is_above(text: Text, limit: int) -> bool:
    """Whether a text takes more than ``limit`` bytes as UTF-8, where a character takes four at most."""
    size = len(text)
    if size > limit or 4 * size <= limit:
        return size > limit
    body = str(text)
    return not body.isascii() and len(body.encode("utf-8", "surrogatepass")) > limit


def outline(state: FileState) -> list[Symbol]:
    """The symbols of a file, members inside their classes, spans those of the document."""
    found: list[Symbol] = []
    members: list[Symbol] | None = None
    for placed in state.placed():
        symbols = [_moved(symbol, placed.offset) for symbol in placed.report.symbols]
        if placed.report.info is not None:
            members = []
            found += symbols
        elif placed.piece.indent and members is not None:
            members += symbols
            found[-1] = _holder(found[-1], members, placed.offset + code_end(placed.piece.text))
        else:
            members = None
            found += symbols
    return found


def lenses_of(symbols: Iterable[Symbol]) -> list[Lens]:
    """The functions that are worth a lens, those with any branch at all, as they stand."""
    found: list[Lens] = []
    waiting = list(symbols)
    while waiting:
        symbol = waiting.pop()
        waiting += symbol.children
        if symbol.metrics is not None and symbol.metrics.cognitive > 0:
            found.append(Lens(symbol.name, symbol.name_span, symbol.metrics))
    return sorted(found, key=lambda lens: lens.span)


def placed_at(state: FileState, offset: int) -> tuple[Placed, Placed | None] | None:
    """The piece that holds an offset, and the class header it stands under."""
    owner: Placed | None = None
    last: tuple[Placed, Placed | None] | None = None
    for placed in state.placed(near=Span(offset, offset)):
        if placed.offset > offset:
            break
        if not placed.piece.indent:
            owner = None
        last = (placed, owner)
        if placed.report.info is not None:
            owner = placed
    return last


def _moved(symbol: Symbol, by: int) -> Symbol:
    children = tuple(_moved(child, by) for child in symbol.children)
    return Symbol(
        symbol.name,
        symbol.kind,
        symbol.span.shifted(by),
        symbol.name_span.shifted(by),
        symbol.detail,
        symbol.metrics,
        children,
    )


def _holder(symbol: Symbol, members: list[Symbol], stop: int) -> Symbol:
    """A class with the members found so far, the last of which ends at ``stop``."""
    span = Span(symbol.span.start, max(stop, symbol.span.stop))
    return Symbol(symbol.name, symbol.kind, span, symbol.name_span, symbol.detail, symbol.metrics, tuple(members))


def code_end(text: str) -> int:
    """Where the last line with code ends."""
    stop = len(text.rstrip())
    while stop and text[text.rfind("\n", 0, stop) + 1 : stop].lstrip().startswith("#"):
        stop = len(text[: text.rfind("\n", 0, stop) + 1].rstrip())
    return stop
