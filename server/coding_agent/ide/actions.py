"""What can be done at a place: fixes, allowing a finding, refactorings. Listing rewrites nothing."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import groupby

from coding_agent.analysis.file import Analyser, FileState, Placed
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.imports import Imports
from coding_agent.errors import NotProven, StaleOffer
from coding_agent.ide.allow import allow_edit
from coding_agent.ide.check import made_fixes
from coding_agent.ide.slices import at_once
from coding_agent.proof import verify_fix
from coding_agent.refactoring.engine import Site, offers
from coding_agent.syntax.pieces import Role
from coding_agent.text import Edit, Span
from coding_agent.text.text import line_body

QUICK_FIX = "quickfix"
FIX_ALL = "source.fixAll.coding-agent"


class Deed(Enum):
    """What an action does when it is chosen."""

    FIX = "fix"
    ALLOW = "allow"
    TURN_OFF = "turn-off"
    FIX_ALL = "fix-all"
    REFACTOR = "refactor"


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done. ``name`` is a rule's or a refactoring's, ``span`` is the document's."""

    deed: Deed
    name: str
    title: str
    kind: str
    span: Span
    finding: Finding | None = None
    """The finding it is about, with ``at`` as the span of that finding in the document."""
    at: Span | None = None
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """The edits of a chosen action, and what proved them."""

    edits: tuple[Edit, ...]
    verified_by: tuple[str, ...]
    note: str = ""


def listed(
    state: FileState, analyser: Analyser, path: str, span: Span, kinds: tuple[str, ...] | None, near: bool = False
) -> tuple[Action, ...]:
    """The actions at a span. ``kinds`` are those asked for, each with all below it; None asks for all but source.

    With ``near``, a place without findings means those that begin on its line.
    """
    found: list[Action] = []
    if is_wanted(QUICK_FIX, kinds):
        found += _fixes_in(state, analyser, path, span)
        if near and not found and span.start == span.stop:
            found += _fixes_in(state, analyser, path, _line(state, span.start))
    for placed, owner in _touched(state, span):
        if placed.offset <= span.start and is_wanted("refactor", kinds, below=True):
            found += _refactorings(analyser, span, placed, owner, kinds)
    if kinds is not None and is_wanted(FIX_ALL, kinds) and any(_safe(state, analyser, path)):
        found.append(Action(Deed.FIX_ALL, "", "Coding Agent: apply all safe fixes", FIX_ALL, Span(0, 0)))
    return tuple(found)


def fixed(state: FileState, analyser: Analyser, path: str, rule: str, at: Span) -> Done:
    """The edits of a finding's fix, proved. Raises: StaleOffer - it is not there; NotProven."""
    for placed, owner in _touched(state, at):
        for (name, span), fix in made_fixes(state, analyser, path, placed, owner).items():
            if name == rule and isinstance(span, Span) and span.shifted(placed.offset) == at:
                return Done(_proved(fix, placed, Imports(state)).edits, ("syntax",))
    raise StaleOffer


def fixed_all(state: FileState, analyser: Analyser, path: str) -> Done:
    """The edits of all safe fixes that do not meet each other; those that cannot be proved are left out."""
    return at_once(fixing_all(state, analyser, path))


def fixing_all(state: FileState, analyser: Analyser, path: str) -> Generator[None, None, Done]:
    """As ``fixed_all``, with a pause behind each piece."""
    imports, apart = Imports(state), _Apart()
    modules: dict[str, None] = {}
    for placed, fixes in groupby(_safe(state, analyser, path), key=lambda each: each[0]):
        for fix in _provable([fix for _, fix in fixes], placed):
            missing = imports.missing(fix.imports)
            more = (imports.edit(()),) if missing else ()
            if apart.take((*more, *fix.shifted(placed.offset).edits)):
                modules.update(dict.fromkeys(missing))
        yield
    edits = [edit for edit in apart.taken if edit.span.start < edit.span.stop or edit.new]
    return Done(tuple(sorted([imports.edit(modules), *edits] if modules else edits)), ("syntax",))


def allowed(state: FileState, analyser: Analyser, path: str, rule: str, at: Span) -> Done:
    """The edit that allows a finding where it stands. Raises: StaleOffer - it is not there; NotProven."""
    for placed, owner in _touched(state, at):
        for finding in placed.findings:
            if finding.rule == rule and finding.span.shifted(placed.offset) == at:
                info = owner.report.info if owner is not None else None
                edit = allow_edit(placed, finding, info, state.names, analyser, path)
                return Done((Edit(edit.span.shifted(placed.offset), edit.new),), ("unchanged code",))
    raise StaleOffer


def _fixes_in(state: FileState, analyser: Analyser, path: str, span: Span) -> Iterator[Action]:
    for placed, owner in _touched(state, span):
        yield from _quick_fixes(state, analyser, path, span, placed, owner)


def _line(state: FileState, offset: int) -> Span:
    """The line of an offset, without its end."""
    line = state.text.position(offset).line
    start = state.text.starts[line]
    return Span(start, start + len(line_body(state.text.lines[line])))


