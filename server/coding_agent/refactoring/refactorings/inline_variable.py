"""Inline variable: put the value where the name is used, and drop the name.

A name that says no more than its value is one thing too many to keep in mind.

Offered on a local variable that is bound once, by a plain assignment. A value that does something when
evaluated (a call, an attribute read, an operator) is inlined only into the next statement, where it is evaluated
once and before anything else that has an effect. Constants and other variables that are not bound
again in between may be inlined anywhere. Parentheses are added where they are needed; a comment of the
assignment stays as a line. Attributes, globals and variables that a closure captures are left alone: other
code may see them.

Source: Fowler, "Inline Variable"; the graph of the original, with the name replaced by what it stands for,
must be that of the result.
"""

import ast

from coding_agent.errors import Refused
from coding_agent.proof import Claim
from coding_agent.proof.scopes import bound_names, outer_names, own_nodes
from coding_agent.proof.source import SCOPES, Function, Source
from coding_agent.refactoring.conditions import behind, indentation
from coding_agent.refactoring.hoisting import first_evaluated, in_own_scope
from coding_agent.refactoring.refactoring import INLINE, Example, Refactoring, Rewriting
from coding_agent.refactoring.view import View
from coding_agent.syntax.nodes import children
from coding_agent.text import Edit, Span

_ATOMS = (
    ast.Name,
    ast.Attribute,
    ast.Call,
    ast.Subscript,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.ListComp,
    ast.DictComp,
    ast.SetComp,
    ast.GeneratorExp,
)
_OPEN = (ast.Assign, ast.AnnAssign, ast.Return, ast.Expr, ast.keyword, ast.If)
"""Around these a value needs no parentheses, unless it is a tuple, an assignment or a yield."""


def offer(view: View) -> str | None:
    return None if _plan(view) is None else "Inline variable"


def _plan(  # noqa: PLR0911 - one per precondition
    view: View,
) -> tuple[ast.Assign, list[tuple[ast.AST, ...]]] | None:
    """The one assignment, and the path to every use."""
    name, function = _name(view), view.function
    if name is None or function is None:
        return None
    found = _assignment(function, name)
    if found is None:
        return None
    assignment, block = found
    if any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(assignment.value)):
        return None
    uses = [path for s in function.body for path in _paths(s, name)]
    if not uses or not all(isinstance(path[0], ast.stmt) and _allowed(path) for path in uses):
        return None
    if _steady(assignment.value):
        return assignment, uses
    behind_it = block[block.index(assignment) + 1 :]
    if len(uses) != 1 or not behind_it or not _first_in(behind_it[0], uses[0]):
        return None
    return assignment, uses


def _name(view: View) -> str | None:
    """The variable the selection is on, or that the selected assignment binds."""
    node = view.path[-1] if view.path else None
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and view.selection == view.source.span(node):
        node = node.targets[0]
    return node.id if isinstance(node, ast.Name) else None


def _assignment(function: Function, name: str) -> tuple[ast.Assign, list[ast.stmt]] | None:
    """The only thing that binds the name in the function, and the block it stands in."""
    assigned = [
        (statement, block)
        for block in _blocks(function)
        for statement in block
        if isinstance(statement, ast.Assign) and _binds_only(statement, name)
    ]
    # Few names are assigned at all: the whole function is walked for those only.
    if len(assigned) != 1 or any(a.arg == name for a in ast.walk(function.args) if isinstance(a, ast.arg)):
        return None
    binders = 0
    for node in (node for statement in function.body for node in own_nodes(statement)):
        if isinstance(node, ast.Global | ast.Nonlocal) and name in node.names:
            return None
        binders += name in bound_names(node)
    return assigned[0] if binders == 1 else None


def _binds_only(statement: ast.Assign, name: str) -> bool:
    match statement.targets:
        case [ast.Name(id=bound)]:
            return bound == name
        case _:
            return False


