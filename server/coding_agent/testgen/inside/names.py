# pyright: standard
# Looks at the user's module.
"""How names of the module under test are spelled in a test file.

``parse`` with ``from semver.version import parse``; ``builtins.all`` with ``from asyncstdlib import builtins`` where
the bare name would hide a builtin or a fixture, would be collected by pytest, or is private.
"""

import ast
import builtins
import sys
from types import ModuleType
from typing import Any, Dict, Iterable, List, NamedTuple, Set, Tuple

RESERVED = frozenset(dir(builtins)) | {
    "result", "expected", "tmp_path", "tmp_path_factory", "capsys", "caplog", "monkeypatch", "request", "recwarn",
    "pytest", "asyncio", "islice", "math", "mock", "inf", "nan", "os", "unittest", "self",
    # What tests call things of their own: see ``body.py`` and ``cases.py``.
    "collect", "scenario", "answer", "patcher", "folder", "pathlib", "tempfile",
}  # fmt: skip


class Names(NamedTuple):
    """The spelling of one module's names; plain data.

    ``spelled`` is by name of the module; ``lines`` gives the import line for what a spelling begins with; ``alias`` is
    how the module itself is spelled.
    """

    module: str
    alias: str
    spelled: Dict[str, str]
    lines: Dict[str, str]

    def spell(self, qualname: str) -> str:
        """Return the expression for ``Version.parse`` and the like."""
        first, dot, rest = qualname.partition(".")
        return self.spelled.get(first, "%s.%s" % (self.alias, first)) + dot + rest

    def imports(self, texts: Iterable[str], others: Iterable[str] = ()) -> Tuple[str, ...]:
        """Return the import lines that statements or expressions need, beside the ``others`` they bring themselves."""
        read = _read([*others, *texts])
        return tuple(sorted({self.lines[name] for name in read if name in self.lines}))

    def namespace(self) -> Dict[str, Any]:
        """Return what all the import lines bind. The module must be imported."""
        found: Dict[str, Any] = {}
        exec("\n".join(self.lines.values()), found)
        found.pop("__builtins__", None)
        return found


def names_of(module: ModuleType) -> Names:
    """Decide the spelling for an imported module."""
    name = module.__name__
    parent, _, last = name.rpartition(".")
    own = [one for one in vars(module) if _is_own(module, one)]
    bare = {one for one in own if _stands_alone(one)}
    alias = last if last not in bare and last not in RESERVED - frozenset(dir(builtins)) else last + "_module"
    lines = {one: "from %s import %s" % (name, one) for one in sorted(bare)}
    if parent and getattr(sys.modules.get(parent), last, None) is not module:
        # The package has something else under the module's name, so the module itself cannot be imported by name.
        spelled = {one: one if one in bare else _renamed(last, one) for one in own}
        lines.update(
            {spelled[one]: "from %s import %s as %s" % (name, one, spelled[one]) for one in own if one not in bare}
        )
        lines[alias] = "import importlib\n\n%s = importlib.import_module(%r)" % (alias, name)
        return Names(name, alias, spelled, lines)
    spelled = {one: one if one in bare else "%s.%s" % (alias, one) for one in own}
    source = "from %s import %s" % (parent, last) if parent else "import %s" % last
    lines[alias] = source if alias == last else "%s as %s" % (source, alias)
    return Names(name, alias, spelled, lines)


def _renamed(last: str, name: str) -> str:
    return "%s_%s" % (last, name.strip("_"))


def _stands_alone(name: str) -> bool:
    return not (name.startswith("_") or name in RESERVED or name.lower().startswith("test"))


def _is_own(module: ModuleType, name: str) -> bool:
    """Whether the module made what the name stands for; data has no maker, so it counts where it is."""
    if name.startswith("__"):
        return False
    value = vars(module)[name]
    if isinstance(value, ModuleType):
        return False
    maker = getattr(value, "__module__", None) if callable(value) else None
    return maker is None or maker == module.__name__


def _read(texts: Iterable[str]) -> Set[str]:
    """Return the names that are read before anything in the texts, in their order, binds them."""
    found: Set[str] = set()
    bound: Set[str] = set()
    for text in texts:
        for statement in ast.parse(text).body:
            loaded, stored, inner = _names_in(statement)
            # ``cache = cache(3)`` reads the outer name; a loop or function binds before its body reads.
            simple = isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr))
            found |= loaded - bound - inner - (set() if simple else stored)
            bound |= stored
    return found


def _names_in(statement: ast.stmt) -> Tuple[Set[str], Set[str], Set[str]]:
    """Return the names that are read, bound, and parameters."""
    loaded: Set[str] = set()
    stored: Set[str] = set()
    inner: Set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            (loaded if isinstance(node.ctx, ast.Load) else stored).add(node.id)
        elif isinstance(node, ast.arg):
            inner.add(node.arg)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            stored.update(_import_names(node))
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            stored.add(node.name)
    return loaded, stored, inner


def _import_names(node: Any) -> List[str]:
    return [(alias.asname or alias.name.partition(".")[0]) for alias in node.names]
