"""An inner loop uses the variable of the loop around it, which is read again behind it.

Behind the inner loop the variable holds the inner loop's last element. What reads it there
most likely wants the outer one's. Two loops that take from one iterator, the inner one up to a ``break``, are one
walk through it, and the last element is meant.

Source: Python Language Reference, "The for statement": names in the target list are not deleted when the loop ends.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import block_of, here, same


def check(node: ast.For | ast.AsyncFor, context: Context) -> Iterator[Finding]:
    outer = _outer_loops(node, context)
    if not outer:
        return
    for name in _names(node.target):
        for loop in outer:
            own = next((each for each in _names(loop.target) if each.id == name.id), None)
            # "for each in each.parts" says that the outer one is done with.
            if (
                own is None
                or name.id == "_"
                or any(isinstance(n, ast.Name) and n.id == name.id for n in here(node.iter))
                or _goes_on(node, loop)
            ):
                continue
            if (read := _read_behind(node, loop, name.id, context)) is not None:
                yield context.finding(
                    name,
                    f"'{name.id}' is the variable of the outer loop, too, and is read behind this one",
                    related=[(own, "the outer loop's"), (read, "read here")],
                )
            break


def _goes_on(inner: ast.For | ast.AsyncFor, outer: ast.For | ast.AsyncFor) -> bool:
    """Whether both loops take from one name, and the inner one leaves something for the outer."""
    if not isinstance(inner.iter, ast.Name) or not same(inner.iter, outer.iter):
        return False
    return any(isinstance(each, ast.Break) for statement in inner.body for each in ast.walk(statement))


def _outer_loops(node: ast.AST, context: Context) -> list[ast.For | ast.AsyncFor]:
    found: list[ast.For | ast.AsyncFor] = []
    for above in context.ancestors(node):
        if isinstance(above, ast.For | ast.AsyncFor):
            found.append(above)
        elif isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            break
    return found


def _names(target: ast.expr) -> Iterator[ast.Name]:
    if isinstance(target, ast.Name):
        yield target
    elif isinstance(target, ast.Tuple | ast.List):
        for each in target.elts:
            yield from _names(each)


def _read_behind(inner: ast.stmt, outer: ast.AST, name: str, context: Context) -> ast.AST | None:
    """The first use of ``name`` behind ``inner`` in the body of ``outer``; None where it is bound first."""
    at, owner = inner, context.scope(inner).owner_of(name)
    while at is not outer:
        block = block_of(at, context)
        index = next(i for i, each in enumerate(block) if each is at)
        for statement in block[index + 1 :]:
            for each in _in_order(statement):
                # A comprehension's own variable of that name is another one.
                if isinstance(each, ast.Name) and each.id == name and context.scope(each).owner_of(name) is owner:
                    return each if isinstance(each.ctx, ast.Load) else None
            if isinstance(statement, ast.Return | ast.Raise | ast.Break | ast.Continue):
                return None
        above = context.parent(at)
        while isinstance(above, ast.ExceptHandler | ast.match_case):
            above = context.parent(above)
        if not isinstance(above, ast.stmt):
            return None
        at = above
    return None


def _in_order(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement, values before the targets they are bound to."""
    if isinstance(statement, ast.For | ast.AsyncFor):
        yield from here(statement.iter)
        yield from here(statement.target)
        for each in (*statement.body, *statement.orelse):
            yield from _in_order(each)
    elif isinstance(statement, ast.Assign):
        yield from here(statement.value)
        for target in statement.targets:
            yield from here(target)
    else:
        yield from here(statement)


RULE = Rule(
    name="loop-variable-reused",
    check=check,
    nodes=(ast.For, ast.AsyncFor),
    twins=("ruff:PLW2901", "pylint:W0631"),
    examples=(
        Example(
            "read behind the inner loop",
            before=(
                "def walk(rows, parts):\n    for each in rows:\n        for $0each$0 in parts:\n            use(each)\n"
                "        done(each)\n"
            ),
        ),
        Example(
            "a comprehension's own variable",
            before=(
                "def walk(rows, parts):\n    for each in rows:\n        for each in parts:\n            use(each)\n"
                "        done(each for each in parts)\n"
            ),
        ),
        Example(
            "not read again",
            before="def walk(rows, parts):\n    for each in rows:\n        for each in parts:\n            use(each)\n",
        ),
        Example(
            "one iterator",
            before=(
                "def walk(parts):\n    for each in parts:\n        for each in parts:\n            if not each:\n"
                "                break\n        done(each)\n"
            ),
        ),
        Example(
            "another name",
            before=(
                "def walk(rows):\n    for row in rows:\n        for part in row.parts:\n            use(part)\n"
                "        done(row)\n"
            ),
        ),
    ),
)
