"""What a rule sees besides the node: names, parents, text, metrics, options."""

import ast
import builtins
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from coding_agent.analysis.finding import Applicability, Finding, Fix, Related
from coding_agent.analysis.metrics import Metrics
from coding_agent.analysis.scope import Scope
from coding_agent.analysis.walk import Walk
from coding_agent.text import Edit, Span, line_table

if TYPE_CHECKING:
    from coding_agent.analysis.ruleset import Enabled

Option = int | str | bool | tuple[str, ...]
Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class ClassInfo(NamedTuple):
    """The class a member stands in: dotted names of bases and decorators where imports tell them, source otherwise."""

    name: str
    bases: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()


_GAP = r"(?:[ \t\f]|\\(?:\r\n|\r|\n))+"
_DEFINITION = re.compile(rf"(?:async{_GAP}def|def|class){_GAP}([^\s(:\[\\]+)")


class Layout:
    """Where nodes of a piece stand: ``ast``'s lines and UTF-8 columns as offsets in code points."""

    __slots__ = ("_ascii", "_first", "_starts", "text")

    def __init__(self, text: str, indented: bool) -> None:
        self.text = text
        self._first = 2 if indented else 1
        self._ascii = text.isascii()
        self._starts: list[int] = []

    def offset(self, line: int, column: int) -> int:
        """The offset of ``ast``'s line and column in the piece."""
        if line == self._first and self._ascii:
            return column
        starts = self._starts
        if not starts:
            starts = self._starts = line_table(self.text)
            if starts[-1] == len(self.text):
                starts.pop()
        index = line - self._first
        if not 0 <= index < len(starts):
            return len(self.text)
        if self._ascii:
            return starts[index] + column
        text = self.text[starts[index] : starts[index + 1] if index + 1 < len(starts) else None]
        if not text.isascii():
            column = len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "replace"))
        return starts[index] + column

    def span(self, node: ast.AST) -> Span:
        """The span of a node that has a place."""
        # Thousands a file: what has no place raises AttributeError, which is a rule's mistake.
        first, last = node.lineno, node.end_lineno  # type: ignore[attr-defined]
        start = self.offset(first, node.col_offset)  # type: ignore[attr-defined]
        if first == last and self._ascii:
            return Span(start, start + node.end_col_offset - node.col_offset)  # type: ignore[attr-defined]
        return Span(start, self.offset(last, node.end_col_offset))  # type: ignore[attr-defined]

    def name_span(self, node: Function | ast.ClassDef) -> Span:
        """The span of the name in a ``def`` or ``class`` line."""
        at = self.offset(node.lineno, node.col_offset)
        if self._ascii and self.text.startswith(f"def {node.name}", at):
            return Span(at + 4, at + 4 + len(node.name))
        # Else not looked for by the name that ``ast`` gives: that is in normal form, the text may spell it otherwise.
        found = _DEFINITION.match(self.text, at)
        assert found is not None
        return Span(*found.span(1))


