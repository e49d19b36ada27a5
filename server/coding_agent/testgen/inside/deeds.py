# pyright: standard
# Looks at whatever frames there are.
"""Sees what code does beyond giving a value while it runs: audit events that come from some lines of a module."""

import sys
from typing import Any, List, Set, Tuple

_IMPORTING = "<frozen importlib"
_EXACT = {
    "os.system": "starts processes", "subprocess.Popen": "starts processes", "pty.spawn": "starts processes",
    "os.kill": "ends processes", "os.killpg": "ends processes", "builtins.input": "asks at the terminal",
    "os.listdir": "looks into folders", "os.scandir": "looks into folders", "glob.glob": "looks into folders",
    "sqlite3.connect": "opens a database", "os.putenv": "changes the environment", "os.chdir": "changes the folder",
    "os.unsetenv": "changes the environment", "compile": "compiles code", "exec": "runs code that it made",
    "code.__new__": "makes code", "pickle.find_class": "unpickles", "sys.settrace": "watches the interpreter",
    "sys.setprofile": "watches the interpreter", "sys.addaudithook": "watches the interpreter",
    "sys._current_frames": "looks at frames",
    "_thread.start_new_thread": "starts threads", "signal.pthread_kill": "ends processes",
    "resource.setrlimit": "changes limits", "mmap.__new__": "maps memory", "builtins.breakpoint": "stops in a debugger",
    "gc.get_objects": "looks at all objects", "gc.get_referrers": "looks at all objects",
    "gc.get_referents": "looks at all objects", "webbrowser.open": "uses the network", "os.exec": "starts processes",
    "os.fork": "starts processes", "os.forkpty": "starts processes", "os.posix_spawn": "starts processes",
    "os.spawn": "starts processes", "time.sleep": "waits",
}  # fmt: skip
_BEGINS: Tuple[Tuple[str, str], ...] = (
    ("socket.", "uses the network"), ("urllib.", "uses the network"), ("http.", "uses the network"),
    ("ftplib.", "uses the network"), ("smtplib.", "uses the network"), ("imaplib.", "uses the network"),
    ("poplib.", "uses the network"), ("telnetlib.", "uses the network"), ("ctypes.", "calls C"),
    ("shutil.", "changes files"), ("tempfile.", "changes files"), ("fcntl.", "changes files"),
    ("marshal.", "reads code"), ("winreg.", "changes the machine"), ("syslog.", "logs"), ("os.", "changes files"),
)  # fmt: skip
_HARMLESS = frozenset({"os.walk", "os.fwalk", "object.__getattr__", "object.__setattr__", "object.__delattr__"})


class Deeds:
    """What lines ``first`` to ``last`` of a file do, or have done by what they call."""

    def __init__(self, path: str, first: int, last: int) -> None:
        self.seen: Set[str] = set()
        self._path, self._first, self._last = path, first, last
        self._busy = False
        _watching.append(self)

    def taken(self) -> List[str]:
        """Return what was seen since the last time."""
        found, self.seen = self.seen, set()
        return sorted(found)

    def event(self, name: str, args: Tuple[Any, ...]) -> None:
        if self._busy:
            return
        said = _said(name, args)
        if not said or said in self.seen:
            return
        self._busy = True
        try:
            if self._is_ours(sys._getframe(2)):
                self.seen.add(said)
        finally:
            self._busy = False

    def _is_ours(self, frame: Any) -> bool:
        while frame is not None:
            code = frame.f_code
            if code.co_filename.startswith(_IMPORTING):
                return False
            if code.co_filename == self._path and self._first <= code.co_firstlineno <= self._last:
                return True
            frame = frame.f_back
        return False


def _said(name: str, args: Tuple[Any, ...]) -> str:
    if name == "open":
        mode, flags = (*args[1:], None, None)[:2]
        writes = any(each in mode for each in "wax+") if isinstance(mode, str) else bool(flags and int(flags) & 3)
        return "writes files" if writes else "reads files"
    if name in _EXACT:
        return _EXACT[name]
    if name in _HARMLESS:
        return ""
    return next((said for start, said in _BEGINS if name.startswith(start)), "")


_watching: List[Deeds] = []


def _hook(name: str, args: Tuple[Any, ...]) -> None:
    for each in _watching:
        each.event(name, args)


sys.addaudithook(_hook)
