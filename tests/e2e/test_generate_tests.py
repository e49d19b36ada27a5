"""Tests generated from an editor: the real server, a real sandbox, a client that answers as editors do."""

import os
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from coding_agent.errors import CodingAgentError
from coding_agent.sandbox.rungs import chosen
from coding_agent.sandbox.spec import Mode
from coding_agent.store.trust import TrustStore
from support.asking import actions, applied, command, edits_for, place, titled
from support.client import PULL, Client, Message, Refusal, edit
from support.processes import Watched, children

INVALID_PARAMS, REQUEST_FAILED, CANCELLED = -32602, -32803, -32800
CART = '''\
"""What is bought."""


class Full(Exception):
    """No place left."""


class Cart:
    def __init__(self, limit: int = 2) -> None:
        self.limit = limit
        self.items: list[str] = []

    def add(self, name: str) -> int:
        if len(self.items) >= self.limit:
            raise Full(f"no place for {name}")
        self.items.append(name)
        return len(self.items)


def size(count: int) -> str:
    if count < 0:
        raise ValueError("less than nothing")
    if count == 0:
        return "empty"
    return "small" if count < 10 else "large"
'''
THERE = "from shop.cart import size\n\n\ndef test_size( ):\n    assert size(0) == 'empty'   # mine\n"
MANY = "\n\n".join(
    f"def f{number}(x: int, y: str) -> str:\n"
    f"    if x * {number + 3} < {number}:\n"
    f"        return y.upper()\n"
    f"    return y + str(x) if y.startswith('a{number}') else y\n"
    for number in range(40)
)
REVIEWS = deepcopy(PULL)
REVIEWS["workspace"]["workspaceEdit"]["changeAnnotationSupport"] = {"groupsOnLabel": True}
REVIEWS["window"]["showDocument"] = {"support": True}
CANNOT_EDIT = deepcopy(PULL)
del CANNOT_EDIT["workspace"]["applyEdit"]
QUESTION = "window/showMessageRequest"
YES, NO = {"title": "Trust"}, {"title": "Do not trust"}


def _no_sandbox() -> str:
    try:
        chosen(Mode.AUTO)
    except CodingAgentError as error:
        return str(error)
    return ""


NO_SANDBOX = _no_sandbox()
needs_sandbox = pytest.mark.skipif(bool(NO_SANDBOX), reason=f"no sandbox here: {NO_SANDBOX}")