def _blocks(function: Function) -> list[list[ast.stmt]]:
    found = [function.body]
    for block in found:
        for statement in block:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            for node in (statement, *getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
                found += [inner for field in ("body", "orelse", "finalbody") if (inner := getattr(node, field, []))]
    return found


def _paths(node: ast.AST, name: str, path: tuple[ast.AST, ...] = ()) -> list[tuple[ast.AST, ...]]:
    """The path to every read of a name, from the outermost statement inwards."""
    here = (*path, node)
    if isinstance(node, ast.Name):
        return [here] if node.id == name and isinstance(node.ctx, ast.Load) else []
    found: list[tuple[ast.AST, ...]] = []
    for child in children(node):
        found += _paths(child, name, here)
    return found


def _allowed(path: tuple[ast.AST, ...]) -> bool:
    """Whether a use can be replaced by text: not in an f-string, nor in code with a scope of its own."""
    return not any(isinstance(n, (ast.JoinedStr, ast.ClassDef, ast.Assert, *SCOPES)) for n in path)


def _steady(value: ast.expr) -> bool:
    match value:
        case ast.Constant() | ast.Name():
            return True
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
            return False
        case _:
            return False


def _first_in(statement: ast.stmt, path: tuple[ast.AST, ...]) -> bool:
    """Whether the use is what the statement evaluates first."""
    if statement not in path or isinstance(statement, ast.While):
        return False
    plain = tuple(n for n in path if hasattr(n, "lineno"))
    use = plain[-1]
    inner = [n for n in plain if isinstance(n, ast.stmt)][-1]
    return inner is statement and isinstance(use, ast.expr) and first_evaluated(plain, use) and in_own_scope(plain, use)


def rewrite(view: View) -> Rewriting:
    plan = _plan(view)
    if plan is None:
        raise Refused("there is no variable here whose value could stand for it")
    assignment, uses = plan
    source = view.source
    name = assignment.targets[0]
    assert isinstance(name, ast.Name)
    if any(name.id in outer_names(n) for s in _functions_inside(view) for n in [s]):
        raise Refused("a nested function uses it")
    edits = [_removal(view, assignment)]
    edits += [Edit(source.span(path[-1]), _written(source, assignment.value, path)) for path in uses]
    return Rewriting(tuple(sorted(edits)), Claim(drops=frozenset({name.id})))


def _functions_inside(view: View) -> list[ast.AST]:
    assert view.function is not None
    return [n for s in view.function.body for n in ast.walk(s) if isinstance(n, (*SCOPES, ast.ClassDef))]


def _removal(view: View, assignment: ast.Assign) -> Edit:
    """Delete the line of the assignment; its comment stays."""
    source = view.source
    start, stop = source.span(assignment)
    indent = indentation(source, start)
    comment = behind(source, stop)
    if comment and not comment.startswith("#"):
        raise Refused("the assignment shares its line with another statement")
    line = source.line(stop)
    if comment:
        return Edit(Span(start, source.text.index("#", stop)), "")
    return Edit(Span(start - len(indent), source.starts[line] + len(source.lines[line])), "")


def _written(source: Source, value: ast.expr, path: tuple[ast.AST, ...]) -> str:
    """The value as it must be written in place of a use."""
    text = source.of(value)
    parent = path[-2]
    plain = isinstance(value, _ATOMS) or (isinstance(value, ast.Constant) and not isinstance(parent, ast.Attribute))
    if isinstance(value, ast.Constant) and isinstance(value.value, str | bytes) and _pieces(text):
        plain = False
    if "\n" in text or "\r" in text:
        return text if isinstance(value, _ATOMS) and _closed(text) else f"({text})"
    loose = isinstance(value, ast.Tuple | ast.NamedExpr | ast.Yield | ast.YieldFrom | ast.Starred)
    if plain or (not loose and (isinstance(parent, _OPEN) or _argument(parent, path[-1]))):
        return text
    if isinstance(value, ast.Tuple) and text.startswith("(") and text.endswith(")"):
        return text
    return f"({text})"


def _pieces(text: str) -> bool:
    """Whether a string is written in several pieces."""
    return text.count('"') + text.count("'") > 2


def _closed(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _argument(parent: ast.AST, node: ast.AST) -> bool:
    return isinstance(parent, ast.Call) and parent.func is not node and len(parent.args) + len(parent.keywords) > 0


REFACTORING = Refactoring(
    "inline-variable",
    INLINE,
    offer,
    rewrite,
    (
        Example(
            "a value used at once",
            before="""\
def area(shape):
    $0size = shape.size()  # in pixels
    return size * 2
""",
            after="""\
def area(shape):
    # in pixels
    return shape.size() * 2
""",
        ),
        Example(
            "parentheses where they are needed",
            before="""\
def f(a, b):
    both = a + b
    return $0both * 2
""",
            after="""\
def f(a, b):
    return (a + b) * 2
""",
        ),
        Example(
            "a constant, anywhere",
            before="""\
def f(rows):
    $0limit = 10
    for row in rows:
        if row > limit:
            print(row, limit)
""",
            after="""\
def f(rows):
    for row in rows:
        if row > 10:
            print(row, 10)
""",
        ),
        Example(
            "another name for a parameter",
            before="""\
def f(rows):
    $0items = rows
    log()
    return items
""",
            after="""\
def f(rows):
    log()
    return rows
""",
        ),
        Example(
            "the other variable is bound again",
            before="""\
def f(rows):
    $0items = rows
    rows = 1
    return items, rows
""",
            after=None,
        ),
        Example(
            "used twice, and evaluating it does something",
            before="""\
def f(a):
    $0x = a.next()
    return x + x
""",
            after=None,
        ),
        Example(
            "something happens in between",
            before="""\
def f(a):
    $0x = a.next()
    a.reset()
    return x
""",
            after=None,
        ),
        Example(
            "a list that is changed and compared later",
            before="""\
def f(a):
    $0x = [1]
    x.append(2)
    return x == a
""",
            after=None,
        ),
        Example(
            "bound in two places",
            before="""\
def f(a):
    $0x = 1
    if a:
        x = 2
    return x
""",
            after=None,
        ),
        Example(
            "an attribute of a class",
            before="""\
class A:
    $0x = 1

    def f(self):
        return self.x
""",
            after=None,
        ),
        Example(
            "a global",
            before="""\
$0LIMIT = 10
print(LIMIT)
""",
            after=None,
        ),
        Example(
            "a closure captures it",
            before="""\
def f(a):
    $0x = 1
    return lambda: x
""",
            after=None,
        ),
        Example(
            "evaluated later, or not at all",
            before="""\
def f(a):
    $0x = a.next()
    return a.more and x
""",
            after=None,
        ),
        Example(
            "repeated by a loop",
            before="""\
def f(a):
    $0x = a.next()
    while x.more():
        pass
""",
            after=None,
        ),
    ),
)
