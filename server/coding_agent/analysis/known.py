"""Which findings of a file its baseline knows, at the price of the findings: `baseline` says what is alike.

Gives the answer that `baseline.identify` and `baseline.compare` give for the whole text.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from coding_agent.analysis.baseline import Baseline, Entry, Header, Scopes, code, headers, matched
from coding_agent.analysis.file import FileState, Placed, Unit
from coding_agent.analysis.finding import Finding

Fingerprint = tuple[str, str, str]
"""Rule, scope and code of a finding: its entry in a baseline, apart from its file."""


class KnownFindings:
    """A baseline, ready to be asked about one file at a time; its paths count from ``root``."""

    def __init__(self, baseline: Baseline, root: Path) -> None:
        self._root = root
        self._by_path: dict[str, dict[Entry, int]] = {}
        self._alike: dict[tuple[str, str], list[tuple[Entry, int]]] = {}
        """All entries by rule and code."""
        for entry, count in baseline.counts.items():
            self._by_path.setdefault(entry.path, {})[entry] = count
            self._alike.setdefault((entry.rule, entry.code), []).append((entry, count))
        self._gone: dict[str, bool] = {}

    def files_moved(self) -> None:
        """Files were made or removed: ask again which are there."""
        self._gone.clear()

    def known(self, path: Path, found: Sequence[Fingerprint]) -> set[int]:
        """Which findings of a file are known, by their index; they come in the order of the text."""
        name = (path.relative_to(self._root) if path.is_relative_to(self._root) else path).as_posix()
        entries = [Entry(name, *each) for each in found]
        free = Counter(self._by_path.get(name, {}))
        for rule, _, lines in found:
            for entry, count in self._alike.get((rule, lines), ()):
                if entry.path != name and self._is_gone(entry.path):
                    free[entry] = count
        return matched(entries, free, self._is_gone) if free else set()

    def unknown(self, state: FileState, path: Path) -> FileState:
        """The results of a file without the findings that are known."""
        found = fingerprints(state)
        known = self.known(path, [each for _, _, each in found])
        hidden: dict[int, list[Finding]] = {}
        for index in known:
            offset, finding, _ = found[index]
            hidden.setdefault(offset, []).append(finding)
        return replace(state, hidden=hidden) if hidden else state

    def _is_gone(self, path: str) -> bool:
        known = self._gone.get(path)
        if known is None:
            known = self._gone[path] = not (self._root / path).exists()
        return known


def fingerprints(state: FileState) -> list[tuple[int, Finding, Fingerprint]]:
    """The findings of a file in the order of the text, each with the offset of its piece and its fingerprint."""
    found = [(placed, finding) for placed in state.placed(loud=True) for finding in placed.findings]
    if not found:
        return []
    lines = state.text.lines
    places = [_lines(placed, finding, state) for placed, finding in found]
    names = _scopes(state, [first for first, _ in places])
    return [
        (placed.offset, finding, (finding.rule, names[first], code(lines, first, last)))
        for (placed, finding), (first, last) in zip(found, places, strict=True)
    ]


def _lines(placed: Placed, finding: Finding, state: FileState) -> tuple[int, int]:
    """The first and the last line of a finding."""
    span = finding.span.shifted(placed.offset)
    return state.text.position(span.start).line, state.text.position(span.stop).line


def _scopes(state: FileState, wanted: Sequence[int]) -> Mapping[int, str]:
    """What some lines, in their order, stand in."""
    scopes, lines = Scopes(), state.text.lines
    found: dict[int, str] = {}
    waiting = sorted(set(wanted), reverse=True)
    start = 0
    for unit in state.units:
        stop = start + unit.chunk.lines
        for header in _headers(unit, lines, start):
            while waiting and waiting[-1] <= start + header.line:
                line = waiting.pop()
                found[line] = scopes.name(lines, line)
            scopes.enter(header)
        while waiting and waiting[-1] < stop:
            line = waiting.pop()
            found[line] = scopes.name(lines, line)
        if not waiting:
            break
        start = stop
    return found


def _headers(unit: Unit, lines: Sequence[str], start: int) -> tuple[Header, ...]:
    """A unit's headers, with lines that count from its first one; looked for once in the life of the unit."""
    if unit.headers is None:
        unit.headers = tuple(headers(lines[start : start + unit.chunk.lines]))
    return unit.headers
