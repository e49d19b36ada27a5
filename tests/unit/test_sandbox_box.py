"""Boxes as their callers know them, on every rung that holds on this machine."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from coding_agent import errors
from coding_agent.sandbox import box as box_module
from coding_agent.sandbox import private, rungs
from coding_agent.sandbox.box import Box, End, Ended, Mode, Ran, Said, Spec, open_box
from coding_agent.sandbox.limits import Limits
from support.processes import Watched, children

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="boxes are made on Linux only")

ROOT = Path(__file__).parents[2]
JOBS = ROOT / "tests" / "support" / "jobs"
HERE = [Mode(each.rung) for each in rungs.ladder() if each.ok] if sys.platform == "linux" else []
MODES = [*HERE, Mode.UNSAFE]
LIMITS = Limits(wall=30)


def spec(project: Path, **changed: Any) -> Spec:
    given = {"interpreter": Path(sys.executable), "project": project, "packages": {"_jobs": JOBS}, "limits": LIMITS}
    return Spec(**{**given, **changed})


async def run(box: Box, job: str, **given: object) -> Ran:
    return await box.run(f"_jobs.work:{job}", given)


async def found(box: Box, *names: str) -> dict[str, Any]:
    ran = await run(box, "look_around", names=list(names))
    assert ran.ended.done, ran
    assert isinstance(ran.ended.result, dict)
    return ran.ended.result


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> Mode:
    return request.param


async def test_a_job_says_and_returns(tmp_path: Path, mode: Mode) -> None:
    async with open_box(spec(tmp_path), mode) as box:
        assert box.rung == mode.value
        news = [each async for each in box.job("_jobs.work:add", {"a": 1, "b": 2})]
    assert news[:2] == [Said({"a": 1}), Said({"b": 2})]
    assert isinstance(news[2], Ended)
    assert (news[2].kind, news[2].result, len(news)) == (End.DONE, 3, 3)


async def test_jobs_run_side_by_side(tmp_path: Path, mode: Mode) -> None:
    async with open_box(spec(tmp_path), mode) as box:
        rans = await asyncio.gather(*(run(box, "add", a=number, b=1) for number in range(30)))
    assert [ran.ended.result for ran in rans] == list(range(1, 31))
    assert rans[7].said == ({"a": 7}, {"b": 1})


async def test_what_goes_wrong_has_a_kind(tmp_path: Path, mode: Mode) -> None:
    async with open_box(spec(tmp_path, limits=Limits(wall=30, said=1)), mode) as box:
        raised = (await run(box, "raise_it", text="the reason")).ended
        ended = (await run(box, "end", code=3)).ended
        missing = (await run(box, "no_such_job")).ended
        much = (await run(box, "repeat", text="x" * 1024, times=2 * 1024)).ended
        late = (await box.run("_jobs.work:wait", {"seconds": 600}, wall=0.3)).ended
        again = (await run(box, "add", a=1, b=1)).ended
    assert (raised.kind, raised.why.splitlines()[-1]) == (End.RAISED, "ValueError: the reason")
    assert (ended.kind, ended.why) == (End.CRASH, "it ended with exit code 3 and no result")
    assert missing.kind is End.RAISED
    assert (much.kind, much.why) == (End.OUTPUT, "it handed back more than 1 MiB")
    assert (late.kind, late.why) == (End.TIMEOUT, "it took longer than 0.3 s")
    assert again.done


async def test_a_job_starts_in_a_folder_of_its_own(tmp_path: Path, mode: Mode) -> None:
    async with open_box(spec(tmp_path, cwd="elsewhere", path=("/put/first",), clock_shift=60), mode) as box:
        one, two = await found(box), await found(box)
    assert Path(one["cwd"]).name == "elsewhere"
    assert one["cwd"] != two["cwd"]
    assert Path(one["home"]).parent == Path(one["cwd"]).parent
    assert (one["path"], one["shift"], one["stdin"]) == (["/put/first"], 60, "")


async def test_private_folders_are_gone_afterwards(tmp_path: Path) -> None:
    async with open_box(spec(tmp_path), Mode.UNSAFE) as box:
        cwd = Path((await found(box))["cwd"])
        assert not cwd.exists()
        assert cwd.parents[1].is_dir()
    assert not cwd.parents[1].exists()


async def test_the_environment_is_what_was_handed_over(
    tmp_path: Path, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FROM_OUTSIDE", "1")
    given = {"SETTINGS": "tests", "API_TOKEN": "not shown", "PYTHONHASHSEED": "7"}
    async with open_box(spec(tmp_path, env=given), mode) as box:
        seen = await found(box, "FROM_OUTSIDE", "SETTINGS", "API_TOKEN", "PYTHONHASHSEED", "TZ")
    assert seen["variables"] == {
        "FROM_OUTSIDE": None,
        "SETTINGS": "tests",
        "API_TOKEN": None,
        "PYTHONHASHSEED": "0",
        "TZ": "UTC",
    }


async def test_hashes_follow_the_seed(tmp_path: Path) -> None:
    hashes: list[int] = []
    for seed in (1, 1, 2):
        async with open_box(spec(tmp_path, hash_seed=seed), Mode.UNSAFE) as box:
            hashes.append((await found(box))["hash"])
    assert hashes[0] == hashes[1] != hashes[2]


async def test_the_project_is_imported_in_jobs_only(tmp_path: Path, mode: Mode) -> None:
    (tmp_path / "theirs.py").write_text("VALUE = 42\n", "utf-8")
    async with open_box(spec(tmp_path, path=(str(tmp_path),)), mode) as box:
        assert (await run(box, "import_it", name="theirs")).ended.result == 42
        assert (await found(box, "theirs"))["loaded"] == []
        (tmp_path / "theirs.py").write_text("VALUE = 'changed'\n", "utf-8")
        assert (await run(box, "import_it", name="theirs")).ended.result == "changed"


async def test_preloaded_modules_are_there_and_failures_are_told(tmp_path: Path, mode: Mode) -> None:
    async with open_box(spec(tmp_path), mode) as box:
        failed = await box.preload(["decimal", "no_such_module"])
        assert failed == {"no_such_module": "ModuleNotFoundError: No module named 'no_such_module'"}
        assert (await found(box, "decimal", "fractions"))["loaded"] == ["decimal"]


async def test_a_lost_runner_is_replaced_with_what_it_had_loaded(tmp_path: Path, mode: Mode) -> None:
    async with open_box(spec(tmp_path), mode) as box:
        await box.preload(["decimal"])
        async for news in box.job("_jobs.work:wait", {"seconds": 600}):
            if isinstance(news, Said):
                box.lose(End.CRASH, "for the test")
            else:
                assert news == Ended(End.CRASH, why="for the test")
        assert (await found(box, "decimal"))["loaded"] == ["decimal"]


async def test_what_was_asked_by_who_left_is_not_the_answer_of_the_next(tmp_path: Path, mode: Mode) -> None:
    async with open_box(spec(tmp_path), mode) as box:
        asking = asyncio.create_task(box.preload(["_jobs.slow", "_jobs.broken"]))
        await asyncio.sleep(0.1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await box.preload(["decimal"]) == {}
        broken = {"_jobs.broken": "ImportError: it is broken"}
        assert await box.preload(["_jobs.slow", "_jobs.broken"]) == broken
        assert await box.preload(["_jobs.broken"]) == broken


async def test_a_start_that_nobody_waits_for_is_made_again(tmp_path: Path) -> None:
    async with open_box(spec(tmp_path), Mode.UNSAFE) as box:
        await box.preload(["decimal"])
        box.lose(End.CRASH, "for the test")
        starting = asyncio.create_task(box.start())
        await asyncio.sleep(0.02)
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
        assert (await found(box, "decimal"))["loaded"] == ["decimal"]


@pytest.mark.parametrize(("module", "why"), [("greedy", "MiB of memory"), ("crowded", "more than 20 processes")])
async def test_an_import_of_the_runner_has_limits(tmp_path: Path, mode: Mode, module: str, why: str) -> None:
    small = Limits(memory=100, processes=20)
    async with open_box(spec(tmp_path, limits=small), mode) as box:
        with pytest.raises(errors.WorkerLost, match=why):
            await box.preload([f"_jobs.{module}"])
        assert (await run(box, "add", a=1, b=1)).ended.done


@pytest.mark.parametrize(("module", "why"), [("greedy", "MiB of memory"), ("crowded", "more than 20 processes")])
async def test_the_start_of_an_interpreter_has_limits(tmp_path: Path, mode: Mode, module: str, why: str) -> None:
    python = environment(tmp_path, JOBS / f"{module}.py")
    with pytest.raises(errors.NoSandbox, match=why):
        async with open_box(spec(tmp_path, interpreter=python, limits=Limits(memory=100, processes=20)), mode):
            pass
    assert job_pids() == []


async def test_an_import_leaves_no_process_behind(tmp_path: Path, mode: Mode) -> None:
    async with open_box(spec(tmp_path), mode) as box:
        assert await box.preload(["_jobs.parent"]) == {}
        assert len(job_pids()) == 1  # the runner


async def test_a_job_is_over_before_its_news_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who reads them late does not cost the other jobs their runner."""
    monkeypatch.setattr(box_module, "_GRACE", 0.1)
    async with open_box(spec(tmp_path), Mode.UNSAFE) as box:
        other = asyncio.create_task(box.run("_jobs.work:say_and_wait", {"seconds": 0.6}))
        async for news in box.job("_jobs.work:add", {"a": 1, "b": 2}, wall=0.2):
            if isinstance(news, Said):
                await asyncio.sleep(0.2)
        assert (await other).ended.result == "waited"


