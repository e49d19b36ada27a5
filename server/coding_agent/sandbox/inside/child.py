"""What a fork of the warm runner does: give up what it need not have, call one function, hand back what it says.

Everything that code of the user could replace later (``json``, ``os``, builtins) is taken before it is imported.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import signal
import struct
import sys
from typing import Any, Callable, Dict, NoReturn

from . import strays

KINDS = SAY, RESULT, RAISED, NO_MEMORY = b"S", b"R", b"X", b"M"
HEAD = struct.Struct(">Ic")
"""A frame on a job's pipe: length of the body, kind. The body is JSON, in ASCII."""
MIB = 1 << 20
_PIPE = 3
_SLACK = 256
"""MiB of addresses that may be reserved beside the memory that is used: stacks and arenas of threads."""
_TRACE = 8_000

_dumps, _write, _exit = json.dumps, os.write, os._exit


def run(order: Dict[str, Any], setup: Dict[str, Any], pipe: int, sink: int) -> NoReturn:
    """Be a job, from the fork to the end. ``pipe`` takes its frames, ``sink`` what it prints."""
    code = 1
    try:
        _settle(order, setup, pipe, sink)
        _answer(order)
        code = 0
    finally:
        _exit(code)


def _settle(order: Dict[str, Any], setup: Dict[str, Any], pipe: int, sink: int) -> None:
    os.setsid()
    os.nice(setup["nice"])
    _descriptors(pipe, sink)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    strays.visible()
    _folders(order, setup)
    sys.path[:0] = setup["path"]
    _limit(order, setup)


def _descriptors(pipe: int, sink: int) -> None:
    """Keep stdin (empty), stdout and stderr (the sink) and the pipe, as number 3; close all others."""
    # Invariant: both are above 3, so that no copy overwrites the next source.
    high_pipe, high_sink = (_above(descriptor) for descriptor in (pipe, sink))
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, number in ((nothing, 0), (high_sink, 1), (high_sink, 2), (high_pipe, _PIPE)):
        os.dup2(source, number, inheritable=number != _PIPE)
    os.closerange(_PIPE + 1, 4096)


def _above(descriptor: int) -> int:
    import fcntl

    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 64)


def _folders(order: Dict[str, Any], setup: Dict[str, Any]) -> None:
    """Make the folders of this job; all it may write to is in there."""
    base = order["base"]
    work, home, temporary = (os.path.join(base, name) for name in (setup["cwd"], "home", "tmp"))
    for folder in (base, work, home, temporary):
        os.mkdir(folder, 0o700)
    os.environ["HOME"], os.environ["TMPDIR"] = home, temporary
    os.chdir(work)
    known = sys.modules.get("tempfile")
    if known:
        known.tempdir = None  # type: ignore[attr-defined] # It may have been asked before the fork.


def _limit(order: Dict[str, Any], setup: Dict[str, Any]) -> None:
    limits = setup["limits"]
    cpu = max(1, int(order["cpu"] + 0.999))
    wanted = [
        (resource.RLIMIT_CPU, cpu, cpu + 1),
        (resource.RLIMIT_FSIZE, limits["disk"] * MIB, limits["disk"] * MIB),
        (resource.RLIMIT_NOFILE, limits["descriptors"], limits["descriptors"]),
        (resource.RLIMIT_CORE, 0, 0),
    ]
    if setup["nproc"]:
        wanted.append((resource.RLIMIT_NPROC, setup["nproc"], setup["nproc"]))
    if order["addresses"]:
        most = (order["addresses"] + order["memory"] + _SLACK) * MIB
        wanted.append((resource.RLIMIT_AS, most, most))
    for kind, soft, hard in wanted:
        ceiling = resource.getrlimit(kind)[1]
        if ceiling != resource.RLIM_INFINITY:
            resource.setrlimit(kind, (min(soft, ceiling), min(hard, ceiling)))
        else:
            resource.setrlimit(kind, (soft, hard))


def _answer(order: Dict[str, Any]) -> None:
    try:
        result = _function(order["call"])(_say, **order["with"])
        _flush()  # The result is the last thing heard of us.
        _frame(RESULT, result)
    except MemoryError:
        _frame(NO_MEMORY, "it ran out of memory")
    except BaseException:  # The job's fence, for SystemExit too: whatever it is, the caller learns of it.
        import traceback

        _flush()
        _frame(RAISED, traceback.format_exc()[-_TRACE:])


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()


def _function(call: str) -> Callable[..., Any]:
    module, _, name = call.partition(":")
    return getattr(importlib.import_module(module), name)


def _say(data: Any) -> None:
    """Hand back plain data.

    Raises: TypeError, ValueError - it is none.
    """
    _frame(SAY, data)


def _frame(kind: bytes, data: Any) -> None:
    body = _dumps(data).encode("ascii")
    frame = memoryview(HEAD.pack(len(body), kind) + body)
    while frame:
        frame = frame[_write(_PIPE, frame) :]
