# pyright: standard
# Classes of libraries that may not be there.
"""What classes that declare their fields take: attrs, pydantic, models and forms of Django."""

import inspect
from typing import Any, Dict, List, Optional, Sequence, Tuple

from . import types
from .constraints import in_bounds, limits_of
from .values import KINDS, Value, by_name, plain, unique
from .world import World

Declared = Tuple[str, str, bool, List[Value]]
Rows = List[Declared]
"""Name of the attribute, keyword ("" where it goes by place), whether it is needed, values."""
_DJANGO = (
    ("Email", plain("'user@example.com'", "'not an email'")),
    ("URL", plain("'https://example.com/'", "'not a url'")),
    ("Slug", plain("'abc-def'", "'a b'")),
    ("Boolean", KINDS["bool"]),
    ("Integer", KINDS["int"]),
    ("Float", KINDS["float"]),
    ("Decimal", KINDS["decimal"]),
    ("DateTime", KINDS["datetime"]),
    ("Date", KINDS["date"]),
    ("Time", KINDS["time"]),
    ("Duration", KINDS["timedelta"]),
    ("UUID", KINDS["uuid"]),
    ("JSON", KINDS["dict"]),
    ("Char", KINDS["str"]),
    ("Text", KINDS["str"]),
)
MOST = 14


def rows(kind: Any, world: World, depth: int) -> Optional[Rows]:
    """Return what a class takes by its declared fields; None for one that declares none."""
    if isinstance(getattr(kind, "model_fields", None), dict):
        return [
            (name, info.alias or name, bool(info.is_required()), _of_model(name, info, world, depth))
            for name, info in kind.model_fields.items()
            if getattr(info, "init", None) is not False
        ]
    if hasattr(kind, "__attrs_attrs__"):
        return [row for row in (_of_attrs(kind, one, world, depth) for one in kind.__attrs_attrs__) if row]
    if hasattr(getattr(kind, "_meta", None), "concrete_fields"):
        return _of_django_model(kind)
    return [("data", "", True, form_data(kind))] if is_form(kind) else None


def is_validator(kind: Any, name: str) -> bool:
    """Whether a member of a class of pydantic is called by making an object of it."""
    decorators = getattr(kind, "__pydantic_decorators__", None)
    rows = ("field_validators", "model_validators", "validators", "root_validators")
    return any(name in (getattr(decorators, row, None) or ()) for row in rows)


def is_form(kind: Any) -> bool:
    """Whether a class is a form of Django."""
    return isinstance(getattr(kind, "base_fields", None), dict) and hasattr(kind, "is_valid")


def _of_model(name: str, info: Any, world: World, depth: int) -> List[Value]:
    found = types.values_of(info.annotation, world, depth, name)
    named = [value for value in by_name(name) if any(type_of(value) == type_of(one) for one in found)]
    return unique(in_bounds([*named[:2], *found], limits_of(info.metadata)), MOST) or plain("'abc'")


def type_of(value: Value) -> str:
    """Return str, int ... for a literal, the code's beginning for others."""
    return "str" if value.code[:1] in "'\"" else "int" if value.code.lstrip("-").isdigit() else value.code[:4]


# attrs


def _of_attrs(kind: Any, one: Any, world: World, depth: int) -> Optional[Declared]:
    if not one.init:
        return None
    alias = getattr(one, "alias", None) or one.name.lstrip("_")
    given = inspect.signature(kind).parameters.get(alias)
    needed = given is None or given.default is given.empty
    keyword = "" if needed and not one.kw_only else alias
    return one.name, keyword, needed, unique(_attrs_pool(one, world, depth), MOST)


def _attrs_pool(one: Any, world: World, depth: int) -> List[Value]:
    told = types.values_of(one.type, world, depth, one.name) if one.type is not None else []
    limits: Dict[str, Any] = {}
    right, wrong = _of_validator(one.validator, limits, world, depth)
    converted = _unconverted(one.converter)
    usual = [*by_name(one.name)[:3], *plain("3", "'abc'", "None")]
    found = [*right, *converted, *(told if not right else told[:4])] or usual
    return [*in_bounds(found, limits), *wrong]


