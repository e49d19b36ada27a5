"""Which findings of a file its baseline knows, at the price of the findings: `baseline` says what is alike.

Gives the answer that `baseline.identify` and `baseline.compare` give for the whole text.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from coding_agent.analysis.baseline import Baseline, Entry, Header, Scopes, code, headers, matched
from coding_agent.analysis.file import FileState, Placed
from coding_agent.analysis.finding import Finding
from coding_agent.text import Text

_ROOM = 5_000
"""Findings whose places are remembered."""

Fingerprint = tuple[str, str, str]
"""Rule, scope and code of a finding: its entry in a baseline, apart from its file."""

Memo = dict[tuple[str, Finding], tuple[int, str]]
"""The first line of a finding in its piece, and the digest of its lines, by the piece's text."""


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
        self._memo: Memo = {}

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
        if len(self._memo) > _ROOM:
            self._memo.clear()
        found = fingerprints(state, self._memo)
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


def fingerprints(state: FileState, memo: Memo | None = None) -> list[tuple[int, Finding, Fingerprint]]:
    """The findings of a file in the order of the text, each with the offset of its piece and its fingerprint.

    ``memo`` takes what is worth keeping for the file's next text.
    """
    found = [(placed, finding) for placed in state.placed(loud=True) for finding in placed.findings]
    places = [_place(placed, finding, state, {} if memo is None else memo) for placed, finding in found]
    names = _scopes(state, (line for line, _ in places))
    return [
        (placed.offset, finding, (finding.rule, names[line], lines))
        for (placed, finding), (line, lines) in zip(found, places, strict=True)
    ]


def _place(placed: Placed, finding: Finding, state: FileState, memo: Memo) -> tuple[int, str]:
    """The first line of a finding, and the digest of its lines."""
    key = (placed.piece.text, finding)
    known = memo.get(key)
    if known is not None:
        return placed.line + known[0], known[1]
    text = Text.of(placed.piece.text)
    first, last = text.position(finding.span.start).line, text.position(finding.span.stop).line
    if last >= placed.piece.lines:
        # It ends where the next piece begins, whose first line counts.
        return placed.line + first, code(state.text.lines, placed.line + first, placed.line + last)
    memo[key] = (first, code(text.lines, first, last))
    return placed.line + first, memo[key][1]


def _scopes(state: FileState, wanted: Iterable[int]) -> Mapping[int, str]:
    """What some lines stand in."""
    found: dict[int, str] = {}
    waiting = sorted(set(wanted), reverse=True)
    start = 0
    starts: list[int] = []
    for index, unit in enumerate(state.units):
        if not waiting:
            break
        starts.append(start)
        stop = start + unit.chunk.lines
        if waiting[-1] < stop:
            lines = [waiting.pop()]
            while waiting and waiting[-1] < stop:
                lines.append(waiting.pop())
            found |= _scopes_in(state, index, starts, lines)
        start = stop
    return found


def _scopes_in(state: FileState, index: int, starts: Sequence[int], wanted: Sequence[int]) -> dict[int, str]:
    """What some lines of one unit stand in, in their order."""
    lines = state.text.lines
    # Nothing in front of a header at the margin can be open.
    first = index
    while first and not any(header.indent == 0 for header in _headers(state, first - 1, starts)):
        first -= 1
    scopes = Scopes()
    for before in range(max(first - 1, 0), index):
        for header in _headers(state, before, starts):
            scopes.enter(header)
    below = iter(_headers(state, index, starts))
    header = next(below, None)
    found: dict[int, str] = {}
    for line in wanted:
        while header is not None and starts[index] + header.line < line:
            scopes.enter(header)
            header = next(below, None)
        found[line] = scopes.name(lines, line)
    return found


def _headers(state: FileState, index: int, starts: Sequence[int]) -> tuple[Header, ...]:
    """A unit's headers, with lines that count from its first one; looked for once in the life of the unit."""
    unit, start = state.units[index], starts[index]
    if unit.headers is None:
        unit.headers = tuple(headers(state.text.lines[start : start + unit.chunk.lines]))
    return unit.headers
