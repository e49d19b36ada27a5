"""The warm runner: a small parent that forks a child for each job, relays what it says and makes sure it ends.

It imports only what it needs, never the user's project: a fork of it is as good as a fresh interpreter.
Frames from the server: length (4 bytes, big-endian), JSON. To the server: length, id of the job (4 bytes), kind
(1 byte), body; what a job said is passed on unread. Alone with its jobs in a namespace, it is their process 1.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import json
import os
import select
import signal
import struct
import sys
import time
from typing import Any, Dict, List, NoReturn, Optional

from . import child, strays

HEAD = struct.Struct(">IIc")
HELLO, PRELOADED, STARTED, SAID, RESULT, ENDED, LOST = b"H", b"P", b"J", b"S", b"R", b"E", b"L"
_BLOCK = 1 << 16
_BACKLOG = 4 << 20
"""Bytes that may wait for the server before jobs have to wait as well."""
_KEPT = 1 << 16
"""Bytes of a job's output that are kept."""


class Job:
    """A child at work; ``why`` is (kind, sentence) once we decided how it ends."""

    def __init__(self, number: int, order: Dict[str, Any], pid: int, pipe: int, sink: int) -> None:
        self.number, self.order, self.pid, self.pipe, self.sink = number, order, pid, pipe, sink
        self.deadline = time.monotonic() + order["wall"]
        self.frames = bytearray()
        self.output = bytearray()
        self.said = self.printed = 0
        self.why: Optional[List[str]] = None
        self.result: Optional[bytes] = None
        self.status: Optional[int] = None
        self.cpu = self.orphans = 0.0


