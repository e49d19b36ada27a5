"""Who calls whom, by names: what files import, what classes have and inherit.

The index knows which chunks call something of a name. Which of these mean the same thing is read from their files when
somebody asks. A method of an object that nothing is known of is taken for the one of its name, where only one class has
such a method and its name is no single word.
"""

import ast
import re
from collections.abc import Generator, Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from coding_agent.search.catalogue import Catalogue, Hit
from coding_agent.search.chunks import Kind
from coding_agent.search.question import is_test
from coding_agent.store.source import Unreadable, decode
from coding_agent.syntax.parse import parse
from coding_agent.text.text import split_lines

CANDIDATES = 400
"""Chunks looked at for callers of one name."""
_FILES = 512
"""Files that are remembered."""
_DEEP = 5
"""Imports of imports, or classes above classes, that are followed."""
_UNKNOWN = "?"
"""Stands for an object that has no name."""
_SUPER = "super()"
_REST = r"(?:[^\n#;\\]|\\\r?\n)+"
_IMPORT = re.compile(
    rf"^[ \t]*(from[ \t]+[.\w]+[ \t]+import[ \t]*(?:\([^)]*\)|{_REST})|import[ \t]+{_REST})", re.MULTILINE
)
_BASES = re.compile(r"\((.*)\)$", re.DOTALL)
_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef

Target = tuple[str, str]
"""A definition: its file, its qualified name."""


class Related(NamedTuple):
    """What a definition has to do with others, those that are called most often first; ``score`` is how many chunks
    call such a name. ``more``: there may be callers besides.
    """

    callers: list[Hit]
    tests: list[Hit]
    calls: list[Hit]
    more: bool


