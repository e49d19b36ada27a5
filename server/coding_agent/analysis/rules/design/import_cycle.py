"""Modules import one another, and one of them takes a name the other may not have yet.

Which of them is imported first decides whether it works: the one that comes second finds the first half done, and
``from first import name`` fails. Imports for types only, inside functions or under ``if __name__ == "__main__":``
are no part of a cycle, nor is what a module takes from the package around it, which is always there first. Nor are
those behind what the module defines: somebody has put them there because of the cycle. A package around all of the
modules that imports them itself does so in one order, whoever comes first, and that has been seen to work. The imports
are gone through as Python would run them, with the packages around, and what is reported fails when the other module is
the first to be imported. One cycle is reported of each knot of modules; taking it apart often loosens the others.

What helps: move what both need into a third module, import inside the function that needs it, or import the module
instead of the name.

Source: Python documentation, FAQ "What are the best practices for using import in a module?"; pylint R0401.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding, Severity
from coding_agent.analysis.project import resolved
from coding_agent.analysis.report import FileFacts, Imported, ProjectFacts
from coding_agent.analysis.rule import Example, Kind, Rule
from coding_agent.text import Span

_LOOKED_AT = 8
"""In a knot of hundreds of modules the shortest cycle of all is not worth the search; that of one of these is."""
_ALL = "*"

Graph = dict[str, dict[str, tuple[Span, str | None]]]
"""For each module those it imports, where, and the first name it takes."""
Step = tuple[str, str | None]
"""A module that is imported, and the name that is taken of it, None for none."""


def check(project: ProjectFacts, context: Context) -> Iterator[tuple[str, Finding]]:
    files = {each.module: each for each in project.files.values() if each.module}
    graph = {name: _edges(facts, files) for name, facts in sorted(files.items())}
    start = _Start(files)
    for knot in _knots(graph):
        cycle = None if _has_one_entry(knot, graph) else _shortest(knot, graph, start)
        if cycle is None:
            continue
        span, name = graph[cycle[0]][cycle[1]]
        way = " -> ".join((*cycle, cycle[0]))
        more = f"; {len(knot)} modules are knotted" if len(knot) > len(cycle) else ""
        message = f"import cycle: '{name}' may not be there yet ({way}{more})"
        yield files[cycle[0]].path, context.finding(span, message)


def _edges(facts: FileFacts, files: Mapping[str, FileFacts]) -> dict[str, tuple[Span, str | None]]:
    found: dict[str, tuple[Span, str | None]] = {}
    modules = dict.fromkeys(files, "")
    for each in facts.imports:
        if each.typing_only or each.late:
            continue
        for target, name in resolved(each, facts, modules):
            around = facts.module == target or facts.module.startswith(f"{target}.")
            if not around and (target not in found or (found[target][1] is None and name is not None)):
                found[target] = (each.span, name)
    return found


def _has_one_entry(knot: list[str], graph: Graph) -> bool:
    """Whether a package around all modules of a knot imports one of them, by whatever way."""
    # What the first and the last of them in order begin with, all begin with.
    around = _packages(knot[0]).intersection(_packages(knot[-1])).difference(knot)
    return any(_reaches(package, knot[0], graph) for package in around if package in graph)


def _packages(module: str) -> set[str]:
    return {module[: dot.start()] for dot in re.finditer(r"\.", module)}


def _reaches(start: str, goal: str, graph: Graph) -> bool:
    seen, todo = {start}, [start]
    while todo:
        for target in graph[todo.pop()]:
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return goal in seen


def _knots(graph: Graph) -> list[list[str]]:
    """The sets of modules that all reach one another, larger than one."""
    search = _Search(graph)
    for start in graph:
        if start not in search.index:
            search.run(start)
    return sorted(search.knots)


class _Search:
    """Tarjan's search for strongly connected components, without recursion."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.index: dict[str, int] = {}
        self.low: dict[str, int] = {}
        self.stack: list[str] = []
        self.open: set[str] = set()
        self.work: list[tuple[str, Iterator[str]]] = []
        self.knots: list[list[str]] = []

    def run(self, start: str) -> None:
        self._enter(start)
        while self.work:
            node, rest = self.work[-1]
            for target in rest:
                if target not in self.index:
                    self._enter(target)
                    break
                if target in self.open:
                    self.low[node] = min(self.low[node], self.index[target])
            else:
                self._leave()

    def _enter(self, node: str) -> None:
        self.index[node] = self.low[node] = len(self.index)
        self.stack.append(node)
        self.open.add(node)
        self.work.append((node, iter(self.graph[node])))

    def _leave(self) -> None:
        node, _ = self.work.pop()
        if self.work:
            above = self.work[-1][0]
            self.low[above] = min(self.low[above], self.low[node])
        if self.low[node] == self.index[node]:
            at = self.stack.index(node)
            knot = self.stack[at:]
            del self.stack[at:]
            self.open.difference_update(knot)
            if len(knot) > 1:
                self.knots.append(sorted(knot))


