"""jedi's side of the door: runs in the worker's child, nowhere else.

One Script is kept: the next question about the same text finds what this one worked out, a tenth of the time of a new
one. Another text drops it, for two live Scripts of one path would mix their texts. jedi is not made for threads; the
worker has one thread and asks one question at a time. Nothing of the workspace is executed:
no environment of the project is started, and compiled modules are imported from our own standard library only.
"""

import gc
import sys
import sysconfig
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol, TypeVar, cast

import jedi
from jedi.api.environment import InterpreterEnvironment

from coding_agent.runtime.log import Level, event
from coding_agent.semantics.symbol import PlaceData, Question, QuestionData, SymbolData

T = TypeVar("T")

_SIGNATURES = 6
_TYPED = frozenset(("statement", "param", "property", "instance"))
_WARMING = "import os, collections\nd = collections.defaultdict(list)\nd.setdefault\nos.getcwd().strip\n"


def prepare(cache_folder: str) -> None:
    """Import jedi and have it read the stubs that every question needs."""
    for line, column in ((2, 3), (3, 13)):
        hover((_WARMING, str(Path(cache_folder, "warming.py")), line, column, cache_folder, cache_folder, (), 0))
    # What is alive now stays alive: no collection needs to look at it again.
    gc.collect()
    gc.freeze()


def hover(asked: QuestionData) -> SymbolData | None:
    """Return the fields of a ``SymbolInfo``, None when jedi knows no name there."""
    question = Question(*asked)
    script, line, column = _script(question)
    names = _tried("goto", lambda: script.goto(line, column, follow_imports=True), ()) or _tried(
        "infer", lambda: script.infer(line, column), ()
    )
    if not names:
        return None
    name = _on_this_system(names[0], question)
    kind = _tried("kind", lambda: name.type, "")
    signatures = _tried("signatures", lambda: [found.to_string() for found in name.get_signatures()], [])
    return (
        name.name,
        kind,
        _full_name(name),
        tuple(dict.fromkeys(signatures))[:_SIGNATURES],
        (_tried("type", name.get_type_hint, "") or "") if kind in _TYPED else "",
        _tried("docstring", lambda: name.docstring(raw=True), ""),
        _place(name),
    )


def uses(asked: QuestionData, project: bool) -> list[PlaceData] | None:
    """Return where the name there is used; None when there is no name. ``project`` looks beyond the file."""
    script, line, column = _script(Question(*asked))
    scope = "project" if project else "file"
    found = _tried("references", lambda: script.get_references(line, column, scope=scope), ())
    places = [_place(name) for name in found if not _tried("definition", name.is_definition, True)]
    return [place for place in places if place] if found else None


class _Signature(Protocol):
    def to_string(self) -> str: ...


class _Name(Protocol):
    """What we use of jedi's Name, which has no types of its own."""

    name: str
    type: str
    full_name: str | None
    module_path: Path | None
    line: int | None
    column: int | None

    def get_signatures(self) -> Sequence[_Signature]: ...
    def get_type_hint(self) -> str | None: ...
    def docstring(self, raw: bool = False) -> str: ...
    def is_definition(self) -> bool: ...


class _Script(Protocol):
    """What we use of jedi's Script. Lines are from 1."""

    def goto(self, line: int, column: int, *, follow_imports: bool) -> Sequence[_Name]: ...
    def infer(self, line: int, column: int) -> Sequence[_Name]: ...
    def get_references(self, line: int, column: int, *, scope: str) -> Sequence[_Name]: ...


class _NothingRuns(InterpreterEnvironment):
    """Our own interpreter's standard library; neither its site-packages nor any other process."""

    def get_sys_path(self) -> list[str]:
        library = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
        return [path for path in sys.path if path in library or Path(path).name in ("lib-dynload", "DLLs")]


def _script(question: Question) -> tuple[_Script, int, int]:
    """Return the Script of a question and where to ask it: jedi's lines are from 1, and it counts no BOM."""
    bom = question.line == 0 and question.text.startswith("\ufeff")
    return _kept(question._replace(line=0, column=0)), question.line + 1, max(0, question.column - bom)


def _made(question: Question) -> _Script:
    """A new Script; jedi takes no lone surrogate."""
    jedi.settings.cache_directory = question.cache_folder
    jedi.settings.auto_import_modules = []  # These would be executed.
    jedi.settings.dynamic_params_for_other_modules = False  # This reads the whole project to guess a type.
    text = question.text.removeprefix("\ufeff").encode("utf-8", "replace").decode("utf-8")
    project = jedi.Project(question.root, added_sys_path=question.paths, smart_sys_path=False)
    return cast(_Script, jedi.Script(text, path=question.path, project=project, environment=_NothingRuns()))


# Asked with the place left out.
_kept = lru_cache(maxsize=1)(_made)


def _on_this_system(name: _Name, question: Question) -> _Name:
    """jedi reads both branches of ``os.path``'s stub and may land in the module of the other system."""
    full_name = _full_name(name)
    if not full_name.startswith("os.path.") or sys.platform == "win32":
        return name
    last = f"posixpath.{full_name.removeprefix('os.path.')}"
    path = str(Path(question.cache_folder, "posix.py"))
    script = _made(question._replace(text=f"import posixpath\n{last}", path=path))
    twins = _tried("goto", lambda: script.goto(2, len(last) - 1, follow_imports=True), ())
    return twins[0] if twins else name


def _full_name(name: _Name) -> str:
    return _tried("full_name", lambda: name.full_name or "", "")


def _place(name: _Name) -> PlaceData | None:
    if name.module_path is None or name.line is None or name.column is None:
        return None
    return str(name.module_path), name.line - 1, name.column


def _tried(what: str, ask: Callable[[], T], otherwise: T) -> T:
    """Ask jedi. It raises TypeError, KeyError, RecursionError and others of its own on code it does not understand;
    one part of an answer must not cost the others, so this is its fence.
    """
    try:
        return ask()
    except Exception as error:
        event("jedi-failed", level=Level.DEBUG, asked=what, error=error)
        return otherwise
