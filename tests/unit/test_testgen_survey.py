"""What the user's Python says of a module: its targets, and what a call of each takes."""

from pathlib import Path

import pytest

from support.inside import interpreters, run_inside

SOURCE = """
import dataclasses
import enum


class Level(enum.Enum):
    OK = 1

    @classmethod
    def of(cls, status, /, strict=False, *, why=""):
        return cls.OK

    @staticmethod
    def named(name):
        return Level.OK

    def above(self, other):
        return self is not other


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0

    @property
    def size(self):
        return self.x * self.y


def join(text, *more, key=lambda part: part):
    return text
"""
TOLD = """
tell([[each["name"], each["params"]] for each in inside("jobs").survey(None, "m")["targets"]])
"""
FOUND = interpreters()
EXPECTED = {
    "Level.of": ["status", "strict"],
    "Level.named": ["name"],
    "Level.above": ["other"],
    "Point": ["x", "y"],
    "Point.size": [],
    "join": ["text"],
}


@pytest.mark.parametrize("python", FOUND.values(), ids=FOUND.keys())
def test_parameters_are_what_a_call_gives_by_position(tmp_path: Path, python: str) -> None:
    assert dict(run_inside(tmp_path, {"m.py": SOURCE}, TOLD, python)) == EXPECTED


NEWER = {version: python for version, python in FOUND.items() if tuple(map(int, version.split("."))) >= (3, 12)}


@pytest.mark.parametrize("python", NEWER.values(), ids=NEWER.keys())
def test_a_class_with_type_parameters(tmp_path: Path, python: str) -> None:
    source = (
        "class Cache[K]:\n    def __init__(self, size: int): self.size = size\n    def put(self, key: K): return key\n"
    )
    assert run_inside(tmp_path, {"m.py": source}, TOLD, python) == [["Cache", ["size"]], ["Cache.put", ["key"]]]


def test_what_kept_calls_from_becoming_tests_is_told(tmp_path: Path) -> None:
    source = "import socket\n\ndef fetch(host):\n    return socket.create_connection((host, 9), 0.1)\n"
    script = """
import socket
def refused(*args, **options): raise ConnectionRefusedError("no network")
socket.getaddrinfo = refused
tell(inside("jobs").explore(lambda said: None, "m", seconds=0.5)["stood"])
"""
    (first, *_) = run_inside(tmp_path, {"m.py": source}, script)
    assert first.endswith(" calls needed the network")


def test_a_class_that_is_wanted_is_searched_with_what_it_has(tmp_path: Path) -> None:
    script = """
found = []
inside("jobs").explore(lambda said: found.append(said), "m", targets=["Level"], seconds=1.0)
tell(sorted({each["candidate"]["target"] for each in found if "candidate" in each}))
"""
    assert run_inside(tmp_path, {"m.py": SOURCE}, script) == ["Level.above", "Level.named", "Level.of"]
