"""A property or an operator returns nothing, so it is always None.

What stands in its last line was meant to be returned. Bodies that only raise, ``...`` or ``pass``, and
generators are left alone.

Source: CWE-394, unexpected status code or return value; Python Language Reference, "Special method names".
"""

import ast
from collections.abc import Iterable, Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import decorator_names, here, is_method, is_test

_PROPERTIES = ("builtins.property", "functools.cached_property")
_SAYS = (ast.Return, ast.Raise, ast.Yield, ast.YieldFrom)
_OPERATORS = frozenset(
    f"__{name}__"
    for name in (
        *("lt", "le", "gt", "ge", "getitem", "contains", "iter", "next", "getattr", "getattribute"),
        *("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor", "lshift", "rshift"),
        *("radd", "rsub", "rmul", "iadd", "isub", "imul", "neg", "pos", "abs", "invert", "reduce", "reduce_ex"),
        *("getstate", "fspath", "missing", "copy", "deepcopy", "new"),
    )
)


def check(node: ast.FunctionDef, context: Context) -> Iterable[Finding]:
    if (not node.decorator_list and node.name not in _OPERATORS) or isinstance(node.body[-1], _SAYS):
        return ()
    return _found(node, context)


def _found(node: ast.FunctionDef, context: Context) -> Iterator[Finding]:
    if node.decorator_list:
        names = decorator_names(node, context)
        if not any(name in _PROPERTIES for name in names) and (node.name not in _OPERATORS or len(names) > 0):
            return
        what = "this property" if any(name in _PROPERTIES for name in names) else f"'{node.name}'"
    else:
        what = f"'{node.name}'"
    if is_method(node, context) and _only_falls_off(node) and not is_test(node, context):
        yield context.finding(context.name_span(node), f"{what} returns nothing, so it is always None")


def _only_falls_off(node: ast.FunctionDef) -> bool:
    """Whether a function does something, and ends without saying what it returns."""
    does = False
    for each in here(node.body):
        if isinstance(each, _SAYS):
            return False
        does = does or not isinstance(each, ast.Pass | ast.Expr | ast.Constant | ast.If | ast.Assert | ast.Global)
    last = node.body[-1]
    if isinstance(last, ast.While) and isinstance(last.test, ast.Constant):
        return False
    # What ends with a call may end in one that never returns, as self.fail() or sys.exit().
    return does and not _ends_with_bare_call(last)


def _ends_with_bare_call(last: ast.stmt) -> bool:
    return isinstance(last, ast.Expr) and isinstance(last.value, ast.Call) and not isinstance(last, ast.Return)


RULE = Rule(
    name="missing-return",
    check=check,
    nodes=(ast.FunctionDef,),
    twins=("sonar:S935",),
    examples=(
        Example(
            "a property",
            before="class Box:\n    @property\n    def $0area$0(self):\n        self.width * self.height\n",
        ),
        Example(
            "an operator",
            before="class Box:\n    def $0__add__$0(self, other):\n        both = self.width + other.width\n",
        ),
        Example(
            "returned",
            before="class Box:\n    @property\n    def area(self):\n        return self.width * self.height\n",
        ),
        Example(
            "not here yet", before="class Box:\n    @property\n    def area(self):\n        raise NotImplementedError\n"
        ),
        Example("described only", before="class Box:\n    @property\n    def area(self):\n        '''The area.'''\n"),
    ),
)
