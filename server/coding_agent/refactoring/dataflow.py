"""What statements take from the function around them, and what they leave to it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from coding_agent.errors import Refused
from coding_agent.proof.claim import Unprovable
from coding_agent.proof.expressions import Mode
from coding_agent.proof.graph import OUTER, UNBOUND, Graph, Load, Operand, Term, Var
from coding_agent.proof.scopes import Scope
from coding_agent.proof.statements import Statements


@dataclass(frozen=True, slots=True)
class Flow:
    """``takes`` are variables read before they are bound here, or handed through; ``leaves`` those bound here and
    read behind. ``falls_through`` says whether control can run off the end.
    """

    takes: frozenset[str]
    leaves: frozenset[str]
    falls_through: bool


def flow(body: list[ast.stmt], scope: Scope, first: ast.stmt, last: ast.stmt) -> Flow:
    """Follow the variables of a function through the statements ``first`` to ``last`` of one of its blocks.

    Raises: Refused - they cannot be followed, or a variable may have no value where it would be handed over.
    """
    marked = _Marked(scope, first, last)
    try:
        graph, _ = marked.run(body)
    except Unprovable as error:
        raise Refused(str(error)) from error
    if marked.entries != 1:
        raise Refused("the code runs in several places, or never")
    inside = range(marked.start, marked.stop)
    return _between(graph, inside, marked.end)


def _between(graph: Graph, inside: range, end: int | None) -> Flow:
    takes: set[Var] = set()
    leaves: set[str] = set()
    for load in _loads(graph):
        if load.node in inside:
            if load.var.frame == OUTER or _from_outside(graph, load, inside):
                takes.add(load.var)
        elif end is not None and any(d in inside for d in graph.definitions(load)):
            leaves.add(load.var.name)
    for name in leaves:
        found = graph.definitions(Load(Var(0, name), end or 0))
        if UNBOUND in found:
            raise Refused(f"`{name}` may have no value behind the selected code")
        if any(d not in inside for d in found):
            takes.add(Var(0, name))
    taken = frozenset(var.name for var in takes if _has_value(graph, var, inside.start))
    return Flow(taken, frozenset(leaves), end is not None)


def _has_value(graph: Graph, var: Var, start: int) -> bool:
    """Whether a variable has a value where the code begins. Raises: Refused - it may have one or none."""
    found = graph.definitions(Load(var, start))
    if UNBOUND in found and len(found) > 1:
        raise Refused(f"`{var.name}` may have no value before the selected code")
    return found != frozenset({UNBOUND})


def _from_outside(graph: Graph, load: Load, inside: range) -> bool:
    """Whether a path leads into the code and to the read without binding the variable on the way."""
    seen = {load.node}
    stack = [load.node]
    while stack:
        at = stack.pop()
        for number in graph.predecessors[at]:
            if number not in inside:
                return True
            if number in seen or (load.var in graph.nodes[number].binds and "raises" not in graph.nodes[number].edges):
                continue
            seen.add(number)
            stack.append(number)
    return False


def _loads(graph: Graph) -> Iterator[Load]:
    stack: list[Operand] = [operand for node in graph.nodes for operand in node.operands]
    while stack:
        operand = stack.pop()
        if isinstance(operand, Load):
            yield operand
        elif isinstance(operand, Term):
            stack += operand.parts


class _Marked(Statements):
    """Notes which nodes are those of some statements."""

    def __init__(self, scope: Scope, first: ast.stmt, last: ast.stmt) -> None:
        super().__init__(scope, None, Mode())
        self.first, self.last = first, last
        self.entries = self.start = self.stop = 0
        self.end: int | None = None

    def statement(self, node: ast.stmt) -> None:
        if node is self.first:
            self.entries += 1
            self.start = self.label()
        super().statement(node)
        if node is self.last:
            self.stop = len(self.graph.nodes)
            self.end = self.label() if self.pending else None
