"""Whether it can be shown without running it that new code does what the old one did."""

from bisect import bisect_right

from coding_agent.assist.bindings_kept import Bindings
from coding_agent.assist.holding import Held
from coding_agent.errors import NotProven
from coding_agent.proof.claim import Claim
from coding_agent.proof.outside import outside
from coding_agent.proof.scopes import Scopes
from coding_agent.proof.source import Source
from coding_agent.proof.verify import prove
from coding_agent.syntax.enclosing import parts
from coding_agent.text import Edit, Span, line_table, split_lines

_LONGEST = 30_000
"""Characters of a definition beyond which nothing is tried."""


def proved(old: Held, new: Bindings, names: Bindings) -> tuple[str, ...]:
    """Return what the proof takes for granted. ``names`` are the old names.

    Raises: NotProven - nothing is shown by that; tests and runs may show it.
    """
    if len(old.own) > _LONGEST:
        raise NotProven("it is too long")
    claim = Claim(adds=new.local - names.local, drops=names.local - new.local)
    edit = Edit(old.span, new.held.own)
    lines, starts = split_lines(old.text), line_table(old.text)
    first = bisect_right(starts, old.span.start) - 1
    for part in parts(lines, first, old.lines.stop - 1):
        rest = outside(part)
        if (
            rest is not None
            and part.lead <= old.span.start - part.shift
            and old.span.stop - part.shift <= len(part.text)
        ):
            inner = Edit(Span(old.span.start - part.shift, old.span.stop - part.shift), edit.new)
            return prove(Scopes(Source(part.text, outside=rest)), [inner], claim).assumptions
    return prove(Scopes(Source(old.text, body=old.body)), [edit], claim).assumptions