class Calls:
    """Answers for one index of one root."""

    def __init__(self, index: Catalogue, root: Path) -> None:
        self.index, self._root = index, root
        self._files: dict[str, tuple[bytes, _File]] = {}
        self._modules: dict[str, list[str]] = {}
        self._revision = -1

    def related(self, path: str, line: int) -> Generator[None, None, Related | None]:
        """What the innermost definition at a line has to do with others; None where none is there."""
        here = self.index.here(path, line)
        if here is None or here.kind == Kind.MODULE:
            return None
        self._refresh()
        calls = self._callees(here)
        yield
        found, more = yield from self._callers(here)
        ordered = self._ordered(found)
        return Related(
            [hit for hit in ordered if not is_test(hit.path)],
            [hit for hit in ordered if is_test(hit.path)],
            self._ordered(calls),
            more,
        )

    def _refresh(self) -> None:
        if self._revision != self.index.revision:
            self._revision, self._modules = self.index.revision, {}
            for path in self.index.paths():
                stem = path.rpartition(".")[0]
                name = stem.removesuffix("/__init__").rpartition("/")[2]
                self._modules.setdefault(name, []).append(path)

    def _callees(self, here: Hit) -> list[Hit]:
        found: dict[Target, Hit] = {}
        file = self._file(here.path)
        for part in self.index.parts(here.path, here.name):
            said = _said(file.lines[part.line - 1 : part.end], part.kind)
            for dotted in said.calls:
                target = self._target(file, _holder(part), dotted, said)
                if target and target != (here.path, here.name) and target not in found:
                    found[target] = self.index.parts(*target)[0]
        return list(found.values())

    def _callers(self, here: Hit) -> Generator[None, None, tuple[list[Hit], bool]]:
        name = here.name.rpartition(".")[2]
        if name == "__init__":
            name = here.name.split(".")[-2] if "." in here.name else name
        wanted = {(here.path, here.name)}
        if here.kind == Kind.CLASS:
            wanted.add((here.path, f"{here.name}.__init__"))
        elif name != here.name.rpartition(".")[2]:
            wanted.add((here.path, here.name.rpartition(".")[0]))
        candidates = self.index.calling(name)
        candidates.sort(key=lambda hit: (hit.path != here.path, is_test(hit.path), hit.path, hit.line))
        found: dict[Target, Hit] = {}
        for each in candidates[:CANDIDATES]:
            place = each.path, each.name
            if place not in found and place != (here.path, here.name) and self._reaches(each, name, wanted):
                found[place] = each
            yield
        return list(found.values()), len(candidates) > CANDIDATES

    def _reaches(self, caller: Hit, name: str, wanted: set[Target]) -> bool:
        file = self._file(caller.path)
        said = _said(file.lines[caller.line - 1 : caller.end], caller.kind)
        likely = (dotted for dotted in said.calls if dotted.rpartition(".")[2] == name)
        return any(self._target(file, _holder(caller), dotted, said) in wanted for dotted in likely)

    def _ordered(self, hits: list[Hit]) -> list[Hit]:
        counted = [hit._replace(score=float(self.index.times_called(hit.name.rpartition(".")[2]))) for hit in hits]
        return sorted(counted, key=lambda hit: (-hit.score, hit.path, hit.line))

    # What a name means.

    def _target(self, file: "_File", holder: str, dotted: str, said: "_Said") -> Target | None:
        """What is called by a name in a chunk of a file; ``holder`` is the class around."""
        root, _, rest = dotted.partition(".")
        if root in ("self", "cls") and holder and rest:
            return self._member(file.path, holder, rest) or self._only(rest)
        if root == _SUPER:
            return self._inherited(file.path, holder, rest, 0)
        if root in said.bound and root not in file.imports:
            kind = self._visible(file, said.types[root], 0) if rest and root in said.types else None
            return (self._member(*kind, rest) if kind is not None else None) or self._only(rest)
        return self._visible(file, dotted, 0) or self._only(rest)

    def _visible(self, file: "_File", dotted: str, depth: int) -> Target | None:
        """What a name at the top of a file leads to."""
        if depth > _DEEP:
            return None
        root, _, rest = dotted.partition(".")
        own = self._own(file.path, dotted)
        if own is not None:
            return own
        imported = file.imports.get(root)
        for start in [imported] if imported else file.stars:
            whole = ".".join(filter(None, (start, rest if imported else dotted)))
            found = self._absolute(whole, file.path, depth + 1)
            if found is not None:
                return found
        return None

    def _own(self, path: str, dotted: str) -> Target | None:
        if self.index.parts(path, dotted):
            return path, dotted
        holder, _, name = dotted.rpartition(".")
        return self._member(path, holder, name) if holder and self.index.parts(path, holder) else None

    def _absolute(self, dotted: str, near: str, depth: int) -> Target | None:
        """What a name as it is imported leads to: the longest module of the project that it begins with has it."""
        parts = dotted.split(".")
        for count in range(len(parts) - 1, 0, -1):
            path = self._module(parts[:count], near)
            if path is not None:
                return self._visible(self._file(path), ".".join(parts[count:]), depth)
        return None

    def _module(self, parts: list[str], near: str) -> str | None:
        """The file of a module: of several that end so, the one nearest to a file."""
        ends = "/".join(parts)
        found: list[str] = []
        for path in self._modules.get(parts[-1], ()):
            stem = path.rpartition(".")[0].removesuffix("/__init__")
            if stem == ends or stem.endswith(f"/{ends}"):
                found.append(path)
        return min(found, key=lambda path: (-_shared(path, near), len(path), path), default=None)

    def _member(self, path: str, holder: str, name: str, depth: int = 0) -> Target | None:
        if self.index.parts(path, f"{holder}.{name}"):
            return path, f"{holder}.{name}"
        return self._inherited(path, holder, name, depth)

    def _inherited(self, path: str, holder: str, name: str, depth: int) -> Target | None:
        """What a class has of those above it."""
        header = next(iter(self.index.parts(path, holder)), None) if holder else None
        if header is None or depth > _DEEP:
            return None
        for base in _bases(header.signature):
            above = self._visible(self._file(path), base, 0)
            found = self._member(*above, name, depth + 1) if above and above != (path, holder) else None
            if found is not None:
                return found
        return None

    def _only(self, dotted: str) -> Target | None:
        """The one method of a name, where that name is said once in the project."""
        name = dotted.rpartition(".")[2]
        if "_" not in name.strip("_"):
            return None
        found = {(hit.path, hit.name) for hit in self.index.named(name) if not is_test(hit.path)}
        (only,) = found if len(found) == 1 else [None]
        return only if only and "." in only[1] else None

    def _file(self, path: str) -> "_File":
        digest = self.index.digest(path)
        known = self._files.pop(path, None)
        if known is None or known[0] != digest:
            if len(self._files) >= _FILES:
                del self._files[next(iter(self._files))]
            known = digest, _File(self._root, path)
        self._files[path] = known
        return known[1]


