# pyright: standard
# Signatures and defaults of any kind.

"""Which values a parameter gets: what it is annotated with, called, compared with, used as, defaulted to."""

import ast
import inspect
import re
from typing import Any, Dict, FrozenSet, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from . import guess, reflection, told, types
from .kinds import kind_of, kinds_in, widened
from .literals import literal
from .usage import Use, Uses
from .values import ANYTHING, KINDS, Value, by_name, plain, told_by_name, unique
from .world import Unresolved, World

LIMIT = 48
_EMPTY = inspect.Parameter.empty
_PLAIN_KINDS = frozenset({"str", "int", "float", "bool", "bytes", "list", "dict", "tuple", "set"})
_FITS = {"float": ("float", "int"), "text file": ("any",), "number": ("int", "float")}


class Row(NamedTuple):
    """One parameter: ``keyword`` is empty where it goes by its place, ``many`` is "*", "**" or empty."""

    name: str
    keyword: str
    needed: bool
    pool: List[Value]
    many: str = ""
    kinds: FrozenSet[str] = frozenset()  # what an annotation lets in; empty where everything is


def for_callable(value: Any, name: str, world: World, depth: int = 3) -> List[Row]:
    """Return the rows of a function, bound method or class; ``name`` is its qualified name in the module."""
    return world.noted(f"rows of {name} {depth}", lambda: _for_callable(value, name, world, depth))


def _for_callable(value: Any, name: str, world: World, depth: int) -> List[Row]:
    node = world.nodes.get(name)
    signature = signature_of(value, node)
    uses = world.uses(name)
    rows: List[Row] = []
    for parameter in signature:
        if parameter.kind is parameter.VAR_KEYWORD:
            rows += _keywords(parameter, uses, world, depth, name)
            continue
        pool = pool_of(parameter, uses, world, depth, name)
        if parameter.kind is parameter.VAR_POSITIONAL:
            rows.append(Row(parameter.name, "", False, pool, "*"))
            continue
        needed = parameter.default is _EMPTY
        by_place = parameter.kind is parameter.POSITIONAL_ONLY or (
            needed and parameter.kind is not parameter.KEYWORD_ONLY
        )
        by_place = by_place and not _only_by_name(parameter.name, node)
        kinds = allowed(parameter, world, depth) or _given(parameter, uses, world, name)
        rows.append(Row(parameter.name, "" if by_place else parameter.name, needed, pool, kinds=kinds))
    return rows


def _only_by_name(name: str, node: Any) -> bool:
    """Tell whether a signature promises a place that the definition does not have: it takes ``**options`` only."""
    if (
        not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        or node.args.kwarg is None
        or node.args.vararg is not None
    ):
        return False
    return all(arg.arg != name for arg in [*node.args.posonlyargs, *node.args.args])


def for_constructor(
    kind: type, signature: inspect.Signature, world: World, depth: int
) -> List[Tuple[str, bool, List[Value]]]:
    """Return keyword, need and pool for each parameter of a class."""
    from . import declared  # it asks for values of annotations, which ask for constructors

    known = declared.rows(kind, world, depth)
    if known is not None:
        return [(keyword, needed, _compared_too(name, pool, kind, world)) for name, keyword, needed, pool in known]
    uses = constructor_uses(kind, world)
    found: List[Tuple[str, bool, List[Value]]] = []
    hints = _hints(kind)
    for given in signature.parameters.values():
        bare = given.annotation is _EMPTY and given.name in hints
        parameter = given.replace(annotation=hints[given.name]) if bare else given
        if parameter.kind is parameter.VAR_KEYWORD:
            continue
        if parameter.kind is parameter.VAR_POSITIONAL:
            found.append(("", False, []))
            continue
        needed = parameter.default is _EMPTY
        keyword = (
            ""
            if parameter.kind is parameter.POSITIONAL_ONLY or (needed and parameter.kind is not parameter.KEYWORD_ONLY)
            else parameter.name
        )
        pool = pool_of(parameter, uses, world, depth, kind.__qualname__ + ".__init__")
        kept = given.name in hints or f"=self.{given.name}" in uses.get(given.name, Use()).names
        if kept and world.attribute(given.name).known():
            pool = _compared_too(given.name, pool, kind, world)
        found.append((keyword, needed, pool or ANYTHING))
    return found


