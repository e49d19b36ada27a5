# pyright: standard
# Classes of the user's project.
# ruff: noqa: PLR0911, PLR0912 - one question after the other is what these functions are
"""What a subject must be, judged by what is done with it."""

import datetime
import io
import re
from pathlib import Path
from typing import Dict, List, Tuple

from . import pools, recipes, reflection, types
from .takers import SECOND, TAKES
from .usage import Use, Uses
from .values import KINDS, Value, by_name, composed, plain, unique
from .world import Unresolved, World

LIMIT = 20
_KNOWN: Tuple[Tuple[str, type], ...] = (
    ("str", str),
    ("list", list),
    ("dict", dict),
    ("set", set),
    ("bytes", bytes),
    ("datetime", datetime.datetime),
    ("date", datetime.date),
    ("timedelta", datetime.timedelta),
    ("time", datetime.time),
    ("path", Path),
    ("text file", io.StringIO),
    ("pattern", re.Pattern),
    ("int", int),
    ("tuple", tuple),
    ("byte file", io.BytesIO),
    ("exception", BaseException),
    ("iterator", type(iter([]))),
)
_TEXT_METHODS = frozenset(dir(str)) - frozenset(dir(list)) - frozenset(dir(bytes))

_MEMBERS = [(kind, frozenset(dir(base))) for kind, base in _KNOWN]


def guess(uses: Uses, path: str, name: str, world: World, depth: int = 3) -> List[Value]:
    """Return values for a subject, best guess first; empty where nothing is known."""
    use = uses.get(path)
    if use is None or not use.known():
        return []
    found: List[Value] = []
    for text in dict.fromkeys(use.classes):
        found += _of_class_text(text, world, depth)
    checked = found
    found = []
    kinds = kinds_of(use)
    if "called" in use.flags:
        found += _called(use, uses, path, world, depth)
    for kind in kinds:
        found += _of_kind(kind, uses, path, name, world, depth)
    if not kinds and "called" not in use.flags and not checked:
        found += recipes.duck(uses, path, world, depth)
    from_constants = _from_constants(use, world)
    return unique([*from_constants[:2], *types.interleaved([checked, found]), *from_constants[2:]], LIMIT)


def _from_constants(use: Use, world: World) -> List[Value]:
    from .pools import constants

    return constants(
        [value for value in use.constants if value is not None and not isinstance(value, bool)],
        [name for name in use.names if not name.startswith("=")],
        world,
    )


def _of_class_text(text: str, world: World, depth: int) -> List[Value]:
    resolved = world.resolved(text)
    if isinstance(resolved, Unresolved):
        return []
    options = resolved if isinstance(resolved, tuple) else (resolved,)
    return types.interleaved(
        [(types.values_of(option, world, depth - 1) or KINDS["any"])[:6] for option in options if option is not None]
    )