class Runner:
    """Serves one server until it closes the wire."""

    def __init__(self, incoming: int, outgoing: int, setup: Dict[str, Any]) -> None:
        self.incoming, self.outgoing, self.setup = incoming, outgoing, setup
        self.jobs: Dict[int, Job] = {}
        self.asked = bytearray()
        self.waiting = bytearray()
        self.wake, wake = os.pipe()
        for descriptor in (incoming, outgoing, self.wake, wake):
            os.set_blocking(descriptor, False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, _woken)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)

    def serve(self) -> NoReturn:
        """Answer until the wire ends."""
        self.tell(0, HELLO, {"version": list(sys.version_info[:3]), "pid": os.getpid()})
        while True:
            poll, owner = self._poll()
            for descriptor, _ in poll.poll(self._patience()):
                self._ready(descriptor, owner)
            self._late()

    def _poll(self) -> Any:
        poll, owner = select.poll(), {}
        poll.register(self.incoming, select.POLLIN)
        poll.register(self.wake, select.POLLIN)
        if self.waiting:
            poll.register(self.outgoing, select.POLLOUT)
        if len(self.waiting) < _BACKLOG:
            for job in self.jobs.values():
                for descriptor in (job.pipe, job.sink):
                    if descriptor >= 0:
                        poll.register(descriptor, select.POLLIN)
                        owner[descriptor] = job
        return poll, owner

    def _patience(self) -> Optional[int]:
        """Return milliseconds until the next job is late."""
        if not self.jobs:
            return None
        soonest = min(job.deadline for job in self.jobs.values())
        return max(0, int((soonest - time.monotonic()) * 1000) + 1)

    def _ready(self, descriptor: int, owner: Dict[int, Job]) -> None:
        if descriptor == self.incoming:
            self._read()
        elif descriptor == self.outgoing:
            self._send()
        elif descriptor == self.wake:
            os.read(self.wake, 512)
            self._reap()
        elif owner[descriptor].number in self.jobs:  # Else it was buried since the poll, and its numbers may be reused.
            job = owner[descriptor]
            if descriptor == job.pipe:
                self._listen(job)
            elif descriptor == job.sink:
                self._swallow(job)

    # The server's side.

    def _read(self) -> None:
        block = _read(self.incoming)
        if block == b"":
            self._leave()
        self.asked += block or b""
        while len(self.asked) >= 4:
            size = int.from_bytes(self.asked[:4], "big")
            if len(self.asked) < 4 + size:
                return
            question = json.loads(bytes(self.asked[4 : 4 + size]))
            del self.asked[: 4 + size]
            self._do(question)

    def _do(self, question: Dict[str, Any]) -> None:
        job = self.jobs.get(question.get("id", 0))
        if question["do"] == "job":
            self._start(question["id"], question)
        elif question["do"] == "preload":
            failed = _preload(question["names"])
            self._end_strays()
            self.tell(question["id"], PRELOADED, failed)
        elif job and not job.why:
            self._kill(job, question["kind"], question["why"])

    def tell(self, number: int, kind: bytes, data: Any) -> None:
        self.pass_on(number, kind, json.dumps(data).encode("ascii"))

    def pass_on(self, number: int, kind: bytes, body: bytes) -> None:
        self.waiting += HEAD.pack(len(body), number, kind) + body
        self._send()

    def _send(self) -> None:
        try:
            while self.waiting:
                del self.waiting[: os.write(self.outgoing, self.waiting[: 4 * _BLOCK])]
        except BlockingIOError:
            return
        except OSError:
            self._leave()

    def _leave(self) -> NoReturn:
        for job in self.jobs.values():
            self._end_group(job)
        strays.end(())
        os._exit(0)

    # The jobs' side.

    def _start(self, number: int, order: Dict[str, Any]) -> None:
        order["base"] = os.path.join(self.setup["tmp"], f"job{number}")
        order["addresses"] = strays.addresses()
        pipe, sink = os.pipe(), os.pipe()
        pid = os.fork()
        if not pid:
            signal.set_wakeup_fd(-1)
            strays.die_with_parent()
            child.run(order, self.setup, pipe[1], sink[1])
        for descriptor in (pipe[1], sink[1]):
            os.close(descriptor)
        for descriptor in (pipe[0], sink[0]):
            os.set_blocking(descriptor, False)
        self.jobs[number] = Job(number, order, pid, pipe[0], sink[0])
        self.tell(number, STARTED, {"pid": pid})

    def _listen(self, job: Job) -> bool:
        """Read from a job's pipe; returns whether there may be more."""
        block = _read(job.pipe)
        if block == b"":
            os.close(job.pipe)
            job.pipe = -1
        if not block:
            return False
        job.said += len(block)
        job.frames += block
        most = self.setup["limits"]["said"] * child.MIB
        if job.said > most:
            self._too_much(job)
            return False
        while len(job.frames) >= child.HEAD.size:
            size, kind = child.HEAD.unpack_from(job.frames)
            if kind not in child.KINDS:
                self._kill(job, "crash", "it wrote nonsense to the pipe of its results")
                return False
            if size > most:
                self._too_much(job)
                return False
            end = child.HEAD.size + size
            if len(job.frames) < end:
                return True
            self._heard(job, kind, bytes(job.frames[child.HEAD.size : end]))
            del job.frames[:end]
        return True

    def _too_much(self, job: Job) -> None:
        self._kill(job, "output", f"it handed back more than {self.setup['limits']['said']} MiB")

    def _heard(self, job: Job, kind: bytes, body: bytes) -> None:
        if job.why or job.result is not None:
            return
        if kind == child.SAY:
            self.pass_on(job.number, SAID, body)
        elif kind == child.RESULT:
            job.result = body
            self._end_group(job)  # Whatever else it wants to do, nobody waits for it.
        else:
            self._kill(job, "raised" if kind == child.RAISED else "memory", _text(body))

    def _swallow(self, job: Job) -> bool:
        """Read what a job prints; returns whether there may be more."""
        block = _read(job.sink)
        if block == b"":
            os.close(job.sink)
            job.sink = -1
        if not block:
            return False
        job.printed += len(block)
        job.output += block[: _KEPT - len(job.output)]
        if job.printed > self.setup["limits"]["output"] * child.MIB:
            self._kill(job, "output", f"it printed more than {self.setup['limits']['output']} MiB")
            return False
        return True

    def _late(self) -> None:
        now = time.monotonic()
        for job in self.jobs.values():
            if job.deadline <= now:
                self._kill(job, "timeout", f"it took longer than {job.order['wall']:g} s")
                job.deadline = now + 60

    def _kill(self, job: Job, kind: str, why: str) -> None:
        if not job.why and job.result is None:
            job.why = [kind, why]
        self._end_group(job)

    def _end_group(self, job: Job) -> None:
        """Kill a job's process and group. Invariant: it is not reaped yet, so the number is its own."""
        if job.status is None:
            _kill_group(job.pid)

    def _reap(self) -> None:
        """Bury who ended."""
        by_pid = {job.pid: job for job in self.jobs.values()}
        while True:
            try:
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if not pid:
                break
            job = by_pid.get(pid)
            if job:
                job.status, job.cpu = status, used.ru_utime + used.ru_stime
            else:
                self._charge(used.ru_utime + used.ru_stime)
        for job in [job for job in self.jobs.values() if job.status is not None]:
            self._bury(job)

    def _bury(self, job: Job) -> None:
        while job.pipe >= 0 and self._listen(job):
            pass
        while job.sink >= 0 and not job.why and self._swallow(job):
            pass
        for descriptor in (job.pipe, job.sink):
            if descriptor >= 0:
                os.close(descriptor)
        if sys.platform != "linux":  # There, nobody tells the children that its end made ours.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(job.pid, signal.SIGKILL)
        del self.jobs[job.number]
        self._end_strays()
        if not strays.remove(job.order["base"]):
            self._give_up("a job left files behind that cannot be removed")
        if job.result is not None and not job.why:
            self.pass_on(job.number, RESULT, job.result)
        self.tell(job.number, ENDED, self._end(job))

    def _end_strays(self) -> None:
        """End the processes that a job which is over, or an import, left behind: the next is not to have them."""
        if not strays.end({job.pid for job in self.jobs.values()}):
            self._give_up("a process was left behind that does not end")

    def _give_up(self, why: str) -> NoReturn:
        """Ours is process 1, or somebody outside watches: what is left dies with us."""
        self.tell(0, LOST, why)
        os._exit(70)

    def _charge(self, cpu: float) -> None:
        """Have jobs pay for a process that was nobody's child any more when it ended: nobody can tell whose it was."""
        for job in self.jobs.values():
            job.orphans += cpu
            if job.orphans > job.order["cpu"]:
                self._kill(job, "timeout", f"it used more than {job.order['cpu']:g} s of CPU")

    def _end(self, job: Job) -> Dict[str, Any]:
        kind, why = job.why or (["done", ""] if job.result is not None else _fate(job))
        return {"kind": kind, "why": why, "output": job.output.decode("utf-8", "replace"), "cpu": job.cpu}