def _compared_too(name: str, pool: List[Value], kind: type, world: World) -> List[Value]:
    """Return a declared field's values with what was seen for it and what the class compares it with."""
    seen = world.seeds.get(f"{kind.__qualname__}.__init__:{name}", [])
    own, far = world.uses(kind.__qualname__).get(f"self.{name}", Use()), world.attribute(name)
    fits = kinds_in(pool)
    compared = constants([*own.constants, *far.constants], [*own.names, *far.names], world)
    told_far = told.shown_for("", far, world) if "str" in fits else []
    compared = [*[one for one in compared if kind_of(one.code) in fits], *told_far[:3]]
    return unique([*seen, *compared[:1], *pool[:2], *compared[1:], *pool[2:]], LIMIT)


def _hints(kind: type) -> Dict[str, Any]:
    found: Dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        found.update(vars(base).get("__annotations__", {}))
    return found


def constructor_uses(kind: type, world: World) -> Uses:
    """Return the uses of a constructor's parameters, what the class does with the attributes they become included."""
    return world.noted(f"constructor {kind.__qualname__} {id(kind)}", lambda: _constructor_uses(kind, world))


def _constructor_uses(kind: type, world: World) -> Uses:
    # What is noted of a function belongs to it: merged uses are new objects.
    own = world.uses(f"{kind.__qualname__}.__init__")
    inner: Uses = {path: Use().merge(use) for path, use in own.items()}
    whole = world.uses(kind.__qualname__)
    for path, use in own.items():
        for name in dict.fromkeys(use.names):
            attribute = name[1:]
            if not name.startswith("=self."):
                continue
            for other, far in whole.items():
                if other == attribute or other.startswith((attribute + ".", attribute + "[", attribute + "(")):
                    inner.setdefault(path + other[len(attribute) :], Use()).merge(far)
    return inner


def signature_of(value: Any, node: Any) -> List[inspect.Parameter]:
    """Return the parameters of a callable; its definition's where a decorator hides them behind ``*args``."""
    try:
        found = list(inspect.signature(value).parameters.values())
    except (TypeError, ValueError):
        found = []
    hidden = all(parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) for parameter in found)
    if hidden and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        written = _written(node)
        if len(written) >= len(found) and (found or written) and not (found and len(written) == len(found)):
            return written
    return found


def _written(node: Any) -> List[inspect.Parameter]:
    kinds, args, found = inspect.Parameter, node.args, []
    places = [*args.posonlyargs, *args.args]
    defaults: List[Any] = [None] * (len(places) - len(args.defaults)) + list(args.defaults)
    for arg, default in zip(places, defaults):
        if arg.arg in ("self", "cls") and not found:
            continue
        kind = kinds.POSITIONAL_ONLY if arg in args.posonlyargs else kinds.POSITIONAL_OR_KEYWORD
        found.append(_parameter(arg, kind, default))
    if args.vararg:
        found.append(_parameter(args.vararg, kinds.VAR_POSITIONAL, None))
    found += [_parameter(arg, kinds.KEYWORD_ONLY, default) for arg, default in zip(args.kwonlyargs, args.kw_defaults)]
    if args.kwarg:
        found.append(_parameter(args.kwarg, kinds.VAR_KEYWORD, None))
    return found


def _parameter(arg: ast.arg, kind: Any, default: Optional[ast.expr]) -> inspect.Parameter:
    value: Any = _EMPTY
    if default is not None:
        try:
            value = ast.literal_eval(default)
        except ValueError:
            value = None
    return inspect.Parameter(
        arg.arg, kind, default=value, annotation=_EMPTY if arg.annotation is None else ast.unparse(arg.annotation)
    )


