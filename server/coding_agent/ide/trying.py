"""A definition that a model wrote anew, tried in the sandbox: what is asked of the process that has one, in plain data.

Nothing of `testgen` or `sandbox` is imported here: this room is read as the server starts.
"""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import cast

from coding_agent.assist.meant import Purpose
from coding_agent.errors import CodingAgentError
from coding_agent.ide.models import Ask
from coding_agent.ide.rewriting import Seen, Verdict, Wrote
from coding_agent.ide.testing import Order

MOST = 20.0
"""Seconds that the tests that come to a definition may take, at most."""


def is_tried(purpose: Purpose) -> bool:
    """Whether running says anything of what is written for a purpose."""
    return purpose is not Purpose.DOCSTRING


async def tried(ask: Ask, order: Order, wrote: Wrote, verdict: Verdict, hear: Callable[[str], None]) -> Verdict:
    """Return the verdict with what running the code showed; ``ask`` reaches `ide.tester.Tester`, and ``hear`` is told
    what is being done.

    What cannot be run is no fault of the code, but where it has to be faster that has to be seen.
    """
    purpose = Purpose(wrote.purpose)
    if not verdict.passed or not is_tried(purpose) or (verdict.proved and purpose is not Purpose.OPTIMISE):
        return verdict
    table = {
        "order": asdict(replace(order, seconds=min(order.seconds, MOST))),
        "old": wrote.document,
        "new": verdict.document,
        "span": (wrote.span.start, wrote.span.stop),
        "name": wrote.name,
        "purpose": purpose.value,
    }
    try:
        answer = await ask(("try", table), lambda news: hear(str(news)), asyncio.Event())
    except CodingAgentError as error:
        return not_tried(verdict, purpose, str(error))
    seen = tuple(Seen(*each) for each in cast("list[tuple[str, bool, str]]", answer))
    return replace(verdict, tried=seen)


def not_tried(verdict: Verdict, purpose: Purpose, why: str) -> Verdict:
    """The verdict where nothing could be run."""
    if not verdict.passed or not is_tried(purpose) or (verdict.proved and purpose is not Purpose.OPTIMISE):
        return verdict
    return replace(verdict, tried=(Seen("tests", purpose is not Purpose.OPTIMISE, f"no test was run: {why}"),))
