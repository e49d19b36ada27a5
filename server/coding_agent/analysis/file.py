"""The analysis of one file, kept up to date by edits: what changes costs, the rest does not."""

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from coding_agent.analysis.context import BUILTINS, ClassInfo
from coding_agent.analysis.engine import RuleFailed, analyse, analyse_siblings
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.memo import Memo
from coding_agent.analysis.reading import from_elsewhere
from coding_agent.analysis.report import ClassFacts, Member, ModuleFacts, Report
from coding_agent.analysis.ruleset import RuleSet
from coding_agent.analysis.suppress import allowed
from coding_agent.syntax.parse import Failure
from coding_agent.syntax.pieces import UNREAD, Chunk, Piece, Recut, Role, Trees, Unread
from coding_agent.text import Span, Text

if TYPE_CHECKING:
    from coding_agent.analysis.baseline import Header

_EMPTY = Text.of("")
_COMMENTS = re.compile(r"(?:[ \t\f]*(?:#[^\r\n]*)?[\r\n]+)*")
_NONE = frozenset[str]()
_LARGE = 4
"""Reports of large pieces that are remembered."""
Names = dict[str, str | None]


class Unit:
    """One chunk and its results. ``extra`` are findings of rules over siblings, with the index of their piece.

    ``headers`` are its lines that begin classes and functions, once somebody asked for them.
    """

    __slots__ = ("allowed_in_file", "characters", "chunk", "extra", "headers", "reports", "silent")

    def __init__(self, chunk: Chunk, reports: tuple[Report, ...], extra: tuple[tuple[int, Finding], ...] = ()) -> None:
        self.chunk = chunk
        self.reports = reports
        self.extra = extra
        self.headers: tuple[Header, ...] | None = None
        self.characters = 0
        self.silent = not extra
        self.allowed_in_file = _NONE
        for piece, report in zip(chunk.pieces, reports, strict=True):
            self.characters += len(piece.text)
            if report.findings:
                self.silent = False
            if report.allowed_in_file:
                self.allowed_in_file |= report.allowed_in_file


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece where it stands: its first line, the offset of its first character, its findings."""

    line: int
    offset: int
    piece: Piece
    report: Report
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class FileState:
    """The results for one text. ``complete`` is False while the end of the text has not been reached."""

    text: Text
    units: tuple[Unit, ...] = ()
    names: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    extra: tuple[tuple[int, Finding], ...] = ()
    """Findings of rules over the module's siblings, with the index of the unit whose first piece they are in."""
    complete: bool = True
    hidden: Mapping[int, Sequence[Finding]] = field(default_factory=dict[int, Sequence[Finding]])
    """Findings that are not to be shown, by the offset of their piece."""
    told: Mapping[str, Finding] = field(default_factory=dict[str, Finding])
    """What others found out of pieces, by their text."""
    of_size: frozenset[str] = frozenset()
    """Rules that say nothing where the file's head says that its code came from elsewhere."""

    def placed(self, loud: bool = False, near: Span | None = None) -> Iterator[Placed]:
        """The pieces in order, each with the findings nobody allowed.

        ``loud`` leaves out chunks without any, ``near`` those that do not touch it.
        """
        in_file = frozenset[str]().union(*(u.allowed_in_file for u in self.units if u.allowed_in_file))
        if self.of_size and from_elsewhere(_head(self.units[:2])):
            in_file |= self.of_size
        of_module: dict[int, list[Finding]] = {}
        for at, finding in self.extra:
            of_module.setdefault(at, []).append(finding)
        line = offset = 0
        for position, unit in enumerate(self.units):
            here = of_module.get(position, ()) if of_module else ()
            if near is not None and offset > near.stop:
                return
            silent = unit.silent and not here and not self._is_told(unit)
            if (loud and silent) or (near is not None and offset + unit.characters < near.start):
                line += unit.chunk.lines
                offset += unit.characters
                continue
            for index, (piece, report) in enumerate(zip(unit.chunk.pieces, unit.reports, strict=True)):
                found: Sequence[Finding] = report.findings
                if unit.extra or here:
                    more = [finding for at, finding in unit.extra if at == index]
                    more += () if index else here
                    found = sorted((*found, *more), key=lambda f: (f.span, f.rule, f.message))
                if piece.text in self.told:
                    found = sorted((*found, self.told[piece.text]), key=lambda f: (f.span, f.rule, f.message))
                if in_file:
                    found = [finding for finding in found if finding.rule not in in_file]
                if offset in self.hidden:
                    found = [finding for finding in found if finding not in self.hidden[offset]]
                yield Placed(line, offset, piece, report, tuple(found))
                line += piece.lines
                offset += len(piece.text)

    def _is_told(self, unit: Unit) -> bool:
        return bool(self.told) and any(piece.text in self.told for piece in unit.chunk.pieces)

    def broken(self) -> list[Placed]:
        """The pieces that are not Python."""
        return [placed for placed in self.placed() if placed.report.broken]


