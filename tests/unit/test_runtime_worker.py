"""Workers are real processes here. `builtins:exec` and friends stand for functions of ours."""

import asyncio
import os
import select
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from coding_agent import errors
from coding_agent.runtime.process import Worker

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="watches processes by pidfd")

BURN = "while True: pass"
BURN_WITH_GIL = "sum(range(10 ** 15))"


@asynccontextmanager
async def worker(target: str = "os:getpid", **options: object) -> AsyncIterator[Worker]:
    made = Worker(target, name="helper", **options)  # type: ignore[arg-type]
    try:
        yield made
    finally:
        await made.stop(grace=0)


def has_ended(pid: int) -> bool:
    """Wait, at most ten seconds, for a process to end."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], 10)[0])
    finally:
        os.close(descriptor)


class Gate:
    """A FIFO: the child waits in ``code`` until the test opens the gate, or the other way round."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "gate"
        os.mkfifo(self.path)

    @property
    def wait(self) -> str:
        return f"open({str(self.path)!r}).close()"

    @property
    def open(self) -> str:
        return f"open({str(self.path)!r}, 'w').close()"

    async def here(self, side: str) -> None:
        await asyncio.to_thread(exec, side)


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path)


async def test_answers_in_order_from_one_process() -> None:
    async with worker("operator:mul") as helper:
        assert await asyncio.gather(*(helper.call(n, n) for n in range(5))) == [0, 1, 4, 9, 16]
        pids = {await helper.call(target="os:getpid") for _ in range(3)}
    assert len(pids) == 1
    assert os.getpid() not in pids


@pytest.mark.parametrize(
    "half",
    [
        pytest.param("\ud800 é 😀 \x00 \udfff", id="lone surrogates"),
        pytest.param("x" * 2_500_000, id="5 MB of text"),
        pytest.param(os.urandom(1000) * 2500, id="5 MB of bytes"),
        pytest.param((None, True, 2**100, 1.5, ("a", b"b")), id="nested data"),
    ],
)
async def test_carries_plain_data(half: str) -> None:
    async with worker("operator:concat") as helper:
        assert await helper.call(half, half) == half + half


async def test_a_stray_print_goes_to_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    async with worker("builtins:print") as helper:
        assert await helper.call("stray") is None
        assert await helper.call("echo stray", target="os:system") == 0
    shown = capfd.readouterr()
    assert (shown.out, "stray\nstray\n" in shown.err) == ("", True)


async def test_a_stray_input_sees_an_empty_file() -> None:
    async with worker("builtins:input") as helper:
        with pytest.raises(errors.WorkerFailed, match="EOFError"):
            await helper.call()


async def test_runs_at_lower_priority() -> None:
    async with worker("os:nice", nice=7) as helper:
        assert await helper.call(0) == min(19, os.nice(0) + 7)


