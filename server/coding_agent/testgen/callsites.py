"""Calls of a module's functions that the project already has, as seeds: its other modules, tests, README and docs."""

import ast
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from coding_agent.testgen.inside import parsing
from coding_agent.testgen.inside.model import Arg
from coding_agent.testgen.layout import is_test_name

Seed: TypeAlias = dict[str, object]
"""``target``, ``args`` as [{name, code}], ``arrange``, ``imports``, ``origin``."""

_FILES = 600
_BYTES = 12_000_000
_LARGEST = 400_000
_SEEDS = 40
"""Seeds of one target."""
_LONGEST = 200
"""Characters of an argument."""
_SKIPPED = frozenset({"node_modules", "__pycache__", "build", "dist", "venv", "env", "site-packages"})
_BLOCK = re.compile(r"^(?:```|~~~)\s*(?:python|py|pycon|python3)?[^\n]*\n(.*?)^(?:```|~~~)", re.MULTILINE | re.DOTALL)
_DOCTEST = re.compile(r"^[ \t]*>>> (.*(?:\n[ \t]*\.\.\. .*)*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Text:
    """Python found in a file, and where it is from: call site, test or docs."""

    code: str
    origin: str


def seeds(project: Path, file: Path, module: str, targets: Iterable[str], token: "Stop | None" = None) -> list[Seed]:
    """Return calls with arguments that stand alone, found in the project's files but ``file`` itself.

    Files are asked for the names first and parsed only where one is found. Bounded by number of files and bytes.
    """
    finder = _Finder(module, targets)
    found: list[Seed] = []
    many: dict[str, int] = {}
    known: set[str] = set()
    for text in _texts(project, file, finder.pattern, token or Stop()):
        for seed in finder.calls(text):
            target, key = str(seed["target"]), repr((seed["target"], seed["args"], seed["arrange"]))
            if key not in known and many.get(target, 0) < _SEEDS:
                known.add(key)
                many[target] = many.get(target, 0) + 1
                found.append(seed)
    return found


@dataclass(slots=True)
class Stop:
    """Set to end a search early."""

    stopped: bool = False


def _texts(project: Path, own: Path, pattern: re.Pattern[str], token: Stop) -> Iterator[Text]:
    files, size = 0, 0
    for path in files_with_calls(project, token):
        if path == own:
            continue
        try:
            weight = path.stat().st_size
            if weight > _LARGEST:
                continue
            text = path.read_text("utf-8", "replace")
        except OSError:
            continue
        files, size = files + 1, size + weight
        if files > _FILES or size > _BYTES:
            return
        if not pattern.search(text):
            continue
        if path.suffix == ".py":
            yield Text(text, "test" if is_test_name(path.name) or path.name == "conftest.py" else "call site")
        else:
            yield from (Text(block, "docs") for block in _blocks(text))


def files_with_calls(project: Path, token: Stop) -> Iterator[Path]:
    """Yield the files that are looked through; tests and documents first, they show what is meant."""
    later: list[Path] = []
    for folder, folders, names in os.walk(project):
        folders[:] = sorted(
            each
            for each in folders
            if not each.startswith(".") and each not in _SKIPPED and not each.endswith((".dist-info", ".egg-info"))
        )
        for name in sorted(names):
            if token.stopped:
                return
            path = Path(folder, name)
            if name.endswith((".md", ".rst")) or is_test_name(name):
                yield path
            elif name.endswith(".py") and len(later) < _FILES:
                later.append(path)
    for path in later:
        if token.stopped:
            return
        yield path


def _blocks(text: str) -> Iterator[str]:
    for block in _BLOCK.findall(text):
        yield _examples(block) if ">>> " in block else block
    if "```" not in text and ">>> " in text:
        yield _examples(text)


def _examples(text: str) -> str:
    return "\n".join(re.sub(r"^[ \t]*\.\.\. ", "", each, flags=re.MULTILINE) for each in _DOCTEST.findall(text))


class _Finder:
    def __init__(self, module: str, targets: Iterable[str]) -> None:
        self.module, self.top = module, module.partition(".")[0]
        self.targets = {name for name in targets if "<" not in name}
        self.firsts = {name.partition(".")[0] for name in self.targets}
        self.methods: dict[str, list[str]] = {}
        for name in self.targets:
            owner, _, method = name.rpartition(".")
            if owner:
                self.methods.setdefault(method, []).append(name)
        words = sorted(self.firsts) or ["(?!)"]
        self.pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, words)) + r")\b")

    def calls(self, text: Text) -> Iterator[Seed]:
        tree = parsing.module(text.code)
        if tree is None:
            return
        spelled = self._spelled(tree, text.origin)
        if not spelled:
            return
        imports = _imports(tree)
        for scope in ast.walk(tree):
            body = getattr(scope, "body", None)
            if isinstance(scope, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef)) and isinstance(body, list):
                yield from self._in_scope(scope.body, spelled, imports, text.origin)

    def _spelled(self, tree: ast.Module, origin: str) -> dict[str, str]:
        """What names of the file mean inside the module: ``Version`` or ``semver.Version`` -> Version."""
        found: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and self._may_be(node):
                found |= {each.asname or each.name: each.name for each in node.names if each.name in self.firsts}
                last = self.module.rpartition(".")[2]
                for each in node.names:
                    if each.name == last:
                        found |= {f"{each.asname or each.name}.{first}": first for first in self.firsts}
            elif isinstance(node, ast.Import):
                for each in node.names:
                    if each.name == self.module or self.module.startswith(each.name + "."):
                        found |= {f"{each.asname or each.name}.{first}": first for first in self.firsts}
        if not found and origin == "docs":
            found = {first: first for first in self.firsts} | {f"{self.top}.{first}": first for first in self.firsts}
        return found

    def _may_be(self, node: ast.ImportFrom) -> bool:
        """Whether names may be this module's: from it, from a package that hands them on, or from beside it."""
        name = node.module or ""
        return bool(node.level) or name == self.module or name.partition(".")[0] == self.top

    def _in_scope(
        self, body: Sequence[ast.stmt], spelled: dict[str, str], imports: dict[str, str], origin: str
    ) -> Iterator[Seed]:
        made: dict[str, tuple[str, ast.Assign]] = {}
        for statement in body:
            inner = [statement] if not hasattr(statement, "body") else [
                each for each in ast.walk(statement) if isinstance(each, ast.stmt) and not hasattr(each, "body")
            ]  # fmt: skip
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                continue
            for each in inner:
                yield from self._in_statement(each, spelled, imports, made, origin)
                if isinstance(each, ast.Assign) and len(each.targets) == 1 and isinstance(each.targets[0], ast.Name):
                    target = self._target(each.value, spelled)
                    if target is not None:
                        made[each.targets[0].id] = (target, each)

    def _in_statement(
        self,
        statement: ast.stmt,
        spelled: dict[str, str],
        imports: dict[str, str],
        made: dict[str, tuple[str, ast.Assign]],
        origin: str,
    ) -> Iterator[Seed]:
        for node in ast.walk(statement):
            if not isinstance(node, ast.Call):
                continue
            target, arrange = self._target(node, spelled), ()
            if target is None and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
                owner = made.get(node.func.value.id)
                if owner is not None:
                    target = self._method(owner[0], node.func.attr)
                    arrange = (ast.unparse(self._plain(owner[1], spelled)),)
            if target is not None:
                args = self._args(node, spelled)
                if args is None:
                    continue
                if all(len(line) < _LONGEST and _alone(line, imports) for line in arrange):
                    yield _seed(target, args, arrange, imports, origin)
                else:
                    # Without the object it was called on, it still says what the arguments are.
                    yield _seed(target, args, (), imports, "usage")

    def _target(self, node: ast.expr, spelled: dict[str, str]) -> str | None:
        if not isinstance(node, ast.Call):
            return None
        name = ast.unparse(node.func) if isinstance(node.func, (ast.Name, ast.Attribute)) else ""
        for own, first in spelled.items():
            if name == own:
                return first if first in self.targets or f"{first}.__init__" in self.targets else None
            if name.startswith(own + ".") and f"{first}{name[len(own) :]}" in self.targets:
                return f"{first}{name[len(own) :]}"
        return None

    def _method(self, made_by: str, method: str) -> str | None:
        """The method of an object that a class, or a class method of it, made."""
        owner = made_by.partition(".")[0]
        name = f"{owner}.{method}"
        return name if name in self.targets else None

    def _plain(self, node: ast.Assign, spelled: dict[str, str]) -> ast.Assign:
        return ast.Assign(node.targets, _respelled(node.value, spelled), lineno=node.lineno)

    def _args(self, node: ast.Call, spelled: dict[str, str]) -> list[Arg] | None:
        given = [("", each) for each in node.args] + [(each.arg or "**", each.value) for each in node.keywords]
        found: list[Arg] = []
        for name, value in given:
            if name == "**" or isinstance(value, ast.Starred) or not _literal(value, spelled):
                return None
            code = ast.unparse(_respelled(value, spelled))
            if len(code) > _LONGEST:
                return None
            found.append(Arg(name, code))
        return found


