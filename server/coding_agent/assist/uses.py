"""What code names: by imports and builtins, of its module, as attributes, in texts. Everything in it counts, whether it
is called, handed on, or stands in a function inside.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from coding_agent.analysis.context import Context, Layout
from coding_agent.analysis.walk import Walk
from coding_agent.assist import harmless
from coding_agent.assist.holding import Definition
from coding_agent.explain import world
from coding_agent.explain.world import Kind
from coding_agent.proof.source import FUNCTIONS

Names = Mapping[str, str | None]
_ESCAPE = re.compile(r"\\.|%[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]")
_WORD = re.compile(r"[^\W\d]\w+")


@dataclass(frozen=True, slots=True)
class Power:
    """A use of something that does more than to give a value. ``group`` is what it does, or how it is called;
    ``dotted`` is the name of a library for it, ``call`` is None where it is only named.
    """

    group: str
    line: int
    call: ast.Call | None = None
    dotted: str = ""


@dataclass(slots=True)
class Uses:
    """What is named, each by the line where it comes up first.

    ``free`` are names from outside that no import explains; ``texts`` are strings, ``words`` those in them, but for
    messages; ``by_name`` the places where an attribute is reached by a name that is made when the code runs;
    ``modules`` are imported by the code itself.
    """

    dotted: dict[str, int] = field(default_factory=dict[str, int])
    free: dict[str, int] = field(default_factory=dict[str, int])
    attributes: dict[str, int] = field(default_factory=dict[str, int])
    words: dict[str, int] = field(default_factory=dict[str, int])
    texts: dict[str, int] = field(default_factory=dict[str, int])
    by_name: dict[str, int] = field(default_factory=dict[str, int])
    modules: dict[str, int] = field(default_factory=dict[str, int])
    imports: dict[str, str] = field(default_factory=dict[str, str])
    """Names that the code imports, with what they mean."""
    powers: list[Power] = field(default_factory=list[Power])


def uses_of(statement: ast.stmt, node: ast.AST, names: Names) -> tuple[Uses, Context]:
    """What ``node`` uses, which is a statement of a module or stands in it. ``names``: what the module's names mean."""
    walk = Walk([statement], False)
    context = Context(Layout("", False), walk, names, None, "", False)
    reader = _Reader(context, node)
    reader.read()
    return reader.uses, context


