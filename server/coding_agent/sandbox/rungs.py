"""What can hold code on this machine: tried once per process, then remembered."""

import os
import shutil
import sys
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

from coding_agent.errors import NoSandbox
from coding_agent.runtime.oneshot import run_now
from coding_agent.sandbox import bubblewrap
from coding_agent.sandbox.inside import seccomp
from coding_agent.sandbox.spec import Mode

INSTALL = (
    "install bubblewrap (apt install bubblewrap, dnf install bubblewrap, pacman -S bubblewrap)"
    if sys.platform == "linux"
    else "only on Linux there is something that can"
)
OLDEST = 4
"""The first version of Landlock that holds TCP and truncation."""
_PATIENCE = 10.0
_PLACES = (
    *("/usr/bin", "/usr/local/bin", "/bin", "/run/wrappers/bin", "/run/current-system/sw/bin"),
    *("/nix/var/nix/profiles/default/bin", "/home/linuxbrew/.linuxbrew/bin"),
)
"""Where bubblewrap is looked for. Not on PATH: it may lead into a project, whose program would be its own sandbox."""


class Rung(StrEnum):
    """What holds a box, the best first."""

    BUBBLEWRAP = "bubblewrap"
    LANDLOCK = "landlock"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Tried:
    """Whether a rung holds here; ``found`` says what is there or what is missing."""

    rung: Rung
    ok: bool
    found: str


@cache
def bubblewrap_here() -> tuple[Tried, bubblewrap.Abilities]:
    """Try bubblewrap; blocks for some 30 ms the first time."""
    program = shutil.which("bwrap", path=os.pathsep.join(_PLACES))
    if not program:
        return Tried(Rung.BUBBLEWRAP, False, "it is not installed"), bubblewrap.Abilities("bwrap")
    told = run_now([program, "--help"], cwd="/", timeout=_PATIENCE, env={})
    can = bubblewrap.Abilities.of(program, (told.out + told.err).decode("utf-8", "replace"))
    # Where there can be no second namespace of users, a filter of system calls keeps jobs from making one.
    for each in (can, replace(can, disable_userns=False)):
        ran = run_now(bubblewrap.trial(each), cwd="/", timeout=_PATIENCE, env={})
        if ran.ok:
            return Tried(Rung.BUBBLEWRAP, True, program), each
        if seccomp.namespaced() is None:
            break
    reason = ran.problem or ran.err.decode("utf-8", "replace").strip() or f"exit code {ran.code}"
    return Tried(Rung.BUBBLEWRAP, False, f"{program} makes no namespaces here: {reason}"), can


@cache
def landlock_here() -> Tried:
    """Ask the kernel for Landlock and filters of system calls."""
    if sys.platform != "linux":
        return Tried(Rung.LANDLOCK, False, "only Linux has it")
    from coding_agent.sandbox.inside import landlock  # Loads ctypes.

    abi = landlock.version()
    if abi < OLDEST:
        found = f"Landlock version {abi} is too old" if abi else "the kernel has no Landlock, or it is off"
        return Tried(Rung.LANDLOCK, False, f"{found} (version {OLDEST} is in Linux 6.7)")
    if not seccomp.available():
        return Tried(Rung.LANDLOCK, False, "system calls cannot be filtered here")
    return Tried(Rung.LANDLOCK, True, f"Landlock version {abi} and seccomp")


def ladder() -> tuple[Tried, ...]:
    """Return every rung as it was tried here, the best first."""
    return (bubblewrap_here()[0], landlock_here())


def chosen(mode: Mode) -> tuple[Rung, ...]:
    """Return the rungs for a mode that hold here, the best first.

    Raises: NoSandbox - it does not hold here; says what to install.
    """
    if mode is Mode.UNSAFE:
        return (Rung.UNSAFE,)
    tried = [each for each in ladder() if mode is Mode.AUTO or each.rung == mode.value]
    holding = tuple(each.rung for each in tried if each.ok)
    if holding:
        return holding
    reasons = "; ".join(f"{each.rung}: {each.found}" for each in tried)
    raise NoSandbox(f"nothing here can hold code that is run ({reasons}); {INSTALL}")
