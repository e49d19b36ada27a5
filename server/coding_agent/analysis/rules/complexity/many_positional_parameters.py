"""A function takes more values by position than a caller can keep in order.

``draw(3, 4, 10, 20, True, None, 2)`` says nothing, and two swapped numbers go unseen. Make the later ones keyword-only
(a ``*`` before them), or pass them together as one object. Only parameters that must be given count: neither those with
a default, nor keyword-only ones, nor ``self``. Methods that override one of a base or are called by others' rules are
written the way those want them, so methods of classes with bases are left alone. So are constructors that only keep
what they are given: they are lists of fields, as those of a dataclass. A parameter with an annotation that no other
one has does not count: a value in its place does not pass a type checker. Stubs say what others have written, and
pytest gives tests their parameters by name.
Off by default: in well kept code half of what it finds are private steps of one caller, or called by name already.

Source: Martin, Clean Code, chapter 3, "Function Arguments"; ruff's PLR0917 counts optional ones as well.
"""

import ast
from collections import Counter
from collections.abc import Iterable

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding, Severity
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import is_method, is_test


def check(node: ast.FunctionDef | ast.AsyncFunctionDef, context: Context) -> Iterable[Finding]:
    arguments, limit = node.args, context.number("max-parameters")
    count = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
    if count <= limit or node.decorator_list or context.path.endswith(".pyi") or is_test(node, context):
        return ()
    if is_method(node, context):
        count -= 1
        above = context.parent(node)
        inherits = above.bases if isinstance(above, ast.ClassDef) else context.owner is not None and context.owner.bases
        if inherits or count <= limit or (node.name == "__init__" and _only_keeps(node)):
            return ()
    if count - _distinct([*arguments.posonlyargs, *arguments.args][-count - len(arguments.defaults) :]) <= limit:
        return ()
    message = f"'{node.name}' needs {count} values that may be given by position (limit {limit})"
    return (context.finding(context.name_span(node), message),)


def _distinct(given: list[ast.arg]) -> int:
    """How many of the parameters have an annotation that no other one has."""
    kinds = Counter(ast.dump(each.annotation) for each in given if each.annotation is not None)
    return sum(count == 1 for count in kinds.values())


def _only_keeps(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a constructor does nothing but assign attributes."""
    for each in node.body:
        target = (
            each.targets[0]
            if isinstance(each, ast.Assign)
            else each.target
            if isinstance(each, ast.AnnAssign)
            else None
        )
        if not isinstance(target, ast.Attribute) and not (
            isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
        ):
            return False
    return True


RULE = Rule(
    name="many-positional-parameters",
    check=check,
    nodes=(ast.FunctionDef, ast.AsyncFunctionDef),
    severity=Severity.HINT,
    twins=("ruff:PLR0917", "ruff:PLR0913", "pylint:R0917", "pylint:R0913"),
    options={"max-parameters": 7},
    on=False,
    examples=(
        Example("eight", before="def $0draw$0(a, b, c, d, e, f, g, h):\n    return a\n"),
        Example("a method", before="class Pen:\n    def $0draw$0(self, a, b, c, d, e, f, g, h):\n        return a\n"),
        Example(
            "a list of fields",
            before=(
                "class Box:\n    def __init__(self, a, b, c, d, e, f, g, h):\n        self.a = a\n"
                "        self.b = b.lower()\n"
            ),
        ),
        Example(
            "some of a type of their own",
            before="def draw(a: int, b: int, c: int, d: int, e: int, f: int, g: Pen, h: Box):\n    return a\n",
        ),
        Example(
            "all alike",
            before="def $0draw$0(a: int, b: int, c: int, d: int, e: int, f: int, g: int, h: int):\n    return a\n",
        ),
        Example("by name", before="def draw(a, b, c, *, d, e, f, g, h):\n    return a\n"),
        Example("most are optional", before="def draw(a, b, c, d, e, f=1, g=2, h=3):\n    return a\n"),
        Example(
            "as the base wants it",
            before="class Pen(Base):\n    def draw(self, a, b, c, d, e, f, g, h):\n        return a\n",
        ),
    ),
)
