"""The boxes of one generation: the same interpreter and project, each with its hash seed, clock and folder."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

from coding_agent.sandbox.box import Box, Ended, Mode, Ran, Spec, open_box

PACKAGE = "_coding_agent_testgen"
DAYS = 40 * 24 * 3600
"""Seconds by which the clock is moved in one of the runs."""
_INSIDE = Path(__file__).parent / "inside"
_CLOSING = 10.0
"""Seconds that closing takes at most."""
_SEARCHING, _REPEATING = ("jobs",), ("replay", "kills", "testing", "existing")
"""Modules of the inside that the first box, and the others, are asked for."""
_WARM = ("pytest", "_pytest.assertion.rewrite", f"{PACKAGE}.plugins")


@dataclass(frozen=True, slots=True)
class Target:
    """Whose code runs: the interpreter, the project's folder, where imports start, the module."""

    interpreter: Path
    project: Path
    module: str
    file: Path
    paths: tuple[str, ...]


@dataclass(slots=True)
class Boxes:
    """Opens boxes when they are first asked for; all are closed together."""

    target: Target
    mode: Mode
    _doors: list[AbstractAsyncContextManager[Box]] = field(default_factory=list[AbstractAsyncContextManager[Box]])
    _open: dict[int, Box] = field(default_factory=dict[int, Box])
    _opening: dict[int, asyncio.Lock] = field(default_factory=dict[int, asyncio.Lock])
    warmed: set[str] = field(default_factory=set[str])
    """Names of all modules that were imported by ``warm``."""
    failed: bool = False
    """A module could not be imported by ``warm``, which will not say so again."""

    async def of(self, seed: int) -> Box:
        """Return the box of a hash seed; that of seed 0 is the first.

        Raises: NoSandbox.
        """
        lock = self._opening.setdefault(seed, asyncio.Lock())
        async with lock:
            if seed not in self._open:
                spec = _spec(self.target, seed)
                door = open_box(spec, self.mode)
                box = await door.__aenter__()
                self._doors.append(door)
                # What jobs need of ours takes longer to import than many of them take to run.
                await box.preload([f"{PACKAGE}.{name}" for name in (_SEARCHING if seed == 0 else _REPEATING)])
                self._open[seed] = box
            return self._open[seed]

    async def warm(self, seeds: Sequence[int], names: Sequence[str] = _WARM) -> str:
        """Have modules imported once for all jobs of these boxes; returns why the first fails, empty where none does.

        Never modules of the project: each job is to see them for the first time.
        """
        boxes = await asyncio.gather(*(self.of(seed) for seed in seeds))
        self.warmed.update(names)
        failed = await asyncio.gather(*(box.preload(names) for box in boxes))
        problem = next((why for each in failed for why in each.values()), "")
        self.failed = self.failed or bool(problem)
        return problem

    async def run(
        self, seed: int, function: str, given: Mapping[str, object], *, wall: float, cpu: float | None = None
    ) -> Ran:
        """Run ``module:function`` of the inside in the box of a seed."""
        box = await self.of(seed)
        return await box.run(f"{PACKAGE}.{function}", given, wall=wall, cpu=cpu)

    async def close(self, within: float = _CLOSING) -> None:
        """Close all boxes at once; what is not closed ``within`` so many seconds is killed and left alone."""
        doors, self._doors = self._doors, []
        closing = [asyncio.ensure_future(door.__aexit__(None, None, None)) for door in doors]
        if not closing:
            return
        done, late = await asyncio.wait(closing, timeout=within)
        for task in late:
            task.cancel()
        if late:
            self.kill()
        for task in done:
            task.result()

    def kill(self) -> None:
        """Kill what runs in all boxes, from any thread; a box has a new runner at its next job."""
        for box in list(self._open.values()):
            box.kill()

    @property
    def rung(self) -> str:
        """What isolates: the name of the first box's rung."""
        return str(next(iter(self._open.values())).rung) if self._open else ""


def result(ran: Ran) -> dict[str, object]:
    """Return what a job returned; empty where it came to no end."""
    return dict(ran.ended.result) if isinstance(ran.ended.result, dict) else {}  # type: ignore[arg-type]


def _spec(target: Target, seed: int) -> Spec:
    spec = Spec(
        interpreter=target.interpreter,
        project=target.project,
        path=target.paths,
        packages={PACKAGE: _INSIDE},
        hash_seed=seed,
    )
    return replace(spec, cwd="elsewhere") if seed else spec


__all__ = ["DAYS", "PACKAGE", "Boxes", "Ended", "Target", "result"]
