"""What a call is given, spelled one way: variables are followed to what they are bound to, texts are put together.

``url = BASE + name; get(url)`` and ``get(f"{BASE}{name}")`` are spelled alike; ``get(name + BASE)`` is not.
"""

import ast
import re
import string
from collections.abc import Iterable, Iterator, Sequence

from coding_agent.analysis.scope import Scope
from coding_agent.assist import harmless
from coding_agent.assist.bound import PATHS, Bound, Each, Frame, More
from coding_agent.assist.meant import Failing
from coding_agent.assist.spelling import GAP, GIVEN, Piece, Spelled, parts_of, put_together
from coding_agent.explain.world import OPENERS

_MOST = 20_000
"""Pieces beyond which nobody follows."""
_HOLE = re.compile(r"%%|%(?:\((\w+)\))?[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]")
_PLACE = re.compile(r"\?|%s")
_SAME = frozenset({"builtins.str", "os.fspath", "contextlib.closing"})
"""What gives what it is given."""


class Following:
    """Spells the expressions of one definition. ``frame`` says where the function that they stand in is called."""

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        self.comprehensions: list[tuple[ast.AST, Frame | None]] = []
        """Those that were followed last, whose conditions count."""
        self._active: set[object] = set()
        self._left = _MOST
        self._exact = False

    def spelled(self, node: ast.expr, frame: Frame | None) -> Spelled:
        """How an expression is spelled. Raises: Failing - it cannot be followed."""
        self._left, self.comprehensions = _MOST, []
        return put_together(self._of(node, frame))

    def exactly(self, node: ast.expr, frame: Frame | None) -> Spelled:
        """The same where it matters that a text is made of a value, or a list: ``str(False)`` holds."""
        self._exact = True
        try:
            return self.spelled(node, frame)
        finally:
            self._exact = False

    def given(self, call: ast.Call, receiver: ast.expr | None, frame: Frame | None) -> list[Piece]:
        """What a call is given by place, with the object that it is a method of."""
        self._left, self.comprehensions = _MOST, []
        first = [] if receiver is None else list(self._of(receiver, frame))
        match call.args:
            case [text, ast.Tuple(elts=parts) | ast.List(elts=parts)] if parts:
                found = list(self._of(text, frame))
                places = sum(len(_PLACE.findall(each.text)) for each in found if each.kind == "text")
                if places == len(parts):
                    return [*first, GAP, *self._placed(found, parts, frame)]
            case _:
                pass
        return [*first, GAP, *self._apart(call.args, frame)]

    def _placed(self, found: Sequence[Piece], parts: Sequence[ast.expr], frame: Frame | None) -> Iterator[Piece]:
        waiting = iter(parts)
        for piece in found:
            if piece.kind != "text":
                yield piece
                continue
            last = 0
            for place in _PLACE.finditer(piece.text):
                yield Piece("text", piece.text[last : place.start()])
                yield GIVEN
                yield from self._of(next(waiting), frame)
                last = place.end()
            yield Piece("text", piece.text[last:])

    def _apart(self, nodes: Iterable[ast.expr | None], frame: Frame | None) -> Iterator[Piece]:
        yield GAP
        for each in nodes:
            if each is not None:
                yield from self._of(each, frame)
                yield GAP

    def _of(self, node: ast.expr, frame: Frame | None) -> Iterator[Piece]:  # noqa: PLR0912, PLR0915 - one per kind
        self._left -= 1
        if self._left < 0:
            raise Failing("it is too much to be followed")
        match node:
            case ast.Name():
                yield from self._name(node, frame, None)
            case ast.Attribute():
                yield from self._attribute(node, frame)
            case ast.Constant(value=value):
                text = value.decode("latin-1") if isinstance(value, bytes) else value
                yield Piece("text", text) if isinstance(text, str) else Piece("sign", repr(value))
            case ast.JoinedStr(values=values):
                yield from (Piece("sign", "text"),) if self._exact else ()
                for each in values:
                    yield from self._of(each, frame)
            case ast.FormattedValue(value=value, format_spec=spec, conversion=conversion):
                yield from self._of(value, frame)
                if spec is not None or conversion not in {-1, 115}:
                    yield Piece("sign", f"!{conversion}:")
                    yield from self._of(spec, frame) if spec is not None else ()
            case ast.Call():
                yield from self._call(node, frame)
            case ast.BinOp():
                yield from self._operation(node, frame)
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                yield from (Piece("sign", "of"),) if self._exact else ()
                yield from self._apart(parts, frame)
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    yield from self._pair(key, value, frame)
                yield GAP
            case Each(value=value):
                yield from self._items(value, frame)
            case More(value=value, how=how):
                gap = () if how == "+=" else (GAP,)
                yield from gap
                yield from (Piece("sign", how),) if how not in {"", "+="} else ()
                yield from self._of(value, frame)
                yield from gap
            case ast.IfExp(body=one, orelse=other):
                yield from self._apart((one, other), frame)
            case ast.BoolOp(op=op, values=values):
                yield from self._apart(values, frame)
                yield from (Piece("sign", "and"),) if isinstance(op, ast.And) else ()
            case ast.Subscript(value=value, slice=key):
                yield from self._item(value, key, frame)
            case ast.DictComp(key=key, value=value):
                self.comprehensions.append((node, frame))
                yield from self._pair(key, value, frame)
            case ast.ListComp(elt=part) | ast.SetComp(elt=part) | ast.GeneratorExp(elt=part):
                self.comprehensions.append((node, frame))
                yield from self._apart((part,), frame)
            case ast.Await(value=value) | ast.NamedExpr(value=value):
                yield from self._of(value, frame)
            case _:
                yield from self._other(node, frame)

    def _other(self, node: ast.expr, frame: Frame | None) -> Iterator[Piece]:
        """Anything else: its kind, its operators, what it is made of."""
        yield Piece("sign", type(node).__name__)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield from self._of(child, frame)
            elif isinstance(child, ast.operator | ast.unaryop | ast.cmpop):
                yield Piece("sign", type(child).__name__)

    def _pair(self, key: ast.expr | None, value: ast.expr, frame: Frame | None) -> Iterator[Piece]:
        yield GAP
        yield from self._of(key, frame) if key is not None else (Piece("sign", "**"),)
        yield Piece("sign", ":")
        yield from self._of(value, frame)
        yield GAP

    def _name(self, node: ast.Name, frame: Frame | None, attribute: str | None) -> Iterator[Piece]:
        """A variable; of what is set on its object only ``attribute``, where that is all that is read of it."""
        dotted = self.bound.context.qualified(node)
        variable = self.bound.variable(node)
        if dotted is not None or variable is None:
            yield Piece("name", dotted or node.id)
            return
        if variable in self._active:
            yield Piece("name", node.id)
            return
        self._active.add(variable)
        yield from self._variable(*variable, frame)
        for name, value in self.bound.attributes(variable, attribute):
            yield from self._pair(ast.Constant(name), value, frame)
        self._active.discard(variable)

    def _variable(self, owner: Scope, name: str, frame: Frame | None) -> Iterator[Piece]:
        values = self.bound.values((owner, name))
        place = self.bound.parameter(owner, name)
        others = [self._given(owner, place, name, frame)] if place is not None else []
        others += [list(self._of(each, frame)) for each in values if not isinstance(each, More)]
        if len(others) == 1:
            yield from others[0]
        elif others:
            # Each of several is said once: `x = x or y` is either of two, as with a condition.
            parts = [tuple(part) for each in others for part in parts_of(each)]
            yield from (piece for part in dict.fromkeys(parts) for piece in (GAP, *part, GAP))
        else:
            yield Piece("name", name)
        for each in values:
            # What is written into a file is no part of which file it is.
            if isinstance(each, More) and not any(self._opens(one) for one in values):
                yield from self._of(each, frame)

    def _opens(self, value: ast.expr) -> bool:
        return isinstance(value, ast.Call) and self.bound.called(value)[0] in OPENERS

    def _given(self, owner: Scope, place: int, name: str, frame: Frame | None) -> list[Piece]:
        """What a parameter is given, where the function is one inside."""
        function = owner.node
        if function is not None and function is not self.bound.root:
            value, outer = self.bound.argument(function, place, frame)
            if value is not None:
                return list(self._of(value, outer))
        return [Piece("name", name)]

    def _attribute(self, node: ast.Attribute, frame: Frame | None) -> Iterator[Piece]:
        dotted = self.bound.context.qualified(node)
        if dotted is not None:
            yield Piece("name", dotted)
            return
        if isinstance(node.value, ast.Name):
            yield from self._name(node.value, frame, node.attr)
        else:
            yield from self._of(node.value, frame)
        yield Piece("name", f".{node.attr}")

    def _operation(self, node: ast.BinOp, frame: Frame | None) -> Iterator[Piece]:
        left = self.bound.plain(node.left)
        if isinstance(node.op, ast.Mod) and isinstance(left, ast.Constant) and isinstance(left.value, str):
            parts = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
            yield from self._filled(left.value, parts, frame)
            return
        yield from self._of(node.left, frame)
        if not isinstance(node.op, ast.Add):
            yield Piece("sign", type(node.op).__name__)
        yield from self._of(node.right, frame)

    def _filled(self, text: str, parts: Sequence[ast.expr], frame: Frame | None) -> Iterator[Piece]:
        """A text with its holes filled, as by the operator ``%``."""
        by_name = parts[0] if len(parts) == 1 and isinstance(parts[0], ast.Dict) else None
        waiting, last = list(parts), 0
        for hole in _HOLE.finditer(text):
            yield Piece("text", text[last : hole.start()] + ("%" if hole[0] == "%%" else ""))
            last = hole.end()
            if hole[1] and by_name is not None:
                for key, value in zip(by_name.keys, by_name.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == hole[1]:
                        yield from self._of(value, frame)
                waiting = []
            elif hole[0] != "%%" and waiting:
                yield from self._of(waiting.pop(0), frame)
        yield Piece("text", text[last:])
        yield from self._apart(waiting, frame)

    def _formatted(self, text: str, call: ast.Call, frame: Frame | None) -> Iterator[Piece]:
        """A text with its holes filled, as by ``format``."""
        named = {each.arg: each.value for each in call.keywords}
        number = 0
        for before, field, spec, _ in string.Formatter().parse(text):
            yield Piece("text", before)
            if field is None:
                continue
            first, rest = re.match(r"(\w*)(.*)", field, re.DOTALL).groups()  # pyright: ignore[reportOptionalMemberAccess]
            at, number = (int(first), number) if first.isdecimal() else (number, number + (not first))
            value = (
                named.get(first) if first and not first.isdecimal() else call.args[at] if at < len(call.args) else None
            )
            yield from self._of(value, frame) if value is not None else (Piece("sign", f"{{{field}}}"),)
            yield from (Piece("sign", f"{rest}:{spec}"),) if rest or spec else ()

    def _call(self, node: ast.Call, frame: Frame | None) -> Iterator[Piece]:
        function = node.func
        dotted = self.bound.context.qualified(function)
        inner = self.bound.means(function)
        if inner is not None and inner not in self._active:
            yield from self._inside(inner, node, frame)
            return
        if len(node.args) == 1 and not node.keywords and not self._exact and (dotted in _SAME or dotted in PATHS):
            yield from self._of(node.args[0], frame)
            return
        if (dotted == "os.path.join" or dotted in PATHS) and node.args:
            yield from self._path(node.args, frame)
            return
        if isinstance(function, ast.Attribute) and dotted is None:
            text = self.bound.plain(function.value)
            if function.attr == "joinpath":
                yield from self._path([function.value, *node.args], frame)
                return
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                if function.attr == "format":
                    yield from self._formatted(text.value, node, frame)
                    return
                if function.attr == "join" and len(node.args) == 1:
                    yield from self._joined(text.value, node.args[0], frame)
                    return
        yield from self._plainly(node, frame)

    def _plainly(self, node: ast.Call, frame: Frame | None) -> Iterator[Piece]:
        """A call as it stands; what may be added to every call counts where it is made, not where its result goes."""
        dotted, owner, function = self.bound.called(node)
        if dotted is not None:
            yield Piece("name", harmless.same(dotted))
        else:
            yield from self._of(function, frame)
        args = node.args
        if dotted in OPENERS:
            place, _ = OPENERS[dotted]
            mode = node.args[place] if place < len(node.args) else ast.Constant("r")
            reads = isinstance(mode, ast.Constant) and mode.value in {"r", "rt"}
            args = [each for each in node.args if each is not mode or not reads]
        yield Piece("sign", "(")
        yield from self._apart([owner if dotted is not None else None, *args], frame)
        for each in sorted(node.keywords, key=lambda each: each.arg or ""):
            if each.arg not in harmless.KEYWORDS:
                yield Piece("name", f"{each.arg or '**'}=")
                yield from self._of(each.value, frame)
                yield GAP
        yield Piece("sign", ")")

    def _inside(self, function: ast.AST, call: ast.Call, frame: Frame | None) -> Iterator[Piece]:
        """What a function inside gives where it is called."""
        self._active.add(function)
        inner = Frame(function, call.func, call, (), frame)
        if isinstance(function, ast.Lambda):
            yield from self._of(function.body, inner)
        else:
            for node in ast.walk(function):
                given = node.value if isinstance(node, ast.Return | ast.Yield) else None
                if given is not None and self.bound.function(node) is function:
                    yield from self._of(given, inner)
        self._active.discard(function)

    def _path(self, parts: Sequence[ast.expr], frame: Frame | None) -> Iterator[Piece]:
        for at, each in enumerate(parts):
            yield from (Piece("sign", "Div"),) if at else ()
            yield from self._of(each, frame)

    def _joined(self, text: str, parts: ast.expr, frame: Frame | None) -> Iterator[Piece]:
        parts = self.bound.plain(parts)
        if isinstance(parts, ast.List | ast.Tuple):
            for at, each in enumerate(parts.elts):
                yield from (Piece("text", text),) if at else ()
                yield from self._of(each, frame)
            return
        yield Piece("text", text)
        yield Piece("sign", "join")
        yield from self._of(parts, frame)

    def _items(self, value: ast.expr, frame: Frame | None) -> Iterator[Piece]:
        """Any item of a value: that of a list that was made here is what it was made of."""
        value = self.bound.items(value)
        plain = self.bound.items(self.bound.plain(value))
        value = (
            plain if isinstance(self.bound.plain(value), ast.Call) and plain is not self.bound.plain(value) else value
        )
        if isinstance(plain, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            self.comprehensions.append((plain, frame))
            yield from self._of(plain.elt, frame)
            return
        if not isinstance(plain, ast.List | ast.Tuple | ast.Set):
            yield Piece("sign", "each")
        yield from self._of(value, frame)

    def _item(self, value: ast.expr, key: ast.expr, frame: Frame | None) -> Iterator[Piece]:
        """An item; one at a place that a loop counts is any item."""
        if isinstance(key, ast.Name):
            variable = self.bound.variable(key)
            match self.bound.values(variable) if variable is not None else []:
                case [Each(value=ast.Call(func=ast.Name(id="range"), args=[ast.Call(args=[counted])]))] if ast.unparse(
                    counted
                ) == ast.unparse(value):
                    yield from self._items(value, frame)
                    return
                case _:
                    pass
        yield from self._of(value, frame)
        yield Piece("sign", "[")
        yield from self._of(key, frame)
        yield Piece("sign", "]")
