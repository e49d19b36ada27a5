# pyright: standard
# Replaces functions of the standard library by their like.
"""Makes this process look like one on another machine, so that running a test again finds what depends on it.

Another user, time zone, language, width of the terminal, name, number of processors. What libraries ask to know what
they can do here (the platform, the user who owns a file) is answered otherwise only where the project's own code asks.
"""

import importlib
import os
import socket
import sys
import time
from types import ModuleType
from typing import Any, Callable, Dict, cast

from .clock import put_in_place

_VARIABLES = {
    "TZ": "NZST-12NZDT,M9.5.0,M4.1.0/3", "LANG": "de_DE.UTF-8", "LANGUAGE": "de", "USER": "somebody",
    "LOGNAME": "somebody", "COLUMNS": "107", "LINES": "41", "EDITOR": "nano", "VISUAL": "nano", "PAGER": "more",
    "BROWSER": "firefox", "SHELL": "/bin/zsh", "TERM": "xterm-256color", "DISPLAY": ":7", "CI": "true",
    "HOSTNAME": "elsewhere", "XDG_CONFIG_HOME": "/nowhere/config", "XDG_CACHE_HOME": "/nowhere/cache",
    "XDG_DATA_HOME": "/nowhere/data",
}  # fmt: skip
_PLATFORM = {
    "system": "Darwin", "node": "elsewhere", "release": "23.1.0", "version": "Darwin 23", "machine": "arm64",
    "processor": "arm", "platform": "macOS-14.1-arm64", "python_version": "3.99.0",
}  # fmt: skip


def pretend(top: str) -> None:
    """Be another machine for modules of the package ``top``; call it before they are imported, once in a process."""
    os.environ.update(_VARIABLES)
    os.environ.pop("NO_COLOR", None)
    time.tzset()
    processors = (os.cpu_count() or 1) + 1
    replaced: Dict[Any, Callable[..., Any]] = {
        os.cpu_count: lambda: processors,
        os.sched_getaffinity: lambda _pid: set(range(processors)),
        os.getlogin: lambda: "somebody",
        socket.gethostname: lambda: "elsewhere",
    }
    if hasattr(os, "process_cpu_count"):
        replaced[getattr(os, "process_cpu_count")] = lambda: processors  # noqa: B009 - new in Python 3.13
    for real in (os.getuid, os.geteuid, os.getgid, os.getegid):
        replaced[real] = _to_project(top, real, 54321)
    platform = importlib.import_module("platform")
    for name, said in _PLATFORM.items():
        replaced[getattr(platform, name)] = _to_project(top, getattr(platform, name), said)
    put_in_place(replaced)


def _to_project(top: str, real: Callable[..., Any], said: Any) -> Callable[..., Any]:
    """Return a function that tells the project's code something else than everybody."""

    def answer(*args: Any, **kwargs: Any) -> Any:
        asker = sys._getframe(1).f_globals.get("__name__", "")
        return said if str(asker).partition(".")[0] == top else real(*args, **kwargs)

    return answer


class _System(ModuleType):
    """``sys`` as it looks elsewhere; what is set on it is set on the real one."""

    def __init__(self) -> None:
        super().__init__("sys")
        # Which of two versions is greater stays as it is: what is written for another cannot run on this one.
        self.__dict__.update(
            platform="darwin", version="%d.%d.99 (main)" % sys.version_info[:2], version_info=_Version()
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__:
            self.__dict__[name] = value
        else:
            setattr(sys, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(sys, name)


class _Version(tuple):  # type: ignore[type-arg]
    """The version of this Python but for its last number."""

    def __new__(cls) -> Any:
        return super().__new__(cls, (*sys.version_info[:2], 99, "final", 0))

    major, minor, micro = sys.version_info[0], sys.version_info[1], 99
    releaselevel, serial = "final", 0


def with_other_system(module: ModuleType) -> None:
    """Let an imported module see ``sys`` as it is elsewhere, where it has it under that name."""
    if vars(module).get("sys") is sys:
        cast("Any", module).sys = _System()
