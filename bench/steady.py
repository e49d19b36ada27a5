"""Whether generated tests stay green: other hash seeds and orders, a later clock, another directory, company, repeats.

    python bench/steady.py [--faketime /path/to/libfaketimeMT.so.1] [--only semver] [--work FOLDER]

Takes what ``testgen.py`` left, ``ours_<seconds>/<module>/test_*.py``, and runs each file in a fresh process every time,
in bubblewrap without network where that is there:

- order: five times, with a hash seed and the tests shuffled by it;
- clock: 40 days later, with ``--faketime`` only (under libfaketime 0.9.10 a real ``time.sleep`` fails);
- elsewhere: from another working directory;
- parallel: four times at once, in one box with one folder and one temporary directory;
- repeats: ten times one after another with hashes by chance, each in the folder that the one before left.

Printed is how many tests failed, errored or went missing in at least one run of a way; those of a first run, which
says what tests there are, count as repeats. Ends with 1 where any did, and where a file has no tests.
"""

import argparse
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from testgen import CACHE, HERE

sys.path.insert(0, str(HERE / "judges"))

from testgen_bench import clean_env, have_bwrap, run_limited, sandboxed

PYTHON = CACHE / "env" / "bin" / "python"
SEEDS, COPIES, REPEATS = range(1, 6), 4, 10
PATIENCE = 300.0
"""Seconds for one run; tests of one that takes longer are missing."""

Held = dict[str, bool]
"""Whether a test held, by node id."""


@dataclass(frozen=True, slots=True)
class Run:
    """How pytest is started: ``seed`` shuffles the tests, ``copies`` run at the same time."""

    seed: int | None = None
    cwd: str = "tests"
    copies: int = 1
    env: Mapping[str, str] = field(default_factory=dict[str, str])


def ways(later: Mapping[str, str]) -> dict[str, list[Run]]:
    """Return the runs of each way; ``later`` is the environment that moves the clock, or empty."""
    return {
        "order": [Run(seed=seed, env={"PYTHONHASHSEED": str(seed)}) for seed in SEEDS],
        "clock": [Run(env=later)] if later else [],
        "elsewhere": [Run(cwd="elsewhere")],
        "parallel": [Run(copies=COPIES)],
        "repeats": [Run(env={"PYTHONHASHSEED": "random"})] * REPEATS,
    }


def outcomes(file: Path, runs: Sequence[Run], tests: Sequence[str] = ()) -> list[Held]:
    """Return what each process found, all of them over one copy of the file's folder."""
    with tempfile.TemporaryDirectory(prefix="steady-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        shutil.copytree(file.parent, home / "tests")
        (home / "elsewhere").mkdir()
        return [held for run in runs for held in start(home, file.name, run, tests)]


def start(home: Path, name: str, run: Run, tests: Sequence[str]) -> list[Held]:
    root, cwd = home / "tests", home / run.cwd
    chosen = [name] if run.seed is None else random.Random(run.seed).sample(tests, len(tests))
    pytest = [str(PYTHON), "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(root)]
    pytest += [f"{root}/{each}" for each in chosen]
    reports = [home / f"{number}.xml" for number in range(run.copies)]
    for report in reports:
        report.unlink(missing_ok=True)
    together = " & ".join(shlex.join([*pytest, f"--junitxml={report}"]) for report in reports)
    box = sandboxed(["sh", "-c", f"{together} & wait"], [home], [PYTHON.parent.parent], cwd)
    run_limited(box, clean_env(home, **run.env), cwd, PATIENCE)
    return [read(report, name) for report in reports]


def read(report: Path, name: str) -> Held:
    """Read JUnit's XML; nothing where pytest did not come to its end."""
    held: Held = {}
    try:
        root = ElementTree.parse(report)
    except (OSError, ElementTree.ParseError):
        return held
    for case in root.iter("testcase"):
        classes = case.get("classname", "").split(".")[1:]
        test = "::".join([name, *classes, case.get("name", "")])
        held[test] = held.get(test, True) and case.find("failure") is None and case.find("error") is None
    return held


def fallen(file: Path, tried: Mapping[str, Sequence[Run]]) -> dict[str, list[str]]:
    """Return for each test of a file the ways in which it did not hold in every run."""
    (first,) = outcomes(file, [Run()])
    found = {way: outcomes(file, runs, list(first)) for way, runs in tried.items()}
    found["repeats"].append(first)
    return {test: [way for way in tried if not all(held.get(test) for held in found[way])] for test in first}


def clock(library: Path) -> dict[str, str]:
    """Return the environment that moves the clock.

    Raises: SystemExit - it does not; the loader only warns of a library that it cannot load.
    """
    env = {"LD_PRELOAD": str(library.resolve()), "FAKETIME": "+40d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    box = sandboxed([str(PYTHON), "-c", "import time; print(time.time())"], [], [], "/")
    seen = float(subprocess.run(box, env=env, capture_output=True, check=True).stdout)
    if seen < time.time() + 39 * 86400:
        raise SystemExit(f"{library} does not move the clock")
    return env


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=CACHE / "work" / "ours", help="what testgen.py left")
    parser.add_argument("--only", default="", help="part of a file's path")
    parser.add_argument("--faketime", type=Path, help="libfaketime.so: adds the run with the clock moved")
    given = parser.parse_args()
    files = {str(file.relative_to(given.work)): file for file in sorted(given.work.glob("*/*/test_*.py"))}
    files = {name: file for name, file in files.items() if given.only in name}
    if not files:
        parser.error(f"no such tests in {given.work}; testgen.py makes them")
    tried, width = ways(clock(given.faketime) if given.faketime else {}), max(map(len, files))
    print("in bubblewrap, without network" if have_bwrap() else "without bubblewrap")
    print(f"{'file':{width}}{'tests':>7}" + "".join(f"{way:>11}" for way in tried))
    failed = False
    for name, file in files.items():
        fell = fallen(file, tried)
        counts = [sum(way in each for each in fell.values()) if runs else "-" for way, runs in tried.items()]
        print(f"{name:{width}}{len(fell):>7}" + "".join(f"{count:>11}" for count in counts), flush=True)
        print("".join(f"  {test}: {', '.join(each)}\n" for test, each in fell.items() if each), end="")
        failed = failed or not fell or any(fell.values())
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
