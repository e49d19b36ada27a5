"""What is kept of an analysed piece. All places are offsets from the start of the piece."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from coding_agent.analysis.context import ClassInfo
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.metrics import Metrics
from coding_agent.syntax.suppressions import Suppression
from coding_agent.text import Span


class SymbolKind(Enum):
    FUNCTION = "function"
    METHOD = "method"
    CLASS = "class"
    VARIABLE = "variable"
    CONSTANT = "constant"


class Symbol(NamedTuple):
    """A definition: its whole span, the span of its name, its metrics where it is a function."""

    name: str
    kind: SymbolKind
    span: Span
    name_span: Span
    detail: str = ""
    metrics: Metrics | None = None
    children: tuple["Symbol", ...] = ()


class Member(NamedTuple):
    """The facts about one definition that rules over siblings may use.

    ``reads`` and ``writes`` are attributes of the first parameter (``self`` or ``cls``).
    """

    name: str
    kind: SymbolKind
    name_span: Span
    decorators: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    """``.name`` for methods called on ``self`` or ``cls``, ``super().name`` for those of a base, and dotted names of
    special methods called unbound (``threading.Thread.__init__``), as far as imports tell."""
    raises: tuple[str, ...] = ()
    returns_value: bool = False
    is_async: bool = False
    is_stub: bool = False
    """The body is a docstring, ``...``, ``pass`` or ``raise NotImplementedError``."""
    tested: tuple[tuple[str, Span], ...] = ()
    """Attributes of the first parameter that a condition asks for being true, where it does."""


@dataclass(frozen=True, slots=True)
class Imported:
    """One import at module level: of ``module``, where it stands; ``typing_only`` under ``if TYPE_CHECKING``,
    ``late`` behind something the module defines.
    """

    module: str
    names: tuple[str, ...]
    span: Span
    typing_only: bool = False
    late: bool = False


_BINDS_NOTHING: Mapping[str, str | None] = {}


class Report(NamedTuple):
    """The result of one piece."""

    findings: tuple[Finding, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    members: tuple[Member, ...] = ()
    binds: Mapping[str, str | None] = _BINDS_NOTHING
    reads: frozenset[str] = frozenset()
    imports: tuple[Imported, ...] = ()
    info: ClassInfo | None = None
    """The class whose header this piece is."""
    allowed_in_file: frozenset[str] = frozenset()
    comments: tuple[Suppression, ...] = ()
    suppressed: int = 0
    broken: bool = False


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """What a siblings rule sees of a class."""

    info: ClassInfo
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class ModuleFacts:
    """What a siblings rule sees of a module's top level."""

    members: tuple[Member, ...]
    imports: tuple[Imported, ...]


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What rules over files see of one file: serialisable, the same while only function bodies change.

    ``module`` is the dotted name the file is imported by, "" where none is known. Spans are those of the file.
    ``allowed`` are the rules that comments allow, with the span of the line each speaks about, None for the file.
    """

    path: str
    module: str
    imports: tuple[Imported, ...]
    defines: tuple[str, ...]
    allowed: tuple[tuple[Span | None, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the index knows of a function that is being written: that ``name`` at ``place`` (a path and a line, as they
    are shown) does the same, and ``why`` that is thought: it "does", it "begins" just so, it "may".

    ``span`` is that of the new function's name in its piece, ``address`` a link to the other one.
    """

    span: Span
    name: str
    place: str
    why: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """The facts of all files, by path."""

    files: Mapping[str, FileFacts]
