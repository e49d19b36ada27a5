"""Imports one module from a rewritten tree, whoever imports it first.

A finder in front of the others replaces the module's code and nothing else: file, line numbers and names stay.
Objects are put into the code as constants, so that the module's globals show nothing of ours and a look-up costs least.
"""

import ast
import importlib
import importlib.machinery
import sys
import warnings
from types import CodeType, ModuleType
from typing import Any, Callable, Dict, Optional, Sequence, cast

from . import django_project

Make = Callable[[bytes, str], CodeType]
"""Returns the code for a module's source and path."""

_MARK = 0xC0D1_0C0D_1A6E_47E5_7 << 16
"""The first of the numbers that stand for objects until the code is compiled. The compiler folds nothing of a number
that is subscripted or called, as it would of a text."""


class NotRewritable(ImportError):
    """The module is there already, or has no Python source."""


class Objects:
    """Objects that a rewritten tree may name; ``node(name)`` is an expression whose value is the object."""

    def __init__(self, **objects: object) -> None:
        self._marks = {name: _MARK + place for place, name in enumerate(objects)}
        self._objects: Dict[int, object] = {self._marks[name]: value for name, value in objects.items()}

    def node(self, name: str) -> ast.expr:
        return ast.Constant(value=self._marks[name])

    def put_into(self, code: CodeType) -> CodeType:
        """Return the code with the objects in place of their marks, in nested code as well."""
        return code.replace(co_consts=tuple(self._constant(value) for value in code.co_consts))

    def _constant(self, value: Any) -> Any:
        if isinstance(value, CodeType):
            return self.put_into(value)
        return self._objects.get(value, value) if type(value) is int else value


def compiled(tree: ast.Module, path: str, objects: Objects) -> CodeType:
    """Compile a rewritten tree. Raises what ``compile`` does."""
    with warnings.catch_warnings():
        # A constant that is called or subscripted looks like a slip to the compiler.
        warnings.simplefilter("ignore")
        code = compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)
    return objects.put_into(code)


def load(name: str, make: Make) -> ModuleType:
    """Import the module with other code, its packages as they are.

    Raises: NotRewritable; whatever the user's modules raise when they are imported.
    """
    if name in sys.modules:
        raise NotRewritable("%s is imported already" % name)
    finder = _Finder(name, make)
    sys.meta_path.insert(0, cast("Any", finder))
    try:
        # Setting up a project may import the module itself.
        django_project.ready()
        module = importlib.import_module(name)
    finally:
        sys.meta_path.remove(cast("Any", finder))
    if not finder.used:
        raise NotRewritable("%s has no Python source" % name)
    return module


def try_import(name: str) -> None:
    """Import another module, so that forks of this process need not."""
    try:
        importlib.import_module(name)
    except Exception:  # it may only work after others; the child imports it then
        return


class _Finder:
    def __init__(self, name: str, make: Make) -> None:
        self.name = name
        self.make = make
        self.used = False

    def find_spec(
        self, name: str, path: Optional[Sequence[str]] = None, target: Optional[ModuleType] = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        if name != self.name:
            return None
        spec = self._found(name, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path, self)
        return spec

    def _found(
        self, name: str, path: Optional[Sequence[str]], target: Optional[ModuleType]
    ) -> Optional[importlib.machinery.ModuleSpec]:
        for finder in sys.meta_path:
            if cast("Any", finder) is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                return spec
        return None


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, finder: _Finder) -> None:
        super().__init__(name, path)
        self._finder = finder

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        code = self._finder.make(self.get_data(path), path)
        self._finder.used = True
        return code
