"""Prove that an edit does what it claims and nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from coding_agent.errors import NotProven
from coding_agent.proof.bindings import check_bindings
from coding_agent.proof.changes import Unit, locate
from coding_agent.proof.claim import Claim, Level, Proof, Unprovable
from coding_agent.proof.expressions import Mode, Target
from coding_agent.proof.folding import folded, late_methods
from coding_agent.proof.layout import check_layout, middle
from coding_agent.proof.scopes import Scopes
from coding_agent.proof.simulate import Side, Simulation, check_bound, check_captures
from coding_agent.proof.source import Source
from coding_agent.proof.statements import graph_of
from coding_agent.text import Edit, Span


def verify(before: str, edits: Sequence[Edit], claim: Claim) -> Proof:
    """Prove the levels of ``claim`` for a whole document.

    Raises: NotProven - a level does not hold; the message names it and what differs.
    """
    return prove(Scopes(Source(before)), edits, claim)


def prove(scopes: Scopes, edits: Sequence[Edit], claim: Claim) -> Proof:
    """``verify``, for a document, or a part of one, whose scopes are at hand. Raises: NotProven."""
    level = Level.SYNTAX
    try:
        old = scopes.source
        new = old.edited(edits)
        check_layout(old, new, edits)
        if claim.levels == (Level.SYNTAX,):
            return Proof(claim.levels)
        level = Level.BINDINGS
        unit = locate(*middle(old, new, edits), claim.function)
        others = Scopes(new)
        check_bindings(scopes, others, unit, claim)
        if Level.EFFECTS not in claim.levels:
            return Proof(claim.levels)
        level = Level.EFFECTS
        return Proof(claim.levels, _effects(scopes, others, unit, claim))
    except (Unprovable, RecursionError) as error:
        raise NotProven(f"{level}: {error or 'nested too deeply'}") from error


def verify_fix(before: str, edits: Sequence[Edit], indented: bool = False, removes: Sequence[Span] = ()) -> Proof:
    """Prove the level "syntax" for a quick fix; ``before`` may be one piece of a document.

    ``removes`` are the spans of the comments, or of the parts of comments, that the fix is there to take away.
    Raises: NotProven - it does not hold; the message says why.
    """
    try:
        old = Source(before, indented)
        check_layout(old, old.edited(edits), edits, removes)
    except (Unprovable, RecursionError) as error:
        raise NotProven(f"{Level.SYNTAX}: {error or 'nested too deeply'}") from error
    return Proof((Level.SYNTAX,))


def _effects(before: Scopes, after: Scopes, unit: Unit, claim: Claim) -> tuple[str, ...]:
    """What the proof takes for granted. First it is tried without anything taken for granted."""
    failure: Unprovable | None = None
    for code, mode, assumed in _tries(unit, claim):
        try:
            return tuple(sorted(assumed | _simulate(before, after, code, claim, mode)))
        except Unprovable as error:
            failure = failure or error
    raise failure or Unprovable("nothing was tried")


def _tries(unit: Unit, claim: Claim) -> Iterator[tuple[Unit, Mode, frozenset[str]]]:
    """The code to compare, how, and what that takes for granted."""
    yield unit, Mode(), frozenset()
    yield unit, Mode(typed=False), frozenset()
    late = late_methods(unit.before, claim.drops) | late_methods(unit.after, claim.adds)
    left, one = folded(unit.before, claim.drops)
    right, other = folded(unit.after, claim.adds)
    relaxed = replace(unit, before=left, after=right)
    granted = (
        one | other | {f"reading the method `{name}` has no effect, and gives the same a little later" for name in late}
    )
    yield relaxed, Mode(True, late, asked_again=True), granted
    yield relaxed, Mode(False, late, asked_again=True), granted


def _simulate(before: Scopes, after: Scopes, unit: Unit, claim: Claim, mode: Mode) -> frozenset[str]:
    target = None
    if unit.new is not None:
        receiver = unit.new.args.args[0].arg if unit.new_holder is not None and unit.new.args.args else None
        target = Target(unit.new, after.scope(unit.new), receiver)
    left, _ = graph_of(unit.before, before.scope(unit.holder[0]), None, mode)
    right, assumed = graph_of(unit.after, after.scope(unit.holder[1]), target, mode)
    check_bound(right)
    check_captures(left, right)
    Simulation(Side(left, claim.drops), Side(right, claim.adds)).check()
    return assumed