async def test_a_look_at_a_job_that_is_over_costs_the_next_nothing(tmp_path: Path, mode: Mode) -> None:
    """The look began while the job was there, and was told when another had begun."""
    async with open_box(spec(tmp_path), mode) as box:
        job = box.job("_jobs.work:add", {"a": 1, "b": 2})
        await anext(job)
        (pid,) = (each.pid for each in box._jobs.values())
        assert [each async for each in job][-1].kind == End.DONE  # type: ignore[union-attr]
        next_one = box.job("_jobs.work:add", {"a": 3, "b": 4})
        await anext(next_one)
        box._act(box_module.Excess(pid, End.MEMORY, "it used too much"))
        assert [each async for each in next_one][-1].kind == End.DONE  # type: ignore[union-attr]


async def test_leaving_early_ends_the_job(tmp_path: Path, mode: Mode) -> None:
    async with open_box(spec(tmp_path), mode) as box:
        async with contextlib.aclosing(box.job("_jobs.work:wait", {"seconds": 600})) as news:
            async for _ in news:
                job = Watched(*job_pids())
                break
        assert job.left() == set()
        assert (await run(box, "add", a=1, b=1)).ended.done


async def test_a_cancelled_caller_ends_its_job(tmp_path: Path, mode: Mode) -> None:
    started = asyncio.Event()

    async def listen(box: Box) -> None:
        async for _ in box.job("_jobs.work:wait", {"seconds": 600}):
            started.set()

    async with open_box(spec(tmp_path), mode) as box:
        task = asyncio.create_task(listen(box))
        await started.wait()
        job = Watched(*job_pids())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert job.left() == set()


