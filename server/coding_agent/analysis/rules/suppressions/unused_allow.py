"""A ``# coding-agent: allow`` comment allows nothing.

The finding it was written for is gone, or its name is wrong. Left in place it would hide the
next one. The fix takes the comment, or the name that is not needed, away.
"""

from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding, Fix, Severity
from coding_agent.analysis.rule import Example, Rule
from coding_agent.syntax.suppressions import Suppression
from coding_agent.text import Edit, Span


def check(found: tuple[Suppression, tuple[str, ...]], context: Context) -> Iterator[Finding]:
    """Takes one comment and those of its names that allowed nothing; the engine calls it behind all other rules."""
    comment, idle = found
    names = ", ".join(idle)
    yield context.finding(
        comment.span, f"nothing to allow here: {names}", lambda: _fix(comment, idle, context), unnecessary=True
    )


def _fix(comment: Suppression, idle: tuple[str, ...], context: Context) -> Fix:
    left = [name for name in comment.names if name not in idle]
    text = context.layout.text
    if left:
        names = _names(comment, text)
        return Fix("Allow only what is found", (Edit(names, ", ".join(left)),), removes=(names,))
    start, stop = comment.span
    before = text[:start].rstrip(" \t")
    if not before or before[-1] in "\r\n":
        # A comment on a line of its own goes with its line.
        stop = next((at + 1 for at in range(stop, len(text)) if text[at] == "\n"), stop)
    return Fix("Remove the comment", (Edit(Span(len(before), stop), ""),), removes=(comment.span,))


def _names(comment: Suppression, text: str) -> Span:
    """Where the names of a comment stand."""
    start = stop = text.index(comment.names[0], text.index("allow", comment.span.start) + len("allow"))
    for name in comment.names:
        stop = text.index(name, stop) + len(name)
    return Span(start, stop)


RULE = Rule(
    name="unused-allow",
    check=check,
    severity=Severity.HINT,
    examples=(
        Example(
            "the finding is gone",
            before="three = 3  $0# coding-agent: allow eval-used$0\n",
            after="three = 3\n",
        ),
        Example(
            "one of two is needed",
            before="def f(x):\n    return eval(x)  $0# coding-agent: allow eval-used, complex-function$0\n",
            after="def f(x):\n    return eval(x)  # coding-agent: allow eval-used\n",
        ),
        Example(
            "the last of two, written closely",
            before="def f(x):\n    return eval(x)  $0# coding-agent: allow complex-function,eval-used (ours)$0\n",
            after="def f(x):\n    return eval(x)  # coding-agent: allow eval-used (ours)\n",
        ),
        Example(
            "on a line of its own",
            before="def f(x):\n    $0# coding-agent: allow eval-used$0\n    return x\n",
            after="def f(x):\n    return x\n",
        ),
        Example("it is needed", before="def f(x):\n    return eval(x)  # coding-agent: allow eval-used (ours)\n"),
    ),
)
