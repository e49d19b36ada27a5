# pyright: standard
# Looks at whatever the code under test asks the system for.
"""Sees what a run reaches of the machine: the working directory, the home, files elsewhere, unset variables.

A test that reached them would read, or delete, what its reader has there. It gets folders of its own instead.
"""

import os
import pathlib
import re
import sys
import tempfile
from types import ModuleType
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Set, Tuple

from .model import Candidate, Patch
from .names import Names

_PATHS = {
    "open": 1, "os.listdir": 1, "os.scandir": 1, "os.remove": 1, "os.rmdir": 1, "os.rename": 2, "os.mkdir": 1,
    "os.truncate": 1, "os.chmod": 1, "os.chown": 1, "os.utime": 1, "os.link": 2, "os.symlink": 2,
    "sqlite3.connect": 1,
}  # fmt: skip
"""Events that name paths, and how many of their arguments are one."""
_LOOKING = frozenset({"os.listdir", "os.scandir"})
_FOLDER_ARGUMENT = {"os.remove": 1, "os.rmdir": 1, "os.rename": 2, "os.mkdir": 2, "os.chmod": 2, "os.symlink": 2}
"""Which argument is a descriptor of the folder that a path is relative to, -1 for none."""
_ASKING = ("stat", "lstat", "access", "readlink")
_DEVICES = ("/dev/", "/proc/")
_NAME = re.compile(r"(?:\w[\w-]*/)?\.?\w[\w.-]*")
_IMPORTING = "<frozen importlib"
_MAPPING = ("os.py", "_collections_abc.py", "<frozen os>", "<frozen _collections_abc>", __file__)


class Touched(NamedTuple):
    """What a run reached that is not its own.

    ``folder``: it looked into the working directory. ``home``, ``changed``: absolute paths below the home, and those
    elsewhere that it wrote to. ``variables``: of the environment, read by the project and not set. ``sought``: names of
    what it looked for in the working directory, its own one too.
    """

    folder: bool = False
    home: Tuple[str, ...] = ()
    changed: Tuple[str, ...] = ()
    variables: Tuple[str, ...] = ()
    sought: Tuple[str, ...] = ()

    @property
    def files(self) -> bool:
        return self.folder or bool(self.home or self.changed)


NOTHING = Touched()


