"""A search that hangs is given up; one that only gets no processor is waited for."""

from pathlib import Path
from typing import Any

from support.inside import run_inside

WORK = """
import time
supervise = inside("supervise")
supervise.STALL, supervise.LIVES = 0.4, 3

def work(say, pulse, lost):
    pulse.beat("first")
    pulse.beat("second")
    if len(lost) < {hangs}:
        time.sleep({seconds})
    say({{"said": len(lost)}})
    return "done"

def waited(pid):
    return time.monotonic()

{patch}
said = []
found = supervise.supervised(work, said.append, time.monotonic() + {until})
tell([found.results, found.lost, found.begun, said])
"""


def followed(folder: Path, hangs: int, seconds: float, until: float = 9, patch: str = "") -> Any:
    script = WORK.format(hangs=hangs, seconds=seconds, until=until, patch=patch)
    return run_inside(folder, {}, script)


def test_what_hangs_is_given_up_and_begun_again(tmp_path: Path) -> None:
    assert followed(tmp_path, 1, 60) == [["done"], ["second"], 4, [{"said": 1}]]
    assert followed(tmp_path, 9, 60) == [[], ["second"] * 3, 6, []]


def test_what_waits_for_a_processor_does_not_hang(tmp_path: Path) -> None:
    assert followed(tmp_path, 1, 1.2, patch="supervise._waited = waited") == [["done"], [], 2, [{"said": 0}]]


def test_what_was_begun_is_told_when_the_time_is_over(tmp_path: Path) -> None:
    assert followed(tmp_path, 1, 60, until=0.1) == [[], [], 2, []]
