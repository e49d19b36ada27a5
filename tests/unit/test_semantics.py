"""jedi is asked for real, in its process."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

import pytest

from coding_agent import errors
from coding_agent.runtime.process import Worker
from coding_agent.semantics.environment import project_at, trusted_project_at
from coding_agent.semantics.memory import Asked
from coding_agent.semantics.semantics import Semantics, jedi_worker
from coding_agent.semantics.symbol import Place, Project, SymbolInfo, Uses

LATE = 120.0


@pytest.fixture(scope="module")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One for all tests here: jedi reads its stubs once."""
    return str(tmp_path_factory.mktemp("jedi"))


@pytest.fixture
async def semantics(cache_folder: str) -> AsyncIterator[Semantics]:
    made = Semantics(jedi_worker(), cache_folder)
    yield made
    await made.stop()


async def ask(semantics: Semantics, marked: str, root: Path) -> SymbolInfo | None:
    """Ask about the name behind the mark ``$0``."""
    before, after = marked.split("$0")
    project = Project(str(root), (str(root),))
    line, column = before.count("\n"), len(before.rpartition("\n")[2])
    return await semantics.hover(before + after, asked(project, before + after, line, column), deadline=LATE)


def asked(project: Project, text: str, line: int = 0, column: int = 0, **more: Any) -> Asked:
    path = str(Path(project.root) / "open.py")
    fields = {"path": path, "text": hash(text), "dotted": None, "piece": hash(text), "at": column, **more}
    return Asked(project=project, line=line, column=column, **fields)


async def test_tells_a_function_of_the_file(semantics: Semantics, tmp_path: Path) -> None:
    text = (
        'def area(width: int, *, height: float = 1) -> float:\n    """Multiply.\n\n    Twice.\n    """\n\n\n$0area(1)\n'
    )
    assert await ask(semantics, text, tmp_path) == SymbolInfo(
        name="area",
        kind="function",
        full_name="open.area",
        signatures=("area(width: int, *, height: float=1) -> float",),
        type="",
        doc="Multiply.\n\nTwice.",
        place=Place(str(tmp_path / "open.py"), 0, 4),
    )


async def test_tells_the_type_of_a_value(semantics: Semantics, tmp_path: Path) -> None:
    found = await ask(semantics, "class A:\n    @property\n    def size(self): return 3\n\nA().$0size\n", tmp_path)
    assert found
    assert (found.kind, found.type, found.full_name) == ("property", "int", "open.A.size")


async def test_tells_a_library_function(semantics: Semantics, tmp_path: Path) -> None:
    found = await ask(semantics, "from os.path import join as j\n$0j\n", tmp_path)
    assert found
    assert (found.name, found.full_name) == ("join", "os.path.join")
    assert found.place
    assert Path(found.place.path).name == ("posixpath.py" if os.sep == "/" else "ntpath.py")
    assert found.doc.startswith("Join two or more pathname components")
    assert found.signatures


@pytest.mark.parametrize("text", ["x = 1\n$0\n", "$0", "def f(:\n  $0(((\n", "# words $0here\n"])
async def test_has_nothing_to_say(semantics: Semantics, tmp_path: Path, text: str) -> None:
    assert await ask(semantics, text, tmp_path) is None


@pytest.mark.parametrize("before", ["\ufeff", "s = '\ud800'; ", "s = 'é😀'; ", "\x0c", "s = '\u2028'; "])
async def test_columns_are_code_points(semantics: Semantics, tmp_path: Path, before: str) -> None:
    found = await ask(semantics, f"{before}def area(): pass\n$0area\n", tmp_path)
    assert found
    assert found.kind == "function"
    found = await ask(semantics, f"{before}area = 1; ar$0ea\n", tmp_path)
    assert found
    assert found.full_name == "open.area"


async def test_sees_the_text_it_was_given(semantics: Semantics, tmp_path: Path) -> None:
    for name in ("first", "second", "first"):
        found = await ask(semantics, f"def {name}(): pass\n$0{name}\n", tmp_path)
        assert found
        assert found.full_name == f"open.{name}"


