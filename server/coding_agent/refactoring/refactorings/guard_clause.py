"""Use a guard clause: leave early, and take the rest out of the ``if``.

An ``if`` that holds the whole rest of a function or of a loop body makes every reader carry its
condition to the end. Turned round, the exception stands first, is left at once, and the main
path loses one level of nesting.

Offered on the header of an ``if`` that ends its function (the guard is ``return``) or its loop
body (``continue``) and has no ``else``; of one that always leaves and is followed by nothing but
one ``return``, ``raise``, ``continue`` or ``break`` (that is the guard); and of one whose ``else`` always leaves and is
the shorter part.
The condition is turned round as text: ``is``, ``in`` and ``not`` have opposites, ``<`` and ``==`` only between
values that are surely built-in; everything else gets ``not (...)``. Comments travel with their branch.

Source: Beck and Fowler, "Replace Nested Conditional with Guard Clauses"; the control flow graph
of the result must equal that of the original.
"""

import ast

from coding_agent.errors import Refused
from coding_agent.proof.scopes import own_nodes
from coding_agent.proof.source import FUNCTIONS
from coding_agent.refactoring.conditions import (
    behind,
    else_clause,
    has_elif,
    if_clause,
    indentation,
    is_elif,
    line_end,
    negated,
    reindented,
    replace_lines,
    terminates,
)
from coding_agent.refactoring.refactoring import REWRITE, Example, Refactoring, Rewriting
from coding_agent.refactoring.view import View

_BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)


def offer(view: View) -> str | None:
    node = view.condition
    if node is None or is_elif(view.source, node):
        return None
    if node.orelse:
        if has_elif(view.source, node) or not terminates(node.orelse) or terminates(node.body):
            return None
        if _lines(node.orelse) > _lines(node.body):
            return None
    elif not _worth_it(node.body) or (_leaving(view, node) is None and _exit(view, node) is None):
        return None
    holder = next((a for a in view.ancestors(node) if isinstance(a, FUNCTIONS)), view.path[0])
    deepest = _depth(holder)
    less = _depth(holder, node)
    return f"Use a guard clause (nesting {deepest} → {less})" if less < deepest else "Use a guard clause"


def rewrite(view: View) -> Rewriting:
    node = view.condition
    if node is None:
        raise Refused("there is no `if` here")
    source = view.source
    clause = if_clause(source, node)
    if not clause.lines:
        raise Refused("the block stands on the line of its header")
    end = line_end(source, clause.lines.start - 1)
    condition = negated(source, view.scopes, clause)
    lead = source.text[source.starts[source.line(clause.head.start)] : clause.head.start]
    tail = source.text[clause.condition.stop : source.starts[clause.lines.start]]
    keyword = source.text[clause.head.start : clause.condition.start]
    separator = "" if keyword[-1:] in " \t(" else " "
    head = f"{lead}{keyword}{separator}{condition}{tail}"
    last = clause.lines.stop
    if node.orelse:
        other = else_clause(source, node)
        note = behind(source, other.head.stop)
        if other.lines:
            guard = f"{other.body_indent}{note}{end}" if note else ""
            guard += "".join(source.lines[n] for n in other.lines)
            last = other.lines.stop
        else:
            guard = f"{clause.body_indent}{note}{end}"
            last = source.line(other.head.stop) + 1
        if guard[-1] not in "\r\n":
            guard += end
        body = range(clause.lines.start, source.line(other.head.start))
    elif (leaving := _leaving(view, node)) is not None:
        indentation(source, source.span(leaving).start)
        last = source.line(source.span(leaving).stop) + 1
        behind_it = [n for n in range(clause.lines.stop, last) if source.lines[n].strip()]
        guard = "".join(
            reindented(source, range(n, n + 1), clause.indent, clause.body_indent, view.kept_lines) for n in behind_it
        )
        if guard[-1] not in "\r\n":
            guard += end
        body = clause.lines
    else:
        leave = _exit(view, node)
        if leave is None:
            raise Refused("there is more behind the `if`")
        guard, body = f"{clause.body_indent}{leave}{end}", clause.lines
    rest = reindented(source, body, clause.body_indent, clause.indent, view.kept_lines)
    lines = range(source.line(clause.head.start), last)
    return Rewriting(replace_lines(source, lines, f"{head}{guard}{rest}"))


def _leaving(view: View, node: ast.If) -> ast.stmt | None:
    """The one statement behind an ``if`` that always leaves, if that leaves too."""
    block = view.block(node)
    match block[block.index(node) + 1 :]:
        case [ast.Return() | ast.Raise() | ast.Continue() | ast.Break() as last] if terminates(node.body):
            return last
        case _:
            return None


