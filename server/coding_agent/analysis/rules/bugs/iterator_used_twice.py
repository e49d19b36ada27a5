"""An iterator is gone through a second time, and gives nothing.

A generator, ``map``, ``filter`` or ``zip`` gives its elements once. What goes through it again sees none, without
an error. It is reported where a variable is bound once, to such an iterator, and two statements that always run go
through all of it, or one in a loop does that it was made outside of.

The fix makes a list of it.

Source: Python documentation, glossary, "iterator"; CWE-672, operation on a resource after expiration or release.
"""

import ast
from collections.abc import Iterable, Iterator

from coding_agent.analysis.context import Context, Function
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import BLOCKS, LOOPS, assignments, here, leaves, parameters
from coding_agent.text import Edit, Span

_ITERATORS = ("builtins.map", "builtins.filter", "builtins.zip", "builtins.enumerate", "builtins.reversed")
_GO_THROUGH = frozenset(
    f"builtins.{name}" for name in ("list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "max", "min", "len")
)
"""What takes all elements of its first argument."""


def check(node: ast.GeneratorExp | ast.Call, context: Context) -> Iterable[Finding]:
    keeper = context.parent(node)
    if keeper.__class__ is not ast.Assign:
        return ()
    return _found(node, keeper, context)  # type: ignore[arg-type]


def _found(node: ast.expr, keeper: ast.Assign, context: Context) -> Iterator[Finding]:
    target, function = keeper.targets[0], context.function(node)
    if len(keeper.targets) != 1 or not isinstance(target, ast.Name) or function is None:
        return
    # A parameter of the same name is what the iterator is made from.
    if any(each.arg == target.id for each in parameters(function)):
        return
    if len(assignments(target.id, function.body)) != 1 or not isinstance(context.parent(keeper), BLOCKS):
        return
    uses = list(_uses(target.id, function))
    if not uses or any(not _goes_through(use, context) for use in uses) or _is_captured(target.id, function, context):
        return
    for use in uses:
        if _is_again(use, uses, keeper, context):
            message = f"'{target.id}' gives its elements once: there are none left here"
            related = [(keeper.targets[0], "made here")]
            yield context.finding(use, message, lambda: _fix(node, context), related=related)
            return


def _uses(name: str, function: Function) -> Iterator[ast.Name]:
    for each in here(function.body):
        if isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Load):
            yield each


def _is_captured(name: str, function: Function, context: Context) -> bool:
    """Whether an inner function reads the variable, or the outer one says it is another's."""
    scopes = context.walk.scopes
    own = scopes[function]
    return (
        name in own.declared_global
        or name in own.declared_nonlocal
        or any(
            scope is not own
            and name in scope.loads
            and scope.owner_of(name) is own
            and isinstance(node, ast.Lambda | ast.FunctionDef)
            for node, scope in scopes.items()
        )
    )


def _goes_through(use: ast.Name, context: Context) -> bool:
    """Whether a use takes all elements."""
    above = context.parent(use)
    if isinstance(above, ast.Call):
        return len(above.args) == 1 and above.args[0] is use and context.qualified(above.func) in _GO_THROUGH
    if isinstance(above, ast.comprehension):
        return above.iter is use
    return isinstance(above, ast.For) and above.iter is use and not _is_left_early(above)


def _is_left_early(loop: ast.For) -> bool:
    return any(isinstance(each, ast.Break | ast.Return) for each in here(loop.body))


def _is_again(use: ast.Name, uses: list[ast.Name], keeper: ast.Assign, context: Context) -> bool:
    """Whether all elements are certainly gone when a use begins."""
    kept_in = context.parent(keeper)
    statement: ast.AST | None = use
    while statement is not None and context.parent(statement) is not kept_in:
        above = context.parent(statement)
        # The loop whose head this is asks once; one around it asks again each round.
        if isinstance(above, LOOPS) and not (isinstance(above, ast.For) and _is_in(use, above.iter)):
            if _is_in(keeper, above):
                return False
            return not any(isinstance(each, ast.Break) for each in here(above.body)) and not leaves(above.body)
        statement = above
    earlier = [each for each in uses if (each.lineno, each.col_offset) < (use.lineno, use.col_offset)]
    return any(_is_always_before(each, kept_in, context) for each in earlier)


def _is_in(node: ast.AST, root: ast.AST) -> bool:
    return any(each is node for each in ast.walk(root))


def _is_always_before(use: ast.Name, block: ast.AST | None, context: Context) -> bool:
    """Whether a use is part of a statement of the block itself, evaluated whenever that runs."""
    at: ast.AST = use
    while True:
        above = context.parent(at)
        if above is block:
            return True
        if (
            isinstance(above, ast.If | ast.While | ast.IfExp | ast.BoolOp | ast.Try | ast.Lambda | ast.match_case)
            or above is None
        ):
            return False
        if isinstance(above, ast.For) and at is not above.iter:
            return False
        if isinstance(above, ast.comprehension) and at is not above.iter:
            return False
        at = above


def _fix(node: ast.expr, context: Context) -> Fix | None:
    start, stop = context.span(node)
    if isinstance(node, ast.GeneratorExp):
        edits = (Edit(Span(start, start + 1), "["), Edit(Span(stop - 1, stop), "]"))
    elif context.meaning("list", context.scope(node)) == "builtins.list":
        edits = (Edit(Span(start, start), "list("), Edit(Span(stop, stop), ")"))
    else:
        return None
    return Fix("Make a list", edits, Applicability.UNSAFE)


RULE = Rule(
    name="iterator-used-twice",
    check=check,
    nodes=(ast.GeneratorExp,),
    calls=_ITERATORS,
    cwe=672,
    examples=(
        Example(
            "twice in a row",
            before=(
                "def mean(rows):\n    prices = (row.price for row in rows)\n"
                "    return sum(prices) / len(list($0prices$0))\n"
            ),
            after=(
                "def mean(rows):\n    prices = [row.price for row in rows]\n"
                "    return sum(prices) / len(list(prices))\n"
            ),
        ),
        Example(
            "in a loop",
            before=(
                "def pairs(rows, names):\n    known = map(str.lower, names)\n    for row in rows:\n"
                "        for name in $0known$0:\n            row.add(name)\n"
            ),
            after=(
                "def pairs(rows, names):\n    known = list(map(str.lower, names))\n    for row in rows:\n"
                "        for name in known:\n            row.add(name)\n"
            ),
        ),
        Example(
            "one or the other",
            before=(
                "def go(rows, best):\n    prices = (row.price for row in rows)\n    if best:\n"
                "        return max(prices)\n"
                "    return min(prices)\n"
            ),
        ),
        Example(
            "a part first, the rest later",
            before=(
                "def go(rows):\n    lines = map(str, rows)\n    for line in lines:\n        if not line:\n"
                "            break\n"
                "    return list(lines)\n"
            ),
        ),
        Example(
            "made anew each round",
            before=(
                "def go(folders):\n    for folder in folders:\n        try:\n"
                "            lines = (str(e) for e in folder)\n"
                "        except OSError:\n            continue\n        for line in lines:\n            print(line)\n"
            ),
        ),
        Example(
            "made from a parameter of that name",
            before=("def go(rows):\n    rows = (row for row in rows if row)\n    for row in rows:\n        row.go()\n"),
        ),
        Example("once", before="def total(rows):\n    prices = (row.price for row in rows)\n    return sum(prices)\n"),
    ),
)