def _quick_fixes(
    state: FileState, analyser: Analyser, path: str, span: Span, placed: Placed, owner: Placed | None
) -> Iterator[Action]:
    here = [finding for finding in placed.findings if finding.span.shifted(placed.offset).touches(span)]
    made = made_fixes(state, analyser, path, placed, owner) if any(finding.fixable for finding in here) else {}
    for finding in here:
        at = finding.span.shifted(placed.offset)
        fix = made.get((finding.rule, finding.span))
        if fix is not None and fix.applicability is not Applicability.DISPLAY:
            safe = fix.applicability is Applicability.SAFE
            title = fix.title if safe else f"{fix.title} (changes behaviour)"
            yield Action(Deed.FIX, finding.rule, title, QUICK_FIX, at, finding, at, preferred=safe)
    # To allow a finding, its piece is parsed with the comment: a large one is not.
    for finding in here if not analyser.trees.is_large(placed.piece.source) else ():
        at = finding.span.shifted(placed.offset)
        yield Action(Deed.ALLOW, finding.rule, f"Allow {finding.rule} here", QUICK_FIX, at, finding, at)
    for finding in here:
        at = finding.span.shifted(placed.offset)
        title = f"Turn {finding.rule} off in this project"
        yield Action(Deed.TURN_OFF, finding.rule, title, QUICK_FIX, at, finding, at)


def _refactorings(
    analyser: Analyser, span: Span, placed: Placed, owner: Placed | None, kinds: tuple[str, ...] | None
) -> Iterator[Action]:
    piece = placed.piece
    if piece.failure is not None or piece.role is Role.CLASS or span.stop > placed.offset + len(piece.text):
        return
    selection = span.shifted(-placed.offset)
    name = owner.report.info.name if owner is not None and owner.report.info is not None else None
    site = Site(piece.text, selection, piece.indent, name, lambda: analyser.trees.of(piece))
    for offer in offers(site, kinds):
        yield Action(Deed.REFACTOR, offer.name, offer.title, offer.kind, span)


def _safe(state: FileState, analyser: Analyser, path: str) -> Iterator[tuple[Placed, Fix]]:
    for placed, owner in _touched(state, Span(0, len(state.text))):
        if any(finding.fixable for finding in placed.findings):
            shown = {(finding.rule, finding.span) for finding in placed.findings}
            for key, fix in made_fixes(state, analyser, path, placed, owner).items():
                if fix.applicability is Applicability.SAFE and key in shown:
                    yield placed, fix


def _proved(fix: Fix, placed: Placed, imports: Imports) -> Fix:
    """A fix in the document's offsets, with its imports, once its edits of the piece are proved. Raises: NotProven."""
    _prove([fix], placed)
    return imports.added(fix.shifted(placed.offset))


def _provable(fixes: list[Fix], placed: Placed) -> list[Fix]:
    """Those of a piece's fixes that keep apart and are proved: all at once, in halves where that fails."""
    apart = _Apart()
    return _proved_ones([fix for fix in fixes if apart.take(fix.edits)], placed)


def _proved_ones(fixes: list[Fix], placed: Placed) -> list[Fix]:
    try:
        _prove(fixes, placed)
    except NotProven:
        if len(fixes) == 1:
            return []
        half = len(fixes) // 2
        return [*_proved_ones(fixes[:half], placed), *_proved_ones(fixes[half:], placed)]
    return fixes


def _prove(fixes: list[Fix], placed: Placed) -> None:
    edits = [edit for fix in fixes for edit in fix.edits]
    removes = [span for fix in fixes for span in fix.removes]
    verify_fix(placed.piece.text, edits, indented=placed.piece.role is Role.MEMBER, removes=removes)


class _Apart:
    """Edits of one text that do not touch one another; equal ones count once."""

    def __init__(self) -> None:
        self.taken: list[Edit] = []
        """In the order of the text."""

    def take(self, edits: tuple[Edit, ...]) -> bool:
        """Take all of some edits that belong together, or none where one of them touches what was taken."""
        fresh = [edit for edit in edits if not self._knows(edit)]
        if any(self._touches(edit) for edit in fresh):
            return False
        for edit in fresh:
            insort(self.taken, edit)
        return True

    def _knows(self, edit: Edit) -> bool:
        at = bisect_left(self.taken, edit)
        return at < len(self.taken) and self.taken[at] == edit

    def _touches(self, edit: Edit) -> bool:
        # None touches another, so only the last one that begins before this one's end can reach its start.
        at = bisect_right(self.taken, edit.span.stop, key=lambda other: other.span.start)
        return at > 0 and self.taken[at - 1].span.touches(edit.span)


def _touched(state: FileState, span: Span) -> Iterator[tuple[Placed, Placed | None]]:
    """The pieces that a span touches, each with the class header it stands under."""
    owner: Placed | None = None
    for placed in state.placed(near=span):
        if not placed.piece.indent:
            owner = None
        stop = placed.offset + len(placed.piece.text)
        if placed.offset > span.stop:
            return
        if span.start < stop or (span.start == stop and not span.start < span.stop):
            yield placed, owner
        if placed.report.info is not None:
            owner = placed


def is_wanted(kind: str, kinds: tuple[str, ...] | None, below: bool = False) -> bool:
    if kinds is None:
        return True
    return any(
        not asked or kind == asked or kind.startswith(asked + ".") or (below and asked.startswith(kind + "."))
        for asked in kinds
    )
