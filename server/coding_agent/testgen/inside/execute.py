# pyright: standard
# Runs the user's code on any value.
"""Runs one candidate and says what happened.

An ``Engine`` belongs to one child process: it takes over standard output, logging, warnings, the alarm signal and the
current directory, and keeps them. One run costs little beyond the code under test (``bench/testgen_probes.py``).
"""

import logging
import os
import shutil
import sys
import warnings
from itertools import islice
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple, cast

from . import answers
from .built import BUILT, marked, needs_mark
from .consume import Loop, definite
from .fixtures import Capture, Log, MonkeyPatch, Printed
from .guard import Guard, OutOfTime
from .instrument import Loaded, arcs
from .model import Candidate
from .names import Names
from .origin import Raised, raised_where
from .reach import NOTHING, Reach, redirected
from .seen import Note, Raw, notes_of
from .wording import act_text, is_async, prelude

FLAGS = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
CACHE = 4096
FIXTURES = frozenset({"tmp_path", "capsys", "caplog", "monkeypatch"})
SECONDS = 0.25
"""What one run may take."""

Watch = Callable[[Dict[str, Any]], Any]


class Warned(NamedTuple):
    """A warning; ``file`` is the one it was given for."""

    category: type
    message: str
    file: str


class Outcome:
    """What one run did.

    ``kind``: ``value``; ``raises`` (``error`` and ``raised`` are set); ``timeout``; ``arrange`` (it ended before the
    act, by ``error``: in a statement before it, or while an argument was made); ``broken`` (the text does not compile
    or needs a fixture there is none of); ``endless`` (an asynchronous iterable without end); ``accident`` (a client
    answered instead of raising ``error``).
    ``candidate`` is the one that was given, its act made definite: a call that gave a coroutine is awaited, an iterator
    is listed, a context manager entered, and ``value`` is what came of that.
    """

    __slots__ = (
        "_notes",
        "acted", "after", "before", "candidate", "earlier", "error", "kind", "logs", "namespace", "printed", "raised",
        "raw", "strays", "touched", "value", "warned",
    )  # fmt: skip

    def __init__(self, candidate: Candidate, kind: str) -> None:
        self.candidate = candidate
        self.kind = kind
        self.value: Any = None
        self.error: Optional[BaseException] = None
        self.raised: Optional[Raised] = None
        self.acted = b""  # the probes passed during the act
        self.earlier = b""  # and before it
        self.raw: List[Raw] = []
        self._notes: Optional[List[Note]] = None
        self.printed = Printed("", "")
        self.logs: List[logging.LogRecord] = []
        self.warned: Tuple[Warned, ...] = ()
        self.strays = False  # something was written into the current directory, or what is no test's was touched
        self.touched = NOTHING
        self.namespace: Dict[str, Any] = {}
        self.before: Any = None
        self.after: Any = None

    @property
    def arcs(self) -> Tuple[int, ...]:
        """The numbers of the probes passed during the act and what came before it."""
        return tuple(sorted({*arcs(self.acted), *arcs(self.earlier)})) if self.earlier else arcs(self.acted)

    @property
    def arranged(self) -> Tuple[int, ...]:
        """The numbers of those that only what came before the act passed."""
        return tuple(sorted({*arcs(self.earlier)}.difference(arcs(self.acted)))) if self.earlier else ()

    @property
    def notes(self) -> List[Note]:
        """What comparisons saw."""
        if self._notes is None:
            self._notes = notes_of(self.raw)
        return self._notes


