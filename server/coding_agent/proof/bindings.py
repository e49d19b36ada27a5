"""The level "bindings": every name means what it meant."""

import ast
import symtable
from collections import Counter
from collections.abc import Hashable

from coding_agent.proof.changes import Unit
from coding_agent.proof.claim import Claim, Unprovable
from coding_agent.proof.outside import tables
from coding_agent.proof.scopes import Scopes, own_nodes
from coding_agent.proof.source import FUNCTIONS

_REFLECTIVE = frozenset({"locals", "eval", "exec"})
_REFLECTIVE_BARE = frozenset({"vars", "dir"})
"""These show the names of the scope only when they are called without an argument."""
_FRAMES = frozenset(
    {"_getframe", "currentframe", "stack", "extract_stack", "format_stack", "print_stack", "walk_stack"}
)


def check_bindings(before: Scopes, after: Scopes, unit: Unit, claim: Claim) -> None:
    """Raises: Unprovable - a name means something else, or code could see that there is another name."""
    _fresh(before, claim)
    _unseen(unit, claim)
    old, new = unit.holder
    changed, became = before.table(old), after.table(new)
    extra = after.table(unit.new) if unit.new is not None else None
    _same_tables(before.top, after.top, _Change(changed, became, extra, claim))
    if isinstance(old, FUNCTIONS) and unit.new is None and _yields(unit.before) != _yields(unit.after):
        raise Unprovable("the function would become a generator, or cease to be one")


def _fresh(before: Scopes, claim: Claim) -> None:
    """New variables have no name of any scope, a new function no word of the text: attributes are found by name."""
    known = before.identifiers if claim.adds else frozenset[str]()
    if claim.adds & known:
        raise Unprovable(f"the name `{min(claim.adds & known)}` is already used in this file")
    if claim.function and before.source.mentions(claim.function):
        raise Unprovable(f"the name `{claim.function}` is already used in this file")


def _unseen(unit: Unit, claim: Claim) -> None:
    """Nothing in the code looks at its own names or frame, where these change."""
    if not (claim.adds or claim.drops or claim.function):
        return
    for statement in unit.before:
        name = sees_names(statement)
        if name:
            raise Unprovable(f"`{name}` can see the names of this scope")
    if unit.new is None:
        return
    name = sees_frame(unit.new)
    if name:
        raise Unprovable(f"`{name}` depends on the function it stands in")


def sees_names(node: ast.AST) -> str | None:
    """What in the code can see which names there are: ``locals`` and its like."""
    return next(filter(None, map(names_seen, ast.walk(node))), None)


def names_seen(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name) if name in _REFLECTIVE:
            return name
        case ast.Call(func=ast.Name(id=name), args=[], keywords=[]) if name in _REFLECTIVE_BARE:
            return name
        case _:
            return None


def sees_frame(node: ast.AST) -> str | None:
    """What in the code depends on the function it stands in: ``super``, a look at the call stack."""
    return next(filter(None, map(frame_seen, ast.walk(node))), None)


def frame_seen(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id="super" | "__class__" as name):
            return name
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in _FRAMES:
            return name
        case ast.keyword(arg="stacklevel" as name):
            return name
        case _:
            return None


Symbol = tuple[bool, bool, bool, bool, bool]
Shape = tuple[str, str, frozenset[tuple[str, Symbol]], Hashable]


class _Change:
    """The pair of tables that may differ, and the table that is new."""

    def __init__(
        self, old: symtable.SymbolTable, new: symtable.SymbolTable, extra: symtable.SymbolTable | None, claim: Claim
    ) -> None:
        self.old, self.new, self.extra, self.claim = old.get_id(), new.get_id(), extra, claim


