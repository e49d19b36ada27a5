"""A function calls itself before it does anything that could stop it.

A property that reads itself, ``__str__`` that formats ``self``, ``__setattr__`` that sets an attribute, a
method that only passes its call on to itself: the first call ends in ``RecursionError``. A cached property is read from
the object where something before has set it there, so only one that reads itself first is found.

Source: CWE-674, uncontrolled recursion; Python Language Reference, "Customizing attribute access".
"""

import ast
from collections.abc import Iterable, Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import decorator_names, first_parameter, here, is_method, parameters

_CACHED = "functools.cached_property"
_GETTERS = ("builtins.property", _CACHED)
_BY_BUILTIN = {
    "__str__": ("builtins.str", "builtins.format", "builtins.print"),
    "__repr__": ("builtins.repr",),
    "__len__": ("builtins.len",),
    "__hash__": ("builtins.hash",),
    "__bool__": ("builtins.bool",),
    "__iter__": ("builtins.iter", "builtins.list", "builtins.tuple", "builtins.set"),
    "__int__": ("builtins.int",),
    "__float__": ("builtins.float",),
    "__bytes__": ("builtins.bytes",),
    "__abs__": ("builtins.abs",),
    "__dir__": ("builtins.dir",),
}
"""What asks an object for the special method."""
_VALUED = (ast.Return, ast.Expr, ast.Assign)


def check(node: ast.FunctionDef | ast.AsyncFunctionDef, context: Context) -> Iterable[Finding]:
    if not node.decorator_list and node.name not in _BY_BUILTIN and _first(node).__class__ is not ast.Call:
        return ()
    return _found(node, context)


def _found(node: ast.FunctionDef | ast.AsyncFunctionDef, context: Context) -> Iterator[Finding]:
    own = first_parameter(node)
    method = is_method(node, context)
    if method and own is not None:
        if node.decorator_list:
            found = _accessor(node, own, context)
        elif node.name in _BY_BUILTIN:
            found = _asks_itself(node, own, context)
        else:
            found = _calls_itself(node, own)
        if found is not None:
            yield context.finding(found, f"'{node.name}' runs itself here, without end")
    elif not method and not node.decorator_list and (found := _calls_itself(node, None)) is not None:
        yield context.finding(found, f"'{node.name}' runs itself here, without end")


def _first(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.expr | None:
    """The expression of the first statement behind the docstring, where it is run first and always."""
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(node.body) > 1:
        first = node.body[1]
    value = first.value if isinstance(first, _VALUED) else None
    if isinstance(node, ast.AsyncFunctionDef):
        # Without an await the call only makes a coroutine.
        return value.value if isinstance(value, ast.Await) else None
    return value


def _start(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    """The first statement, the docstring aside."""
    return node.body[1:2] if ast.get_docstring(node, clean=False) is not None else node.body[:1]


def _calls_itself(node: ast.FunctionDef | ast.AsyncFunctionDef, own: str | None) -> ast.expr | None:
    """A first statement that is nothing but the same call again."""
    call = _first(node)
    if not isinstance(call, ast.Call):
        return None
    callee = call.func
    if own is None:
        given = any(each.arg == node.name for each in parameters(node))
        return call if isinstance(callee, ast.Name) and callee.id == node.name and not given else None
    through = callee.value if isinstance(callee, ast.Attribute) and callee.attr == node.name else None
    return call if isinstance(through, ast.Name) and through.id == own and own in ("self", "cls") else None


def _accessor(node: ast.FunctionDef | ast.AsyncFunctionDef, own: str, context: Context) -> ast.AST | None:
    """Where a property gets or sets itself."""
    names = decorator_names(node, context)
    if len(names) != 1:
        return None
    if names[0] in _GETTERS:
        wanted: type[ast.expr_context] = ast.Load
    elif names[0] == f"{node.name}.setter":
        wanted = ast.Store
    else:
        return None
    for each in here(_start(node) if names[0] == _CACHED else node.body):
        if isinstance(each, ast.Try | ast.If):
            return None
        if not isinstance(each, ast.Attribute) or each.attr != node.name or not isinstance(each.ctx, wanted):
            continue
        if _is_own(each.value, own):
            return None if isinstance(context.parent(each), ast.AugAssign) else each
    return None


def _asks_itself(node: ast.FunctionDef | ast.AsyncFunctionDef, own: str, context: Context) -> ast.AST | None:
    """Where a special method asks its own object for what it is about to say."""
    for each in here(node.body):
        if isinstance(each, ast.If | ast.Try | ast.IfExp | ast.BoolOp | ast.With):
            return None
        if isinstance(each, ast.Call) and context.qualified(each.func) in _BY_BUILTIN[node.name]:
            found = len(each.args) == 1 and _is_own(each.args[0], own)
            if found:
                return each
        elif isinstance(each, ast.FormattedValue) and _is_own(each.value, own) and each.format_spec is None:
            asked = {-1: "__str__", 115: "__str__", 114: "__repr__"}.get(each.conversion)
            if asked == node.name:
                return each.value
    return None


def _is_own(node: ast.expr, own: str) -> bool:
    return isinstance(node, ast.Name) and node.id == own


RULE = Rule(
    name="endless-recursion",
    check=check,
    nodes=(ast.FunctionDef, ast.AsyncFunctionDef),
    cwe=674,
    twins=("sonar:S2190",),
    examples=(
        Example(
            "a property that reads itself",
            before="class Box:\n    @property\n    def width(self):\n        return $0self.width$0\n",
        ),
        Example(
            "a cached property that reads itself",
            before=(
                "from functools import cached_property\n\n\nclass Box:\n    @cached_property\n    def width(self):\n"
                "        return $0self.width$0\n"
            ),
        ),
        Example(
            "a cached property that is set before",
            before=(
                "from functools import cached_property\n\n\nclass Box:\n    @cached_property\n    def width(self):\n"
                "        self.measure()\n        return self.width\n\n"
                "    def measure(self):\n        self.width = 3\n"
            ),
        ),
        Example(
            "a setter that sets itself",
            before=(
                "class Box:\n    @property\n    def width(self):\n        return self._width\n\n"
                "    @width.setter\n    def width(self, value):\n        $0self.width$0 = value\n"
            ),
        ),
        Example(
            "a text of itself", before="class Box:\n    def __str__(self):\n        return 'Box ' + $0str(self)$0\n"
        ),
        Example("a call passed on", before="class Box:\n    def close(self):\n        $0self.close()$0\n"),
        Example(
            "another field", before="class Box:\n    @property\n    def width(self):\n        return self._width\n"
        ),
        Example("another text", before="class Box:\n    def __str__(self):\n        return repr(self)\n"),
        Example("with an end", before="def fact(n):\n    if n < 2:\n        return 1\n    return n * fact(n - 1)\n"),
        Example("the base's", before="class Box(list):\n    def append(self, x):\n        super().append(x)\n"),
    ),
)
