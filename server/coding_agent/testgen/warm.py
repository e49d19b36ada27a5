"""Keeps boxes open between generations, so that the next one finds them warm.

The project's own modules are never imported in them (each job is a fork that sees them for the first time), so its
files may change. What was imported is installed packages: boxes are opened anew when those change, when the module
to test is one of them, and when there are other secrets to hide.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path

from coding_agent.sandbox import secrets
from coding_agent.sandbox.spec import Mode
from coding_agent.testgen.boxes import Boxes, Target

_MOST = 2
"""Projects whose boxes are open at the same time."""


@dataclass(frozen=True, slots=True)
class _Key:
    interpreter: Path
    project: Path
    paths: tuple[str, ...]
    mode: Mode


@dataclass(frozen=True, slots=True)
class _Kept:
    boxes: Boxes
    seen: frozenset[tuple[str, int]]
    """What was there when they were opened."""


class Warm:
    """The open boxes of one process; who takes some uses them before anybody takes others."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()

    async def take(self, target: Target, mode: Mode) -> Boxes:
        """Return boxes for a target: those of the last time where they are as good as new ones."""
        key = _Key(target.interpreter, target.project, target.paths, mode)
        seen = await asyncio.to_thread(_seen, target)
        kept = self._kept.pop(key, None)
        if kept is not None and (kept.seen != seen or kept.boxes.failed or _imports(kept.boxes, target)):
            await kept.boxes.close()
            kept = None
        if kept is None:
            kept = _Kept(Boxes(target, mode), seen)
        boxes = replace(kept.boxes, target=target)
        self._kept[key] = _Kept(boxes, seen)
        while len(self._kept) > _MOST:
            _, oldest = self._kept.popitem(last=False)
            await oldest.boxes.close()
        return boxes

    async def close(self) -> None:
        """Close all."""
        kept, self._kept = self._kept, OrderedDict()
        await asyncio.gather(*(each.boxes.close() for each in kept.values()))


def _imports(boxes: Boxes, target: Target) -> bool:
    """Whether the module to test may be imported already."""
    top = target.module.partition(".")[0]
    return any(name.partition(".")[0] == top for name in boxes.warmed)


def _seen(target: Target) -> frozenset[tuple[str, int]]:
    """Return what must not change while boxes are open: installed packages, and what is hidden from jobs."""
    environment = target.interpreter.parent.parent
    folders = [environment / "pyvenv.cfg", *environment.glob("lib/python3*/*-packages")]
    stamps = {(str(path), _time(path)) for path in folders}
    return frozenset(stamps | {(str(path), 0) for path in secrets.hidden(target.project)})


def _time(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
