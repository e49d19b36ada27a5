import importlib

import pytest

from coding_agent.explain import world
from coding_agent.explain.effects import effects
from coding_agent.explain.raising import raised
from support.explain_cases import function, library


def found(text: str, *, method: bool = False) -> list[str]:
    """What the last function of a text does, as hover's words."""
    node, qualified = function(text)
    return [f"{effect.kind.value}: {effect.what}" for effect in effects(node, qualified, method=method)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("open(p)", ["reads files: open"]),
        ("open(p, 'rb')", ["reads files: open"]),
        ("open(p, mode='w')", ["writes files: open"]),
        ("open(p, 'r+')", ["writes files: open"]),
        ("open(p, m)", ["opens files (the mode is not known here): open"]),
        ("import gzip; gzip.open(p)", ["reads files: gzip.open"]),
        ("import os; os.remove(p)", ["changes the file system: os.remove"]),
        ("from os import path as q; q.exists(p)", ["looks at the file system: os.path.exists"]),
        ("from urllib.request import urlopen; urlopen(p)", ["uses the network: urllib.request.urlopen"]),
        ("import subprocess as s; s.run([p])", ["starts or ends processes: subprocess.run"]),
        ("print(p)", ["prints: print"]),
        ("import sys; print(p, file=sys.stderr)", ["prints: sys.stderr"]),
        ("print(p, file=m)", ["writes to its argument: m"]),
        ("print(p, file=buffer)", []),
        ("input()", ["asks at the terminal: input"]),
        ("import importlib; importlib.import_module(p)", ["imports modules by name: importlib.import_module"]),
        ("eval(p)", ["runs code that it gets as data: eval"]),
        ("import os; return os.environ['X']", ["reads the environment: os.environ"]),
        ("import os; os.environ['X'] = p", ["changes the environment: os.environ"]),
        ("import os; os.environ.pop('X')", ["changes the environment: os.environ.pop"]),
        ("import time; time.sleep(time.time())", ["waits: time.sleep", "reads the clock: time.time"]),
        ("from datetime import datetime as d; d.now()", ["reads the clock: datetime.datetime.now"]),
        ("import random; random.shuffle(p)", ["uses randomness: random.shuffle", "changes its argument: p"]),
        ("import json; json.dump(1, p)", ["writes to its argument: p"]),
        ("import json, sys; json.dump(1, sys.stdout)", ["prints: sys.stdout"]),
        ("import sys; sys.exit(p)", ["may end the process: sys.exit"]),
        ("import logging; logging.info(p)", ["logs: logging.info"]),
        ("_logger.warning(p)", ["logs: _logger.warning"]),
    ],
)
def test_library_calls(body: str, expected: list[str]) -> None:
    assert found(f"def f(p, m):\n    {body}\n") == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("p.append(1)", ["p"]),
        ("p[0] = 1", ["p"]),
        ("p.x = 1", ["p"]),
        ("p.x.y[0].append(1)", ["p"]),
        ("del p[0]", ["p"]),
        ("p[0] += 1", ["p"]),
        ("for p[0] in m: pass", ["p"]),
        ("p += [1]", ["p"]),
        ("setattr(p, m, 1)", ["p"]),
        ("p += 1", []),
        ("p = 1", []),
        ("p = list(p); p.append(1)", ["p"]),
        ("p = list(p)\n    p.append(1)", []),
        ("x = []; x.append(p)", []),
        ("def g(): p.append(1)", []),
        ("return p.get(1)", []),
        ("return [p.pop() for _ in m]", ["p"]),
        ("args.append(1); kwargs['x'] = 1", []),
    ],
)
def test_changed_arguments(body: str, expected: list[str]) -> None:
    """Known: a name bound anew on the very line where it is changed still counts as the argument."""
    shown = found(f"def f(p, m, *args, **kwargs):\n    {body}\n")
    assert shown == [f"changes its argument: {name}" for name in expected]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("self.x = 1", ["changes its object: self.x"]),
        ("self.x.y.append(p); self.x[0] = 2", ["changes its object: self.x"]),
        ("self[p] = 1", ["changes its object: self"]),
        ("return self.x", []),
    ],
)
def test_changed_object(body: str, expected: list[str]) -> None:
    assert found(f"def f(self, p):\n    {body}\n", method=True) == expected


