"""What stands around a definition, in its document and in modules of the project, and what that leads to."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property

from coding_agent.analysis.walk import Walk
from coding_agent.assist import harmless
from coding_agent.assist.holding import DEFINITIONS
from coding_agent.assist.uses import Names, Uses, uses_of
from coding_agent.explain.effects import effects
from coding_agent.explain.world import Kind
from coding_agent.proof.scopes import bound_names, own_nodes
from coding_agent.proof.source import FUNCTIONS
from coding_agent.syntax.parse import parse

_REACHING = harmless.DANGEROUS | {Kind.GLOBAL, Kind.SELF, Kind.OUTER, Kind.ARGUMENT}
_BLOCKS = (ast.If, ast.Try, ast.TryStar, ast.With)


def flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported, those in blocks too."""
    waiting = list(reversed(body))
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, _BLOCKS):
            inner = [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.stmt | ast.ExceptHandler)]
            waiting += reversed(
                [each for one in inner for each in (one.body if isinstance(one, ast.ExceptHandler) else [one])]
            )


def names_of(body: list[ast.stmt]) -> dict[str, str | None]:
    """What the names of a module mean: a dotted name where an import says so, None where the module decides."""
    plain = [node for node in body if not isinstance(node, DEFINITIONS)]
    found = dict(Walk(plain, False).top.bound)
    found.update({node.name: None for node in flat(body) if isinstance(node, DEFINITIONS)})
    return found


