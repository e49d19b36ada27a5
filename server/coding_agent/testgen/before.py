"""What the tests there are do already, measured while inputs are looked for: a new case must do more."""

import asyncio
import time
from collections.abc import Awaitable

from coding_agent.testgen.engine import Engine
from coding_agent.testgen.existing import covered_by_tests, suite_of
from coding_agent.testgen.inside.model import Candidate
from coding_agent.testgen.known import Known
from coding_agent.testgen.repeated import call_of, calls_of
from coding_agent.testgen.request import Request

_BOX = 1
"""Hash seed of the box that runs them."""
_SHORT = 0.3
"""Seconds for which nothing is begun."""


class Before:
    """Notes in what is known the branches that the tests there are take, and the mutants they kill."""

    covered: asyncio.Task[None]
    killed: asyncio.Task[None]

    def __init__(self, engine: Engine, seen: Known, request: Request) -> None:
        self._engine, self._seen, self._request = engine, seen, request
        self._suite = suite_of(request.tests, request.target)
        self._calls: frozenset[str] = frozenset()

    def begin(self, wall: float, ready: Awaitable[object], until: float) -> None:
        """Begin to measure: ``wall`` seconds for the branches; mutants when ``ready``, until a moment of the clock."""
        self.covered = asyncio.create_task(self.branches(wall))
        self.killed = asyncio.create_task(self._kills(ready, until))

    def end(self) -> None:
        """Leave what is still measured."""
        self.killed.cancel()
        self.covered.cancel()

    async def branches(self, wall: float) -> None:
        """Run them once for their branches, and read their calls."""
        if self._suite is None:
            return
        self._calls = await asyncio.to_thread(self._read)
        hit, problem = await covered_by_tests(self._engine.boxes, self._suite, self._request.target, wall)
        self._seen.before = frozenset(hit)
        if problem:
            self._seen.incomplete = True
            self._seen.problems.append(f"the tests there are: {problem}")

    async def _kills(self, ready: Awaitable[object], until: float) -> None:
        await asyncio.gather(self.covered, ready)
        if self._suite is None or not self._seen.before:
            # Tests that pass no branch are as good as none.
            return
        self._seen.theirs = None
        seconds = until - time.monotonic()
        if seconds > _SHORT:
            given = self._suite.given(self._request.target)
            self._seen.theirs = await self._engine.kills_of_tests(given, _BOX, seconds)
        if self._seen.theirs is None:
            self._seen.problems.append("which mutants the tests there are kill could not be told in the time")
        elif self._seen.theirs.problem:
            self._seen.problems.append(f"mutants, under the tests there are: {self._seen.theirs.problem}")

    def repeats(self, candidate: Candidate) -> bool:
        """Whether a test makes the very call already."""
        return bool(self._calls) and call_of(candidate) in self._calls

    def _read(self) -> frozenset[str]:
        assert self._suite is not None
        module, names = self._request.target.module, [each.name for each in self._seen.definitions]
        texts = [path.read_text("utf-8") for path in self._suite.files]
        texts += [self._request.before] if self._request.before else []
        return frozenset[str]().union(*(calls_of(text, module, names) for text in texts))