class _File:
    """A file's lines, and what it imports, wherever in it."""

    def __init__(self, root: Path, path: str) -> None:
        self.path = path
        try:
            text = decode(root / path, (root / path).read_bytes()).text
        except (OSError, Unreadable):
            text = ""
        self.lines = split_lines(text)

    @cached_property
    def _read(self) -> tuple[dict[str, str], list[str]]:
        imports: dict[str, str] = {}
        stars: list[str] = []
        for said in _IMPORT.findall("".join(self.lines)):
            for node in parse(said.strip()).body:
                if isinstance(node, ast.Import):
                    # `import a.b` binds a, and a.b is reached through it.
                    imports.update({(each.asname or each.name.partition(".")[0]): _bound(each) for each in node.names})
                elif isinstance(node, ast.ImportFrom):
                    module = ".".join(filter(None, (self._package(node.level), node.module or "")))
                    stars += [module for each in node.names if each.name == "*"]
                    imports.update({each.asname or each.name: f"{module}.{each.name}" for each in node.names})
        return imports, stars

    @property
    def imports(self) -> dict[str, str]:
        """What each name means that is imported."""
        return self._read[0]

    @property
    def stars(self) -> list[str]:
        """The modules of which all is imported."""
        return self._read[1]

    def _package(self, level: int) -> str:
        """The package that so many dots mean, from the root."""
        parts = self.path.split("/")
        return ".".join(parts[: len(parts) - level]) if level else ""


class _Said(NamedTuple):
    """What a chunk calls, as it is written, the names it binds, and the classes of those where it says so."""

    calls: frozenset[str]
    bound: frozenset[str]
    types: dict[str, str]


def _said(lines: list[str], kind: str) -> _Said:
    code = "".join(lines)
    body = parse(code, indented=code[:1] in (" ", "\t")).body
    calls, bound, types = set[str](), set[str](), dict[str, str]()
    waiting: list[ast.AST] = [each for each in body if not isinstance(each, _SCOPES)] if kind == Kind.MODULE else []
    for each in body if kind != Kind.MODULE else ():
        waiting += _inside(each, bound, types)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call):
            calls.add(_dotted(node.func))
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.withitem):
            types.update(_typed(node))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            # These have chunks of their own.
            bound.add(node.name)
            waiting += node.decorator_list
        else:
            waiting += ast.iter_child_nodes(node)
    return _Said(frozenset(calls), frozenset(bound), types)


def _inside(node: ast.AST, bound: set[str], types: dict[str, str]) -> Iterator[ast.AST]:
    """What runs in a definition, or to make it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        given = node.args
        bound.update(each.arg for each in (given.vararg, given.kwarg) if each)
        for each in (*given.posonlyargs, *given.args, *given.kwonlyargs):
            bound.add(each.arg)
            types[each.arg] = _class(each.annotation)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield from node.decorator_list
        yield from (each for each in node.body if not isinstance(node, ast.ClassDef) or not isinstance(each, _SCOPES))
    else:
        yield node


def _typed(node: ast.Assign | ast.AnnAssign | ast.withitem) -> Iterator[tuple[str, str]]:
    """A name, and the class that its value is said to have, or is made by."""
    target, value = (
        (node.optional_vars, node.context_expr)
        if isinstance(node, ast.withitem)
        else (node.targets[0] if isinstance(node, ast.Assign) else node.target, node.value)
    )
    if isinstance(target, ast.Name):
        said = _class(node.annotation) if isinstance(node, ast.AnnAssign) else ""
        yield target.id, said or (_dotted(value.func) if isinstance(value, ast.Call) else "")


def _class(annotation: ast.expr | None) -> str:
    """The class that an annotation names, also as a text, or with None; "" where it is more than one."""
    match annotation:
        case ast.Constant(value=str(text)):
            body = parse(text).body
            return _class(body[0].value) if len(body) == 1 and isinstance(body[0], ast.Expr) else ""
        case ast.BinOp(left=one, op=ast.BitOr(), right=ast.Constant(value=None)):
            return _class(one)
        case ast.Subscript(value=ast.Name(id="Optional"), slice=one):
            return _class(one)
        case ast.Name() | ast.Attribute():
            return _dotted(annotation)
        case _:
            return ""


def _dotted(node: ast.expr) -> str:
    """How a called thing is written: ``a.b``, ``?.b`` behind something that has no name, ``super().b``."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        names.append(node.id)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super":
        names.append(_SUPER)
    else:
        names.append(_UNKNOWN)
    return ".".join(reversed(names))


def _holder(hit: Hit) -> str:
    """The class around a chunk."""
    return hit.name.rpartition(".")[0] if hit.kind == Kind.METHOD else hit.name if hit.kind == Kind.CLASS else ""


def _bases(signature: str) -> list[str]:
    found = _BASES.search(signature)
    said = (each.strip().partition("[")[0] for each in (found[1] if found else "").split(","))
    return [each for each in said if _DOTTED.fullmatch(each)]


def _bound(alias: ast.alias) -> str:
    return alias.name if alias.asname else alias.name.partition(".")[0]


def _shared(path: str, other: str) -> int:
    """How many folders two paths begin with together."""
    count = 0
    for one, another in zip(path.split("/")[:-1], other.split("/")[:-1], strict=False):
        if one != another:
            break
        count += 1
    return count
