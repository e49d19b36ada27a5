"""Texts built from parts at run time, however they are built and whichever local name they went through."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from coding_agent.analysis.context import Context
from coding_agent.analysis.expressions import DEPTH, bindings, has_star, is_fixed

_FIELD = re.compile(r"\{\{|\}\}|\{([^{}!:]*)(![rsa])?(:[^{}]*)?\}")
_PERCENT = re.compile(r"%(?:%|(?:\((\w+)\))?([-#0 +]*[\d.]*)([diouxXeEfFgGcrsa]))")
_NUMBER = re.compile(r"[bdeEfFgGnoxX%]$")


@dataclass(frozen=True, slots=True)
class Hole:
    """A place in a built text that is filled at run time; ``plain`` without conversion and format.

    ``number`` says that its format accepts numbers only.
    """

    node: ast.expr
    plain: bool = True
    number: bool = False


Part = str | Hole


@dataclass(frozen=True, slots=True)
class Built:
    """A text built from parts, of which at least one is a hole. ``node`` is the expression that builds it."""

    node: ast.expr
    parts: tuple[Part, ...]

    @property
    def holes(self) -> list[Hole]:
        return [part for part in self.parts if isinstance(part, Hole)]

    def open_holes(self, context: Context) -> list[Hole]:
        """The holes whose content is not fixed by the program: somebody outside may choose what they say."""
        return [hole for hole in self.holes if not hole.number and not is_fixed(hole.node, context)]

    def skeleton(self, hole: str = "\0") -> str:
        """The literal text, with ``hole`` in the place of each hole."""
        return "".join(part if isinstance(part, str) else hole for part in self.parts)


def quoted(node: ast.expr, context: Context) -> str:
    """How a message calls an expression: by its text where that is short."""
    said = context.source(node)
    return f"'{said}'" if len(said) <= 40 and "\n" not in said and "\r" not in said else "a value"


def written(text: str) -> str:
    """A string literal for a text: with double quotes where it has none, over several lines where it has some."""
    if "\n" in text and '"""' not in text and not text.endswith('"') and text.replace("\n", "").isprintable():
        return f'"""{text}"""'
    plain = text.isprintable() and "\\" not in text and '"' not in text
    return f'"{text}"' if plain else repr(text)


def built(node: ast.expr, context: Context) -> Iterator[Built]:
    """The ways in which a text is built from parts at run time: by an f-string, ``+``, ``%`` or ``format``, here or
    in an assignment to the local name that is given; nothing where it is not.
    """
    yield from (
        Built(at, parts) for at, parts in _texts(node, context, DEPTH) if any(isinstance(p, Hole) for p in parts)
    )


def _texts(node: ast.expr, context: Context, depth: int) -> Iterator[tuple[ast.expr, tuple[Part, ...]]]:
    """The texts an expression may be, with the expressions that build them; nothing where it builds none."""
    if isinstance(node, ast.Name):
        bound = bindings(node, context) if depth else None
        if bound is None or bound.looped:
            return
        added = tuple(part for each in bound.added for part in _one(each, context, depth - 1))
        for base in bound.bases:
            if added:
                yield base, (*_one(base, context, depth - 1), *added)
            else:
                yield from _texts(base, context, depth - 1)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, context, depth)
        yield from _texts(node.orelse, context, depth)
    else:
        parts = _parts(node, context, depth)
        if parts is not None:
            yield node, parts


def _one(node: ast.expr, context: Context, depth: int) -> tuple[Part, ...]:
    """The parts of an expression inside a text: those of the first way to build it, else one hole."""
    first = next(_texts(node, context, depth), None) if depth > 0 else None
    return first[1] if first is not None else (Hole(node),)


