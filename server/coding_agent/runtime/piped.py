"""A process that is talked to over its own stdin and stdout, by a caller without an event loop."""

import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from coding_agent.errors import WorkerLost
from coding_agent.runtime.spawn import detached, kill_tree


@dataclass(frozen=True, slots=True)
class Piped:
    """A running process: what it reads, what it writes, and what it wrote on stderr so far."""

    into: IO[bytes]
    out: IO[bytes]
    _errors: IO[bytes]

    def log(self) -> str:
        """Return what the process wrote on stderr; ask when its output has ended, or lines may be missing."""
        self._errors.seek(0)
        return self._errors.read().decode("utf-8", "replace")


@contextmanager
def piped(
    argv: Sequence[str], *, cwd: Path | str, env: Mapping[str, str] | None = None, grace: float = 5.0
) -> Generator[Piped]:
    """Run a program for the length of a ``with`` block; behind it the process and its children are gone.

    A process that goes on ``grace`` seconds after the end of its input is killed.
    Raises: WorkerLost - the program cannot be started.
    """
    with TemporaryFile() as errors:
        pipe = subprocess.PIPE
        try:
            process = subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=errors, cwd=cwd, env=env, **detached())
        except OSError as error:
            raise WorkerLost(f"{argv[0]} could not be started ({error.strerror})") from error
        assert process.stdin
        assert process.stdout
        try:
            yield Piped(process.stdin, process.stdout, errors)
            process.stdin.close()
            process.wait(grace)
        except subprocess.TimeoutExpired:
            pass  # Asked politely; the rest is below.
        finally:
            if process.poll() is None:
                kill_tree(process.pid)
                process.wait()
            with suppress(OSError):  # Nobody reads what may still be buffered.
                process.stdin.close()
            process.stdout.close()
