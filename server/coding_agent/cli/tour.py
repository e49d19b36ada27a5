"""`coding-agent tour`: the main job, shown on code nobody here wrote, by the real server over stdio.

Only one thing is written anywhere: a copy of a standard library module in a folder that is removed again.
"""

from collections.abc import Sequence
from pathlib import Path
from shutil import get_terminal_size
from statistics import median
from typing import TextIO, cast

from coding_agent.cli.editor import Editor, get, items
from coding_agent.cli.occasions import Change, Module, Occasions, candidates, choose
from coding_agent.errors import UserError, WorkerLost
from coding_agent.report.text import many
from coding_agent.runtime.piped import piped
from coding_agent.text import Position, line_body

_KEYS = 9
_FINDINGS = 6
_DIFF_LINES = 30
_HOVER_LINES = 24
_WIDEST = 116
_SEVERITIES = {1: "error", 2: "warning", 3: "information", 4: "hint"}


class _Page:
    """Prints; in colour where ``out`` is a terminal."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._colour = out.isatty()
        self._width = min(_WIDEST, get_terminal_size().columns - 5) if self._colour else _WIDEST

    def paint(self, text: str, code: int) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text

    def title(self, text: str, **ms: float) -> None:
        """Print a headline and what took how long: ``listed=2.7`` becomes "listed 2.7 ms"."""
        times = ", ".join(f"{what.replace('_', ' ')} {each:.1f} ms" for what, each in ms.items())
        self.line()
        self.line(self.paint(text, 1) + (f"  ({self.paint(times, 36)})" if times else ""))

    def line(self, text: str = "") -> None:
        self._out.write(f"  {text}\n" if text else "\n")

    def block(self, text: str, limit: int) -> None:
        lines = text.rstrip("\n").split("\n")
        for each in lines[:limit]:
            line = each if len(each) <= self._width else each[: self._width - 3] + "..."
            code = {"+": 32, "-": 31, "@": 36}.get(line[:1], 0)
            self.line("  " + (self.paint(line, code) if code else line))
        if len(lines) > limit:
            self.line(f"  ... {len(lines) - limit} lines more")


def run(on: Path | None, out: TextIO, command: Sequence[str]) -> int:
    """Start ``command`` as a language server, show what it does with ``on`` (a file or folder), return the exit code.

    Without ``on`` it is a module of the standard library, and 3 says that none gave occasion for everything; code of
    the reader's that gives none is good code, and 0.
    Raises: UsageError - there is no Python file; UserError - the server did not start, or ended.
    """
    page = _Page(out)
    try:
        with candidates(on) as modules, piped(command, cwd=modules[0].path.parent) as server:
            shown = _shown(page, Editor(server), modules)
    except WorkerLost as lost:
        raise UserError(f"{lost} (`coding-agent doctor` looks for what is wrong)") from lost
    return 0 if on or shown.whole else 3


def _shown(page: _Page, editor: Editor, modules: Sequence[Module]) -> Occasions:
    started = editor.start(modules[0].path.parent)
    if started.error:
        raise WorkerLost(f"the server refused to start: {started.error}")
    page.title(f"{get(started.value, 'serverInfo', 'name')}, started as a server over stdio", ready_in=started.ms)
    shown = choose(editor, modules)
    _show_findings(page, shown)
    _show_change(page, "A quick fix", shown.fix)
    _show_change(page, "A refactoring, proven before it is delivered", shown.refactoring)
    _show_hover(page, editor, shown)
    _show_keystrokes(page, editor, shown)
    editor.stop()
    page.line()
    return shown


def _show_findings(page: _Page, shown: Occasions) -> None:
    found = items(get(shown.findings.value, "items"))
    text = shown.module.text
    page.title(
        f"{many(len(found), 'finding')} in {shown.module.name}, {len(text.lines)} lines",
        opened_and_analysed_in=shown.findings.ms,
    )
    for each in sorted(found, key=lambda one: cast("int", get(one, "severity")))[:_FINDINGS]:
        line, character = (cast("int", get(each, "range", "start", part)) for part in ("line", "character"))
        severity = _SEVERITIES.get(cast("int", get(each, "severity")), "")
        place = page.paint(f"{line + 1}:{character + 1}", 2)
        page.line(f"{place} {severity} {page.paint(str(get(each, 'code')), 33)} {get(each, 'message')}")
    if len(found) > _FINDINGS:
        page.line(f"... {len(found) - _FINDINGS} more")


def _show_change(page: _Page, what: str, change: Change | None) -> None:
    if change is None:
        page.title(what)
        page.line("nothing in this file gives occasion for one")
        return
    page.title(f"{what}: {change.title}", listed_in=change.listed, made_in=change.resolved, again_in=change.again)
    if change.proof:
        page.line(page.paint(change.proof, 32))
    page.block(change.diff, _DIFF_LINES)


def _show_hover(page: _Page, editor: Editor, shown: Occasions) -> None:
    if shown.function is None:
        return
    place = get(shown.function, "selectionRange", "start")
    first, again = (editor.about("hover", position=place) for _ in range(2))
    page.title(f"Hover over {get(shown.function, 'name')}", first=first.ms, again=again.ms)
    page.block(str(get(again.value, "contents", "value") or "nothing to say"), _HOVER_LINES)


def _show_keystrokes(page: _Page, editor: Editor, shown: Occasions) -> None:
    """Type spaces behind the longest function's first line, as a person pausing there would, and ask each time."""
    if shown.function is None:
        return
    line = cast("int", get(shown.function, "range", "start", "line"))
    text, waits = shown.module.text, list[float]()
    for _ in range(_KEYS):
        at = Position(line, len(line_body(text.lines[line])))
        editor.type(text, at, " ")
        text = text.splice(at, at, " ").text
        waits.append(editor.about("diagnostic").ms)
    page.title(f"A key typed in {get(shown.function, 'name')}, until all findings are true again", median=median(waits))
    page.line(f"{_KEYS} keys; what is analysed again is that function, not the file")
