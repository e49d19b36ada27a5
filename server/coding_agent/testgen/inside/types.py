# pyright: standard
# Annotations are live objects of any kind.
# ruff: noqa: PLR0911, PLR0912 - one question after the other is what these functions are
"""Values of an annotation: ``typing`` in full, standard classes by their pools, the project's classes by recipes."""

import collections
import collections.abc
import contextlib
import enum
import inspect
import typing
from typing import Any, Dict, List, Sequence, Tuple

from . import recipes, reflection
from .standard import STANDARD
from .values import ANYTHING, KINDS, Value, composed, plain, unique
from .world import Unresolved, World

LIMIT = 16
_BY_LAST_NAME = {name.rpartition(".")[2]: kind for name, kind in STANDARD.items()}
_MAKES: Dict[Any, Tuple[str, str]] = {
    # class: (how items are wrapped, import)
    list: ("[%s]", ""),
    set: ("{%s}", ""),
    frozenset: ("frozenset({%s})", ""),
    collections.deque: ("deque([%s])", "from collections import deque"),
    collections.abc.Sequence: ("[%s]", ""),
    collections.abc.MutableSequence: ("[%s]", ""),
    collections.abc.Iterable: ("[%s]", ""),
    collections.abc.Collection: ("[%s]", ""),
    collections.abc.Container: ("[%s]", ""),
    collections.abc.Reversible: ("[%s]", ""),
    collections.abc.Sized: ("[%s]", ""),
    collections.abc.Iterator: ("iter([%s])", ""),
    collections.abc.Generator: ("(item for item in [%s])", ""),
    collections.abc.Set: ("{%s}", ""),
    collections.abc.MutableSet: ("{%s}", ""),
    collections.abc.KeysView: ("{%s}", ""),
    collections.abc.ValuesView: ("[%s]", ""),
}
_MAPS: Dict[Any, Tuple[str, str]] = {
    dict: ("{%s}", ""),
    collections.abc.Mapping: ("{%s}", ""),
    collections.abc.MutableMapping: ("{%s}", ""),
    collections.OrderedDict: ("OrderedDict({%s})", "from collections import OrderedDict"),
    collections.defaultdict: ("defaultdict(list, {%s})", "from collections import defaultdict"),
    collections.Counter: ("Counter({%s})", "from collections import Counter"),
    collections.ChainMap: ("ChainMap({%s})", "from collections import ChainMap"),
}
_ASYNC = (collections.abc.AsyncIterable, collections.abc.AsyncIterator, collections.abc.AsyncGenerator)


def values_of(annotation: Any, world: World, depth: int = 3, name: str = "") -> List[Value]:
    """Return values for an annotation, human-looking ones first; empty where it says nothing (``Any``, unresolved)."""
    annotation = world.resolved(annotation)
    if isinstance(annotation, Unresolved):
        return _by_text(annotation.text)
    if annotation is None or annotation is type(None):
        return KINDS["None"]
    if annotation in (Any, inspect.Parameter.empty) or depth < 0:
        return []
    if isinstance(annotation, typing.TypeVar):
        options: Sequence[Any] = annotation.__constraints__ or ([annotation.__bound__] if annotation.__bound__ else [])
        return unique([value for option in options for value in values_of(option, world, depth - 1, name)], LIMIT)
    if hasattr(annotation, "__supertype__"):
        return values_of(annotation.__supertype__, world, depth, name)
    if type(annotation).__name__ == "TypeAliasType":
        return values_of(annotation.__value__, world, depth, name)
    if type(annotation).__name__ in ("ParamSpecArgs", "ParamSpecKwargs", "ParamSpec"):
        return []
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is not None:
        return _of_generic(origin, args, world, depth, name)
    kind = STANDARD.get(_full_name(annotation))
    if kind and annotation is not object:
        return KINDS[kind]
    if isinstance(annotation, type):
        return _of_class(annotation, world, depth)
    return _by_text(str(annotation).replace("typing.", ""))


def _full_name(annotation: Any) -> str:
    names = (getattr(annotation, name, "") for name in ("__qualname__", "_name", "__name__"))
    return f"{getattr(annotation, '__module__', '')}.{next(filter(None, names), '')}"


def _by_text(text: str) -> List[Value]:
    word = text.split("[", maxsplit=1)[0].split("|", maxsplit=1)[0].strip().rpartition(".")[2]
    if word in ("Sequence", "Iterable", "Collection", "List"):
        return KINDS["list"]
    if word in ("Mapping", "Dict", "MutableMapping"):
        return KINDS["dict"]
    if word in ("Callable",):
        return KINDS["callable"]
    if word in ("StrPath", "PathLike", "StrOrBytesPath", "FilePath"):
        return KINDS["path"]
    return KINDS.get(_BY_LAST_NAME.get(word, ""), [])