async def test_imports_nothing_of_the_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "evil.py").write_text("answer = int\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    async with worker("evil:answer") as helper:
        with pytest.raises(errors.WorkerFailed, match="ModuleNotFoundError"):
            await helper.call()


async def test_our_own_errors_arrive_as_themselves() -> None:
    async with worker("builtins:exec") as helper:
        with pytest.raises(errors.Refused, match=r"^not here$"):
            await helper.call("from coding_agent import errors; raise errors.Refused('not here')")
        with pytest.raises(errors.WorkerFailed, match=r"helper: ZeroDivisionError at .*:1: division by zero"):
            await helper.call("1 / 0")
        assert await helper.call("1") is None


async def test_says_when_a_result_is_not_plain_data() -> None:
    async with worker("builtins:object") as helper:
        with pytest.raises(errors.WorkerFailed, match="ValueError"):
            await helper.call()
        with pytest.raises(ValueError, match="unmarshallable"):
            await helper.call(object())


async def test_a_crash_is_told_once_and_the_next_call_works() -> None:
    told: list[str] = []
    async with worker(on_restart=told.append) as helper:
        for _ in range(2):
            with pytest.raises(errors.WorkerLost, match="exit code 3"):
                await helper.call(3, target="os:_exit")
            assert isinstance(await helper.call(), int)
    assert told == ["helper ended unexpectedly (exit code 3); it was restarted"]


async def test_a_worker_killed_while_idle_is_replaced() -> None:
    told: list[str] = []
    async with worker(on_restart=told.append) as helper:
        first = await helper.call()
        assert isinstance(first, int)
        os.kill(first, signal.SIGKILL)
        assert has_ended(first)
        second = await _until_answered(helper)
        assert second != first
    assert len(told) == 1


async def _until_answered(helper: Worker) -> object:
    """The event loop may not know of the death yet; then one call is lost."""
    try:
        return await helper.call()
    except errors.WorkerLost:
        return await helper.call()


async def test_rests_after_failures() -> None:
    async with worker(rest=lambda failures: 3600.0 if failures > 1 else 0.0) as helper:
        for _ in range(2):
            with pytest.raises(errors.WorkerLost, match="exit code"):
                await helper.call(3, target="os:_exit")
        with pytest.raises(errors.WorkerLost, match="rests after 2 failures"):
            await helper.call()


async def test_a_hung_call_is_ended_and_told() -> None:
    told: list[str] = []
    async with worker(spare_late=0.0, on_restart=told.append) as helper:
        await helper.call()
        hung = helper.pid
        assert hung
        with pytest.raises(errors.DeadlinePassed):
            await helper.call(3600, target="time:sleep", deadline=0.05)
        assert has_ended(hung)
        assert await helper.call() != hung
    assert told == ["helper did not answer in time; it was restarted"]


async def test_a_slow_call_may_end_in_its_spare_time(gate: Gate) -> None:
    async with worker(spare_late=3600.0) as helper:
        first = await helper.call()
        with pytest.raises(errors.DeadlinePassed):
            await helper.call(gate.wait, target="builtins:exec", deadline=0.05)
        await gate.here(gate.open)
        assert await helper.call() == first


@pytest.mark.parametrize("burn", [BURN, BURN_WITH_GIL])
async def test_cancel_ends_a_busy_process(gate: Gate, burn: str) -> None:
    told: list[str] = []
    async with worker("builtins:exec", on_restart=told.append) as helper:
        busy = asyncio.create_task(helper.call(f"{gate.open}\n{burn}"))
        await gate.here(gate.wait)
        pid = helper.pid
        assert pid
        busy.cancel()
        with pytest.raises(asyncio.CancelledError):
            await busy
        assert has_ended(pid)
        assert await helper.call(target="os:getpid") != pid
    assert told == []


async def test_cancel_before_the_process_is_up() -> None:
    async with worker("builtins:exec") as helper:
        busy = asyncio.create_task(helper.call(BURN))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        busy.cancel()
        with pytest.raises(asyncio.CancelledError):
            await busy
        assert isinstance(await helper.call(target="os:getpid", deadline=30), int)


async def test_a_queued_call_that_is_cancelled_never_runs(gate: Gate, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    async with worker("builtins:exec") as helper:
        first = asyncio.create_task(helper.call(gate.wait))
        queued = [asyncio.create_task(helper.call(f"open({str(trace)!r}, 'w')")) for _ in range(3)]
        late = asyncio.create_task(helper.call(f"open({str(trace)!r}, 'w')", deadline=0.05))
        with pytest.raises(errors.DeadlinePassed):
            await late
        for task in queued:
            task.cancel()
        await gate.here(gate.open)
        await first
        assert await helper.call("1") is None
    assert not trace.exists()


async def test_what_the_worker_started_ends_with_it(gate: Gate, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = f"""
        import subprocess
        started = subprocess.Popen(["sleep", "3600"])
        with open({str(note)!r}, "w") as file: file.write(str(started.pid))
        {gate.open}
        started.wait()
    """
    async with worker("builtins:exec") as helper:
        busy = asyncio.create_task(helper.call(textwrap.dedent(code)))
        await gate.here(gate.wait)
        busy.cancel()
        with pytest.raises(asyncio.CancelledError):
            await busy
        assert has_ended(int(note.read_text()))


async def test_an_idle_process_is_given_back() -> None:
    async with worker(idle_seconds=0.0) as helper:
        first = await helper.call()
        assert isinstance(first, int)
        assert await asyncio.to_thread(has_ended, first)
        assert helper.pid is None
        assert await helper.call() != first


@pytest.mark.parametrize("signals", [[], [signal.SIGSTOP]], ids=["healthy", "stopped"])
async def test_stop_leaves_nothing(signals: list[signal.Signals]) -> None:
    helper = Worker("os:getpid", name="helper")
    pid = await helper.call()
    assert isinstance(pid, int)
    for number in signals:
        os.kill(pid, number)
    await helper.stop(grace=0.05)
    assert has_ended(pid)
    with pytest.raises(errors.WorkerLost, match="stopped"):
        await helper.call()


async def test_stop_ends_the_running_call_and_the_queue(gate: Gate) -> None:
    helper = Worker("builtins:exec", name="helper")
    calls = [asyncio.create_task(helper.call(f"{gate.open}\n{BURN}")) for _ in range(2)]
    await gate.here(gate.wait)
    await helper.stop()
    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(end) for end in ends] == [errors.WorkerLost] * 2


async def test_stop_while_the_process_is_being_started() -> None:
    helper = Worker("builtins:exec", name="helper")
    busy = asyncio.create_task(helper.call(BURN))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await helper.stop()
    with pytest.raises(errors.WorkerLost, match="stopped"):
        await busy
    assert helper.pid is None


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(BURN, id="busy"),
        pytest.param(BURN_WITH_GIL, id="busy in C"),
        pytest.param("import ctypes; ctypes.CDLL(None).prctl(1, 0)\n" + BURN, id="where the kernel does not help"),
        pytest.param("import time; time.sleep(3600)", id="asleep"),
    ],
)
def test_no_child_outlives_a_killed_parent(gate: Gate, code: str) -> None:
    question = f"import os\nwith open({str(gate.path)!r}, 'w') as file: file.write(str(os.getpid()))\n{code}"
    parent = _python(f"""
        import asyncio
        from coding_agent.runtime.process import Worker
        asyncio.run(Worker("builtins:exec", name="helper").call({question!r}))
    """)
    child = int(gate.path.read_text())
    parent.kill()
    parent.wait()
    assert has_ended(child)


