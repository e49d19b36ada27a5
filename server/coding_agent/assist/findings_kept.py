"""What analysis finds in a document before and after: nothing more, and what was to go is gone."""

import re
from collections import Counter
from dataclasses import dataclass

from coding_agent.analysis.engine import analyse
from coding_agent.analysis.file import Analyser, FileState, Question
from coding_agent.analysis.rule import Kind
from coding_agent.assist.meant import Failing, Gone
from coding_agent.syntax.parse import parse
from coding_agent.syntax.pieces import Role
from coding_agent.text import Span, Text

_VARIES = re.compile(r"`[^`]*`|'[^']*'|\"[^\"]*\"|\d+(?:\.\d+)?")
_SEEN = frozenset({Kind.PIECE, Kind.SIBLINGS})
Found = tuple[str, str]
"""A rule, and what its message says but for names and figures."""


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings of a document at their places, and how many more comments allow."""

    at: tuple[tuple[Found, Span, str], ...]
    suppressed: int

    def counted(self) -> Counter[Found]:
        return Counter(found for found, _, _ in self.at)


def findings_kept(before: Findings, after: Findings) -> None:
    """Raises: Failing - there is a finding that was not there before."""
    more = after.counted() - before.counted()
    for found, _, message in after.at:
        if found in more:
            raise Failing(f"it brings a finding: {message} [{found[0]}]")
    if after.suppressed > before.suppressed:
        raise Failing("a finding is only hidden by a comment")


def is_gone(before: Findings, after: Findings, gone: Gone, spans: tuple[Span, Span], analyser: Analyser) -> None:
    """``spans`` are the definition's places before and after. Raises: Failing - the finding is not gone."""
    rule = analyser.rules.get(gone.rule)
    if rule is None or rule.rule.kind not in _SEEN:
        raise Failing(f"whether [{gone.rule}] is gone cannot be seen here")
    meant = [found for found, at, _ in before.at if found[0] == gone.rule and at.touches(gone.span)]
    if not meant:
        raise Failing(f"[{gone.rule}] was not found at that place")
    span, now = spans
    there = Counter(found for found, at, _ in before.at if found in meant and span.touches(at))
    left = [(found, message) for found, at, message in after.at if found in meant and now.touches(at)]
    for found, message in left:
        if len([each for each, _ in left if each == found]) >= there[found]:
            raise Failing(f"the finding is still there: {message} [{found[0]}]")


def looked_at(analyser: Analyser, text: str, path: str, old: FileState | None = None) -> tuple[Findings, FileState]:
    """Analyse a document, from what is known of another text of it where that is given.

    Raises: Failing - a rule cannot cope with it.
    """
    failed = len(analyser.failed)
    document = Text.of(text)
    head, tail = _alike(old.text, document) if old is not None else (0, 0)
    update = analyser.update(old, document, head, tail, path)
    for step in update.steps:
        if isinstance(step, Question):
            _answer(analyser, step)
    assert update.state is not None
    if len(analyser.failed) > failed:
        raise Failing(f"the rule {analyser.failed[-1].args[0]} cannot cope with it")
    return _findings(update.state), update.state


def _findings(state: FileState) -> Findings:
    at = [
        ((each.rule, _VARIES.sub("_", each.message)), each.span.shifted(placed.offset), each.message)
        for placed in state.placed(loud=True)
        for each in placed.findings
    ]
    suppressed = sum(report.suppressed for unit in state.units for report in unit.reports)
    return Findings(tuple(at), suppressed)


def _alike(old: Text, new: Text) -> tuple[int, int]:
    """How many lines two texts have in common at their starts and their ends."""
    most = min(len(old.lines), len(new.lines))
    head = next((at for at in range(most) if old.lines[at] != new.lines[at]), most)
    most -= head
    tail = next((at for at in range(most) if old.lines[-1 - at] != new.lines[-1 - at]), most)
    return head, tail


def _answer(analyser: Analyser, question: Question) -> None:
    """Look at a large piece right here: nobody waits on this thread."""
    piece = question.piece
    found = parse(piece.source, piece.role is Role.MEMBER)
    report = None
    if question.names is not None:
        piece = piece._replace(failure=found.failure)
        arguments = (piece, found.body, question.names, question.owner, analyser.rules, question.path)
        report = analyse(*arguments, failed=analyser.failed)
    analyser.learn(question, found.failure, report)
