"""Extract variable, all occurrences: give a constant one name wherever the function writes it.

The same number in three places is three places to change, and nobody knows whether they mean the same.

Offered on a selected number, string or bytes, or tuple of these, that the function writes more than
once. The name is bound before the first statement that holds all of them. Constants only: that an
attribute read twice gives the same twice cannot be proved. What is in an ``assert``, a pattern, an annotation or a
nested function is left alone.

Source: Fowler, "Replace Magic Literal"; the graph of the result, with the name replaced by the constant,
must be that of the original.
"""

import ast

from coding_agent.errors import Refused
from coding_agent.proof import Claim
from coding_agent.proof.changes import same
from coding_agent.proof.source import SCOPES, Function
from coding_agent.refactoring.conditions import is_elif
from coding_agent.refactoring.hoisting import readable, starts_line
from coding_agent.refactoring.naming import fresh, variable_name
from coding_agent.refactoring.refactoring import EXTRACT, Example, Refactoring, Rewriting
from coding_agent.refactoring.refactorings.extract_variable import binding, use
from coding_agent.refactoring.view import View
from coding_agent.text import Edit

_NOT_INTO = (*SCOPES, ast.ClassDef, ast.Assert)
_Path = tuple[ast.AST, ...]


def offer(view: View) -> str | None:
    found = _occurrences(view)
    return f"Extract variable (all {len(found)} occurrences)" if len(found) > 1 else None


def _occurrences(view: View) -> list[_Path]:
    """The paths to everything in the function that is written like the selected constant, if it is one."""
    node, function = view.expression, view.function
    if node is None or function is None or not _constant(node):
        return []
    found = [path for statement in function.body for path in _paths(statement, node, ())]
    return found if any(path[-1] is node for path in found) else []


def _constant(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=bool()):
            return False
        case ast.Constant(value=int() | float() | complex() | str() | bytes()):
            return True
        case ast.Tuple(elts=items):
            return bool(items) and all(_constant(item) for item in items)
        case _:
            return False


def _paths(node: ast.AST, wanted: ast.expr, path: _Path) -> list[_Path]:
    here = (*path, node)
    if isinstance(node, _NOT_INTO) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        return []
    if isinstance(node, ast.expr) and type(node) is type(wanted) and same(node, wanted):
        return [here] if readable(here) else []
    return [found for child in ast.iter_child_nodes(node) for found in _paths(child, wanted, here)]


def rewrite(view: View) -> Rewriting:
    found, node, function = _occurrences(view), view.expression, view.function
    if len(found) < 2 or node is None or function is None:
        raise Refused("there is no constant here that the function writes more than once")
    statement = _before_all(view, function, found)
    name = fresh(view.source, variable_name(node))
    edits = [binding(view, statement, name, node)]
    for path in found:
        occurrence = path[-1]
        assert isinstance(occurrence, ast.expr)
        edits.append(Edit(view.source.span(occurrence), use(view, occurrence, name)))
    return Rewriting(tuple(sorted(edits)), Claim(adds=frozenset({name})))


def _before_all(view: View, function: Function, found: list[_Path]) -> ast.stmt:
    """The innermost statement before which a line runs before all occurrences, whichever way control goes."""
    best: ast.stmt | None = None
    block: list[ast.stmt] = function.body
    while True:
        inside = [statement for statement in block if any(statement in path for path in found)]
        if starts_line(view, inside[0]) and not is_elif(view.source, inside[0]):
            best = inside[0]
        inner = [b for b in _blocks(inside[0]) if all(any(s in path for s in b) for path in found)]
        if len(inside) > 1 or not inner:
            break
        block = inner[0]
    if best is None:
        raise Refused("there is no line to put the name on")
    return best


def _blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    holders = [node, *getattr(node, "handlers", []), *getattr(node, "cases", [])]
    found = [getattr(holder, field, None) for holder in holders for field in ("body", "orelse", "finalbody")]
    return [block for block in found if isinstance(block, list)]


REFACTORING = Refactoring(
    "extract-variable-all",
    EXTRACT,
    offer,
    rewrite,
    (
        Example(
            "a number in several branches",
            before="""\
def wait(slow):
    # Seconds.
    if slow:
        sleep($0300$0)
    elif sleep(300):
        log("slept", 300)
    return 300 - slow
""",
            after="""\
def wait(slow):
    # Seconds.
    number = 300
    if slow:
        sleep(number)
    elif sleep(number):
        log("slept", number)
    return number - slow
""",
        ),
        Example(
            "in one branch only",
            before="""\
def wait(slow):
    if slow:
        log("wait")
        for _ in range(3):
            log($0"waiting"$0, "waiting")
""",
            after="""\
def wait(slow):
    if slow:
        log("wait")
        for _ in range(3):
            text = "waiting"
            log(text, text)
""",
        ),
        Example(
            "a constant that stands there once",
            before="""\
def f(a):
    return g(a, $03$0)
""",
            after=None,
        ),
        Example(
            "a docstring is not a value",
            before="""\
def f(a):
    $0"size"$0
    return a["size"], "size"
""",
            after=None,
        ),
        Example(
            "true is no number",
            before="""\
def f(a):
    return g($0True$0, True, 1)
""",
            after=None,
        ),
        Example(
            "one is not one point nought",
            before="""\
def f(a):
    return g($01$0, 1.0, True)
""",
            after=None,
        ),
        Example(
            "patterns and asserts keep theirs",
            before="""\
def f(a):
    assert a != 3
    match a:
        case 3:
            return g($03$0, 3)
""",
            after="""\
def f(a):
    assert a != 3
    match a:
        case 3:
            number = 3
            return g(number, number)
""",
        ),
    ),
)
