"""Whether names mean what they meant: those outside of a definition, and in it those from outside."""

import ast
import builtins
import symtable
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from coding_agent.assist.holding import Held
from coding_agent.assist.meant import Failing
from coding_agent.proof.outside import tables
from coding_agent.proof.scopes import Scopes
from coding_agent.proof.source import FUNCTIONS, Source


@dataclass(frozen=True)
class Bindings:
    """The names of a definition, with all that is nested in it."""

    held: Held

    @cached_property
    def scopes(self) -> Scopes:
        return Scopes(Source(self.held.text, body=self.held.body))

    @cached_property
    def own(self) -> symtable.SymbolTable:
        """The table of the definition. Raises: Unprovable."""
        return self.scopes.table(self.held.node)

    def symbols(self) -> Iterator[symtable.Symbol]:
        return (symbol for table in tables(self.own) for symbol in table.get_symbols())

    @cached_property
    def declared(self) -> frozenset[str]:
        """Names that are declared ``global`` or ``nonlocal``."""
        # What a comprehension binds by ``:=`` is nonlocal to it, and nobody said so. A private name ends as written.
        ends = tuple(name for node in ast.walk(self.held.node) if isinstance(node, ast.Nonlocal) for name in node.names)
        return frozenset(
            s.get_name()
            for s in self.symbols()
            if s.is_declared_global() or (s.is_nonlocal() and s.get_name().endswith(ends))
        )

    @cached_property
    def rebound(self) -> frozenset[str]:
        """Those of them that it binds."""
        return frozenset(s.get_name() for s in self.symbols() if s.get_name() in self.declared and s.is_assigned())

    @cached_property
    def outer(self) -> frozenset[str]:
        """Names that it reads from outside."""
        found = {s.get_name() for s in self.symbols() if s.is_referenced() and _is_global(s)}
        return frozenset(found | {s.get_name() for s in self.own.get_symbols() if s.is_free()})

    @cached_property
    def local(self) -> frozenset[str]:
        """Names that are variables of it, or of something in it."""
        return frozenset(s.get_name() for s in self.symbols() if s.is_local() and not s.is_declared_global())

    @cached_property
    def unknown(self) -> frozenset[str]:
        """Globals that it reads and that nothing binds, unless a star import does."""
        top = {s.get_name() for s in self.scopes.top.get_symbols() if s.is_local()}
        known = {*dir(builtins), "__file__", "__path__", *top, *self.scopes.rebound}
        return frozenset(s.get_name() for s in self.symbols() if s.is_referenced() and _is_global(s)) - known

    @property
    def star(self) -> bool:
        """Whether a star import may bind any name."""
        return self.scopes.known is None

    @cached_property
    def attributes(self) -> frozenset[str]:
        """The attributes of its object that a method, or a class in its methods, sets."""
        return frozenset(_set_by(self.held.node, method=self.held.method))


def bindings_kept(old: Bindings, new: Bindings, imports: Mapping[str, str], names: Mapping[str, str | None]) -> str:
    """Return what is taken for granted, empty for nothing. ``imports`` are names that the new code imports, with what
    they mean, ``names`` what the module's names mean.

    Raises: Failing; Unprovable - the interpreter cannot tell what names are.
    """
    if more := new.declared - old.declared:
        raise Failing(f"`{min(more)}` must not be declared global or nonlocal")
    if lost := old.rebound - new.rebound:
        raise Failing(f"`{min(lost)}`, which is seen outside, would not be set any more")
    if lost := old.attributes - new.attributes:
        raise Failing(f"`{min(lost)}` would not be set any more")
    for name in sorted((new.local - old.local) & old.outer):
        if name not in imports or imports[name] != names.get(name):
            raise Failing(f"`{name}` comes from outside, and would be another one here")
    unknown = sorted(new.unknown - old.unknown)
    if unknown and not new.star:
        raise Failing(f"`{unknown[0]}` is defined nowhere")
    return f"`{unknown[0]}` is taken to come from a star import" if unknown else ""


def _is_global(symbol: symtable.Symbol) -> bool:
    # In a function called `top` every local name is said to be global: so the table of a module is called.
    return symbol.is_global() and (symbol.is_declared_global() or not symbol.is_local())


def _set_by(node: ast.AST, *, method: bool) -> Iterator[str]:
    """The attributes that are set on the first parameter of methods, as ``self.x``."""
    if isinstance(node, ast.ClassDef):
        for each in node.body:
            if isinstance(each, FUNCTIONS):
                yield from _set_by(each, method=True)
    elif isinstance(node, FUNCTIONS) and method and (arguments := [*node.args.posonlyargs, *node.args.args]):
        own = arguments[0].arg
        for each in ast.walk(node):
            match each:
                case ast.Attribute(value=ast.Name(id=name), attr=attr, ctx=ast.Store()) if name == own:
                    yield f"{own}.{attr}"
                case _:
                    pass
