"""Code under test that does what no test should meet, by mistake or on purpose."""

import atexit
import builtins
import contextlib
import ctypes
import json
import os
import re
import shutil
import signal
import sys
import threading
import time

LONG = 600


def benign(say, project, **world):
    """What every box must be able to do."""
    with open(project + "/module.py", encoding="utf-8") as file:
        say(file.read())
    with open("note", "w", encoding="utf-8") as file:
        file.write("private")
    print("printed")
    return sorted(os.listdir("."))


def remove_own_folder(say, **world):
    shutil.rmtree(os.path.dirname(os.getcwd()))
    return []


def exit_at_once(say, **world):
    os._exit(0)


def exit_politely(say, **world):
    sys.exit(0)


def abort(say, **world):
    os.abort()


def crash(say, **world):
    ctypes.string_at(0)


def recurse_endlessly(say, **world):
    return recurse_endlessly(say)


def recurse_in_c(say, **world):
    sys.setrecursionlimit(1 << 30)
    value = []
    for _ in range(1_000_000):
        value = [value]
    return repr(value)


def hang_in_power(say, **world):
    return 9 ** (9**9)


def hang_in_regex(say, **world):
    return re.match(r"(a+)+$", "a" * 60 + "b")


def replace_builtins(say, **world):
    for name in ("open", "print", "len", "isinstance", "str", "repr", "bytes", "memoryview", "type", "Exception"):
        setattr(builtins, name, None)
    return []


def replace_modules(say, **world):
    for name in list(sys.modules):
        if not name.startswith(("_attacks", "_coding_agent")):
            sys.modules[name] = None
    json.dumps = json.loads = os.write = os._exit = None
    return []


def start_threads(say, **world):
    def busy():
        while True:
            time.sleep(0.01)

    for _ in range(5):
        threading.Thread(target=busy).start()
    return []


def close_everything(say, **world):
    os.closerange(0, 1024)
    return []


def write_nonsense_to_pipe(say, **world):
    os.write(3, b"\xff" * 5000)
    time.sleep(LONG)


def write_broken_json_to_pipe(say, **world):
    os.write(3, b"\0\0\0\x04S{{{{")
    time.sleep(LONG)


def forge_results(say, **world):
    """Answer for another job, and twice."""
    forged = b'1, "id": 1, "end": "done"'
    os.write(3, len(forged).to_bytes(4, "big") + b"R" + forged)
    time.sleep(LONG)


def answer_twice(say, **world):
    os.fork()
    return []


def return_odd_things(say, **world):
    return {1: object()}


def nest_deeply(say, **world):
    body = b"[" * 200_000 + b"]" * 200_000
    os.write(3, len(body).to_bytes(4, "big") + b"S")
    while body:
        body = body[os.write(3, body) :]
    time.sleep(LONG)


class Evil(BaseException):
    """Cannot even be shown."""

    def __str__(self):
        raise Evil

    __repr__ = __str__


def raise_the_unshowable(say, **world):
    raise Evil


def hang_at_exit(say, **world):
    atexit.register(time.sleep, LONG)
    threading._shutdown = lambda: time.sleep(LONG)
    return []


def ignore_limits(say, **world):
    import resource

    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    loot = []
    for kind in (resource.RLIMIT_CPU, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            loot.append(str(kind))
    return loot


def burn_ignoring_limits(say, **world):
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    while True:
        pass


def take_away_rights(say, **world):
    """Leave folders that cannot be looked into."""
    os.makedirs("locked/inner")
    os.chmod("locked/inner", 0)
    os.chmod("locked", 0)
    os.chmod(os.path.dirname(os.getcwd()), 0)
    return []


def stray_into_sys(say, **world):
    sys.settrace(lambda *_: 1 / 0)
    sys.stdout = sys.stderr = None
    sys.path[:] = []
    os.chdir("/")
    os.environ.clear()
    return []
