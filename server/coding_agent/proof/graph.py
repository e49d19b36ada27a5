"""A control flow graph of events: what a piece of code does, in order, on every path.

A node is one event (a call, an attribute read, a store, a test ...) or nothing at all. Its
operands say on which values it works: the result of an earlier event, a variable as read at
some node, or a term built of these. Edges are ``next``, ``true``, ``false`` and ``raises``.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

Label = tuple[object, ...]
"""What an event does, or a term is made as; equal labels mean the same."""


class Var(NamedTuple):
    """A variable: its frame (0 the code itself, 1 a function followed into, OUTER one around) and its name."""

    frame: int
    name: str


OUTER = -1


class Load(NamedTuple):
    """A variable as it is when control is at ``node``."""

    var: Var
    node: int


class Result(NamedTuple):
    """What the event at ``node`` yielded."""

    node: int


class Term(NamedTuple):
    """A value made without any effect: a constant, a tuple, a slice, a joined string."""

    label: Label
    parts: "tuple[Operand, ...]" = ()


Operand = Load | Result | Term

NOT = ("not",)
"""The label of a term: the other one of True and False."""
TRUTH = ("truth",)
"""The label of an event: a value is asked whether it is true."""
BRANCH = ("branch",)
"""The label of an event: control goes one of two ways, by a value that is True or False."""

Definition = int | str
"""What gave a variable its value: a node, or by its name the parameter or the variable of a surrounding scope."""
UNBOUND = -1
"""The definition of a variable without a value."""


@dataclass(slots=True)
class Node:
    """``label`` is None where nothing happens. ``binds`` are the variables this node gives a value, or takes it away
    (``unbinds``). ``copies`` bind variables to variables, all at once; ``enters`` names the frame that begins here.
    """

    label: Label | None = None
    operands: tuple[Operand, ...] = ()
    edges: dict[str, int] = field(default_factory=dict[str, int])
    binds: frozenset[Var] = frozenset()
    unbinds: bool = False
    copies: dict[Var, Var] = field(default_factory=dict[Var, Var])
    enters: int = 0

    @property
    def passes(self) -> bool:
        """Whether all variables are behind this node what they were before it."""
        return not (self.binds or self.copies or self.enters)


class Graph:
    """Nodes by number; the entry is 0. ``parameters`` have a value on entry."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.parameters: set[str] = set()
        self.bound: list[Load] = []
        """Variables that must have a value where they are read, though no event reads them."""
        self.captures: list[tuple[int, Var]] = []
        """The frame in which a closure is made, and a variable it captures."""
        self.reads: list[tuple[Load, int]] = []
        """The places where local variables are read, and where an exception would go from there."""
        self._reached: dict[Load, frozenset[Definition]] = {}

    def finish(self) -> None:
        """Make every read of a variable that may have no value an event: it may raise."""
        doubtful = [(load, handler) for load, handler in self.reads if UNBOUND in self.definitions(load)]
        for load, handler in doubtful:
            node = self.nodes[load.node]
            node.label = ("read", load.var.name)
            node.edges["raises"] = handler
        if doubtful:
            del self.predecessors, self._nearest
            self._reached.clear()

    @cached_property
    def predecessors(self) -> list[list[int]]:
        found: list[list[int]] = [[] for _ in self.nodes]
        for number, node in enumerate(self.nodes):
            for target in node.edges.values():
                found[target].append(number)
        return found

    @cached_property
    def _nearest(self) -> list[list[int]]:
        """The predecessors of each node, but those that every search passes on its way to the only one before them."""
        found = [list(numbers) for numbers in self.predecessors]
        passed = [number > 0 and len(found[number]) == 1 and node.passes for number, node in enumerate(self.nodes)]
        for numbers in found:
            for place, number in enumerate(numbers):
                at, steps = number, len(found)  # A circle that nothing leads into has no first node.
                while passed[at] and steps:
                    at, steps = found[at][0], steps - 1
                numbers[place] = at
        return found

    def definitions(self, load: Load) -> frozenset[Definition]:
        """The nodes whose binding of the variable can be the one that is read."""
        found = self._reached.get(load)
        if found is None:
            found = self._reached[load] = self._search(load)
        return found

    def _search(self, load: Load) -> frozenset[Definition]:
        found: set[Definition] = set()
        seen: set[tuple[Var, int]] = {load}
        stack: list[tuple[Var, int]] = [load]
        while stack:
            var, at = stack.pop()
            if at == 0 or var.frame == OUTER:
                known = var.frame == OUTER or (var.frame == 0 and var.name in self.parameters)
                found.add(var.name if known else UNBOUND)
            if var.frame == OUTER:
                continue
            for number in self._nearest[at]:
                node = self.nodes[number]
                if var in node.binds:
                    found.add(UNBOUND if node.unbinds else number)
                    if "raises" not in node.edges:
                        continue
                if node.enters == var.frame and node.enters and var not in node.copies:
                    found.add(UNBOUND)
                    continue
                step = node.copies.get(var, var), number
                if step not in seen:
                    seen.add(step)
                    stack.append(step)
        return frozenset(found)

    def in_cycle(self, number: int) -> bool:
        """Whether control can come back to a node."""
        seen: set[int] = set()
        stack = list(self.nodes[number].edges.values())
        while stack:
            at = stack.pop()
            if at == number:
                return True
            if at not in seen:
                seen.add(at)
                stack.extend(self.nodes[at].edges.values())
        return False
