"""A model asked from the real Neovim, over an endpoint whose answers are written down."""

import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytest.importorskip("openai")

from editors.model import BAG, BAG_TESTS, CHANGED, FASTER, KEY, MESSAGE, QUICK, TWICE, changed, endpoint
from editors.nvim import play
from editors.support import Home, eventually, need_sandbox
from support.llama import Llama, llama  # noqa: F401 - a fixture

pytestmark = pytest.mark.editor


def test_a_model_is_asked(nvim: Path, project: Path, home: Home, tmp_path: Path):
    need_sandbox()
    home.trust(project)
    file, steps = changed(project), tmp_path / "steps"
    tests = project / "tests/test_bag.py"
    tests.parent.mkdir()
    (project / "bag.py").write_text(BAG)
    tests.write_text(BAG_TESTS)
    steps.mkdir()
    with endpoint() as scripted, ThreadPoolExecutor(1) as pool:
        settings = json.dumps(
            {"interpreter": sys.executable, "ai": {"base-url": scripted.url, "model": scripted.model}}
        )
        variables = {"SETTINGS": settings, "STEPS": str(steps), "CODING_AGENT_API_KEY": KEY}
        played = pool.submit(play, nvim, "ai", file, **variables)

        def reached(name: str) -> None:
            eventually(name, lambda: (steps / name).exists() or played.done())

        reached("previewed")
        assert scripted.requests == []
        (steps / "previewed-done").touch()
        # Who closes the window ends the call.
        reached("closed")
        scripted.wait(lambda: scripted.requests[-1].left, "client that leaves")
        (steps / "closed-done").touch()
        reached("begun")
        scripted.release()
        (steps / "begun-done").touch()
        saw = played.result()
    assert "item.price * item.count" in saw["preview"]
    assert saw["after_closing"] == []
    assert saw["begun"].startswith("# buy (cart.py:6)\n\nThe price of each item is added up ([cart.py:7](file://")
    assert "takes from the card" not in saw["begun"]
    assert "takes from the card.\n\n(" in saw["explained"]
    assert not saw["writable"]
    assert saw["back"]
    (remark,) = saw["remarks"]["items"]
    assert (remark["lnum"], remark["type"], remark["text"]) == (7, "W", "an empty cart is paid for")
    (diagnostic,) = saw["diagnostics"]
    assert (diagnostic["lnum"], diagnostic["message"]) == (6, "an empty cart is paid for")
    assert any("1 remark dismissed." in each for each in saw["told"])
    text = f"{MESSAGE['subject']}\n\n{MESSAGE['body']}"
    assert saw["message"].rstrip() == text
    assert saw["fresh"] == [*text.split("\n"), "", "# Please enter"]
    assert saw["typed"] == ["Mine", "# Please enter"]
    assert saw["refactored"].strip() == CHANGED.replace(CHANGED[CHANGED.index("def buy") :], FASTER).strip()
    assert saw["tests"] == f"{BAG_TESTS}\n\n{TWICE}"
    assert "green in 8 runs; takes 1 branch that no test took" in str(saw["tested"]), saw["tested"]
    assert saw["faster"] == QUICK
    assert re.search(r"; the same on \d+ inputs; \d+\.\d x as fast on ", str(saw["shown"])), saw["shown"]
    assert f"{scripted.model} at 127.0.0.1:" in saw["status"]
    assert not any(KEY in each for each in saw["told"])


@pytest.mark.soak
def test_a_real_model_is_asked(nvim: Path, project: Path, llama: Llama):  # noqa: F811
    """llama.cpp, whose model says noise: it is shown as it comes, and nothing of it is an edit."""
    settings = json.dumps({"ai": {"base-url": llama.url, "model": llama.model}})
    saw = play(nvim, "real_model", changed(project), SETTINGS=settings, CODING_AGENT_API_KEY=llama.key)
    assert saw["explained"].startswith("# buy (cart.py:6)\n\n")
    assert len(saw["explained"]) > 1000
    assert saw["states"] > 2
    assert f"{llama.model} did not answer in the form that was asked for, twice" in saw["refused"]
    assert saw["code"].strip() == CHANGED.strip()
    assert f"{llama.model} at 127.0.0.1:" in saw["status"]
    llama.wait_until_idle()
