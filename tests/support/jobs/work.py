"""Jobs that tests of the sandbox run in it: standard library only, Python 3.9 and newer."""

import os
import sys
import time


def add(say, a, b):
    say({"a": a})
    say({"b": b})
    return a + b


def repeat(say, text, times):
    return text * times


def raise_it(say, text):
    raise ValueError(text)


def look_around(say, names=()):
    import _coding_agent_sandbox

    return {
        "cwd": os.getcwd(),
        "home": os.environ["HOME"],
        "variables": {name: os.environ.get(name) for name in names},
        "path": sys.path[:1],
        "hash": hash("a"),
        "shift": _coding_agent_sandbox.clock_shift,
        "version": list(sys.version_info[:2]),
        "prefix": sys.prefix,
        "loaded": sorted(name for name in names if name in sys.modules),
        "stdin": sys.stdin.read(),
        "pid": os.getppid(),
    }


def import_it(say, name):
    return __import__(name).VALUE


def wait(say, seconds):
    say("here")
    time.sleep(seconds)


def end(say, code):
    os._exit(code)


def end_runner(say):
    """End the parent in the way that also its process 1 may be ended: by having it read nonsense."""
    os.kill(os.getppid(), 9)
    time.sleep(600)


def read(say, path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def say_and_wait(say, seconds):
    say("here")
    time.sleep(seconds)
    return "waited"


def remove_all_folders(say):
    import shutil

    shutil.rmtree(os.path.dirname(os.path.dirname(os.getcwd())))