class Context:
    """What a rule asks about the piece its node stands in."""

    __slots__ = ("_fixes", "_imports", "layout", "names", "owner", "path", "said_by", "walk")

    def __init__(
        self,
        layout: Layout,
        walk: Walk,
        names: Mapping[str, str | None],
        owner: ClassInfo | None,
        path: str,
        fixes: bool,
    ) -> None:
        self.layout = layout
        self.walk = walk
        self.names = names
        """What the module's names mean: a dotted name, or None where no import says. Ask with ``get``: a name that is
        not there yet means None, too."""
        self.owner = owner
        """The class around a member piece."""
        self.path = path
        """Path of the file with forward slashes, relative to its workspace folder where it has one."""
        self._fixes = fixes
        self._imports = ast.Import in walk.found or ast.ImportFrom in walk.found
        self.said_by: Enabled | None = None
        """The rule that speaks; the engine's to say."""

    # What rules say.

    def finding(
        self,
        at: ast.AST | Span,
        message: str,
        fix: Fix | Callable[[], Fix | None] | None = None,
        related: Iterable[tuple[ast.AST | Span, str]] = (),
        unnecessary: bool = False,
    ) -> Finding:
        """Make a finding at a node or span.

        ``fix`` may be a function, called only when fixes are asked for: prefer it where a fix costs anything.
        """
        assert self.said_by is not None
        made = None
        if fix is not None and self._fixes:
            made = fix if isinstance(fix, Fix) else fix()
        return Finding(
            self.said_by.rule.name,
            self.span(at),
            message,
            self.said_by.severity,
            fix is not None if not self._fixes else made is not None,
            tuple(Related(self.span(place), text) for place, text in related),
            unnecessary,
            made,
        )

    def replace(
        self,
        node: ast.AST | Span,
        new: str,
        title: str,
        applicability: Applicability = Applicability.SAFE,
        imports: tuple[str, ...] = (),
    ) -> Fix:
        """A fix that replaces one node."""
        return Fix(title, (Edit(self.span(node), new),), applicability, imports)

    def option(self, name: str) -> Option:
        """The value of one of the rule's own options."""
        assert self.said_by is not None
        return self.said_by.options[name]

    def number(self, name: str) -> int:
        """The value of an option that is a whole number."""
        value = self.option(name)
        assert isinstance(value, int)
        return value

    # Text and places.

    def span(self, at: ast.AST | Span) -> Span:
        return at if isinstance(at, Span) else self.layout.span(at)

    def source(self, at: ast.AST | Span) -> str:
        """The text of a node or span, as it stands."""
        start, stop = self.span(at)
        return self.layout.text[start:stop]

    def name_span(self, node: Function | ast.ClassDef) -> Span:
        """The span of the name in a ``def`` or ``class`` line."""
        return self.layout.name_span(node)

    # The tree around a node.

    def parent(self, node: ast.AST) -> ast.AST | None:
        return self.walk.parents.get(node)

    def ancestors(self, node: ast.AST) -> Iterable[ast.AST]:
        """The nodes around ``node``, innermost first."""
        above = self.walk.parents.get(node)
        while above is not None:
            yield above
            above = self.walk.parents.get(above)

    def statement(self, node: ast.AST) -> ast.stmt | None:
        """The innermost statement that holds ``node``, or is it."""
        here: ast.AST | None = node
        while here is not None and not isinstance(here, ast.stmt):
            here = self.walk.parents.get(here)
        return here

    def function(self, node: ast.AST) -> Function | None:
        """The innermost function around ``node``."""
        parents = self.walk.parents
        above = parents.get(node)
        while above is not None and not isinstance(above, FUNCTIONS):
            above = parents.get(above)
        return above

    def metrics(self, node: Function) -> Metrics:
        return self.walk.metrics[node]

    # Names.

    def scope(self, node: ast.AST) -> Scope:
        """The scope in which ``node`` is evaluated (that of a function for what stands in its body)."""
        scopes, parents = self.walk.scopes, self.walk.parents
        above = parents.get(node)
        while above is not None:
            if above in scopes:
                return scopes[above]
            above = parents.get(above)
        return self.walk.top

    def qualified(self, node: ast.AST, scope: Scope | None = None) -> str | None:
        """The dotted name that an expression means by imports and builtins: ``subprocess.run``, ``builtins.eval``,
        ``os.environ.get``; None where a local name, a call or anything else decides.

        Names defined in this module mean None. Relative imports keep their dots.
        """
        root = node
        while isinstance(root, ast.Attribute):
            root = root.value
        # Nearly all are asked about objects of the program itself: nothing more is looked at for them.
        if not isinstance(root, ast.Name) or not self._may_mean(root.id):
            return None
        meaning = self.meaning(root.id, scope if scope is not None else self.scope(root))
        if meaning is None:
            return None
        tail = ""
        while isinstance(node, ast.Attribute):
            tail = f".{node.attr}{tail}"
            node = node.value
        return meaning + tail

    def meaning(self, name: str, scope: Scope) -> str | None:
        """What a bare name means in a scope; see ``qualified``."""
        if not self._may_mean(name):
            return None
        owner = scope.owner_of(name)
        if owner is not None:
            return owner.bound[name]
        return self.names[name] if name in self.names else BUILTINS.get(name)

    def _may_mean(self, name: str) -> bool:
        """Whether a name can mean anything in some scope: only an import in the piece gives one there that it has not
        outside.
        """
        outside = self.names[name] if name in self.names else BUILTINS.get(name)
        return outside is not None or self._imports

    def rebound(self, name: str) -> bool:
        """Whether the piece binds ``name`` anywhere: then a new use of it could be captured."""
        return any(name in scope.bound for scope in (self.walk.top, *self.walk.scopes.values()))


BUILTINS = {name: f"builtins.{name}" for name in dir(builtins)}