async def test_closing_ends_everything(tmp_path: Path, mode: Mode) -> None:
    async with open_box(spec(tmp_path), mode) as box:
        async for _ in box.job("_jobs.work:wait", {"seconds": 600}):
            everything = Watched(*children(os.getpid()))
            break
        await box.close()
        assert everything.left() == set()
        with pytest.raises(errors.WorkerLost):
            await run(box, "add", a=1, b=1)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where private folders are made."""
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


async def test_closing_that_nobody_waits_for_ends_everything(tmp_path: Path, mode: Mode, place: Path) -> None:
    async with open_box(spec(tmp_path), mode) as box:
        await box.start()
        everything = Watched(*children(os.getpid()))
        for pid in job_pids():
            os.kill(pid, signal.SIGSTOP)  # It does not leave by itself, as one that is busy with an import does not.
        closing = asyncio.create_task(box.close())
        await asyncio.sleep(0.1)
        closing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await closing
        assert everything.left() == set()
    assert [*place.iterdir()] == []


async def test_a_job_may_remove_its_folders(tmp_path: Path, mode: Mode, place: Path) -> None:
    async with open_box(spec(tmp_path), mode) as box:
        await run(box, "remove_all_folders")
    assert [*place.iterdir()] == []


def test_a_box_ends_with_its_server(tmp_path: Path, mode: Mode, place: Path) -> None:
    server = f"""
