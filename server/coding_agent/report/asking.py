"""What models were asked and what it took, for people."""

from collections.abc import Mapping, Sequence
from typing import Any

from coding_agent.ai.budget import amount
from coding_agent.explain.page import fenced, written
from coding_agent.ide.models import Preview, Reply
from coding_agent.ide.rewriting import Verdict

_TELLING = {
    "parses": "syntax", "name and parameters": "signature", "code": "code", "bindings": "bindings",
    "effects": "effects", "findings": "findings", "finding": "finding", "proof": "proof",
}  # fmt: skip
"""What checks are called where there is little room, those that say most."""


def spent(reply: Reply) -> str:
    """What an answer took, in brackets."""
    if reply.cached:
        return "(known already, nothing was sent)"
    parts = [f"{reply.tokens[0]:,} + {reply.tokens[1]:,} tokens"] if reply.tokens else ["tokens unknown"]
    parts.append(cost(reply.cost))
    if reply.redactions:
        parts.append(f"{reply.redactions} secret{'s' if reply.redactions != 1 else ''} kept back")
    return f"({', '.join(filter(None, parts))})"


def totals(replies: Sequence[Reply]) -> str:
    """What several answers took together, in brackets."""
    if len(replies) == 1:
        return spent(replies[0])
    tokens = [each.tokens for each in replies if each.tokens]
    whole = (sum(each[0] for each in tokens), sum(each[1] for each in tokens)) if len(tokens) == len(replies) else None
    costs = [each.cost for each in replies if each.cost is not None]
    known = sum(costs) if len(costs) == len(replies) else None
    kept_back = max((each.redactions for each in replies), default=0)
    return spent(Reply("", tokens=whole, cost=known, redactions=kept_back))


def cost(millionths: int | None) -> str:
    """Cents, "" where it costs nothing."""
    if millionths is None:
        return "price unknown"
    return amount(millionths, "cents") if millionths else ""


def today(spent: Mapping[str, Any], limits: tuple[int, ...]) -> str:
    """What today took, beside what it may; ``limits`` are those of `ai.budget.Limits`, costs in cents."""
    day = spent["all"]
    parts = [
        f"{_of(day['requests'], limits[2])} requests",
        f"{_of(day['tokens'], limits[3])} tokens",
        (cost(day["cost"]) or "0 cents") + (f" of {limits[4]:,}" if limits[4] else ""),
    ]
    return f"Today: {', '.join(parts)}."


def _of(taken: int, limit: int) -> str:
    return f"{taken:,} of {limit:,}" if limit else f"{taken:,}"


def previewed(preview: Preview) -> str:
    """A document in Markdown: who would get what."""
    most = cost(preview.most_cost)
    rows = [
        f"# What would be sent to {preview.host}",
        "",
        f"- model: {written((preview.model,))}",
        f"- size: {preview.size:,} bytes, about {preview.tokens:,} tokens" + (f", at most {most}" if most else ""),
        f"- files: {written((', '.join(preview.files) or 'none',))}",
        f"- secrets kept back: {_kinds(preview)}",
        "",
    ]
    for role, text in preview.messages:
        rows += [f"## {role}", "", *fenced(text.rstrip("\n"), "text"), ""]
    return "\n".join(rows)


def _kinds(preview: Preview) -> str:
    return ", ".join(f"{number} x {kind}" for kind, number in sorted(preview.redactions.items())) or "none found"


def verified(verdict: Verdict) -> str:
    """What an answer passed, in brackets: of all that was looked at what says most, and what running it showed."""
    passed = {name for name, good, _ in verdict.checks if good and (name != "proof" or verdict.proved)}
    parts = [f"verified by {', '.join(said for name, said in _TELLING.items() if name in passed)}"]
    return f"({'; '.join([*parts, *(each.detail for each in verdict.tried)])})"


def refused(shown: str, code: str, verdict: Verdict) -> str:
    """A document with what a model wrote, as text, and what it failed."""
    rows = (
        f"- {'passed' if passed else 'FAILED'}: {name}"
        + (f": {written((' '.join(detail.split()),))}" if detail else "")
        for name, passed, detail in verdict.all
    )
    return "\n".join([f"# Not taken: {written((shown,))}", "", *rows, "", *fenced(code.rstrip("\n")), ""])