class _Start:
    """A program that begins with the import of one module: what is run, in which order, what has been bound by then.

    What a module defines itself is seen only as all or nothing: all, where an import stands behind a definition.
    """

    def __init__(self, files: Mapping[str, FileFacts]) -> None:
        self._files = files
        self._modules = dict.fromkeys(files, "")
        self._imports: dict[str, list[tuple[Imported, list[Step]]]] = {}

    def failure(self, entry: str) -> tuple[str, str] | None:
        """The module that takes a name too early, and the one it takes it from; None where all is well."""
        bound: dict[str, set[str]] = {}
        running: set[str] = set()
        stack: list[tuple[str, Iterator[Step]]] = [("", iter([(each, None) for each in _with_packages(entry)]))]
        while stack:
            module, steps = stack[-1]
            step = next(steps, None)
            if step is None:
                stack.pop()
                running.discard(module)
                continue
            target, name = step
            if name is None:
                if target in self._files and target not in bound:
                    bound[target] = set()
                    running.add(target)
                    stack.append((target, self._steps(target, bound)))
            elif target in running and not {name, _ALL}.intersection(bound[target]):
                return module, target
        return None

    def _steps(self, module: str, bound: dict[str, set[str]]) -> Iterator[Step]:
        """The modules that a module runs, by the name None, and the names it takes of them."""
        for each, targets in self._resolved(module):
            if each.late:
                bound[module].add(_ALL)
            for target, name in targets:
                for package in _with_packages(target):
                    yield package, None
                if name is not None and not module.startswith(f"{target}."):
                    yield target, name
            bound[module].update(each.names)

    def _resolved(self, module: str) -> list[tuple[Imported, list[Step]]]:
        found = self._imports.get(module)
        if found is None:
            facts = self._files[module]
            run = sorted((each for each in facts.imports if not each.typing_only), key=lambda each: each.span)
            found = [(each, [*resolved(each, facts, self._modules)]) for each in run]
            self._imports[module] = found
        return found


def _with_packages(module: str) -> list[str]:
    return [*sorted(_packages(module), key=len), module]


def _shortest(knot: Iterable[str], graph: Graph, start: _Start) -> list[str] | None:
    """The shortest cycle that begins with an import which takes a name that is not there when the other comes first."""
    inside = frozenset(knot)
    best: list[str] | None = None
    entries = [
        target
        for source in sorted(inside)
        for target, (_, name) in graph[source].items()
        if name is not None and target in inside
    ]
    for entry in [*dict.fromkeys(entries)][:_LOOKED_AT]:
        failed = start.failure(entry)
        if failed is None or failed[1] not in graph.get(failed[0], {}) or not inside.issuperset(failed):
            continue
        way = _way(failed[1], failed[0], inside, graph)
        if way is not None and (best is None or len(way) < len(best)):
            best = way
    return best


