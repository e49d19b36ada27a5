"""Extract function: turn selected statements, or an expression, into a function or method of its own.

A part of a long function that can be named can be read, tested and used alone.

Offered on selected statements of one block, comments above them included, and on a selected
expression, inside a function. What the part reads becomes parameters, what it leaves to the rest
becomes its result; both are found by following every path through the function.

The new function stands before the outermost statement; in a method whose ``self`` is needed it
becomes a method behind it. Early exits are kept: a part that always returns becomes ``return new(...)``; one
that only sometimes leaves, always by the same ``return``, ``continue`` or ``break`` and without leaving values
behind, says so by its truth: ``if new(...): continue``. Parts that ``await`` become ``async``, parts that ``yield``
are entered by ``yield from``.

Refused where behaviour could change: a variable that may have no value where it is handed over, one that
a closure captures and the part binds, ``global`` and ``nonlocal``, ``del`` of a variable, definitions (their
qualified names would change), ``super()``, ``locals()`` and its like, code that looks at the call stack; and in
modules whose names are their interface (a star import, a ``__getattr__``).

Source: Fowler, "Extract Function"; the proof follows the call into the new function and demands the graph,
and the values, of the original.
"""

import ast

from coding_agent.errors import Refused
from coding_agent.proof import Claim
from coding_agent.proof.scopes import outer_names, own_nodes
from coding_agent.proof.source import Function, Source
from coding_agent.refactoring.conditions import indentation, is_elif, line_end, reindented, terminates
from coding_agent.refactoring.dataflow import flow
from coding_agent.refactoring.extraction import (
    Place,
    awaits,
    call,
    check_captures,
    definition,
    locals_taken,
    method_owner,
    moves_badly,
    new_name,
    ordered,
    place,
)
from coding_agent.refactoring.hoisting import in_own_scope, readable, statement_of
from coding_agent.refactoring.naming import variable_name
from coding_agent.refactoring.refactoring import EXTRACT, Example, Refactoring, Rewriting
from coding_agent.refactoring.refactorings.extract_variable import use
from coding_agent.refactoring.view import Selected, View
from coding_agent.text import Edit, Span, apply_edits

_TRIVIAL = (
    ast.Pass,
    ast.Break,
    ast.Continue,
    ast.Global,
    ast.Nonlocal,
    ast.Import,
    ast.ImportFrom,
    ast.Delete,
    ast.Raise,
)
_UNNAMED = (ast.Name, ast.Constant, ast.Starred, ast.Slice, ast.FormattedValue, ast.Yield, ast.YieldFrom, ast.NamedExpr)


def offer(view: View) -> str | None:
    function = view.function
    if function is None or view.empty:
        return None
    code = _code(view)
    if code is None:
        return None
    inside = [inner for node in code for inner in ast.walk(node)]
    if any(moves_badly(inner) for inner in inside) or not _can_leave(view.source, code):
        return None
    first = function.args.args[0].arg if function.args.args else None
    around = view.ancestors(function)
    member = around[0] if around else _owner(view, function)
    reads_self = any(isinstance(inner, ast.Name) and inner.id == first for inner in inside)
    return (
        "Extract method"
        if reads_self and method_owner(view.source, function, member) is not None
        else "Extract function"
    )


def _can_leave(source: Source, code: list[ast.AST]) -> bool:
    """Whether the ways out of the code look like ones that can be kept."""
    statements = [node for node in code if isinstance(node, ast.stmt)]
    exits = _exits(statements)
    if not exits or _uniform(source, exits) is not None:
        return True
    # What ends in a loop or a handler may always leave too: only its graph can tell.
    return all(isinstance(n, ast.Return) for n in exits) and (
        terminates(statements) or isinstance(statements[-1], ast.While | ast.Try | ast.With | ast.Match)
    )


def _owner(view: View, function: Function) -> ast.ClassDef | None:
    """A stand-in for the class around a piece."""
    if view.owner is None or function not in view.source.body:
        return None
    return ast.ClassDef(name=view.owner, bases=[], keywords=[], body=[function], decorator_list=[])


