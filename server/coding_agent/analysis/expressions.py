"""What an expression may stand for, as far as its own function tells: arguments, names, constants."""

import ast
import re
from dataclasses import dataclass, field

from coding_agent.analysis.context import Context
from coding_agent.analysis.scope import Scope, ScopeKind
from coding_agent.syntax.nodes import descendants

DEPTH = 8
"""How many names and parts deep an expression is followed."""
_NUMBERS = {
    *(
        f"builtins.{name}"
        for name in ("abs", "bool", "float", "hash", "hex", "id", "int", "len", "oct", "ord", "range")
    ),
    *("builtins.round", "builtins.sum", "time.time", "time.time_ns"),
    *(f"os.{name}" for name in ("cpu_count", "getegid", "geteuid", "getgid", "getpgid", "getpid", "getppid", "getuid")),
}
_NUMBERED = {"pid", "ppid", "port", "returncode"}
"""Attributes that hold numbers of the operating system."""
_KEEP = {
    *(f"builtins.{name}" for name in ("list", "max", "min", "repr", "reversed", "set", "sorted", "str", "tuple")),
    *(f"os.path.{name}" for name in ("abspath", "basename", "dirname", "expanduser", "join", "normpath", "realpath")),
}
_MAKE_OWN = {f"tempfile.{name}" for name in ("mkdtemp", "mktemp", "mkstemp", "gettempdir")}
_OF_THE_PROGRAM = ("sys.executable", "sys.prefix", "os.sep", "os.pathsep", "os.linesep", "os.devnull", "builtins.")
_FOLDERS = r"tests?|testing|fixtures|examples?|samples?|demos?|docs?|bench(?:marks?)?"
_TESTS = re.compile(rf"(?:^|/)(?:(?:{_FOLDERS})/|(?:conftest|test_[^/]*|[^/]*_test|testing_[^/]*|[^/]*_testing)\.py$)")
_ABSOLUTE = re.compile(r"/|[A-Za-z]:/")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


# Calls.


def argument(call: ast.Call, index: int, name: str) -> ast.expr | None:
    """The argument at a position or by its name; None where it is not given, or a star may give it."""
    positional = call.args[: index + 1]
    if len(positional) == index + 1 and not any(isinstance(each, ast.Starred) for each in positional):
        return positional[index]
    found = keyword(call, name)
    return found.value if found is not None else None


def keyword(call: ast.Call, name: str) -> ast.keyword | None:
    return next((each for each in call.keywords if each.arg == name), None)


def has_star(call: ast.Call) -> bool:
    """Whether arguments come from a sequence or mapping, so that not all of them are seen."""
    return any(isinstance(each, ast.Starred) for each in call.args) or any(each.arg is None for each in call.keywords)


def is_literal(node: ast.expr | None, value: object) -> bool:
    """Whether an expression is exactly this constant, type included."""
    return isinstance(node, ast.Constant) and type(node.value) is type(value) and node.value == value


# Names.


def words(name: str) -> tuple[str, ...]:
    """The words of an identifier in lower case: ``authToken``, ``AUTH_TOKEN`` -> ``auth``, ``token``."""
    return tuple(word.lower() for word in _WORD.findall(name))


def last_name(node: ast.AST) -> str:
    """The name that says what an expression is: of a variable, attribute, constant key or called method; else empty."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return node.slice.value if isinstance(node.slice.value, str) else ""
    if isinstance(node, ast.Call):
        return last_name(node.func)
    return ""


def is_of_module(name: ast.Name, context: Context) -> bool:
    """Whether a name is bound at the top of the module, and not by an import."""
    owner = context.scope(name).owner_of(name.id)
    return (owner is None or owner.kind is ScopeKind.MODULE) and context.qualified(name) is None


def in_tests(path: str) -> bool:
    """Whether a file belongs to tests, benchmarks, examples or documentation, by its path.

    Of an absolute one, which is of no workspace folder, only the last folder counts.
    """
    if _ABSOLUTE.match(path):
        path = "/".join(path.split("/")[-2:])
    return _TESTS.search(path) is not None


def values(node: ast.expr, context: Context) -> list[ast.expr] | None:
    """The expressions that were assigned to a local name, by ``with`` too; the node itself where it is no name.

    None where something else may bind it: a parameter, another scope, a loop, unpacking, an augmented assignment.
    """
    if not isinstance(node, ast.Name):
        return [node]
    bound = bindings(node, context)
    return None if bound is None or bound.added or bound.looped else bound.bases


def value(node: ast.expr, context: Context) -> ast.expr:
    """The only expression a local name stands for, followed through names; the node itself where there is no such."""
    for _ in range(DEPTH):
        known = values(node, context)
        if known is None or len(known) != 1 or known[0] is node:
            break
        node = known[0]
    return node


@dataclass(frozen=True, slots=True)
class Bindings:
    """What a local name is bound to: expressions, what ``+=`` adds, what loops go through."""

    bases: list[ast.expr] = field(default_factory=list[ast.expr])
    added: list[ast.expr] = field(default_factory=list[ast.expr])
    looped: list[ast.expr] = field(default_factory=list[ast.expr])

    def every(self) -> list[ast.expr]:
        return [*self.bases, *self.added, *self.looped]


def bindings(name: ast.Name, context: Context) -> Bindings | None:
    """What the name's own scope binds it to; None where it is not all seen."""
    owner = _owner(name, context)
    if owner is None:
        return None
    bound = Bindings()
    for node in _own_nodes(owner.node, name, context):
        if isinstance(node, ast.Name) and node.id == name.id and not isinstance(node.ctx, ast.Load):
            if not _bind(bound, node, context.parent(node)):
                return None
        elif _binds_otherwise(node, name.id):
            return None
    return bound if bound.bases or bound.looped else None


