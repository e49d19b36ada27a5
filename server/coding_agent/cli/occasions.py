"""What a module gives occasion for: its findings, a fix, a refactoring, a function to hover over. For the tour."""

import platform
import sysconfig
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from coding_agent.cli.editor import Answer, Editor, Json, edits_of, get, items, range_of
from coding_agent.errors import UsageError
from coding_agent.settings.options import AnalysisOptions
from coding_agent.store import source
from coding_agent.text import Span, Text, apply_edits, unified
from coding_agent.workspace.files import FileFilter, FileOptions, walk
from coding_agent.workspace.token import Token

_MODULES = ("asyncio/proactor_events.py", "turtle.py", "pydoc.py", "mailbox.py", "tarfile.py", "pdb.py", "inspect.py")
"""Tried in this order, the first that shows everything is taken; all are in every Python since 3.11."""

_MOST_TRIED = 20
"""Files of a folder that are opened to find occasion for everything, the largest first."""
_MOST_ASKED = 60
"""Places of one file that are asked for a fix, and for a refactoring."""
_METHOD, _FUNCTION = 6, 12
_GUARD = "Use a guard clause (nesting"
_ALLOW = "coding-agent: allow"
"""In the diff of a quick fix that allows a finding instead of mending it; one that edits the settings has no diff."""


@dataclass(frozen=True, slots=True)
class Module:
    """The document that is shown; ``name`` is what the reader calls it."""

    path: Path
    name: str
    text: Text


@dataclass(frozen=True, slots=True)
class Change:
    """An action that was resolved: what it says, what proved it, and what it does as a diff."""

    title: str
    proof: str
    diff: str
    listed: float
    resolved: float
    again: float
    """Milliseconds of the list, of the first resolve, which may start a process, and of the same a second time."""


@dataclass(frozen=True, slots=True)
class Occasions:
    """What one module gave occasion for; None and empty where it gave none."""

    module: Module
    findings: Answer
    fix: Change | None
    refactoring: Change | None
    function: Json
    """The longest function, as LSP's DocumentSymbol."""

    @property
    def whole(self) -> bool:
        return bool(self.fix and self.refactoring and self.function)


@contextmanager
def candidates(on: Path | None) -> Generator[list[Module]]:
    """Yield the modules that may be shown, best first; there is at least one.

    Raises: UsageError - there is none, or the file cannot be read.
    """
    if on is None:
        library = Path(sysconfig.get_path("stdlib"))
        with TemporaryDirectory(prefix="coding-agent-tour-") as folder:
            # Copies: where the library lies may be a folder that counts as someone else's code, and stays silent.
            found = [_copied(library / name, Path(folder)) for name in _MODULES if (library / name).is_file()]
            if not found:
                raise UsageError(f"this Python has no standard library in source at {library}; try ON=path")
            yield found
        return
    found = list(islice(_below(on), _MOST_TRIED)) if on.is_dir() else [_module(on, str(on))]
    if not found:
        raise UsageError(f"there is no Python file in {on} that can be shown")
    yield found


def _below(folder: Path) -> Iterator[Module]:
    """Yield what can be read in a folder, without what others wrote, the largest first."""
    files = walk(FileFilter(folder, FileOptions()), (folder,), Token())
    for file in sorted(files, key=lambda file: (-file.size, file.path)):
        with suppress(UsageError):
            yield _module(file.path, str(file.path))


def _copied(path: Path, folder: Path) -> Module:
    copy = folder.resolve() / path.name
    copy.write_bytes(path.read_bytes())
    return _module(copy, f"{path.name} of Python {platform.python_version()}")


def _module(path: Path, name: str) -> Module:
    """Raises: UsageError - the file cannot be read."""
    try:
        return Module(path.resolve(), name, Text.of(source.read(path, AnalysisOptions().max_file_size).text))
    except source.Unreadable as error:
        raise UsageError(f"{path} {error}") from error


def choose(editor: Editor, modules: Sequence[Module]) -> Occasions:
    """Open modules until one has occasion for everything; without one, the first stays open."""
    for module in modules:
        shown = _looked_at(editor, module)
        if shown.whole:
            return shown
        editor.close()
    return _looked_at(editor, modules[0])


def _looked_at(editor: Editor, module: Module) -> Occasions:
    editor.open(module.path, str(module.text))
    findings = editor.about("diagnostic")
    symbols = editor.about("documentSymbol")
    function = max(_functions(items(symbols.value)), key=_height, default=None)
    found = items(get(findings.value, "items"))
    fix = _first(_change(editor, module, get(each, "range"), "quickfix", [each]) for each in found[:_MOST_ASKED])
    places = [range_of(span, module.text) for span in islice(_ifs(module.text), _MOST_ASKED)]
    # A guard clause shows most; where there is occasion for none, any refactoring does.
    refactoring = _first(
        _change(editor, module, place, "refactor", only=only) for only in (_GUARD, "") for place in places
    )
    return Occasions(module, findings, fix, refactoring, function)


def _first(changes: Iterable[Change | None]) -> Change | None:
    return next((change for change in changes if change), None)


def _ifs(text: Text) -> Iterator[Span]:
    """Yield an empty span at each statement that begins with ``if``: most refactorings are about those."""
    for start, line in zip(text.starts, text.lines, strict=True):
        bare = line.lstrip()
        if bare.startswith("if "):
            at = start + len(line) - len(bare)
            yield Span(at, at)


def _change(
    editor: Editor, module: Module, place: Json, kind: str, diagnostics: Sequence[Json] = (), *, only: str = ""
) -> Change | None:
    """Return the first action of ``kind`` at a place that changes code, resolved; None where there is none.

    ``only`` is how its title has to begin.
    """
    listed = editor.actions(place, kind, diagnostics)
    for action in items(listed.value):
        if get(action, "disabled") is not None or not str(get(action, "title")).startswith(only):
            continue
        resolved = editor.ask("codeAction/resolve", action)
        diff = _diff(module, resolved.value)
        if diff and _ALLOW not in diff:
            title = str(get(resolved.value, "title"))
            again = editor.ask("codeAction/resolve", action)
            return Change(title, _proof(resolved.value), diff, listed.ms, resolved.ms, again.ms)
    return None


def _diff(module: Module, action: Json) -> str:
    before = str(module.text)
    return unified(before, apply_edits(before, edits_of(action, module.path.as_uri(), module.text)), module.path.name)


def _proof(action: Json) -> str:
    """Return what verified an action, as its change annotation says it."""
    annotations = get(action, "edit", "changeAnnotations")
    first = next(iter(cast("dict[str, Json]", annotations).values()), None) if isinstance(annotations, dict) else None
    return str(get(first, "description") or get(first, "label") or "")


def _functions(symbols: Iterable[Json]) -> Iterator[Json]:
    for symbol in symbols:
        if get(symbol, "kind") in (_METHOD, _FUNCTION):
            yield symbol
        yield from _functions(items(get(symbol, "children")))


def _height(symbol: Json) -> int:
    first, last = (cast("int", get(symbol, "range", end, "line")) for end in ("start", "end"))
    return last - first
