# pyright: standard
# Values of any kind.
# ruff: noqa: PLR0911 - one question after the other is what these functions are
"""Value expressions as trees: their literals and displays, and one of them exchanged for what is asked for."""

import ast
import copy
import functools
import math
import re
from typing import Any, Iterator, List, Optional, Tuple

_PLAIN_NAME = re.compile(r"[\w.-]{1,40}", re.ASCII)


def parsed(code: str) -> Optional[ast.AST]:
    """Return the tree of an expression or of one statement; None where it is neither."""
    try:
        return ast.parse(code, mode="eval").body
    except (SyntaxError, ValueError):
        pass
    try:
        body = ast.parse(code).body
    except (SyntaxError, ValueError):
        return None
    return body[0] if len(body) == 1 else None


def literal(value: Any, limit: int = 200) -> Optional[str]:
    """Return the source of a plain value; None for what has none, or a long one."""
    if isinstance(value, float) and (math.isnan(value) or value in (float("inf"), float("-inf"))):
        return f"float({str(value)!r})"
    if value is None or type(value) in (str, int, float, bool, bytes, complex):
        return _short(repr(value), limit)
    if isinstance(value, (list, tuple, dict, set)) and type(value) in (list, tuple, dict, set) and len(value) <= 12:
        items = [*value, *value.values()] if isinstance(value, dict) else list(value)
        if all(literal(item, limit) is not None for item in items):
            return _short(repr(value) if value or not isinstance(value, set) else "set()", limit)
    return None


def _short(text: str, limit: int) -> Optional[str]:
    return text if len(text) <= limit else None


@functools.lru_cache(maxsize=2000)
def _shared(code: str) -> Optional[ast.AST]:
    """Return a tree that many use: who changes it puts it back."""
    return parsed(code)


@functools.lru_cache(maxsize=2000)
def _shared_places(code: str) -> "List[Place]":
    tree = _shared(code)
    return [] if tree is None else places_of(tree)


def _may_hold(code: str, old: Any) -> bool:
    if isinstance(old, str) and old:
        return repr(old)[1:-1].lower() in code.lower() or old.lower() in code.lower()
    return True


def replaced(code: str, old: Any, new: Any, limit: int = 4) -> List[str]:
    """Return variants of the code in which a literal that is, holds or measures ``old`` does so with ``new``."""
    if not _may_hold(code, old):
        return []
    places = _shared_places(code)
    if not places:
        return []
    tree = places[0][0]
    found: List[str] = []
    for node, parent, _, _ in places:
        for put in _substitutes(node, old, new):
            if is_file_name(node, parent) and not is_plain_name(getattr(put, "value", None)):
                continue
            undo = copy.copy(node.__dict__)
            node.__dict__.update(put.__dict__)
            found.append(ast.unparse(tree))
            node.__dict__.clear()
            node.__dict__.update(undo)
            if len(found) >= limit:
                return found
    return found


def numbers(code: str) -> List[Tuple[int, Any]]:
    """Return place and value of each number literal of the code, signs included in the value."""
    tree = _shared(code)
    found: List[Tuple[int, Any]] = []
    for place, (node, _, _, _) in enumerate(places_of(tree) if tree is not None else ()):
        value = number_of(node)
        if value is not None:
            found.append((place, value))
    return found


def with_number(code: str, place: int, value: Any) -> str:
    """Return the code with the number at a place of ``numbers`` exchanged."""
    tree = parsed(code)
    if tree is None:
        return code
    _, parent, field, index = places_of(tree)[place]
    if parent is None:
        return repr(value)
    put(parent, field, index, ast.parse(repr(value), mode="eval").body)
    return ast.unparse(ast.fix_missing_locations(tree))


def with_key(code: str, key: Any, value: str) -> Iterator[str]:
    """Give variants of the code in which one dictionary has one more key."""
    text = literal(key)
    tree = _shared(code) if text is not None else None
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Dict):
            node.keys.append(ast.Name(text or "", ast.Load()))
            node.values.append(ast.Name(value, ast.Load()))
            changed = ast.unparse(tree)  # type: ignore[arg-type]
            node.keys.pop()
            node.values.pop()
            yield changed


