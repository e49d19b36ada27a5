"""Turns verified candidates into a file on disk: written, run in isolation, without the rows that fail, and renamed."""

import ast
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from coding_agent.errors import NoPlace, UserError
from coding_agent.store.atomic import write_atomic, write_private
from coding_agent.testgen.advice import is_installed
from coding_agent.testgen.boxes import Boxes
from coding_agent.testgen.gate import WAYS, Fault, Suite, judge
from coding_agent.testgen.imports import binds
from coding_agent.testgen.inside.model import Candidate
from coding_agent.testgen.layout import Place
from coding_agent.testgen.report import Dropped
from coding_agent.testgen.shape import Parameters
from coding_agent.testgen.style import Coroutines, Style
from coding_agent.testgen.tables import Test
from coding_agent.testgen.write import Written, write

if TYPE_CHECKING:
    from coding_agent.testgen.apart import Parts

_ROUNDS, _LEAST = 4, 0.4
"""How often rows are dropped and the rest is run again, and the seconds that a run takes at least."""


_MARK = "\ufeff"
"""The byte order mark that a file may begin with."""


def original(path: Path) -> str:
    """Return the text of a test file that tests are to be added to, every character of it as it is.

    Raises: NoPlace - it cannot be read, or is no Python, and so cannot be kept.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NoPlace(f"tests belong into {path}, which cannot be read as UTF-8 ({error})") from error
    return kept(path, text)


def kept(path: Path, text: str) -> str:
    """Return the text of a test file that tests are to be added to. Raises: NoPlace - it is no Python."""
    try:
        ast.parse(text.removeprefix(_MARK))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        from coding_agent.testgen import merge

        if not merge.readable(text):
            raise NoPlace(f"tests belong into {path}, which is no Python ({error})") from error
    return text


def added(before: str, parts: "Parts", style: Style) -> "tuple[str, Parts]":
    """Return the text of a test file with more in it, and that as it stands there: what clashes has other names."""
    from coding_agent.testgen import merge
    from coding_agent.testgen.apart import apart

    text = before.removeprefix(_MARK)
    there = merge.existing(text)
    assert there is not None, "`original` refuses a file that is no Python"
    new = apart(there, parts)
    return before[: -len(text)] + merge.merged(there, new.imports, new.top, new.functions, style), new


@dataclass(slots=True)
class Delivery:
    """The file of one module. ``saved`` are the cases that are on disk, all green."""

    place: Place
    style: Style
    parameters: Parameters
    before: str | None
    """Text of the file before we began; None where there is none."""
    project: Path | None = None
    """None where the place is not in it."""
    module: str = ""
    conftest: bool = False
    """The project has one above the place."""
    ini: str = ""
    into: Path | None = None
    """Where the file is written instead of its place."""
    unchanged: Callable[[], bool] = lambda: True
    """Whether the module still is what the tests were made for."""
    advice: str = ""
    """What to say of the file, unless the module turns out to be installed."""
    asked: bool = False
    """That was found out."""
    saved: tuple[Candidate, ...] = ()
    tests: tuple[Test, ...] = ()
    text: str = ""
    dropped: list[Dropped] = field(default_factory=list[Dropped])
    refused: list[Candidate] = field(default_factory=list[Candidate])
    """Cases that were not green when the last file was tried."""
    problem: str = ""

    async def deliver(self, candidates: Sequence[Candidate], boxes: Boxes, until: float) -> bool:
        """Write and run a file of these candidates; put it on disk once it is green. False leaves the disk as it is.

        ``until`` is when, by the monotonic clock, it must be over.

        Raises: NoSandbox, WorkerLost; UserError - the file cannot be written.
        """
        if self.advice and not self.asked:
            self.advice = "" if await is_installed(boxes) else self.advice
            self.asked = True
        left = list(candidates)
        self.refused = []
        ways = WAYS
        for _ in range(_ROUNDS):
            wall = until - time.monotonic()
            if wall < _LEAST:
                self.problem = "the time was over before the test file could be run"
                return False
            written = self.written(left)
            if not written.tests:
                return False
            judged = await judge(boxes, self._suite(written), written.tests, wall, ways)
            if judged.problem:
                self.problem = judged.problem
                return False
            if judged.passed:
                return self._save(written)
            self.refused += self._cases(written, judged.faults)
            bad = {id(case) for case in self.refused}
            left = [each for each in left if id(each) not in bad]
            # What is left was green in every way already; once more tells whether it needs what was dropped.
            ways = WAYS[:1]
        return False

    def written(self, candidates: Sequence[Candidate]) -> Written:
        taken: frozenset[str] = frozenset()
        if self.before:
            from coding_agent.testgen import merge

            there = merge.existing(self.before.removeprefix(_MARK))
            taken = there.names | {each.bound for each in there.imports} if there else taken
        return write(candidates, self.parameters, self.style, taken)

    def whole(self, written: Written) -> tuple[str, tuple[str, ...]]:
        """Return the text of the file with the new tests in it, and what these are called there."""
        if not self.before or not self.before.strip():
            return written.text, self._names(written.tests, written.functions)
        from coding_agent.testgen.apart import Parts

        text, new = added(self.before, Parts(written.imports, written.top, written.functions), self.style)
        return text, self._names(written.tests, new.functions)

    def _names(self, tests: Sequence[Test], functions: Sequence[str]) -> tuple[str, ...]:
        names = [binds(text) for text in functions]
        return tuple(f"{names[0]}.{test.name}" for test in tests) if self.style.unittest else tuple(names)

    def _suite(self, written: Written) -> Suite:
        path = self.place.path
        inside = path.relative_to(self.project).as_posix() if self.project else path.name
        plugins = self.style.coroutines is not Coroutines.RUN or self.conftest
        text, names = self.whole(written)
        project = str(self.project) if self.project else ""
        return Suite(inside, text, names, project, self.ini, plugins, self.module)

    def _save(self, written: Written) -> bool:
        """Put the file on disk; False where somebody else changed it since we read or wrote it."""
        (text, _), path = self.whole(written), self.place.path
        known = self.text if self.saved else self.before
        if self.into is None and _bytes(path) != (None if known is None else known.encode("utf-8")):
            self.problem = f"{path} was changed meanwhile, so it is left as it is"
            return False
        if not self.unchanged():
            return False
        try:
            (write_atomic if self.into is None else write_private)(self.into or path, text.encode("utf-8"))
        except OSError as error:
            raise UserError(f"{self.into or path} cannot be written: {error.strerror}") from error
        self.text, self.tests = text, written.tests
        self.saved = tuple(case for test in written.tests for case in test.cases)
        for each in written.nameless:
            self.dropped.append(Dropped(each.target, "no name tells it from the other tests"))
        return True

    def _cases(self, written: Written, faults: Sequence[Fault]) -> list[Candidate]:
        """The candidates behind faults; they are noted as dropped."""
        bad: list[Candidate] = []
        for fault in faults:
            case = written.tests[fault.test].cases[fault.row]
            bad.append(case)
            self.dropped.append(Dropped(f"a case of {case.target}", fault.why[:200]))
        return bad


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
