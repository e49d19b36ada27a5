"""Changes a value expression through its syntax tree: literals by structure, calls by arguments."""

import ast
import copy
import functools
import random
from typing import Any, Callable, Iterator, List, Optional, Sequence, Tuple

Tokens = Sequence[Any]
_LETTERS = "abcxyz019 _-.,:/=()[]{}\"'%+#@\n\\"


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
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return f"float({str(value)!r})"
    if value is None or type(value) in (str, int, float, bool, bytes, complex):
        return _short(repr(value), limit)
    if type(value) in (list, tuple, dict, set) and len(value) <= 12:
        items = [*value, *value.values()] if isinstance(value, dict) else list(value)
        if all(literal(item, limit) is not None for item in items):
            return _short(repr(value) if value or not isinstance(value, set) else "set()", limit)
    return None


def _short(text: str, limit: int) -> Optional[str]:
    return text if len(text) <= limit else None


def mutated(code: str, rng: random.Random, tokens: Tokens = ()) -> str:
    """Return the code with one literal, display or argument changed; the same code where nothing can be."""
    tree = parsed(code)
    if tree is None:
        return code
    places = [place for place in _places(tree) if _can_change(place[0])]
    if not places:
        return code
    # Later places are deeper, and the outermost display is where structure changes most.
    node, parent, field, index = rng.choice(places)
    replacement = _changed(node, rng, tokens)
    if parent is None:
        return ast.unparse(ast.fix_missing_locations(replacement))
    _put(parent, field, index, replacement)
    return ast.unparse(ast.fix_missing_locations(tree))


@functools.lru_cache(maxsize=2000)
def _shared(code: str) -> Optional[ast.AST]:
    """Return a tree that many use: who changes it puts it back."""
    return parsed(code)


@functools.lru_cache(maxsize=2000)
def _shared_places(code: str) -> "List[Place]":
    tree = _shared(code)
    return [] if tree is None else _places(tree)


def _may_hold(code: str, old: Any) -> bool:
    if isinstance(old, str) and old:
        return repr(old)[1:-1].lower() in code.lower() or old.lower() in code.lower()
    return True


def replaced(code: str, old: Any, new: Any, limit: int = 4) -> List[str]:
    """Return variants of the code in which one literal that is, holds or measures ``old`` is, holds or measures ``new``."""
    if not _may_hold(code, old):
        return []
    places = _shared_places(code)
    if not places:
        return []
    tree = places[0][0]
    found: List[str] = []
    for node, _, _, _ in places:
        for put in _substitutes(node, old, new):
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
    for place, (node, _, _, _) in enumerate(_places(tree) if tree is not None else ()):
        value = _number(node)
        if value is not None:
            found.append((place, value))
    return found


def with_number(code: str, place: int, value: Any) -> str:
    """Return the code with the number at a place of ``numbers`` exchanged."""
    tree = parsed(code)
    if tree is None:
        return code
    _, parent, field, index = _places(tree)[place]
    if parent is None:
        return repr(value)
    _put(parent, field, index, ast.parse(repr(value), mode="eval").body)
    return ast.unparse(ast.fix_missing_locations(tree))


def with_key(code: str, key: Any, value: str) -> Iterator[str]:
    """Give variants of the code in which one dictionary has one more key."""
    text = literal(key)
    tree = _shared(code) if text is not None else None
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Dict):
            node.keys.append(ast.Name(text, ast.Load()))
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


def _places(tree: ast.AST) -> List[Place]:
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
                todo.extend((item, node, field, number) for number, item in enumerate(child) if isinstance(item, ast.AST))
    return found


def _put(parent: ast.AST, field: str, index: Optional[int], node: ast.AST) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def _number(node: ast.AST) -> Any:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _number(node.operand)
        return None if inner is None else -inner
    return None


def _can_change(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return node.value is not Ellipsis
    return isinstance(node, (ast.List, ast.Tuple, ast.Set, ast.Dict)) or _number(node) is not None


def _constant(value: Any) -> ast.expr:
    text = literal(value, 2000)
    return ast.parse(text, mode="eval").body if text is not None else ast.Constant(value)


def _changed(node: ast.AST, rng: random.Random, tokens: Tokens) -> ast.AST:
    if isinstance(node, ast.Dict):
        return _changed_dict(node, rng, tokens)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return _changed_items(node, rng, tokens)
    number = _number(node)
    if number is not None:
        return _constant(changed_number(number, rng, tokens))
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, str):
        return _constant(changed_text(value, rng, [token for token in tokens if isinstance(token, str)]))
    if isinstance(value, bytes):
        text = changed_text(value.decode("latin-1"), rng, [token.decode("latin-1") for token in tokens if isinstance(token, bytes)])
        return _constant(text.encode("latin-1", "replace"))
    if isinstance(value, bool):
        return _constant(not value)
    return _constant(rng.choice([token for token in tokens if literal(token) is not None] or [None, 1, "a"]))


