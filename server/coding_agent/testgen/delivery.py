"""Turns verified candidates into a file on disk: written, run in isolation, without the rows that fail, and renamed."""

import ast
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from coding_agent.errors import NoPlace, UserError
from coding_agent.store.atomic import write_atomic, write_private
from coding_agent.testgen.boxes import Boxes
from coding_agent.testgen.gate import WAYS, Fault, Suite, judge
from coding_agent.testgen.inside.model import Candidate
from coding_agent.testgen.layout import Place
from coding_agent.testgen.report import Dropped
from coding_agent.testgen.shape import Parameters
from coding_agent.testgen.style import Coroutines, Style
from coding_agent.testgen.tables import Test
from coding_agent.testgen.write import Written, write

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
    try:
        ast.parse(text.removeprefix(_MARK))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NoPlace(f"tests belong into {path}, which is no Python ({error})") from error
    return text


@dataclass(slots=True)
class Delivery:
    """The file of one module. ``saved`` are the cases that are on disk, all green."""

    place: Place
    style: Style
    parameters: Parameters
    before: str | None
    """Text of the file before we began; None where there is none."""
    beside: Mapping[str, str] = field(default_factory=dict[str, str])
    """conftest files above the place: path inside of the project, text."""
    ini: str = ""
    into: Path | None = None
    """Where the file is written instead of its place."""
    unchanged: Callable[[], bool] = lambda: True
    """Whether the module still is what the tests were made for."""
    saved: tuple[Candidate, ...] = ()
    tests: tuple[Test, ...] = ()
    text: str = ""
    dropped: list[Dropped] = field(default_factory=list[Dropped])
    problem: str = ""

    async def deliver(self, candidates: Sequence[Candidate], boxes: Boxes, until: float) -> bool:
        """Write and run a file of these candidates; put it on disk once it is green. False leaves the disk as it is.

        ``until`` is when, by the monotonic clock, it must be over.

        Raises: NoSandbox, WorkerLost; UserError - the file cannot be written.
        """
        left = list(candidates)
        ways = WAYS
        for _ in range(_ROUNDS):
            wall = until - time.monotonic()
            if wall < _LEAST:
                self.problem = "the time was over before the test file could be run"
                return False
            written = self._written(left)
            if not written.tests:
                return False
            judged = await judge(boxes, self._suite(written), written.tests, wall, ways)
            if judged.problem:
                self.problem = judged.problem
                return False
            if judged.passed:
                return self._save(written)
            bad = {id(case) for case in self._cases(written, judged.faults)}
            left = [each for each in left if id(each) not in bad]
            # What is left was green in every way already; once more tells whether it needs what was dropped.
            ways = WAYS[:1]
        return False

    def _written(self, candidates: Sequence[Candidate]) -> Written:
        taken: frozenset[str] = frozenset()
        if self.before:
            from coding_agent.testgen import merge

            there = merge.existing(self.before.removeprefix(_MARK))
            taken = there.names if there else taken
        return write(candidates, self.parameters, self.style, taken)

    def whole(self, written: Written) -> str:
        """Return the text of the file with the new tests in it."""
        if not self.before or not self.before.strip():
            return written.text
        from coding_agent.testgen import merge
        from coding_agent.testgen.apart import Parts, apart

        text = self.before.removeprefix(_MARK)
        there = merge.existing(text)
        assert there is not None, "`original` refuses a file that is no Python"
        new = apart(there, Parts(written.imports, written.top, written.functions))
        return self.before[: -len(text)] + merge.merged(there, new.imports, new.top, new.functions, self.style)

    def _suite(self, written: Written) -> Suite:
        name = self.place.path.name
        inside = next((str(Path(path).parent / name) for path in self.beside), name)
        plugins = self.style.coroutines is not Coroutines.RUN or bool(self.beside)
        return Suite(inside, {**self.beside, inside: self.whole(written)}, self.ini, plugins)

    def _save(self, written: Written) -> bool:
        """Put the file on disk; False where somebody else changed it since we read or wrote it."""
        text, path = self.whole(written), self.place.path
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
        by_name = {test.name: test for test in written.tests}
        bad: list[Candidate] = []
        for fault in faults:
            test = by_name[fault.test]
            case = test.cases[fault.row]
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
