"""A model asked from the real VS Code, over an endpoint whose answers are written down."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("openai")

from editors.code_server import CodeServer, usual
from editors.support import Home
from support.scripted import Case, Say, Scripted

pytestmark = pytest.mark.editor

PICK = ".quick-input-widget"
BOX = ".scm-editor"
EDITOR = ".editor-instance .monaco-editor"
KEY = "sk-of-somebody-7f3a9"
CART = '''def pay(card, total):
    """Take the money."""
    return card.charge(total)


def buy(cart, card):
    total = sum(item.price for item in cart)
    return pay(card, total)
'''
CHANGED = CART.replace("item.price for", "item.price * item.count for")
FASTER = "def buy(cart, card):\n    return pay(card, sum(item.price * item.count for item in cart))\n"
SAID = "The price of each item is added up (cart.py:7), and that is what `pay` takes from the card."
REMARK = {"path": "cart.py", "line": 7, "severity": "warning", "message": "an empty cart is paid for"}


def of(name: str) -> Any:
    """Whether an answer is wanted whose form has a field."""
    return lambda asked: name in asked.schema.get("properties", {})


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    cases = [
        Case(of("remarks"), json.dumps({"remarks": [REMARK]})),
        Case(of("subject"), '{"subject": "Charge for each piece", "body": "One price is that of one piece."}'),
        Case(of("code"), json.dumps({"code": FASTER, "why": "one name less"})),
        # The one that is stopped, and the one that is read.
        Case("", Say(SAID, hold=4), Say(SAID, hold=8)),
    ]
    with Scripted(cases, key=KEY) as peer:
        yield peer


@pytest.fixture
def file(project: Path) -> Path:
    """A file with changes that are not committed, in a project that names an endpoint of its own."""
    file = project / "cart.py"
    file.write_text(CART)
    (project / ".vscode").mkdir()
    theirs = {"codingAgent.ai.baseUrl": "http://127.0.0.1:9/v1", "codingAgent.ai.model": "theirs"}
    (project / ".vscode/settings.json").write_text(json.dumps(theirs))
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "Sell"],
    ):
        subprocess.run(["git", *command], cwd=project, check=True)
    file.write_text(CHANGED)
    return file


def test_a_model_is_asked(
    window: Any, code: CodeServer, project: Path, file: Path, scripted: Scripted, home_of_all: Home
):
    ours = {"codingAgent.ai.baseUrl": scripted.url, "codingAgent.ai.model": scripted.model, "git.enabled": True}
    code.set(usual(home_of_all, **ours))
    host = urlsplit(scripted.url).netloc
    window.go(code.url(project, file))
    window.sees(".codelens-decoration a", "Generate tests")
    # What would be sent is shown, and nothing is sent. The endpoint is the user's, not the project's.
    window.go_to(6, 5)
    window.command("Coding Agent: Preview What Would Be Sent")
    window.page_with(f"What would be sent to {host}", "item.price * item.count")
    window.shot("ai-preview")
    assert scripted.requests == []
    # Without its key an endpoint refuses; VS Code keeps that, and the server has it at once.
    window.focus()
    window.command("Coding Agent: Explain with AI")
    window.answer("does not accept the key", "Set Key")
    window.sees(f"{PICK} input[type='password']")
    window.type(KEY)
    window.shot("ai-key")
    window.keys("Enter")
    window.message(f"the key for {host} is kept")
    window.status().hover()
    window.sees(".monaco-hover:not(.hidden)", f"Asks {scripted.model} at {host}")
    # An explanation is there as it comes. Who stops it ends the call.
    begun, end = "The price of each item", "takes from the card"
    explain(window)
    window.page_with("buy (cart.py:6)", begun)
    window.answer("Explain with AI", "Cancel")
    scripted.wait(lambda: scripted.requests[-1].left, "client that leaves")
    window.page_with(begun, "Stopped.")
    explain(window)
    page = window.page_with("that is")
    window.shot("ai-explanation-begun")
    assert end not in page.locator("body").inner_text()
    scripted.release()
    page = window.page_with(end, "tokens")
    window.shot("ai-explanation")
    page.locator("a", has_text="cart.py:7").click()
    window.sees(".statusbar", "Ln 7, Col ")
    # Remarks on what was changed, each with its line.
    window.focus()
    window.command("Coding Agent: Review My Changes with AI")
    row = window.sees(f"{PICK} .monaco-list-row", "an empty cart is paid for").inner_text()
    assert "cart.py:7" in row
    window.shot("ai-review")
    window.keys("Enter")
    window.sees_none(PICK, "an empty cart is paid for")
    window.sees(f"{EDITOR}.focused")
    # The message of the commit stands where it is wanted, and replaces no other without a word.
    window.command("Coding Agent: Write Commit Message with AI")
    window.sees(BOX, "Charge for each piece")
    window.shot("ai-commit")
    window.page.locator(f"{BOX} .view-lines").first.click()
    window.keys("Control+A")
    window.type("Mine")
    window.command("Coding Agent: Write Commit Message with AI")
    window.answer("Source Control has a message already", "Open Beside It")
    window.sees(".tab.active", "Untitled-1")
    window.shows("One price is that of one piece.")
    window.sees(BOX, "Mine")
    # What a model wrote is an edit once it is accepted.
    window.go(code.url(project, file))
    window.command("Coding Agent: Refactor with AI")
    window.sees(f"{PICK} input")
    window.type("use sum\n")
    window.message("Take this into cart.py?")
    window.shot("ai-refactor")
    window.answer("Take this into cart.py?", "Accept")
    window.shows("return pay(card, sum(item.price * item.count for item in cart))")
    window.command("Coding Agent: Show AI Status")
    window.message("Today: ")
    window.shot("ai-status")
    logs = [*code.data.glob("logs/**/*.log")]
    assert logs
    assert not any(KEY in log.read_text("utf-8", "replace") for log in logs)


def explain(window: Any) -> None:
    window.go_to(6, 5)
    window.command("Coding Agent: Explain with AI")
