"""What is counted in one function while it is walked."""

import ast
from typing import NamedTuple

_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Metrics(NamedTuple):
    """What the walk counts in one function.

    ``cyclomatic`` equals radon's; ``cognitive`` follows the Cognitive Complexity specification
    (SonarSource, version 1.7); ``lines`` are physical ones from ``def`` to the last statement,
    ``nesting`` is the deepest nesting of control flow, ``parameters`` leaves out ``self`` and ``cls``. ``own`` is
    ``cognitive`` without the functions that stand in it.
    """

    name: str
    cyclomatic: int
    cognitive: int
    lines: int
    nesting: int
    parameters: int
    own: int


class Counter:
    """Metrics of a function while it is walked."""

    __slots__ = ("cognitive", "cyclomatic", "deepest", "depth", "inner", "node", "outer", "structures")

    def __init__(self, node: "_Function | None", outer: "Counter | None" = None, depth: int = 0) -> None:
        self.node = node
        self.outer = outer
        self.depth = depth
        """How deep the function stands in ``outer``: each of its structures costs that much more there."""
        self.cyclomatic = 1
        self.cognitive = 0
        self.structures = 0
        self.inner = 0
        """What the functions in it add to ``cognitive``."""
        self.deepest = 0

    def structure(self, depth: int) -> None:
        """Count a control structure that stands ``depth`` deep."""
        self.cognitive += 1 + depth
        self.structures += 1
        self.deepest = max(self.deepest, depth + 1)


def measured(counter: Counter, recursive: bool) -> Metrics:
    """The metrics of a function whose inner functions are added up; ``recursive``: it calls itself."""
    node = counter.node
    assert node is not None
    every = all_arguments(node.args)
    hidden = bool(every) and every[0].arg in ("self", "cls")
    return Metrics(
        node.name,
        counter.cyclomatic,
        counter.cognitive + recursive,
        (node.end_lineno or node.lineno) - node.lineno + 1,
        counter.deepest,
        len(every) - hidden,
        counter.cognitive - counter.inner + recursive,
    )


def only_wraps(node: "_Function") -> bool:
    """Whether a function holds nothing but a docstring, another function and its return."""
    body = (
        node.body[1:]
        if isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
        else node.body
    )
    return len(body) == 2 and isinstance(body[0], _Function) and isinstance(body[1], ast.Return)


def all_arguments(arguments: ast.arguments) -> list[ast.arg]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    if arguments.vararg is not None:
        every.append(arguments.vararg)
    if arguments.kwarg is not None:
        every.append(arguments.kwarg)
    return every
