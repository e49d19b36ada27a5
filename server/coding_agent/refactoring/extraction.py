"""A new function out of selected code: what it takes and gives back, where it stands, how it is written."""

import ast
import re
from dataclasses import dataclass

from coding_agent.errors import Refused
from coding_agent.proof.bindings import frame_seen, names_seen
from coding_agent.proof.scopes import Scope, bound_names, outer_names, own_nodes
from coding_agent.proof.source import FUNCTIONS, Function, Source
from coding_agent.refactoring.conditions import indentation, line_end
from coding_agent.refactoring.naming import fresh
from coding_agent.refactoring.view import View
from coding_agent.text import Edit, Span, line_body

_SELF_DECORATORS = re.compile(
    r"(?:property|override|typing\.override|abstractmethod|abc\.abstractmethod|\w+\.(?:setter|getter|deleter))"
)
_OTHER_CLASS = re.compile(r"__class__|__dict__")
"""Code that may give an object another class, where the new method is not found."""
_ODD_METHODS = frozenset(
    {
        "__new__",
        "__init_subclass__",
        "__class_getitem__",
        "__getattr__",
        "__getattribute__",
        "__setattr__",
        "__delattr__",
    }
)
_ODD_BASES = frozenset({"Protocol", "NamedTuple", "TypedDict", "Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "type"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where the new function goes: ``receiver`` is the first parameter's name if it becomes a method."""

    offset: int
    indent: str
    receiver: str | None
    before: str
    after: str


def method_owner(source: Source, function: Function, parent: ast.AST | None) -> ast.ClassDef | None:
    """The class that can take a further method beside ``function``, called on its first parameter."""
    if not isinstance(parent, ast.ClassDef) or parent.keywords or not function.args.args or function.args.posonlyargs:
        return None
    decorators = [ast.unparse(d) for d in function.decorator_list]
    if function.name in _ODD_METHODS or not all(_SELF_DECORATORS.fullmatch(d) for d in decorators):
        return None
    if _OTHER_CLASS.search(source.of(function)):
        return None
    bases = {ast.unparse(base).rpartition(".")[2].partition("[")[0] for base in parent.bases}
    names = {s.name for s in parent.body if isinstance(s, FUNCTIONS)}
    return None if bases & _ODD_BASES or "__getattribute__" in names else parent


def place(view: View, function: Function, taken: frozenset[str]) -> Place:
    """Beside the function if it is a method whose receiver the code needs, else before the outermost statement."""
    source = view.source
    end = line_end(source, source.line(source.span(function).start))
    first = function.args.args[0].arg if function.args.args else None
    rebound = any(first in bound_names(n) for s in function.body for n in own_nodes(s))
    if (
        first in taken
        and not rebound
        and method_owner(source, function, next(iter(source.ancestors(function)), None)) is not None
    ):
        stop = source.span(function).stop
        line = source.line(stop)
        offset = source.starts[line] + len(source.lines[line])
        missing = "" if source.lines[line][-1:] in {"\n", "\r"} else end
        return Place(offset, indentation(source, source.full(function).start), first, missing + end, "")
    if source.outside.shows_names or any(map(_shows_its_names, source.body)):
        raise Refused("the names of this module are its interface: it has a star import, or a `__getattr__`")
    outermost = view.path[0]
    assert isinstance(outermost, ast.stmt)
    line = source.line(source.full(outermost).start)
    above = line
    while above and line_body(source.lines[above - 1]).startswith("#"):
        above -= 1
    # Comments at the very top of a file (a shebang, an encoding, a licence) must stay there.
    offset = source.starts[above] if above else source.full(outermost).start
    feed = len(source.lines[above]) - len(source.lines[above].lstrip("\f\ufeff")) if above else 0
    return Place(offset + feed, "", None, "", end + end)


def _shows_its_names(node: ast.stmt) -> bool:
    match node:
        case ast.ImportFrom(names=[ast.alias(name="*")]):
            return True
        case ast.FunctionDef(name="__getattr__" | "__dir__"):
            return True
        case _:
            return False


def moves_badly(node: ast.AST) -> bool:
    """Whether a node must stay in its function.

    A definition would get another qualified name; a declaration, or the deletion of a variable,
    belongs to its scope; and some code sees the names or the frame it runs in.
    """
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Global() | ast.Nonlocal():
            return True
        case ast.Delete(targets=targets):
            return any(isinstance(target, ast.Name) for target in targets)
        case ast.ImportFrom(names=[ast.alias(name="*")]):
            return True
        case _:
            return names_seen(node) is not None or frame_seen(node) is not None


def awaits(nodes: list[ast.AST]) -> bool:
    return any(
        isinstance(n, ast.Await | ast.AsyncFor | ast.AsyncWith) or (isinstance(n, ast.comprehension) and n.is_async)
        for node in nodes
        for n in (node, *(ast.walk(node) if isinstance(node, ast.expr) else ()))
    )


def locals_taken(scope: Scope, names: set[str]) -> frozenset[str]:
    """Those of some names that must be handed to a function at the top of the module."""
    return frozenset(filter(scope.is_variable, names))


def ordered(names: frozenset[str], function: Function, code: list[ast.AST], source: Source) -> list[str]:
    """Parameters of the function first, as they stand there; then by where the code first mentions them."""
    arguments = [a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)]
    places: dict[str, int] = {}
    for node in code:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and inner.id in names:
                places[inner.id] = min(source.span(inner).start, places.get(inner.id, len(source.text)))
    far = len(source.text)
    return sorted(
        names, key=lambda n: (arguments.index(n) if n in arguments else len(arguments), places.get(n, far), n)
    )


def check_captures(function: Function, scope: Scope, code: list[ast.stmt]) -> None:
    """Raises: Refused - a closure sees a variable that the code binds."""
    bound = {scope.mangled(name) for s in code for n in own_nodes(s) for name in bound_names(n)}
    both = bound & scope.captured
    inner = {
        name
        for s in function.body
        for n in own_nodes(s)
        if isinstance(n, ast.Lambda | ast.GeneratorExp | ast.FunctionDef | ast.AsyncFunctionDef)
        for name in outer_names(n)
    }
    if both & inner:
        raise Refused(f"a closure captures `{min(both & inner)}`")


def new_name(source: Source, function: Function, noun: str) -> str:
    """A private name for a function made out of a part of ``function``; no word of the text."""
    wanted = f"_{function.name.strip('_')}_{noun}" if noun else f"_{function.name.strip('_')}_part"
    return fresh(source, wanted, source.words())


def definition(header: str, parameters: list[str], where: Place, body: str, end: str) -> Edit:
    """Insert the new function; ``header`` is ``def`` and its name, ``body`` its indented text, ended by a line end."""
    given = ", ".join([*([where.receiver] if where.receiver else []), *parameters])
    text = f"{where.indent}{header}({given}):{end}{body}"
    return Edit(Span(where.offset, where.offset), f"{where.before}{text}{where.after}")


def call(kind: str, name: str, parameters: list[str], where: Place) -> str:
    receiver = f"{where.receiver}." if where.receiver else ""
    return f"{kind}{receiver}{name}({', '.join(parameters)})"