class Reach:
    """Watches this process between ``begin`` and ``taken``; ``leave`` takes it out of the way again."""

    def __init__(self, module: ModuleType, own: pathlib.Path) -> None:
        self._own = str(own)
        self._home = os.path.expanduser("~").rstrip(os.sep)
        self._temporary = tempfile.gettempdir()
        self._code = tuple({sys.prefix, sys.base_prefix, sys.exec_prefix, *filter(None, sys.path)})
        self._top = module.__name__.partition(".")[0]
        self._module = module
        self._text: Optional[str] = None
        self._on = self._folder = False
        self._elsewhere: Dict[str, bool] = {}
        self._asked: Set[str] = set()
        self._sought: Dict[str, None] = {}
        self._undo: List[Callable[[], Any]] = []
        _watching.append(self)
        self._wrap()

    def begin(self) -> None:
        if self._elsewhere or self._asked or self._sought:
            self._elsewhere, self._asked, self._sought = {}, set(), {}
        self._folder, self._on = False, True

    def taken(self) -> Touched:
        """Return what was reached since ``begin``, and stop looking."""
        self._on = False
        if not (self._folder or self._elsewhere or self._asked or self._sought):
            return NOTHING
        home = [path for path in self._elsewhere if self._home and _below(path, self._home)]
        changed = [
            path
            for path, writes in self._elsewhere.items()
            if writes and path not in home and not self._is_nobodys(path)
        ]
        return Touched(self._folder, tuple(home), tuple(changed), tuple(sorted(self._asked)), tuple(self._sought))

    def leave(self) -> None:
        _watching.remove(self)
        while self._undo:
            self._undo.pop()()

    # What is seen

    def event(self, name: str, args: Tuple[Any, ...]) -> None:
        """Note an audit event of the interpreter."""
        if not self._on or name not in _PATHS:
            return
        at = _FOLDER_ARGUMENT.get(name)
        if at is not None and at < len(args) and args[at] not in (-1, None):
            return
        if sys._getframe(2).f_code.co_filename.startswith(_IMPORTING):
            return
        writes = _writes(args) if name == "open" else name not in _LOOKING
        for path in args[: _PATHS[name]]:
            self._path("." if path is None else path, writes)

    def _path(self, given: Any, writes: bool) -> None:
        if isinstance(given, int):
            return
        try:
            text = os.fsdecode(given)
        except TypeError:
            return
        if text in ("", ":memory:") or text.startswith("file:"):
            return
        try:
            here = os.getcwd()
        except OSError:  # it was removed
            here = self._own
        path = os.path.normpath(os.path.join(here, text))
        if not writes and _below(path, here) and _NAME.fullmatch(path[len(here) + 1 :]):
            self._sought[path[len(here) + 1 :]] = None
        if _below(path, self._own):
            return
        if not os.path.isabs(text) or _below(path, here):
            self._folder = True
        elif writes or not self._is_code(path):
            self._elsewhere[path] = writes or self._elsewhere.get(path, False)

    def _is_code(self, path: str) -> bool:
        return any(_below(path, folder) for folder in self._code)

    def _is_nobodys(self, path: str) -> bool:
        return path.startswith(_DEVICES) or (_below(path, self._temporary) and not self._is_code(path))

    def _wrap(self) -> None:
        for name in _ASKING:
            real = getattr(os, name)
            self._replace(os, name, self._asks(real))
            accessor = getattr(pathlib, "_NormalAccessor", None)
            if accessor is not None and getattr(accessor, name, None) is real:  # Before Python 3.11.
                self._replace(accessor, name, staticmethod(self._asks(real)))
        variables = type(os.environ)
        self._replace(variables, "__getitem__", self._reads(variables.__getitem__))

    def _replace(self, owner: Any, name: str, new: Any) -> None:
        old = vars(owner)[name]
        self._undo.append(lambda: setattr(owner, name, old))
        setattr(owner, name, new)

    def _asks(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def ask(path: Any, *args: Any, **kwargs: Any) -> Any:
            if self._on and kwargs.get("dir_fd") is None:
                self._path(path, False)
            return real(path, *args, **kwargs)

        return ask

    def _reads(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def read(variables: Any, name: Any) -> Any:
            try:
                return real(variables, name)
            except KeyError:
                if self._on and isinstance(name, str) and self._is_ours(name, sys._getframe(1)):
                    self._asked.add(name)
                raise

        return read

    def _is_ours(self, name: str, frame: Any) -> bool:
        """Whether the project reads a variable, or names it to the library that does."""
        while frame is not None and frame.f_code.co_filename.endswith(_MAPPING):
            frame = frame.f_back
        if frame is None:
            return False
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] == self._top:
            return True
        if self._text is None:
            try:
                self._text = pathlib.Path(str(self._module.__file__)).read_text("utf-8", "replace")
            except OSError:
                self._text = ""
        return repr(name) in self._text or '"%s"' % name in self._text


_watching: List[Reach] = []


def _hook(name: str, args: Tuple[Any, ...]) -> None:
    for each in _watching:
        each.event(name, args)


sys.addaudithook(_hook)


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + os.sep)


def _writes(args: Tuple[Any, ...]) -> bool:
    mode, flags = (*args[1:], None, None)[:2]
    if isinstance(mode, str):
        return any(char in mode for char in "wax+")
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def redirected(candidate: Candidate, touched: Touched, names: Names, module: ModuleType) -> Candidate:
    """Return the candidate with folders of its own in place of what it touched, and without what may be set."""
    files: List[Patch] = [Patch("", "", "tmp_path", "chdir")] if touched.folder else []
    left = {*touched.home, *touched.changed}
    for name, value in vars(module).items() if left else ():
        kind = _path_kind(value)
        held = {path for path in left if kind and _below(path, os.fspath(value))}
        if held:
            own = "tmp_path / %r" % os.path.basename(os.fspath(value))
            files.append(Patch(names.alias, name, "str(%s)" % own if kind == "text" else own))
            left -= held
    if left & {*touched.home}:
        files.append(Patch("os.environ", "HOME", "str(tmp_path)", "setenv"))
    there = {(patch.owner, patch.attribute) for patch in candidate.patches}
    files = [patch for patch in files if (patch.owner, patch.attribute) not in there]
    unset = [Patch("os.environ", name, "", "delenv") for name in touched.variables if ("os.environ", name) not in there]
    fixtures = {*candidate.fixtures, "tmp_path"} if files else candidate.fixtures
    return candidate._replace(patches=(*files, *candidate.patches, *unset), fixtures=tuple(sorted(fixtures)))


def _path_kind(value: Any) -> str:
    """``path`` or ``text`` for an absolute path that a module has as a constant; else ""."""
    if isinstance(value, pathlib.PurePath) and value.is_absolute():
        return "path"
    return "text" if isinstance(value, str) and len(value) > 1 and os.path.isabs(value) else ""