class Engine:
    """Runs candidates in this process, one at a time, in its main thread.

    ``loaded`` is None for the plain module: then there are no arcs and no notes. ``folder`` is an empty folder of ours.
    """

    def __init__(
        self, module: ModuleType, names: Names, folder: Path, loaded: Optional[Loaded] = None, seconds: float = SECONDS
    ) -> None:
        self.module = module
        self.names = names
        self.loaded = loaded
        self.capture = Capture()
        self.log = Log()
        self.guard = Guard(seconds)
        self._loop = Loop()
        self._patch = MonkeyPatch()
        self._base = {**names.namespace(), "islice": islice}
        self._imports: Dict[Tuple[str, ...], Dict[str, Any]] = {}
        self._codes: Dict[str, CodeType] = {}
        self._cwd = folder / "cwd"
        self.tmp_path = folder / "tmp"
        self._top = module.__name__.partition(".")[0]
        self._reach = Reach(module, self.tmp_path)
        self._take_over()

    def leave(self) -> None:
        """Give back what was taken over, but for the alarm signal and the warnings' filters."""
        sys.stdin, sys.stdout, sys.stderr = self._streams
        logging.getLogger().removeHandler(self.log)
        self._reach.leave()
        os.chdir(self._from)

    def _take_over(self) -> None:
        self._streams = (sys.stdin, sys.stdout, sys.stderr)
        self._from = os.getcwd()
        self._cwd.mkdir(exist_ok=True)
        os.chdir(self._cwd)
        self.capture.install()
        logging.getLogger().addHandler(self.log)
        self._warned: List[Any] = cast("List[Any]", warnings.catch_warnings(record=True).__enter__())
        warnings.simplefilter("always")
        # The mapping below os.environ compares without decoding every entry.
        self._environment = getattr(os.environ, "_data", os.environ)
        self._environ = dict(self._environment)

    # One run

    def run(self, candidate: Candidate, watch: Optional[Watch] = None) -> Outcome:
        """Run the candidate, without its checks.

        ``watch`` gets the names there are before the act, and again after it; ``before`` and ``after`` of the outcome
        are what it returned, where the run came that far. It runs under the same guard, before patches are undone.
        """
        self._prepare()
        outcome = Outcome(candidate, "value")
        if not FIXTURES.issuperset(candidate.fixtures):
            outcome.kind = "broken"
            return outcome
        self._reach.begin()
        try:
            with self.guard:
                self._steps(outcome, watch)
        except OutOfTime:
            outcome.kind = "timeout"
            self._loop.renew()
        except BaseException as error:
            self._failed(outcome, error)
        outcome.touched = self._reach.taken()
        self._patch.undo()
        self._collect(outcome)
        return outcome

    def run_apart(self, candidate: Candidate, watch: Optional[Watch] = None) -> Outcome:
        """As ``run``; where it touches what its reader may have, it is run again with folders of its own instead."""
        outcome = self.run(candidate, watch)
        if outcome.touched is NOTHING:
            return outcome
        apart = redirected(candidate, outcome.touched, self.names, self.module)
        if apart != candidate:
            outcome = self.run(apart, watch)
        outcome.strays = outcome.strays or outcome.touched.files
        return outcome

    def _steps(self, outcome: Outcome, watch: Optional[Watch]) -> None:
        candidate = outcome.candidate
        # Until the act begins, an error is the arrangement's.
        outcome.kind = "broken"
        asynchronous = is_async(candidate)
        before = prelude(candidate)
        first = self._code(before, asynchronous) if before else None
        mark = needs_mark(candidate.act)
        act = self._code(act_text(candidate.act), asynchronous, marks=mark)
        names = self._namespace(candidate)
        outcome.kind = "arrange"
        outcome.namespace = names
        if first is not None:
            self._execute(first, names, asynchronous)
            if self.loaded is not None:
                outcome.earlier = self.loaded.taken()
        if watch is not None:
            outcome.before = watch(names)
            if self.loaded is not None:
                # What was only looked at has not been run by the test.
                self.loaded.taken()
        self._act(outcome, act, asynchronous, mark)
        outcome.value = names.get("result")
        if candidate.act.kind == "call":
            definite(outcome, self._loop)
            answers.answered(outcome, self.log.records, self._top)
        if watch is not None:
            outcome.after = watch(names)

    def _act(self, outcome: Outcome, act: CodeType, asynchronous: bool, mark: bool) -> None:
        """Run the act; until its parts are made, an error is theirs."""
        names = outcome.namespace
        if mark:

            def built(value: Any) -> Any:
                outcome.kind = "value"
                return value

            names[BUILT] = built
        else:
            outcome.kind = "value"
        self._execute(act, names, asynchronous)
        names.pop(BUILT, None)
        outcome.kind = "value"

    def _execute(self, code: CodeType, names: Dict[str, Any], asynchronous: bool) -> None:
        if asynchronous:
            value = eval(code, names)
            if value is not None:
                self._loop.run(value)
        else:
            exec(code, names)

    def _failed(self, outcome: Outcome, error: BaseException) -> None:
        outcome.error = error
        if outcome.kind == "value":
            outcome.kind = "raises"
        outcome.raised = raised_where(error, self._top)
        # The frames would keep all that lived in them.
        error.__traceback__ = None

    # Around it

    def evaluate(self, text: str, names: Dict[str, Any]) -> Any:
        """Return the value of an expression over what a run left, under the same guard. Raises what it raises."""
        with self.guard:
            return eval(self._code(text, False, "eval"), names)

    def _prepare(self) -> None:
        if self.loaded is not None:
            self.loaded.clear()
        if self._warned:
            self._warned.clear()
        self.capture.reset()
        self.log.reset()

    def _collect(self, outcome: Outcome) -> None:
        if self.loaded is not None:
            outcome.acted = self.loaded.taken()
            outcome.raw = self.loaded.seen.taken()
        outcome.printed = self.capture.peek()
        outcome.logs = self.log.records
        if self._warned:
            outcome.warned = tuple(Warned(one.category, str(one.message), one.filename) for one in self._warned)
        self._tidy(outcome)

    def _tidy(self, outcome: Outcome) -> None:
        os.chdir(self._cwd)
        with os.scandir(self._cwd) as entries:
            outcome.strays = next(entries, None) is not None
        if outcome.strays:
            _emptied(self._cwd)
            os.chdir(self._cwd)  # the old one is gone
        if self._environment != self._environ:
            self._patch.environment(self._environ)

    def _namespace(self, candidate: Candidate) -> Dict[str, Any]:
        names = dict(self._base)
        if candidate.imports:
            found = self._imports.get(candidate.imports)
            if found is None:
                found = {}
                exec("\n".join(candidate.imports), found)
                found.pop("__builtins__")
                self._imports[candidate.imports] = found
            names.update(found)
        if candidate.patches or "monkeypatch" in candidate.fixtures:
            names["monkeypatch"] = self._patch
        if candidate.fixtures:
            self._fixtures(candidate, names)
        return names

    def _fixtures(self, candidate: Candidate, names: Dict[str, Any]) -> None:
        if "tmp_path" in candidate.fixtures:
            _emptied(self.tmp_path)
            names["tmp_path"] = self.tmp_path
        names.update(capsys=self.capture, caplog=self.log)

    def _code(self, text: str, asynchronous: bool, mode: str = "exec", marks: bool = False) -> CodeType:
        key = "%s%d%d%s" % (mode, asynchronous, marks, text)
        code = self._codes.get(key)
        if code is None:
            if len(self._codes) >= CACHE:
                self._codes.clear()
            flags = FLAGS if asynchronous else 0
            source: Any = marked(text) if marks else text
            code = self._codes[key] = compile(source, "<candidate>", mode, flags, dont_inherit=True)
        return code


def _emptied(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
