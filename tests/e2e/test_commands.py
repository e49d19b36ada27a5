"""Commands that editors run; arguments may be missing, for some editors send none."""

import json
import sys
from pathlib import Path

import pytest

from coding_agent.ide.search import knows_meaning
from support.asking import command
from support.client import PULL, Client, Refusal

INVALID_PARAMS, REQUEST_FAILED = -32602, -32803
CODE = "def f(a):\n    if a:\n        return eval(a)\n\n\ndef g(a):\n    return a and 1 or 2\n"


def opened(client: Client, text: str = CODE) -> str:
    client.initialize(PULL)
    uri = client.uri("a.py")
    client.open(uri, text)
    return uri


def test_commands_are_offered(client: Client) -> None:
    client.initialize(PULL)
    offered = client.capabilities["executeCommandProvider"]["commands"]
    assert offered == [
        "codingAgent.generateTests", "codingAgent.coverGaps", "codingAgent.testGaps", "codingAgent.search",
        "codingAgent.similarCode", "codingAgent.explain", "codingAgent.aiExplain", "codingAgent.aiPreview",
        "codingAgent.aiFix", "codingAgent.aiRefactor", "codingAgent.aiOptimise", "codingAgent.aiDocstring",
        "codingAgent.aiTests", "codingAgent.aiReview", "codingAgent.aiDismiss", "codingAgent.aiCommit",
        "codingAgent.aiStatus", "codingAgent.showMetrics", "codingAgent.scanWorkspace", "codingAgent.trustWorkspace",
        "codingAgent.status",
    ]  # fmt: skip


def test_command_without_arguments_means_the_document_changed_last(client: Client) -> None:
    opened(client)
    other = client.uri("b.py")
    client.open(other, "def h(a):\n    if a: pass\n")
    rows = client.call("workspace/executeCommand", {"command": "codingAgent.showMetrics"})
    assert [row["name"] for row in rows] == ["h"]
    client.change(client.uri("a.py"), 2, {"text": CODE})
    assert [row["name"] for row in command(client, "showMetrics")] == ["f", "g"]


@pytest.mark.parametrize("arguments", [[], ["x", 1, {}], [None], [[]], [{"a": 1}, "b"], [True, False]])
def test_arguments_nobody_agreed_on(client: Client, arguments: list[object]) -> None:
    opened(client)
    assert command(client, "status", *arguments)["documents"] == 1


def test_unknown_command_is_a_mistake_of_the_client(client: Client) -> None:
    client.initialize(PULL)
    with pytest.raises(Refusal, match="there is no command") as refused:
        command(client, "nothing")
    assert refused.value.code == INVALID_PARAMS
    assert client.seen("window/showMessage") == []


@pytest.mark.parametrize(("editor", "told"), [("helix", ["Coding Agent: no document is open"]), ("Emacs", [])])
def test_editor_that_hides_failures_is_told_of_them(client: Client, editor: str, told: list[str]) -> None:
    client.initialize(PULL, clientInfo={"name": editor})
    with pytest.raises(Refusal, match="no document is open"):
        command(client, "showMetrics")
    assert [each["message"] for each in client.seen("window/showMessage")] == told


def test_metrics_of_the_function_at_a_line(client: Client) -> None:
    uri = opened(client)
    (row,) = command(client, "showMetrics", uri, 5)
    assert (row["name"], row["cyclomatic"], row["cognitive"]) == ("g", 3, 2)
    message = client.notified("window/showMessage")
    assert message["type"] == 3
    assert message["message"].startswith("g (line 6): cognitive complexity 2, cyclomatic 3")
    assert command(client, "showMetrics", uri, 3) == []
    assert client.notified("window/showMessage")["message"] == "No function with a branch here."


def test_metrics_of_a_file_that_is_not_python(client: Client) -> None:
    uri = opened(client, "def f(a):\n    if a: pass\n\n\nx = (\n")
    assert [row["name"] for row in command(client, "showMetrics", uri)] == ["f"]
    assert "maintainability" not in client.notified("window/showMessage")["message"]


def test_metrics_where_nothing_is_open(client: Client) -> None:
    client.initialize(PULL)
    with pytest.raises(Refusal, match="no document is open") as refused:
        command(client, "showMetrics")
    assert refused.value.code == REQUEST_FAILED
    with pytest.raises(Refusal, match="is not open"):
        command(client, "showMetrics", client.uri("never.py"))


def test_status(client: Client) -> None:
    from coding_agent import __version__

    opened(client)
    status = command(client, "status")
    assert status.pop("rules") > 30
    assert Path(status.pop("python")["path"]).samefile(sys.executable)
    assert client.notified("window/showMessage")["message"].startswith(f"Coding Agent {__version__} on Python ")
    assert status == {
        "version": __version__,
        "documents": 1,
        "folders": [str(client.root)],
        "trusted": [],
        "background": False,
        "meaning": knows_meaning(),
    }


def test_trusting_the_workspace_is_kept(tmp_path: Path) -> None:
    state = {"XDG_STATE_HOME": str(tmp_path / "state")}
    root = tmp_path / "workspace"
    root.mkdir()
    with Client.start(root, env=state) as client:
        client.initialize(PULL)
        assert command(client, "trustWorkspace")["trusted"] == [str(root)]
        assert str(root) in client.notified("window/showMessage")["message"]
        assert command(client, "status")["trusted"] == [str(root)]
    (file,) = (tmp_path / "state").rglob("*.json")
    assert json.loads(file.read_text())["trusted"] == [str(root)]
    with Client.start(root, env=state) as client:
        client.initialize(PULL)
        assert command(client, "status")["trusted"] == [str(root)]


def test_metrics_do_not_depend_on_the_lens(client: Client) -> None:
    client.initialize(PULL, initializationOptions={"lens": {"complexity": False}})
    client.open(client.uri("a.py"), CODE)
    assert [row["name"] for row in command(client, "showMetrics")] == ["f", "g"]


PRESENTS = {**PULL, "experimental": {"codingAgent": ["commands", "results", "review"]}}


def test_a_client_that_shows_results_itself_gets_no_message(client: Client) -> None:
    client.initialize(PRESENTS)
    client.open(client.uri("a.py"), CODE)
    assert client.capabilities["executeCommandProvider"]["commands"] == []
    assert [row["said"][:22] for row in command(client, "showMetrics")] == [
        "cognitive complexity 1",
        "cognitive complexity 2",
    ]
    assert command(client, "scanWorkspace")["said"] == "0 files looked at, 0 findings."
    assert client.seen("window/showMessage") == []


def test_the_editors_own_word_about_trust_counts_for_what_is_open(client: Client) -> None:
    client.initialize(PULL, initializationOptions={"workspaceTrust": "granted"})
    assert command(client, "status")["trusted"] == [str(client.root)]
    client.notify("codingAgent/workspaceTrust", {"state": "restricted"})
    assert command(client, "status")["trusted"] == []
    with pytest.raises(Refusal, match="restricted"):
        command(client, "trustWorkspace")
    client.notify("codingAgent/workspaceTrust", {"state": "granted"})
    assert command(client, "status")["trusted"] == [str(client.root)]


def test_trust_where_no_folder_is_open(client: Client) -> None:
    client.initialize(PULL, rootUri=None, workspaceFolders=None)
    with pytest.raises(Refusal, match="no folder is open") as refused:
        command(client, "trustWorkspace")
    assert refused.value.code == REQUEST_FAILED
