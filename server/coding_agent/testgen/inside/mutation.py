# pyright: standard
# Nodes of many kinds.
# ruff: noqa: PLR0911 - one question after the other is what these functions are
"""Changes a value expression a little through its syntax tree: one literal, display or argument."""

import ast
import copy
import math
import random
from typing import Any, Callable, List, Sequence

from .literals import can_change, is_file_name, is_plain_name, literal, number_of, parsed, places_of, put

Tokens = Sequence[Any]
_LETTERS = "abcxyz019 _-.,:/=()[]{}\"'%+#@\n\\"


def mutated(code: str, rng: random.Random, tokens: Tokens = ()) -> str:
    """Return the code with one literal, display or argument changed; the same code where nothing can be."""
    tree = parsed(code)
    if tree is None:
        return code
    names = [token for token in tokens if is_plain_name(token) and "." in token]
    places = [place for place in places_of(tree) if can_change(place[0]) and (names or not is_file_name(*place[:2]))]
    if not places:
        return code
    # Later places are deeper, and the outermost display is where structure changes most.
    node, parent, field, index = rng.choice(places)
    replacement = _renamed(node, rng, names) if is_file_name(node, parent) else _changed(node, rng, tokens)
    if parent is None:
        return ast.unparse(ast.fix_missing_locations(replacement))
    put(parent, field, index, replacement)
    return ast.unparse(ast.fix_missing_locations(tree))


def _constant(value: Any) -> ast.expr:
    text = literal(value, 2000)
    return ast.parse(text, mode="eval").body if text is not None else ast.Constant(value)


def _renamed(node: Any, rng: random.Random, names: Sequence[str]) -> ast.AST:
    """Another file, by a name or a suffix that the code knows: any other name tells the code nothing."""
    name = rng.choice(names)
    return _constant(node.value.rpartition(".")[0] + name if name.startswith(".") else name)


def _changed(node: ast.AST, rng: random.Random, tokens: Tokens) -> ast.AST:
    if isinstance(node, ast.Dict):
        return _changed_dict(node, rng, tokens)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return _changed_items(node, rng, tokens)
    number = number_of(node)
    if number is not None:
        return _constant(changed_number(number, rng, tokens))
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, str):
        return _constant(changed_text(value, rng, [token for token in tokens if isinstance(token, str)]))
    if isinstance(value, bytes):
        text = changed_text(
            value.decode("latin-1"), rng, [token.decode("latin-1") for token in tokens if isinstance(token, bytes)]
        )
        return _constant(text.encode("latin-1", "replace"))
    if isinstance(value, bool):
        return _constant(not value)
    return _constant(rng.choice([token for token in tokens if literal(token) is not None] or [None, 1, "a"]))


def changed_number(value: Any, rng: random.Random, tokens: Tokens) -> Any:
    """Return a number near, opposite to or often met with another."""
    wanted = [token for token in tokens if type(token) in (int, float)]
    if wanted and rng.random() < 0.4:
        return rng.choice(wanted) + rng.choice([0, 0, 0, 1, -1])
    if abs(value) == float("inf") or math.isnan(value):
        return 1.0
    step: Callable[[], Any] = rng.choice(
        [
            lambda: value + 1,
            lambda: value - 1,
            lambda: -value,
            lambda: value * 2,
            lambda: value * 10,
            lambda: value // 2,
            lambda: 0,
            lambda: rng.randint(0, 20),
            lambda: rng.randint(0, 5000),
            lambda: value * 1000,
        ]
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
    elif way == 3 and items and can_change(items[-1]):
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
        if can_change(node.values[place]):
            node.values[place] = _changed(node.values[place], rng, tokens)  # type: ignore[call-overload]
    else:
        node.keys.append(_constant(rng.choice(texts)))
        node.values.append(
            copy.deepcopy(rng.choice(node.values))
            if node.values and rng.random() < 0.5
            else _constant(rng.choice([1, "abc", None, True]))
        )
    return node