def _code(view: View) -> list[ast.AST] | None:
    """The selected statements, or the one expression, if they can stand in a function."""
    if view.selected is not None and (statements := _statements(view, view.selected)):
        return list[ast.AST](statements)
    node = _expression(view)
    return None if node is None else [node]


def _statements(view: View, selected: Selected) -> list[ast.stmt]:
    """The selected statements, without a ``continue`` or ``break`` at their end, which stays."""
    code, function = selected.statements, view.function
    if function is None or selected.parent is None or isinstance(selected.parent, ast.ClassDef):
        return []
    if isinstance(code[-1], ast.Continue | ast.Break):
        code = code[:-1]
    body = _own_body(function)
    if not code or is_elif(view.source, code[0]):
        return []
    if selected.parent is function and (len(code) >= len(body) or (code[0] is function.body[0] is not body[0])):
        return []
    return [] if len(code) == 1 and _trivial(code[0]) else code


def _own_body(function: Function) -> list[ast.stmt]:
    """The body without the docstring."""
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def _trivial(node: ast.stmt) -> bool:
    match node:
        case ast.Return(value=value) | ast.Assign(value=value) | ast.AnnAssign(value=value) | ast.Expr(value=value):
            return value is None or isinstance(value, ast.Name | ast.Constant | ast.Yield | ast.YieldFrom)
        case _:
            return isinstance(node, _TRIVIAL)


def _expression(view: View) -> ast.expr | None:
    node, path = view.expression, view.expression_path
    statement = statement_of(path)
    if node is None or statement is None or view.function is None or isinstance(node, _UNNAMED):
        return None
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load) or not in_own_scope(path, node) or not readable(path):
        return None
    if any(isinstance(n, ast.Yield | ast.YieldFrom | ast.NamedExpr) for n in ast.walk(node)):
        return None
    parent = path[-2]
    if isinstance(parent, ast.Call) and parent.func is node:
        return None
    if parent is statement and _own_body(view.function) == [statement] and isinstance(statement, ast.Return | ast.Expr):
        return None
    # Definitions below the function have headers that are evaluated in it, and a class body that is a scope.
    return None if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Assert) else node


def rewrite(view: View) -> Rewriting:
    function = view.function
    if function is None:
        raise Refused("there is no function around the selection")
    if view.selected is not None and (statements := _statements(view, view.selected)):
        return _extract_statements(view, function, statements)
    node = _expression(view)
    if node is None:
        raise Refused("there is nothing here that could be a function of its own")
    return _extract_expression(view, function, node)


def _extract_expression(view: View, function: Function, node: ast.expr) -> Rewriting:
    source = view.source
    scope = view.scopes.scope(function)
    taken = locals_taken(scope, outer_names(node))
    where = place(view, function, taken)
    parameters = [name for name in ordered(taken, function, [node], source) if name != where.receiver]
    name = new_name(source, function, variable_name(node))
    asynchronous = awaits([node])
    end = line_end(source, source.line(source.span(node).start))
    text = source.of(node)
    if "\n" in text or "\r" in text:
        text = f"({text})"
    indent = _unit(source, function, where)
    body = f"{indent}return {text}{end}"
    written = call("", name, parameters, where)
    written = f"(await {written})" if asynchronous else written
    edits = (
        definition(f"{'async ' if asynchronous else ''}def {name}", parameters, where, body, end),
        Edit(source.span(node), use(view, node, written)),
    )
    return Rewriting(edits, Claim(function=name))


def _unit(source: Source, function: Function, where: Place) -> str:
    """The indentation of the new function's body."""
    outer = indentation(source, source.full(function).start)
    first = function.body[0]
    if source.line(source.span(first).start) == source.line(source.span(function).start):
        return f"{where.indent}    "
    inner = indentation(source, source.full(first).start)
    return where.indent + (inner[len(outer) :] if inner.startswith(outer) and inner != outer else "    ")


