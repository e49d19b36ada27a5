"""The shapes of a code's statements: its tree without what a name or a spelling adds.

Names of locals, the function's own, annotations, docstrings, logging, which branch of an ``if`` comes first and how a
text is put together are not in them; whatever is called, read from elsewhere or compared is.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, cast
from zlib import crc32

_LOGGERS = frozenset(["log", "logger", "logging"])
LEVELS = frozenset(["debug", "info", "warning", "warn", "error", "exception", "critical", "log"])
_FIELD = re.compile(r"\{\w*(![rsa])?(:[^{}]*)?\}|%([rsda])")
_CONTEXTS = (ast.Load, ast.Store, ast.Del)
_BLOCKS = (ast.stmt, ast.excepthandler, ast.match_case)
_BINDING = (ast.MatchAs, ast.MatchStar, ast.MatchMapping)
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_LONG = 12
"""Parts of a statement that count at most."""
_NAME = "\0"
"""Begins a part that is a name, so that it can be dropped once it is known to be a local."""


class Shapes:
    """Walks statements. ``size`` counts the parts of all."""

    def __init__(self) -> None:
        self.size = 0
        self.parts: list[str] = []
        self._said: list[tuple[int, str, list[str]]] = []
        """For each statement the one it stands in (-1: none), in which branch, and its parts."""
        self.own: set[str] = set()
        self._kept: set[str] = set()

    def features(self) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
        """The features of statements and of locals, with their weights, once all is walked."""
        own = self.own - self._kept
        hashes: list[int] = []
        statements: list[tuple[int, float]] = []
        colours: defaultdict[str, int] = defaultdict(int)
        times: defaultdict[str, int] = defaultdict(int)
        for parent, branch, parts in self._said:
            numbers: dict[str, int] = {}
            shape: list[str] = []
            for part in parts:
                if part[:1] != _NAME:
                    shape.append(part)
                elif part[1:] in own:
                    shape.append(f"${numbers.setdefault(part, len(numbers))}")
                else:
                    shape.append(part[1:])
            text = crc32(" ".join(shape).encode("utf-8", "surrogatepass"))
            for name, number in numbers.items():
                colours[name] += text + number * 0x9E3779B1
                times[name] += 1
            hashes.append(crc32(f"{hashes[parent] if parent >= 0 else 0} {branch} {text}".encode()))
            statements.append((hashes[-1], float(min(len(parts), _LONG))))
        return statements, [(colour, 2.0 * min(times[name], 3)) for name, colour in colours.items()]

    def block(self, body: Sequence[ast.stmt], parent: int, branch: str) -> None:
        for node in body:
            self._statement(node, parent, branch)

    def _say(self, parent: int, branch: str) -> int:
        """The parts that were collected are a statement; its number."""
        self.size += len(self.parts)
        self._said.append((parent, branch, self.parts))
        self.parts = []
        return len(self._said) - 1

    def _statement(self, node: ast.stmt, parent: int, branch: str) -> None:
        if isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and says_nothing(node.value)):
            return
        if isinstance(node, ast.Global):
            self._kept.update(node.names)
        elif isinstance(node, ast.If):
            self.parts.append("if")
            yes, no = ("+", "-") if self.test(node.test) else ("-", "+")
            # With an else each branch tells which it is; without, the condition does.
            self.parts.append("" if node.orelse else yes)
            number = self._say(parent, branch)
            self.block(node.body, number, yes)
            self.block(node.orelse, number, no)
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            self._assignment(node, parent, branch)
        elif isinstance(node, _Function | ast.ClassDef):
            self._definition(node, parent, branch)
        elif isinstance(node, ast.Return):
            self.parts.append("return")
            if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
                self.expression(node.value)
            self._say(parent, branch)
        else:
            self._other(node, parent, branch)

    def _other(self, node: ast.AST, parent: int, branch: str) -> None:
        """A statement, handler or case: what is no block first, then its blocks by their names."""
        self.parts.append(type(node).__name__)
        blocks: list[tuple[str, list[ast.AST]]] = []
        for name, value in ast.iter_fields(node):
            items = _nodes(value)
            if isinstance(value, list) and items and isinstance(items[0], _BLOCKS):
                blocks.append((name, items))
                continue
            for each in items:
                self.expression(each)
            if isinstance(value, str):
                (self._bound if isinstance(node, ast.ExceptHandler) else self.parts.append)(value)
        number = self._say(parent, branch)
        for name, items in blocks:
            for each in items:
                if isinstance(each, ast.stmt):
                    self._statement(each, number, name)
                else:
                    self._other(each, number, name)

    def _assignment(self, node: ast.AnnAssign | ast.AugAssign, parent: int, branch: str) -> None:
        """As a plain assignment; an annotation alone is nothing."""
        if node.value is None:
            if isinstance(node.target, ast.Name):
                self.own.add(node.target.id)
            return
        self.parts.append("Assign")
        self.expression(node.target)
        if isinstance(node, ast.AugAssign):
            self.parts.append("BinOp")
            self.expression(node.target)
            self.expression(node.op)
        self.expression(node.value)
        self._say(parent, branch)

    def _definition(self, node: "_Function | ast.ClassDef", parent: int, branch: str) -> None:
        self.parts.append(type(node).__name__)
        self._bound(node.name)
        for each in node.decorator_list:
            self.expression(each)
        if isinstance(node, ast.ClassDef):
            for each in (*node.bases, *node.keywords):
                self.expression(each)
        else:
            self.arguments(node.args)
        self._say(parent, branch)
        # What a header says is said once: a parameter more does not change every statement.
        self.block(node.body, parent, f"{branch}.{type(node).__name__.removeprefix('Async')}")

    def arguments(self, node: ast.arguments) -> None:
        self.parts.append(f"({len(node.posonlyargs) + len(node.args)} {len(node.kwonlyargs)}")
        for each in (*node.posonlyargs, *node.args, *node.kwonlyargs, node.vararg, node.kwarg):
            if each is not None:
                self.own.add(each.arg)
        self.parts.append(f"{node.vararg is not None}{node.kwarg is not None}")
        for each in (*node.defaults, *node.kw_defaults):
            if each is not None:
                self.expression(each)

    def _bound(self, name: str) -> None:
        self.own.add(name)
        self.parts.append(_NAME + name)

    def expression(self, node: ast.AST) -> None:
        special = _SPECIAL.get(type(node))
        if special is not None:
            special(self, node)
            return
        self.parts.append(type(node).__name__)
        for name in node._fields:
            value: object = getattr(node, name)
            if isinstance(value, str) and isinstance(node, _BINDING):
                self._bound(value)
            elif isinstance(value, ast.AST | list):
                for each in _nodes(cast("object", value)):
                    self.expression(each)
            elif value is not None:
                self.parts.append(str(value))
        self.parts.append(")")

    def test(self, node: ast.expr) -> bool:
        """A condition in the form that it shares with its opposite; whether it is that, or the opposite."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return not self.test(node.operand)
        if isinstance(node, ast.BoolOp):
            is_and = isinstance(node.op, ast.And)
            self.parts.append("And")
            for each in node.values:
                at = len(self.parts)
                self.parts.append("")
                self.parts[at] = "" if self.test(each) == is_and else "!"
            self.parts.append(")")
            return is_and
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            name, swapped, plain = _COMPARED.get(type(node.ops[0]), (type(node.ops[0]).__name__, False, True))
            left, right = node.left, node.comparators[0]
            self.parts.append(name)
            self.expression(right if swapped else left)
            self.expression(left if swapped else right)
            return plain
        self.expression(node)
        return True


