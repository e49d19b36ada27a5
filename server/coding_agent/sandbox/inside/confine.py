"""The second rung, where no namespaces can be made: a supervisor of ours and, below it, the runner without rights.

Run by our interpreter. The supervisor is the parent of every orphan below it; when the runner ends, the server dies or
says so (SIGTERM), it kills all that is left and removes their private folder. The runner gives up its rights for good
before it becomes the interpreter of the user: Landlock for files, TCP and (where the kernel can) signals, a filter of
system calls for the rest.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import time
from typing import Any, Dict, List, NoReturn, Set

from . import landlock, seccomp, strays

_PDEATHSIG, _KEEPCAPS, _BOUNDING, _NO_NEW_PRIVS, _SUBREAPER, _AMBIENT = 1, 8, 24, 38, 36, 47
_SECCOMP, _FILTER, _RAISE = 22, 2, 2
_READ_SEARCH = 2  # CAP_DAC_READ_SEARCH
_CAPSET, _CAP_VERSION = {"x86_64": 126, "aarch64": 91}, 0x20080522
_PASSES = 2000

_LIBC: Any = ctypes.CDLL(None, use_errno=True)


def main(told: str, reads: str, writes: str) -> NoReturn:
    """Be the supervisor. ``told`` is a descriptor with the plan, as JSON; the wire is the runner's."""
    with open(int(told), encoding="ascii") as file:
        plan = json.load(file)
    incoming, outgoing = int(reads), int(writes)
    plan["command"] += [reads, writes]
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGCHLD})
    _LIBC.prctl(_SUBREAPER, 1, 0, 0, 0)
    runner = os.fork()
    if not runner:
        try:
            _become(plan, incoming, outgoing)
        except OSError as error:
            os.write(2, f"the runner cannot be confined: {error}\n".encode())
        finally:
            os._exit(1)
    os.close(incoming)
    os.close(outgoing)
    _LIBC.prctl(_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() == plan["parent"]:
        _watch(runner)
    _end_all(plan["uid"])
    for folder in plan["writable"]:
        strays.remove(folder)
    os._exit(0)


def _watch(runner: int) -> None:
    """Bury the dead until the runner is one of them, or somebody wants us to leave."""
    while signal.sigwait({signal.SIGTERM, signal.SIGCHLD}) == signal.SIGCHLD:
        pid = 1
        while pid:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == runner:
                return


def _end_all(uid: int) -> None:
    """Kill every process below us: first stopped, so that none is born while others die."""
    for _ in range(_PASSES):
        if uid:
            _end_user(uid)
        stopped: Set[int] = set()
        while True:
            new = [pid for pid in _below(os.getpid()) if pid not in stopped]
            if not new:
                break
            _signal(new, signal.SIGSTOP)
            stopped.update(new)
        _signal(stopped, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.001)


def _end_user(uid: int) -> None:
    """Kill all processes of the user made up for this box, in one stroke."""
    helper = os.fork()
    if not helper:
        try:
            os.setresuid(uid, uid, uid)
            os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(helper, 0)


def _signal(pids: Any, number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            continue


def _below(top: int) -> List[int]:
    """Return all living descendants of a process."""
    found: List[int] = []
    waiting = [top]
    while waiting:
        pid = waiting.pop()
        try:
            tasks = os.listdir(f"/proc/{pid}/task")
        except OSError:
            continue
        for task in tasks:
            try:
                with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                    new = [int(word) for word in file.read().split()]
            except OSError:
                continue
            found += new
            waiting += new
    return found


def _become(plan: Dict[str, Any], incoming: int, outgoing: int) -> NoReturn:
    """Give up all rights but those of the plan, and become the runner.

    Raises: OSError - the kernel does not do as it is told; the process must end then.
    """
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGCHLD})
    rules = landlock.Ruleset(landlock.version())
    rules.allow(plan["readable"], landlock.READ)
    rules.allow(plan["listed"], landlock.LIST)
    rules.allow(plan["writable"], landlock.WRITE | landlock.READ)
    rules.allow(["/dev/null"], landlock.READ | landlock.WRITE)
    rules.allow([f"/proc/{os.getpid()}"], landlock.READ)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if plan["uid"]:
        resource.setrlimit(resource.RLIMIT_NPROC, (plan["processes"], plan["processes"]))
        _change_user(plan["uid"])
    else:
        _drop_capabilities(0)
    _prctl(_PDEATHSIG, signal.SIGKILL)
    _prctl(_NO_NEW_PRIVS, 1)
    rules.enforce()
    for descriptor in (incoming, outgoing):
        os.set_inheritable(descriptor, True)
    _close_others({0, 1, 2, incoming, outgoing})
    _filter(seccomp.shared())
    os.execve(plan["command"][0], plan["command"], plan["env"])


def _change_user(uid: int) -> None:
    """Become a user who owns nothing, who may look into folders of others: which ones, Landlock decides."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    _prctl(_KEEPCAPS, 1)
    os.setresuid(uid, uid, uid)
    _drop_capabilities(1 << _READ_SEARCH)
    _prctl(_AMBIENT, _RAISE, _READ_SEARCH)


def _drop_capabilities(kept: int) -> None:
    """Keep only ``kept`` (a mask): permitted, effective and inheritable."""
    for number in range(64):
        if not kept >> number & 1 and _LIBC.prctl(_BOUNDING, number, 0, 0, 0) < 0:
            break  # The last one there is, or we are no root and have none anyway.
    header = (ctypes.c_uint32 * 2)(_CAP_VERSION, 0)
    data = (ctypes.c_uint32 * 6)(kept, kept, kept, 0, 0, 0)
    if _LIBC.syscall(_CAPSET[os.uname().machine], header, data) < 0:
        raise OSError(ctypes.get_errno(), "capset")


def _filter(program: "bytes | None") -> None:
    if program is None:
        raise OSError(0, "no filter for this machine")

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]

    _prctl(_SECCOMP, _FILTER, ctypes.byref(Program(len(program) // 8, program)))


def _prctl(option: int, *arguments: Any) -> None:
    rest = [ctypes.c_ulong(each) if isinstance(each, int) else each for each in arguments]
    if _LIBC.prctl(option, *rest, *[ctypes.c_ulong(0)] * (4 - len(rest))) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl {option}: {os.strerror(number)}")


def _close_others(kept: Set[int]) -> None:
    for descriptor in map(int, os.listdir("/proc/self/fd")):
        if descriptor not in kept:
            try:
                os.close(descriptor)
            except OSError:
                continue
