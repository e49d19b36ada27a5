"""What can hold code on this machine: tried once per process, then remembered."""

import shutil
import sys
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from coding_agent.errors import NoSandbox
from coding_agent.runtime.oneshot import run_now
from coding_agent.sandbox import bubblewrap
from coding_agent.sandbox.spec import Mode

INSTALL = "install bubblewrap (apt install bubblewrap, dnf install bubblewrap, pacman -S bubblewrap)"
OLDEST = 4
"""The first version of Landlock that holds TCP and truncation."""
_PATIENCE = 10.0


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
    program = shutil.which("bwrap")
    if not program:
        return Tried(Rung.BUBBLEWRAP, False, "bwrap is not on PATH"), bubblewrap.Abilities("bwrap")
    told = run_now([program, "--help"], cwd="/", timeout=_PATIENCE, env={})
    can = bubblewrap.Abilities.of(program, (told.out + told.err).decode("utf-8", "replace"))
    ran = run_now(bubblewrap.trial(can), cwd="/", timeout=_PATIENCE, env={"PATH": "/usr/bin:/bin"})
    if ran.ok:
        return Tried(Rung.BUBBLEWRAP, True, program), can
    reason = ran.problem or ran.err.decode("utf-8", "replace").strip() or f"exit code {ran.code}"
    return Tried(Rung.BUBBLEWRAP, False, f"{program} makes no namespaces here: {reason}"), can


@cache
def landlock_here() -> Tried:
    """Ask the kernel for Landlock and filters of system calls."""
    if sys.platform != "linux":
        return Tried(Rung.LANDLOCK, False, "only Linux has it")
    from coding_agent.sandbox.inside import landlock, seccomp

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


def chosen(mode: Mode) -> Rung:
    """Return the rung for a mode.

    Raises: NoSandbox - it does not hold here; says what to install.
    """
    if mode is Mode.UNSAFE:
        return Rung.UNSAFE
    tried = [each for each in ladder() if mode is Mode.AUTO or each.rung == mode.value]
    for each in tried:
        if each.ok:
            return each.rung
    reasons = "; ".join(f"{each.rung}: {each.found}" for each in tried)
    raise NoSandbox(f"nothing here can hold code that is run ({reasons}); {INSTALL}")