def _of_generic(origin: Any, args: Tuple[Any, ...], world: World, depth: int, name: str) -> List[Value]:
    if origin is typing.Union or type(origin).__name__ == "UnionType" or getattr(origin, "__name__", "") == "UnionType":
        return _of_union(args, world, depth, name)
    if origin is typing.Literal or str(origin).endswith("Literal"):
        return [Value(world.spelled(arg) or repr(arg)) for arg in args]
    if str(origin).rpartition(".")[2] in (
        "Annotated",
        "Final",
        "ClassVar",
        "Required",
        "NotRequired",
        "ReadOnly",
        "Unpack",
    ) or hasattr(origin, "__metadata__"):
        return values_of(args[0], world, depth, name) if args else []
    if hasattr(typing, "Annotated") and origin is typing.Annotated:
        return values_of(args[0], world, depth, name)
    if origin is collections.abc.Callable:
        return callables(args, world, depth)
    if origin is type:
        return _of_type(args[0] if args else Any, world)
    if origin is tuple:
        return _of_tuple(args, world, depth)
    if origin in _ASYNC:
        return _async_iterables(args[:1], world, depth)
    if origin in (collections.abc.Awaitable, collections.abc.Coroutine):
        return _awaitables(args[-1:], world, depth)
    if origin in _MAPS:
        return _of_map(origin, args, world, depth)
    if origin in _MAKES:
        return _of_items(origin, args[:1], world, depth)
    if origin in (contextlib.AbstractContextManager,):
        return [
            Value("nullcontext()", imports=("from contextlib import nullcontext",)),
            Value("nullcontext(1)", imports=("from contextlib import nullcontext",)),
        ]
    kind = STANDARD.get(_full_name(origin))
    if kind == "text file" and args and args[0] is bytes:
        kind = "byte file"
    if kind:
        return KINDS[kind]
    return _of_class(origin, world, depth) if isinstance(origin, type) else []


def _of_union(args: Tuple[Any, ...], world: World, depth: int, name: str) -> List[Value]:
    rows = [values_of(arg, world, depth - (1 if len(args) > 6 else 0), name) for arg in args if arg is not type(None)]
    found = interleaved(rows)
    return unique(found[:3] + (KINDS["None"] if type(None) in args else []) + found[3:], LIMIT + 8)


def interleaved(rows: Sequence[Sequence[Value]]) -> List[Value]:
    """Return the firsts of all rows, then the seconds, and so on."""
    return [row[place] for place in range(max(map(len, rows), default=0)) for row in rows if place < len(row)]


def callables(args: Tuple[Any, ...], world: World, depth: int) -> List[Value]:
    """Return lambdas that take what ``Callable[[...], result]`` says and give values of its result."""
    if not args:
        return KINDS["callable"]
    count = len(args[0]) if isinstance(args[0], list) else -1
    names = ", ".join("xyzuvw"[:count]) if 0 <= count <= 6 else "*args"
    head = f"lambda {names}: " if names else "lambda: "
    results = values_of(args[-1], world, depth - 1)
    asynchronous = typing.get_origin(world.resolved(args[-1])) in (collections.abc.Awaitable, collections.abc.Coroutine)
    if asynchronous:
        return _coroutine_functions(names, results)
    made = [composed([result], lambda codes: head + codes[0]) for result in results[:5]]
    own = _same_types(args, count)
    return unique(
        [Value(head + own)] * bool(own)
        + made
        + plain(*([f"{head}{names.split(',')[0]}"] if count > 0 else []), "lambda *args, **kwargs: 1"),
        LIMIT,
    )


def _same_types(args: Tuple[Any, ...], count: int) -> str:
    if count == 1:
        return {bool: "x > 1" if args[0][0] in (int, float) else "bool(x)", str: "str(x)"}.get(args[-1], "x")
    return "x + y" if count == 2 and args[-1] in (int, str, float) else ""


def _coroutine_functions(names: str, results: Sequence[Value]) -> List[Value]:
    rows = [result.code for result in results if not result.arrange][:2] or ["1"]
    return [Value("work", arrange=(f"async def work({names}):\n    return {code}",)) for code in rows]


def _awaitables(args: Tuple[Any, ...], world: World, depth: int) -> List[Value]:
    values = values_of(args[0], world, depth - 1) if args else []
    return [
        Value("work()", arrange=(f"async def work():\n    return {value.code}",))
        for value in (values or ANYTHING)[:3]
        if value.code and not value.arrange
    ]


def _async_iterables(args: Tuple[Any, ...], world: World, depth: int) -> List[Value]:
    rows = _of_items(list, args, world, depth) if args else KINDS["list"][:4]
    return [
        Value("items()", arrange=(f"async def items():\n    for item in {row.code}:\n        yield item",))
        for row in rows[:4]
        if not row.arrange
    ]


def _of_type(arg: Any, world: World) -> List[Value]:
    arg = world.resolved(arg)
    bound = getattr(arg, "__bound__", None) if isinstance(arg, typing.TypeVar) else arg
    bound = world.resolved(bound)
    if not isinstance(bound, type) or bound is object:
        return KINDS["type"] + recipes.types_at_hand(world)
    if bound in (Exception, BaseException):
        return KINDS["exception type"][:3]
    options = [kind for kind in world.visible_classes() if issubclass(kind, bound)] + [bound]
    found = [recipes.reference(kind, world) for kind in options]
    return unique(
        [value for value in found if value is not None]
        + (reflection.enum_types() if issubclass(bound, enum.Enum) else []),
        LIMIT,
    )


