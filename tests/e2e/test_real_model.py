"""Every feature asked of a real llama.cpp server, whose model says noise: it streams, ends, and does no harm."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("openai")

from e2e.test_rewriting import CART, command
from support.client import PULL, Client, Refusal
from support.command_line import Ran, World
from support.llama import Llama, llama  # noqa: F401 - a fixture

CHANGED = CART.replace("item.price", "item.price * 2")
OURS = {
    **PULL,
    "textDocument": {**PULL["textDocument"], "inlineCompletion": {}},
    "experimental": {"codingAgent": ["results", "told"]},
}


def repository(root: Path) -> Path:
    root.mkdir(exist_ok=True)
    (root / "cart.py").write_text(CART)
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "Sell"]):
        subprocess.run(["git", *words], cwd=root, check=True)
    (root / "cart.py").write_text(CHANGED)
    return root


@pytest.fixture
def client(tmp_path: Path, llama: Llama) -> Iterator[Client]:  # noqa: F811
    root = repository(tmp_path / "shop")
    with Client.start(root, env={"CODING_AGENT_API_KEY": llama.key}) as client:
        ai = {"base-url": llama.url, "model": llama.model, "complete": True}
        client.initialize(dict(OURS), initializationOptions={"ai": ai})
        client.open(client.uri("cart.py"), CHANGED)
        client.diagnostics(client.uri("cart.py"))
        yield client


def test_an_explanation_is_streamed(client: Client) -> None:
    page = command(client, "aiExplain", client.uri("cart.py"), "total")
    told = [each["markdown"] for each in client.seen("codingAgent/told")]
    assert len(told) > 2
    assert [len(each) for each in told[1:]] == sorted(len(each) for each in told[1:])
    assert page["markdown"].startswith("# total (cart.py:1)\n\n")
    assert len(page["markdown"]) > 500


def outcome(client: Client, name: str, *arguments: Any) -> Any:
    """What came of a command, or the message it ended with."""
    try:
        return command(client, name, *arguments)
    except Refusal as error:
        return str(error)


UNFIT = "tiny-random did not answer in the form that was asked for, twice"


@pytest.mark.parametrize("name", ["aiFix", "aiRefactor", "aiDocstring"])
def test_noise_is_no_edit(client: Client, name: str) -> None:
    place = ["same" if name == "aiFix" else "total", *(["use sum"] if name == "aiRefactor" else [])]
    made = outcome(client, name, client.uri("cart.py"), *place)
    if isinstance(made, str):
        assert UNFIT in made
        assert "another model may" in made
    else:
        # Any words may be a docstring.
        assert made["applied"] is (name == "aiDocstring" and all(each["passed"] for each in made["checks"]))
    assert bool(client.seen("workspace/applyEdit")) is (not isinstance(made, str) and made["applied"])


def test_changes(client: Client) -> None:
    found, written = outcome(client, "aiReview"), outcome(client, "aiCommit")
    if isinstance(found, str):
        assert UNFIT in found
    else:
        assert all(each["path"] == "cart.py" and each["range"]["start"]["line"] == 3 for each in found["remarks"])
    if isinstance(written, str):
        assert UNFIT in written
    else:
        assert 0 < len(written["message"].split("\n")[0]) <= 100
    assert re.search(r"Today: \d+ of 1,000 requests, ", command(client, "aiStatus")["said"])


def test_completions(client: Client) -> None:
    params = {
        "textDocument": {"uri": client.uri("cart.py")},
        "position": {"line": 4, "character": 11},
        "context": {"triggerKind": 1},
    }
    found = client.call("textDocument/inlineCompletion", params, 30)
    assert isinstance(found["items"], list)


def test_the_command_line(tmp_path: Path, llama: Llama) -> None:  # noqa: F811
    world = World(tmp_path)
    repository(world.project)
    world.folders.config.mkdir(parents=True, exist_ok=True)
    world.folders.user_file.write_text(f'[ai]\nbase-url = "{llama.url}"\nmodel = "{llama.model}"\n')

    def run(*words: str) -> Ran:
        return world.run("ai", *words, variables={"CODING_AGENT_API_KEY": llama.key})

    explained = run("explain", "cart.py:1")
    assert (explained.code, explained.out.startswith("# total (cart.py:1)\n\n")) == (0, True)
    for words in (["fix", "cart.py:8"], ["refactor", "cart.py:1", "use sum"], ["review"], ["commit"]):
        ended = run(*words)
        # Noise fits a form or does not; nothing is written either way.
        assert ended.code in (0, 1, 2, 3)
        assert ended.code < 2 or UNFIT in ended.err or ended.out.startswith("# Not taken: "), ended
        assert (world.project / "cart.py").read_text() == CHANGED