def pool_of(parameter: inspect.Parameter, uses: Uses, world: World, depth: int, name: str = "") -> List[Value]:
    """Return values for one parameter, the most fitting first, never empty."""
    hint = parameter.annotation
    if hint is _EMPTY and parameter.name in world.annotations:
        hint = world.annotations[parameter.name]
    if isinstance(hint, str) and parameter.kind is parameter.VAR_POSITIONAL and hint.startswith("*"):
        hint = hint[1:]
    annotated = [] if hint is _EMPTY else types.values_of(hint, world, depth, parameter.name)
    if annotated == KINDS["any"]:
        annotated = []
    seeds = world.seeds.get(f"{name}:{parameter.name}", [])
    use = uses.get(parameter.name)
    compared = constants(use.constants if use else (), use.names if use else (), world)
    named, usual = by_name(parameter.name), told_by_name(parameter.name)
    if annotated:
        fits = kinds_in(annotated)
        shown = told.shown_for(name, use, world) if "str" in fits else []
        usual = [value for value in usual if kind_of(value.code) in fits]
        extra = [value for value in [*compared, *named] if kind_of(value.code) in fits]
        broad = guess.guess(uses, parameter.name, parameter.name, world, depth) if _loose(hint, world) else []
        rest = [
            *extra[:3],
            *annotated[2:],
            *extra[3:],
            *(value for value in broad if kind_of(value.code) in fits or not fits),
        ]
        # What the code checks itself may be given wrong: such a run counts only where it is refused on purpose.
        wrong = (
            [value for value in plain("3", "'abc'", "None", "[1, 2]") if kind_of(value.code) not in fits][:2]
            if use is not None and "checked" in use.flags
            else []
        )
        found = [*seeds, *shown[:4], *usual[:2], *annotated[:2], *shown[4:], *rest[:6], *wrong, *rest[6:]]
    else:
        used = guess.guess(uses, parameter.name, parameter.name, world, depth)
        given = default_pool(parameter.default)
        same_kind = {kind_of(value.code) for value in given}
        usual = [value for value in usual if not given or kind_of(value.code) in same_kind]
        shown = told.shown_for(name, use, world) if "str" in kinds_in([*(given or named)[:3], *used[:3]]) else []
        if used and named:
            same = [value for value in named if kind_of(value.code) in kinds_in(used)]
            named = same or named[:3]
            head = [*seeds, *shown[:4], *usual[:2], *given[:2], *compared]
            found = [*head, *used[:3], *named[:8], *shown[4:], *used[3:], *given[2:]]
        else:
            found = [
                *seeds,
                *shown,
                *usual[:2],
                *compared[:3],
                *given,
                *compared[3:],
                *types.interleaved([used, named]),
            ]
        if parameter.default in ((), [], {}) and used:
            # What an empty default holds is only told by its use.
            found = [*seeds, *used[:3], *found]
        if not found or (not (used or given or compared) and len(found) < 8):
            found = [*found, *ANYTHING]
        seen = widened(kinds_in(seeds))
        if seen - {""}:
            # Who calls it knows best what it takes.
            found = [value for value in found if kind_of(value.code) in seen]
        # A few of other kinds: code that takes several, or refuses some, says so only when it meets them.
        found = [*found, *plain("None", "3", "'abc'")]
        if any("tmp_path" in value.fixtures for value in [*used, *named]):
            # A number is a path, too: that of a file or pipe that is open, be it ours.
            found = [value for value in found if kind_of(value.code) not in ("int", "bool")]
    return unique([*found[:2], *_reflected(parameter.name, found, world), *found[2:]], LIMIT)


_TYPE_NAME = re.compile(r"(^|_)(type|types|cls|klass|class|annotation|hint|tp|typ)_?s?($|_)")


def _reflected(name: str, found: Sequence[Value], world: World) -> List[Value]:
    """Return local classes, their objects and data where the module reflects over such, as the parameter fits."""
    shaped = reflection.on_dataclasses(world)
    if _TYPE_NAME.search(name):
        return [
            *(reflection.types_of_dataclasses(world) if shaped else []),
            *(
                [*reflection.unions(), *reflection.FORMS, *reflection.RICH, *reflection.enum_types()]
                if reflection.on_annotations(world)
                else []
            ),
        ]
    if not shaped:
        return []
    if any(value.code.startswith("{") for value in found[:12]):
        return [*reflection.data(), *reflection.instances(world)[:3]]
    return reflection.instances(world) if any(value.code == "object()" for value in found) else []


