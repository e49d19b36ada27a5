# pyright: standard
# Looks at any value.
"""How a value is compared: floats that were computed may differ in the last digit on another machine.

``pytest.approx`` takes a number and a flat container; what is deeper is compared part by part.
"""

import ast
import math
import re
from typing import Any, Iterator, List, Tuple

from .model import Check

COMPUTED = re.compile(r"\d\.\d{9,}")
MOST = 6
"""Parts that somebody still reads."""


def kind_of(code: str) -> str:
    """Return the kind of check for an expected expression, ``equal`` where it is no literal."""
    if code in ("None", "True", "False"):
        return "is"
    return "approx" if rounds(_value(code)) else "equal"


def rounds(value: Any) -> bool:
    """Whether it is a number, or a flat container of numbers and texts, that may differ in the last digit."""
    if isinstance(value, float):
        return math.isfinite(value) and not value.is_integer()
    items = list(value.values()) if type(value) is dict else value if type(value) in (list, tuple) else ()
    flat = all(one is None or isinstance(one, (int, float, str)) for one in items)
    return flat and any(rounds(one) for one in items if isinstance(one, float))


def is_deep(code: str) -> bool:
    """Whether computed floats stand where ``approx`` does not reach: in containers of containers, in objects."""
    return COMPUTED.search(code) is not None and _has_computed(code) and not rounds(_value(code))


def _has_computed(code: str) -> bool:
    return any(
        isinstance(node, ast.Constant) and isinstance(node.value, float) and COMPUTED.search(repr(node.value))
        for node in ast.walk(ast.parse(code, mode="eval"))
    )


def parts(subject: str, code: str) -> List[Check]:
    """Return checks of the parts of such a value; none where there are too many, or it has no places."""
    found: List[Check] = []
    try:
        for part, text in _parts(subject, ast.parse(code, mode="eval").body):
            found.append(Check(kind_of(text), part, text))
            if len(found) > MOST:
                return []
    except ValueError:
        return []
    return found


def _parts(subject: str, node: ast.expr) -> Iterator[Tuple[str, str]]:
    code = ast.unparse(node)
    if not is_deep(code):
        yield subject, code
    elif isinstance(node, (ast.List, ast.Tuple)):
        yield "len(%s)" % subject, str(len(node.elts))
        for at, one in enumerate(node.elts):
            yield from _parts("%s[%d]" % (subject, at), one)
    elif isinstance(node, ast.Dict) and all(node.keys):
        yield "list(%s)" % subject, "[%s]" % ", ".join(ast.unparse(key) for key in node.keys if key)
        for key, one in zip(node.keys, node.values):
            yield from _parts("%s[%s]" % (subject, ast.unparse(key) if key else ""), one)
    else:
        raise ValueError("it has no places")


def _value(code: str) -> Any:
    try:
        return ast.literal_eval(code)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