def _bind(bound: Bindings, node: ast.Name, parent: ast.AST | None) -> bool:
    """Note what ``parent`` binds ``node`` to; False where that is not one expression."""
    match parent:
        case ast.Assign(targets=targets, value=said) if node in targets:
            bound.bases.append(said)
        case ast.AnnAssign(target=target, value=said) if target is node:
            if said is not None:
                bound.bases.append(said)
        case ast.NamedExpr(value=said):
            bound.bases.append(said)
        case ast.withitem(context_expr=said, optional_vars=target) if target is node:
            bound.bases.append(said)
        case ast.AugAssign(op=ast.Add(), target=target, value=said) if target is node:
            bound.added.append(said)
        case ast.For(target=target, iter=items) | ast.comprehension(target=target, iter=items) if target is node:
            bound.looped.append(items)
        case _:
            return isinstance(parent, ast.Delete)
    return True


def _owner(name: ast.Name, context: Context) -> Scope | None:
    owner = context.scope(name).owner_of(name.id)
    if owner is None or owner.bound[name.id] is not None:
        return None
    if isinstance(owner.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        arguments = owner.node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        if any(each is not None and each.arg == name.id for each in every):
            return None
    return owner


def _own_nodes(scope: ast.AST | None, name: ast.Name, context: Context) -> list[ast.AST]:
    """The nodes around ``name`` in a scope; the outermost statement stands for the module, of which a piece is seen."""
    root = scope
    if root is None:
        root = name
        for above in context.ancestors(name):
            root = above
    return descendants(root)


def _binds_otherwise(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return node.name == name
    if isinstance(node, ast.Global | ast.Nonlocal):
        return name in node.names
    if isinstance(node, ast.alias):
        return (node.asname or node.name.partition(".")[0]) == name
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name


# Constants.


def is_fixed(node: ast.expr, context: Context, depth: int = DEPTH) -> bool:
    """Whether a value comes from the program's text, or is a number: nobody outside chooses what it says.

    Names in capitals count as constants, wherever they are defined.
    """
    if depth == 0:
        return False
    if isinstance(node, ast.Constant | ast.Lambda | ast.Compare):
        return True
    if isinstance(node, ast.Name):
        return _fixed_name(node, context, depth)
    if isinstance(node, ast.Attribute):
        named = node.attr.isupper() or node.attr in ("__name__", "__qualname__") or node.attr in _NUMBERED
        return named or _of_the_program(node, context)
    if isinstance(node, ast.Call):
        return _fixed_call(node, context, depth)
    parts = _parts_of(node)
    return parts is not None and all(is_fixed(part, context, depth - 1) for part in parts)


_MADE_OF: dict[type[ast.expr], tuple[str, ...]] = {
    ast.JoinedStr: ("values",),
    ast.FormattedValue: ("value",),
    ast.Starred: ("value",),
    ast.Await: ("value",),
    ast.BinOp: ("left", "right"),
    ast.UnaryOp: ("operand",),
    ast.BoolOp: ("values",),
    ast.IfExp: ("body", "orelse"),
    ast.Tuple: ("elts",),
    ast.List: ("elts",),
    ast.Set: ("elts",),
    ast.Dict: ("values",),
    ast.GeneratorExp: ("elt",),
    ast.ListComp: ("elt",),
    ast.SetComp: ("elt",),
    ast.Subscript: ("value",),
}
"""The fields whose values make the value of an expression; of other types it is not known."""


def _parts_of(node: ast.expr) -> list[ast.expr] | None:
    fields = _MADE_OF.get(type(node))
    if fields is None:
        return None
    parts: list[ast.expr] = []
    for name in fields:
        held: ast.expr | list[ast.expr] = getattr(node, name)
        parts += held if isinstance(held, list) else [held]
    return parts


def _fixed_name(node: ast.Name, context: Context, depth: int) -> bool:
    if node.id.strip("_").isupper() or _of_the_program(node, context) or _takes_numbers(node, context):
        return True
    bound = bindings(node, context)
    return bound is not None and all(is_fixed(each, context, depth - 1) for each in bound.every())


def annotation(name: ast.Name, context: Context) -> ast.expr | None:
    """The annotation of the parameter that a name is."""
    owner = context.scope(name).owner_of(name.id)
    if owner is None or not isinstance(owner.node, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    arguments = owner.node.args
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    return next((each.annotation for each in every if each.arg == name.id), None)


def _takes_numbers(name: ast.Name, context: Context) -> bool:
    hint = annotation(name, context)
    return hint is not None and context.qualified(hint) in ("builtins.bool", "builtins.int", "builtins.float")


def _of_the_program(node: ast.expr, context: Context) -> bool:
    return (context.qualified(node) or "").startswith(_OF_THE_PROGRAM)


def _fixed_call(node: ast.Call, context: Context, depth: int) -> bool:
    meaning = context.qualified(node.func)
    if meaning in _NUMBERS or meaning in _MAKE_OWN:
        return True
    if meaning in _KEEP:
        return all(is_fixed(each, context, depth - 1) for each in node.args)
    if (
        meaning is None
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("join", "format", "upper", "lower")
    ):
        every = (node.func.value, *node.args, *(each.value for each in node.keywords))
        return all(is_fixed(each, context, depth - 1) for each in every)
    return False