def allowed(parameter: inspect.Parameter, world: World, depth: int = 3) -> FrozenSet[str]:
    """Return the kinds an annotation lets in; empty where there is none or it leaves that open."""
    hint = parameter.annotation
    if hint is _EMPTY or (_loose(hint, world) and world.resolved(hint) is not str):
        return frozenset()
    values = types.values_of(hint, world, depth, parameter.name)
    kinds = {kind_of(value.code) for value in values}
    if "" in kinds or not kinds & _PLAIN_KINDS:
        return frozenset()
    default = {kind_of(repr(parameter.default))} if parameter.default is not _EMPTY else set()
    return frozenset(kinds | default | ({"int"} if "float" in kinds else set()))


def _given(parameter: inspect.Parameter, uses: Uses, world: World, name: str) -> FrozenSet[str]:
    """Return the kinds that callers give a bare parameter; empty where none does or the code tells kinds apart."""
    seeds = world.seeds.get(f"{name}:{parameter.name}", [])
    use = uses.get(parameter.name)
    if parameter.annotation is not _EMPTY or not seeds or (use is not None and use.classes):
        return frozenset()
    kinds = kinds_in(seeds)
    if not kinds <= _PLAIN_KINDS:
        return frozenset()
    default = {kind_of(repr(parameter.default))} if parameter.default is not _EMPTY else set()
    return frozenset(widened(kinds) | {"NoneType"} | default)


def _loose(hint: Any, world: World) -> bool:
    """Tell whether an annotation leaves open what matters: a bare container, object, a type variable, a callable."""
    text = str(hint)
    resolved = world.resolved(hint)
    return (
        isinstance(resolved, Unresolved)
        or resolved in (dict, list, tuple, set, object, str)
        or "Any" in text
        or "object" in text
        or "~" in text
        or "Mapping" in text
    )


def default_pool(default: Any) -> List[Value]:
    """Return other values of a default's kind; the default itself is got by leaving it out."""
    if isinstance(default, str) and default.startswith("__"):
        return []  # It only marks that nothing was given.
    if isinstance(default, bool):
        return plain(str(not default), origin="default")
    if isinstance(default, (int, float, str, bytes, list, dict, tuple, set)):
        kind = "float" if isinstance(default, float) else type(default).__name__
        text = literal(default)
        return [value for value in KINDS.get(kind, []) if value.code != text]
    return []


def constants(found: Iterable[Any], names: Iterable[str], world: World) -> List[Value]:
    """Return what a subject is compared with, as values: constants, and plain module data its expressions name."""
    codes: Dict[str, None] = {}
    for value in found:
        text = literal(value)
        if text is not None:
            codes.setdefault(text)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            codes.setdefault(repr(value + 1))
    members: List[Value] = []
    for name in names:
        value = _looked_up(name.replace("in ", "", 1) if name.startswith("in ") else name, world)
        if isinstance(value, (list, tuple, set, frozenset, dict)):
            for item in sorted(value, key=repr)[:6] if isinstance(value, (set, frozenset)) else list(value)[:6]:
                if literal(item) is not None:
                    codes.setdefault(str(literal(item)))
        elif literal(value) is not None and value is not None:
            codes.setdefault(str(literal(value)))
        elif world.spelled(value):
            members.append(Value(world.spelled(value), origin="usage"))
    return [*members, *(Value(code, origin="usage") for code in codes)]


def _looked_up(text: str, world: World) -> Any:
    value: Any = world.module
    for part in text.split("."):
        try:
            value = getattr(value, part)
        except Exception:  # AttributeError, or what a proxy says without its context
            return None
    return value


def _keywords(parameter: inspect.Parameter, uses: Uses, world: World, depth: int, name: str) -> List[Row]:
    """Return rows for ``**options``: each key that the body reads of it is a parameter."""
    use = uses.get(parameter.name)
    keys = list(dict.fromkeys(key for key in use.keys if isinstance(key, str) and key.isidentifier())) if use else []
    rows: List[Row] = []
    for key in keys:
        hint = world.annotations.get(key, _EMPTY)
        made = inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, annotation=hint)
        inner = {
            path.replace(f"{parameter.name}['{key}']", key, 1): value
            for path, value in uses.items()
            if path.startswith(f"{parameter.name}['{key}']")
        }
        rows.append(Row(key, key, bool(keys), pool_of(made, inner, world, depth, name)))
    if not rows:
        annotated = [] if parameter.annotation is _EMPTY else types.values_of(parameter.annotation, world, depth)
        rows.append(Row(parameter.name, "", False, annotated or ANYTHING, "**"))
    return rows
