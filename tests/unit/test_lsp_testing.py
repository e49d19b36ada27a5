"""What is said of generated tests in an editor."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from coding_agent.ide.testing import Plan
from coding_agent.lsp.testing import question, tell_failure

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server


@pytest.mark.parametrize(
    ("isolation", "said"), [("landlock", "in a sandbox (landlock)"), ("unsafe", "nothing holds it back")]
)
def test_the_question_says_what_holds_it(isolation: str, said: str) -> None:
    asked = question(Path("/project"), Plan("shop.cart", (), "/usr/bin/python3", isolation), 30.0)
    assert asked.startswith("Coding Agent: do you trust /project? "), "an editor with little room cuts the end off"
    assert said in asked
    assert "30 s" in asked
    assert ("change no file of yours" in asked) is (isolation != "unsafe")


async def test_a_mistake_of_ours_that_nobody_waits_for_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    work: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    work.set_exception(ZeroDivisionError("so"))
    tell_failure(cast("Server", None), work)
    assert "ZeroDivisionError: so" in capsys.readouterr().err
