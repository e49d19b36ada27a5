"""What names mean, by the interpreter's own symbol tables."""

import ast
import builtins
import symtable
from collections.abc import Iterator
from enum import Enum, auto
from functools import cached_property

from coding_agent.proof.claim import Unprovable
from coding_agent.proof.outside import STAR, bound_at_top, declares, identifiers, tables
from coding_agent.proof.source import Function, Source
from coding_agent.syntax.nodes import children

_MODULE = ("__file__", "__path__", "__class__")


class Meaning(Enum):
    """Where a name lives, and whether other code can rebind it while the code at hand runs."""

    LOCAL = auto()
    OUTER = auto()
    """Of a surrounding function, or a global or builtin that no function rebinds."""
    SHARED = auto()
    """Rebound by other functions (``global``, ``nonlocal``), or bound nowhere in sight: a read is an event."""


def mangled(name: str, owner: str | None) -> str:
    """The name as the interpreter sees it inside the class ``owner``."""
    bare = (owner or "").lstrip("_")
    if not bare or not name.startswith("__") or name.endswith("__"):
        return name
    return f"_{bare}{name}"


class Scopes:
    """The symbol tables of a text. Raises: Unprovable - the interpreter cannot make them."""

    def __init__(self, source: Source) -> None:
        self.source = source

    @cached_property
    def top(self) -> symtable.SymbolTable:
        try:
            return symtable.symtable(self.source.text, "<text>", "exec")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise Unprovable(f"no symbol table: {error}") from error

    @cached_property
    def _functions(self) -> dict[tuple[str, int], symtable.SymbolTable]:
        return {(t.get_name(), t.get_lineno()): t for t in tables(self.top) if t.get_type() in {"function", "class"}}

    @cached_property
    def rebound(self) -> frozenset[str]:
        """Names some function declares ``global`` or ``nonlocal``."""
        found: set[str] = set(self.source.outside.rebound)
        if not declares(self.source.text):
            return frozenset(found)
        for statement in self.source.body:
            for node in ast.walk(statement):
                if isinstance(node, ast.Global | ast.Nonlocal):
                    found.update(node.names)
        return frozenset(found)

    @cached_property
    def builtin(self) -> frozenset[str]:
        """Builtins that no global of this module hides."""
        if self._star:
            return frozenset()
        bound = bound_at_top(self.top) | self.source.outside.bound
        return frozenset(dir(builtins)) - bound - self.rebound

    @cached_property
    def known(self) -> frozenset[str] | None:
        """Names that a global or builtin surely has; None where a star import may bring any."""
        if self._star:
            return None
        return frozenset(dir(builtins)).union(_MODULE, bound_at_top(self.top), self.source.outside.bound)

    @property
    def _star(self) -> bool:
        return self.source.outside.star or STAR.search(self.source.text) is not None

    @cached_property
    def identifiers(self) -> frozenset[str]:
        """Every name of any scope of the document."""
        return identifiers(self.top) | self.source.outside.identifiers

    def table(self, node: Function | ast.ClassDef | None) -> symtable.SymbolTable:
        """The table of a function or class; of the module for None."""
        if node is None:
            return self.top
        found = self._functions.get((node.name, node.lineno))
        if found is None:
            raise Unprovable(f"no symbol table for {node.name}")
        return found

    def scope(self, node: Function | ast.ClassDef | None) -> "Scope":
        owner: str | None = None
        if node is not None:
            around = [node, *self.source.ancestors(node)]
            owner = next((a.name for a in around if isinstance(a, ast.ClassDef)), None)
        return Scope(self.table(node), owner, self.rebound, self.builtin, self.known)


