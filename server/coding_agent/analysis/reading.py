"""What a function costs to read, for rules about its length and depth.

Cognitive complexity counts each branch alike. What is easy to read all the same is taken off: a guard, which leaves
before what follows it and can be forgotten, and the further branches of a choice, which ask about one thing again.
"""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from coding_agent.analysis.context import Context, Function
from coding_agent.analysis.shapes import blocks, choices, here, is_function, same
from coding_agent.syntax.suppressions import comments

_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_TRIES = (ast.Try, ast.TryStar)
_HOLDS = (ast.If, *_LOOPS, *_TRIES, ast.With, ast.AsyncWith, ast.Match)
_CHOOSES = (ast.Eq, ast.Is, ast.In)
_ASKS = ("startswith", "endswith")
_DECLINED = re.compile(
    r"#\s*pylint:\s*disable(?:-next)?\s*=.*\b(?:too-many-(?:nested-blocks|branches|statements)|too-complex"
    r"|R1702|R0912|R0915|R1260)\b"
    r"|#\s*noqa:.*\b(?:C901|PLR1702|PLR0912|PLR0915)\b",
    re.IGNORECASE,
)


_ADOPTED = re.compile(
    r"\b(?:port|translation|transcription|transliteration) of\b"
    r"|\b(?:adapted|copied|ported|taken|transcribed|translated)(?: \w+)? from\b",
    re.IGNORECASE,
)
_TAKEN = re.compile(
    r"\b(?:adapted|backported|borrowed|copied|derived|ported|taken|transcribed|translated|vendored)(?: \w+)? from\b",
    re.IGNORECASE,
)
_HEAD = 4_000
"""Characters of a file's head that are read."""
_FOREIGN = re.compile(
    r"(?:^|/)(?:_?(?:vendor|vendored|third_?party|extern|externals?|externally[-_]managed)(?:_\w+)?|\w*templates|contrib/ports)/",
    re.IGNORECASE,
)
_COMPILES = ("jit", "kernel", "njit")
_SIMPLE = 4
"""What stands under fewer blocks than this is held in mind."""
_DEEP_SHARE = 20
"""A function whose complexity comes from depth has a statement under `_SIMPLE` blocks for so much of the limit."""


class Shape(NamedTuple):
    """What stands in a function's statements: ``eased`` is what guards and choices add to its complexity,
    ``structures`` counts the others and ``depth`` sums how deep those stand.
    """

    eased: int
    structures: int
    depth: int


def reading(node: Function, context: Context, limit: int) -> int:
    """What a function costs to read: its cognitive complexity without guards and choices, where a function in it is
    read on its own.

    That one counts without the depth at which it stands, and not at all where it is above ``limit`` itself.
    """
    metrics = context.metrics(node)
    if metrics.cognitive <= limit:
        return metrics.cognitive
    inner = (reading(each, context, limit) for each in here(node.body) if is_function(each))
    eased = sum(each.eased for each in _shapes(node.body, 0))
    return metrics.own - eased + sum(cost for cost in inner if cost <= limit)


def too_much(node: Function, context: Context, limit: int) -> int:
    """What a function costs to read where that is above ``limit``, or above twice as much if it is read from top to
    bottom; else 0.
    """
    # Most functions are far below it: what stands in them is looked at only where it matters.
    if context.metrics(node).cognitive <= limit:
        return 0
    cost = reading(node, context, limit)
    if cost <= limit or (cost <= 2 * limit and is_flat(node, context, limit)):
        return 0
    return cost


def is_flat(node: Function, context: Context, limit: int) -> bool:
    """Whether a function is read from top to bottom: most of it stands inside nothing else, or next to nothing stands
    deep.
    """
    if _deep(node.body, 0) < limit // _DEEP_SHARE:
        return True
    if all(context.metrics(each).nesting <= 1 for each in ast.walk(node) if is_function(each)):
        return True
    shapes = list(_shapes(node.body, 0))
    return 2 * sum(each.depth for each in shapes) < sum(each.structures for each in shapes)


def from_elsewhere(head: str) -> bool:
    """Whether a file's head, its first statement with the comments above it, says that its code was taken over."""
    return _TAKEN.search(head[:_HEAD]) is not None


def is_spared(node: Function, context: Context) -> bool:
    """Whether its size is meant: a comment declines the remark, it is kept like code from elsewhere, or it is a kernel.

    Ask last: the text is read.
    """
    return is_kernel(node) or declined(node, context) or is_adopted(node, context)


def is_adopted(node: Function, context: Context) -> bool:
    """Whether a function is kept like code from elsewhere: its folder, or a word in it, says so."""
    return _FOREIGN.search(context.path) is not None or _ADOPTED.search(context.source(node)) is not None


def is_kernel(node: Function) -> bool:
    """Whether a function is compiled for other hardware, by its decorator's name: one unit, written flat on purpose."""
    targets = (each.func if isinstance(each, ast.Call) else each for each in node.decorator_list)
    return any(isinstance(each, ast.Attribute) and each.attr in _COMPILES for each in targets)