def _of_validator(validator: Any, limits: Dict[str, Any], world: World, depth: int) -> Tuple[List[Value], List[Value]]:
    """Return values that a validator lets in, and some that it does not; ``limits`` are filled."""
    name = type(validator).__name__.strip("_")
    if name == "AndValidator":
        pairs = [_of_validator(inner, limits, world, depth) for inner in validator._validators]
        return [one for right, _ in pairs for one in right], [one for _, wrong in pairs for one in wrong]
    if name == "OptionalValidator":
        right, wrong = _of_validator(validator.validator, limits, world, depth)
        return [*right, *plain("None")], wrong
    if name == "InstanceOfValidator":
        kinds = validator.type if isinstance(validator.type, tuple) else (validator.type,)
        wrong = plain("None") if str in kinds else plain("'abc'")
        return [value for kind in kinds for value in types.values_of(kind, world, depth)[:6]], wrong
    if name == "InValidator":
        options = list(getattr(validator, "_original_options", validator.options))[:4]
        return [Value(world.spelled(one) or repr(one)) for one in options], plain("'no such choice'")
    if name == "NumberValidator":
        limits[{"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}.get(validator.compare_op, "")] = validator.bound
    if name in ("MinLengthValidator", "MaxLengthValidator"):
        limits[f"{name[:3].lower()}_length"] = getattr(validator, "min_length", getattr(validator, "max_length", None))
    if name == "MatchesReValidator":
        limits["pattern"] = validator.pattern.pattern
    return [], []


def _unconverted(converter: Any) -> List[Value]:
    """Return what a converter makes its values of: it is there to take something else."""
    name = getattr(converter, "__name__", "")
    return {
        "int": plain("3", "'42'", "0", "'abc'"),
        "float": plain("1.5", "'2.5'", "3", "'abc'"),
        "str": plain("'abc'", "3", "''"),
        "bool": plain("True", "False", "''"),
        "list": plain("[1, 2, 3]", "(1, 2)", "[]"),
        "tuple": plain("(1, 2)", "[1, 2]", "()"),
    }.get(name, [])


# Django


def _of_django_model(kind: Any) -> Rows:
    found: Rows = []
    for field in kind._meta.concrete_fields:
        pool = _of_django_field(field)
        if field.is_relation or field.primary_key or not pool:
            continue
        # A model takes nothing at all; what a row of the database must have is given.
        found.append((field.name, field.name, not field.has_default() and not field.blank and not field.null, pool))
    return found


def _of_django_field(field: Any) -> List[Value]:
    choices = [one[0] for one in getattr(field, "choices", None) or () if not isinstance(one[1], (list, tuple))]
    if choices:
        return plain(*(repr(getattr(one, "value", one)) for one in choices if one not in ("", None)))
    name = type(field).__name__
    pool = next((pool for part, pool in _DJANGO if part in name), [])
    limits = {
        "max_length": getattr(field, "max_length", None), "min_length": getattr(field, "min_length", None),
        "ge": getattr(field, "min_value", None), "le": getattr(field, "max_value", None),
    }  # fmt: skip
    named = [value for value in by_name(field.name or "")[:3] if pool and type_of(value) == type_of(pool[0])]
    return in_bounds([*named, *pool], {key: limit for key, limit in limits.items() if limit is not None})[:MOST]


def form_data(kind: Any) -> List[Value]:
    """Return what may be sent to a form: all fields, each value of each, each left out."""
    from .schemas import together

    options: Dict[str, List[Value]] = {}
    for name, field in kind.base_fields.items():
        field.name = getattr(field, "name", name)
        pool = _of_django_field(field)
        if pool:
            options[name] = _sendable(pool)
    needed = tuple(name for name in options if kind.base_fields[name].required)
    least = {name: pool for name, pool in options.items() if name in needed}
    return unique([*together(least, ()), *together(options, needed), *plain("{}")], 24)


def _sendable(pool: Sequence[Value]) -> List[Value]:
    """Return values as a browser sends them where a literal would not do."""
    found = [one for one in pool if not one.imports]
    if not found and pool:
        texts = {"date": "'2024-01-15'", "time": "'12:30'", "uuid": "'12345678-1234-5678-1234-567812345678'"}
        found = plain(next((text for part, text in texts.items() if part in pool[0].code), "'1.50'"))
    return unique(found, 6)