def test_making_an_object_is_no_effect_on_it() -> None:
    assert found("def __init__(self, p):\n    self.x = 1\n    p.append(self)\n", method=True) == [
        "changes its argument: p"
    ]


def test_a_static_method_has_no_object() -> None:
    assert found("@staticmethod\ndef f(p):\n    p.x = 1\n", method=True) == ["changes its argument: p"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("global N\n    N += 1", ["changes module state: N"]),
        ("CACHE[1] = 2", ["changes module state: CACHE"]),
        ("CACHE.clear()", ["changes module state: CACHE"]),
        ("import sys; sys.path.append(1)", ["changes module state: sys.path"]),
        ("import os; os.path.join('a')", []),
        ("import copy; copy.copy(1)", []),
        ("CACHE = {}; CACHE[1] = 2", []),
        ("return CACHE[1]", []),
    ],
)
def test_module_state(body: str, expected: list[str]) -> None:
    assert found(f"CACHE = {{}}\ndef f():\n    {body}\n") == expected


def test_variables_of_the_enclosing_function() -> None:
    node, qualified = function("def f():\n    nonlocal n\n    n += 1\n    seen.add(n)\n")
    shown = [(each.kind, each.what) for each in effects(node, qualified, enclosing={"seen"})]
    assert shown == [(world.Kind.OUTER, "n"), (world.Kind.OUTER, "seen")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("p.write_text('')", ["writes files: Path.write_text"]),
        ("(p / 'a').mkdir()", ["changes the file system: Path.mkdir"]),
        ("p.parent.open('w')", ["writes files: Path.open"]),
        ("q = Path(m); q.unlink()", ["changes the file system: Path.unlink"]),
        ("Path(m).exists()", ["looks at the file system: Path.exists"]),
        ("m.folder.read_text()", ["reads files: m.folder.read_text"]),
        ("m.unlink(); m.open('w'); m.exists()", []),
    ],
)
def test_paths(body: str, expected: list[str]) -> None:
    assert found(f"from pathlib import Path\ndef f(p: Path, m):\n    {body}\n") == expected


@pytest.mark.parametrize(
    ("loop", "endless"),
    [
        ("while True: pass", True),
        ("while 1:\n        for x in p:\n            break", True),
        ("while True:\n        try: g()\n        except E: break", False),
        ("while True:\n        for x in p: pass\n        else: break", False),
        ("while True:\n        match p:\n            case 1: break", False),
        ("while True: return", False),
        ("while True: yield", False),
        ("while p: pass", False),
        ("try:\n        while True: p.popitem\n    except KeyError: pass", False),
        ("try:\n        while True: p()\n    finally: p()", True),
    ],
)
def test_endless_loops(loop: str, endless: bool) -> None:
    assert found(f"def f(p):\n    {loop}\n") == (["may never return: while True"] if endless else [])


def test_a_local_name_is_not_the_library() -> None:
    assert found("import os\ndef f(os, print):\n    os.listdir(1); print(2)\n") == []
    assert found("def f():\n    open = 1\n    open('x')\n") == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            "shutil:copyfile",
            {
                "changes the file system: os.symlink",
                "looks at the file system: os.readlink",
                "looks at the file system: os.path.exists",
                "reads files: open",
                "writes files: open",
            },
        ),
        ("random:Random.shuffle", {"changes its argument: x"}),
        ("json:load", {"reads from its argument: fp"}),
        ("json:dump", {"writes to its argument: fp"}),
        ("tempfile:mkstemp", set[str]()),
        ("os:makedirs", set[str]()),
        ("textwrap:fill", set[str]()),
        ("linecache:clearcache", {"changes module state: cache"}),
        ("functools:update_wrapper", {"changes its argument: wrapper"}),
        ("heapq:heappush", {"changes its argument: heap"}),
        ("webbrowser:register", {"changes module state: _browsers", "changes module state: _tryorder"}),
        ("queue:Queue.task_done", {"changes its object: self.unfinished_tasks"}),
        ("getpass:getuser", {"reads the environment: os.environ.get", "reads the environment: os.getuid"}),
    ],
)
def test_the_standard_library(path: str, expected: set[str]) -> None:
    node, qualified = library(path)
    shown = {f"{each.kind.value}: {each.what}" for each in effects(node, qualified, method="." in path)}
    assert shown == expected