class Surroundings:
    """A module without one of its definitions, ``but``, None for all of it. ``modules`` are others of the project."""

    _kinds = _REACHING
    """What code does that is more than a value."""

    def __init__(self, body: list[ast.stmt], but: ast.AST | None, names: Names, modules: Mapping[str, str]) -> None:
        self._body, self._but, self._names, self._modules = body, but, names, modules
        self._others: dict[str, Surroundings | None] = {}
        self._asked: dict[ast.AST, str] = {}

    @cached_property
    def bound(self) -> dict[str, list[ast.stmt]]:
        """The statements that bind each name of the module."""
        found: defaultdict[str, list[ast.stmt]] = defaultdict(list)
        for statement in flat(self._body):
            if isinstance(statement, DEFINITIONS):
                found[statement.name].append(statement)
            elif not isinstance(statement, _BLOCKS):
                for name in {name for node in own_nodes(statement) for name in bound_names(node)}:
                    found[name].append(statement)
        return found

    @cached_property
    def attributes(self) -> frozenset[str]:
        """Words by which attributes are reached or made somewhere in the module."""
        found: set[str] = set()
        for node in self._nodes():
            match node:
                case ast.Attribute(attr=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    found.add(name)
                case ast.keyword(arg=str(name)):
                    found.add(name)
                case ast.ClassDef():
                    found.update(name for each in node.body for inner in own_nodes(each) for name in bound_names(inner))
                case _:
                    pass
        return frozenset(found)

    @cached_property
    def imported(self) -> frozenset[str]:
        """The modules, and the names in them, that are imported somewhere in the module."""
        found: set[str] = set()
        for node in self._nodes():
            match node:
                case ast.Import(names=aliases):
                    found.update(part for each in aliases for part in _prefixes(each.name))
                case ast.ImportFrom(names=aliases):
                    module = "." * node.level + (node.module or "")
                    dot = "" if module.endswith(".") else "."
                    found.update((module, *(f"{module}{dot}{each.name}" for each in aliases)))
                case _:
                    pass
        return frozenset(found)

    def _nodes(self) -> Iterator[ast.AST]:
        waiting: list[ast.AST] = list(self._body)
        while waiting:
            node = waiting.pop()
            if node is not self._but:
                yield node
                waiting += ast.iter_child_nodes(node)

    @cached_property
    def _functions(self) -> dict[str, list[tuple[ast.stmt, ast.AST]]]:
        """Functions anywhere in the module by their names, with the statement of the module they stand in."""
        found: defaultdict[str, list[tuple[ast.stmt, ast.AST]]] = defaultdict(list)
        for statement in self._body:
            for node in ast.walk(statement):
                if isinstance(node, FUNCTIONS) and node not in self._inside:
                    found[node.name].append((statement, node))
        return found

    @cached_property
    def _inside(self) -> frozenset[ast.AST]:
        """The functions in the definition itself, but for the methods of a class."""
        inside = [] if self._but is None else [each for each in ast.walk(self._but) if isinstance(each, FUNCTIONS)]
        members: list[ast.AST] = getattr(self._but, "body", []) if isinstance(self._but, ast.ClassDef) else []
        return frozenset(each for each in inside if each not in members)

    def name(self, name: str) -> str | None:
        """What a name of the module leads to, empty where that is nothing; None where it has no such name."""
        if name not in self.bound:
            return None
        return next(filter(None, (self._leads(each, each) for each in self.bound[name])), "")

    def defines(self, name: str) -> bool:
        """Whether functions of a name stand somewhere in the module."""
        return name in self._functions

    def method(self, name: str) -> str:
        """What functions of a name lead to, wherever they stand."""
        return next(filter(None, (self._leads(*each) for each in self._functions.get(name, ()))), "")

    def dotted(self, dotted: str) -> str | None:
        """What a name of another module leads to; None where the module is not known."""
        module, _, name = dotted.rpartition(".")
        # ".text.slug" is the name "slug" of the module ".text", ".slug" one of ".".
        module = module or "." * (len(dotted) - len(dotted.lstrip(".")))
        if module not in self._others:
            text = self._modules.get(module)
            self._others[module] = self._beside(text) if text is not None else None
        other = self._others[module]
        return other.name(name) if other is not None else None

    def _beside(self, text: str) -> "Surroundings":
        """Another module of the project."""
        body = parse(text).body
        return Surroundings(body, None, names_of(body), {})

    def _leads(self, statement: ast.stmt, node: ast.AST) -> str:
        """What code leads to that is more than a value; empty for nothing."""
        if node is self._but or isinstance(node, ast.Import | ast.ImportFrom):
            return ""
        if node not in self._asked:
            self._asked[node] = ""  # What leads back to it leads to nothing more.
            self._asked[node] = next(self._found(statement, node), "")
        return self._asked[node]

    def _found(self, statement: ast.stmt, node: ast.AST) -> Iterator[str]:
        for part in that_runs(node):
            uses, context = uses_of(statement, part, self._names)
            yield from self._of(uses)
            if isinstance(part, FUNCTIONS):
                done = effects(part, context.qualified, method=isinstance(context.parent(part), ast.ClassDef))
                yield from (f"`{each.what}`" for each in done if each.kind in self._kinds)

    def _of(self, uses: Uses) -> Iterator[str]:
        for dotted in uses.dotted:
            kind = harmless.kind_of(dotted)
            if kind in harmless.DANGEROUS or (kind is None and not harmless.harmless_name(dotted)):
                yield f"`{dotted.removeprefix('builtins.')}`"
        for name in (*uses.attributes, *uses.by_name):
            if name in uses.by_name or harmless.barred_attribute(name):
                yield f"`{name}`"
            elif found := self.method(name):
                yield found
        for power in uses.powers:
            # A method that nobody knows, and a library's function that is not harmless, lead somewhere.
            name = power.group.removeprefix(".")
            known = harmless.harmless_attribute(name) or self.defines(name)
            if power.group != name and (harmless.acts(name, power.call) or not known):
                yield f"`{power.group}`"
        for name in uses.free:
            found = self.name(name)
            if found or found is None:
                yield found or f"`{name}`"


def _prefixes(dotted: str) -> Iterator[str]:
    parts = dotted.split(".")
    return (".".join(parts[: count + 1]) for count in range(len(parts)))


def that_runs(node: ast.AST) -> list[ast.AST]:
    """What runs when a name is used: of a class what makes its objects and what operators call."""
    if not isinstance(node, ast.ClassDef):
        return [node]
    special = [each for each in node.body if isinstance(each, FUNCTIONS) and each.name.startswith("__")]
    return [*node.bases, *special]
