"""What a whole file costs from scratch, with every rule there is and all metrics, in units of ``ast.parse`` of it.

    python bench/whole_file.py [MODULE.py ...]

Both sides run in this process, in turns, with the garbage collector off (a collection belongs to whoever comes next);
the figure is the median over all turns of what ours took in units of the parse right before it, CPU time: the machine's
other guests slow both for a while, so the best of each side may come from different machines. Nothing is remembered
between two runs of ours: each has a new analyser. ``default`` is the same with the rules that are on by default.
"""

import ast
import gc
import sys
import sysconfig
from collections.abc import Callable, Sequence
from operator import truediv
from pathlib import Path
from statistics import median
from time import process_time_ns

from coding_agent.analysis.file import Analyser
from coding_agent.analysis.registry import all_rules
from coding_agent.analysis.ruleset import RuleSet, Selection, select
from coding_agent.ide.check import check_text

LIMIT = 3.0
TIMES = 25
MODULES = ("textwrap", "functools", "traceback", "socket", "argparse", "datetime", "inspect", "typing", "subprocess")


def turns(*works: Callable[[], object]) -> list[list[float]]:
    """The CPU milliseconds of each in every turn."""
    found: list[list[float]] = [[] for _ in works]
    for _ in range(TIMES):
        for each, work in zip(found, works, strict=True):
            gc.collect()
            gc.disable()
            begun = process_time_ns()
            work()
            each.append((process_time_ns() - begun) / 1e6)
            gc.enable()
    return found


def measure(path: Path, sets: Sequence[RuleSet]) -> tuple[float, list[float]]:
    """Milliseconds of ``ast.parse``, and how many times that each rule set takes."""
    text = path.read_text(encoding="utf-8")
    works = [lambda rules=rules: check_text(path.name, text, Analyser(rules)) for rules in sets]
    parse, *ours = turns(lambda: ast.parse(text), *works)
    return median(parse), [median(map(truediv, each, parse)) for each in ours]


def main(paths: Sequence[Path]) -> None:
    rules = list(all_rules())
    every = select(rules, Selection(more=tuple(rule.name for rule in rules)))
    usual = select(rules, Selection())
    print(f"{len(every.enabled)} rules, {len(usual.enabled)} of them by default; metrics always")
    print(f"  {'file':<22} {'lines':>6} {'ast.parse':>12} {'every rule':>11} {'default':>9}")
    ratios: list[float] = []
    for path in paths:
        parse, (all_of_them, default) = measure(path, (every, usual))
        ratios.append(all_of_them)
        lines = path.read_bytes().count(b"\n")
        print(f"  {path.name:<22} {lines:>6} {parse:>9.2f} ms {all_of_them:>9.2f} x {default:>7.2f} x", flush=True)
    verdict = "ok" if median(ratios) <= LIMIT else "OVER"
    print(f"  median {median(ratios):.2f} x, worst {max(ratios):.2f} x  limit {LIMIT:g}  {verdict}")


if __name__ == "__main__":
    library = Path(sysconfig.get_path("stdlib"))
    main([Path(name) for name in sys.argv[1:]] or [library / f"{name}.py" for name in MODULES])