@dataclass(frozen=True, slots=True)
class Question:
    """A piece too large to be looked at here: it is parsed, and analysed where ``names`` are given, elsewhere.

    `Analyser.learn` takes the answer; a piece without an answer has no findings.
    """

    piece: Piece
    names: Mapping[str, str | None] | None
    owner: ClassInfo | None
    path: str


class Analyser:
    """Analyses files with one set of rules; remembers the reports of pieces, ``room`` of them.

    Pieces of more than ``largest`` characters are asked for.
    """

    def __init__(self, rules: RuleSet, room: int = 20_000, largest: int | None = None) -> None:
        self.rules = rules
        self.trees = Trees(largest=largest)
        self.failed: list[RuleFailed] = []
        self._memo = Memo(room)
        # Their texts are long: the last few are enough to come back to.
        self._large = Memo(_LARGE)

    def update(self, old: FileState | None, text: Text, head: int, tail: int, path: str) -> "Update":
        """Bring the results of ``old`` to ``text``.

        ``head`` and ``tail`` are the numbers of lines at both ends that are equal in both texts.
        """
        return Update(self, old if old is not None else FileState(_EMPTY, complete=False), text, head, tail, path)

    def settle(self, units: list[Unit], names: Names, late: Mapping[str, int], path: str) -> Generator[Question | None]:
        """Analyse again the units that read a name whose meaning came up behind them: ``late`` says at which unit."""
        changed = late.keys()
        for index, unit in enumerate(units):
            for report in unit.reports:
                if not changed.isdisjoint(report.reads) and any(late[name] > index for name in changed & report.reads):
                    units[index] = yield from self.unit(unit.chunk, names, path)
                    break

    def unit(
        self, chunk: Chunk, names: Names, path: str, made: Sequence[tuple[Piece, Report]] = ()
    ) -> Generator[Question | None, None, Unit]:
        """Analyse one chunk, from memory where its pieces and what they read are known; pauses after each piece.

        ``made`` holds what was just made of its first pieces.
        """
        owner: ClassInfo | None = None
        reports: list[Report] = []
        for index, piece in enumerate(chunk.pieces):
            if index < len(made) and made[index][0] is piece:
                report = made[index][1]
            else:
                report = self.report(piece, names, owner, path) or (yield from self.asked(piece, names, owner, path))
            owner = owner or report.info
            reports.append(report)
            yield None
        info = reports[0].info
        extra = self._siblings(info, chunk, reports, names, path) if info is not None and self.rules.siblings else ()
        return Unit(chunk, tuple(reports), tuple(extra))

    def report(self, piece: Piece, names: Names, owner: ClassInfo | None, path: str) -> Report | None:
        """The report of a piece, from memory where it is known; None where it is to be ``asked`` for."""
        large = self.trees.is_large(piece.source)
        memo = self._large if large else self._memo
        report = memo.get(piece, names, owner, path)
        if report is None and not large:
            report = analyse(piece, self.trees.of(piece), names, owner, self.rules, path, failed=self.failed)
            memo.keep(piece, names, owner, path, report)
        return report

    def asked(
        self, piece: Piece, names: Names, owner: ClassInfo | None, path: str
    ) -> Generator[Question | None, None, Report]:
        """The report of a large piece that nobody knows yet."""
        if piece.failure is not UNREAD:
            yield Question(piece, names, owner, path)
        return self._large.get(piece, names, owner, path) or Report(broken=True)

    def learn(self, question: Question, failure: Failure | None, report: Report | None) -> None:
        """Take the answer to a question: why the piece is not Python, and what was found in it."""
        piece, names = question.piece, question.names
        self.trees.tell(piece.source, piece.role is Role.MEMBER, failure)
        if names is not None and report is not None:
            self._large.keep(piece._replace(failure=failure), names, question.owner, question.path, report)

    def _siblings(
        self, info: ClassInfo, chunk: Chunk, reports: list[Report], names: Names, path: str
    ) -> Iterator[tuple[int, Finding]]:
        """The findings of the rules over the members of a class, with the index of their piece."""
        members = _members(reports[1:])
        facts = ClassFacts(info, tuple(members.values()))
        owners = {id(member): index + 1 for (index, _), member in members.items()}
        for member, finding in analyse_siblings(facts, names, self.rules, path, self.failed):
            index = owners[id(member)]
            if not allowed(finding, reports[index].comments, chunk.pieces[index].text, self.rules):
                yield index, finding

    def module(self, units: list[Unit], names: Names, path: str) -> Iterator[tuple[int, Finding]]:
        """The findings of the rules over the siblings of a whole module."""
        if not self.rules.siblings:
            return
        tops = [unit.reports[0] for unit in units]
        members = _members(tops)
        facts = ModuleFacts(tuple(members.values()), tuple(chain.from_iterable(report.imports for report in tops)))
        owners = {id(member): index for (index, _), member in members.items()}
        for member, finding in analyse_siblings(facts, names, self.rules, path, self.failed):
            index = owners[id(member)]
            if not allowed(finding, tops[index].comments, units[index].chunk.pieces[0].text, self.rules):
                yield index, finding