def _woken(_number: int, _frame: object) -> None:
    """Have a signal: what it says is read from the descriptor it wakes."""


def _fate(job: Job) -> List[str]:
    status = job.status or 0
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU or (number == signal.SIGKILL and job.cpu >= job.order["cpu"]):
            return ["timeout", f"it used more than {job.order['cpu']:g} s of CPU"]
        with contextlib.suppress(ValueError):
            return ["crash", f"it was ended by {signal.Signals(number).name}"]
        return ["crash", f"it was ended by signal {number}"]
    return ["crash", f"it ended with exit code {os.WEXITSTATUS(status)} and no result"]


def _read(descriptor: int) -> Optional[bytes]:
    """Return what is there, b"" at the end, None where nothing is there now."""
    try:
        return os.read(descriptor, _BLOCK)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def _kill_group(pid: int) -> None:
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _text(body: bytes) -> str:
    try:
        return str(json.loads(body))
    except ValueError:
        return "it wrote nonsense to the pipe of its results"


def _preload(names: List[str]) -> Dict[str, str]:
    """Import modules for all jobs to come; returns those that failed, with the reason."""
    failed: Dict[str, str] = {}
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException as error:  # The fence of a stranger's import; jobs will say it again.
            failed[name] = f"{type(error).__name__}: {error}"[:500]
    gc.collect()
    gc.freeze()
    return failed


def main(reads: str, writes: str) -> NoReturn:
    """Be the runner on two descriptors. The first frame of the wire is the set-up."""
    incoming, outgoing = int(reads), int(writes)
    size = int.from_bytes(_exactly(incoming, 4), "big")
    setup = json.loads(_exactly(incoming, size))
    for name, folder in setup["packages"].items():
        package = sys.modules.setdefault(name, type(sys)(name))
        package.__path__ = [folder]
    sys.modules["_coding_agent_sandbox"].clock_shift = setup["clock_shift"]  # type: ignore[attr-defined]
    for descriptor in (incoming, outgoing):
        fcntl.fcntl(descriptor, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    strays.adopt()
    sys.argv[:] = [""]
    gc.freeze()
    Runner(incoming, outgoing, setup).serve()


def _exactly(descriptor: int, size: int) -> bytes:
    data = b""
    while len(data) < size:
        block = os.read(descriptor, size - len(data))
        if not block:
            os._exit(0)
        data += block
    return data