def _extract_statements(view: View, function: Function, code: list[ast.stmt]) -> Rewriting:
    source = view.source
    scope = view.scopes.scope(function)
    nodes = [n for s in code for n in own_nodes(s)]
    check_captures(function, scope, code)
    found = flow(function.body, scope, code[0], code[-1])
    taken = frozenset(name for name in found.takes if name in locals_taken(scope, {name}))
    where = place(view, function, taken)
    everything: list[ast.AST] = [*code]
    parameters = [name for name in ordered(taken, function, everything, source) if name != where.receiver]
    results = ordered(found.leaves, function, everything, source)
    name = new_name(source, function, results[0] if len(results) == 1 else "")
    exits = _exits(code)
    lines = _lines(view, code)
    end = line_end(source, lines.start)
    indent = indentation(source, source.full(code[0]).start)
    kind, mark = _kind(function, nodes)
    written = call(kind, name, parameters, where)
    edits: list[Edit] = []
    tail = ""
    if not exits:
        call_text = f"{', '.join(results)} = {written}" if results else written
        tail = f"return {', '.join(results)}" if results else ""
    elif not found.falls_through and all(isinstance(n, ast.Return) for n in exits):
        call_text = f"return ({written})" if mark == "generator" else f"return {written}"
    else:
        leave = _uniform(source, exits)
        if results or leave is None or mark == "generator":
            raise Refused("it leaves in several ways, or leaves values behind as well")
        edits = [Edit(source.span(n), "return True") for n in exits]
        unit = _unit(source, function, where)[len(where.indent) :]
        call_text = f"if {written}:{end}{indent}{unit}{leave}"
        tail = "return False" if found.falls_through else ""
    inner = _unit(source, function, where)
    changed = Source(apply_edits(source.text, edits))
    body = reindented(changed, lines, indent, inner, view.kept_lines)
    if body[-1] not in "\r\n":
        body += end
    body += f"{inner}{tail}{end}" if tail else ""
    start = source.starts[lines.start]
    lead = len(source.lines[lines.start]) - len(source.lines[lines.start].lstrip("\f"))
    last = source.lines[lines.stop - 1]
    stop = source.starts[lines.stop - 1] + len(last.rstrip("\r\n"))
    replaced = Edit(Span(start + lead, stop), f"{indent}{call_text}")
    body = body.lstrip("\f")
    prefix = "async " if kind == "await " else ""
    return Rewriting((definition(f"{prefix}def {name}", parameters, where, body, end), replaced), Claim(function=name))


def _kind(function: Function, nodes: list[ast.AST]) -> tuple[str, str]:
    """How the new function is called, and what it is."""
    generator = any(isinstance(n, ast.Yield | ast.YieldFrom) for n in nodes)
    asynchronous = awaits(nodes)
    if generator and (asynchronous or isinstance(function, ast.AsyncFunctionDef)):
        raise Refused("it yields in an async function")
    if generator:
        return "yield from ", "generator"
    return ("await ", "async") if asynchronous else ("", "plain")


