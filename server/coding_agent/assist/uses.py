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
from coding_agent.assist.bound import Bound
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
    ``dotted`` is the name of a library for it, ``call`` is None where it is only named, ``owner`` the object that it is
    a method of; ``node`` is where it stands, which may spell the call another way.
    """

    group: str
    line: int
    node: ast.expr
    call: ast.Call | None = None
    dotted: str = ""
    owner: ast.expr | None = None

    @property
    def shown(self) -> str:
        return ast.unparse(self.node)


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
        self._bound = Bound(root, context)
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
            case ast.NamedExpr(target=target, value=value):
                # What is bound on the way through a message goes on.
                yield from ((each, False, caught) for each in (target, value))
            case ast.Assign(targets=[ast.Name() as target], value=value) if self._is_raised(target):
                yield value, not caught, caught
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

    def _is_raised(self, target: ast.Name) -> bool:
        """Whether a variable is there for a message only: all that is done with it is to raise it."""
        variable = self._bound.variable(target)
        if variable is None or len(self._bound.values(variable)) != 1:
            return False
        reads = [node for node in self._bound.reads(target.id) if self._bound.variable(node) == variable]
        return bool(reads) and all(self._in_a_raise(each) for each in reads)

    def _in_a_raise(self, node: ast.AST) -> bool:
        caught = any(
            isinstance(each, ast.Try | ast.TryStar) and each.handlers for each in self._context.ancestors(node)
        )
        return not caught and isinstance(self._context.statement(node), ast.Raise)

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
                self._named(dotted, node)
            return
        call = self._context.parent(node)
        if isinstance(call, ast.Call) and isinstance(node, ast.Attribute) and self._is_called(node):
            of_path, _, _ = self._bound.called(call)
            if of_path is not None:
                self.uses.dotted.setdefault(of_path, node.lineno)
                yield node.value
                return
        for name in attributes:
            self.uses.attributes.setdefault(name, node.lineno)
        if attributes and harmless.acts(attributes[-1], None) and not self._is_called(node):
            self.uses.powers.append(Power(f".{attributes[-1]}", node.lineno, node))
        if not isinstance(root, ast.Name):
            yield root
        elif self._is_global(root):
            self.uses.free.setdefault(root.id, node.lineno)

    def _named(self, dotted: str, node: ast.expr) -> None:
        """Note something that is not called here, so whoever gets it may call it with anything."""
        kind = Kind.OPENS_FILES if dotted in world.OPENERS else harmless.kind_of(dotted)
        above = self._context.parent(node)
        if dotted == "os.environ":
            kind = Kind.READS_ENVIRONMENT
            if isinstance(above, ast.Subscript) and above.value is node:
                asked = ast.Call(node, [above.slice], [])
                self.uses.powers.append(Power(kind.value, node.lineno, above, asked, "os.getenv"))
                return
        if kind in harmless.DANGEROUS or kind is Kind.READS_ENVIRONMENT:
            self.uses.powers.append(Power(kind.value, node.lineno, node, None, dotted))
        if dotted.removeprefix("builtins.") in harmless.BY_NAME:
            self.uses.by_name.setdefault(dotted.removeprefix("builtins."), node.lineno)

    def dotted(self, node: ast.expr) -> str | None:
        return self._context.qualified(node)

    def _is_called(self, node: ast.expr) -> bool:
        above = self._context.parent(node)
        return isinstance(above, ast.Call) and above.func is node

    def _is_global(self, node: ast.Name) -> bool:
        owner = self._context.scope(node).owner_of(node.id)
        return owner is None or owner not in self._inside

    def _call(self, node: ast.Call) -> None:
        dotted, owner, function = self._bound.called(node)
        method = function.attr if isinstance(function, ast.Attribute) else ""
        if owner is not None and method in world.PATH_METHODS:
            self._of_a_file(node, owner, method)
        elif dotted is not None:
            self._of_a_library(node, dotted, owner)
        elif isinstance(function, ast.Attribute):
            self.uses.powers.append(Power(f".{method}", node.lineno, node, node, "", owner))
        elif isinstance(function, ast.Name):
            self.uses.powers.append(Power(function.id, node.lineno, node, node))
        elif not isinstance(function, ast.Lambda):
            self.uses.powers.append(Power(ast.unparse(function), node.lineno, node, node, "", function))
        if dotted is not None and dotted.startswith("builtins."):
            self._builtin(node, dotted.removeprefix("builtins."))

    def _of_a_library(self, node: ast.Call, dotted: str, owner: ast.expr | None) -> None:
        kind = _does(node, dotted)
        if dotted in {"os.environ.get", "os.getenv"}:
            dotted = "os.getenv"
        if kind in harmless.DANGEROUS or kind is Kind.READS_ENVIRONMENT:
            self.uses.powers.append(Power(kind.value, node.lineno, node, node, dotted, owner))
        elif kind is None and world.WRITES_STREAM.get(dotted, 99) < len(node.args) and harmless.harmless_name(dotted):
            self._into_a_stream(node, world.WRITES_STREAM[dotted])
        elif harmless.protecting(dotted) or (kind is None and not harmless.harmless_name(dotted)):
            self.uses.powers.append(Power(dotted, node.lineno, node, node, dotted, owner))

    def _into_a_stream(self, node: ast.Call, place: int) -> None:
        """``json.dump(x, file)`` is ``file.write(json.dumps(x))``."""
        made = node.func
        if isinstance(made, ast.Attribute) and made.attr.endswith("dump"):
            made = ast.copy_location(ast.Attribute(made.value, f"{made.attr}s", ast.Load()), made)
        made = ast.Call(made, [each for at, each in enumerate(node.args) if at != place], node.keywords)
        call = ast.Call(ast.Attribute(node.args[place], "write", ast.Load()), [made], [])
        self.uses.powers.append(Power(".write", node.lineno, node, call, "", node.args[place]))

    def _of_a_file(self, node: ast.Call, owner: ast.expr, method: str) -> None:
        """``path.read_text()`` is ``open(path).read()``."""
        reads, line = method.startswith("read"), node.lineno
        binary = "b" if method.endswith("bytes") else ""
        mode = "w" + binary if not reads else "r" + binary
        modes = [ast.Constant(mode)] if mode != "r" else []
        named = [each for each in node.keywords if each.arg in harmless.KEYWORDS]
        name = ast.copy_location(ast.Name("open", ast.Load()), node)
        opened = ast.Call(name, [owner, *modes], named)
        kind = Kind.READS_FILES if reads else Kind.WRITES_FILES
        self.uses.powers.append(Power(kind.value, line, node, opened, "builtins.open"))
        done = "read" if reads else "write"
        given = [] if reads else node.args
        call = ast.Call(ast.Attribute(opened, done, ast.Load()), given, [])
        self.uses.powers.append(Power(f".{done}", line, node, call, "", opened))

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
