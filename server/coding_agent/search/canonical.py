"""One form for what Python can say in several: early returns and else, loops that fill a list, names used once.

A function is rewritten only to be compared with another that is; nobody runs or reads it, so what is evaluated first
does not count.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import cast

from coding_agent.search.shapes import says_nothing

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_EXITS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_CALLED = frozenset(["any", "all", "sum", "set", "list", "tuple", "sorted", "dict", "min", "max", "join", "extend"])
"""What takes a list or a generator alike, and has read it when it returns."""


def canonical(function: _Function) -> None:
    """Bring a function into its one form."""
    for block in list(_blocks(function)):
        block[:] = [each for each in block if not isinstance(each, ast.Expr) or not says_nothing(each.value)]
        _choices(block)
    for block in list(_blocks(function)):
        _loops(block)
    used = Counter(each.id for each in ast.walk(function) if isinstance(each, ast.Name))
    for block in list(_blocks(function)):
        _inline(block, used)
    _Lists().visit(function)
    _nest(function.body)


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """All blocks of statements, the inner ones first."""
    for block in blocks(node):
        for each in block:
            yield from _blocks(each)
        yield block


def blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The blocks of statements just below a node, in their order."""
    for name in ("body", "handlers", "cases", "orelse", "finalbody"):
        value: object = getattr(node, name, None)
        if name in ("handlers", "cases"):
            for each in cast("list[ast.ExceptHandler | ast.match_case]", value or []):
                yield each.body
        elif isinstance(value, list):
            yield cast("list[ast.stmt]", value)


def _choices(block: list[ast.stmt]) -> None:
    """A choice of two values becomes a choice of two statements."""
    for at, node in enumerate(block):
        value = getattr(node, "value", None)
        if not isinstance(value, ast.IfExp):
            continue
        if isinstance(node, ast.Return):
            block[at] = ast.If(value.test, [ast.Return(value.body)], [ast.Return(value.orelse)])
        elif isinstance(node, ast.Assign):
            body, orelse = (ast.Assign(node.targets, each) for each in (value.body, value.orelse))
            block[at] = ast.If(value.test, [body], [orelse])


def _nest(block: list[ast.stmt]) -> None:
    """What stands behind a branch that leaves becomes the other branch."""
    for at, node in enumerate(block):
        if isinstance(node, ast.If) and block[at + 1 :]:
            rest = block[at + 1 :]
            if _leaves(node.body):
                node.orelse = [*node.orelse, *rest]
            elif node.orelse and _leaves(node.orelse):
                node.body = [*node.body, *rest]
            else:
                continue
            del block[at + 1 :]
            break
    for node in block:
        for inner in blocks(node):
            _nest(inner)


def _leaves(block: Sequence[ast.stmt]) -> bool:
    return bool(block) and isinstance(block[-1], _EXITS)


def _loops(block: list[ast.stmt]) -> None:
    """A loop that only fills one thing, or looks for one, becomes a comprehension."""
    at = 0
    while at < len(block):
        node = block[at]
        plain = node if isinstance(node, ast.For) and not node.orelse else None
        # Where the empty thing is taken out, what comes next moves up.
        at += 0 if plain and (_filled(block, at, plain) or _looked_for(block, at, plain)) else 1


def _filled(block: list[ast.stmt], at: int, loop: ast.For) -> bool:
    clause, last = _clause(loop)
    found = _grown(last)
    if found is None:
        return False
    name, make, empty = found
    start = next((n for n in range(at - 1, -1, -1) if _names(block[n], name)), None)
    if start is None or not _is_empty(block[start], name, empty) or name in _read(clause):
        return False
    target = ast.Name(name, ast.Store())
    block[at] = ast.Assign([target], make(clause))
    del block[start]
    return True


def _clause(loop: ast.For) -> tuple[ast.comprehension, ast.stmt]:
    """What a loop goes over, with the conditions that stand around its only statement."""
    clause = ast.comprehension(loop.target, loop.iter, [], 0)
    body = loop.body
    while True:
        if len(body) == 1 and isinstance(body[0], ast.If) and not body[0].orelse:
            clause.ifs.append(body[0].test)
            body = body[0].body
        elif len(body) == 2 and isinstance(body[0], ast.If) and _is_continue(body[0]):
            clause.ifs.append(_not(body[0].test))
            body = body[1:]
        else:
            return clause, body[0] if len(body) == 1 else ast.Pass()


