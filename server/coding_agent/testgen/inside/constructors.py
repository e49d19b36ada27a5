# pyright: standard
# Looks at any object.
"""The call of its class that gives an equal object: named tuples, dataclasses, attrs, pydantic, and the like."""

import ast
import dataclasses
import inspect
from types import SimpleNamespace
from typing import Any, Callable, Dict, Optional, Tuple

from . import parsing

Text = Callable[[Any], str]
MISSING = object()


def built(value: Any, name: Text, text: Text) -> Optional[str]:
    """Return the call; None where the class has no equality or nothing says how it is made.

    ``name`` spells a class, ``text`` a part. The result is still to be verified. Raises what they and the object raise.
    """
    kind = type(value)
    if kind is SimpleNamespace:
        return "%s(%s)" % (name(kind), _keywords(vars(value), text))
    if kind.__eq__ is object.__eq__:
        return None
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        return "%s(%s)" % (name(kind), _keywords(value._asdict(), text))  # type: ignore[attr-defined]
    fields = _fields(value, kind)
    if fields is None:
        fields = _by_signature(value, kind)
    if fields is not None:
        return "%s(%s)" % (name(kind), _keywords(fields, text))
    return _by_repr(value, kind, name)


def _keywords(fields: Dict[str, Any], text: Text) -> str:
    return ", ".join("%s=%s" % (field, text(value)) for field, value in fields.items())


def _fields(value: Any, kind: Any) -> Optional[Dict[str, Any]]:
    """Return what a declared class takes, without what has its default."""
    if dataclasses.is_dataclass(kind):
        return {
            field.name: getattr(value, field.name)
            for field in dataclasses.fields(kind)
            if field.init and not _is(getattr(value, field.name), _field_default(field))
        }
    if hasattr(kind, "__attrs_attrs__"):
        found = {_alias(one): getattr(value, one.name) for one in kind.__attrs_attrs__ if one.init}
        made = {_alias(one): _attrs_default(one) for one in kind.__attrs_attrs__}
        return {field: one for field, one in found.items() if not _is(one, made[field])}
    for given in ("model_fields_set", "__fields_set__"):
        if hasattr(kind, given):
            names = getattr(value, given)
            return {field: one for field, one in vars(value).items() if field in names}
    return None


def _field_default(field: Any) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return MISSING if field.default is dataclasses.MISSING else field.default


def _alias(attribute: Any) -> str:
    return getattr(attribute, "alias", None) or attribute.name.lstrip("_")


def _attrs_default(attribute: Any) -> Any:
    """Return what a field is made of where nothing is given, MISSING where that is nothing or takes the object."""
    default = attribute.default
    if type(default).__name__ == "Factory":
        return MISSING if default.takes_self else default.factory()
    return MISSING if type(default).__name__ in ("_Nothing", "NothingType") else default


def _is(one: Any, default: Any) -> bool:
    return default is not MISSING and type(one) is type(default) and bool(one == default)


def _by_signature(value: Any, kind: type) -> Optional[Dict[str, Any]]:
    """Return the parameters of a class that keeps each under its own name."""
    if kind.__module__ == "builtins" or kind.__init__ is object.__init__ or isinstance(value, BaseException):
        return None
    try:
        parameters = inspect.signature(kind).parameters.values()
    except (TypeError, ValueError):
        return None
    found: Dict[str, Any] = {}
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            return None
        one = getattr(value, parameter.name, MISSING)
        if one is MISSING:
            return None
        if parameter.default is parameter.empty or not _is(one, parameter.default):
            found[parameter.name] = one
    return found


def _by_repr(value: Any, kind: type, name: Text) -> Optional[str]:
    """Return the object's own repr where it is a call of its class with literals."""
    code = repr(value)
    call = _call(code)
    if call is None or call[0] != kind.__name__ or len(code) > 400:
        return None
    return name(kind) + code[len(call[0]) :]


def _call(code: str) -> Optional[Tuple[str, ast.Call]]:
    node = parsing.expression(code)
    if node is None:
        return None
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
        try:
            ast.literal_eval(argument)
        except (ValueError, TypeError, SyntaxError):
            return None
    return node.func.id, node
