# pyright: standard
# Runs the user's code.
"""Tries the mutants that only an import of the module reaches: each in an import of its own."""

import sys
import time
from pathlib import Path
from types import CodeType
from typing import Any, Dict, List, Sequence

from .choose import in_order_of_use
from .crew import LOST, Failed, Renew, each
from .execute import Engine
from .judge import judge
from .loading import load, try_import
from .model import Candidate
from .mutate import Mutants
from .names import names_of

LONGEST = 5.0
"""Seconds for an import, and for what runs on it."""


def kills_at_import(
    result: Dict[str, Any], module: str, candidates: Sequence[Candidate], folder: Path, until: float, every: bool
) -> None:
    """Add to the result of ``kills``, where the other mutants have been tried.

    With ``every``, a mutant is counted for all that kill it.
    """
    numbers: List[int] = result.pop("at import")
    names: List[str] = result.pop("modules")
    path: str = result.pop("file")
    steady: List[int] = result.pop("steady")
    result["reached"] = sorted({*result["reached"], *numbers})
    if not numbers or not steady or time.monotonic() > until:
        return
    top = module.partition(".")[0]
    for name in names:
        if name.partition(".")[0] != top and name not in sys.modules:
            try_import(name)
    mutants = Mutants(lambda number, _: number in chosen)
    chosen = frozenset(numbers)
    # Compiled once, before the forks: the switches in the code are those of each fork.
    code = mutants.make(Path(path).read_bytes(), path)
    order = [at for at in in_order_of_use(candidates) if at in steady]

    def trial(number: int) -> Any:
        mutants.on[number] = 1
        return Renew(_killers(module, code, candidates, order, folder, every))

    for place, killers in each(trial, numbers, 2 * LONGEST, until):
        if isinstance(killers, Failed):
            result["problems"].append(killers.why)
            continue
        number = numbers[place]
        result["tried"].append(number)
        if killers is LOST or killers is None:
            result["anyway"].append(number)
            continue
        for killer in killers:
            result["kills"][killer].append(number)


def _killers(
    module: str, code: CodeType, candidates: Sequence[Candidate], order: Sequence[int], folder: Path, every: bool
) -> Any:
    """Return who kills the mutant that is on; None where the import fails."""
    try:
        loaded = load(module, lambda _, __: code)
    except BaseException:  # any test of the file would fail
        return None
    engine = Engine(loaded, names_of(loaded), folder)

    def fails(at: int) -> Any:
        # What failed may have spoilt its process.
        return Renew(True) if judge(engine, candidates[at]) is not None else False

    killers: List[int] = []
    for place, failed in each(fails, order, LONGEST, time.monotonic() + LONGEST):
        if failed is True or failed is LOST:
            killers.append(order[place])
            if not every:
                break
    return killers