def _is_continue(node: ast.If) -> bool:
    return len(node.body) == 1 and isinstance(node.body[0], ast.Continue) and not node.orelse


def _not(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    return ast.UnaryOp(ast.Not(), test)


_Make = Callable[[ast.comprehension], ast.expr]


def _grown(node: ast.stmt) -> tuple[str, _Make, tuple[str, ...]] | None:
    """The name that a statement adds to, the comprehension that would, and how what is empty is written."""
    match node:
        case ast.Expr(ast.Call(ast.Attribute(ast.Name(name), "append"), [value], [])):
            return name, lambda clause: ast.ListComp(value, [clause]), ("[]", "list()")
        case ast.Expr(ast.Call(ast.Attribute(ast.Name(name), "add"), [value], [])):
            return name, lambda clause: ast.SetComp(value, [clause]), ("set()",)
        case ast.Assign([ast.Subscript(ast.Name(name), key)], value):
            return name, lambda clause: ast.DictComp(key, value, [clause]), ("{}", "dict()")
        case ast.AugAssign(ast.Name(name), ast.Add(), value):
            whole = ast.Name("sum", ast.Load())
            return name, lambda clause: ast.Call(whole, [ast.GeneratorExp(value, [clause])], []), ("0",)
        case _:
            return None


def _is_empty(node: ast.stmt, name: str, written: tuple[str, ...]) -> bool:
    target, value = None, None
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target, value = node.targets[0], node.value
    elif isinstance(node, ast.AnnAssign):
        target, value = node.target, node.value
    if value is None or not isinstance(target, ast.Name) or target.id != name:
        return False
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Subscript):  # list[int]()
        value = ast.Call(value.func.value, value.args, value.keywords)
    return ast.unparse(value) in written


def _looked_for(block: list[ast.stmt], at: int, loop: ast.For) -> bool:
    """``for`` and ``return True``, then ``return False``: any; the other way round: all."""
    clause, last = _clause(loop)
    behind = block[at + 1] if at + 1 < len(block) else None
    found, otherwise = _truth(last), _truth(behind)
    if found is None or otherwise is None or found is otherwise or not clause.ifs:
        return False
    test = clause.ifs.pop()
    value = test if found else _not(test)
    call = ast.Call(ast.Name("any" if found else "all", ast.Load()), [ast.GeneratorExp(value, [clause])], [])
    block[at : at + 2] = [ast.Return(call)]
    return True


def _truth(node: ast.stmt | None) -> bool | None:
    value = node.value if isinstance(node, ast.Return) else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, bool) else None


class _Lists(ast.NodeTransformer):
    """A list that is made only to be read becomes what makes it."""

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        node.ifs = [test for each in node.ifs for test in _all_of(each)]
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in _CALLED and len(node.args) == 1 and isinstance(node.args[0], ast.ListComp):
            node.args[0] = ast.GeneratorExp(node.args[0].elt, node.args[0].generators)
        if name in ("list", "set") and len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp):
            made = ast.ListComp if name == "list" else ast.SetComp
            return made(node.args[0].elt, node.args[0].generators)
        return node


def _all_of(test: ast.expr) -> list[ast.expr]:
    return test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]


def _inline(block: list[ast.stmt], used: "Counter[str]") -> None:
    """A name that is given once and read once, by the next statement, is not needed."""
    at = len(block) - 2
    while at >= 0:
        node = block[at]
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        if isinstance(node, ast.Assign) and isinstance(target, ast.Name) and used[target.id] == 2:
            put = _Put(target.id, node.value)
            block[at + 1] = put.into(block[at + 1])
            if put.done:
                del block[at]
        at -= 1


class _Put(ast.NodeTransformer):
    """Puts a value where a name is read, in what a statement evaluates once."""

    def __init__(self, name: str, value: ast.expr) -> None:
        self.name, self.value, self.done = name, value, False

    def into(self, node: ast.stmt) -> ast.stmt:
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return | ast.Expr) and node.value:
            node.value = self.visit(node.value)
        elif isinstance(node, ast.If):
            node.test = self.visit(node.test)
        elif isinstance(node, ast.For):
            node.iter = self.visit(node.iter)
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id != self.name or not isinstance(node.ctx, ast.Load):
            return node
        self.done = True
        return self.value


def _names(node: ast.AST, name: str) -> bool:
    """Whether something stands there under a name."""
    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(node))


def _read(clause: ast.comprehension) -> set[str]:
    return {each.id for part in (clause.iter, *clause.ifs) for each in ast.walk(part) if isinstance(each, ast.Name)}
