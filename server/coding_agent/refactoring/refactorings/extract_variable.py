"""Extract variable: give an expression a name, on a line of its own before its statement.

A name says what a value is; a long line becomes two that can be read, and be stopped at.

Offered on a selected expression (parentheses around it may be selected too) that its statement
always evaluates, once, and before anything else that has an effect; so the order in which things
happen stays as it was. That leaves out the right side of ``and`` and ``or``, conditions of ``while``
and ``elif``, ``assert``, code in lambdas and comprehensions, default values, decorators and annotations;
and everything outside of functions, where the name would become an attribute that other code sees.

Source: Fowler, "Extract Variable"; the graph of the result, with the name replaced by what it stands for,
must be that of the original.
"""

import ast

from coding_agent.errors import Refused
from coding_agent.proof import Claim
from coding_agent.proof.source import FUNCTIONS
from coding_agent.refactoring.conditions import indentation, is_elif, line_end
from coding_agent.refactoring.hoisting import first_evaluated, in_own_scope, starts_line, statement_of
from coding_agent.refactoring.naming import fresh, variable_name
from coding_agent.refactoring.refactoring import EXTRACT, Example, Refactoring, Rewriting
from coding_agent.refactoring.view import View
from coding_agent.text import Edit, Span

_LEFT_ALONE = (ast.Name, ast.Starred, ast.Slice, ast.FormattedValue)


def offer(view: View) -> str | None:
    return None if target(view) is None else "Extract variable"


def target(view: View) -> ast.expr | None:
    """The selected expression, if it can be named."""
    node = view.expression
    path = view.expression_path
    statement = statement_of(path)
    if node is None or statement is None or not nameable(node, statement):
        return None
    if not first_evaluated(path, node) or not in_own_scope(path, node):
        return None
    if is_elif(view.source, statement) or not starts_line(view, statement):
        return None
    return node if in_function(path, statement) else None


def nameable(node: ast.expr, statement: ast.stmt) -> bool:
    """Whether a name for the expression would be something new, and may stand for it."""
    if isinstance(node, _LEFT_ALONE) or not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return False
    if isinstance(node, ast.Constant) and not isinstance(node.value, int | float | complex | str | bytes):
        return False
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return False
    match statement:
        case ast.Expr(value=value) | ast.Assign(targets=[ast.Name()], value=value) | ast.AnnAssign(value=value):
            return value is not node
        case _:
            return True


def in_function(path: tuple[ast.AST, ...], statement: ast.stmt) -> bool:
    """Whether a name bound beside the statement is a local variable."""
    around = (a for a in reversed(path[: path.index(statement)]) if isinstance(a, (*FUNCTIONS, ast.ClassDef)))
    return isinstance(next(around, None), FUNCTIONS)


def rewrite(view: View) -> Rewriting:
    node, statement = target(view), statement_of(view.expression_path)
    if node is None or statement is None:
        raise Refused("there is no expression here that could be named")
    name = fresh(view.source, variable_name(node))
    edits = (binding(view, statement, name, node), Edit(view.source.span(node), use(view, node, name)))
    return Rewriting(edits, Claim(adds=frozenset({name})))


def binding(view: View, statement: ast.stmt, name: str, value: ast.expr) -> Edit:
    """Insert ``name = value`` as a line before a statement."""
    source = view.source
    start = source.full(statement).start
    text = source.of(value)
    if not _stands_alone(text):
        text = f"({text})"
    end = line_end(source, source.line(start))
    return Edit(Span(start, start), f"{name} = {text}{end}{indentation(source, start)}")


def _stands_alone(text: str) -> bool:
    """Whether a text is an expression where no bracket is open around it."""
    try:
        return len(ast.parse(f"_ = {text}").body) == 1 and not text.startswith("*")
    except (SyntaxError, ValueError):
        return False


def use(view: View, node: ast.expr, name: str) -> str:
    """The name as it must be written where the expression stands."""
    text, (start, stop) = view.source.text, view.source.span(node)
    if isinstance(node, ast.GeneratorExp) and text[start] == "(":
        path = view.expression_path
        parent = path[-2] if len(path) > 1 else None
        if isinstance(parent, ast.Call) and view.source.span(parent).stop == stop:
            return f"({name})"
    before = " " if start and (text[start - 1].isalnum() or text[start - 1] == "_") else ""
    after = " " if text[stop : stop + 1].isalnum() or text[stop : stop + 1] == "_" else ""
    return f"{before}{name}{after}"


REFACTORING = Refactoring(
    "extract-variable",
    EXTRACT,
    offer,
    rewrite,
    (
        Example(
            "a call in a return",
            before="""\
def area(shape):
    # Doubled.
    return $0shape.width()$0 * shape.height()
""",
            after="""\
def area(shape):
    # Doubled.
    width_result = shape.width()
    return width_result * shape.height()
""",
        ),
        Example(
            "an argument",
            before="""\
def show(rows):
    print($0get_names(rows)$0, len(rows))
""",
            after="""\
def show(rows):
    names = get_names(rows)
    print(names, len(rows))
""",
        ),
        Example(
            "the condition of an if, parentheses and all",
            before="""\
def f(a, b):
    if $0(a.size > b and
        b)$0:
        go()
""",
            after="""\
def f(a, b):
    condition = (a.size > b and
        b)
    if (condition):
        go()
""",
        ),
        Example(
            "a number, wherever it is evaluated",
            before="""\
def f(a):
    g()
    return h(a) + a.b * $03600$0
""",
            after="""\
def f(a):
    g()
    number = 3600
    return h(a) + a.b * number
""",
        ),
        Example(
            "a generator that is the only argument",
            before="""\
def f(rows):
    return sum$0(row.size for row in rows)$0
""",
            after="""\
def f(rows):
    items = (row.size for row in rows)
    return sum(items)
""",
        ),
        Example(
            "the name is taken",
            before="""\
def f(point, x):
    return max($0point.x$0, x)
""",
            after="""\
def f(point, x):
    x_2 = point.x
    return max(x_2, x)
""",
        ),
        Example(
            "at the top of a module",
            before="""\
run($0config.path$0)
""",
            after=None,
        ),
        Example(
            "an effect comes before",
            before="""\
def f(a):
    return a.next() + $0a.next()$0
""",
            after=None,
        ),
        Example(
            "not always evaluated",
            before="""\
def f(a):
    return a is not None and $0a.size$0
""",
            after=None,
        ),
        Example(
            "evaluated many times",
            before="""\
def f(a):
    while $0a.more()$0:
        a.step()
""",
            after=None,
        ),
        Example(
            "in a comprehension",
            before="""\
def f(rows):
    return [$0row.size$0 for row in rows]
""",
            after=None,
        ),
        Example(
            "what is assigned to",
            before="""\
def f(a, value):
    x = a.b
    $0a.b$0 = value
    return x
""",
            after=None,
        ),
        Example(
            "the name of a keyword argument",
            before="""\
def f(a):
    return g($0size$0=a.b)
""",
            after=None,
        ),
        Example(
            "a class body",
            before="""\
class A:
    size = f($0g.h$0)
""",
            after=None,
        ),
        Example(
            "the code can see its names",
            before="""\
def f(a):
    return show($0a.b$0, locals())
""",
            after=None,
        ),
        Example(
            "in an assert, which may not run",
            before="""\
def f(a):
    assert $0a.check()$0
""",
            after=None,
        ),
        Example(
            "a method the argument's evaluation could not be moved over",
            before="""\
def f(a):
    a.stack[0].push($0a.pop()$0)
""",
            after=None,
        ),
    ),
)
