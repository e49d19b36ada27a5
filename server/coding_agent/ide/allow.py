"""The edit that allows a finding where it stands, with a comment."""

import ast
from collections.abc import Iterator, Mapping

from coding_agent.analysis.context import ClassInfo
from coding_agent.analysis.engine import analyse
from coding_agent.analysis.file import Analyser, Placed
from coding_agent.analysis.finding import Finding
from coding_agent.errors import NotProven
from coding_agent.syntax.parse import parse
from coding_agent.syntax.pieces import Piece, Role
from coding_agent.syntax.suppressions import Dialect
from coding_agent.text import Edit, Span, Text, apply_edits, line_body


def allow_edit(
    placed: Placed,
    finding: Finding,
    owner: ClassInfo | None,
    names: Mapping[str, str | None],
    analyser: Analyser,
    path: str,
) -> Edit:
    """The edit of a piece that allows one of its findings: the first way that leaves the code as it is, and works.

    Raises: NotProven - no comment can be written there, as in the middle of a string.
    """
    piece = placed.piece
    if analyser.trees.is_large(piece.source):
        raise NotProven("the statement is too large to be parsed here; allow the rule for the file instead")
    code = _code(analyser.trees.of(piece))
    for edit in _ways(placed, finding):
        text = apply_edits(piece.text, (edit,))
        after = Piece(text, len(Text.of(text).lines), piece.role, piece.indent, piece.owner)
        body = parse(after.source, piece.role is Role.MEMBER).body
        if _code(body) != code:
            continue
        report = analyse(after, body, names, owner, analyser.rules, path)
        moved = finding.span if edit.span.start >= finding.span.stop else finding.span.shifted(len(edit.new))
        if not any(each.rule == finding.rule and each.span == moved for each in report.findings):
            return edit
    raise NotProven("no comment can stand here; allow the rule for the file instead")


def _code(body: list[ast.stmt]) -> list[str]:
    """What the statements say, wherever they stand."""
    return [ast.dump(statement) for statement in body]


def _ways(placed: Placed, finding: Finding) -> Iterator[Edit]:
    text = Text.of(placed.piece.text)
    line = text.position(finding.span.start).line
    for comment in placed.report.comments:
        if comment.dialect is Dialect.OURS and comment.line == line:
            at = placed.piece.text.index(comment.names[-1], comment.span.start) + len(comment.names[-1])
            yield Edit(Span(at, at), f", {finding.rule}")
    body = line_body(text.lines[line])
    end = text.starts[line] + len(body.rstrip())
    yield Edit(Span(end, text.starts[line] + len(body)), f"  # coding-agent: allow {finding.rule}")
    start = text.starts[line]
    indent = body[: len(body) - len(body.lstrip())]
    stop = text.lines[line][len(body) :] or "\n"
    yield Edit(Span(start, start), f"{indent}# coding-agent: allow {finding.rule}{stop}")