def _nodes(value: object) -> list[ast.AST]:
    """The nodes of a field."""
    several = cast("list[object]", value) if isinstance(value, list) else [value]
    return [each for each in several if isinstance(each, ast.AST) and not isinstance(each, _CONTEXTS)]


def says_nothing(node: ast.expr) -> bool:
    """A docstring, an ellipsis, a line of a log."""
    if isinstance(node, ast.Constant):
        return True
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS):
        return False
    holder = node.func.value
    name = holder.id if isinstance(holder, ast.Name) else holder.attr if isinstance(holder, ast.Attribute) else ""
    return name.strip("_").lower() in _LOGGERS


def _name(shapes: Shapes, node: ast.Name) -> None:
    if not isinstance(node.ctx, ast.Load):
        shapes.own.add(node.id)
    shapes.parts.append(_NAME + node.id)


def _attribute(shapes: Shapes, node: ast.Attribute) -> None:
    shapes.expression(node.value)
    shapes.parts.append(f".{node.attr}")


def _constant(shapes: Shapes, node: ast.Constant) -> None:
    text = node.value
    shapes.parts.append(repr(" ".join(text.split()) if isinstance(text, str) else text))


def _call(shapes: Shapes, node: ast.Call) -> None:
    if isinstance(node.func, ast.Attribute) and node.func.attr == "format" and not node.keywords:
        text = node.func.value
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and _text(shapes, text.value, node.args):
            return
    shapes.parts.append("call")
    shapes.expression(node.func)
    for each in node.args:
        shapes.expression(each)
    for each in sorted(node.keywords, key=lambda each: each.arg or ""):
        shapes.parts.append(f"{each.arg}=")
        shapes.expression(each.value)
    shapes.parts.append(")")