class _Reader:
    def __init__(self, context: Context, root: ast.AST) -> None:
        self.uses = Uses()
        self._context, self._root = context, root
        self._around = context.function(root)
        scopes = context.walk.scopes
        self._inside = {scopes[node] for node in ast.walk(root) if node in scopes}

    def read(self) -> None:
        # No recursion: a sum of 5 000 terms is 5 000 levels deep. A message is not read for words.
        waiting: list[tuple[ast.AST, bool, bool]] = [(self._root, False, False)]
        while waiting:
            at, message, caught = waiting.pop()
            waiting += list(self._below(at, message, caught))

    def _below(self, node: ast.AST, message: bool, caught: bool) -> Iterator[tuple[ast.AST, bool, bool]]:
        """Note a node; yields the nodes right below it that are to be read."""
        match node:
            case ast.Attribute() | ast.Name():
                yield from ((each, message, caught) for each in self._chain(node))
            case ast.Constant(value=str() | bytes() as value) if not message:
                self._text(value, node.lineno)
            case ast.Expr(value=ast.Constant()):
                return
            case ast.Raise(exc=ast.expr() as raised):
                yield raised, not caught, caught
                if node.cause is not None:
                    yield node.cause, False, caught
            case ast.Assert():
                yield node.test, False, caught
                if node.msg is not None:
                    yield node.msg, not caught, caught
            case ast.Try() | ast.TryStar():
                yield from ((each, False, caught or bool(node.handlers)) for each in node.body)
                yield from ((each, False, caught) for each in (*node.handlers, *node.orelse, *node.finalbody))
            case ast.FormattedValue(value=value, format_spec=spec):
                yield value, message, caught
                yield from ((each, True, caught) for each in (spec,) if each is not None)
            case _:
                self._note(node)
                logs = isinstance(node, ast.Call) and self._logs(node)
                # What a function inside raises, something here may catch.
                inside = caught or (isinstance(node, (*FUNCTIONS, ast.Lambda)) and self._is_inside(node))
                yield from ((each, message or logs, inside) for each in ast.iter_child_nodes(node))

    def _is_inside(self, node: ast.AST) -> bool:
        return node is not self._root and self._context.function(node) is not self._around

    def _note(self, node: ast.AST) -> None:
        match node:
            case ast.Call():
                self._call(node)
            case ast.Import(names=aliases, lineno=line):
                for each in aliases:
                    self.uses.modules.setdefault(each.name, line)
                    self.uses.imports[each.asname or each.name.partition(".")[0]] = (
                        each.name if each.asname else each.name.partition(".")[0]
                    )
            case ast.ImportFrom(names=aliases, lineno=line):
                module = "." * node.level + (node.module or "")
                for each in aliases:
                    dotted = f"{module}{'' if module.endswith('.') else '.'}{each.name}"
                    self.uses.modules.setdefault(module if node.module else dotted, line)
                    self.uses.imports[each.asname or each.name] = dotted
            case ast.MatchClass(kwd_attrs=attributes, lineno=line):
                for name in attributes:
                    self.uses.attributes.setdefault(name, line)
            case _:
                return

    def _chain(self, node: ast.Attribute | ast.Name) -> Iterator[ast.AST]:
        """Note a name with all attributes behind it; yields what they are read from where that is no name."""
        attributes: list[str] = []
        root: ast.expr = node
        while isinstance(root, ast.Attribute):
            attributes.insert(0, root.attr)
            root = root.value
        dotted = self.dotted(node)
        if dotted is not None:
            self.uses.dotted.setdefault(dotted, node.lineno)
            if not self._is_called(node):
                self._named(dotted, node.lineno)
            return
        for name in attributes:
            self.uses.attributes.setdefault(name, node.lineno)
        if attributes and harmless.acting(attributes[-1]) and not self._is_called(node):
            self.uses.powers.append(Power(f".{attributes[-1]}", node.lineno))
        if not isinstance(root, ast.Name):
            yield root
        elif self._is_global(root):
            self.uses.free.setdefault(root.id, node.lineno)

    def _named(self, dotted: str, line: int) -> None:
        """Note something that is not called here, so whoever gets it may call it with anything."""
        kind = Kind.OPENS_FILES if dotted in world.OPENERS else harmless.kind_of(dotted)
        if kind in harmless.DANGEROUS:
            self.uses.powers.append(Power(kind.value, line, None, dotted))
        if dotted.removeprefix("builtins.") in harmless.BY_NAME:
            self.uses.by_name.setdefault(dotted.removeprefix("builtins."), line)

    def dotted(self, node: ast.expr) -> str | None:
        return self._context.qualified(node)

    def _is_called(self, node: ast.expr) -> bool:
        above = self._context.parent(node)
        return isinstance(above, ast.Call) and above.func is node

    def _is_global(self, node: ast.Name) -> bool:
        owner = self._context.scope(node).owner_of(node.id)
        return owner is None or owner not in self._inside

    def _call(self, node: ast.Call) -> None:
        function = node.func
        dotted = self.dotted(function) if isinstance(function, ast.Name | ast.Attribute) else None
        kind = _does(node, dotted) if dotted is not None else None
        if kind in harmless.DANGEROUS:
            self.uses.powers.append(Power(kind.value, node.lineno, node, dotted or ""))
        elif dotted is None and isinstance(function, ast.Attribute):
            self.uses.powers.append(Power(f".{function.attr}", node.lineno, node))
        elif dotted is None and isinstance(function, ast.Name):
            self.uses.powers.append(Power(function.id, node.lineno, node))
        if dotted is not None and dotted.startswith("builtins."):
            self._builtin(node, dotted.removeprefix("builtins."))

    def _builtin(self, node: ast.Call, name: str) -> None:
        if name in harmless.BY_NAME:
            match node.args:
                case [_, ast.Constant(value=str(attribute)), *_]:
                    self.uses.attributes.setdefault(attribute, node.lineno)
                case _:
                    self.uses.by_name.setdefault(ast.unparse(node), node.lineno)
        elif name == "type" and len(node.args) > 1:
            self.uses.by_name.setdefault(ast.unparse(node), node.lineno)
        elif name == "dict":
            for each in node.keywords:
                self._text(each.arg or "", node.lineno)

    def _text(self, value: str | bytes, line: int) -> None:
        text = value if isinstance(value, str) else value.decode("latin-1")
        self.uses.texts.setdefault(text, line)
        for word in _WORD.findall(_ESCAPE.sub(" ", text)):
            self.uses.words.setdefault(word, line)

    def _logs(self, node: ast.Call) -> bool:
        """Whether a call writes a message for people."""
        function = node.func
        if not isinstance(function, ast.Attribute) or function.attr not in world.LOG_METHODS:
            return self.dotted(function) == "warnings.warn" if isinstance(function, ast.Name | ast.Attribute) else False
        owner = function.value
        last = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
        return last.strip("_").lower() in world.LOGGERS


def _does(node: ast.Call, dotted: str) -> Kind | None:
    """What a call does to the world; one that opens a file does what its mode says."""
    if dotted not in world.OPENERS:
        return harmless.kind_of(dotted)
    place, default = world.OPENERS[dotted]
    given = node.args[place] if place < len(node.args) else ast.Constant(default)
    mode = next((each.value for each in node.keywords if each.arg == "mode"), given)
    text = mode.value if isinstance(mode, ast.Constant) else "?"
    if not isinstance(text, str) or "?" in text:
        return Kind.OPENS_FILES
    return Kind.WRITES_FILES if set(text) & set("wax+") else Kind.READS_FILES


def words_of(call: ast.Call) -> frozenset[str]:
    """The names, attributes and words of texts that a call is given."""
    found: set[str] = set()
    for given in (*call.args, *call.keywords):
        for node in ast.walk(given):
            match node:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    found.add(name)
                case ast.Constant(value=str(text)):
                    found.update(_WORD.findall(_ESCAPE.sub(" ", text)))
                case _:
                    pass
    return frozenset(found)


def functions_in(node: Definition) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, bool, Sequence[ast.AST]]]:
    """All functions of a definition, with lambdas as functions; whether they are methods; and the functions around."""
    waiting: list[tuple[ast.AST, bool, tuple[ast.AST, ...]]] = [(node, False, ())]
    while waiting:
        at, method, around = waiting.pop()
        if isinstance(at, ast.Lambda):
            at = ast.FunctionDef("<lambda>", at.args, [ast.copy_location(ast.Expr(at.body), at)], [], lineno=at.lineno)
        if isinstance(at, FUNCTIONS):
            yield at, method, around
            around = (*around, at)
        in_class = isinstance(at, ast.ClassDef)
        waiting += [(each, in_class, around) for each in ast.iter_child_nodes(at)]
