"""Work ends in time, also where it does not want to."""

import asyncio

import pytest

from coding_agent.errors import NoSandbox
from coding_agent.testgen.lasting import lasted, left


async def stubborn() -> None:
    """Swallow being cancelled, as wait_for of Python 3.11 may; the second time it gives in, so that tests end."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        await asyncio.Event().wait()


async def test_work_that_ends_in_time_is_not_killed() -> None:
    killed: list[str] = []
    assert not await lasted(asyncio.sleep(0), 60, lambda: killed.append("boxes"))
    assert killed == []


async def test_work_that_swallows_being_cancelled_is_killed_and_left_alone() -> None:
    killed: list[str] = []
    assert await lasted(stubborn(), 0.0, lambda: killed.append("boxes"))
    assert killed == ["boxes"]


async def test_what_it_raises_is_raised() -> None:
    async def fails() -> None:
        raise NoSandbox("none here")

    with pytest.raises(NoSandbox, match="none here"):
        await lasted(fails(), 60, lambda: None)


async def test_the_caller_may_be_cancelled_at_any_time() -> None:
    waiting = asyncio.ensure_future(lasted(stubborn(), 60, lambda: None))
    await asyncio.sleep(0)
    waiting.cancel()
    done, _ = await asyncio.wait([waiting], timeout=30)
    assert done == {waiting}
    assert waiting.cancelled()


async def test_expected_failures_of_what_is_left_are_nobody_s_business() -> None:
    async def fails(error: Exception) -> None:
        raise error

    expected = asyncio.ensure_future(fails(NoSandbox("none here")))
    unexpected = asyncio.ensure_future(fails(KeyError("ours")))
    await asyncio.wait([expected, unexpected])
    await left([expected])
    with pytest.raises(KeyError):
        await left([unexpected])