async def test_finds_modules_of_the_project_and_runs_nothing(semantics: Semantics, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    run = f"open({str(trace)!r}, 'w')\n"
    (tmp_path / "helper.py").write_text(f"{run}def help_out(n: int): '''Helps.'''\n")
    for name in ("setup.py", "conftest.py", "manage.py", "sitecustomize.py", "gi.py", "jedi.py", "parso.py"):
        (tmp_path / name).write_text(run)
    (tmp_path / ".jedi").mkdir()
    settings = {"environment_path": str(tmp_path / "python"), "load_unsafe_extensions": True}
    (tmp_path / ".jedi/project.json").write_text(json.dumps([1, settings]))
    found = await ask(semantics, "import gi, jedi\nfrom helper import $0help_out\n", tmp_path)
    assert found
    assert (found.full_name, found.doc) == ("helper.help_out", "Helps.")
    assert await ask(semantics, "import gi\ngi.$0x\n", tmp_path) is None
    assert not trace.exists()


async def test_loads_no_compiled_module_of_the_project(semantics: Semantics, tmp_path: Path) -> None:
    (tmp_path / f"fast{EXTENSION_SUFFIXES[0]}").write_bytes(b"not loaded")
    found = await ask(semantics, "import fast\nfast.$0go\n", tmp_path)
    assert found is None


async def test_counts_uses_in_the_file(semantics: Semantics, tmp_path: Path) -> None:
    path = str(tmp_path / "open.py")
    text = "def area(): pass\n\n\narea()\nx = area\n"
    found = await semantics.uses(text, path, 0, 5, Project(str(tmp_path)), deadline=LATE)
    assert found == Uses((Place(path, 3, 0), Place(path, 4, 4)), project=False)


async def test_counts_uses_in_the_project(semantics: Semantics, tmp_path: Path) -> None:
    path, other = tmp_path / "shape.py", tmp_path / "main.py"
    text = "def area(): pass\n"
    path.write_text(text)
    other.write_text("from shape import area\narea()\n")
    project = Project(str(tmp_path), (str(tmp_path),))
    found = await semantics.uses(text, str(path), 0, 5, project, beyond_file=True, deadline=LATE)
    assert found
    assert Place(str(other), 1, 0) in found.places


async def test_warming_up_answers_nothing_but_leaves_a_process(cache_folder: str) -> None:
    worker = jedi_worker()
    semantics = Semantics(worker, cache_folder)
    await semantics.prepare(deadline=LATE)
    assert worker.pid
    await semantics.stop()
    assert worker.pid is None


async def test_no_answer_in_time_is_none(cache_folder: str) -> None:
    class Hung(Worker):
        async def call(self, *args: object, target: str | None = None, deadline: float | None = None) -> object:
            return await super().call(3600, target="time:sleep", deadline=deadline)

    worker = Hung("time:sleep", name="jedi", spare_late=0.0)
    semantics = Semantics(worker, cache_folder)
    assert await semantics.hover("x", asked(Project("."), "x"), deadline=0.05) is None
    assert await semantics.uses("x", "x.py", 0, 0, Project("."), deadline=0.05) is None
    await semantics.stop()


JSON = ("dumps", "function", "json.dumps", ("dumps(obj)",), "", "Doc.", None)


class Slow(Worker):
    """Answers each question when told to, with what was asked as the name."""

    def __init__(self) -> None:
        super().__init__("time:sleep", name="jedi")
        self.asked: list[tuple[object, ...]] = []
        self.answers: list[asyncio.Future[object]] = []

    async def call(self, *args: object, target: str | None = None, deadline: float | None = None) -> object:
        self.asked.append(args)
        self.answers.append(asyncio.get_running_loop().create_future())
        return await self.answers[-1]


async def settled() -> None:
    """Let everything that can go on go on."""
    for _ in range(10):
        await asyncio.sleep(0)


async def late(semantics: Semantics, slow: Slow, asked: Asked, answer: object = JSON) -> None:
    """Have a question answered after its deadline."""
    assert await semantics.hover("x", asked, deadline=0) is None
    await settled()
    slow.answers[-1].set_result(answer)
    await settled()


async def test_an_answer_that_comes_late_is_there_for_the_next_question() -> None:
    slow = Slow()
    semantics = Semantics(slow, "cache")
    question = asked(Project("."), "x", dotted="json.dumps")
    await late(semantics, slow, question)
    known = semantics.known(question)
    assert known is not None
    assert known.symbol is not None
    assert known.symbol.signatures == ("dumps(obj)",)
    # The same import means the same wherever it stands, another text does not.
    assert semantics.known(asked(Project("."), "other", 7, 2, dotted="json.dumps")) == known
    assert semantics.known(asked(Project("."), "other", 7, 2)) is None
    assert semantics.known(asked(Project("elsewhere"), "x", dotted="json.dumps")) is None
    assert len(slow.asked) == 1


async def test_relative_imports_are_those_of_their_folder(tmp_path: Path) -> None:
    slow = Slow()
    semantics = Semantics(slow, "cache")
    paths = [str(tmp_path / name) for name in ("a/one.py", "a/two.py", "b/one.py")]
    first, beside, away = (asked(Project("."), name, path=name, dotted=".x.y") for name in paths)
    await late(semantics, slow, first)
    assert semantics.known(beside) is not None
    assert semantics.known(away) is None


async def test_edits_elsewhere_leave_an_answer_that_beats_none() -> None:
    slow = Slow()
    semantics = Semantics(slow, "cache")
    await late(semantics, slow, asked(Project("."), "x"))
    moved = asked(Project("."), "y\nx", 1, piece=hash("x"), at=0)
    assert semantics.known(moved) is None
    found = await semantics.hover("y\nx", moved, deadline=0)
    assert found is not None
    assert found.name == "dumps"
    await settled()
    assert len(slow.asked) == 2, "jedi is asked anew all the same"


async def test_of_what_waits_behind_a_slow_answer_only_the_newest_is_asked() -> None:
    slow = Slow()
    semantics = Semantics(slow, "cache")
    for column in range(5):
        assert await semantics.hover("x", asked(Project("."), "x", 0, column), deadline=0) is None
        await settled()
    slow.answers[0].set_result(None)
    await settled()
    slow.answers[1].set_result(None)
    await settled()
    assert [question[0][3] for question in slow.asked] == [0, 4]  # type: ignore[index]


async def test_an_answer_is_good_until_its_file_is_written(tmp_path: Path) -> None:
    slow = Slow()
    semantics = Semantics(slow, "cache")
    file = tmp_path / "m.py"
    file.write_text("def f(): ...\n")
    question = asked(Project("."), "x")
    await late(semantics, slow, question, (*JSON[:6], (str(file), 0, 4)))
    assert semantics.known(question) is not None
    os.utime(file, ns=(1, 1))
    assert semantics.known(question) is None


async def test_nothing_is_remembered_of_files_as_they_were() -> None:
    slow = Slow()
    semantics = Semantics(slow, "cache")
    question = asked(Project("."), "x")
    await late(semantics, slow, question)
    semantics.forget()
    assert semantics.known(question) is None
    assert await semantics.hover("x", question, deadline=0) is None
    await settled()
    semantics.forget()
    slow.answers[-1].set_result(JSON)
    await settled()
    assert semantics.known(question) is None


async def test_a_cancelled_question_is_given_up() -> None:
    slow = Slow()
    semantics = Semantics(slow, "cache")
    asking = asyncio.create_task(semantics.hover("x", asked(Project("."), "x"), deadline=LATE))
    await settled()
    asking.cancel()
    await settled()
    assert slow.answers[0].cancelled()


async def test_what_was_written_meanwhile_is_told(semantics: Semantics, tmp_path: Path) -> None:
    """One Script is kept for questions about the same text: it must not keep what it read."""
    other = tmp_path / "shape.py"
    other.write_text("def area(width): ...\n")
    text = "import shape\nshape.$0area\n"
    before = await ask(semantics, text, tmp_path)
    other.write_text("def area(width, height): ...\n")
    os.utime(other, (2**31, 2**31))  # Later, however coarse the clock is.
    semantics.forget()
    after = await ask(semantics, text, tmp_path)
    assert before is not None
    assert after is not None
    assert (before.signatures, after.signatures) == (("area(width)",), ("area(width, height)",))


async def test_a_failing_worker_is_none(cache_folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    class Lost(Worker):
        async def call(self, *args: object, target: str | None = None, deadline: float | None = None) -> object:
            await asyncio.sleep(0)
            raise errors.WorkerLost("jedi rests")

    semantics = Semantics(Lost("time:sleep", name="jedi"), cache_folder)
    assert await semantics.hover("x", asked(Project("."), "x"), deadline=LATE) is None
    assert capsys.readouterr().err == 'level=info event=jedi-silent asked=hover why="jedi rests"\n'


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A src layout with a virtual environment that holds an editable installation and a hostile `.pth` file."""
    site = tmp_path / ".venv/lib/python3.12/site-packages"
    for folder in (site, tmp_path / "src", tmp_path / "linked"):
        folder.mkdir(parents=True)
    (tmp_path / ".venv/pyvenv.cfg").write_text("home = /nowhere/bin\nversion = 3.12.1\n")
    (site / "a.pth").write_text(f"# words\nimport os; os.abort()\n../../../../linked\n{tmp_path / 'gone'}\n\0\n")
    return tmp_path


def test_reads_the_environment_without_running_it(workspace: Path) -> None:
    site = workspace / ".venv/lib/python3.12/site-packages"
    assert project_at(workspace) == Project(
        str(workspace), tuple(map(str, (workspace / "src", workspace, site, site / "../../../../linked")))
    )


def test_prefers_the_interpreter_that_was_named(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "Lib/site-packages").mkdir(parents=True)
    (other / "pyvenv.cfg").touch()
    project = project_at(workspace, other / "Scripts/python.exe")
    assert project.paths[2:] == (str(other / "Lib/site-packages"),)


def test_a_folder_without_environment_is_enough(tmp_path: Path) -> None:
    assert project_at(tmp_path) == Project(str(tmp_path), (str(tmp_path),))


async def test_asks_a_trusted_interpreter(workspace: Path) -> None:
    project = await trusted_project_at(workspace, Path(sys.executable))
    assert project.paths[:2] == (str(workspace / "src"), str(workspace))
    assert any(path.endswith("-packages") for path in project.paths)
    assert not any(Path(path, "os.py").exists() for path in project.paths)


async def test_an_interpreter_that_fails_costs_nothing(workspace: Path) -> None:
    assert await trusted_project_at(workspace, workspace / "gone/python") == project_at(workspace)
