"""What a rule is. A rule lives in one file of ``analysis/rules/<family>/`` and is found by its constant ``RULE``.

The file's docstring is the rule's page (what, why, source), its examples are its tests,
``check`` is its code. Nothing else is edited to add one: `coding-agent scaffold rule FAMILY NAME`.
"""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from coding_agent.analysis.finding import Severity

if TYPE_CHECKING:
    from coding_agent.analysis.context import ClassFacts, Context, ModuleFacts, ProjectFacts
    from coding_agent.analysis.finding import Finding


class Kind(Enum):
    """How much a rule sees, and so what it costs when something changes."""

    PIECE = "piece"
    """One piece and the outer names it reads: runs again when that piece changes. 40 µs a piece."""
    SIBLINGS = "siblings"
    """The facts of the members of one class or module: runs again when one of them changes. 200 µs a file."""
    FILES = "files"
    """The facts of all files of the project: runs in the background."""


@dataclass(frozen=True, slots=True)
class Example:
    """A titled test and a piece of the rule's page.

    ``before`` marks what must be found: one ``$0`` where the finding starts, two for its
    exact span, none where the rule must stay silent. ``after`` is the exact text once the
    fix is applied; None where there is no fix.
    """

    title: str
    before: str
    after: str | None = None
    options: dict[str, int | str | bool | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """One check and all that is said about it.

    ``name`` names the bad pattern, so that "allow NAME" reads well, and equals the file's
    name with dashes. ``nodes`` are the node types ``check`` wants to see (piece rules);
    the other kinds get the facts once. ``twins`` are rules of other tools that see the
    same thing, as ``ruff:S307``, ``bandit:B307`` or ``pyright:reportX``: where ruff has a
    twin on by default, or the project selects it, this rule is silent. ``options`` are the
    rule's own settings with their defaults.
    """

    name: str
    check: Callable[..., Iterable["Finding"]]
    examples: tuple[Example, ...]
    nodes: tuple[type[ast.AST], ...] = ()
    kind: Kind = Kind.PIECE
    severity: Severity = Severity.WARNING
    twins: tuple[str, ...] = ()
    cwe: int | None = None
    options: dict[str, int | str | bool | tuple[str, ...]] = field(default_factory=dict)
    on: bool = True
    """Whether the rule runs without being asked for."""


PieceCheck = Callable[[Any, "Context"], Iterable["Finding"]]
SiblingsCheck = Callable[["ClassFacts | ModuleFacts", "Context"], Iterable["Finding"]]
FilesCheck = Callable[["ProjectFacts", "Context"], Iterable["Finding"]]