def _of_tuple(args: Tuple[Any, ...], world: World, depth: int) -> List[Value]:
    if not args:
        return KINDS["tuple"]
    if args == ((),):
        return plain("()")
    if len(args) == 2 and args[1] is Ellipsis:
        items = values_of(args[0], world, depth - 1) or ANYTHING
        return [
            composed(items[:2], lambda codes: "(%s)" % (", ".join(codes) + ("," if len(codes) == 1 else ""))),
            *plain("()"),
            composed(items[:1], lambda codes: f"({codes[0]},)"),
        ]
    rows = [values_of(arg, world, depth - 1) or ANYTHING for arg in args]
    return [
        composed(
            [row[place % len(row)] for row in rows],
            lambda codes: "(%s)" % (", ".join(codes) + ("," if len(codes) == 1 else "")),
        )
        for place in range(min(6, max(map(len, rows))))
    ]


def _of_items(origin: Any, args: Sequence[Any], world: World, depth: int) -> List[Value]:
    items = (values_of(args[0], world, depth - 1) if args else []) or [*KINDS["int"][:3], *KINDS["str"][:3]]
    frame, line = _MAKES.get(origin, ("[%s]", ""))
    hashed = "{" in frame
    empty = "set()" if frame == "{%s}" else frame.replace("{%s}", "").replace("%s", "")
    groups = [items[:3], items[:1], items[3:6], items[1:3], items[6:9]]
    if not hashed:
        groups.insert(3, [items[0], items[0]])
    made = [composed(group, lambda codes: frame % ", ".join(codes)) for group in groups if group]
    made.insert(1, Value(empty))
    if origin is collections.abc.Iterable:
        made.append(composed(items[:2], lambda codes: "iter([%s])" % ", ".join(codes)))
    return unique([value._replace(imports=(*value.imports, line)) if line else value for value in made], LIMIT)


def _of_map(origin: Any, args: Sequence[Any], world: World, depth: int) -> List[Value]:
    if origin is collections.Counter:
        args = (*args[:1], int)
    frame, line = _MAPS[origin]
    keys = (values_of(args[0], world, depth - 1) if args else []) or KINDS["str"]
    values = (values_of(args[1], world, depth - 1) if len(args) > 1 else []) or [
        *KINDS["int"][:2],
        *KINDS["str"][:2],
        *KINDS["list"][:1],
        *KINDS["None"],
        *KINDS["dict"][:1],
    ]
    keys = [key for key in keys if key.code != "''"] or keys

    def row(*places: int) -> Value:
        parts = [part for place in places for part in (keys[place % len(keys)], values[place % len(values)])]
        return composed(
            parts, lambda codes: frame % ", ".join(f"{codes[at]}: {codes[at + 1]}" for at in range(0, len(codes), 2))
        )

    found = [
        row(0, 1) if len(keys) > 1 else row(0),
        Value(frame.replace("{%s}", "{}") if "(" not in frame else frame.replace("{%s}", "").replace(", )", ")")),
        row(0),
        row(2),
        row(3),
        row(4),
        row(5),
    ]
    return unique([value._replace(imports=(*value.imports, line)) if line else value for value in found], LIMIT)


def _of_class(kind: type, world: World, depth: int) -> List[Value]:
    if _full_name(kind) in STANDARD:
        return KINDS[STANDARD[_full_name(kind)]]
    if kind in _ASYNC:
        return _async_iterables((), world, depth)
    if kind in _MAPS:
        return _of_map(kind, (), world, depth) if kind is not dict else KINDS["dict"]
    if kind in _MAKES:
        return KINDS["iterable"] if kind is collections.abc.Iterable else _of_items(kind, (), world, depth)
    if kind is collections.abc.Callable:
        return KINDS["callable"]
    if kind in (enum.Enum, enum.IntEnum):
        return [value._replace(code="Color.RED") for value in reflection.enum_types()]
    if issubclass(kind, enum.Enum):
        return [value for value in (recipes.member(kind, item, world) for item in list(kind)[:12]) if value is not None]
    if (issubclass(kind, dict) and hasattr(kind, "__total__")) or hasattr(kind, "__required_keys__"):
        return _typed_dict(kind, world, depth)
    if getattr(kind, "_is_protocol", False):
        return recipes.protocol(kind, world, depth)
    return recipes.instances(kind, world, depth)


def _typed_dict(kind: Any, world: World, depth: int) -> List[Value]:
    annotations: Dict[str, Any] = dict(getattr(kind, "__annotations__", {}))
    required = [name for name in annotations if name in getattr(kind, "__required_keys__", annotations)]
    rows = {name: values_of(hint, world, depth - 1) or ANYTHING for name, hint in annotations.items()}

    def made(names: Sequence[str], place: int) -> Value:
        return composed(
            [rows[name][place % len(rows[name])] for name in names],
            lambda codes: "{%s}" % ", ".join(f"{name!r}: {code}" for name, code in zip(names, codes)),
        )

    return unique(
        [made(list(annotations), 0), made(required, 0), made(list(annotations), 1), made(list(annotations), 2)]
    )
