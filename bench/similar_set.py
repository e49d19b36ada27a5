"""Clones made from real functions by script, for `similar.py`; what only looks alike is in `similar_misses`.

A *clone* does what its original does: locals, parameters and the function itself get other names, and one to three more
changes that keep the meaning.
"""

import ast
import copy
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

Function = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Change = Callable[["Function", random.Random, Sequence[str]], bool]

_LOCALS = [
    "data",
    "value",
    "result",
    "items",
    "index",
    "name",
    "key",
    "node",
    "text",
    "other",
    "current",
    "left",
    "line",
]
_TOKEN = re.compile(r"\w+|[^\w\s]")
_RISKY = {"locals", "eval", "exec", "vars", "globals", "dir", "super", "__class__"}


@dataclass(frozen=True)
class Real:
    """A function of a package."""

    path: str
    holder: str
    node: Function

    @property
    def line(self) -> int:
        return self.node.lineno

    @cached_property
    def same(self) -> str:
        return exact(self.node)


def functions(text: str, path: str) -> Iterator[Real]:
    """Functions of modules and classes, of 4 to 90 lines and at least forty words and signs below their header."""
    lines = text.split("\n")
    for top in ast.parse(text).body:
        holder, body = (top.name, top.body) if isinstance(top, ast.ClassDef) else ("", [top])
        for node in body:
            if isinstance(node, Function):
                first = node.body[ast.get_docstring(node, clean=False) is not None :][:1]
                code = lines[first[0].lineno - 1 : node.end_lineno] if first else []
                if 4 <= len(code) <= 90 and len(_TOKEN.findall("\n".join(code))) >= 40:
                    yield Real(path, holder, node)


def exact(node: Function) -> str:
    """A function's text that only the names of locals, annotations and the docstring are not in."""
    plain = bare(node)
    names = dict[str, str]()
    for each in own_names(plain):
        names.setdefault(each, f"v{len(names)}")
    _Renamed(names).visit(plain)
    plain.name = "f"
    return ast.unparse(plain)


def clone(real: Real, chance: random.Random, words: Sequence[str]) -> tuple[str, list[str]] | None:
    """A text that does the same, and what was changed; None where too little can be."""
    node, done = copy.deepcopy(real.node), list[str]()
    changes, most = list(CLONES), chance.choice([1, 2, 3])
    chance.shuffle(changes)
    # What can seldom be done is tried first.
    for name in sorted(changes, key=lambda name: name in ("annotations", "docstring", "logging")):
        if len(done) < most and CLONES[name](node, chance, words):
            done.append(name)
    if not rename(node, chance, words):
        return None
    return placed(real, node, chance), ["rename", *done]


def rename(node: Function, chance: random.Random, words: Sequence[str]) -> bool:
    """Other names for the function and all its own, half of them names that are used elsewhere."""
    own = sorted(set(own_names(node)) - {"self", "cls"})
    used = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    inner = [each for each in ast.walk(node) if isinstance(each, _SCOPES | ast.Lambda)]
    said = {each.arg for each in ast.walk(node) if isinstance(each, ast.keyword)}
    if not own or used & _RISKY or (len(inner) > 1 and said & set(own)):
        return False
    if any(isinstance(each, ast.ClassDef | ast.Nonlocal | ast.Import | ast.ImportFrom) for each in ast.walk(node)):
        return False
    free = [each for each in dict.fromkeys((*_LOCALS, *words)) if each not in used and each not in own]
    chance.shuffle(free)
    names = {each: free.pop() if free and chance.random() < 0.5 else f"{word(chance)}{n}" for n, each in enumerate(own)}
    names[node.name] = f"{word(chance)}_{word(chance)}"
    _Renamed(names).visit(node)
    return True


def word(chance: random.Random) -> str:
    return "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(chance.choice([2, 3])))


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = self.names.get(node.arg, node.arg)
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        node.name = self.names.get(node.name, node.name) if node.name else node.name
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: Function) -> ast.AST:
        node.name = self.names.get(node.name, node.name)
        return self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef


def own_names(node: Function) -> Iterator[str]:
    """The names that a function binds, in order."""
    kept = {name for each in ast.walk(node) if isinstance(each, ast.Global | ast.Nonlocal) for name in each.names}
    for each in ast.walk(node):
        name = None
        if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load):
            name = each.id
        elif isinstance(each, ast.arg):
            name = each.arg
        elif isinstance(each, ast.ExceptHandler) or (isinstance(each, _SCOPES) and each is not node):
            name = each.name
        if name and name not in kept:
            yield name


def bare(node: Function) -> Function:
    """A copy without docstring and annotations."""
    plain = copy.deepcopy(node)
    undocument(plain)
    unannotate(plain, random.Random(0), ())
    return plain


def undocument(node: Function) -> bool:
    if ast.get_docstring(node) is None or len(node.body) == 1:
        return False
    del node.body[0]
    return True


def docstring(node: Function, chance: random.Random, words: Sequence[str]) -> bool:
    if not undocument(node):
        text = " ".join(chance.sample(list(words), min(6, len(words))))
        node.body.insert(0, ast.Expr(ast.Constant(f"{text.capitalize()}.")))
    return True


def unannotate(node: Function, _: random.Random, __: Sequence[str]) -> bool:
    args = [each for each in ast.walk(node) if isinstance(each, ast.arg) and each.annotation]
    for each in args:
        each.annotation = None
    had, node.returns = node.returns is not None, None
    return bool(args) or had


