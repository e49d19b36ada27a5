"""Which findings comments in the code allow, and which such comments allow nothing."""

from collections.abc import Sequence

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Kind, Rule
from coding_agent.analysis.ruleset import RuleSet
from coding_agent.syntax.suppressions import Dialect, Suppression
from coding_agent.text import Text

UNUSED = "unused-allow"


def apply_suppressions(
    findings: Sequence[Finding], comments: Sequence[Suppression], source: str, context: Context, rules: RuleSet
) -> tuple[Finding, ...]:
    """Return the findings of a piece that no comment allows, and one for each of our comments that allows nothing."""
    if not comments:
        return tuple(findings)
    local = [comment for comment in comments if not comment.whole_file]
    used: set[tuple[Suppression, str]] = set()
    kept = [finding for finding in findings if not _allowed(finding, local, Text.of(source), rules, used)]
    return (*kept, *_unused(local, used, context, rules))


def allowed(finding: Finding, comments: Sequence[Suppression], source: str, rules: RuleSet) -> bool:
    """Whether one of a piece's comments allows a finding in it."""
    return bool(comments) and _allowed(finding, comments, Text.of(source), rules, set())


def _allowed(
    finding: Finding,
    comments: Sequence[Suppression],
    text: Text,
    rules: RuleSet,
    used: set[tuple[Suppression, str]],
) -> bool:
    enabled = rules.get(finding.rule)
    assert enabled is not None
    lines = {text.position(finding.span.start).line, text.position(finding.span.stop).line}
    by = [comment for comment in comments if comment.line in lines and _allows(comment, enabled.rule)]
    used.update((comment, finding.rule) for comment in by)
    return bool(by)


def _allows(comment: Suppression, rule: Rule) -> bool:
    if comment.dialect is Dialect.OURS:
        return rule.name in comment.names
    tool, only = ("ruff", True) if comment.dialect is Dialect.NOQA else ("bandit", rule.cwe is not None)
    if not comment.names:
        return only
    return any(f"{tool}:{name}" in rule.twins for name in comment.names)


def _unused(
    comments: Sequence[Suppression], used: set[tuple[Suppression, str]], context: Context, rules: RuleSet
) -> list[Finding]:
    """A finding for each of our comments that names a rule which found nothing there."""
    unused = rules.get(UNUSED)
    if unused is None:
        return []
    context.said_by = unused
    found: list[Finding] = []
    for comment in comments:
        if comment.dialect is Dialect.OURS:
            idle = tuple(name for name in comment.names if (comment, name) not in used and _judged(name, rules))
            found += unused.check((comment, idle), context) if idle else ()
    return found


def _judged(name: str, rules: RuleSet) -> bool:
    """Whether the silence of a rule says anything: it runs, over pieces, or does not exist."""
    from coding_agent.analysis.registry import modules

    enabled = rules.get(name)
    return enabled.rule.kind is Kind.PIECE if enabled is not None else name not in modules()
