"""How our processes are started and ended: in a process group of their own, so that what they started ends too."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TypedDict

# -I keeps the workspace (the current directory) and the environment off the child's path; so our own folder goes
# last by hand, for installations by PYTHONPATH, and our package comes from where this very one came from.
_BOOT = """\
import sys
root = sys.argv.pop(1)
sys.path.insert(0, root)
import coding_agent
sys.path.remove(root)
sys.path.append(root)
from coding_agent.runtime.{module} import main
main(*sys.argv[1:])
"""


class Detached(TypedDict, total=False):
    start_new_session: bool
    creationflags: int


def ours(module: str) -> tuple[str, ...]:
    """Return the command that calls ``main`` of a module of this room in a new interpreter; its arguments go behind."""
    return sys.executable, "-I", "-c", _BOOT.format(module=module), str(Path(__file__).parents[2])


def detached(background: bool = False) -> Detached:
    """Return the arguments that put a new process into a group of its own, without a console window."""
    if sys.platform == "win32":
        priority = subprocess.BELOW_NORMAL_PRIORITY_CLASS if background else 0
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP | priority}
    return {"start_new_session": True}


def kill_tree(pid: int, *, gently: bool = False) -> None:
    """Kill a process started ``detached`` and its group; one that is gone already is no failure.

    ``gently`` sends SIGTERM. On Windows only the process itself ends.
    """
    number = signal.SIGTERM if gently or sys.platform == "win32" else signal.SIGKILL
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            os.kill(pid, number)
        else:
            os.killpg(pid, number)