@pytest.mark.parametrize("when", ["alive", "gone"])
def test_the_client_is_watched(when: str) -> None:
    client = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    if when == "gone":
        client.kill()
        client.wait()
    server = _python(f"""
        import asyncio
        from coding_agent.runtime.parent import watch_process
        async def main():
            gone = asyncio.Event()
            watch = watch_process({client.pid}, gone.set)
            print("watching" if watch else "not visible", flush=True)
            if watch:
                await gone.wait()
                print("gone")
        asyncio.run(main())
    """)
    assert server.stdout
    assert server.stdout.readline() == ("watching\n" if when == "alive" else "not visible\n")
    client.kill()
    client.wait()
    assert server.communicate(timeout=30)[0] == ("gone\n" if when == "alive" else "")


@pytest.mark.parametrize(("burn", "code"), [(BURN, 5), (BURN_WITH_GIL, -signal.SIGALRM)])
def test_exit_is_bounded(burn: str, code: int) -> None:
    server = _python(f"""
        from coding_agent.runtime.parent import exit_within
        exit_within(0.05, 5)
        {burn}
    """)
    assert server.wait(30) == code


def _python(code: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True)


def test_a_stopped_watch_stays_silent() -> None:
    server = _python("""
        import asyncio, subprocess, sys
        from coding_agent.runtime.parent import watch_process
        async def main():
            client = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
            told = []
            stop: object = watch_process(client.pid, lambda: told.append(1))
            stop()
            stop()
            client.kill()
            client.wait()
            await asyncio.sleep(0)
            print(told)
        asyncio.run(main())
    """)
    assert server.communicate(timeout=30)[0] == "[]\n"
