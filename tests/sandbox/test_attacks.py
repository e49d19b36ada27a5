"""Hostile code on each rung, as root and as a plain user: what it got, what it did to the host, whether the box lives.

An attack is a function in ``tests/support/attacks``; it is found there. ``ENDS`` says how those end that do not return.
What a rung cannot stop is a list in ``docs/sandbox.md``, asserted as it is.
"""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import cast

import pytest

from coding_agent.sandbox import rungs
from coding_agent.sandbox.rungs import Rung
from support.attacking import ATTACKS, Outcome

ROOT = Path(__file__).parents[2]
PLAIN = 12345
"""A user nobody is."""
ENDS = {
    "reaching.kill_everybody": {"crash", "raised"},
    "reaching.kill_parents": {"crash"},
    "taking.fork_bomb": {"processes"},
    "taking.thread_bomb": {"processes", "raised"},
    "taking.eat_memory": {"memory"},
    "taking.reserve_memory": {"memory"},
    "taking.spread_memory": {"memory"},
    "taking.spread_memory_over_orphans": {"memory"},
    "taking.burn_in_orphans": {"timeout"},
    "taking.share_memory": {"memory", "raised"},
    "taking.fill_disk": {"disk", "done"},
    "taking.make_many_files": {"disk"},
    "taking.print_endlessly": {"output"},
    "taking.say_endlessly": {"output"},
    "taking.return_too_much": {"output", "memory"},
    "taking.stop_runner": {"timeout"},
    "target.exit_at_once": {"crash"},
    "target.exit_politely": {"raised"},
    "target.abort": {"crash"},
    "target.crash": {"crash"},
    "target.recurse_endlessly": {"raised"},
    "target.recurse_in_c": {"timeout", "crash"},  # A fast machine comes to the end of the stack in time.
    "target.replace_builtins": {"crash", "raised"},
    "target.close_everything": {"crash"},
    "target.write_nonsense_to_pipe": {"crash"},
    "target.write_broken_json_to_pipe": {"crash"},
    "target.return_odd_things": {"raised"},
    "target.nest_deeply": {"crash"},
    "target.raise_the_unshowable": {"raised"},
    "target.stray_into_sys": {"crash", "raised", "done"},
}
HANGING = {
    "taking.burn_in_children",
    "taking.loop_endlessly",
    "taking.sleep_deaf",
    "taking.leave_daemon_and_hang",
    "taking.stop_itself",
    "target.burn_ignoring_limits",
    "target.hang_in_power",
    "target.hang_in_regex",
    "target.recurse_in_c",
}
"""End when their time is over; all at once, so that the test takes that long once."""
PATIENT = {"taking.stop_runner"}
"""End the box when their time is over."""
FORGED = {"target.forge_results"}
"""Hand back what they like as their own result, and no more."""


def attacks() -> list[str]:
    """The names of all attacks, in the order of the files."""
    return [
        f"{file}.{node.name}"
        for file in ("reaching", "taking", "target")
        for node in ast.parse((ATTACKS / f"{file}.py").read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and node.name != "benign"
    ]


def cannot_stop(rung: Rung) -> set[str]:
    """The attacks that the docs say a rung does not stop."""
    page = (ROOT / "docs" / "sandbox.md").read_text("utf-8")
    section = re.search(rf"^### What {rung} cannot stop\n(.*?)(?=^#|\Z)", page, re.M | re.S)
    assert section
    return set(re.findall(r"^- `(\w+\.\w+)`", section[1], re.M))


def user_of(name: str) -> int:
    return PLAIN if name == "plain user" else os.geteuid()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that a plain user can reach, too: pytest's own are for their owner alone."""
    with TemporaryDirectory(prefix="attacked-") as made:
        Path(made).chmod(0o777)
        yield Path(made)


def all_groups() -> list[str]:
    """All attacks, those together that may be."""
    alone = [name for name in attacks() if name not in HANGING | PATIENT]
    # What neither ends its box nor takes much is done eight at a time.
    quiet = [name for name in alone if name not in ENDS and not name.startswith("taking.")]
    together = [",".join(quiet[place : place + 8]) for place in range(0, len(quiet), 8)]
    loud = [name for name in alone if name not in quiet]
    late = [*(f"1:{name}" for name in PATIENT), "1.5:" + ",".join(sorted(HANGING))]
    return ["target.benign", *together, *loud, *late]


def outcomes(rung: Rung, user: int, python: str, folder: Path, groups: list[str]) -> dict[str, Outcome]:
    """Run groups of attacks in a process of that user."""
    ran = subprocess.run(
        [python, "-m", "support.attacking", rung, str(folder), *groups],
        env={"PYTHONPATH": f"{ROOT / 'server'}:{ROOT / 'tests'}", "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        **({"user": user, "group": user, "extra_groups": []} if user != os.geteuid() else {}),
    )
    assert ran.returncode == 0, ran.stderr
    said = cast("dict[str, dict[str, object]]", json.loads(ran.stdout))
    return {name: Outcome(**outcome) for name, outcome in said.items()}  # pyright: ignore[reportArgumentType]


def python_for(user: int) -> str | None:
    """An interpreter that can run us (3.11 and newer) and that a user may start."""
    for name in (sys.executable, *(which(f"python3.{minor}", path=os.defpath) for minor in range(14, 10, -1))):
        if not name or user == os.geteuid():
            if name:
                return name
            continue
        try:
            subprocess.run([name, "-S", "-c", ""], user=user, group=user, extra_groups=[], check=True, cwd="/")
        except (OSError, subprocess.SubprocessError):
            continue
        if os.access(name, os.X_OK):
            return name
    return None


def astray(found: Mapping[str, Outcome], allowed: set[str]) -> dict[str, Outcome]:
    """Return the outcomes that are not as they should be: held, harmless, survived."""

    def right(name: str, outcome: Outcome) -> bool:
        ends = ENDS.get(name, {"timeout"} if name in HANGING else {"done"})
        got = bool(outcome.loot) and name not in FORGED
        return outcome.end in ends and got == (name in allowed) and not outcome.harm and outcome.well

    return {name: outcome for name, outcome in found.items() if not right(name, outcome)}


@pytest.mark.skipif(sys.platform != "linux", reason="boxes are made on Linux only")
@pytest.mark.parametrize("who", ["root", "plain user"])
@pytest.mark.parametrize("rung", [Rung.BUBBLEWRAP, Rung.LANDLOCK])
def test_attacks(rung: Rung, who: str, folder: Path) -> None:
    tried = {each.rung: each for each in rungs.ladder()}[rung]
    if not tried.ok:
        pytest.skip(f"{rung} does not work here: {tried.found}")
    if who == "root" and os.geteuid() != 0:
        pytest.skip("attacks as root need root")
    user = user_of(who) if os.geteuid() == 0 else os.geteuid()
    python = python_for(user)
    if not python:
        pytest.skip("a plain user may start no Python 3.11 or newer here")
    found = outcomes(rung, user, python, folder, all_groups())
    assert found.pop("target.benign") == Outcome("done", ["note"], [], True)
    assert found.pop("end").harm == []
    assert set(found) == set(attacks())
    assert astray(found, cannot_stop(rung)) == {}


def test_there_are_enough_attacks() -> None:
    assert len(attacks()) >= 40
    assert ENDS.keys() | HANGING | PATIENT | FORGED <= set(attacks())