def _exits(code: list[ast.stmt]) -> list[ast.stmt]:
    """The statements that leave the code: returns, and breaks and continues of a loop around it."""
    found: list[ast.stmt] = []
    stack: list[tuple[ast.AST, bool]] = [(node, False) for node in code]
    while stack:
        node, looped = stack.pop()
        match node:
            case ast.Return():
                found.append(node)
            case ast.Break() | ast.Continue():
                if not looped:
                    found.append(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.expr():
                pass
            case ast.For() | ast.AsyncFor() | ast.While():
                stack += [(inner, True) for inner in node.body]
                stack += [(inner, looped) for inner in node.orelse]
            case _:
                stack += [(inner, looped) for inner in ast.iter_child_nodes(node)]
    return found


def _uniform(source: Source, exits: list[ast.stmt]) -> str | None:
    """The one way in which all of them leave, as text; None if they differ or return what must be evaluated."""
    ways: set[str] = set()
    for node in exits:
        if isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
            return None
        text = source.of(node)
        if "\n" in text or "\r" in text:
            return None
        ways.add(ast.unparse(node).replace("return None", "return"))
    return source.of(exits[0]) if len(ways) == 1 else None


def _lines(view: View, code: list[ast.stmt]) -> range:
    """The whole lines of the code, selected comments above it included."""
    source = view.source
    first = source.line(source.full(code[0]).start)
    last = source.line(source.span(code[-1]).stop)
    indentation(source, source.full(code[0]).start)
    behind = source.lines[last][source.span(code[-1]).stop - source.starts[last] :].strip()
    if behind and not behind.startswith("#"):
        raise Refused("the selected code shares its last line with other code")
    above = source.line(view.selection.start)
    if above < first and all(
        source.lines[n].strip(" \t\f\r\n").startswith(("#",)) or not source.lines[n].strip()
        for n in range(above, first)
    ):
        first = above
    return range(first, last + 1)


REFACTORING = Refactoring(
    "extract-function",
    EXTRACT,
    offer,
    rewrite,
    (
        Example(
            "what is read becomes a parameter, what is needed later the result",
            before="""\
import math


# Volumes.
def report(radius, height):
    print("report")
    $0base = math.pi * radius**2
    volume = base * height$0
    print(volume)
    return volume
""",
            after="""\
import math


def _report_volume(radius, height):
    base = math.pi * radius**2
    volume = base * height
    return volume


# Volumes.
def report(radius, height):
    print("report")
    volume = _report_volume(radius, height)
    print(volume)
    return volume
""",
        ),
        Example(
            "a method",
            before="""\
class Report:
    def write(self, rows):
        $0# The head.
        self.open()
        for row in rows:
            self.out.write(row)$0  # each
        self.close()

    def open(self):
        pass
""",
            after="""\
class Report:
    def write(self, rows):
        self._write_part(rows)
        self.close()

    def _write_part(self, rows):
        # The head.
        self.open()
        for row in rows:
            self.out.write(row)  # each

    def open(self):
        pass
""",
        ),
        Example(
            "a part that always returns",
            before="""\
def sign(x):
    log(x)
    $0if x < 0:
        return -1
    return 1$0
""",
            after="""\
def _sign_part(x):
    if x < 0:
        return -1
    return 1


def sign(x):
    log(x)
    return _sign_part(x)
""",
        ),
        Example(
            "a part that sometimes goes on with the next row",
            before="""\
def show(rows, seen):
    for row in rows:
        $0if row in seen:
            log(row)
            continue
        seen.add(row)$0
        print(row)
""",
            after="""\
def _show_part(seen, row):
    if row in seen:
        log(row)
        return True
    seen.add(row)
    return False


def show(rows, seen):
    for row in rows:
        if _show_part(seen, row):
            continue
        print(row)
""",
        ),
        Example(
            "what a loop hands to its next round",
            before="""\
def total(rows):
    result = 0
    for row in rows:
        $0print(row)
        result += row$0
    return result
""",
            after="""\
def _total_result(row, result):
    print(row)
    result += row
    return result


def total(rows):
    result = 0
    for row in rows:
        result = _total_result(row, result)
    return result
""",
        ),
        Example(
            "an expression in a static method",
            before="""\
class A:
    @staticmethod
    def f(a, b):
        return g($0a.x + b.x$0)
""",
            after="""\
def _f_value(a, b):
    return a.x + b.x


class A:
    @staticmethod
    def f(a, b):
        return g(_f_value(a, b))
""",
        ),
        Example(
            "async code",
            before="""\
async def load(url):
    $0page = await get(url)
    text = await page.text()$0
    return text
""",
            after="""\
async def _load_text(url):
    page = await get(url)
    text = await page.text()
    return text


async def load(url):
    text = await _load_text(url)
    return text
""",
        ),
        Example(
            "a generator",
            before="""\
def walk(tree):
    $0for leaf in tree.leaves:
        yield leaf$0
    yield tree
""",
            after="""\
def _walk_part(tree):
    for leaf in tree.leaves:
        yield leaf


def walk(tree):
    yield from _walk_part(tree)
    yield tree
""",
        ),
        Example(
            "the variable of the function around",
            before="""\
def outer(a):
    def inner(b):
        log(b)
        return $0a.x + b$0
    return inner
""",
            after="""\
def _inner_value(b, a):
    return a.x + b


def outer(a):
    def inner(b):
        log(b)
        return _inner_value(b, a)
    return inner
""",
        ),
        Example(
            "an expression over several lines",
            before="""\
def f(a, b):
    log()
    return g(
        $0a.x  # left
        + b.x$0,
        1,
    )
""",
            after="""\
def _f_value(a, b):
    return (a.x  # left
        + b.x)


def f(a, b):
    log()
    return g(
        _f_value(a, b),
        1,
    )
""",
        ),
        Example(
            "a result that is only used behind a try",
            before="""\
def f(a):
    $0size = a.size()
    log(size)$0
    try:
        a.go()
    finally:
        a.close()
    return size
""",
            after="""\
def _f_size(a):
    size = a.size()
    log(size)
    return size


def f(a):
    size = _f_size(a)
    try:
        a.go()
    finally:
        a.close()
    return size
""",
        ),
        Example(
            "a private attribute, in a method",
            before="""\
class A:
    @property
    def f(self):
        log()
        return $0self.__x + 1$0
""",
            after="""\
class A:
    @property
    def f(self):
        log()
        return self._f_value()

    def _f_value(self):
        return self.__x + 1
""",
        ),
        Example(
            "a loop variable that may have no value",
            before="""\
def f(rows):
    $0for row in rows:
        log(row)$0
    return row
""",
            after=None,
        ),
        Example(
            "values left behind, and an early return",
            before="""\
def f(a):
    $0if a:
        return None
    b = a.x$0
    return b
""",
            after=None,
        ),
        Example(
            "a definition",
            before="""\
def f(a):
    log()
    $0def g():
        return a$0
    return g
""",
            after=None,
        ),
        Example(
            "the whole body",
            before="""\
def f(a):
    $0log(a)
    return a$0
""",
            after=None,
        ),
        Example(
            "super without arguments",
            before="""\
class A(B):
    def f(self):
        log()
        $0super().f()$0
""",
            after=None,
        ),
        Example(
            "a closure captures what is bound",
            before="""\
def f(a):
    $0x = a.x
    y = x$0
    return lambda: x + y
""",
            after=None,
        ),
        Example(
            "the names of the function are looked at",
            before="""\
def f(a):
    log()
    $0x = a + 1
    return show(**locals())$0
""",
            after=None,
        ),
        Example(
            "a private attribute of a class method's class",
            before="""\
class A:
    @classmethod
    def f(cls, a):
        log()
        return $0a.__x + 1$0
""",
            after=None,
        ),
        Example(
            "a method of __new__ would be looked up on another class",
            before="""\
class A:
    def __new__(cls, a):
        $0made = make(a)
        log(cls)$0
        return made
""",
            after="""\
def _new_made(cls, a):
    made = make(a)
    log(cls)
    return made


class A:
    def __new__(cls, a):
        made = _new_made(cls, a)
        return made
""",
        ),
        Example(
            "a warning that names its caller",
            before="""\
def f(a):
    log()
    $0warnings.warn("old", stacklevel=2)$0
    return a
""",
            after=None,
        ),
        Example(
            "the target of an assignment",
            before="""\
def f(a):
    log()
    $0a.x$0 = 1
""",
            after=None,
        ),
        Example(
            "global",
            before="""\
def f(a):
    global count
    $0count = a
    log(count)$0
    return a
""",
            after=None,
        ),
    ),
)