def _compare(shapes: Shapes, node: ast.expr) -> None:
    at = len(shapes.parts)
    shapes.parts.append("")
    shapes.parts[at] = "" if shapes.test(node) else "!"


def _compared(shapes: Shapes, node: ast.Compare) -> None:
    if len(node.ops) == 1:
        _compare(shapes, node)
        return
    shapes.parts.append("Compare")
    for each in (node.left, *node.ops, *node.comparators):
        shapes.expression(each)


def _unary(shapes: Shapes, node: ast.UnaryOp) -> None:
    if isinstance(node.op, ast.Not):
        _compare(shapes, node)
    else:
        shapes.parts.append(type(node.op).__name__)
        shapes.expression(node.operand)


def _choice(shapes: Shapes, node: ast.IfExp) -> None:
    shapes.parts.append("?")
    yes = shapes.test(node.test)
    for each in (node.body, node.orelse) if yes else (node.orelse, node.body):
        shapes.expression(each)


def _lambda(shapes: Shapes, node: ast.Lambda) -> None:
    shapes.parts.append("lambda")
    shapes.arguments(node.args)
    shapes.expression(node.body)


def _binary(shapes: Shapes, node: ast.BinOp) -> None:
    if isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant) and isinstance(node.left.value, str):
        values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        if _text(shapes, node.left.value, values):
            return
    shapes.parts.append("BinOp")
    for each in (node.left, node.op, node.right):
        shapes.expression(each)


def _text(shapes: Shapes, text: str, values: Sequence[ast.expr]) -> bool:
    """A text with values put in, in order; whether it is one."""
    fields = list(_FIELD.finditer(text))
    if len(fields) != len(values) or "{{" in text or "%%" in text:
        return False
    asked = [_how((each[1] or "").strip("!") or each[3] or "", (each[2] or "").strip(":")) for each in fields]
    shapes.parts.append(repr(" ".join(_FIELD.sub("{}", text).split())))
    for each, how in zip(values, asked, strict=True):
        shapes.parts.append(f"{{{how}")
        shapes.expression(each)
    return True


def _joined(shapes: Shapes, node: ast.JoinedStr) -> None:
    values = [each for each in node.values if isinstance(each, ast.FormattedValue)]
    text = "".join(
        "{}" if isinstance(each, ast.FormattedValue) else str(getattr(each, "value", "")) for each in node.values
    )
    shapes.parts.append(repr(" ".join(text.split())))
    for each in values:
        inner = each.format_spec.values if isinstance(each.format_spec, ast.JoinedStr) else []
        spec = "".join(str(part.value) for part in inner if isinstance(part, ast.Constant))
        shapes.parts.append(f"{{{_how(chr(each.conversion) if each.conversion > 0 else '', spec)}")
        for part in (each.value, *(part.value for part in inner if isinstance(part, ast.FormattedValue))):
            shapes.expression(part)


def _how(conversion: str, spec: str) -> str:
    """How a value is put into a text."""
    return f"{conversion.strip('sd')}:{spec}"


_COMPARED: dict[type[ast.cmpop], tuple[str, bool, bool]] = {
    ast.Eq: ("Eq", False, True), ast.NotEq: ("Eq", False, False), ast.In: ("In", False, True),
    ast.NotIn: ("In", False, False), ast.Is: ("Is", False, True), ast.IsNot: ("Is", False, False),
    ast.Lt: ("Lt", False, True), ast.GtE: ("Lt", False, False), ast.Gt: ("Lt", True, True),
    ast.LtE: ("Lt", True, False),
}  # fmt: skip
"""For each comparison the one it is told by, whether its sides are swapped, and whether it is that or its opposite."""
_SPECIAL: dict[type[ast.AST], Callable[[Shapes, Any], None]] = {
    ast.Name: _name, ast.Attribute: _attribute, ast.Constant: _constant, ast.Call: _call, ast.Compare: _compared,
    ast.BoolOp: _compare, ast.UnaryOp: _unary, ast.IfExp: _choice, ast.Lambda: _lambda, ast.BinOp: _binary,
    ast.JoinedStr: _joined,
}  # fmt: skip