def with_attribute(code: str, name: str, value: str) -> Iterator[str]:
    """Give variants of the code in which one SimpleNamespace has one more attribute."""
    tree = _shared(code)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "SimpleNamespace":
            if any(keyword.arg == name for keyword in node.keywords):
                continue
            node.keywords.append(ast.keyword(arg=name, value=ast.Name(value, ast.Load())))
            changed = ast.unparse(tree)  # type: ignore[arg-type]
            node.keywords.pop()
            yield changed


Place = Tuple[ast.AST, Optional[ast.AST], str, Optional[int]]


def places_of(tree: ast.AST) -> List[Place]:
    """List the nodes of a tree that may be exchanged, outermost first; formatted strings and callees are left alone."""
    found: List[Place] = []
    todo: List[Place] = [(tree, None, "", None)]
    while todo:
        place = todo.pop(0)
        node = place[0]
        found.append(place)
        if isinstance(node, ast.JoinedStr):
            continue
        for field, child in ast.iter_fields(node):
            if field in ("func", "ctx", "op", "ops"):
                continue
            if isinstance(child, ast.AST):
                todo.append((child, node, field, None))
            elif isinstance(child, list):
                todo.extend(
                    (item, node, field, number) for number, item in enumerate(child) if isinstance(item, ast.AST)
                )
    return found


def is_file_name(node: ast.AST, parent: Optional[ast.AST]) -> bool:
    """Whether a node is a text that names a file, as in ``tmp_path / 'data.txt'``."""
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and isinstance(parent, ast.BinOp)
        and isinstance(parent.op, ast.Div)
    )


def is_plain_name(value: Any) -> bool:
    """Whether a value is a name that somebody gives a file."""
    return isinstance(value, str) and _PLAIN_NAME.fullmatch(value) is not None and bool(value.strip("."))


def put(parent: ast.AST, field: str, index: Optional[int], node: ast.AST) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def number_of(node: ast.AST) -> Any:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = number_of(node.operand)
        return None if inner is None else -inner
    return None


def can_change(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return node.value is not Ellipsis
    return isinstance(node, (ast.List, ast.Tuple, ast.Set, ast.Dict)) or number_of(node) is not None


def _substitutes(node: ast.AST, old: Any, new: Any) -> List[ast.AST]:
    number = number_of(node)
    if number is not None and type(old) in (int, float) and type(new) in (int, float):
        # Negative literals are two nodes; only the outer one is exchanged, so the class of the node stays what it was.
        if isinstance(node, ast.Constant) and number == old and new >= 0:
            return [ast.Constant(new)]
        return []
    if (
        isinstance(node, (ast.List, ast.Tuple))
        and type(old) is int
        and type(new) is int
        and len(node.elts) == old
        and 0 <= new <= 40
    ):
        items = (node.elts or [ast.Constant(1)]) * (new // max(1, len(node.elts) or 1) + 1)
        return [type(node)(elts=items[:new], ctx=ast.Load())]
    if not isinstance(node, ast.Constant):
        return []
    value = node.value
    if isinstance(value, str) and isinstance(old, str) and isinstance(new, str) and old != new:
        return [ast.Constant(text) for text in _text_substitutes(value, old, new)]
    if isinstance(value, str) and type(old) in (int, float) and type(new) in (int, float):
        return _resized(value, old, new)
    if isinstance(value, bytes) and isinstance(old, bytes) and isinstance(new, bytes) and old in value:
        return [ast.Constant(value.replace(old, new, 1) if old else new + value)]
    if (
        type(value) is type(old)
        and value == old
        and literal(new) is not None
        and not isinstance(new, (list, dict, set, tuple))
    ):
        return [ast.Constant(new)]
    return []


def _text_substitutes(value: str, old: str, new: str) -> List[str]:
    if old and value == old:
        return [new]
    if old and old in value:
        place = value.index(old)
        return [value[:place] + new + value[place + len(old) :]]
    if old and old in value.lower():
        place = value.lower().index(old)
        return [value[:place] + new + value[place + len(old) :]]
    return [] if old else [new + value, value + new]


def _resized(value: str, old: Any, new: Any) -> List[ast.AST]:
    if str(old) in value and value.strip():
        return [ast.Constant(value.replace(str(old), str(new), 1))]
    if len(value) == old and isinstance(new, int) and 0 <= new <= 200:
        return [ast.Constant(((value or "a") * (new + 1))[:new])]
    return []
