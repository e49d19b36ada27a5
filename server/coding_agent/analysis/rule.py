"""What a rule is. A rule lives in one file of ``analysis/rules/<family>/`` and is found by its constant ``RULE``.

The file's docstring is the rule's page (what, why, source), its examples are its tests,
``check`` is its code. Nothing else is edited to add one: `coding-agent scaffold rule FAMILY NAME`.
"""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING, Any

from coding_agent.analysis.finding import Severity

if TYPE_CHECKING:
    from coding_agent.analysis.context import Context
    from coding_agent.analysis.finding import Finding
    from coding_agent.analysis.report import ClassFacts, Elsewhere, Member, ModuleFacts, ProjectFacts


class Kind(Enum):
    """How much a rule sees, and so what it costs when something changes."""

    PIECE = "piece"
    """One piece and the outer names it reads: runs again when that piece changes."""
    SIBLINGS = "siblings"
    """The facts of the members of one class or module: runs again when one of them changes."""
    FILES = "files"
    """The facts of all files of the project: runs in the background."""
    INDEX = "index"
    """What the index of the project knows of a function that is being written: asked in editors, when nobody types."""


BUDGETS = {Kind.PIECE: 2_000, Kind.SIBLINGS: 1_000, Kind.FILES: 1_000, Kind.INDEX: 1_000}
"""What a rule of each kind may cost: lines of ours executed for a thousand lines of code looked at, facts not counted.

A line is about 50 ns, so 2 000 are a hundredth of parsing the same code. Lines do not depend on the machine, so a law
test counts them, and `bench/whole_file.py` tells what they come to.
"""


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
class Late:
    """The check of a rule whose ``module`` is imported when it is called for."""

    module: str

    def load(self) -> Callable[..., Iterable[Any]]:
        """The check itself."""
        rule: Rule = import_module(self.module).RULE
        return rule.check

    def __call__(self, *given: Any) -> Iterable[Any]:
        return self.load()(*given)


@dataclass(frozen=True, slots=True)
class Rule:
    """One check and all that is said about it.

    ``name`` names the bad pattern, so that "allow NAME" reads well, and equals the file's
    name with dashes. ``nodes`` are the node types ``check`` wants to see (piece rules);
    ``calls`` are the callees whose ``ast.Call`` it wants to see: dotted names as ``Context.qualified`` gives them
    (``subprocess.run``, ``builtins.eval``) or ``.method`` for a call of that method on anything. A rule with
    ``calls`` costs nothing elsewhere; prefer it to ``nodes=(ast.Call,)``. The other kinds get the facts once.
    ``twins`` are rules of other tools that see the same thing, as ``ruff:S307``, ``bandit:B307`` or
    ``pyright:reportX``: where ruff has a twin on by default, or the project selects it, this rule is silent.
    ``options`` are the rule's own settings with their defaults. ``budget`` is what it may cost where that is more than
    its kind's (`BUDGETS`).
    """

    name: str
    check: Callable[..., Iterable[Any]]
    examples: tuple[Example, ...]
    nodes: tuple[type[ast.AST], ...] = ()
    calls: tuple[str, ...] = ()
    kind: Kind = Kind.PIECE
    severity: Severity = Severity.WARNING
    twins: tuple[str, ...] = ()
    cwe: int | None = None
    options: dict[str, int | str | bool | tuple[str, ...]] = field(default_factory=dict)
    on: bool = True
    """Whether the rule runs without being asked for."""
    budget: int = 0

    def allowed_cost(self) -> int:
        """Lines of ours it may execute for a thousand lines of code."""
        return self.budget or BUDGETS[self.kind]


PieceCheck = Callable[[Any, "Context"], Iterable["Finding"]]
"""``check`` of a piece rule: a node of the wanted types, what surrounds it -> findings, spans relative to the piece."""
SiblingsCheck = Callable[["ClassFacts | ModuleFacts", "Context"], "Iterable[tuple[Member, Finding]]"]
"""``check`` of a siblings rule: findings with the member they belong to, spans relative to that member's piece."""
FilesCheck = Callable[["ProjectFacts", "Context"], "Iterable[tuple[str, Finding]]"]
"""``check`` of a files rule: findings with the path they belong to, spans those of the file."""
IndexCheck = Callable[["Elsewhere", "Context"], "Iterable[Finding]"]
"""``check`` of a rule about what the index knows: findings, spans relative to the piece of the new function."""
