"""Regular expressions that backtrack without end: found by the ambiguity of their automaton, with a text that shows it.

An expression is exponential when some text leads from a place in it back to the same place in two different ways:
each repetition of the text then doubles the ways to try before the match fails. Source: Weideman et al., "Analyzing
Matching Time Behavior of Backtracking Regular Expression Matchers" (CIAA 2016), on Glushkov's position automaton.

What cannot be told exactly (backreferences, lookarounds and word borders in loops, atomic groups) is left alone.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from coding_agent.analysis.regex_syntax import ASCII, Node, Sort, Unclear, parse

_MOST = 80
"""Positions of an automaton that is looked at; longer expressions cost too much."""
_PAIRS = 2_000
"""Pairs of positions gone through for one position."""
_COPIES = 4
"""Bounded repetitions are written out up to this count; longer ones behave like loops."""
_PREFERRED = [ord(each) for each in "a0 -x!\n"] + list(range(33, 127))


@dataclass(frozen=True, slots=True)
class Attack:
    """A text that takes exponential time: ``prefix``, ``pump`` repeated, ``suffix``."""

    prefix: str
    pump: str
    suffix: str

    def text(self, repeated: int) -> str:
        return self.prefix + self.pump * repeated + self.suffix


def attack(pattern: str, flags: frozenset[str], whole: bool = False) -> Attack | None:
    """A text on which an expression takes exponential time; None where none is found, or it is not understood.

    ``flags`` are names as in the module ``re``, by one letter. ``whole`` says that the whole text has to match.
    """
    try:
        parsed = parse(pattern, flags)
        automaton = _Builder().build(parsed.node)
    except Unclear:
        return None
    anchored, lines = whole or parsed.ends, parsed.lines and not whole
    for start, pump in _ambiguous(automaton):
        prefix = automaton.way_to(start)
        for suffix in ("", "!", "\n!", "\x00", "é"):
            found = Attack(prefix, pump, suffix)
            if not any(automaton.accepts(found.text(count), anchored, lines) for count in (3, 4)):
                return found
    return None


@dataclass(slots=True)
class _Part:
    """Where a part of the expression starts and ends; ``empty`` if it may match nothing."""

    first: list[int]
    last: list[int]
    empty: bool


@dataclass(slots=True)
class Automaton:
    """Positions with the characters they read, and which follow which, in how many ways (at most two are counted)."""

    reads: list[int] = field(default_factory=list[int])
    follows: list[dict[int, int]] = field(default_factory=list[dict[int, int]])
    first: list[int] = field(default_factory=list[int])
    last: frozenset[int] = frozenset()
    empty: bool = False

    def accepts(self, text: str, anchored: bool, lines: bool = False) -> bool:
        """Whether a match is found at the start of ``text``; of all of it if ``anchored``, or with ``lines`` up to the
        end of any line.
        """
        if self.empty and not anchored:
            return True
        now: Iterable[int] = self.first
        seen: set[int] = set()
        for index, character in enumerate(text):
            bit = _bit(character)
            seen = {each for each in now if self.reads[each] & bit}
            if not seen:
                return False
            ends = index == len(text) - 1 or (lines and text[index + 1] == "\n")
            if not self.last.isdisjoint(seen) and (not anchored or ends):
                return True
            now = {after for each in seen for after in self.follows[each]}
        return False

    def way_to(self, position: int) -> str:
        """A short text that leads behind ``position``, without the last character it reads."""
        queue = deque((each, "") for each in self.first)
        seen = set(self.first)
        while queue:
            here, text = queue.popleft()
            if here == position:
                return text + _character(self.reads[here])
            for after in self.follows[here]:
                if after not in seen:
                    seen.add(after)
                    queue.append((after, text + _character(self.reads[here])))
        return ""


class _Builder:
    """Makes the position automaton of an expression."""

    def __init__(self) -> None:
        self._made = Automaton()

    def build(self, node: Node) -> Automaton:
        part = self._part(node)
        self._made.first, self._made.last, self._made.empty = part.first, frozenset(part.last), part.empty
        return self._made

    def _part(self, node: Node) -> _Part:
        match node.sort:
            case Sort.SET:
                return self._position(node.reads)
            case Sort.EMPTY:
                return _Part([], [], True)
            case Sort.SEQUENCE:
                return self._sequence(self._part(each) for each in node.inner)
            case Sort.CHOICE:
                parts = [self._part(each) for each in node.inner]
                first = [each for part in parts for each in part.first]
                return _Part(first, [each for part in parts for each in part.last], any(p.empty for p in parts))
            case Sort.REPEAT:
                return self._repeat(node)

    def _position(self, reads: int) -> _Part:
        made = self._made
        if len(made.reads) >= _MOST:
            raise Unclear
        made.reads.append(reads)
        made.follows.append({})
        return _Part([len(made.reads) - 1], [len(made.reads) - 1], False)

    def _sequence(self, parts: Iterable[_Part]) -> _Part:
        whole = _Part([], [], True)
        for part in parts:
            self._link(whole.last, part.first)
            whole = _Part(
                [*whole.first, *(part.first if whole.empty else ())],
                [*part.last, *(whole.last if part.empty else ())],
                whole.empty and part.empty,
            )
        return whole

    def _repeat(self, node: Node) -> _Part:
        (inner,) = node.inner
        least, most = node.least, node.most
        if most is not None and most <= _COPIES:
            copies = [self._part(inner) for _ in range(most)]
            tail = _Part([], [], True)
            for copy in reversed(copies[least:]):
                # A further one only behind the one before.
                tail = self._sequence((copy, tail))
                tail.empty = True
            return self._sequence((*copies[:least], tail))
        if node.checks:
            # What a border or lookaround in a loop allows depends on more than the characters read.
            raise Unclear
        copies = [self._part(inner) for _ in range(min(least, _COPIES) or 1)]
        self._link(copies[-1].last, copies[-1].first)
        if least == 0:
            copies[-1].empty = True
        return self._sequence(copies)

    def _link(self, before: list[int], after: list[int]) -> None:
        for one in before:
            ways = self._made.follows[one]
            for other in after:
                ways[other] = min(2, ways.get(other, 0) + 1)


_Pair = tuple[int, int]


def _ambiguous(automaton: Automaton) -> Iterator[tuple[int, str]]:
    """Positions with a text that leads back to them in two ways."""
    for start in range(len(automaton.reads)):
        pump = _two_ways(automaton, start)
        if pump is not None:
            yield start, pump


def _two_ways(automaton: Automaton, start: int) -> str | None:
    """A text that leads from ``start`` to ``start`` in two ways; None where there is none, or not within the bound.

    Goes through pairs of positions that two ways reach with one text, marked by whether they parted yet.
    """
    begin: tuple[_Pair, bool] = ((start, start), False)
    queue: deque[tuple[tuple[_Pair, bool], str]] = deque([(begin, "")])
    seen: set[tuple[_Pair, bool]] = {begin}
    while queue and len(seen) < _PAIRS:
        ((one, other), parted), text = queue.popleft()
        for (a, b), twice in _steps(automaton, one, other):
            both = automaton.reads[a] & automaton.reads[b]
            if not both:
                continue
            state = ((a, b) if a <= b else (b, a), parted or twice or a != b)
            if state == ((start, start), True):
                return text + _character(both)
            if state not in seen:
                seen.add(state)
                queue.append((state, text + _character(both)))
    return None


def _steps(automaton: Automaton, one: int, other: int) -> Iterator[tuple[_Pair, bool]]:
    for a, ways in automaton.follows[one].items():
        for b in automaton.follows[other]:
            yield (a, b), one == other and a == b and ways > 1


def _bit(character: str) -> int:
    return 1 << min(ord(character), ASCII)


def _character(reads: int) -> str:
    return next((chr(each) for each in _PREFERRED if reads >> each & 1), None) or _any(reads)


def _any(reads: int) -> str:
    lowest = (reads & -reads).bit_length() - 1
    return "é" if lowest == ASCII else chr(lowest)
