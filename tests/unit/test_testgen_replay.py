"""What replaying finds: what depends on the seed, the clock, the order; and that it outlives the user's code."""

from pathlib import Path
from typing import Any

from support.inside import run_inside

REPLAY = """
candidates = [
    candidate(target, checks=(model.Check("equal", "result", value),), imports=("from m import *",))._asdict()
    for target, value in {pairs!r}
]
candidates = [model.to_json(model.Candidate(**one)) for one in candidates]
result = inside("replay").replay(print, "m", [], candidates, {order!r}, {shift})
tell([None if one is None else len(one) for one in result["outcomes"]] + [one for one in result["why"] if one])
"""


def replay(
    folder: Path, source: str, *pairs: tuple[str, str], order: str = "file", shift: int = 0, seed: str = "0"
) -> Any:
    """How many checks of each candidate held, None where it went another way; then what differed."""
    script = REPLAY.format(pairs=pairs, order=order, shift=shift)
    return run_inside(folder, {"m.py": source}, script, seed=seed)


def test_hash_seed(tmp_path: Path) -> None:
    source = "def f(): return list({'a', 'b', 'c', 'd', 'e'})\n"
    first = run_inside(tmp_path, {"m.py": source}, "import m\ntell(m.f())")

    assert replay(tmp_path, source, ("f", repr(first))) == [1]
    assert replay(tmp_path, source, ("f", repr(first)), seed="1") == [0, "result"]


def test_clock(tmp_path: Path) -> None:
    source = "import datetime, time\ndef f(): return datetime.date.today().year + time.localtime().tm_year\n"
    now = run_inside(tmp_path, {"m.py": source}, "import m\ntell(m.f())")

    assert replay(tmp_path, source, ("f", str(now))) == [1]
    assert replay(tmp_path, source, ("f", str(now)), shift=5 * 365 * 86_400) == [0, "result"]


def test_the_clock_may_move_behind_the_import_of_pydantic(tmp_path: Path) -> None:
    source = (
        "import datetime, pydantic\nclass Due(pydantic.BaseModel):\n    on: datetime.date\n    at: datetime.datetime\n"
    )
    source += "def f(day): return Due(on=day, at=day + 'T12:00:00').model_dump(mode='json')\n"
    asked = ("f", "{'on': '2024-01-15', 'at': '2024-01-15T12:00:00'}")
    script = REPLAY.replace("candidate(target, ", "candidate(target, repr('2024-01-15'), ")
    script = "import pydantic\npydantic.create_model('Known', on=(int, 1))\n" + script

    given = {"m.py": source}
    assert run_inside(tmp_path, given, script.format(pairs=(asked,), order="file", shift=40 * 86_400)) == [1]


def test_order(tmp_path: Path) -> None:
    source = "seen = []\ndef first():\n    seen.append(1)\n    return 1\ndef second(): return len(seen)\n"

    assert replay(tmp_path, source, ("first", "1"), ("second", "1")) == [1, 1]
    assert replay(tmp_path, source, ("first", "1"), ("second", "1"), order="reverse") == [1, 0, "result"]


def test_exception_instead_of_a_value(tmp_path: Path) -> None:
    assert replay(tmp_path, "def f(): raise ValueError('no')\n", ("f", "1")) == [None, "ValueError: no"]


def test_process_that_ends_costs_one_candidate(tmp_path: Path) -> None:
    source = "import os\ndef f(): return 1\ndef leave(): os._exit(3)\n"

    assert replay(tmp_path, source, ("f", "1"), ("leave", "1"), ("f", "1")) == [1, None, 1, "the process ended"]


CLOCK = """
import datetime, json, pickle, time
before = time.time()
inside("clock").shift(40 * 86_400)
from datetime import date, datetime as moment
now = moment.now(datetime.timezone.utc)
class Own(moment): pass
tell([
    round((time.time() - before) / 86_400), round((now.timestamp() - before) / 86_400),
    round((time.mktime(date.today().timetuple()) - before) / 86_400) in (39, 40),
    isinstance(moment(2020, 1, 2).date(), date), isinstance(now, date), isinstance(date.today(), moment),
    isinstance(now, Own), type(Own.now()) is Own, pickle.loads(pickle.dumps(now)) == now, repr(moment(2020, 1, 2)),
    repr(date(2020, 1, 2)), moment.__name__, moment.__module__, time.strftime("%Y") == str(date.today().year),
])
"""


def test_moved_clock_looks_like_the_real_one(tmp_path: Path) -> None:
    assert run_inside(tmp_path, {}, CLOCK) == [
        40, 40, True, True, True, False, False, True, True, "datetime.datetime(2020, 1, 2, 0, 0)",
        "datetime.date(2020, 1, 2)", "datetime", "datetime", True,
    ]  # fmt: skip


SEEDS = """
candidates = [
    model.to_json(candidate(target, checks=(model.Check("equal", "result", value),), imports=("from m import *",)))
    for target, value in {pairs!r}
]
runs = inside("seeds").replays(print, "m", [str(folder)], candidates, (3, 4, 5, 6, 7), {seconds})["runs"]
tell([[one is not None and len(one) for one in run] for run in runs])
"""


def in_seeds(folder: Path, source: str, *pairs: tuple[str, str], seconds: float = 60) -> Any:
    return run_inside(folder, {"m.py": source}, SEEDS.format(pairs=pairs, seconds=seconds))


def test_more_hash_seeds(tmp_path: Path) -> None:
    source = "def both(): return list({'abc', 'world'})\ndef one(): return 1\n"
    runs = in_seeds(tmp_path, source, ("both", "['abc', 'world']"), ("one", "1"))

    assert {second for _, second in runs} == {1}
    assert {first for first, _ in runs} == {0, 1}
    assert len(runs) == 5


def test_more_hash_seeds_end_in_time(tmp_path: Path) -> None:
    assert in_seeds(tmp_path, "import time\ntime.sleep(30)\n", ("f", "1"), seconds=0.5) == []