import asyncio, sys
from pathlib import Path
from coding_agent.sandbox.box import Mode, Spec, open_box

async def main():
    spec = Spec(Path(sys.executable), Path({str(tmp_path)!r}), packages={{"_jobs": Path({str(JOBS)!r})}})
    async with open_box(spec, Mode({mode.value!r})) as box:
        async for said in box.job("_jobs.work:wait", {{"seconds": 600}}):
            print("running", flush=True)

asyncio.run(main())
"""
    environ = {**os.environ, "TMPDIR": str(place)}
    with subprocess.Popen([sys.executable, "-c", server], stdout=subprocess.PIPE, text=True, env=environ) as process:
        assert process.stdout
        assert process.stdout.readline() == "running\n"
        below = Watched(*children(process.pid))
        process.send_signal(signal.SIGKILL)
        assert below.left() == set()
    if mode is Mode.UNSAFE:
        assert len([*place.iterdir()]) == 1  # Nobody is left to remove it, but the next one does.
        living = private.Private()
        private.sweep()
        assert [*place.iterdir()] == [living.path]
        living.remove()
    assert [*place.iterdir()] == []


async def test_an_interpreter_that_does_not_start_is_named(tmp_path: Path, mode: Mode) -> None:
    broken = tmp_path / "bin" / "python"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho no such luck >&2\nexit 1\n", "utf-8")
    broken.chmod(0o755)
    with pytest.raises(errors.NoSandbox, match=rf"{broken} does not start in {mode.value}: no such luck"):
        async with open_box(spec(tmp_path, interpreter=broken), mode):
            pass


async def test_secrets_of_the_project_cannot_be_read(tmp_path: Path, mode: Mode) -> None:
    assert await shown(tmp_path, mode) == PLAIN if mode is not Mode.UNSAFE else PLAIN | {".env", "server.key"}


@pytest.mark.skipif(not os.access("/usr/src", os.W_OK), reason="nothing can be put below /usr")
async def test_secrets_of_a_project_in_a_folder_of_the_system_cannot_be_read(mode: Mode) -> None:
    with tempfile.TemporaryDirectory(dir="/usr/src") as folder:
        Path(folder).chmod(0o755)
        assert (await shown(Path(folder), mode) == PLAIN) is (mode is not Mode.UNSAFE)


async def test_secrets_of_a_project_inside_of_an_environment_cannot_be_read(tmp_path: Path, mode: Mode) -> None:
    python = environment(tmp_path, JOBS / "slow.py")
    project = next((tmp_path / "environment").glob("lib/python3*/site-packages")) / "project"
    project.mkdir()
    assert (await shown(project, mode, python) == PLAIN) is (mode is not Mode.UNSAFE)


async def test_many_files_may_stand_beside_a_secret(tmp_path: Path, mode: Mode) -> None:
    for number in range(4000):
        (tmp_path / f"a_name_that_takes_its_room_in_a_plan_{number}.json").touch()
    assert await shown(tmp_path, mode) > PLAIN


@pytest.mark.skipif(len(HERE) < 2, reason="there are not two rungs here")
async def test_the_step_to_the_next_rung_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(3100):
        (tmp_path / f"{number}.pem").touch()
    async with open_box(spec(tmp_path)) as box:
        assert box.rung == Mode.LANDLOCK
    assert "event=box-not-held rung=bubblewrap" in capsys.readouterr().err


PLAIN = {"plain.txt", "readme.txt"}


async def shown(project: Path, mode: Mode, interpreter: Path | None = None) -> set[str]:
    """The files of a project with secrets that a job could read."""
    (project / "deploy").mkdir()
    for name in (".env", "deploy/server.key", "deploy/plain.txt", "readme.txt"):
        (project / name).write_text(name, "utf-8")
    paths = [path for path in sorted(project.rglob("*")) if path.is_file()]
    async with open_box(spec(project, interpreter=interpreter or Path(sys.executable)), mode) as box:
        rans = await asyncio.gather(*(run(box, "read", path=str(path)) for path in paths[-10:] + paths[:10]))
    return {Path(path).name for path, ran in zip(paths[-10:] + paths[:10], rans, strict=True) if ran.ended.done}


def environment(folder: Path, imported: Path) -> Path:
    """The interpreter of a virtual environment that imports a module whenever it starts."""
    venv.create(folder / "environment", symlinks=True, with_pip=False)
    packages = next((folder / "environment").glob("lib/python3*/site-packages"))
    (packages / "imported_at_start.py").write_text(imported.read_text("utf-8"), "utf-8")
    (packages / "start.pth").write_text("import imported_at_start\n", "utf-8")
    return folder / "environment" / "bin" / "python"


def interpreters() -> Iterator[Any]:
    """One interpreter for each version there is, as far as a name on PATH or beside ours leads to one."""
    beside = Path(os.path.realpath(sys.executable)).parents[2]
    for minor in range(9, 15):
        places = [*beside.glob(f"3.{minor}.*/bin/python3.{minor}"), which(f"python3.{minor}")]
        found = next((str(place) for place in places if place and starts(str(place))), None)
        missing = pytest.mark.skipif(found is None, reason=f"Python 3.{minor} is not installed")
        yield pytest.param(found, minor, marks=missing, id=f"3.{minor}")


def starts(place: str) -> bool:
    return subprocess.run([place, "-I", "-S", "-c", ""], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(("interpreter", "minor"), [*interpreters()])
async def test_every_python_runs_jobs(interpreter: str, minor: int, tmp_path: Path, mode: Mode) -> None:
    async with open_box(spec(tmp_path, interpreter=Path(interpreter)), mode) as box:
        assert (await found(box))["version"] == [3, minor]


async def test_a_virtual_environment_is_found(tmp_path: Path, mode: Mode) -> None:
    place = tmp_path / "environment"
    venv.create(place, symlinks=True, with_pip=False)
    packages = next(place.glob("lib/python3*/site-packages"))
    (packages / "installed.py").write_text("VALUE = 'installed'\n", "utf-8")
    editable = tmp_path / "editable"
    editable.mkdir()
    (editable / "pyproject.toml").touch()
    (editable / "in_place.py").write_text("VALUE = 'in place'\n", "utf-8")
    (packages / "in_place.pth").write_text(f"{editable}\n", "utf-8")
    (tmp_path / "project").mkdir()
    async with open_box(spec(tmp_path / "project", interpreter=place / "bin" / "python"), mode) as box:
        assert (await found(box))["prefix"] == str(place)
        assert (await run(box, "import_it", name="installed")).ended.result == "installed"
        assert (await run(box, "import_it", name="in_place")).ended.result == "in place"


def job_pids() -> list[int]:
    """The processes that are jobs: they have no children and lead their session below a runner of ours."""
    return [pid for pid in children(os.getpid()) if not children(pid)]
