"""Whole files in, diagnostics out: what the command line asks, and what tests compare the server with."""

from collections.abc import Iterator
from dataclasses import dataclass

from coding_agent.analysis.engine import analyse
from coding_agent.analysis.file import Analyser, FileState, Placed
from coding_agent.analysis.finding import Diagnostic, Finding, Fix, Related
from coding_agent.analysis.imports import Imports
from coding_agent.text import Text


@dataclass(frozen=True, slots=True)
class FileResult:
    """The diagnostics of one file in order; ``problem`` says why a part of it could not be analysed."""

    diagnostics: tuple[Diagnostic, ...]
    state: FileState
    problem: str | None = None


def check_text(path: str, text: str, analyser: Analyser, fixes: bool = False) -> FileResult:
    """Analyse a whole text. ``fixes`` makes the fixes, too, which costs a second walk over the pieces with findings."""
    body = text.removeprefix("\ufeff")
    state = whole(Text.of(body), analyser, path)
    found = tuple(diagnostics(state, analyser, path, fixes))
    return FileResult(found, state, _problem(state))


def whole(text: Text, analyser: Analyser, path: str) -> FileState:
    """Analyse a text from scratch, without a pause."""
    update = analyser.update(None, text, 0, 0, path)
    for _ in update.steps:
        pass
    assert update.state is not None
    return update.state


def diagnostics(state: FileState, analyser: Analyser, path: str, fixes: bool) -> Iterator[Diagnostic]:
    """The findings of a file at their places."""
    owner: Placed | None = None
    imports = Imports(state)
    for placed in state.placed(loud=True):
        if not placed.piece.indent:
            owner = None
        if placed.report.info is not None:
            owner = placed
        if not placed.findings:
            continue
        made = made_fixes(state, analyser, path, placed, owner) if fixes else {}
        for finding in placed.findings:
            fix = made.get((finding.rule, finding.span))
            fix = imports.added(fix.shifted(placed.offset)) if fix is not None else None
            yield place(finding, placed.offset, state.text, path, fix)


def made_fixes(
    state: FileState, analyser: Analyser, path: str, placed: Placed, owner: Placed | None
) -> dict[tuple[str, object], Fix]:
    """The fixes for the findings of one piece, relative to it, made by running the rules on it again."""
    body = analyser.trees.of(placed.piece)
    info = owner.report.info if owner is not None and owner is not placed else None
    report = analyse(placed.piece, body, state.names, info, analyser.rules, path, fixes=True, failed=analyser.failed)
    return {(finding.rule, finding.span): finding.fix for finding in report.findings if finding.fix is not None}


def place(finding: Finding, offset: int, text: Text, path: str, fix: Fix | None = None) -> Diagnostic:
    """A finding as a diagnostic of its document: its spans count from ``offset``; those of ``fix`` from the start."""
    span = finding.span.shifted(offset)
    related = tuple(Related(each.span.shifted(offset), each.message) for each in finding.related)
    start, stop = text.position(span.start), text.position(span.stop)
    return Diagnostic(path, finding.rule, finding.message, finding.severity, span, start, stop, fix, related)


def _problem(state: FileState) -> str | None:
    line = 1
    for unit in state.units:
        for piece in unit.chunk.pieces:
            if piece.failure is not None:
                return f"line {line + piece.failure.line}: {piece.failure.message}"
            line += piece.lines
    return None