class Update:
    """One way from the results of a text to those of another.

    Go through ``steps`` to work; then ``state`` holds the result. A step is a pause, or a question. Stopped before
    the end, ``partial()`` tells what is known by then.
    """

    def __init__(self, analyser: Analyser, old: FileState, text: Text, head: int, tail: int, path: str) -> None:
        self.state: FileState | None = None
        self._analyser = analyser
        self._old = old
        self._text = text
        self._path = path
        self._recut = Recut([unit.chunk for unit in old.units], text, head, tail if old.complete else 0, analyser.trees)
        self._fresh: list[Unit] = []
        self.steps = self._steps()

    def partial(self) -> FileState:
        """The results from the start of the text to where the work stopped."""
        return FileState(
            self._text,
            (*self._old.units[: self._recut.kept], *self._fresh),
            complete=False,
            of_size=self._analyser.rules.of_size,
        )

    def _steps(self) -> Generator[Question | None]:
        old, analyser, path, fresh = self._old, self._analyser, self._path, self._fresh
        start = old.units[: self._recut.kept]
        # While the whole is not known yet, names mean what was seen so far; settled below.
        names: Names = dict(old.names) if old.complete else {}
        late: dict[str, int] = {}
        owner: ClassInfo | None = None
        made: list[tuple[Piece, Report]] = []
        if not old.complete:
            for index, unit in enumerate(start):
                _merge(names, unit, index, late)
        for chunk in self._recut:
            if isinstance(chunk, Unread):
                # What stands at the margin can be analysed along with its parse; a member waits for its class.
                role = Role.MEMBER if chunk.indented else Role.STATEMENTS
                yield Question(Piece(chunk.text, 0, role), None if chunk.indented else names, None, path)
                continue
            if isinstance(chunk, Piece):
                if not old.units:
                    # From scratch: the tree is still here, which it may not be once a long class has come to its end.
                    header = chunk.role is Role.CLASS
                    around = None if header else owner
                    known = analyser.report(chunk, names, around, path)
                    report = known or (yield from analyser.asked(chunk, names, around, path))
                    owner = report.info if header else owner
                    made.append((chunk, report))
                yield None
                continue
            if chunk is None:
                yield None
                continue
            unit = yield from analyser.unit(chunk, names, path, made)
            made.clear()
            fresh.append(unit)
            if not old.complete:
                _merge(names, unit, len(start) + len(fresh) - 1, late)
        stop = len(old.units) - self._recut.kept_at_end
        units = [*start, *fresh, *old.units[stop:]]
        gone = old.units[len(start) : stop]
        if old.complete and _binds(gone) == _binds(fresh):
            if _same_facts(gone, fresh):
                # The rules over the module's siblings see what they saw, in as many units.
                self.state = FileState(self._text, tuple(units), old.names, old.extra, of_size=analyser.rules.of_size)
                return
        elif old.complete:
            names = _names(units)
            late = {name: len(units) for name in _differing(old.names, names)}
        # What a class means to its members is settled with its own names; so is what its pieces read.
        if late:
            yield from analyser.settle(units, names, late, path)
        extra = tuple(analyser.module(units, names, path))
        self.state = FileState(self._text, tuple(units), names, extra, of_size=analyser.rules.of_size)