def _parts(node: ast.expr, context: Context, depth: int) -> tuple[Part, ...] | None:
    parts: tuple[Part, ...] | None = None
    match node:
        case ast.Constant(value=str(text)):
            parts = (text,)
        case ast.JoinedStr():
            parts = tuple(part for each in node.values for part in _formatted(each, context, depth))
        case ast.BinOp(op=ast.Add()):
            left, right = _one(node.left, context, depth - 1), _one(node.right, context, depth - 1)
            # A sum is a text only if one side is seen to be one.
            parts = (*left, *right) if any(isinstance(part, str) for part in (*left, *right)) else None
        case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str(text))):
            parts = _percent(text, node.right)
        case ast.Call(func=ast.Attribute(attr="format", value=ast.Constant(value=str(text)))):
            parts = _format(text, node)
        case ast.Call(func=ast.Attribute(attr="join", value=ast.Constant(value=str(text))), args=[given]):
            parts = _joined(text, given, context, depth)
        case _:
            pass
    return parts


def _formatted(node: ast.expr, context: Context, depth: int) -> tuple[Part, ...]:
    if isinstance(node, ast.Constant):
        return (str(node.value),)
    assert isinstance(node, ast.FormattedValue)
    if node.conversion == -1 and node.format_spec is None:
        inner = _one(node.value, context, depth - 1)
        return inner if any(isinstance(part, str) for part in inner) else (Hole(node.value),)
    spec = node.format_spec.values[-1:] if isinstance(node.format_spec, ast.JoinedStr) else []
    number = any(isinstance(each, ast.Constant) and _NUMBER.search(str(each.value)) for each in spec)
    return (Hole(node.value, plain=False, number=number),)


def _joined(separator: str, given: ast.expr, context: Context, depth: int) -> tuple[Part, ...]:
    """The parts of ``separator.join(given)``."""
    if isinstance(given, ast.List | ast.Tuple):
        parts: list[Part] = []
        for each in given.elts:
            parts += (separator, *_one(each, context, depth - 1))
        return tuple(parts[1:]) or ("",)
    return (Hole(given.elt if isinstance(given, ast.GeneratorExp | ast.ListComp) else given, plain=False),)


def _percent(text: str, right: ast.expr) -> tuple[Part, ...] | None:
    """The parts of ``text % right``; None where they do not fit together."""
    given = list(right.elts) if isinstance(right, ast.Tuple) else [right]
    by_name: dict[object, ast.expr] = {}
    if isinstance(right, ast.Dict):
        by_name = {
            key.value: item for key, item in zip(right.keys, right.values, strict=True) if isinstance(key, ast.Constant)
        }
    parts: list[Part] = []
    done = 0
    for match in _PERCENT.finditer(text):
        parts.append(text[done : match.start()])
        done = match.end()
        name, flags, kind = match.groups()
        if match[0] == "%%":
            parts.append("%")
        elif name is not None:
            plain = name in by_name and kind == "s" and not flags
            parts.append(Hole(by_name.get(name, right), plain, number=kind not in "crsa"))
        elif not given or isinstance(given[0], ast.Starred):
            return None
        else:
            plain = kind == "s" and not flags and isinstance(right, ast.Tuple)
            parts.append(Hole(given.pop(0), plain, number=kind not in "crsa"))
    return (*parts, text[done:]) if parts else None


def _format(text: str, call: ast.Call) -> tuple[Part, ...] | None:
    """The parts of ``text.format(...)``; None where they do not fit together."""
    if has_star(call):
        return None
    named = {each.arg: each.value for each in call.keywords}
    if re.search(r"[{}]", _FIELD.sub("", text)):
        return None
    parts: list[Part] = []
    done = count = 0
    for match in _FIELD.finditer(text):
        parts.append(text[done : match.start()])
        done = match.end()
        if match[0] in ("{{", "}}"):
            parts.append(match[0][0])
            continue
        name = re.split(r"[.\[]", match[1])[0]
        index = int(name) if name.isdigit() else count
        count += name == ""
        by_name = bool(name) and not name.isdigit()
        node = named.get(name) if by_name else call.args[index] if index < len(call.args) else None
        if node is None:
            return None
        number = match[3] is not None and _NUMBER.search(match[3]) is not None
        parts.append(Hole(node, match[1] == name and not match[2] and not match[3], number))
    return (*parts, text[done:])
