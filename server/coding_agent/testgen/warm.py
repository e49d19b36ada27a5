"""Keeps boxes open between generations, so that the next one finds them warm.

The project's own modules are never imported in them (each job is a fork that sees them for the first time), so its
files may change. What was imported is installed packages: boxes are opened anew when those change, when the module
to test is one of them, when there are other secrets to hide or one was saved anew (what covers a file goes when
another takes its place), and, on the second rung, when a file beside a secret is another than the box was allowed.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from coding_agent.sandbox import secrets
from coding_agent.sandbox.rungs import Rung
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
    seen: "_Seen"


class _Seen(NamedTuple):
    """What was there when boxes were opened; files by path and number or time."""

    packages: frozenset[tuple[str, int]]
    hidden: frozenset[tuple[str, int]]
    beside: frozenset[tuple[str, int]]
    """Files that stand in one folder with a secret."""

    def same(self, now: "_Seen", rung: str) -> bool:
        one_by_one = rung == Rung.LANDLOCK
        return self[:2] == now[:2] and (not one_by_one or self.beside == now.beside)


class Warm:
    """The open boxes of one process; who takes some uses them before anybody takes others."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()

    async def take(self, target: Target, mode: Mode) -> Boxes:
        """Return boxes for a target: those of the last time where they are as good as new ones."""
        key = _Key(target.interpreter, target.project, target.paths, mode)
        seen = await asyncio.to_thread(_seen, target)
        kept = self._kept.pop(key, None)
        if kept is not None and (
            not kept.seen.same(seen, kept.boxes.rung) or kept.boxes.failed or _imports(kept.boxes, target)
        ):
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


def _seen(target: Target) -> _Seen:
    environment = target.interpreter.parent.parent
    folders = [environment / "pyvenv.cfg", *environment.glob("lib/python3*/*-packages")]
    project = target.project.resolve()
    found = secrets.search([project])
    return _Seen(
        packages=frozenset((str(path), _time(path)) for path in folders),
        hidden=_numbers(found.secrets | found.sockets),
        beside=_numbers(secrets.beside(project, found.secrets)),
    )


def _numbers(paths: Iterable[Path]) -> frozenset[tuple[str, int]]:
    return frozenset((str(path), number) for path in paths if (number := _number(path)))


def _number(path: Path) -> int:
    """Return a file's number, 0 where it is gone."""
    try:
        return path.lstat().st_ino
    except OSError:
        return 0


def _time(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
