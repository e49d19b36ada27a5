# pyright: standard
# Models and fields of libraries that may not be there.
"""What FastAPI says that a request may hold: queries, headers, forms and bodies, models as the JSON of them."""

import ast
import json
from typing import Any, Dict, Iterator, List, Tuple

from . import types
from .constraints import in_bounds, limits_of
from .kinds import kind_of
from .pools import Row
from .values import Value, composed, plain, unique
from .world import World

_WHERE = (("params", "query_params"), ("headers", "header_params"), ("cookies", "cookie_params"))


def rows(dependant: Any, world: World) -> List[Row]:
    """Return the rows of a request that a view and what it depends on want."""
    found: List[Row] = []
    for keyword, where in _WHERE:
        asked = [(field, one) for one in _all(dependant) for field in getattr(one, where, ())]
        fields = [field for field, _ in asked]
        options = {_alias(field): _strings([*_read(field, one, world), *_pool(field, world)]) for field, one in asked}
        needed = tuple(_alias(field) for field in fields if _is_required(field))
        if options:
            found.append(Row(keyword, keyword, bool(needed), together(options, needed)))
    return found + _bodies(dependant, world)


def _all(dependant: Any) -> Iterator[Any]:
    yield dependant
    for inner in getattr(dependant, "dependencies", ()):
        yield from _all(inner)


def _bodies(dependant: Any, world: World) -> List[Row]:
    fields = [field for one in _all(dependant) for field in getattr(one, "body_params", ())]
    if not fields:
        return []
    keyword = "data" if type(_info(fields[0])).__name__ in ("Form", "File") else "json"
    options = {_alias(field): _pool(field, world) for field in fields}
    if keyword == "json" and len(fields) == 1 and not getattr(_info(fields[0]), "embed", None):
        pool = next(iter(options.values()))
    else:
        pool = together(options, tuple(_alias(field) for field in fields if _is_required(field)))
    return [Row(keyword, keyword, True, unique([*pool, *plain("{}")], 24))]


def _info(field: Any) -> Any:
    return getattr(field, "field_info", field)


def _alias(field: Any) -> str:
    return str(getattr(field, "alias", None) or field.name)


def _is_required(field: Any) -> bool:
    required = getattr(field, "required", None)
    return bool(required if required is not None else _info(field).is_required())


def _pool(field: Any, world: World) -> List[Value]:
    kind = getattr(_info(field), "annotation", None) or getattr(field, "type_", None)
    return as_json(kind, field.name, world) or plain("'abc'", "1")


def _read(field: Any, dependant: Any, world: World) -> List[Value]:
    """Return texts that the function that gets a field has in its code, and what begins with them: ``user-abc``."""
    call = getattr(dependant, "call", None)
    name = str(getattr(call, "__qualname__", ""))
    if name not in world.nodes or field.name not in getattr(getattr(call, "__code__", None), "co_varnames", ()):
        return []
    texts = [text for text in world.constants(name) if isinstance(text, str) and 1 < len(text) < 24 and " " not in text]
    return plain(
        *(repr(one) for text in texts for one in ((text + "abc", text) if not text[-1].isalnum() else (text,)))
    )


def _strings(pool: List[Value]) -> List[Value]:
    """Return what a query or header can hold; a number may be given as what is none."""
    kept = [value for value in pool if kind_of(value.code) in ("str", "int", "float", "bool")]
    wrong = plain("'abc'") if kept and all(kind_of(value.code) != "str" for value in kept) else []
    return unique([*kept[:6], *wrong] or plain("'abc'"), 8)


def as_json(kind: Any, name: str, world: World) -> List[Value]:
    """Return what is sent for an annotation: of a model the fields it needs, all, each left out or wrong."""
    if not hasattr(kind, "model_fields"):
        return [value for value in types.values_of(kind, world, 3, name) if _is_json(value.code)]
    options: Dict[str, List[Value]] = {}
    needed: List[str] = []
    for field, info in kind.model_fields.items():
        inner = as_json(info.annotation, field, world) if info.annotation is not kind else plain("None")
        required = bool(info.is_required())
        if required:
            needed.append(info.alias or field)
        if inner:
            options[info.alias or field] = in_bounds(inner, limits_of(info.metadata))[:5]
    if not options:
        return plain("{}")
    least = {key: pool for key, pool in options.items() if key in needed}
    return unique([*together(least, ()), *together(options, tuple(needed))], 24)


def _is_json(code: str) -> bool:
    try:
        json.dumps(ast.literal_eval(code))
    except (ValueError, SyntaxError, TypeError):
        return False
    return True


def together(options: Dict[str, List[Value]], needed: Tuple[str, ...]) -> List[Value]:
    """Return dictionaries: all keys, each value of each, each key alone or left out; the ``needed`` beside it."""
    if not all(options.values()) or not options:
        return []
    base = {key: pool[0] for key, pool in options.items()}
    must = {key: base[key] for key in needed}
    found = [base]
    found += [{**base, key: value} for key, pool in options.items() for value in pool[1:]]
    found += [{**must, key: base[key]} for key in base if len(base) > 1]
    found += [{other: one for other, one in base.items() if other != key} for key in base]
    return unique([_dict(one) for one in found], 16)


def _dict(rows: Dict[str, Value]) -> Value:
    keys = list(rows)

    def made(codes: List[str]) -> str:
        return "{%s}" % ", ".join(f"{key!r}: {code}" for key, code in zip(keys, codes))

    return composed(list(rows.values()), made, "route")
