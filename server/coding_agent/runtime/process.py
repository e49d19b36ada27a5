"""The one door to processes: `Worker` for a process that answers many questions, `run` for one that runs once.

A worker is started by its first question, answers one at a time, and is given back when idle. Its process is a
child of ours alone: it ends when we end, however we end.
"""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable
from typing import cast

from coding_agent import errors
from coding_agent.runtime.frames import HEADER, body_size, packed, unpacked
from coding_agent.runtime.log import Level, event
from coding_agent.runtime.oneshot import Ran, run, run_now
from coding_agent.runtime.spawn import detached, kill_tree, ours

__all__ = ["Ran", "Worker", "run", "run_now"]

_BUFFER = 1 << 20


def _rest(failures: int) -> float:
    """Return how many seconds a worker that failed so often in a row is left alone: one failure may be bad luck."""
    return 0.0 if failures < 2 else min(60.0, 0.5 * 2 ** (failures - 2))


class Worker:
    """One process that calls a function of ours, one call after the other. Lives on one event loop.

    Arguments and results are plain data (what ``marshal`` carries). ``name`` is for logs and messages.
    A call that nobody waits for any more is given ``spare_cancelled`` seconds to end, one whose deadline passed
    ``spare_late`` seconds; then the process is killed and the next call starts another.
    ``idle_seconds`` after the last call the process is given back; its memory with it.
    ``on_restart`` is told once, and why, when a process that was lost or hung is replaced.
    ``rest`` gives the seconds of peace after that many failures in a row; calls in that time fail at once.
    """

    def __init__(
        self,
        target: str,
        *,
        name: str,
        idle_seconds: float = 60.0,
        spare_cancelled: float = 0.0,
        spare_late: float = 5.0,
        nice: int = 10,
        on_restart: Callable[[str], None] | None = None,
        rest: Callable[[int], float] = _rest,
    ) -> None:
        self.name = name
        self._target = target
        self._idle_seconds = idle_seconds
        self._spare_cancelled = spare_cancelled
        self._spare_late = spare_late
        self._nice = nice
        self._on_restart = on_restart
        self._rest = rest
        self._turn = asyncio.Lock()
        self._answering: asyncio.Task[bytes] | None = None
        self._process: Process | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._lost = ""
        """Why the last process is gone, when that was not our wish."""
        self._failures = 0
        self._resting_until = 0.0
        self._killed = ""
        """Why we killed the running process; empty when we did not."""
        self._stopped = False

    @property
    def pid(self) -> int | None:
        """The id of the running process, None while there is none."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def call(self, *args: object, target: str | None = None, deadline: float | None = None) -> object:
        """Return what ``target(*args)`` returns in the worker; ``target`` is the worker's own unless said otherwise.

        ``deadline`` is in seconds from now, waiting for earlier calls included. A call that is cancelled, or late,
        before its turn came costs nothing.
        Raises: DeadlinePassed; WorkerLost - the process died, was stopped, or rests after failures; WorkerFailed -
        the function raised something of its own; the function's own CodingAgentError; ValueError - not plain data.
        """
        if self._stopped:
            raise errors.WorkerLost(f"{self.name} is stopped")
        frame = packed((target or self._target, args))
        try:
            async with asyncio.timeout(deadline) as limit:
                await self._turn.acquire()
                answering = self._answering = asyncio.create_task(self._answer(frame))
                answering.add_done_callback(self._next)
                try:
                    body = await asyncio.shield(answering)
                except asyncio.CancelledError:
                    self._leave(answering, late=limit.expired())
                    raise
        except TimeoutError:
            raise errors.DeadlinePassed(f"{self.name} did not answer in {deadline or 0:g} s") from None
        return _result(self.name, body)

    def kill(self, why: str = "stopped") -> None:
        """Kill the running process and its children now, without waiting; the call it works on gets WorkerLost."""
        self._killed = why
        if self._process and self._process.returncode is None:
            kill_tree(self._process.pid)

    async def stop(self, grace: float = 0.5) -> None:
        """End the process for good: politely, and after ``grace`` seconds by force. Nothing is left when it returns."""
        self._stopped = True
        self._killed = "stopped"
        self._cancel_idle()
        if self._process and self._process.returncode is None:
            kill_tree(self._process.pid, gently=True)
        ends = [asyncio.ensure_future(self._process.wait())] if self._process else []
        # A process that is being started now is killed by the call that starts it.
        ends += [self._answering] if self._answering else []
        if ends and (await asyncio.wait(ends, timeout=grace))[1]:
            self.kill()
            await asyncio.wait(ends)
        self._process = None

    def _leave(self, answering: "asyncio.Task[bytes]", *, late: bool) -> None:
        """Let a call that nobody waits for end in its spare time, or end it."""
        spare = self._spare_late if late else self._spare_cancelled
        why = "hung" if late else "cancelled"
        if spare <= 0:
            self.kill(why)
            return
        timer = asyncio.get_running_loop().call_later(spare, self.kill, why)
        answering.add_done_callback(lambda _: timer.cancel())

    def _next(self, answering: "asyncio.Task[bytes]") -> None:
        """A call is over, whoever still waits for it: the next may begin."""
        if not answering.cancelled():
            answering.exception()  # Looked at, so that asyncio does not complain when nobody else does.
        self._turn.release()
        if self.pid is not None and not self._turn.locked():
            self._idle = asyncio.get_running_loop().call_later(self._idle_seconds, self._give_back)

    async def _answer(self, frame: bytes) -> bytes:
        self._cancel_idle()
        process = await self._running()
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(frame)
            await process.stdin.drain()
            header = await process.stdout.readexactly(HEADER)
            body = await process.stdout.readexactly(body_size(int.from_bytes(header, "big")))
        except (asyncio.IncompleteReadError, OSError, ValueError) as error:
            raise await self._bury(process) from error
        except asyncio.CancelledError:  # The loop itself is ending.
            self.kill()
            raise
        self._failures = 0
        return body

    async def _running(self) -> Process:
        """Return the process to ask, started if need be. Invariant: one that we killed is never asked again."""
        process = self._process
        if process and not self._killed and process.returncode is None:
            return process
        if self._stopped:
            raise errors.WorkerLost(f"{self.name} is stopped")
        if process and not self._killed:
            self._failed("ended while idle")
        self._process, self._killed = None, ""
        if asyncio.get_running_loop().time() < self._resting_until:
            raise errors.WorkerLost(f"{self.name} rests after {self._failures} failures: {self._lost}")
        process = self._process = await self._started()
        if self._killed:  # While it was starting.
            kill_tree(process.pid)
            raise await self._bury(process)
        self._tell()
        event("worker-started", level=Level.DEBUG, worker=self.name, pid=process.pid)
        return process

    async def _started(self) -> Process:
        argv = (*ours("child"), self._target, str(self._nice), str(os.getpid()))
        try:
            return await asyncio.create_subprocess_exec(
                *argv,
                stdin=PIPE,
                stdout=PIPE,
                stderr=None if sys.stderr else DEVNULL,
                limit=_BUFFER,
                **detached(background=True),
            )
        except OSError as error:
            self._failed(f"could not be started ({error.strerror})")
            raise errors.WorkerLost(f"{self.name} {self._lost}") from error

    async def _bury(self, process: Process) -> errors.WorkerLost:
        """Make sure that a process whose wire broke is gone, and return what to tell the caller."""
        if process.returncode is None and not self._killed:
            kill_tree(process.pid)
        code = await process.wait()
        self._process = None
        if self._killed in ("cancelled", "stopped"):
            return errors.WorkerLost(f"{self.name} was {self._killed}")
        self._failed("did not answer in time" if self._killed else f"ended unexpectedly (exit code {code})")
        return errors.WorkerLost(f"{self.name} {self._lost}")

    def _failed(self, why: str) -> None:
        self._lost = why
        self._failures += 1
        self._resting_until = asyncio.get_running_loop().time() + self._rest(self._failures)
        event("worker-lost", level=Level.WARNING, worker=self.name, why=why, failures=self._failures)

    def _tell(self) -> None:
        tell, why = self._on_restart, self._lost
        self._lost = ""
        if tell and why:
            self._on_restart = None
            tell(f"{self.name} {why}; it was restarted")

    def _give_back(self) -> None:
        """The idle timer: an idle process has nothing to lose."""
        self._idle = None
        self.kill("idle")
        self._process = None

    def _cancel_idle(self) -> None:
        if self._idle:
            self._idle.cancel()
            self._idle = None


def _result(worker: str, body: bytes) -> object:
    answer = cast("tuple[object, ...]", unpacked(body))
    if answer[0]:
        return answer[1]
    kind, message, where = map(str, answer[1:])
    known: object = getattr(errors, kind, None)
    if isinstance(known, type) and issubclass(known, errors.CodingAgentError):
        raise known(message)
    raise errors.WorkerFailed(f"{worker}: {kind} at {where}: {message}")
