"""What rules say: findings, fixes, diagnostics. Plain frozen data."""

from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum

from coding_agent.text import Edit, Span


class Severity(IntEnum):
    """How much a finding matters; the numbers are LSP's."""

    ERROR = 1
    WARNING = 2
    INFORMATION = 3
    HINT = 4


class Applicability(Enum):
    """Who may apply a fix."""

    SAFE = "safe"
    """Keeps behaviour, or repairs what cannot have been meant; applied by fix-all."""
    UNSAFE = "unsafe"
    """Changes behaviour, on purpose; a person chooses it."""
    DISPLAY = "display-only"
    """A suggestion to look at; never applied by us."""


@dataclass(frozen=True, slots=True)
class Fix:
    """The edits that remove a finding.

    ``edits`` are relative to the same place as the finding's span. ``imports`` are
    dotted modules that the result needs as ``import dotted.module``; the engine adds
    those that are missing. ``removes`` are the spans of comments, or of parts of them, that
    the fix is there to take away or reword; its proof takes care of all others.
    """

    title: str
    edits: tuple[Edit, ...]
    applicability: Applicability = Applicability.SAFE
    imports: tuple[str, ...] = ()
    removes: tuple[Span, ...] = ()

    def shifted(self, by: int) -> "Fix":
        """The fix in a text that has ``by`` characters more in front."""
        edits = tuple(Edit(edit.span.shifted(by), edit.new) for edit in self.edits)
        return replace(self, edits=edits, removes=tuple(span.shifted(by) for span in self.removes))


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that explains a finding, in the same text as the finding, or at an ``address`` (a URI with a line
    from 1 as ``#L12``): then the span says nothing.
    """

    span: Span
    message: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One place found by a rule; spans are offsets in code points from the start of the piece."""

    rule: str
    span: Span
    message: str
    severity: Severity
    fixable: bool = False
    related: tuple[Related, ...] = ()
    unnecessary: bool = False
    """The code has no effect; editors fade it out."""
    fix: Fix | None = field(default=None, compare=False)
    """Only set while fixes are asked for; never kept in a memo."""

    def about(self, address: str, message: str) -> "Finding":
        """The same with a place elsewhere that explains it."""
        return replace(self, related=(*self.related, Related(Span(0, 0), message, address)))


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding at its place in a document; spans are offsets in code points from the document's start.

    ``start`` and ``stop`` are (line, column) from 0, columns in code points.
    """

    path: str
    rule: str
    message: str
    severity: Severity
    span: Span
    start: tuple[int, int]
    stop: tuple[int, int]
    fix: Fix | None = None
    related: tuple[Related, ...] = ()
    cwe: int | None = None