def kinds_of(use: Use) -> List[str]:
    """Return the kinds of pools that fit a use, best first."""
    found: Dict[str, None] = {"dict": None} if use.unpacked else {}
    wanted = {name for name in use.attributes if not name.startswith("__")}
    if wanted and not found:
        fitting = [kind for kind, members in _MEMBERS if wanted <= members]
        for kind in fitting[:2]:
            found.setdefault(kind)
        if not fitting:
            return []
    for callee, place in use.passed:
        kind = TAKES.get(callee) or TAKES.get(callee.rpartition(".")[2] if callee.count(".") else "")
        if kind is not None and (
            (
                place == 0
                and not (callee in SECOND and callee.startswith(("re.", "map", "filter", "reduce", "functools")))
            )
            or (place == 1 and callee in SECOND)
        ):
            found.setdefault("iterable" if callee in ("map", "filter", "reduce", "functools.reduce") else kind)
        elif kind is not None and place == 0:
            found.setdefault("str" if callee.startswith("re.") else "callable")
        elif place != 0 and callee in ("zip", "chain", "itertools.chain"):
            found.setdefault("iterable")
        elif place in (1, 2, 3) and callee in ("islice", "itertools.islice", "range", "round"):
            found.setdefault("int")
    if found:
        return list(found)
    if {"contains", "indexed"} <= use.flags and not use.flags & {"sliced", "number"}:
        found.setdefault("mapping")
    keys = [key for key in use.keys if not isinstance(key, int)]
    if keys or ("item set" in use.flags and not use.keys):
        found.setdefault("dict")
    if any(isinstance(key, int) for key in use.keys) or "sliced" in use.flags:
        found.setdefault("list")
        found.setdefault("str")
    if "iterated async" in use.flags:
        found.setdefault("async iterable")
    if (
        "iterated" in use.flags
        or "unpacked" in use.flags
        or "contains" in use.flags
        or "indexed" in use.flags
        or "pairs" in use.flags
    ):
        found.setdefault("iterable")
    if "awaited" in use.flags:
        found.setdefault("awaitable")
    if "entered" in use.flags:
        found.setdefault("context")
    if "text" in use.flags:
        found.setdefault("str")
    if "number" in use.flags or ("ordered" in use.flags and not use.constants):
        found.setdefault("int")
        found.setdefault("float")
    if not found and "a class" in use.flags:
        found.setdefault("type")
    if not found and "operand" in use.flags:
        found.setdefault("int")
    if (
        not found
        and "tested" in use.flags
        and use.flags <= {"tested", "attribute set"}
        and not use.classes
        and not use.constants
        and not wanted
    ):
        found.setdefault("bool")
    constants = {type(value) for value in use.constants if value is not None}
    for base, kind in ((bool, "bool"), (str, "str"), (int, "int"), (float, "float")):
        if base in constants:
            found.setdefault(kind)
    return list(found)


def _of_kind(kind: str, uses: Uses, path: str, name: str, world: World, depth: int) -> List[Value]:
    if kind == "dict":
        return [*_unpacked(uses[path], world, depth), *with_keys(uses, path, world, depth), *KINDS["dict"]]
    if kind in ("iterable", "list", "iterator"):
        return _with_items(kind, uses, path, world, depth)
    if kind == "mapping":
        inner = guess(uses, path + "[]", "", world, depth - 1) if depth > 0 else []
        rows = [row for row in (inner[:2], inner[1:3], inner[2:4]) if row]
        made = [
            composed(
                row,
                lambda codes: "{%s}" % ", ".join(f"{key!r}: {code}" for key, code in zip(("a", "name"), codes)),
                "usage",
            )
            for row in rows
        ]
        return [*made, *KINDS["dict"]]
    if kind == "dataclass":
        return [*reflection.types_of_dataclasses(world), *reflection.instances(world)[:3], *KINDS["type"][:1]]
    if kind == "dataclass instance":
        return reflection.instances(world)
    if kind == "async iterable":
        return types.values_of("AsyncIterable", world)
    if kind == "awaitable":
        return [Value("work()", arrange=("async def work():\n    return 42",))]
    if kind == "context":
        return [*KINDS["lock"], Value("nullcontext()", imports=("from contextlib import nullcontext",))]
    if kind == "str":
        named = [value for value in by_name(name) if value.code[:1] in "'\"r"]
        return [*named, *KINDS["str"]]
    if kind == "type":
        return [*KINDS["type"][:3], *recipes.types_at_hand(world), *KINDS["type"][3:]]
    return KINDS[kind]


def _with_items(kind: str, uses: Uses, path: str, world: World, depth: int) -> List[Value]:
    """Return collections whose items are what the code does with items."""
    use = uses[path]
    if "pairs" in use.flags:
        return plain("[('a', 1), ('b', 2)]", "[]", "[(1, 2)]", "[(1, 'x'), (2, 'y'), (1, 'z')]", "{'a': 1}.items()")
    inner = guess(uses, path + "[]", "", world, depth - 1) if depth > 0 and path + "[]" in uses else []
    if not inner:
        return KINDS[kind]
    rows = [inner[:3], inner[:1], inner[2:5], [inner[0], inner[0]]]
    made = [composed(row, lambda codes: "[%s]" % ", ".join(codes), "usage") for row in rows if row]
    if kind == "iterator":
        made = [value._replace(code=f"iter({value.code})") for value in made]
    return [made[0], *plain("[]" if kind != "iterator" else "iter([])"), *made[1:], *KINDS[kind][:4]]


