"""How the runner of a box is started on each rung."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Protocol

from coding_agent import errors
from coding_agent.runtime import boxed
from coding_agent.runtime.boxed import Argument, Boxed, Wire
from coding_agent.sandbox import bubblewrap, interpreters, secrets
from coding_agent.sandbox.rungs import Rung, bubblewrap_here
from coding_agent.sandbox.spec import Spec

INSIDE = Path(__file__).parent / "inside"
_BOOT = """import sys
if not sys.path[0]: del sys.path[0]
package = sys.modules["_coding_agent_sandbox"] = type(sys)("_coding_agent_sandbox")
package.__path__ = [sys.argv[1]]
from _coding_agent_sandbox.runner import main
main(int(sys.argv[2]), int(sys.argv[3]))
"""
_SPARE = 8
"""Processes of the box that belong to no job."""


class Launcher(Protocol):
    """Starts the runner of one box, again when it was lost."""

    rung: Rung
    grace: float

    async def start(self) -> Boxed: ...
    def clean(self) -> None: ...


def launcher(spec: Spec, rung: Rung) -> Launcher:
    """Return what starts the runner on a rung."""
    return {Rung.BUBBLEWRAP: Bubblewrap, Rung.UNSAFE: Unsafe}[rung](spec)


class Bubblewrap:
    """In namespaces; killing its first process kills all."""

    rung = Rung.BUBBLEWRAP
    grace = 0.0

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        _, can = bubblewrap_here()
        readable = dict.fromkeys(each for path in _readable(spec) for each in (path, path.resolve()))
        masked = dict.fromkeys(secret for path in (spec.project, *spec.readable) for secret in secrets.hidden(path))
        self._command = bubblewrap.command(can, readable, masked, environment(spec, bubblewrap.TMP), spec.limits.disk)
        self._setup = setup(spec, bubblewrap.TMP, nproc=spec.limits.processes + _SPARE)

    async def start(self) -> Boxed:
        return await _started([*self._command, *runner(self._spec)], {}, self._setup)

    def clean(self) -> None:
        """Nothing of it is on any disk."""


class Unsafe:
    """In a folder of its own, and that is all."""

    rung = Rung.UNSAFE
    grace = 1.0

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._tmp = tempfile.mkdtemp(prefix="coding-agent-")
        self._setup = setup(spec, self._tmp, nproc=0)

    async def start(self) -> Boxed:
        return await _started(runner(self._spec), environment(self._spec, self._tmp), self._setup)

    def clean(self) -> None:
        shutil.rmtree(self._tmp, ignore_errors=True)


def runner(spec: Spec) -> list[Argument]:
    """Return the command of the runner itself. The environment is ours, so it is read: it fixes the hash seed."""
    return [str(spec.interpreter), "-s", "-X", "utf8", "-c", _BOOT, str(INSIDE), Wire.IN, Wire.OUT]


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
        "limits": {
            "disk": limits.disk,
            "output": limits.output,
            "said": limits.said,
            "descriptors": limits.descriptors,
        },
    }


def _readable(spec: Spec) -> list[Path]:
    wanted = [*interpreters.folders(spec.interpreter), INSIDE, *spec.packages.values(), spec.project, *spec.readable]
    return [path for path in wanted if path.exists()]


async def _started(command: list[Argument], env: dict[str, str], first: dict[str, object]) -> Boxed:
    try:
        started = await boxed.start(command, cwd="/", env=env)
    except OSError as error:
        raise errors.NoSandbox(f"{command[0]!s} cannot be started: {error.strerror}") from error
    body = json.dumps(first).encode("ascii")
    started.send(len(body).to_bytes(4, "big") + body)
    return started
