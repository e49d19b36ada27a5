"""A file is only delivered green: rows that are not are left out one by one, and the disk stays as it was till then."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from coding_agent.errors import NoPlace
from coding_agent.sandbox.box import End, Ended, Ran
from coding_agent.testgen.boxes import Boxes
from coding_agent.testgen.delivery import Delivery, original
from coding_agent.testgen.inside.model import Candidate
from coding_agent.testgen.layout import Place
from coding_agent.testgen.style import Style
from support.candidates import candidate

CASES = [candidate("parse", "parse", f"'{letter}'", equal=f"'{letter}'") for letter in "abcd"]
PARAMETERS = {"parse": ("text",)}


class Runs:
    """Stands in for the boxes: ``bad`` texts fail in the way that has this order."""

    def __init__(self, bad: Mapping[str, str], problem: str = "") -> None:
        self.bad, self.problem = bad, problem
        self.files: list[str] = []

    async def run(self, seed: int, function: str, given: Mapping[str, Any], *, wall: float) -> Ran:
        assert function == "testing:run"
        text = given["files"][given["wanted"][0]]
        self.files.append(text)
        if self.problem:
            return Ran((), Ended(End.DONE, {"problems": [self.problem]}))
        return Ran(tuple(self._outcomes(text, given["order"])), Ended(End.DONE, {"problems": []}))

    def _outcomes(self, text: str, order: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        row, name = 0, "test_" + text.partition("def test_parse")[1].partition("test_")[2]
        name += text.partition("def test_parse")[2].partition("(")[0]
        for letter in "abcd":
            if f'"{letter}"' in text:
                failed = self.bad.get(letter) == order
                found.append({"test": name, "row": row, "outcome": "failed" if failed else "passed", "why": "unlike"})
                row += 1
        return found


def delivery(folder: Path, before: str | None = None) -> Delivery:
    path = folder / "test_parse.py"
    return Delivery(Place(path, before is not None, "here"), Style(), PARAMETERS, before)


async def delivered(to: Delivery, runs: Runs, cases: list[Candidate] = CASES) -> bool:
    return await to.deliver(cases, cast("Boxes", runs), time.monotonic() + 60)


async def test_what_is_green_in_every_way_is_on_disk(tmp_path: Path) -> None:
    to, runs = delivery(tmp_path), Runs({})
    assert await delivered(to, runs)
    assert to.place.path.read_text() == to.text
    assert to.saved == tuple(CASES)
    assert len(runs.files) == 3


@pytest.mark.parametrize("order", ["file", "reverse", "random"])
async def test_a_row_that_fails_in_one_way_is_left_out(tmp_path: Path, order: str) -> None:
    to = delivery(tmp_path)
    assert await delivered(to, Runs({"b": order}))
    assert [each.act.args[0].code for each in to.saved] == ["'a'", "'c'", "'d'"]
    assert '"b"' not in to.place.path.read_text()
    (dropped,) = to.dropped
    assert (dropped.what, "unlike" in dropped.why) == ("a case of parse", True)


async def test_nothing_is_written_where_all_fails(tmp_path: Path) -> None:
    to = delivery(tmp_path)
    assert not await delivered(to, Runs(dict.fromkeys("abcd", "file")))
    assert not to.place.path.exists()
    assert to.saved == ()


async def test_a_file_that_cannot_be_collected_is_not_delivered(tmp_path: Path) -> None:
    to = delivery(tmp_path)
    assert not await delivered(to, Runs({}, "ImportError: no module named shop"))
    assert "no module named shop" in to.problem
    assert not to.place.path.exists()


async def test_the_file_before_stays_until_a_better_one_is_green(tmp_path: Path) -> None:
    before = "def test_mine():\n    pass\n"
    to = delivery(tmp_path, before)
    to.place.path.write_text(before)
    assert not await delivered(to, Runs(dict.fromkeys("abcd", "reverse")))
    assert to.place.path.read_text() == before
    assert await delivered(to, Runs({}))
    assert "def test_mine():\n    pass\n" in to.place.path.read_text()


async def test_no_run_begins_when_the_time_is_over(tmp_path: Path) -> None:
    to, runs = delivery(tmp_path), Runs({})
    assert not await to.deliver(CASES, cast("Boxes", runs), time.monotonic())
    assert runs.files == []


@pytest.mark.parametrize("mark", ["", "\ufeff"])
async def test_every_character_of_the_file_before_is_kept(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "test_parse.py"
    path.write_bytes(f"{mark}import shop\r\n\r\n\r\ndef test_mine():\r\n    assert 'é' in shop.names\r\n".encode())
    to = delivery(tmp_path, original(path))
    assert await delivered(to, Runs({}))
    after = path.read_bytes().decode()
    assert after.startswith(f"{mark}import")
    assert "\r\n\r\n\r\ndef test_mine():\r\n    assert 'é' in shop.names\r\n" in after
    assert after.count("\n") == after.count("\r\n")


@pytest.mark.parametrize("content", [b"NAME = '\xe9'\n", b"def test_mine(:\n"], ids=["no UTF-8", "no Python"])
def test_a_file_that_cannot_be_kept_is_not_added_to(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "test_parse.py"
    path.write_bytes(content)
    with pytest.raises(NoPlace):
        original(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("before", [None, "def test_mine():\n    pass\n"])
async def test_what_somebody_wrote_meanwhile_is_left_as_it_is(tmp_path: Path, before: str | None) -> None:
    to = delivery(tmp_path, before)
    to.place.path.write_text("def test_theirs():\n    pass\n")
    assert not await delivered(to, Runs({}))
    assert "changed meanwhile" in to.problem
    assert to.place.path.read_text() == "def test_theirs():\n    pass\n"


async def test_our_own_file_is_replaced_by_a_better_one(tmp_path: Path) -> None:
    to = delivery(tmp_path)
    assert await delivered(to, Runs({}), CASES[:2])
    assert await delivered(to, Runs({}))
    assert to.saved == tuple(CASES)


async def test_cases_that_were_not_green_are_told(tmp_path: Path) -> None:
    to = delivery(tmp_path)
    assert await delivered(to, Runs({"b": "reverse"}))
    assert to.refused == [CASES[1]]
    assert await delivered(to, Runs({}), CASES[:1])
    assert to.refused == []


class Says:
    """Stands in for the boxes: each run says these outcomes."""

    def __init__(self, *outcomes: tuple[str, str]) -> None:
        self.said = tuple({"test": name, "row": 0, "outcome": outcome, "why": ""} for name, outcome in outcomes)

    async def run(self, seed: int, function: str, given: Mapping[str, Any], *, wall: float) -> Ran:
        return Ran(self.said, Ended(End.DONE, {"problems": []}))


async def test_tests_of_one_name_in_two_classes_are_told_apart(tmp_path: Path) -> None:
    before = "class TestA:\n    def test_parse(self):\n        assert False\n"
    to = delivery(tmp_path, before)
    to.style = Style(unittest=True)
    to.place.path.write_text(before)
    ((ours,),) = (to.whole(to.written(CASES[:1]))[1],)
    theirs = f"TestA.{ours.partition('.')[2]}"
    for green, red, expected in ((ours, theirs, True), (theirs, ours, False)):
        says = Says((green, "passed"), (red, "failed"))
        assert await delivered(to, cast("Runs", says), CASES[:1]) is expected


async def test_a_test_is_called_like_nothing_that_the_file_imports(tmp_path: Path) -> None:
    (case,) = CASES[:1]
    name = delivery(tmp_path).written([case]).tests[0].name
    to = delivery(tmp_path, f"from shop.tests import {name}\n")
    assert to.written([case]).tests[0].name != name
