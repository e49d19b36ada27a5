"""Near-misses made from real functions by script, for `similar.py`: they look alike and do something else.

One keeps the names and has one change of meaning for each eight statements (at least one); or it is a real sibling, as
``encode`` is one of ``decode``.
"""

import ast
import copy
import random
from collections.abc import Iterator, Sequence
from itertools import pairwise

from similar_set import Change, Function, Real, bare, exact, opposite, own_names, placed

FAMILIES = [
    ("get", "set"), ("encode", "decode"), ("first", "last"), ("read", "write"), ("add", "remove"), ("left", "right"),
    ("min", "max"), ("load", "dump"), ("push", "pop"), ("open", "close"), ("start", "stop"), ("lower", "upper"),
    ("to", "from"), ("before", "after"), ("enter", "exit"), ("request", "response"), ("begin", "end"), ("in", "out"),
    ("head", "tail"), ("sub", "add"), ("sub", "mul"), ("any", "all"), ("predecessors", "successors"),
    ("args", "kwargs"),
    ("save", "load"), ("pack", "unpack"), ("send", "recv"), ("send", "receive"), ("update", "delete"), ("put", "get"),
    ("min", "mean"), ("sin", "cos"), ("rows", "columns"), ("row", "column"), ("x", "y"), ("post", "put"), ("gt", "lt"),
]  # fmt: skip


def near_miss(real: Real, chance: random.Random, words: Sequence[str], kind: str) -> str | None:
    """A text with the same names that does something else, by changes of one kind."""
    node = copy.deepcopy(real.node)
    size = sum(isinstance(each, ast.stmt) for each in ast.walk(bare(node)))
    for _ in range(max(1, round(size / 8))):
        if not MISSES[kind](node, chance, words):
            return None
    return placed(real, node, chance) if exact(node) != real.same else None


def siblings(some: Sequence[Real]) -> Iterator[tuple[Real, Real, str]]:
    """Pairs of one family in one file, and of one name in two classes, that are not the same."""
    files = dict[str, list[Real]]()
    named = dict[str, list[Real]]()
    for each in some:
        files.setdefault(each.path, []).append(each)
        if each.holder:
            named.setdefault(each.node.name, []).append(each)
    for there in files.values():
        by = {(each.holder, each.node.name): each for each in there}
        for (holder, name), each in by.items():
            for one, other in FAMILIES:
                parts = name.split("_")
                if one in parts:
                    twin = by.get((holder, "_".join(other if part == one else part for part in parts)))
                    if twin and twin.same != each.same:
                        yield each, twin, "family"
    for there in named.values():
        for each, twin in pairwise(there):
            if each.same != twin.same and each.holder != twin.holder:
                yield each, twin, "same name"


_OTHER: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.And: ast.Or, ast.Or: ast.And, ast.Lt: ast.LtE, ast.LtE: ast.Lt,
    ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip


def _one(found: Sequence[ast.AST], chance: random.Random) -> ast.AST | None:
    """One that was not changed before."""
    left = [each for each in found if not hasattr(each, "changed")]
    if not left:
        return None
    one = chance.choice(left)
    one.changed = True  # type: ignore[attr-defined]
    return one


def _operator(node: Function, chance: random.Random, _: Sequence[str]) -> bool:
    some = [each for each in _run(node) if isinstance(each, ast.BinOp | ast.AugAssign | ast.BoolOp | ast.Compare)]
    some = [each for each in some if type(_op(each)) in _OTHER and not _is_text(each)]
    one = _one(some, chance)
    if isinstance(one, ast.Compare):
        one.ops[0] = _OTHER[type(one.ops[0])]()  # type: ignore[assignment]
    elif one is not None:
        one.op = _OTHER[type(one.op)]()  # type: ignore[attr-defined]
    return one is not None


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """What is run of a function: neither annotations nor what a log is told."""
    for name, value in ast.iter_fields(node):
        for each in value if isinstance(value, list) else [value]:
            is_log = isinstance(each, ast.Expr) and isinstance(each.value, ast.Call) and _logs(each.value)
            if isinstance(each, ast.AST) and name not in ("annotation", "returns") and not is_log:
                yield each
                yield from _run(each)


def _op(node: ast.AST) -> object:
    return node.ops[0] if isinstance(node, ast.Compare) else getattr(node, "op", None)


def _is_text(node: ast.AST) -> bool:
    return any(isinstance(each, ast.JoinedStr) or (isinstance(each, ast.Constant) and isinstance(each.value, str))
               for each in ast.walk(node))  # fmt: skip


def _called(node: Function, chance: random.Random, words: Sequence[str]) -> bool:
    own = set(own_names(node))
    calls = [each for each in _run(node) if isinstance(each, ast.Call) and not _logs(each)]
    some = [each.func for each in calls if isinstance(each.func, ast.Attribute)]
    some += [each.func for each in calls if isinstance(each.func, ast.Name) and each.func.id not in own]
    one = _one(some, chance)
    other = chance.choice(list(words))
    if isinstance(one, ast.Attribute):
        one.attr = other if one.attr != other else f"{other}_"
    elif isinstance(one, ast.Name):
        one.id = f"{other}_" if other in own or one.id == other else other
    return one is not None


def _logs(node: ast.Call) -> bool:
    return "log" in ast.unparse(node.func).lower()


def _condition(node: Function, chance: random.Random, _: Sequence[str]) -> bool:
    one = _one([each for each in ast.walk(node) if isinstance(each, ast.If | ast.While | ast.IfExp)], chance)
    if one is not None:
        one.test = opposite(one.test)  # type: ignore[attr-defined]
    return one is not None


def _number(node: Function, chance: random.Random, _: Sequence[str]) -> bool:
    """Another number, or the other of True and False."""
    some = [
        each for each in _run(node) if isinstance(each, ast.Constant) and isinstance(each.value, bool | int | float)
    ]
    one = _one(some, chance)
    if isinstance(one, ast.Constant):
        one.value = not one.value if isinstance(one.value, bool) else one.value + 1  # type: ignore[operator]
    return one is not None


MISSES: dict[str, Change] = {"operator": _operator, "call": _called, "condition": _condition, "constant": _number}