class Editor:
    """A client in a small project; what the server wants to be edited is made, as editors do it."""

    def __init__(self, client: Client, state: Path) -> None:
        self.client, self.root, self.state = client, client.root, state
        self.edits: list[Message] = []
        client.answers["workspace/applyEdit"] = self.apply
        client.answers["window/showDocument"] = lambda _: {"success": True}

    @property
    def uri(self) -> str:
        return self.client.uri("shop/cart.py")

    def trust(self, answer: bool = True) -> None:
        store = TrustStore(self.state / "coding-agent" / "trust.json")
        (store.trust if answer else store.distrust)(self.root)

    def begin(self, abilities: Message = PULL, *, seconds: int = 6, text: str = CART, **more: Any) -> None:
        options = {"interpreter": sys.executable, "tests": {"seconds": seconds}, **more}
        self.client.initialize(abilities, initializationOptions=options)
        self.client.open(self.uri, text)

    def apply(self, params: Any) -> Any:
        self.edits.append(params)
        for change in params["edit"].get("documentChanges", ()):
            if change.get("kind") == "create":
                path = self.root / change["uri"].removeprefix(self.root.as_uri() + "/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch(exist_ok=False)
        for uri in {each["uri"] for each in _documents(params["edit"])}:
            path = self.root / uri.removeprefix(self.root.as_uri() + "/")
            path.write_text(applied(path.read_text(), edits_for(params["edit"], uri)))
        return {"applied": True}

    def read(self, name: str) -> str:
        return (self.root / name).read_text()

    def passes(self, name: str) -> bool:
        """Whether the file is green for anybody who runs it."""
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", name],
            cwd=self.root, env={"PYTHONPATH": str(self.root), "PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True,
        )  # fmt: skip
        return ran.returncode == 0

    def progress(self) -> list[Message]:
        return [each["value"] for each in self.client.seen("$/progress")]

    def verified(self) -> Message:
        """Wait until the progress says that there is a verified test."""
        return self.client.notified("$/progress", lambda each: "verified case" in (each["value"].get("message") or ""))


def forks(server: int) -> set[int]:
    """The jobs in all boxes below a server: processes that are like their parent, a runner."""
    found = {pid: command for pid, command in children(server).items() if "_coding_agent_sandbox" in command}
    return {pid for pid, command in found.items() if found.get(_parent(pid)) == command}


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _documents(edit: Message) -> list[Message]:
    changed = [each["textDocument"] for each in edit.get("documentChanges", ()) if "textDocument" in each]
    return changed + [{"uri": uri} for uri in edit.get("changes", {})]


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    root = tmp_path / "workspace"
    (root / "shop").mkdir(parents=True)
    (root / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1"\n')
    (root / "shop/__init__.py").touch()
    (root / "shop/cart.py").write_text(CART)
    state = tmp_path / "state"
    with Client.start(root, env={"XDG_STATE_HOME": str(state)}) as client:
        yield Editor(client, state)
        assert client.stray == b""
        assert "event=failed" not in client.log(), client.log()


# What is made.


@needs_sandbox
def test_tests_of_a_function_come_as_an_edit_to_be_confirmed(editor: Editor) -> None:
    editor.trust()
    editor.begin(REVIEWS)
    result = command(editor.client, "generateTests", editor.uri, "size")
    assert result["applied"] is True
    assert result["file"] == "tests/test_cart.py"
    assert result["uri"] == editor.client.uri("tests/test_cart.py")
    assert result["isolation"] in ("bubblewrap", "landlock")
    assert result["cases"] >= 4
    assert result["killed"] > 0
    (params,) = editor.edits
    create, change = params["edit"]["documentChanges"]
    (annotation,) = params["edit"]["changeAnnotations"].values()
    assert annotation["needsConfirmation"] is True
    assert (create["kind"], create["uri"]) == ("create", result["uri"])
    assert {create["annotationId"], *(each["annotationId"] for each in change["edits"])} == set(
        params["edit"]["changeAnnotations"]
    )
    text = editor.read("tests/test_cart.py")
    assert "pytest.raises(ValueError" in text
    assert "Cart" not in text
    assert editor.passes("tests/test_cart.py")
    (shown,) = editor.client.seen("window/showDocument")
    assert shown["uri"] == result["uri"]
    row = shown["selection"]["start"]["line"]
    assert text.split("\n")[row].startswith("def test_size")


OURS = deepcopy(REVIEWS)
OURS["experimental"] = {"codingAgent": ["commands", "results", "review"]}


@needs_sandbox
@pytest.mark.parametrize("accepted", [True, False])
def test_an_editor_that_reviews_is_shown_both_texts_and_decides(editor: Editor, accepted: bool) -> None:
    editor.trust()
    editor.begin(OURS)
    shown: list[Any] = []

    def review(params: Any) -> Any:
        shown.append(params)
        return {"accepted": accepted}

    editor.client.answers["codingAgent/review"] = review
    params = {"command": "codingAgent.generateTests", "arguments": [editor.uri, "size"], "workDoneToken": "mine"}
    done = editor.client.call("workspace/executeCommand", params, limit=120)
    (asked,) = shown
    assert asked["before"] is None
    assert asked["after"].split("\n")[asked["line"]].startswith("def test_size")
    assert done["applied"] is accepted
    tests = editor.root / "tests/test_cart.py"
    assert tests.is_file() is accepted
    if accepted:
        assert tests.read_text() == asked["after"]
        assert "changeAnnotations" not in editor.edits[0]["edit"]
    else:
        assert done["said"].split("\n")[-1].startswith("not taken; the tests are in ")
    told = [each["value"] for each in editor.client.seen("$/progress") if each["token"] == "mine"]
    assert told[0]["kind"] == "begin"
    assert told[1]["message"].startswith("size; ")
    assert told[1]["message"].endswith("; 6 s at most")
    assert told[-1]["kind"] == "end"
    assert editor.client.seen("window/workDoneProgress/create") == []
    assert editor.client.seen("window/showMessage") == []


@needs_sandbox
@pytest.mark.parametrize("accepted", [True, False])
def test_an_editor_that_reviews_is_asked_too_where_a_new_file_is_written_to_disk(
    editor: Editor, accepted: bool
) -> None:
    editor.trust()
    able = deepcopy(OURS)
    del able["workspace"]["workspaceEdit"]["documentChanges"]
    editor.begin(able)
    editor.client.answers["codingAgent/review"] = lambda _: {"accepted": accepted}
    done = command(editor.client, "generateTests", editor.uri, "size")
    (asked,) = editor.client.seen("codingAgent/review")
    tests = editor.root / "tests/test_cart.py"
    assert editor.edits == []
    assert done["applied"] is accepted
    assert tests.is_file() is accepted
    assert not accepted or tests.read_text() == asked["after"]


@needs_sandbox
def test_progress_counts_and_the_summary_tells_all(editor: Editor) -> None:
    editor.trust()
    editor.begin()
    result = command(editor.client, "generateTests", editor.uri, "size")
    said = editor.progress()
    assert said[0]["kind"] == "begin"
    assert said[0]["cancellable"] is True
    assert said[0]["title"] == "Generating tests for size"
    messages = " | ".join(each.get("message") or "" for each in said)
    assert "branches" in messages
    assert f"{result['cases']} verified cases" in messages
    assert said[-1] == {"kind": "end", "message": f"{result['cases']} cases"}
    message = editor.client.seen("window/showMessage")[-1]["message"]
    for part in ("tests/test_cart.py", f"{result['cases']} cases", "branches", result["summary"], result["isolation"]):
        assert part in message


@needs_sandbox
@pytest.mark.parametrize(
    ("arguments", "tested", "untested"),
    [
        ([19], "size", "Cart"),
        ([{"start": {"line": 20, "character": 4}, "end": {"line": 22, "character": 0}}], "size", "Cart"),
        (["Cart.add"], "Cart", "size"),
        ([7], "Cart", "size"),
    ],
    ids=["line", "range", "name", "head of a class"],
)
def test_the_place_decides_what_is_tested(editor: Editor, arguments: list[Any], tested: str, untested: str) -> None:
    editor.trust()
    editor.begin(seconds=5)
    assert command(editor.client, "generateTests", editor.uri, *arguments)["applied"] is True
    text = editor.read("tests/test_cart.py")
    assert tested in text
    assert untested not in text


@needs_sandbox
def test_without_arguments_the_last_document_is_meant(editor: Editor) -> None:
    editor.trust()
    editor.begin()
    result = editor.client.call("workspace/executeCommand", {"command": "codingAgent.generateTests"})
    assert result["source"] == "shop/cart.py"
    text = editor.read("tests/test_cart.py")
    assert "size" in text
    assert "Cart" in text


@needs_sandbox
def test_a_test_file_that_exists_keeps_every_line(editor: Editor) -> None:
    (editor.root / "tests").mkdir()
    (editor.root / "tests/test_cart.py").write_text(THERE)
    editor.trust()
    editor.begin()
    assert command(editor.client, "generateTests", editor.uri)["applied"] is True
    (params,) = editor.edits
    (change,) = params["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": editor.client.uri("tests/test_cart.py"), "version": None}
    text = editor.read("tests/test_cart.py")
    assert "def test_size( ):\n    assert size(0) == 'empty'   # mine\n" in text
    assert len(text) > len(THERE)
    assert editor.passes("tests/test_cart.py")


@needs_sandbox
def test_an_editor_that_cannot_edit_gets_the_file_on_disk(editor: Editor) -> None:
    editor.trust()
    editor.begin(CANNOT_EDIT)
    assert command(editor.client, "generateTests", editor.uri, "size")["applied"] is True
    assert editor.edits == []
    assert editor.passes("tests/test_cart.py")


@needs_sandbox
def test_an_edit_that_was_not_taken_leaves_the_project_alone(editor: Editor) -> None:
    editor.trust()
    editor.begin()
    editor.client.answers["workspace/applyEdit"] = lambda _: {"applied": False, "failureReason": "they said no"}
    assert command(editor.client, "generateTests", editor.uri, "size")["applied"] is False
    message = editor.client.seen("window/showMessage")[-1]["message"]
    assert "they said no" in message
    kept = Path(message.rpartition("the tests are in ")[2])
    assert "def test_size" in kept.read_text()
    assert not (editor.root / "tests").exists()
    # Nothing else is left there, and it is left alone.
    editor.client.answers["workspace/applyEdit"] = editor.apply
    assert command(editor.client, "generateTests", editor.uri, "size")["applied"] is True
    assert [path for path in kept.parent.parent.rglob("*") if path.is_file()] == [kept]


@needs_sandbox
def test_tests_are_added_to_what_is_not_saved_yet(editor: Editor) -> None:
    (editor.root / "tests").mkdir()
    (editor.root / "tests/test_cart.py").write_text(THERE)
    shown = THERE + "\n\ndef test_mine() -> None:\n    assert size(1) == 'small'\n"
    uri = editor.client.uri("tests/test_cart.py")
    editor.trust()
    editor.begin()
    editor.client.open(uri, shown, version=3)
    editor.client.answers["workspace/applyEdit"] = lambda params: (editor.edits.append(params), {"applied": True})[1]
    assert command(editor.client, "generateTests", editor.uri, "size")["applied"] is True
    (params,) = editor.edits
    (change,) = params["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": uri, "version": 3}
    after = applied(shown, edits_for(params["edit"], uri))
    assert THERE in after
    assert "def test_mine() -> None:\n    assert size(1) == 'small'\n" in after
    assert editor.read("tests/test_cart.py") == THERE
    (editor.root / "tests/test_cart.py").write_text(after)
    assert editor.passes("tests/test_cart.py")


@needs_sandbox
def test_a_test_file_that_is_changed_meanwhile_is_not_touched(editor: Editor) -> None:
    (editor.root / "shop/cart.py").write_text(MANY)
    (editor.root / "tests").mkdir()
    before = "from shop.cart import f0\n\n\ndef test_mine() -> None:\n    assert f0(1, 'b') == 'b1'\n"
    (editor.root / "tests/test_cart.py").write_text(before)
    uri = editor.client.uri("tests/test_cart.py")
    editor.trust()
    editor.begin(seconds=60, text=MANY)
    editor.client.open(uri, "# mine\n" + before)
    number = editor.client.request(
        "workspace/executeCommand", {"command": "codingAgent.generateTests", "arguments": [editor.uri]}
    )
    token = editor.verified()["token"]
    editor.client.change(uri, 2, edit((0, 6), (0, 6), " and more"))
    editor.client.notify("window/workDoneProgress/cancel", {"token": token})
    result = editor.client.reply(number)["result"]
    assert (result["applied"], editor.edits) == (False, [])
    assert "test_cart.py is not what it was" in editor.client.seen("window/showMessage")[-1]["message"]


@needs_sandbox
@pytest.mark.parametrize(("text", "said"), [("def f(:\n", "which is no Python"), ("x = '\ud800'\n", "no Python")])
def test_a_text_that_cannot_be_kept_is_not_added_to(editor: Editor, text: str, said: str) -> None:
    (editor.root / "tests").mkdir()
    (editor.root / "tests/test_cart.py").write_text(THERE)
    editor.trust()
    editor.begin()
    editor.client.open(editor.client.uri("tests/test_cart.py"), text)
    with pytest.raises(Refusal, match=said):
        command(editor.client, "generateTests", editor.uri, "size")
    assert editor.edits == []
    assert editor.progress()[-1]["message"] == "failed"


@needs_sandbox
def test_an_open_test_file_is_spoken_of_as_its_editor_spells_it(editor: Editor) -> None:
    (editor.root / "tests").mkdir()
    (editor.root / "tests/test_cart.py").write_text(THERE)
    spelled = editor.client.uri("tests/test_cart.py").replace("_", "%5F")
    editor.trust()
    editor.begin()
    editor.client.open(spelled, THERE, version=7)
    editor.client.answers["workspace/applyEdit"] = lambda params: (editor.edits.append(params), {"applied": True})[1]
    assert command(editor.client, "generateTests", editor.uri, "size")["uri"] == spelled
    (params,) = editor.edits
    (change,) = params["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": spelled, "version": 7}


@needs_sandbox
def test_a_module_that_changed_meanwhile_gets_no_tests_of_what_it_was(editor: Editor) -> None:
    (editor.root / "shop/cart.py").write_text(MANY)
    editor.trust()
    editor.begin(seconds=60, text=MANY)
    number = editor.client.request(
        "workspace/executeCommand", {"command": "codingAgent.generateTests", "arguments": [editor.uri]}
    )
    editor.verified()
    (editor.root / "shop/cart.py").write_text(MANY.replace("upper", "lower"))
    result = editor.client.reply(number)["result"]
    assert result["applied"] is False
    assert result["seconds"] < 50
    assert editor.edits == []
    assert "cart.py was changed meanwhile" in editor.client.seen("window/showMessage")[-1]["message"]


@needs_sandbox
def test_what_has_no_useful_test_is_said(editor: Editor) -> None:
    (editor.root / "shop/cart.py").write_text("import nothing_of_this_name\n\n\ndef f(x):\n    return x\n")
    editor.trust()
    editor.begin(text=editor.read("shop/cart.py"))
    result = command(editor.client, "generateTests", editor.uri)
    assert (result["file"], result["applied"]) == (None, False)
    assert "nothing_of_this_name" in result["why"]
    message = editor.client.seen("window/showMessage")[-1]
    assert message["type"] == 2
    assert "nothing_of_this_name" in message["message"]


@needs_sandbox
def test_gaps_are_told_and_nothing_is_made(editor: Editor) -> None:
    (editor.root / "tests").mkdir()
    (editor.root / "tests/test_cart.py").write_text(THERE)
    editor.trust()
    editor.begin()
    result = command(editor.client, "testGaps", editor.uri)
    functions = {gap["function"] for gap in result["gaps"]}
    assert functions == {"size", "Cart.add", "Cart.__init__"} & functions
    assert {"size", "Cart.add"} <= functions
    assert "are not tested" in editor.client.seen("window/showMessage")[-1]["message"]
    assert editor.edits == []
    assert editor.read("tests/test_cart.py") == THERE


# Stopping it.


@needs_sandbox
def test_stopping_by_the_progress_keeps_what_is_verified(editor: Editor) -> None:
    (editor.root / "shop/cart.py").write_text(MANY)
    editor.trust()
    editor.begin(seconds=120, text=MANY)
    number = editor.client.request(
        "workspace/executeCommand", {"command": "codingAgent.generateTests", "arguments": [editor.uri]}
    )
    progress = editor.verified()
    jobs = forks(editor.client.process.pid)
    assert jobs, "it is still searching"
    with Watched(*jobs) as watched:
        editor.client.notify("window/workDoneProgress/cancel", {"token": progress["token"]})
        result = editor.client.reply(number)["result"]
        assert watched.left() == set()
    assert result["applied"] is True
    assert result["seconds"] < 60
    assert editor.progress()[-1] == {"kind": "end", "message": "stopped"}
    assert editor.passes("tests/test_cart.py")


@needs_sandbox
def test_the_second_says_that_it_waits_and_can_be_stopped(editor: Editor) -> None:
    (editor.root / "shop/cart.py").write_text(MANY)
    editor.trust()
    editor.begin(seconds=120, text=MANY)

    def asked(*place: Any) -> int:
        command = {"command": "codingAgent.generateTests", "arguments": [editor.uri, *place]}
        return editor.client.request("workspace/executeCommand", command)

    def waits(each: Message) -> bool:
        return "waiting for the tests of cart.py" in (each["value"].get("message") or "")

    first = asked()
    token = editor.verified()["token"]
    second = asked("f1")
    stopped = editor.client.notified("$/progress", waits)["token"]
    editor.client.notify("window/workDoneProgress/cancel", {"token": stopped})
    assert editor.client.reply(second)["error"]["message"] == "it was stopped before its turn came"
    third = asked("f2")
    editor.client.notified("$/progress", waits)
    editor.client.notify("window/workDoneProgress/cancel", {"token": token})
    assert editor.client.reply(first)["result"]["applied"] is True
    # The first may have left it nothing to add; then its reasons and survivors name the function.
    result = editor.client.reply(third)["result"]
    assert "f2" in str(result) + (editor.root / "tests/test_cart.py").read_text()


@needs_sandbox
def test_cancelling_the_request_keeps_what_is_verified(editor: Editor) -> None:
    (editor.root / "shop/cart.py").write_text(MANY)
    editor.trust()
    editor.begin(seconds=120, text=MANY)
    number = editor.client.request(
        "workspace/executeCommand", {"command": "codingAgent.generateTests", "arguments": [editor.uri]}
    )
    editor.verified()
    editor.client.notify("$/cancelRequest", {"id": number})
    assert editor.client.reply(number)["error"]["code"] == CANCELLED
    editor.client.notified("workspace/applyEdit")
    editor.client.notified("window/showMessage", lambda params: "it was stopped" in params["message"])
    assert editor.passes("tests/test_cart.py")


@needs_sandbox
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_nothing_is_left_when_the_editor_leaves(editor: Editor) -> None:
    (editor.root / "shop/cart.py").write_text(MANY)
    editor.trust()
    editor.begin(seconds=120, text=MANY)
    editor.client.request(
        "workspace/executeCommand", {"command": "codingAgent.generateTests", "arguments": [editor.uri]}
    )
    editor.verified()
    with Watched(*children(editor.client.process.pid)) as watched:
        assert editor.client.shutdown() == 0
        assert watched.left() == set()


# Who is asked.


@needs_sandbox
def test_the_user_is_asked_once_what_would_be_run(editor: Editor) -> None:
    editor.begin()
    editor.client.answers[QUESTION] = lambda _: YES
    assert command(editor.client, "generateTests", editor.uri, "size")["applied"] is True
    (asked,) = editor.client.seen(QUESTION)
    for part in (str(editor.root), "sandbox (", "shop.cart", sys.executable):
        assert part in asked["message"]
    assert asked["actions"] == [NO, YES]
    assert command(editor.client, "status")["trusted"] == [str(editor.root)]
    command(editor.client, "testGaps", editor.uri)
    assert len(editor.client.seen(QUESTION)) == 1


@needs_sandbox
@pytest.mark.parametrize("answer", [NO, None], ids=["no", "closed"])
def test_nothing_runs_without_a_yes(editor: Editor, answer: Any) -> None:
    marker = editor.root.parent / "ran"
    code = f"open({str(marker)!r}, 'w').close()\n\n\ndef f(x: int) -> int:\n    return x\n"
    (editor.root / "shop/cart.py").write_text(code)
    editor.begin(text=code)
    editor.client.answers[QUESTION] = lambda _: answer
    with pytest.raises(Refusal, match=f"coding-agent trust {editor.root}") as refused:
        command(editor.client, "generateTests", editor.uri)
    assert refused.value.code == REQUEST_FAILED
    assert not marker.exists()
    with pytest.raises(Refusal, match="not trusted"):
        command(editor.client, "testGaps", editor.uri)
    assert len(editor.client.seen(QUESTION)) == (1 if answer else 2)
    assert editor.edits == []


@needs_sandbox
def test_what_was_cancelled_while_the_user_was_asked_is_not_begun(editor: Editor) -> None:
    def asked(_: Any) -> Any:
        editor.client.notify("window/workDoneProgress/cancel", {"token": "ours"})
        return YES

    editor.begin(seconds=120)
    editor.client.answers[QUESTION] = asked
    params = {"command": "codingAgent.generateTests", "arguments": [editor.uri], "workDoneToken": "ours"}
    answer = editor.client.reply(editor.client.request("workspace/executeCommand", params))
    assert answer["error"]["message"] == "it was stopped before it began"
    assert editor.progress()[-1] == {"kind": "end", "message": "stopped"}
    assert editor.edits == []


def test_an_editor_that_cannot_ask_is_told_how_to_trust(editor: Editor) -> None:
    editor.begin({**PULL, "window": {}})
    with pytest.raises(Refusal, match=f"coding-agent trust {editor.root}"):
        command(editor.client, "generateTests", editor.uri)
    assert editor.client.seen(QUESTION) == []


# What cannot be done.


def test_unsaved_changes_are_said_before_anything_else(editor: Editor) -> None:
    editor.begin()
    editor.client.change(editor.uri, 2, {"text": CART + "\n\ndef more() -> None: ...\n"})
    with pytest.raises(Refusal, match=r"cart\.py has changes that are not saved; save it first") as refused:
        command(editor.client, "generateTests", editor.uri)
    assert refused.value.code == REQUEST_FAILED


@pytest.mark.parametrize("place", [True, 1.5, -1, [], {"start": 1}], ids=repr)
def test_a_place_nobody_agreed_on(editor: Editor, place: Any) -> None:
    editor.begin()
    with pytest.raises(Refusal) as refused:
        command(editor.client, "generateTests", editor.uri, place)
    assert refused.value.code == INVALID_PARAMS


@pytest.mark.parametrize(
    ("name", "place", "said"),
    [
        ("shop/cart.py", "nothing", "there is no function, method or class 'nothing' in cart.py"),
        ("shop/cart.py", 1, "there is no function, method or class at line 2"),
        ("shop/nowhere.py", None, "nowhere.py cannot be read from disk"),
        ("test_cart.py", None, "test_cart.py is no module that tests are made for"),
        ("pyproject.toml", None, "pyproject.toml is no module that tests are made for"),
    ],
)
def test_what_cannot_be_tested(editor: Editor, name: str, place: Any, said: str) -> None:
    (editor.root / "test_cart.py").write_text("def test_nothing(): ...\n")
    editor.trust()
    editor.begin()
    with pytest.raises(Refusal, match=said):
        command(editor.client, "generateTests", editor.client.uri(name), place)


def test_other_ends_of_lines_are_no_change(editor: Editor) -> None:
    (editor.root / "shop/cart.py").write_bytes(CART.replace("\n", "\r\n").encode())
    editor.begin()
    with pytest.raises(Refusal, match="not trusted"):
        command(editor.client, "generateTests", editor.uri)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes")
def test_what_is_no_text_file_is_not_read(editor: Editor) -> None:
    os.mkfifo(editor.root / "pipe.py")
    (editor.root / "latin.py").write_bytes(b"# coding: latin-1\nNAME = '\xe9'\n")
    editor.begin()
    for name, said in (("pipe.py", "is no file of at most"), ("latin.py", "is not UTF-8")):
        with pytest.raises(Refusal, match=said):
            command(editor.client, "generateTests", editor.client.uri(name))


def test_a_home_is_not_asked_for(editor: Editor, tmp_path: Path) -> None:
    (tmp_path / "scratch.py").write_text(CART)
    env = {"XDG_STATE_HOME": str(editor.state), "HOME": str(tmp_path)}
    with Client.start(editor.root, env=env) as client:
        client.initialize(PULL)
        with pytest.raises(Refusal, match=r"which is your home folder; put scratch\.py into a folder of its own"):
            command(client, "generateTests", (tmp_path / "scratch.py").as_uri())
        assert client.seen(QUESTION) == []


def test_a_document_that_is_no_file(editor: Editor) -> None:
    editor.begin()
    editor.client.open("untitled:new.py", CART)
    with pytest.raises(Refusal, match="tests are made for files on disk"):
        command(editor.client, "generateTests")


# Where it is offered.


def lenses(editor: Editor, uri: str) -> list[Message]:
    found = editor.client.call("textDocument/codeLens", {"textDocument": {"uri": uri}})
    return [each for each in found if each["command"]["command"] == "codingAgent.generateTests"]


def test_lenses_stand_above_functions_and_classes(editor: Editor) -> None:
    editor.begin()
    found = lenses(editor, editor.uri)
    names = ["Full", "Cart", "Cart.add", "size"]
    assert [each["command"]["arguments"] for each in found] == [[editor.uri, name] for name in names]
    heads = ("class Full", "class Cart", "def add", "def size")
    assert [each["range"]["end"] for each in found] == [place(CART, head)["end"] for head in heads]
    assert {each["command"]["title"] for each in found} == {"Generate tests"}
    editor.client.change(editor.uri, 2, {"text": f"\n\n{CART}"})
    assert [each["range"]["start"]["line"] for each in lenses(editor, editor.uri)] == [
        each["range"]["start"]["line"] + 2 for each in found
    ]


def test_lenses_can_be_turned_off_alone(editor: Editor) -> None:
    editor.begin(lens={"tests": False})
    found = editor.client.call("textDocument/codeLens", {"textDocument": {"uri": editor.uri}})
    assert {each["command"]["command"] for each in found} == {"codingAgent.showMetrics"}
    editor.client.answers["workspace/configuration"] = lambda _: [{"lens": {"complexity": False}}]
    editor.client.notify("workspace/didChangeConfiguration", {"settings": None})
    editor.client.notified("workspace/codeLens/refresh")
    found = editor.client.call("textDocument/codeLens", {"textDocument": {"uri": editor.uri}})
    assert {each["command"]["command"] for each in found} == {"codingAgent.generateTests"}


def test_nothing_is_offered_in_tests_or_where_the_user_refused(editor: Editor) -> None:
    editor.begin()
    other = editor.client.uri("tests/test_cart.py")
    editor.client.open(other, THERE)
    assert lenses(editor, other) == []
    assert [each for each in actions(editor.client, other, place(THERE, "test_size")) if "tests" in each["title"]] == []
    assert lenses(editor, editor.uri) != []
    editor.trust(False)
    assert lenses(editor, editor.uri) == []
    assert [each for each in actions(editor.client, editor.uri, place(CART, "size")) if "tests" in each["title"]] == []


@pytest.mark.parametrize(
    ("words", "name"),
    [("def size", "size"), ("def add", "Cart.add"), ("class Cart", "Cart"), ("self.items.append(name)", "Cart.add")],
)
def test_an_action_names_what_stands_there(editor: Editor, words: str, name: str) -> None:
    editor.begin()
    action = titled(actions(editor.client, editor.uri, place(CART, words)), "Generate tests")
    assert action["title"] == f"Generate tests for {name}"
    assert action["kind"] == "refactor.generateTests.coding-agent"
    assert action["command"]["arguments"] == [editor.uri, name]
    # VS Code and Neovim resolve whatever has no edit.
    assert editor.client.call("codeAction/resolve", action) == action


def test_inside_of_a_body_only_who_asks_gets_an_action(editor: Editor) -> None:
    """A light bulb that comes by itself would shine on every line."""
    editor.begin()
    cursor = place(CART, "self.items.append")["start"]
    params = {"textDocument": {"uri": editor.uri}, "range": {"start": cursor, "end": cursor}}
    for trigger, expected in ((1, ["Generate tests for Cart.add"]), (2, [])):
        asked = {**params, "context": {"diagnostics": [], "triggerKind": trigger}}
        offered = editor.client.call("textDocument/codeAction", asked)
        assert [each["title"] for each in offered if "tests" in each["title"]] == expected


def test_the_file_has_an_action_of_its_own(editor: Editor) -> None:
    editor.begin()
    start = {"line": 0, "character": 0}
    (action,) = [
        each
        for each in actions(editor.client, editor.uri, {"start": start, "end": start}, ["source"])
        if each["kind"] == "source.generateTests.coding-agent"
    ]
    assert action["command"] == {
        "title": action["title"],
        "command": "codingAgent.generateTests",
        "arguments": [editor.uri],
    }
