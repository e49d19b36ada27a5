"""How much of the machine a job may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one job and all processes it starts; a job may ask for less wall time, CPU and memory."""

    wall: float = 30.0
    """Seconds."""
    cpu: float = 30.0
    """Seconds over all its processes."""
    memory: int = 768
    """MiB over all its processes, above what the warm runner takes."""
    processes: int = 64
    """Processes and threads at one time."""
    disk: int = 64
    """MiB in its private folders."""
    files: int = 20_000
    """Files and folders in its private folders."""
    output: int = 1
    """MiB written to stdout and stderr; a job that writes more is ended."""
    said: int = 64
    """MiB of data it hands back."""
    descriptors: int = 256
    """Open files of one process."""