def annotations(node: Function, chance: random.Random, words: Sequence[str]) -> bool:
    if unannotate(node, chance, words):
        return True
    for each in node.args.args:
        if each.arg not in ("self", "cls"):
            each.annotation = ast.Name(chance.choice(["int", "str", "object"]), ast.Load())
    node.returns = ast.Name("object", ast.Load())
    return True


def logging(node: Function, chance: random.Random, words: Sequence[str]) -> bool:
    line = f'{chance.choice(["logger", "logging", "log", "self._logger"])}.debug("{" ".join(words[:2])} %s", 1)'
    first = 1 if ast.get_docstring(node) is not None else 0
    node.body.insert(chance.randint(first, max(len(node.body) - 1, first)), ast.parse(line).body[0])
    return True


def _pure(node: ast.AST) -> bool:
    allowed = (ast.Name, ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Attribute, ast.expr_context)
    return all(isinstance(each, allowed) for each in ast.walk(node))


def reorder(node: Function, _: random.Random, __: Sequence[str]) -> bool:
    """Neighbours that assign different names or attributes, without calls, of which none reads the other's."""
    done = False
    for block in _blocks(node):
        at = 0
        while at + 1 < len(block):
            one, other = block[at : at + 2]
            if _assigns(one) and _assigns(other) and _apart(one, other) and _apart(other, one):
                block[at : at + 2] = other, one
                done, at = True, at + 1
            at += 1
    return done


def _assigns(node: ast.stmt) -> bool:
    if not (isinstance(node, ast.Assign) and len(node.targets) == 1 and _pure(node.value)):
        return False
    target = node.targets[0]
    return isinstance(target, ast.Name) or (isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name))


def _apart(one: ast.stmt, other: ast.stmt) -> bool:
    """Whether the other neither reads nor writes what one writes."""
    assert isinstance(one, ast.Assign)
    target = one.targets[0]
    if isinstance(target, ast.Name):
        return all(not (isinstance(each, ast.Name) and each.id == target.id) for each in ast.walk(other))
    assert isinstance(target, ast.Attribute)
    return all(not (isinstance(each, ast.Attribute) and each.attr == target.attr) for each in ast.walk(other))


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for each in ast.walk(node):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(each, name, None)
            if isinstance(block, list):
                yield block


def branches(node: Function, _: random.Random, __: Sequence[str]) -> bool:
    done = False
    for each in ast.walk(node):
        if isinstance(each, ast.If) and each.orelse:
            each.test, each.body, each.orelse = opposite(each.test), each.orelse, each.body
            done = True
    return done


_EXACTLY: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In
}  # fmt: skip


def opposite(test: ast.expr) -> ast.expr:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and type(test.ops[0]) in _EXACTLY:
        return ast.Compare(test.left, [_EXACTLY[type(test.ops[0])]()], test.comparators)
    return ast.UnaryOp(ast.Not(), test)


def augmented(node: Function, _: random.Random, __: Sequence[str]) -> bool:
    done = False
    for block in _blocks(node):
        for at, each in enumerate(block):
            if isinstance(each, ast.AugAssign) and isinstance(each.target, ast.Name):
                value = ast.BinOp(ast.Name(each.target.id, ast.Load()), each.op, each.value)
                block[at] = ast.Assign([each.target], value, lineno=1)
                done = True
    return done


class _Texts(ast.NodeTransformer):
    done = False

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        text, values = "", list[ast.expr]()
        for each in node.values:
            if isinstance(each, ast.FormattedValue):
                if each.format_spec is not None:
                    return node
                text += "{!r}" if each.conversion == ord("r") else "{!s}" if each.conversion == ord("s") else "{}"
                values.append(each.value)
            elif isinstance(each, ast.Constant):
                text += str(each.value)
                if "{" in str(each.value) or "}" in str(each.value):
                    return node
        self.done = True
        return ast.Call(ast.Attribute(ast.Constant(text), "format", ast.Load()), values, [])

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        left, right = node.left, node.right
        if not (isinstance(node.op, ast.Mod) and isinstance(left, ast.Constant) and isinstance(left.value, str)):
            return node
        values = right.elts if isinstance(right, ast.Tuple) else [right]
        pieces = re.split(r"%[sr]", left.value)
        if len(pieces) != len(values) + 1 or "%" in "".join(pieces) or len(values) == 0:
            return node
        ends = re.findall(r"%([sr])", left.value)
        parts: list[ast.expr] = [ast.Constant(pieces[0])]
        for value, end, piece in zip(values, ends, pieces[1:], strict=True):
            parts += [ast.FormattedValue(value, ord("r") if end == "r" else -1), ast.Constant(piece)]
        self.done = True
        return ast.JoinedStr(parts)


def texts(node: Function, _: random.Random, __: Sequence[str]) -> bool:
    change = _Texts()
    change.visit(node)
    return change.done


CLONES: dict[str, Change] = {
    "reorder": reorder, "branches": branches, "augmented": augmented, "texts": texts, "annotations": annotations,
    "docstring": docstring, "logging": logging,
}  # fmt: skip


def placed(real: Real, node: Function, chance: random.Random) -> str:
    code = ast.unparse(ast.fix_missing_locations(node))
    if not real.holder:
        return f"{code}\n"
    return f"class {word(chance).capitalize()}:\n" + "".join(f"    {line}\n" for line in code.split("\n"))
