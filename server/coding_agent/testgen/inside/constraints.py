# pyright: standard
# Values and limits of any kind.
"""What a declared field lets in: values inside its limits come first, then those at its edges and beyond."""

import ast
import random
import re
from typing import Any, Dict, List, Sequence

from . import regex
from .values import Value, plain

_NAMES = ("gt", "ge", "lt", "le", "min_length", "max_length", "pattern")
_EDGES = (("gt", 1), ("ge", 0), ("lt", -1), ("le", 0), ("ge", -1), ("gt", 0), ("le", 1), ("lt", 0))


def limits_of(metadata: Sequence[Any]) -> Dict[str, Any]:
    """Return the limits by the names that pydantic and annotated-types give them."""
    found = {name: getattr(one, name, None) for one in metadata for name in _NAMES if hasattr(one, name)}
    return {name: limit for name, limit in found.items() if limit is not None}


def in_bounds(pool: Sequence[Value], limits: Dict[str, Any]) -> List[Value]:
    """Return values that fit first, and what stands at the edges."""
    if not limits:
        return list(pool)
    edges = [limits[name] + step for name, step in _EDGES if isinstance(limits.get(name), (int, float))]
    pattern = limits.get("pattern")
    if isinstance(pattern, str):
        edges = [*regex.matching(pattern, 0, 2, random.Random(3)), *regex.almost(pattern, 0, random.Random(4))[:1]]
    sizes = [limits[name] + step for name, step in (("min_length", 0), ("max_length", 1)) if name in limits]
    longer = ["abcdefghijkl"[:size] for size in sizes if 0 <= size <= 12]
    found = [*pool, *plain(*(repr(edge) for edge in [*edges, *longer]))]
    # Patterns are matched by few values, which are to be tried before all others.
    return sorted(found, key=lambda value: not _fits(value.code, limits))


def _fits(code: str, limits: Dict[str, Any]) -> bool:
    try:
        value = ast.literal_eval(code)
        return all(_inside(name, value, limit) for name, limit in limits.items())
    except (ValueError, SyntaxError, TypeError):
        return False


def _inside(name: str, value: Any, limit: Any) -> bool:
    if name in ("gt", "lt"):
        return bool(value > limit if name == "gt" else value < limit)
    if name in ("ge", "le"):
        return bool(value >= limit if name == "ge" else value <= limit)
    if name == "pattern":
        return isinstance(value, str) and re.search(limit, value) is not None
    return len(value) >= limit if name == "min_length" else len(value) <= limit
