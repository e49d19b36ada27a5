"""How special methods are called the way people do: by operators and functions."""

from .genome import SELF

COMPARED = {"__eq__": "==", "__ne__": "!=", "__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}
BINARY = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "floordiv": "//",
    "mod": "%",
    "pow": "**",
    "matmul": "@",
    "and": "&",
    "or": "|",
    "xor": "^",
    "lshift": "<<",
    "rshift": ">>",
}
ALONE = {
    "__len__": f"len({SELF})",
    "__bool__": f"bool({SELF})",
    "__iter__": f"list({SELF})",
    "__repr__": f"repr({SELF})",
    "__str__": f"str({SELF})",
    "__int__": f"int({SELF})",
    "__float__": f"float({SELF})",
    "__abs__": f"abs({SELF})",
    "__neg__": f"-{SELF}",
    "__pos__": f"+{SELF}",
    "__invert__": f"~{SELF}",
    "__next__": f"next({SELF})",
    "__reversed__": f"list(reversed({SELF}))",
    "__round__": f"round({SELF})",
    "__bytes__": f"bytes({SELF})",
    "__dir__": f"dir({SELF})",
    "__complex__": f"complex({SELF})",
}
IMPORTING = {
    "__copy__": ("import copy", f"copy.copy({SELF})"),
    "__deepcopy__": ("import copy", f"copy.deepcopy({SELF})"),
    "__index__": ("import operator", f"operator.index({SELF})"),
    "__fspath__": ("import os", f"os.fspath({SELF})"),
    "__reduce__": ("import pickle", f"pickle.loads(pickle.dumps({SELF}))"),
    "__reduce_ex__": ("import pickle", f"pickle.loads(pickle.dumps({SELF}))"),
    "__getstate__": ("import pickle", f"pickle.loads(pickle.dumps({SELF}))"),
    "__setstate__": ("import pickle", f"pickle.loads(pickle.dumps({SELF}))"),
    "__length_hint__": ("import operator", f"operator.length_hint({SELF})"),
    "__floor__": ("import math", f"math.floor({SELF})"),
    "__ceil__": ("import math", f"math.ceil({SELF})"),
    "__trunc__": ("import math", f"math.trunc({SELF})"),
    "__sizeof__": ("import sys", ""),
}