class Scope:
    """The names of one function, class body or module, as seen from its code."""

    def __init__(
        self,
        table: symtable.SymbolTable,
        owner: str | None,
        rebound: frozenset[str],
        builtin: frozenset[str],
        globals_known: frozenset[str] | None,
    ) -> None:
        self.table = table
        self._globals = globals_known
        self._builtin = builtin
        self.owner = owner
        self._rebound = rebound

    @cached_property
    def _rebound_below(self) -> frozenset[str]:
        """Names a nested function declares ``nonlocal``."""
        return frozenset(
            s.get_name()
            for t in tables(self.table)
            if t is not self.table and t.get_type() == "function"
            for s in t.get_symbols()
            if s.is_nonlocal() and s.is_assigned()
        )

    @cached_property
    def captured(self) -> frozenset[str]:
        """Own names that nested scopes read."""
        return frozenset(
            s.get_name() for t in tables(self.table) if t is not self.table for s in t.get_symbols() if s.is_free()
        )

    def is_builtin(self, name: str) -> bool:
        """Whether the name surely means the builtin."""
        return name in self._builtin and self.meaning(name) is Meaning.OUTER and not self.is_free(name)

    def is_free(self, name: str) -> bool:
        """Whether the name is a variable of a surrounding function."""
        return self.known(name) and self.table.lookup(self.mangled(name)).is_free()

    def known(self, name: str) -> bool:
        """Whether this scope's own code mentions the name."""
        return self.mangled(name) in self._names

    def is_variable(self, name: str) -> bool:
        """Whether the name is a variable of this function or of one around it, not a global."""
        if not self.known(name):
            return False
        symbol = self.table.lookup(self.mangled(name))
        return symbol.is_free() or (symbol.is_local() and not symbol.is_declared_global())

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self.table.get_identifiers())

    def mangled(self, name: str) -> str:
        return mangled(name, self.owner)

    def meaning(self, name: str) -> Meaning:
        name = self.mangled(name)
        symbol = self.table.lookup(name) if name in self._names else None
        if symbol is not None and symbol.is_free():
            return Meaning.SHARED if name in self._rebound else Meaning.OUTER
        if symbol is not None and self.table.get_type() != "module" and not symbol.is_global():
            return Meaning.SHARED if name in self._rebound_below else Meaning.LOCAL
        if name in self._rebound:
            return Meaning.SHARED
        if symbol is not None and symbol.is_local() and not symbol.is_declared_global():
            return Meaning.LOCAL
        # A global that nothing here binds: reading it may raise NameError, or find what other code put there.
        return Meaning.OUTER if self._globals is None or name in self._globals else Meaning.SHARED

    def is_function(self) -> bool:
        """Whether this is a function: its code can return."""
        return isinstance(self.table, symtable.Function)

    def parameters(self) -> frozenset[str]:
        if not isinstance(self.table, symtable.Function):
            return frozenset()
        return frozenset(self.table.get_parameters())


def outer_names(node: ast.AST, skip: ast.AST | None = None) -> set[str]:
    """The names that a node takes from the scope it stands in, or binds there; ``skip`` is left out."""
    if node is skip:
        return set()
    match node:
        case ast.Name(id=name):
            return {name}
        case ast.Lambda(args=args, body=body):
            return _below(args, skip) | (outer_names(body, skip) - _argument_names(args))
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            inside = [node.args, *node.decorator_list, *([node.returns] if node.returns else [])]
            outside = set[str]().union(*(outer_names(n, skip) for n in inside))
            declared, bound = set[str](), _argument_names(node.args)
            used: set[str] = set()
            for statement in node.body:
                used |= outer_names(statement, skip)
                for inner in own_nodes(statement):
                    if isinstance(inner, ast.Global | ast.Nonlocal):
                        declared.update(inner.names)
                    else:
                        bound |= bound_names(inner)
            return outside | (used - (bound - declared)) | declared
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            bound = set[str]()
            for generator in node.generators:
                bound |= {n.id for n in ast.walk(generator.target) if isinstance(n, ast.Name)}
            walrus = {n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr)}
            first = node.generators[0].iter
            return outer_names(first, skip) | (_below(node, first if skip is None else skip) - bound) | walrus
        case _:
            return _below(node, skip) | bound_names(node)


def _below(node: ast.AST, skip: ast.AST | None) -> set[str]:
    return set[str]().union(*(outer_names(child, skip) for child in ast.iter_child_nodes(node)))


def _argument_names(arguments: ast.arguments) -> set[str]:
    return {n.arg for n in ast.walk(arguments) if isinstance(n, ast.arg)}


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The node and all below it that run in the same scope: not the inside of nested functions and classes.

    The inside of a comprehension is left out too, but for names it binds outside (``:=``).
    """
    stack = [node]
    while stack:
        at = stack.pop()
        yield at
        match at:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                stack += [*at.decorator_list, *at.args.defaults, *(d for d in at.args.kw_defaults if d is not None)]
            case ast.ClassDef():
                stack += [*at.decorator_list, *at.bases, *at.keywords]
            case ast.Lambda():
                stack += [*at.args.defaults, *(d for d in at.args.kw_defaults if d is not None)]
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                stack.append(at.generators[0].iter)
                stack += [n for n in ast.walk(at) if isinstance(n, ast.NamedExpr)]
            case _:
                stack += children(at)


def bound_names(node: ast.AST) -> set[str]:
    """The names that this node itself, not what is below it, binds or unbinds in its scope."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return {name}
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {alias.asname or alias.name.partition(".")[0] for alias in names}
        case ast.ExceptHandler(name=str(name)):
            return {name}
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            return {name}
        case _:
            return set()