def changed_number(value: Any, rng: random.Random, tokens: Tokens) -> Any:
    """Return a number near, opposite to or often met with another."""
    wanted = [token for token in tokens if type(token) in (int, float)]
    if wanted and rng.random() < 0.4:
        return rng.choice(wanted) + rng.choice([0, 0, 0, 1, -1])
    if abs(value) == float("inf") or value != value:
        return 1.0
    step: Callable[[], Any] = rng.choice(
        [lambda: value + 1, lambda: value - 1, lambda: -value, lambda: value * 2, lambda: value * 10, lambda: value // 2, lambda: 0,
         lambda: rng.randint(0, 20), lambda: rng.randint(0, 5000), lambda: value * 1000]  # fmt: skip
    )
    result = step()
    # Larger ones make lists of that length; those that comparisons ask for come as tokens.
    return result if abs(result) <= max(10**5, abs(value)) else value


def changed_text(value: str, rng: random.Random, tokens: Sequence[str]) -> str:
    """Return a text with a piece inserted, removed, doubled or exchanged."""
    start = rng.randint(0, len(value))
    end = min(len(value), start + rng.choice([0, 1, 1, 2, 4, len(value)]))
    if not tokens or rng.random() < 0.35:
        piece = rng.choice(_LETTERS) if rng.random() < 0.7 or not value else rng.choice(value)
    else:
        piece = rng.choice(tokens)
    way = rng.randrange(9)
    if way <= 2:
        result = value[:start] + piece + value[start:]
    elif way == 3:
        result = value[:start] + piece + value[end:]
    elif way == 4:
        result = value[:start] + value[end:]
    elif way == 5:
        result = value[:end] + value[start:end] + value[end:]
    elif way == 6:
        result = piece
    elif way == 7:
        result = rng.choice([value.upper(), value.lower(), value.strip(), value[::-1], value.title(), value * 2])
    else:
        result = rng.choice([value + piece, piece + value])
    return result[:400]


def _changed_items(node: Any, rng: random.Random, tokens: Tokens) -> ast.AST:
    node = copy.deepcopy(node)
    items: List[ast.expr] = node.elts
    way = rng.randrange(5)
    if way == 0 and items:
        del items[rng.randrange(len(items))]
    elif way == 1 and items:
        items.insert(rng.randint(0, len(items)), copy.deepcopy(rng.choice(items)))
    elif way == 2 and len(items) > 1:
        rng.shuffle(items)
    elif way == 3 and items and _can_change(items[-1]):
        items.append(_changed(copy.deepcopy(items[-1]), rng, tokens))  # type: ignore[arg-type]
    else:
        items.append(_constant(rng.choice([token for token in tokens if literal(token) is not None] or [1, "a", None])))
    if isinstance(node, ast.Set) and not items:
        items.append(_constant(1))
    return node


def _changed_dict(node: ast.Dict, rng: random.Random, tokens: Tokens) -> ast.AST:
    node = copy.deepcopy(node)
    texts = [token for token in tokens if isinstance(token, str) and len(token) < 30] or ["a", "name", "key"]
    way = rng.randrange(3)
    if way == 0 and node.keys:
        place = rng.randrange(len(node.keys))
        del node.keys[place], node.values[place]
    elif way == 1 and node.values:
        place = rng.randrange(len(node.values))
        if _can_change(node.values[place]):
            node.values[place] = _changed(node.values[place], rng, tokens)  # type: ignore[call-overload]
    else:
        node.keys.append(_constant(rng.choice(texts)))
        node.values.append(copy.deepcopy(rng.choice(node.values)) if node.values and rng.random() < 0.5 else _constant(rng.choice([1, "abc", None, True])))
    return node


def _substitutes(node: ast.AST, old: Any, new: Any) -> List[ast.AST]:
    number = _number(node)
    if number is not None and type(old) in (int, float) and type(new) in (int, float):
        # Negative literals are two nodes; only the outer one is exchanged, so the class of the node stays what it was.
        if isinstance(node, ast.Constant) and number == old and new >= 0:
            return [ast.Constant(new)]
        return []
    if isinstance(node, (ast.List, ast.Tuple)) and type(old) is int and type(new) is int and len(node.elts) == old and 0 <= new <= 40:
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
    if type(value) is type(old) and value == old and literal(new) is not None and not isinstance(new, (list, dict, set, tuple)):
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