def _head(units: Sequence[Unit]) -> str:
    """The first piece of a file with the comments above it, and the comments above the second."""
    first, *others = [unit.chunk.pieces[0].text for unit in units] or [""]
    above = _COMMENTS.match(others[0]) if others else None
    return first if above is None else first + above[0]


def _members(reports: Sequence[Report]) -> dict[tuple[int, int], Member]:
    """The members in reports, each another object, by the index of the report and its own there.

    Pieces with one text share one report, and so its members.
    """
    seen: set[int] = set()
    found: dict[tuple[int, int], Member] = {}
    for index, report in enumerate(reports):
        for at, member in enumerate(report.members):
            found[index, at] = member._replace() if id(member) in seen else member
            seen.add(id(member))
    return found


def _merge(names: Names, unit: Unit, index: int = 0, late: dict[str, int] | None = None) -> None:
    """Add what a unit binds; ``late`` notes the last unit at which what a name means changed."""
    for report in unit.reports:
        for name, bound in report.binds.items():
            before = names.get(name)
            meaning = None if name in names and before != bound else bound
            # A name that the module defines itself means as little as one not seen yet, unless it hides a builtin.
            if late is not None and (before != meaning or (name in BUILTINS and name not in names)):
                late[name] = index
            names[name] = meaning


def _differing(before: Mapping[str, str | None], after: Mapping[str, str | None]) -> Iterator[str]:
    """The names that mean something else."""
    for name in before.keys() | after.keys():
        if before.get(name) != after.get(name) or (name in BUILTINS and (name in before) != (name in after)):
            yield name


def _names(units: Sequence[Unit]) -> Names:
    names: Names = {}
    for unit in units:
        _merge(names, unit)
    return names


def _binds(units: Sequence[Unit]) -> list[Mapping[str, str | None]]:
    return [report.binds for unit in units for report in unit.reports if report.binds]


def _same_facts(gone: Sequence[Unit], fresh: Sequence[Unit]) -> bool:
    """Whether rules over the module's siblings see the same in both, and findings can move piece by piece."""
    return len(gone) == len(fresh) and all(
        a.reports[0].members == b.reports[0].members and a.reports[0].imports == b.reports[0].imports
        for a, b in zip(gone, fresh, strict=True)
    )
