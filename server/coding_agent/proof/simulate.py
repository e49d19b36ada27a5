"""Whether two graphs do the same: both are walked together, event by event, down every path."""

from coding_agent.proof.claim import Unprovable
from coding_agent.proof.graph import (
    BRANCH,
    NOT,
    OUTER,
    TRUTH,
    UNBOUND,
    Definition,
    Graph,
    Load,
    Node,
    Operand,
    Result,
    Term,
)

_STUCK = -1
_TURNED = {"true": "false", "false": "true"}


class Side:
    """A graph in which some variables are transparent: they stand for the one value they are bound to."""

    def __init__(self, graph: Graph, transparent: frozenset[str]) -> None:
        self.graph = graph
        self.transparent = transparent

    def silent(self, node: Node) -> bool:
        """Whether nothing happens at a node: it binds a transparent variable, or asks a bool for its truth."""
        if node.label is None:
            return True
        if node.label == TRUTH:
            return self._is_bool(node.operands[0])
        return bool(node.binds) and not node.unbinds and all(var.name in self.transparent for var in node.binds)

    def _is_bool(self, operand: Operand) -> bool:
        match self.expanded(operand):
            case Result(node=number):
                label = self.graph.nodes[number].label
                return label == TRUTH or (label is not None and label[::2] == ("compare", "bool"))
            case Term(label=label):
                return label == NOT or label in {("constant", "bool", "True"), ("constant", "bool", "False")}
            case _:
                return False

    def settle(self, number: int) -> int:
        """The first event at or behind a node; _STUCK where control runs in a circle without one."""
        seen: set[int] = set()
        while self.silent(self.graph.nodes[number]):
            if number in seen:
                return _STUCK
            seen.add(number)
            target = self.graph.nodes[number].edges.get("next")
            if target is None:
                raise Unprovable("control leaves the code in an unknown way")
            number = target
        return number

    def expanded(self, operand: Operand) -> Operand:
        """The operand with transparent variables, and the truth of bools, replaced by the values they stand for."""
        while True:
            if isinstance(operand, Load) and operand.var.frame != OUTER and operand.var.name in self.transparent:
                operand = self._bound_to(operand)
            elif isinstance(operand, Result) and self._asks_bool(operand.node):
                operand = self.graph.nodes[operand.node].operands[0]
            else:
                return operand

    def _asks_bool(self, number: int) -> bool:
        node = self.graph.nodes[number]
        return node.label == TRUTH and self._is_bool(node.operands[0])

    def _bound_to(self, load: Load) -> Operand:
        """The one value a transparent variable has."""
        found = self.graph.definitions(load)
        node = next(iter(found))
        if len(found) != 1 or isinstance(node, str) or node == UNBOUND:
            raise Unprovable(f"`{load.var.name}` is not bound on every path to its use")
        values = self.graph.nodes[node].operands
        if len(values) != 1:
            raise Unprovable(f"`{load.var.name}` is not bound to one value")
        return values[0]

    def decides(self, number: int) -> tuple[Operand, bool]:
        """What a branch goes by, freed of negations, and whether these turn it round."""
        operand, turned = self.expanded(self.graph.nodes[number].operands[0]), False
        while isinstance(operand, Term) and operand.label == NOT:
            operand, turned = self.expanded(operand.parts[0]), not turned
        return operand, turned