def _unpacked(use: Use, world: World, depth: int) -> List[Value]:
    """Return dictionaries with the parameters of what the code calls with them as keywords."""
    found: List[Value] = []
    for name in dict.fromkeys(use.unpacked) if depth > 0 else ():
        member = world.member(name)
        rows = pools.for_callable(member, f"{name}.__init__" if isinstance(member, type) else name, world, depth - 1)
        rows = [row for row in rows if not row.many and row.pool and row.name not in ("self", "cls")]
        for picked in ([row for row in rows if row.needed], rows):
            for place in range(2):
                keys = [row.name for row in picked]
                values = [row.pool[place % len(row.pool)] for row in picked]
                found.append(
                    composed(
                        values,
                        lambda codes, keys=keys: (
                            "{%s}" % ", ".join(f"{key!r}: {code}" for key, code in zip(keys, codes))
                        ),
                        "usage",
                    )
                )
    return found


def with_keys(uses: Uses, path: str, world: World, depth: int) -> List[Value]:
    """Return dictionaries with the keys that are read, each key's value by its own use."""
    keys = list(dict.fromkeys(key for key in uses[path].keys if isinstance(key, str)))[:8]
    if not keys or depth <= 0:
        return []
    pools: List[List[Value]] = []
    for key in keys:
        inner = f"{path}[{key!r}]"
        pools.append(guess(uses, inner, key, world, depth - 1) or by_name(key)[:3] or plain("1", "'abc'"))

    def made(rows: List[Tuple[str, Value]]) -> Value:
        return composed(
            [value for _, value in rows],
            lambda codes: "{%s}" % ", ".join(f"{key!r}: {code}" for (key, _), code in zip(rows, codes)),
            "usage",
        )

    full = [made([(key, pool[place % len(pool)]) for key, pool in zip(keys, pools)]) for place in range(3)]
    partial = [made([(key, pools[place][0])]) for place, key in enumerate(keys)] if len(keys) > 1 else []
    return [*full, *partial[:5]]


def _called(use: Use, uses: Uses, path: str, world: World, depth: int) -> List[Value]:
    """Return lambdas of the number of arguments that the code gives."""
    counts = list(dict.fromkeys(use.arities)) or [1]
    results = guess(uses, path + "()", "", world, depth - 1) if depth > 0 and path + "()" in uses else []
    found: List[Value] = []
    for count in counts[:2]:
        names = list("xyzuvw"[: max(0, count)])
        head = f"lambda {', '.join(names)}: " if names else "lambda *args, **kwargs: " if count < 0 else "lambda: "
        bodies = [result.code for result in results[:3] if not result.arrange]
        if len(names) == 1:
            bodies += ["x", "x * 2", "x > 1", "str(x)", "None", "x % 2 == 0", "[x]"]
        elif len(names) == 2:
            bodies += ["x + y", "x", "x < y", "[x, y]"]
        elif count < 0:
            bodies += ["args[0] if args else 1", "1", "None"]
        else:
            bodies += ["42", "None", "'abc'", "[]"]
        found += plain(*[head + body for body in bodies])
    if "awaited" in uses.get(path + "()", Use()).flags:
        names = ", ".join("xyzuvw"[: max(0, counts[0])]) or "*args, **kwargs"
        found = [
            Value(
                "work", arrange=(f"async def work({names}):\n    return {names.split(',')[0].replace('*', '') or 1}",)
            ),
            *found,
        ]
    return [*found, *plain("lambda *args, **kwargs: 1")]
