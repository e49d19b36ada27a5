"""A process that works on several questions at once, tells news, and can be stopped; real processes here."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from coding_agent import errors
from coding_agent.runtime import spawn
from coding_agent.runtime.talk import Talk
from support.processes import Watched, children

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="watches processes by pidfd")

TARGET = """\
import asyncio, os, subprocess, sys
from coding_agent import errors

class Target:
    async def answer(self, question, say, stopped):
        kind, value = question
        if kind == "count":
            for number in range(value):
                say(number)
            return os.getpid()
        if kind == "until stopped":
            say("begun")
            await stopped.wait()
            return "what there is"
        if kind == "until dropped":
            try:
                say("begun")
                await asyncio.sleep(1000)
            finally:
                open(value, "w").close()
        if kind == "refuse":
            raise errors.UsageError(value)
        if kind == "fail":
            raise KeyError(value)
        if kind == "die":
            os._exit(3)

    async def close(self):
        open(os.environ["CLOSED"], "w").close()
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose module ``talk_target`` the process can import, which it otherwise never could."""
    (tmp_path / "talk_target.py").write_text(TARGET)
    executable, isolated, flag, boot, root = spawn.ours("talking")
    more = boot.replace("import sys\n", f"import sys\nsys.path.append({str(tmp_path)!r})\n", 1)
    monkeypatch.setattr("coding_agent.runtime.talk.ours", lambda module: (executable, isolated, flag, more, root))
    return tmp_path


@asynccontextmanager
async def talk(here: Path, idle: float = 60.0) -> AsyncIterator[Talk]:
    variables = {"PATH": os.environ["PATH"], "CLOSED": str(here / "closed")}
    made = Talk("talk_target:Target", name="target", variables=variables, idle_seconds=idle)
    try:
        yield made
    finally:
        await made.close(grace=10)


class Heard:
    """The news of a question, and when the first came."""

    def __init__(self) -> None:
        self.news: list[object] = []
        self.first = asyncio.Event()

    def __call__(self, news: object) -> None:
        self.news.append(news)
        self.first.set()


async def test_news_come_in_order_before_the_answer(here: Path) -> None:
    heard = Heard()
    async with talk(here) as made:
        assert await made.ask(("count", 1000), heard, asyncio.Event()) == made.pid
    assert heard.news == list(range(1000))


async def test_questions_are_worked_on_at_the_same_time(here: Path) -> None:
    async with talk(here) as made:
        heard, stopped = Heard(), asyncio.Event()
        slow = asyncio.create_task(made.ask(("until stopped", None), heard, stopped))
        await heard.first.wait()
        assert await made.ask(("count", 1), Heard(), asyncio.Event()) == made.pid
        assert not slow.done()
        stopped.set()
        assert await slow == "what there is"


async def test_a_question_nobody_waits_for_is_dropped(here: Path) -> None:
    async with talk(here) as made:
        heard, dropped = Heard(), here / "dropped"
        slow = asyncio.create_task(made.ask(("until dropped", str(dropped)), heard, asyncio.Event()))
        await heard.first.wait()
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        # What comes later is answered later.
        await made.ask(("count", 0), Heard(), asyncio.Event())
        assert dropped.exists()


async def test_failures_have_their_types(here: Path) -> None:
    async with talk(here) as made:
        with pytest.raises(errors.UsageError, match="not so"):
            await made.ask(("refuse", "not so"), Heard(), asyncio.Event())
        with pytest.raises(errors.WorkerFailed, match=r"target: KeyError at talk_target:.*'odd'"):
            await made.ask(("fail", "odd"), Heard(), asyncio.Event())


async def test_a_process_that_dies_fails_all_its_questions_and_is_replaced(here: Path) -> None:
    async with talk(here) as made:
        heard = Heard()
        slow = asyncio.create_task(made.ask(("until stopped", None), heard, asyncio.Event()))
        await heard.first.wait()
        for question in (made.ask(("die", None), Heard(), asyncio.Event()), slow):
            with pytest.raises(errors.WorkerLost, match="target ended unexpectedly"):
                await question
        assert await made.ask(("count", 0), Heard(), asyncio.Event()) == made.pid


async def test_closing_asks_politely_and_leaves_nothing(here: Path) -> None:
    async with talk(here) as made:
        pid = await made.ask(("count", 0), Heard(), asyncio.Event())
        assert isinstance(pid, int)
        with Watched(pid, *children(pid)) as watched:
            await made.close(grace=10)
            assert watched.left() == set()
        with pytest.raises(errors.WorkerLost, match="closed"):
            await made.ask(("count", 0), Heard(), asyncio.Event())
    assert (here / "closed").exists()


async def test_an_idle_process_is_given_back(here: Path) -> None:
    async with talk(here, idle=0) as made:
        pid = await made.ask(("count", 0), Heard(), asyncio.Event())
        assert isinstance(pid, int)
        with Watched(pid) as watched:
            assert await asyncio.to_thread(watched.left) == set()
        assert made.pid is None
        assert await made.ask(("count", 0), Heard(), asyncio.Event()) != pid