class Simulation:
    """The pairs of events that happen at the same moment of the same path."""

    def __init__(self, before: Side, after: Side) -> None:
        self.before = before
        self.after = after
        self.pairs: set[tuple[int, int]] = set()
        self._partners: dict[int, set[int]] = {}

    def check(self) -> None:
        """Raises: Unprovable - the graphs differ, or cannot be shown to do the same."""
        self._walk()
        for one, other in self.pairs:
            self._partners.setdefault(one, set()).add(other)
        for one, other in self.pairs:
            if one != _STUCK and self.before.graph.nodes[one].label == BRANCH:
                if not self._same(self.before.decides(one)[0], self.after.decides(other)[0]):
                    raise Unprovable("a condition works on another value")
            elif one != _STUCK:
                self._same_operands(self.before.graph.nodes[one], self.after.graph.nodes[other])

    def _walk(self) -> None:
        stack = [(self.before.settle(0), self.after.settle(0))]
        while stack:
            pair = stack.pop()
            if pair in self.pairs:
                continue
            self.pairs.add(pair)
            one, other = pair
            if _STUCK in pair:
                if one != other:
                    raise Unprovable("one of them runs in a circle")
                continue
            node, twin = self.before.graph.nodes[one], self.after.graph.nodes[other]
            if node.label != twin.label or node.edges.keys() != twin.edges.keys():
                raise Unprovable(f"{_said(node)} has become {_said(twin)}")
            turned = node.label == BRANCH and self.before.decides(one)[1] != self.after.decides(other)[1]
            for name, target in node.edges.items():
                twin_name = _TURNED[name] if turned else name
                stack.append((self.before.settle(target), self.after.settle(twin.edges[twin_name])))

    def _same_operands(self, node: Node, twin: Node) -> None:
        if len(node.operands) != len(twin.operands):
            raise Unprovable(f"{_said(node)} works on other values")
        for one, other in zip(node.operands, twin.operands, strict=True):
            if not self._same(one, other):
                raise Unprovable(f"{_said(node)} works on another value")

    def _same(self, one: Operand, other: Operand) -> bool:
        one, other = self.before.expanded(one), self.after.expanded(other)
        match one, other:
            case Result(node=left), Result(node=right):
                return (left, right) in self.pairs
            case Term(label=left, parts=parts), Term(label=right, parts=twins):
                if left != right or len(parts) != len(twins):
                    return False
                return all(self._same(part, twin) for part, twin in zip(parts, twins, strict=True))
            case Load(), Load():
                return one.var.name == other.var.name and self._same_definitions(one, other)
            case _:
                return False

    def _same_definitions(self, one: Load, other: Load) -> bool:
        left, right = self.before.graph.definitions(one), self.after.graph.definitions(other)
        return all(self._has_twin(d, right) for d in left) and all(self._is_twin(d, left) for d in right)

    def _has_twin(self, definition: Definition, others: frozenset[Definition]) -> bool:
        if isinstance(definition, str) or definition == UNBOUND:
            return definition in others
        return not others.isdisjoint(self._partners.get(definition, ()))

    def _is_twin(self, definition: Definition, others: frozenset[Definition]) -> bool:
        if isinstance(definition, str) or definition == UNBOUND:
            return definition in others
        return any((other, definition) in self.pairs for other in others)


def check_bound(graph: Graph) -> None:
    """Variables handed over to or from a followed function have a value on every path.

    Raises: Unprovable - one may have none, and reading it would raise.
    """
    for load in graph.bound:
        if UNBOUND in graph.definitions(load):
            raise Unprovable(f"`{load.var.name}` may have no value where it is handed over")


def check_captures(before: Graph, after: Graph) -> None:
    """Closures see what they saw: a variable that a closure captures was not split over two frames.

    Raises: Unprovable - one was, and it is bound more than once or after the closure is made.
    """
    inner_binds = {var.name for node in after.nodes for var in node.binds if var.frame == 1}
    for frame, var in after.captures:
        if frame == 0 and var.name in inner_binds:
            raise Unprovable(f"a closure captures `{var.name}`, which the new function binds")
        if frame == 1:
            binds = [n for n, node in enumerate(before.nodes) if any(v.name == var.name for v in node.binds)]
            count = len(binds) + (var.name in before.parameters)
            if count > 1 or any(before.in_cycle(n) for n in binds):
                raise Unprovable(f"a closure made in the new function captures `{var.name}`, which is bound again")


def _said(node: Node) -> str:
    """An event in words, for the message of a failed proof."""
    words = [part if isinstance(part, str) else "" for part in node.label or ()]
    return " ".join(word if len(word) < 40 else "..." for word in words if word) or "a call"
