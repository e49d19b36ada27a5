"""The calls that tests make, as text, so that no new test makes one of them again."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import TypeAlias

from coding_agent.testgen.inside import parsing
from coding_agent.testgen.inside.model import Candidate

_Values: TypeAlias = Mapping[str, ast.expr]
"""What a name stands for: the column of a table, a constant of the file."""

_FIXTURES = frozenset({"tmp_path"})
"""Fixtures that change nothing around a call."""
_MARKS = frozenset({"asyncio", "anyio"})
_HEARD = frozenset({"raises", "warns", "subTest", "assertRaises", "assertRaisesRegex", "assertWarns"})
"""Managers that only listen to what happens in them."""
_OPERATIONS = (ast.Compare, ast.BinOp, ast.UnaryOp, ast.Subscript)


def calls_of(text: str, module: str, targets: Iterable[str]) -> frozenset[str]:
    """Return the calls of some targets of a module that the tests in a file make, each with what was arranged for it.

    Left out are tests that ask for fixtures or change their surroundings: the same call does something else there.
    """
    tree = parsing.module(text)
    if tree is None:
        return frozenset()
    reader = _Reader(_names_of(tree, module), frozenset(name.rpartition(".")[2] for name in targets))
    constants = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test"):
            for row in _rows(node):
                reader.read(node.body, [], {**constants, **row})
    return frozenset(reader.found)


def call_of(candidate: Candidate) -> str:
    """Return the call of a candidate as ``calls_of`` does; empty where its surroundings are its own."""
    act = candidate.act
    if candidate.patches or not _FIXTURES.issuperset(candidate.fixtures) or act.kind in ("set", "with", "awith"):
        return ""
    arguments = ", ".join(f"{arg.name}={arg.code}" if arg.name else arg.code for arg in act.args)
    node = parsing.expression(act.callee if act.kind in ("get", "expr") else f"{act.callee}({arguments})")
    arranged = parsing.module("\n".join(candidate.arrange))
    return _key(arranged.body, node) if node is not None and arranged is not None else ""


class _Reader:
    """Goes through the statements of tests; ``found`` are the calls so far."""

    def __init__(self, modules: frozenset[str], names: frozenset[str]) -> None:
        self.found: set[str] = set()
        self._modules, self._names = modules, names

    def read(self, body: Sequence[ast.stmt], before: list[ast.stmt], values: _Values) -> None:
        for statement in body:
            if isinstance(statement, (ast.With, ast.AsyncWith)) and all(map(_listens, statement.items)):
                self.read(statement.body, before, values)
            elif isinstance(statement, ast.For) and (rows := _looped(statement)):
                for row in rows:
                    self.read(statement.body, list(before), {**values, **row})
            elif hasattr(statement, "body"):
                # What follows depends on more than the statements before it.
                return
            else:
                plain = _Filled(values, self._modules).visit(deepcopy(statement))
                self.found.update(_key(before, node) for node in ast.walk(plain) if self._may_be(node))
                before.append(plain)

    def _may_be(self, node: ast.AST) -> bool:
        head = node.func if isinstance(node, ast.Call) else node
        name = getattr(head, "attr", getattr(head, "id", ""))
        return name in self._names if isinstance(node, (ast.Call, ast.Attribute)) else isinstance(node, _OPERATIONS)


class _Filled(ast.NodeTransformer):
    """Puts values in place of their names, and leaves out the module in front of a name."""

    def __init__(self, values: _Values, modules: frozenset[str]) -> None:
        self._values, self._modules = values, modules

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._values.get(node.id, node) if isinstance(node.ctx, ast.Load) else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if ast.unparse(node.value) in self._modules:
            return ast.Name(node.attr, ast.Load())
        self.generic_visit(node)
        return node


def _key(before: Sequence[ast.stmt], node: ast.AST) -> str:
    """The statements that an expression depends on, and the expression; names that they bind are numbered."""
    bound = {each.id for line in before for each in _named(line) if isinstance(each.ctx, ast.Store)}
    needed = {each.id for each in _named(node)} & bound
    lines: list[ast.AST] = [node]
    for line in reversed(before):
        used = {each.id for each in _named(line)} & bound
        if used & needed:
            needed |= used
            lines.insert(0, line)
    lines = deepcopy(lines)
    numbers: dict[str, str] = {}
    for each in (each for line in lines for each in _named(line)):
        if each.id in bound:
            each.id = numbers.setdefault(each.id, f"_{len(numbers)}")
    return "\n".join(map(ast.unparse, lines))


def _named(node: ast.AST) -> Iterator[ast.Name]:
    return (each for each in ast.walk(node) if isinstance(each, ast.Name))


def _names_of(tree: ast.Module, module: str) -> frozenset[str]:
    """What the module is called in a file."""
    package, _, last = module.rpartition(".")
    found = {module}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.asname for each in node.names if each.name == module and each.asname}
        elif isinstance(node, ast.ImportFrom) and (node.module or "") == package:
            found |= {each.asname or last for each in node.names if each.name == last}
    return frozenset(found)


def _rows(test: ast.FunctionDef | ast.AsyncFunctionDef) -> list[dict[str, ast.expr]]:
    """The values of the parameters of a test, one table for each run; none where something else gives them."""
    rows: list[dict[str, ast.expr]] = [{}]
    for decorator in test.decorator_list:
        table = _parametrized(decorator)
        if table is None:
            return []
        rows = [{**row, **new} for row in rows for new in table]
    wanted = {each.arg for each in (*test.args.posonlyargs, *test.args.args, *test.args.kwonlyargs)} - {"self"}
    return [row for row in rows if wanted <= row.keys() | _FIXTURES]


def _parametrized(decorator: ast.expr) -> list[dict[str, ast.expr]] | None:
    """The rows of ``pytest.mark.parametrize``; one without values for a mark that changes nothing, None for others."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = called.attr if isinstance(called, ast.Attribute) else ""
    if name in _MARKS:
        return [{}]
    if name != "parametrize" or not isinstance(decorator, ast.Call) or len(decorator.args) < 2:
        return None
    try:
        names: object = ast.literal_eval(decorator.args[0])
    except ValueError:
        return None
    table = decorator.args[1]
    if not isinstance(table, (ast.List, ast.Tuple)):
        return None
    columns = [each.strip() for each in names.split(",")] if isinstance(names, str) else list(_texts(names))
    values = [_row(each, len(columns)) for each in table.elts]
    return [dict(zip(columns, row, strict=False)) for row in values]


def _texts(names: object) -> Iterator[str]:
    return map(str, names) if isinstance(names, (list, tuple)) else iter(())  # pyright: ignore[reportUnknownArgumentType]


def _row(node: ast.expr, columns: int) -> list[ast.expr]:
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "param":
        return list(node.args)
    return list(node.elts) if columns > 1 and isinstance(node, (ast.Tuple, ast.List)) else [node]


def _looped(loop: ast.For) -> list[dict[str, ast.expr]]:
    """The rows of a loop over a table that stands there."""
    if not isinstance(loop.iter, (ast.Tuple, ast.List)):
        return []
    names = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
    columns = [each.id for each in names if isinstance(each, ast.Name)]
    return [dict(zip(columns, _row(each, len(names)), strict=False)) for each in loop.iter.elts]


def _listens(item: ast.withitem) -> bool:
    call = item.context_expr
    return isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] in _HEARD