def _same_tables(old: symtable.SymbolTable, new: symtable.SymbolTable, change: _Change) -> None:
    """Compare two tables and all below them; children by what they are, as their order may change."""
    is_unit = old.get_id() == change.old
    left, right = _symbols(old), _symbols(new)
    below = list(new.get_children())
    claim = change.claim
    if change.extra is not None:
        extra = change.extra.get_id()
        if any(t.get_id() == extra for t in below):
            below = [t for t in below if t.get_id() != extra]
            right.pop(str(claim.function), None)
    if is_unit:
        right = _without(right, claim.adds, "gained")
        left = _without(left, claim.drops, "lost")
        if claim.drops & right.keys():
            raise Unprovable("a dropped name is still used")
        if change.extra is not None:
            below = [*below, *change.extra.get_children()]
            left, right = _split_function(left, right, change)
    elif claim.function in right:
        right.pop(claim.function)
    if left != right:
        odd = sorted({name for name, _ in left.items() ^ right.items()})
        raise Unprovable(f"`{odd[0]}` would mean something else")
    _same_children(list(old.get_children()), below, change)


def _without(symbols: dict[str, Symbol], names: frozenset[str], what: str) -> dict[str, Symbol]:
    if not names <= symbols.keys():
        raise Unprovable(f"a name that should be {what} is not there")
    return {name: symbol for name, symbol in symbols.items() if name not in names}


def _split_function(
    left: dict[str, Symbol], right: dict[str, Symbol], change: _Change
) -> tuple[dict[str, Symbol], dict[str, Symbol]]:
    """Compare a function's names with those of what is left of it and the new one; values are compared elsewhere."""
    assert change.extra is not None
    right = {name: symbol for name, symbol in right.items() if name != change.claim.function}
    inner = _symbols(change.extra)
    for name, (local, free) in _kinds(change.extra).items():
        if free:
            raise Unprovable(f"the new function captures `{name}`")
        if local and name not in left:
            raise Unprovable(f"the new function binds `{name}`, which was no name here")
        if not local and _local(left.get(name)):
            raise Unprovable(f"`{name}` would be a global in the new function")
    merged = {**inner, **right}
    if merged.keys() != left.keys():
        odd = sorted(merged.keys() ^ left.keys())
        raise Unprovable(f"`{odd[0]}` is lost or new")
    return {}, {}


def _kinds(table: symtable.SymbolTable) -> dict[str, tuple[bool, bool]]:
    return {s.get_name(): (s.is_local(), s.is_free()) for s in table.get_symbols()}


def _local(symbol: Symbol | None) -> bool:
    return symbol is not None and symbol[0]


def _symbols(table: symtable.SymbolTable) -> dict[str, Symbol]:
    """What every name of a scope is: local, free, parameter, declared, nonlocal."""
    return {
        s.get_name(): (s.is_local(), s.is_free(), s.is_parameter(), s.is_declared_global(), s.is_nonlocal())
        for s in table.get_symbols()
    }


def _same_children(old: list[symtable.SymbolTable], new: list[symtable.SymbolTable], change: _Change) -> None:
    """Pair the one child that holds the change with its twin, and count the others."""
    holding = [t for t in old if any(inner.get_id() == change.old for inner in tables(t))]
    twins = [t for t in new if any(inner.get_id() == change.new for inner in tables(t))]
    if len(holding) != len(twins):
        raise Unprovable("the scopes are nested in another way")
    for one, other in zip(holding, twins, strict=True):
        _same_tables(one, other, change)
    rest = Counter(_shape(t) for t in _but(old, holding))
    others = Counter(_shape(t) for t in _but(new, twins))
    if rest != others:
        odd = next(iter((rest - others) + (others - rest)))
        raise Unprovable(f"the names of a nested scope would mean something else: {odd[1]}")


def _but(children: list[symtable.SymbolTable], held: list[symtable.SymbolTable]) -> list[symtable.SymbolTable]:
    """Those not held. Identities are addresses: only those of one text can be told apart by them."""
    identities = {table.get_id() for table in held}
    return [table for table in children if table.get_id() not in identities]


def _shape(table: symtable.SymbolTable) -> Shape:
    symbols = frozenset(_symbols(table).items())
    below = Counter[Shape](map(_shape, table.get_children()))
    shown: frozenset[tuple[Shape, int]] = frozenset(below.items())
    return str(table.get_type()), table.get_name(), symbols, shown


def _yields(body: list[ast.stmt]) -> bool:
    """Whether the body makes its function a generator."""
    return any(isinstance(n, ast.Yield | ast.YieldFrom) for statement in body for n in own_nodes(statement))
