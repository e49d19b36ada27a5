"""Tries a definition that was written anew in boxes: the tests that come to it, its behaviour, its speed."""

from collections.abc import Callable, Sequence
from pathlib import Path

from coding_agent.assist.alike import behaves_equal
from coding_agent.assist.kept import tests_kept
from coding_agent.assist.meant import Purpose
from coding_agent.assist.speed import faster
from coding_agent.assist.trial import Trial, Tried
from coding_agent.testgen.boxes import Boxes

_COMPARING, _TIMING = 10.0, 10.0
"""Seconds for finding inputs and running both on them, and for timing both."""


async def trials(
    boxes: Boxes, trial: Trial, tests: Sequence[Path], seconds: float, purpose: Purpose, say: Callable[[str], None]
) -> list[Tried]:
    """Try what the purpose asks for, until something fails. ``seconds`` are for the tests of the project.

    Raises: NoSandbox, WorkerLost.
    """
    say(f"running the tests that come to {trial.name}")
    kept = await tests_kept(boxes, trial, tests, seconds)
    if not kept.passed or purpose not in {Purpose.REFACTOR, Purpose.OPTIMISE}:
        return [kept]
    say(f"comparing what both texts of {trial.name} do")
    alike = await behaves_equal(boxes, trial, _COMPARING)
    if purpose is Purpose.REFACTOR:
        # Not every function can be called with inputs of ours; what was seen to differ counts, whatever else was not.
        if alike.passed or alike.differs:
            return [kept, alike]
        return [kept, Tried("behaviour", True, f"not compared ({alike.detail})", alike.ran)]
    if not alike.passed:
        return [kept, alike]
    say(f"timing both texts of {trial.name}")
    return [kept, alike, await faster(boxes, trial, alike.inputs, _TIMING)]
