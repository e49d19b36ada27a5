"""Which exceptions a function raises by itself, and when."""

import ast
import builtins
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from coding_agent.explain.code import Function, Qualified, shortened

_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


@dataclass(frozen=True, slots=True)
class Raised:
    """One exception. ``when`` is code, shortened, and empty where nothing around it decides.

    ``again``: it was caught here and is raised on. ``after`` is what was caught when another is raised instead.
    """

    exception: str
    when: str
    line: int
    again: bool = False
    after: str = ""


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around a statement: the nearest condition, the handler it is in, what is caught outside of it."""

    when: Callable[[], str] = str
    """Spells the condition: that costs more than all else here, and most stand around no raise."""
    handler: str = ""
    handled_as: str = ""
    caught: tuple[str, ...] = ()


def raised(node: Function, qualified: Qualified) -> tuple[Raised, ...]:
    """Return what ``raise`` and ``assert`` in ``node``'s own code let out, in the order of the code, each once.

    An exception that a handler around it catches by name is left out; what called functions raise is not known.
    """
    return tuple(dict.fromkeys(_Reader(qualified).raised(node.body)))


class _Reader:
    def __init__(self, qualified: Qualified) -> None:
        self._qualified = qualified

    def raised(self, body: Sequence[ast.stmt]) -> Iterator[Raised]:
        # No recursion: the 500th "elif" stands 500 deep.
        waiting = [(statement, _Around()) for statement in reversed(body)]
        while waiting:
            node, around = waiting.pop()
            if isinstance(node, ast.Raise):
                yield from self._let_out(self._raise(node, around), around)
            elif isinstance(node, ast.Assert):
                yield from self._let_out(Raised("AssertionError", _negated(node.test), node.lineno), around)
            else:
                below = [(each, inner) for block, inner in self._blocks(node, around) for each in block]
                waiting += reversed(below)

    def _blocks(self, node: ast.stmt, around: _Around) -> Iterator[tuple[Sequence[ast.stmt], _Around]]:
        match node:
            case ast.If():
                yield node.body, replace(around, when=partial(shortened, node.test))
                # A raise in "elif" stands under its own test; only a plain "else" needs ours turned round.
                yield node.orelse, replace(around, when=partial(_negated, node.test))
            case ast.For() | ast.AsyncFor() | ast.While():
                yield node.body, around
                yield node.orelse, around
            case ast.With() | ast.AsyncWith():
                yield node.body, replace(around, caught=(*around.caught, *self._suppressed(node)))
            case ast.Try() | ast.TryStar():
                yield from self._try(node, around)
            case ast.Match():
                for case in node.cases:
                    every = isinstance(case.pattern, ast.MatchAs) and case.pattern.name is None
                    when = around.when if every else partial(_matched, node.subject, case.pattern)
                    yield case.body, replace(around, when=when)
            case _:
                return

    def _try(self, node: ast.Try | ast.TryStar, around: _Around) -> Iterator[tuple[Sequence[ast.stmt], _Around]]:
        caught = tuple(name for handler in node.handlers for name in self._types(handler.type))
        yield node.body, replace(around, caught=(*around.caught, *caught))
        for handler in node.handlers:
            names = " or ".join(self._types(handler.type))
            yield handler.body, replace(around, when=str, handler=names, handled_as=handler.name or "")
        yield node.orelse, around
        yield node.finalbody, around

    def _raise(self, node: ast.Raise, around: _Around) -> Raised:
        name = _called(node.exc)
        if around.handler and (node.exc is None or name == around.handled_as):
            return Raised(around.handler, around.when(), node.lineno, again=True)
        return Raised(name or "an exception", around.when(), node.lineno, after=around.handler)

    def _let_out(self, found: Raised, around: _Around) -> Iterator[Raised]:
        if not any(_catches(caught, found.exception) for caught in around.caught):
            yield found

    def _types(self, node: ast.expr | None) -> list[str]:
        if node is None:
            return ["BaseException"]
        return [_called(each) for each in (node.elts if isinstance(node, ast.Tuple) else [node])]

    def _suppressed(self, node: ast.With | ast.AsyncWith) -> Iterator[str]:
        for item in node.items:
            call = item.context_expr
            if isinstance(call, ast.Call) and self._qualified(call.func) == "contextlib.suppress":
                yield from (_called(each) for each in call.args)


def _called(node: ast.expr | None) -> str:
    """Return the name of an exception's class, or of the variable that holds the exception."""
    if isinstance(node, ast.Call):
        node = node.func
    return shortened(node) if node else ""


def _catches(caught: str, exception: str) -> bool:
    if caught == exception:
        return True
    above, below = getattr(builtins, caught, None), getattr(builtins, exception, None)
    if not isinstance(above, type):
        return False
    # A class of the project's own is taken for an Exception.
    return issubclass(below if isinstance(below, type) else Exception, above)


def _matched(subject: ast.expr, pattern: ast.pattern) -> str:
    return f"{shortened(subject, 30)} is {shortened(pattern, 30)}"


def _negated(test: ast.expr) -> str:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return shortened(test.operand)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return shortened(ast.Compare(test.left, [_OPPOSITE[type(test.ops[0])]()], test.comparators))
    return shortened(ast.UnaryOp(ast.Not(), test))
