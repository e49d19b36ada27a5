"""How the runner of a box is started on each rung."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Protocol

from coding_agent import errors
from coding_agent.runtime import boxed
from coding_agent.runtime.boxed import Argument, Boxed, Wire
from coding_agent.sandbox import bubblewrap, landlock, secrets, watchdog
from coding_agent.sandbox.inside import seccomp
from coding_agent.sandbox.private import Private, sweep
from coding_agent.sandbox.rungs import Rung, bubblewrap_here
from coding_agent.sandbox.spec import Spec
from coding_agent.sandbox.view import INSIDE, view

_BOOT = """import sys
if not sys.path[0]: del sys.path[0]
package = sys.modules["_coding_agent_sandbox"] = type(sys)("_coding_agent_sandbox")
package.__path__ = [sys.argv[1]]
from _coding_agent_sandbox.{module} import main
main(*sys.argv[2:])
"""
_SPARE = 8
"""Processes of the box that belong to no job."""


class Launcher(Protocol):
    """Starts the runner of one box, again when it was lost."""

    rung: Rung
    layers: int
    """Processes from the one we start to the runner."""
    grace: float
    """Seconds the process has to end all below it when its wire is closed; 0 where its death ends them."""

    async def start(self) -> Boxed: ...
    def kill(self, boxed: Boxed) -> None: ...
    def full(self, boxed: Boxed) -> watchdog.Excess | None: ...
    def clean(self) -> None:
        """Remove what is left on disk; it blocks."""
        ...


def launcher(spec: Spec, rung: Rung) -> Launcher:
    """Return what starts the runner on a rung. Looks through the project for secrets, so it takes a while.

    Raises: NoSandbox - there is too much to look through.
    """
    kinds: dict[Rung, type[Bubblewrap | Landlock | Unsafe]] = {
        Rung.BUBBLEWRAP: Bubblewrap,
        Rung.LANDLOCK: Landlock,
        Rung.UNSAFE: Unsafe,
    }
    return kinds[rung](spec)


class Bubblewrap:
    """In namespaces; killing its first process kills all."""

    rung = Rung.BUBBLEWRAP
    layers = 1
    grace = 0.0

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        _, can = bubblewrap_here()
        env = environment(spec, bubblewrap.TMP)
        self._command = bubblewrap.command(can, view(spec), env, spec.limits.disk, seccomp.namespaced())
        self._setup = setup(spec, bubblewrap.TMP, nproc=spec.limits.processes + _SPARE)

    async def start(self) -> Boxed:
        return await _started([*self._command, *runner(self._spec)], {}, self._setup)

    def kill(self, boxed: Boxed) -> None:
        boxed.kill()

    def full(self, boxed: Boxed) -> watchdog.Excess | None:
        inside = next(iter(watchdog.descendants(boxed.pid, 1)), 0)
        root = Path(f"/proc/{inside}/root")
        with contextlib.suppress(OSError):
            if not root.samefile("/"):  # Else it is still being made, and its folders are the host's.
                folders = (root / folder.lstrip("/") for folder in bubblewrap.WRITABLE)
                found = (watchdog.filesystem_excess(folder, self._spec.limits) for folder in folders)
                return next(filter(None, found), None)
        return None

    def clean(self) -> None:
        """Nothing of it is on any disk."""


class OnDisk:
    """What has a private folder on disk while it runs."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._private: Private | None = None
        sweep()

    def full(self, boxed: Boxed) -> watchdog.Excess | None:  # noqa: ARG002 - one shape for all
        return watchdog.disk_excess(self._private.path, self._spec.limits) if self._private else None

    def clean(self) -> None:
        private, self._private = self._private, None
        if private:
            private.remove()


class Landlock(OnDisk):
    """Below a supervisor of ours, which removes the folder when all is over."""

    rung = Rung.LANDLOCK
    layers = 1
    grace = 2.0

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self._shown = landlock.rules(view(spec))

    async def start(self) -> Boxed:
        await asyncio.to_thread(self.clean)
        made = self._private = landlock.home()
        env = environment(self._spec, str(made.path))
        processes = self._spec.limits.processes + _SPARE
        plan = landlock.plan(made, self._shown, env, 2 * processes)
        plan["command"] = [*map(str, runner(self._spec)[:-2])]
        boot = _BOOT.format(module="confine")
        told = json.dumps(plan).encode("ascii")
        command: list[Argument] = [sys.executable, "-I", "-S", "-c", boot, str(INSIDE), told, Wire.IN, Wire.OUT]
        before = 0 if made.uid else landlock.threads_of_user()
        return await _started(command, {}, setup(self._spec, env["HOME"], nproc=before + processes))

    def kill(self, boxed: Boxed) -> None:
        boxed.kill(gently=True)


class Unsafe(OnDisk):
    """In a folder of its own, and that is all."""

    rung = Rung.UNSAFE
    layers = 0
    grace = 1.0

    async def start(self) -> Boxed:
        await asyncio.to_thread(self.clean)
        made = self._private = Private()
        env = environment(self._spec, str(made.path))
        return await _started(runner(self._spec), env, setup(self._spec, env["HOME"], nproc=0))

    def kill(self, boxed: Boxed) -> None:
        for pid in watchdog.descendants(boxed.pid):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        boxed.kill()


def runner(spec: Spec) -> list[Argument]:
    """Return the command of the runner itself. The environment is ours, so it is read: it fixes the hash seed."""
    return [
        str(spec.interpreter),
        "-s",
        "-X",
        "utf8",
        "-c",
        _BOOT.format(module="runner"),
        str(INSIDE),
        Wire.IN,
        Wire.OUT,
    ]


def environment(spec: Spec, tmp: str) -> dict[str, str]:
    """Return all variables that the runner has."""
    return {
        "PATH": f"{spec.interpreter.parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": tmp,
        "TMPDIR": tmp,
        "USER": "nobody",
        "LOGNAME": "nobody",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "NO_COLOR": "1",
        "MALLOC_ARENA_MAX": "2",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": f"{tmp}/hypothesis",
        **secrets.without_secrets(spec.env),
        "PYTHONHASHSEED": str(spec.hash_seed),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def setup(spec: Spec, tmp: str, *, nproc: int) -> dict[str, object]:
    """Return what the runner is told first. ``nproc`` is the kernel's limit of processes, 0 where it cannot be set."""
    limits = spec.limits
    return {
        "tmp": tmp,
        "cwd": spec.cwd,
        "path": list(spec.path),
        "packages": {name: str(folder) for name, folder in spec.packages.items()},
        "clock_shift": spec.clock_shift,
        "nproc": nproc,
        "nice": spec.nice,
        "limits": {
            "disk": limits.disk,
            "output": limits.output,
            "said": limits.said,
            "descriptors": limits.descriptors,
        },
    }


async def _started(command: list[Argument], env: dict[str, str], first: dict[str, object]) -> Boxed:
    try:
        started = await boxed.start(command, cwd="/", env=env)
    except OSError as error:
        raise errors.NoSandbox(f"{command[0]!s} cannot be started: {error.strerror}") from error
    body = json.dumps(first).encode("ascii")
    started.send(len(body).to_bytes(4, "big") + body)
    return started