def declined(node: Function, context: Context) -> bool:
    """Whether a comment in a function, and in none inside it, declines what pylint or ruff says of its size."""
    text = context.source(node)
    if not _DECLINED.search(text):
        return False
    inner = [each for each in here(node.body) if is_function(each)]
    lines = {node.lineno + line for line, _, comment in comments(text) if _DECLINED.search(comment)}
    return any(not any(each.lineno <= line <= (each.end_lineno or line) for each in inner) for line in lines)


def statements(node: ast.AST) -> int:
    """How many statements stand in a node, at any depth, those of functions and classes in it too."""
    count = 0
    todo = [node]
    for each in todo:
        for block in blocks(each):
            count += len(block)
            todo += block
        todo += [*getattr(each, "handlers", ()), *getattr(each, "cases", ())]
    return count


def questions(block: list[ast.stmt], limit: int, depth: int = 0, asked: int = 0) -> int:
    """The most conditions, handlers and cases above a statement that stands under more than ``limit`` blocks."""
    most = asked if depth > limit else 0
    for each in block:
        inner: list[tuple[list[ast.stmt], int, int]] = []
        if isinstance(each, ast.If):
            _, bodies, rest = choices(each)
            inner += [(body, 1, 1) for body in (*bodies, rest)]
        elif isinstance(each, ast.Match):
            inner += [(case.body, 1, 1) for case in each.cases]
        elif isinstance(each, _HOLDS) or is_function(each):
            is_level = isinstance(each, _LOOPS) or is_function(each)
            inner += [(body, int(is_level), 0) for body in blocks(each)]
            inner += [(handler.body, 1, 1) for handler in each.handlers] if isinstance(each, _TRIES) else []
        most = max([most, *(questions(body, limit, depth + more, asked + one) for body, more, one in inner)])
    return most


def _deep(block: list[ast.stmt], depth: int) -> int:
    """How many statements stand under `_SIMPLE` blocks or more, those of functions and classes in it left out."""
    count = len(block) if depth >= _SIMPLE else 0
    for each in block:
        if isinstance(each, ast.If):
            _, bodies, rest = choices(each)
            count += sum(_deep(body, depth + 1) for body in (*bodies, rest))
        elif isinstance(each, ast.Match):
            count += sum(_deep(case.body, depth + 1) for case in each.cases)
        elif isinstance(each, _HOLDS):
            count += sum(_deep(body, depth + isinstance(each, _LOOPS)) for body in blocks(each))
            handlers = each.handlers if isinstance(each, _TRIES) else ()
            count += sum(_deep(handler.body, depth + 1) for handler in handlers)
    return count


def _shapes(block: list[ast.stmt], depth: int) -> Iterator[Shape]:
    for statement in block:
        if isinstance(statement, ast.If):
            if statement is not block[-1] and _is_guard(statement):
                yield Shape(1 + depth, 0, 0)
            else:
                yield from _branches(statement, depth)
        elif isinstance(statement, ast.Match):
            yield Shape(0, 1, depth)
            for case in statement.cases:
                yield from _shapes(case.body, depth + 1)
        elif isinstance(statement, _HOLDS):
            is_loop = isinstance(statement, _LOOPS)
            if is_loop:
                yield Shape(0, 1, depth)
            for each in blocks(statement):
                yield from _shapes(each, depth + is_loop)
            for handler in statement.handlers if isinstance(statement, _TRIES) else ():
                yield Shape(0, 1, depth)
                yield from _shapes(handler.body, depth + 1)


def _branches(node: ast.If, depth: int) -> Iterator[Shape]:
    tests, bodies, rest = choices(node)
    chosen = len(tests) > 1 and _asks_about_one(tests)
    yield Shape((len(tests) - 1 + bool(rest)) if chosen else 0, 1 if chosen else len(tests), depth)
    for body in (*bodies, rest):
        yield from _shapes(body, depth + 1)


def _is_guard(node: ast.If) -> bool:
    """Whether an ``if`` does nothing but leave, after simple statements."""
    return (
        not node.orelse
        and isinstance(node.body[-1], _LEAVES)
        and not any(isinstance(each, _HOLDS) for each in node.body)
    )


def _asks_about_one(tests: list[ast.expr]) -> bool:
    subjects = [_subject(test) for test in tests]
    first = subjects[0]
    return first is not None and all(each is not None and same(each, first) for each in subjects)


def _subject(test: ast.expr) -> ast.expr | None:
    """What a test asks about that compares with a value, a type or a prefix."""
    match test:
        case ast.Compare(left=left, ops=[op]) if isinstance(op, _CHOOSES):
            return left
        case ast.Call(func=ast.Name(id="isinstance"), args=[subject, _]):
            return subject
        case ast.Call(func=ast.Attribute(value=subject, attr=name)) if name in _ASKS:
            return subject
        case _:
            return None
