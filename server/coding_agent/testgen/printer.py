"""Prints expressions and statements as a formatter would: one line where it fits, else one element a line."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from coding_agent.testgen.inside import parsing

_STEP = 4
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.MatMult: "@",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>", ast.Pow: "**",
    ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not ",
}  # fmt: skip
_COMPARISONS: dict[type[ast.AST], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_PREFIX = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}


@dataclass(frozen=True, slots=True)
class Printer:
    """How long a line may be, in columns, and which quote stands around strings."""

    width: int = 88
    quote: str = '"'

    def flat(self, code: str) -> str:
        """Return an expression on one line, as the formatter spells it; text that is no expression comes back as is."""
        return _flat(self, code)

    def expression(self, code: str, indent: int, before: int = 0, after: int = 0) -> str:
        """Return an expression that begins ``before`` columns behind ``indent`` and has ``after`` columns behind it.

        Lines after the first are indented from ``indent`` on. Where nothing can be broken, the line stays long.
        """
        flat = self.flat(code)
        if indent + before + len(flat) + after <= self.width:
            return flat
        node = parsing.expression(flat)
        if node is None:
            return flat
        return self._exploded(node, indent) or flat

    def exploded(self, opening: str, parts: Sequence[str], closing: str, indent: int) -> str:
        """Return a bracket with one part a line; each part is an expression, or ``name=expression``."""
        lines = [opening]
        for part in parts:
            name, value = _named(part)
            inner = self.expression(value, indent + _STEP, len(name), 1)
            lines.append(" " * (indent + _STEP) + name + inner + ",")
        return "\n".join([*lines, " " * indent + closing])

    def breakable(self, code: str) -> bool:
        """Whether an expression that is too long can be spread over lines by its last bracket."""
        node = parsing.expression(code)
        if node is None:
            return False
        return self._bracket(node) is not None

    def string(self, value: str | bytes) -> str:
        """Return a string or bytes literal in the style's quotes, the other ones where that saves escapes."""
        other = "'" if self.quote == '"' else '"'
        plain = value.decode("latin-1") if isinstance(value, bytes) else value
        quote = other if plain.count(self.quote) > plain.count(other) else self.quote
        text = plain
        if not (plain.isascii() and plain.isprintable() and "\\" not in plain):
            text = "".join(_escaped(char, isinstance(value, bytes)) for char in plain)
        text = text.replace(quote, "\\" + quote)
        return ("b" if isinstance(value, bytes) else "") + quote + text + quote

    def pattern(self, value: str) -> str:
        """Return a regular expression as a literal: raw where it has backslashes and can be."""
        plain = value.isprintable() and not value.endswith("\\")
        if "\\" in value and plain:
            for quote in (self.quote, "'" if self.quote == '"' else '"'):
                if quote not in value:
                    return f"r{quote}{value}{quote}"
        return self.string(value)

    def checked(self, node: ast.expr, code: str) -> str:
        """Return a node as text, the given code where that would mean something else."""
        text = self._text(node)
        # Invariant: what is printed means what was given; a printer that is wrong is not used.
        try:
            same = ast.dump(ast.parse(text, mode="eval").body) == ast.dump(node)
        except (SyntaxError, ValueError):
            same = False
        return text if same else code.strip()

    def _exploded(self, node: ast.expr, indent: int) -> str | None:
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
            return self._pieces(node.value, indent)
        found = self._bracket(node)
        if found is None:
            return None
        return self.exploded(*found, indent)

    def _pieces(self, value: str | bytes, indent: int) -> str | None:
        """A long string as several in brackets, cut behind blanks or line ends."""
        room = self.width - indent - _STEP
        pieces: list[str | bytes] = []
        rest: str | bytes = value
        while rest:
            cut = self._cut(rest, room)
            pieces.append(rest[:cut])
            rest = rest[cut:]
        if len(pieces) < 2:
            return None
        pad = " " * (indent + _STEP)
        return "\n".join(["(", *(pad + self.string(piece) for piece in pieces), " " * indent + ")"])

    def _cut(self, text: str | bytes, room: int) -> int:
        stop = len(text)
        while stop > 1 and len(self.string(text[:stop])) > room:
            stop -= max(1, (len(self.string(text[:stop])) - room) // 4)
        stop = max(stop, 1)
        if stop == len(text):
            return stop
        blank = max(text.rfind(b" " if isinstance(text, bytes) else " ", 0, stop), -1)  # type: ignore[arg-type]
        return blank + 1 if blank > stop // 2 else stop

    def _bracket(self, node: ast.expr) -> tuple[str, list[str], str] | None:
        """The parts of the outermost bracket that may be spread over lines."""
        match node:
            case ast.Call() if node.args or node.keywords:
                if len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp) and not node.keywords:
                    return None
                return self._text(node.func) + "(", self._arguments(node), ")"
            case ast.List() if node.elts:
                return "[", [self._text(each) for each in node.elts], "]"
            case ast.Set():
                return "{", [self._text(each) for each in node.elts], "}"
            case ast.Tuple() if node.elts:
                return "(", [self._text(each) for each in node.elts], ")"
            case ast.Dict() if node.keys:
                return "{", self._items(node), "}"
            case _:
                return None

    def _arguments(self, node: ast.Call) -> list[str]:
        given = [self._text(each) for each in node.args]
        return given + [f"{each.arg}={self._text(each.value)}" if each.arg else f"**{self._text(each.value, 15)}"
                        for each in node.keywords]  # fmt: skip

    def _items(self, node: ast.Dict) -> list[str]:
        return [
            f"{self._text(key)}: {self._text(value)}" if key else f"**{self._text(value, 15)}"
            for key, value in zip(node.keys, node.values, strict=True)
        ]

    def _text(self, node: ast.expr, outer: int = 0) -> str:
        """``outer`` is how tightly the surroundings bind; brackets are put where the node binds less."""
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name():
                return node.id
            case ast.Attribute():
                return f"{self._text(node.value, 16)}.{node.attr}"
            case ast.Call():
                if len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp) and not node.keywords:
                    return self._text(node.func, 16) + self._text(node.args[0])
                return f"{self._text(node.func, 16)}({', '.join(self._arguments(node))})"
            case ast.List():
                return f"[{', '.join(self._text(each, 1) for each in node.elts)}]"
            case ast.Set():
                return "{" + ", ".join(self._text(each, 1) for each in node.elts) + "}"
            case ast.Dict():
                return "{" + ", ".join(self._items(node)) + "}"
            case ast.Tuple():
                inner = ", ".join(self._text(each, 1) for each in node.elts)
                return f"({inner},)" if len(node.elts) == 1 else f"({inner})"
            case ast.Starred():
                return "*" + self._text(node.value, 8)
            case ast.Subscript():
                return f"{self._text(node.value, 16)}[{self._index(node.slice)}]"
            case ast.UnaryOp():
                own = 5 if isinstance(node.op, ast.Not) else 14
                return _bound(_OPERATORS[type(node.op)] + self._text(node.operand, own), own, outer)
            case ast.Compare():
                parts = [self._text(node.left, 7)]
                for operator, right in zip(node.ops, node.comparators, strict=True):
                    parts += (_COMPARISONS[type(operator)], self._text(right, 7))
                return _bound(" ".join(parts), 6, outer)
            case _:
                return _bound(self._unparsed(node), 0 if isinstance(node, _LOOSE) else 4, outer)

    def _index(self, node: ast.expr) -> str:
        if isinstance(node, ast.Tuple) and len(node.elts) > 1:
            return self._text(node)[1:-1]
        return self._unparsed(node) if isinstance(node, ast.Slice) else self._text(node)

    def _constant(self, node: ast.Constant) -> str:
        if isinstance(node.value, (str, bytes)):
            return self.string(node.value)
        return ast.unparse(node)

    def _unparsed(self, node: ast.expr) -> str:
        """What is seldom in tests, printed by the standard library; strings inside get the style's quotes."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            text = ast.unparse(node)
            return text.replace(" ** ", "**") if _simple(node.left) and _simple(node.right) else text
        if isinstance(node, ast.BinOp):
            tight = 9 if isinstance(node.op, (ast.Add, ast.Sub)) else 10
            left, right = self._operand(node.left, tight), self._operand(node.right, tight + 1)
            return f"{left} {_OPERATORS[type(node.op)]} {right}"
        if isinstance(node, ast.Lambda):
            head = ast.unparse(node.args)
            return f"lambda {head}: {self._text(node.body)}" if head else f"lambda: {self._text(node.body)}"
        text = ast.unparse(node)
        return text.replace("'", '"') if self.quote == '"' and '"' not in text and "\\" not in text else text

    def _operand(self, node: ast.expr, tight: int) -> str:
        if isinstance(node, ast.BinOp):
            own = 9 if isinstance(node.op, (ast.Add, ast.Sub)) else 10 if isinstance(
                node.op, (ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.MatMult)) else 3  # fmt: skip
            return _bound(self._unparsed(node), own, tight)
        return self._text(node, tight)


@lru_cache(maxsize=4096)
def _flat(printer: Printer, code: str) -> str:
    node = parsing.expression(code.strip())
    if node is None:
        return code
    return printer.checked(node, code)


_LOOSE = (ast.Lambda, ast.IfExp, ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.BoolOp)


def _bound(text: str, own: int, outer: int) -> str:
    return f"({text})" if own < outer else text


def _simple(node: ast.expr) -> bool:
    """Whether a formatter leaves no blanks around the ``**`` of such an operand."""
    while isinstance(node, (ast.Attribute, ast.UnaryOp)):
        node = node.value if isinstance(node, ast.Attribute) else node.operand
    return isinstance(node, ast.Name) or (isinstance(node, ast.Constant) and isinstance(node.value, (int, float)))


def _named(part: str) -> tuple[str, str]:
    """``name=``, ``"key": `` or stars, and the expression behind it."""
    try:
        call = ast.parse(f"f({part})", mode="eval").body
        stars = part[: len(part) - len(part.lstrip("*"))]
        if isinstance(call, ast.Call) and call.keywords and call.keywords[0].arg:
            name = call.keywords[0].arg
            return name + "=", part[len(name) + 1 :]
        return stars, part[len(stars) :]
    except SyntaxError:
        pass
    try:
        table = ast.parse("{" + part + "}", mode="eval").body
        if isinstance(table, ast.Dict) and table.keys and table.keys[0] is not None:
            value = ast.get_source_segment("{" + part + "}", table.values[0]) or ""
            if value and part.endswith(value):
                return part[: -len(value)], value
    except SyntaxError:
        pass
    return "", part


def _escaped(char: str, in_bytes: bool) -> str:
    if char in _PREFIX:
        return _PREFIX[char]
    if in_bytes:
        return char if " " <= char <= "~" else f"\\x{ord(char):02x}"
    return char if char.isprintable() else repr(char)[1:-1]
