"""Whether two versions of a module behave alike: inputs found on the present one are run on the one before."""

import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from coding_agent.sandbox.spec import Mode
from coding_agent.testgen.boxes import Boxes, Target, result
from coding_agent.testgen.engine import Engine, Survey
from coding_agent.testgen.inside import wording
from coding_agent.testgen.inside.model import Candidate, to_json

_EXPLORED, _RUN = 0.6, 20.0
"""Share of the time for the search, and the seconds that all runs on one version may take."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A call that does something else now."""

    function: str
    call: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Compared:
    """``compared`` is how many calls were run on both versions; with none, ``why`` says why."""

    module: str
    source: Path
    compared: int
    functions: int
    differences: tuple[Difference, ...]
    why: str = ""


async def compare(
    target: Target, names: Sequence[str], before: Path, seconds: float, mode: Mode, common: frozenset[str]
) -> Compared:
    """Compare a module with the one in the project ``before``, for the functions that both have (``common``).

    Raises: NoSandbox.
    """
    now = Boxes(target, mode)
    then = Boxes(_moved(target, before), mode)
    try:
        found, why = await _found(now, [name for name in names or sorted(common) if name in common], seconds)
        if not found:
            return Compared(target.module, target.file, 0, 0, (), why or "no call with a stable result was found")
        here, here_too = await _told(now, 0, found), await _told(now, 1, found)
        there = await _told(then, 1, found)
    finally:
        await now.close()
        await then.close()
    if here is None or here_too is None or there is None:
        return Compared(target.module, target.file, 0, 0, (), "one of the versions cannot be run")
    runs = zip(found, here, here_too, there, strict=True)
    # What differs from itself in another process says nothing about versions.
    stable = [(each, one, old) for each, one, two, old in runs if one[0] and two[0]]
    differences = [
        Difference(each.target, _call(each), old[1], one[1]) for each, one, old in stable if not old[0]
    ]  # fmt: skip
    different = {(each.function, each.call): each for each in sorted(differences, key=lambda each: len(each.call))}
    order = sorted(different.values(), key=lambda each: (each.function, len(each.call), each.call))
    functions = len({each.target for each, _, _ in stable})
    return Compared(target.module, target.file, len(stable), functions, tuple(order))


def _moved(target: Target, project: Path) -> Target:
    def there(path: Path) -> Path:
        return project / path.relative_to(target.project) if path.is_relative_to(target.project) else path

    paths = tuple(str(there(Path(each))) for each in target.paths)
    return replace(target, project=project, file=there(target.file), paths=paths)


async def _found(boxes: Boxes, names: Sequence[str], seconds: float) -> tuple[list[Candidate], str]:
    if not names:
        return [], "no function of it is in both versions"
    found: list[Candidate] = []
    why, began = "", time.monotonic()
    await boxes.of(0)
    left = max(0.5, seconds * _EXPLORED - (time.monotonic() - began))
    async with aclosing(Engine(boxes).explore(names, (), (), (), left)) as news:
        async for each in news:
            if isinstance(each, Candidate):
                found.append(each)
            elif isinstance(each, Survey):
                why = each.problem or why
            else:
                why = each.problem or why
    return found, why


async def _told(boxes: Boxes, seed: int, candidates: Sequence[Candidate]) -> list[tuple[bool, str]] | None:
    given = {
        "module": boxes.target.module,
        "paths": list(boxes.target.paths),
        "candidates": [to_json(each) for each in candidates],
    }
    ran = await boxes.run(seed, "tells:tell", given, wall=_RUN)
    told = cast("list[dict[str, object]] | None", result(ran).get("told"))
    return [(bool(each["held"]), str(each["text"])) for each in told] if told is not None else None


def _call(candidate: Candidate) -> str:
    value = wording.value_text(candidate.act) or wording.act_text(candidate.act)
    return "\n".join(part for part in (wording.prelude(candidate), value) if part)
