"""A method is called almost like a special one, so Python never calls it.

``_init__``, ``__init_`` or ``__itter__`` look right when read fast. It is reported where the name starts or
ends like a special method's and one letter makes it one. A property is read, not called, and left alone, and so
is a method that names itself, as those do that have an agreement of their own with their callers.

The fix renames the method; whoever calls it by the wrong name is not changed.

Source: Python Language Reference, "Special method names".
"""

import ast
from collections.abc import Iterable
from functools import cache

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import decorator_names, is_method

_SPECIAL = (
    *("init", "new", "del", "repr", "str", "bytes", "format", "lt", "le", "eq", "ne", "gt", "ge", "hash", "bool"),
    *("getattr", "getattribute", "setattr", "delattr", "dir", "get", "set", "delete", "set_name", "init_subclass"),
    *("class_getitem", "call", "len", "length_hint", "getitem", "setitem", "delitem", "missing", "iter", "reversed"),
    *("next", "contains", "add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "pow", "lshift"),
    *("rshift", "and", "xor", "or", "radd", "rsub", "rmul", "rtruediv", "rfloordiv", "rmod", "rpow", "rand", "rxor"),
    *("ror", "iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "iand", "ixor", "ior", "neg", "pos"),
    *("abs", "invert", "complex", "int", "float", "index", "round", "trunc", "floor", "ceil", "enter", "exit"),
    *("await", "aiter", "anext", "aenter", "aexit", "reduce", "reduce_ex", "getstate", "setstate", "copy", "deepcopy"),
    *(
        "getnewargs",
        "getnewargs_ex",
        "post_init",
        "subclasshook",
        "instancecheck",
        "subclasscheck",
        "fspath",
        "vfspath",
        "sizeof",
    ),
    *("prepare", "mro_entries", "buffer", "release_buffer", "rdivmod", "rmatmul", "imatmul", "rlshift", "rrshift"),
    *("ilshift", "irshift", "set", "nonzero", "cmp", "coerce", "long", "hex", "oct", "unicode", "div", "idiv", "rdiv"),
    *("getslice", "setslice", "delslice"),
)
"""Special methods of Python 3, and those of Python 2, which are no misspellings."""
_NAMES = frozenset(f"__{name}__" for name in _SPECIAL)


def check(node: ast.FunctionDef | ast.AsyncFunctionDef, context: Context) -> Iterable[Finding]:
    name = node.name
    if name[0] != "_" or name[-1] != "_" or name in _NAMES:
        return ()
    meant = _meant(name)
    if meant is None or not is_method(node, context) or _is_property(node, context):
        return ()
    # Its own name stands in its head; where it stands in its body, too, somebody calls it by that name.
    if context.source(node).count(name) > 1:
        return ()
    at = context.name_span(node)
    return (
        context.finding(
            at,
            f"Python never calls '{name}'; '{meant}' was meant",
            lambda: context.replace(at, meant, f"Rename to '{meant}'", Applicability.UNSAFE),
        ),
    )


def _is_property(node: ast.FunctionDef | ast.AsyncFunctionDef, context: Context) -> bool:
    return any("property" in name for name in decorator_names(node, context))


@cache
def _meant(name: str) -> str | None:
    """The special name that ``name`` is one letter, or one swap of two, away from."""
    if not name.startswith("__") or not name.endswith("__"):
        full = f"__{name.strip('_')}__"
        # "_len_" is a name of one's own choice; "__len_" and "_len__" are slips.
        return full if full in _NAMES and name.count("_") - full.strip("_").count("_") == 3 else None
    close = [each for each in _NAMES if abs(len(each) - len(name)) <= 1 and len(each) > 8 and _is_close(name, each)]
    return close[0] if len(close) == 1 else None


def _is_close(one: str, other: str) -> bool:
    head = 0
    while head < min(len(one), len(other)) and one[head] == other[head]:
        head += 1
    a, b = one[head:], other[head:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
    return a[1:] == b if len(a) > len(b) else b[1:] == a


RULE = Rule(
    name="misspelled-dunder",
    check=check,
    nodes=(ast.FunctionDef, ast.AsyncFunctionDef),
    twins=("ruff:PLW3201", "pylint:C3201"),
    examples=(
        Example(
            "an underscore is missing",
            before="class Point:\n    def $0__init_$0(self, x):\n        self.x = x\n",
            after="class Point:\n    def __init__(self, x):\n        self.x = x\n",
        ),
        Example(
            "two letters swapped",
            before="class Bag:\n    def $0__contians__$0(self, item):\n        return item in self.items\n",
            after="class Bag:\n    def __contains__(self, item):\n        return item in self.items\n",
        ),
        Example("a special method", before="class Point:\n    def __init__(self, x):\n        self.x = x\n"),
        Example("a name of one's own", before="class Node:\n    def __children__(self):\n        return self.nodes\n"),
        Example("a property", before="class Kind:\n    @property\n    def __bound__(self):\n        return self.top\n"),
        Example(
            "an agreement of one's own",
            before=(
                "class Rows:\n    def __getitems__(self, many):\n        if hasattr(self.rows, '__getitems__'):\n"
                "            return self.rows.__getitems__(many)\n        return [self[each] for each in many]\n"
            ),
        ),
        Example("a function", before="def __init_():\n    pass\n"),
    ),
)