def _exit(view: View, node: ast.If) -> str | None:  # noqa: PLR0911 - one per kind of parent
    """What leaves at once where control runs off the end of ``node``; None if more follows."""
    below: ast.AST = node
    for parent in view.ancestors(node):
        match parent:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if parent.body[-1] is not below:
                    return None
                valued = any(isinstance(n, ast.Return) and n.value for s in parent.body for n in own_nodes(s))
                return "return None" if valued else "return"
            case ast.For() | ast.AsyncFor() | ast.While():
                return "continue" if parent.body[-1] is below else None
            case ast.If(body=body, orelse=orelse):
                if below is not body[-1] and not (orelse and below is orelse[-1]):
                    return None
            case ast.With(body=body) | ast.AsyncWith(body=body):
                if below is not body[-1]:
                    return None
            case _:
                return None
        below = parent
    return None


def _worth_it(body: list[ast.stmt]) -> bool:
    """A guard takes two lines, so it is for more than one simple statement, and not for what leaves anyway."""
    return len(body) > 1 or isinstance(body[0], _BLOCKS)


def _lines(body: list[ast.stmt]) -> int:
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def _depth(node: ast.AST, flat: ast.If | None = None) -> int:
    """How deep blocks are nested in a function; ``flat`` does not count for its body."""
    deepest = 0
    stack: list[tuple[ast.AST, int]] = [(node, 0)]
    while stack:
        at, depth = stack.pop()
        for child in ast.iter_child_nodes(at):
            if isinstance(child, (ast.expr, ast.ClassDef, *FUNCTIONS)):
                continue
            chained = isinstance(at, ast.If) and at.orelse == [child] and isinstance(child, ast.If)
            inner = depth + (isinstance(child, _BLOCKS) and child is not flat and not chained)
            deepest = max(deepest, inner, depth + 1 if child is flat else 0)
            stack.append((child, inner))
    return deepest


REFACTORING = Refactoring(
    "guard-clause",
    REWRITE,
    offer,
    rewrite,
    (
        Example(
            "an if that ends its function",
            before="""\
def send(mail, server):
    $0if mail:  # nothing to do otherwise
        # Connect first.
        server.connect()
        server.send(mail)
""",
            after="""\
def send(mail, server):
    if not mail:  # nothing to do otherwise
        return
    # Connect first.
    server.connect()
    server.send(mail)
""",
        ),
        Example(
            "an if that ends a loop's body",
            before="""\
def total(rows):
    result = 0
    for row in rows:
        if $0row is not None:
            print(row)
            result += row
    return result
""",
            after="""\
def total(rows):
    result = 0
    for row in rows:
        if row is None:
            continue
        print(row)
        result += row
    return result
""",
        ),
        Example(
            "an else that leaves",
            before="""\
def price(item):
    $0if item in STOCK:
        base = STOCK[item]
        return base * 2
    else:  # unknown
        raise KeyError(item)
""",
            after=None,
        ),
        Example(
            "an else that leaves, behind a longer body",
            before="""\
def price(item):
    $0if item in STOCK:
        base = STOCK[item]
        log(base)
    else:  # unknown
        raise KeyError(item)
    return base * 2
""",
            after="""\
def price(item):
    if item not in STOCK:
        # unknown
        raise KeyError(item)
    base = STOCK[item]
    log(base)
    return base * 2
""",
        ),
        Example(
            "the lines of a string stay where they are",
            before='''\
def page(user):
    $0if user.name:
        show("""
        Hello
  there""")
        done()
''',
            after='''\
def page(user):
    if not user.name:
        return
    show("""
        Hello
  there""")
    done()
''',
        ),
        Example(
            "a function that also returns values",
            before="""\
def find(rows):
    for row in rows:
        return row
    $0if DEBUG or rows:
        log(rows)
        flush()
""",
            after="""\
def find(rows):
    for row in rows:
        return row
    if not (DEBUG or rows):
        return None
    log(rows)
    flush()
""",
        ),
        Example(
            "a comparison of unknown values is negated, not turned round",
            before="""\
def check(a, b):
    $0if a < b:
        log(a)
        log(b)
""",
            after="""\
def check(a, b):
    if not (a < b):
        return
    log(a)
    log(b)
""",
        ),
        Example(
            "a comparison of numbers is turned round",
            before="""\
def check(a):
    $0if len(a) < 3:
        log(a)
        log(a)
""",
            after="""\
def check(a):
    if len(a) >= 3:
        return
    log(a)
    log(a)
""",
        ),
        Example(
            "one return behind a branch that returns",
            before="""\
def price(item):
    $0if item in STOCK:
        base = STOCK[item]
        return base * 2

    # Not sold here.
    return None  # yet
""",
            after="""\
def price(item):
    if item not in STOCK:
        # Not sold here.
        return None  # yet
    base = STOCK[item]
    return base * 2
""",
        ),
        Example(
            "more follows",
            before="""\
def f(a):
    $0if a:
        b()
        c()
    d()
""",
            after=None,
        ),
        Example(
            "a loop's else follows",
            before="""\
def f(rows):
    for row in rows:
        pass
    else:
        $0if rows:
            b()
            c()
    d()
""",
            after=None,
        ),
        Example(
            "not in a class body",
            before="""\
class A:
    $0if True:
        x = 1
        y = 2
""",
            after=None,
        ),
    ),
)