def _way(start: str, goal: str, inside: frozenset[str], graph: Graph) -> list[str] | None:
    """The cycle ``goal -> start -> ... -> goal``, without its last step."""
    came: dict[str, str] = {start: ""}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        if node == goal:
            way: list[str] = []
            while node:
                way.append(node)
                node = came[node]
            return [goal, *way[:0:-1]]
        for target in graph[node]:
            if target in inside and target not in came:
                came[target] = node
                queue.append(target)
    return None


RULE = Rule(
    name="import-cycle",
    check=check,
    kind=Kind.FILES,
    severity=Severity.INFORMATION,
    twins=("pylint:R0401",),
    examples=(
        Example(
            "two modules that need each other",
            before=(
                "# file: shop/__init__.py\n# file: shop/cart.py\n$0from shop.user import User$0\n\n\nclass Cart:\n"
                "    owner: User\n# file: shop/user.py\nimport shop.cart\n\n\nclass User:\n    cart: shop.cart.Cart\n"
            ),
        ),
        Example(
            "through a third, with relative imports",
            before=(
                "# file: shop/__init__.py\n# file: shop/a.py\n$0from .b import one$0\n"
                "# file: shop/b.py\nfrom . import c\n"
                "one = c.two\n# file: shop/c.py\nfrom .a import one as two\n"
            ),
        ),
        Example(
            "for types only",
            before=(
                "# file: shop/__init__.py\n# file: shop/cart.py\nfrom shop.user import User\n# file: shop/user.py\n"
                "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from shop.cart import Cart\n"
            ),
        ),
        Example(
            "behind what the other takes",
            before=(
                "# file: shop/__init__.py\n# file: shop/cart.py\nfrom shop.user import User\n# file: shop/user.py\n"
                "class User:\n    cart = None\n\n\nfrom shop.cart import Cart\n"
            ),
        ),
        Example(
            "always begun by the package around",
            before=(
                "# file: shop/__init__.py\nfrom shop import user\n# file: shop/cart.py\nfrom shop.user import User\n"
                "# file: shop/user.py\nimport shop.cart\n\n\nclass User:\n    cart: shop.cart.Cart\n"
            ),
        ),
        Example(
            "bound before the cycle begins",
            before=(
                "# file: shop/__init__.py\n# file: shop/kinds.py\nKINDS = 3\n"
                "# file: shop/api/__init__.py\nfrom shop.kinds import KINDS\nimport shop.cart\n"
                "# file: shop/cart.py\nfrom shop.api import KINDS\n\n\nclass Cart:\n    kinds = KINDS\n"
            ),
        ),
        Example(
            "bound behind it",
            before=(
                "# file: shop/__init__.py\n# file: shop/kinds.py\nKINDS = 3\n"
                "# file: shop/api/__init__.py\nimport shop.cart\nfrom shop.kinds import KINDS\n"
                "# file: shop/cart.py\n$0from shop.api import KINDS$0\n\n\nclass Cart:\n    kinds = KINDS\n"
            ),
        ),
        Example(
            "inside a function",
            before=(
                "# file: shop/__init__.py\n# file: shop/cart.py\nfrom shop.user import User\n# file: shop/user.py\n"
                "def cart():\n    from shop.cart import Cart\n    return Cart()\n"
            ),
        ),
        Example(
            "only where it is run",
            before=(
                "# file: cart.py\nfrom user import User\n# file: user.py\nclass User:\n    cart = None\n\n\n"
                "if __name__ == '__main__':\n    import cart\n\n    print(cart.User)\n"
            ),
        ),
        Example(
            "whole modules, used later",
            before="# file: cart.py\nimport user\n# file: user.py\nimport cart\n",
        ),
        Example(
            "the package around",
            before=(
                "# file: shop/__init__.py\nfrom shop.cart import Cart\n# file: shop/cart.py\nfrom shop import VERSION\n"
            ),
        ),
        Example(
            "allowed",
            before=(
                "# file: cart.py\nfrom user import User  # coding-agent: allow import-cycle\n"
                "# file: user.py\nimport cart\n"
            ),
        ),
    ),
)
