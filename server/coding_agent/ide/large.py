"""Pieces too large for the event loop: how they are asked about in another process, and what that answers."""

import pickle
from collections.abc import Mapping
from typing import cast

from coding_agent.analysis.context import ClassInfo, Option
from coding_agent.analysis.file import Question
from coding_agent.analysis.finding import Severity
from coding_agent.analysis.report import Report
from coding_agent.analysis.ruleset import Enabled, RuleSet
from coding_agent.syntax.parse import Failure
from coding_agent.syntax.pieces import Piece, Role

Failed = tuple[tuple[str, str, str], ...]
"""Rules that raised, as `RuleFailed.described`."""


def asked(question: Question, rules: RuleSet) -> tuple[object, ...]:
    """A question as plain data: the arguments of ``look``."""
    piece, owner = question.piece, question.owner
    return (
        tuple((each.rule.name, int(each.severity), dict(each.options)) for each in rules.enabled),
        (piece.text, piece.role.value, piece.indent, piece.owner),
        None if question.names is None else dict(question.names),
        None if owner is None else (owner.name, owner.bases, owner.decorators),
        question.path,
    )


def answered(answer: object) -> tuple[Failure | None, Report | None, Failed]:
    """What ``look`` answered, for `Analyser.learn`; and what failed."""
    failure, report, failed = cast("tuple[tuple[str, int, int] | None, bytes, Failed]", answer)
    # Both ends of the wire are ours.
    made = cast("Report", pickle.loads(report)) if report else None
    return None if failure is None else Failure(*failure), made, failed


def look(
    rules: tuple[tuple[str, int, Mapping[str, Option]], ...],
    piece: tuple[str, str, str, str],
    names: Mapping[str, str | None] | None,
    owner: tuple[str, tuple[str, ...], tuple[str, ...]] | None,
    path: str,
) -> tuple[object, ...]:
    """Parse a piece, and analyse it where ``names`` are given; runs in a process of its own."""
    from coding_agent.analysis.engine import RuleFailed, analyse
    from coding_agent.analysis.registry import rule
    from coding_agent.syntax.parse import parse

    text, role, indent, header = piece
    cut = Piece(text, 0, Role(role), indent, header)
    parsed = parse(cut.source, cut.role is Role.MEMBER)
    failure = parsed.failure
    told = None if failure is None else (failure.message, failure.line, failure.column)
    if names is None:
        return told, b"", ()
    cut = Piece(text, 0, cut.role, indent, header, failure)
    failed: list[RuleFailed] = []
    enabled = RuleSet(Enabled(rule(name), Severity(severity), options) for name, severity, options in rules)
    info = None if owner is None else ClassInfo(*owner)
    report = analyse(cut, parsed.body, names, info, enabled, path, failed=failed)
    return told, pickle.dumps(report), tuple(each.described() for each in failed)
