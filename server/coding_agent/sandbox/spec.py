"""What a box is asked to be, and what comes out of it: plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from coding_agent.sandbox.limits import Limits


class Mode(StrEnum):
    """What holds the code; AUTO takes the first that works here and is never UNSAFE."""

    AUTO = "auto"
    BUBBLEWRAP = "bubblewrap"
    LANDLOCK = "landlock"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Spec:
    """A box: whose interpreter runs, what it may read, how much it may take.

    All paths are absolute. ``project`` and ``readable`` are read-only; the interpreter's own folders and its virtual
    environment are found. ``path`` is put first on ``sys.path`` inside of jobs. ``packages`` are folders that can be
    imported under a name made up for them, such as ``_coding_agent_testgen``. ``env`` is what a job sees of the
    environment beside what it needs. ``clock_shift`` (seconds) is only handed on, as
    ``_coding_agent_sandbox.clock_shift`` in a job. ``cwd`` names the folder a job starts in. ``nice`` is by how much
    jobs step back behind the editor.
    """

    interpreter: Path
    project: Path
    readable: tuple[Path, ...] = ()
    limits: Limits = field(default_factory=Limits)
    path: tuple[str, ...] = ()
    packages: Mapping[str, Path] = field(default_factory=dict[str, Path])
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    hash_seed: int = 0
    clock_shift: int = 0
    cwd: str = "work"
    nice: int = 0


class End(StrEnum):
    """How a job ended."""

    DONE = "done"
    RAISED = "raised"
    """The job's function raised; ``why`` is its traceback."""
    CRASH = "crash"
    """The process went away without a result: a signal, ``os._exit``, or nonsense on the wire."""
    TIMEOUT = "timeout"
    """Wall or CPU time was over."""
    MEMORY = "memory"
    PROCESSES = "processes"
    DISK = "disk"
    OUTPUT = "output"
    """It wrote or said too much."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Said:
    """Something a job handed back before its end, as ``json`` reads it."""

    data: object


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a job. ``output`` is the beginning of what it wrote to stdout and stderr, ``cpu`` in seconds."""

    kind: End
    result: object = None
    why: str = ""
    output: str = ""
    cpu: float = 0.0

    @property
    def done(self) -> bool:
        return self.kind is End.DONE