class _Respelling(ast.NodeTransformer):
    def __init__(self, spelled: dict[str, str]) -> None:
        self.spelled = spelled

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        name = self.spelled.get(ast.unparse(node))
        if name is not None:
            return ast.Name(name)
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(self.spelled.get(node.id, node.id))


def _respelled(node: ast.expr, spelled: dict[str, str]) -> ast.expr:
    copied = ast.parse(ast.unparse(node), mode="eval").body
    return _Respelling(spelled).visit(copied)


def _literal(node: ast.expr, spelled: dict[str, str]) -> bool:
    """Whether an expression stands alone: literals, displays of them, and calls of names that the module has."""
    allowed = {name.partition(".")[0] for name in spelled}
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and each.id not in allowed and each.id not in _BUILTINS:
            return False
        if isinstance(each, (ast.Lambda, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr, ast.comprehension)):
            return False
    return True


_BUILTINS = frozenset(
    {
        "int", "float", "str", "bytes", "list", "dict", "set", "tuple",
        "frozenset", "bool", "range", "len", "sorted", "max", "min", "abs",
        "ValueError", "TypeError", "KeyError", "complex", "bytearray", "object",
    }
)  # fmt: skip


def _alone(line: str, imports: dict[str, str]) -> bool:
    loaded = {
        each.id for each in ast.walk(ast.parse(line)) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
    }
    return all(name in imports or name in _BUILTINS or name[:1].isupper() for name in loaded)


def _imports(tree: ast.Module) -> dict[str, str]:
    """Absolute imports of a file by the name they bind."""
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Import):
            found |= {a.asname or a.name.partition(".")[0]: ast.unparse(ast.Import([a])) for a in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module != "__future__":
            found |= {a.asname or a.name: ast.unparse(ast.ImportFrom(node.module, [a], 0)) for a in node.names}
    return found


def _seed(target: str, args: Sequence[Arg], arrange: Sequence[str], imports: dict[str, str], origin: str) -> Seed:
    text = "\n".join((*arrange, *(arg.code for arg in args)))
    used = {each.id for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Name)}
    return {
        "target": target,
        "args": [{"name": arg.name, "code": arg.code} for arg in args],
        "arrange": list(arrange),
        "imports": [line for name, line in imports.items() if name in used],
        "origin": origin,
    }