NEWER = {"Path.walk", "Path.copy", "Path.copy_into", "Path.move", "Path.move_into"}
ELSEWHERE = {"os.lchmod", "os.startfile", "uuid.uuid6", "uuid.uuid7", "random.binomialvariate"}
STRANGERS = {"pandas", "numpy", "requests", "httpx", "aiohttp", "urllib3", "sqlalchemy", "yaml", "click", "object"}


@pytest.mark.parametrize("table", [world.CALLS, world.OPENERS, world.CHANGES, world.READS_STREAM, world.WRITES_STREAM])
def test_the_table_names_what_exists(table: dict[str, object]) -> None:
    ours = [name for name in table if name.partition(".")[0] not in STRANGERS]
    missing = {name for name in ours if not _exists(name)}
    assert missing <= ELSEWHERE | {f"pathlib.{name}" for name in NEWER}


def _exists(name: str) -> bool:
    parts = name.split(".")
    for stop in range(len(parts) - 1, 0, -1):
        try:
            here: object = importlib.import_module(".".join(parts[:stop]))
        except ModuleNotFoundError:
            continue
        for part in parts[stop:]:
            here = getattr(here, part, None)
        return here is not None
    return False


def exceptions(text: str) -> list[tuple[str, str]]:
    node, qualified = function(text)
    return [(each.exception, each.when) for each in raised(node, qualified)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("raise ValueError(p)", [("ValueError", "")]),
        ("if p > 1: raise E", [("E", "p > 1")]),
        ("if p > 1: pass\n    else: raise E", [("E", "p <= 1")]),
        ("if not p: pass\n    else: raise E", [("E", "p")]),
        ("if p and q: pass\n    else: raise E", [("E", "not (p and q)")]),
        ("if p: pass\n    elif q: raise E", [("E", "q")]),
        ("for x in p:\n        if x: raise m.E()", [("m.E", "x")]),
        ("match p:\n        case 1: raise E\n        case _: raise F", [("E", "p is 1"), ("F", "")]),
        ("assert p, 'text'", [("AssertionError", "not p")]),
        ("def g(): raise E", []),
        ("try: raise E\n    except E: pass", []),
        ("try: raise KeyError\n    except LookupError: pass", []),
        ("try: raise E\n    except Exception: pass", []),
        ("try: raise KeyError\n    except ValueError: pass", [("KeyError", "")]),
        ("try: raise SystemExit\n    except Exception: pass", [("SystemExit", "")]),
        ("from contextlib import suppress\n    with suppress(E): raise E", []),
        ("try: p()\n    except E: pass\n    else: raise E", [("E", "")]),
    ],
)
def test_raised(body: str, expected: list[tuple[str, str]]) -> None:
    assert exceptions(f"def f(p, q):\n    {body}\n") == expected


def test_raised_below_a_thousand_conditions() -> None:
    cases = "".join(f"    elif p == {number}: pass\n" for number in range(1_000))
    node, qualified = function(f"def f(p):\n    if q: pass\n{cases}    else: raise E\n")
    assert [(each.exception, each.when) for each in raised(node, qualified)] == [("E", "p != 999")]


def test_raised_on_and_instead() -> None:
    node, qualified = function(
        "def f(p):\n"
        "    try: p()\n"
        "    except (KeyError, m.E) as error:\n"
        "        if p: raise\n"
        "        raise error\n"
        "    except OSError as error:\n"
        "        raise ValueError from error\n"
        "    except:\n"
        "        raise\n"
    )
    assert [(each.exception, each.when, each.again, each.after) for each in raised(node, qualified)] == [
        ("KeyError or m.E", "p", True, ""),
        ("KeyError or m.E", "", True, ""),
        ("ValueError", "", False, "OSError"),
        ("BaseException", "", True, ""),
    ]


def test_raised_in_the_standard_library() -> None:
    node, qualified = library("shutil:copyfile")
    first = raised(node, qualified)[0]
    assert (first.exception, first.when) == ("SameFileError", "_samefile(src, dst)")
