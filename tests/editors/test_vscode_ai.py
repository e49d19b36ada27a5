"""A model asked from the real VS Code, over an endpoint whose answers are written down."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("openai")

from editors.code_server import CodeServer, usual
from editors.model import BAG, CHANGED, KEY, MESSAGE, REMARK, changed, endpoint
from editors.support import Home, need_sandbox
from support.llama import Llama, llama  # noqa: F401 - a fixture
from support.scripted import Scripted

pytestmark = pytest.mark.editor

PICK = ".quick-input-widget"
BOX = ".scm-editor"
HOVER = ".monaco-hover:not(.hidden)"
PROBLEM = ".markers-panel .monaco-list-row"
EDITOR = ".editor-instance .monaco-editor"


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    with endpoint() as peer:
        yield peer


@pytest.fixture
def file(project: Path) -> Path:
    """A file with changes, in a project that names an endpoint of its own."""
    (project / ".vscode").mkdir()
    (project / "bag.py").write_text(BAG)
    theirs = {"codingAgent.ai.baseUrl": "http://127.0.0.1:9/v1", "codingAgent.ai.model": "theirs"}
    (project / ".vscode/settings.json").write_text(json.dumps(theirs))
    return changed(project)


def test_a_model_is_asked(
    window: Any, code: CodeServer, project: Path, file: Path, scripted: Scripted, home_of_all: Home
):
    need_sandbox()
    home_of_all.trust(project)
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
    window.sees(HOVER, f"Asks {scripted.model} at {host}")
    # An explanation is there as it comes. Who stops it ends the call.
    begun, end = "The price of each item", "takes from the card"
    explain(window)
    window.page_with("buy (cart.py:6)", begun)
    window.answer("Explain with AI", "Cancel")
    scripted.wait(lambda: scripted.requests[-1].left, "client that leaves")
    window.page_with(begun, "Stopped.")
    # The hover of a definition leads there, too.
    window.hover(6, 5, "Explain with AI")
    window.shot("ai-hover")
    window.page.locator(f"{HOVER} a", has_text="Explain with AI").first.click()
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
    row = window.sees(f"{PICK} .monaco-list-row", REMARK["message"]).inner_text()
    assert "cart.py:7" in row
    window.shot("ai-review")
    window.keys("Enter")
    window.sees_none(PICK, REMARK["message"])
    window.sees(f"{EDITOR}.focused")
    # They stand in the code, until somebody dismisses them or edits what they are about.
    assert "coding-agent ai" in window.problems(REMARK["message"])
    window.shot("ai-remark")
    window.go_to(7, 9)
    window.fixes()
    window.take("Dismiss this remark")
    window.sees_none(PROBLEM, REMARK["message"])
    window.command("Coding Agent: Review My Changes with AI")
    window.sees(f"{PICK} .monaco-list-row", REMARK["message"])
    window.keys("Escape")
    window.sees(PROBLEM, REMARK["message"])
    # What a model wrote is an edit once it is accepted.
    window.command("Coding Agent: Refactor with AI")
    window.sees(f"{PICK} input")
    window.type("use sum\n")
    window.message("Take this into cart.py?")
    window.shot("ai-refactor")
    window.answer("Take this into cart.py?", "Accept")
    window.shows("return pay(card, sum(item.price * item.count for item in cart))")
    window.sees_none(PROBLEM, REMARK["message"])
    # The message of the commit stands where it is wanted, and replaces no other without a word.
    window.command("Coding Agent: Write Commit Message with AI")
    window.sees(BOX, MESSAGE["subject"])
    window.shot("ai-commit")
    window.page.locator(f"{BOX} .view-lines").first.click()
    window.keys("Control+A")
    window.type("Mine")
    window.command("Coding Agent: Write Commit Message with AI")
    window.answer("Source Control has a message already", "Open Beside It")
    window.sees(".tab.active", "Untitled-1")
    window.shows(MESSAGE["body"])
    window.sees(BOX, "Mine")
    # A faster function is run before it is offered; the status item says what all of it took.
    window.go(code.url(project, project / "bag.py"))
    window.sees(".codelens-decoration a", "Generate tests")
    window.go_to(1, 5)
    window.command("Coding Agent: Optimise with AI")
    assert " x as fast on " in window.message("Take this into bag.py?").inner_text()
    window.shot("ai-optimise")
    window.answer("Take this into bag.py?", "Accept")
    window.shows("return list(dict.fromkeys(values))")
    window.status().hover()
    window.sees(HOVER, "Today: ")
    window.shot("ai-spent")
    window.command("Coding Agent: Show AI Status")
    window.message("Today: ")
    window.shot("ai-status")
    logs = [*code.data.glob("logs/**/*.log")]
    assert logs
    assert not any(KEY in log.read_text("utf-8", "replace") for log in logs)


def explain(window: Any) -> None:
    window.go_to(6, 5)
    window.command("Coding Agent: Explain with AI")


@pytest.mark.soak
def test_a_real_model_is_asked(
    window: Any,
    code: CodeServer,
    project: Path,
    file: Path,
    llama: Llama,  # noqa: F811
    home_of_all: Home,
):
    """llama.cpp, whose model says noise: it is shown as it comes, and nothing of it is an edit."""
    ours = {"codingAgent.ai.baseUrl": llama.url, "codingAgent.ai.model": llama.model}
    code.set(usual(home_of_all, **ours))
    window.go(code.url(project, file))
    window.sees(".codelens-decoration a", "Generate tests")
    window.command("Coding Agent: Set AI Key")
    window.sees(f"{PICK} input[type='password']")
    window.type(f"{llama.key}\n")
    window.message("is kept")
    explain(window)
    page = window.page_with("buy (cart.py:6)", "1,500 tokens")
    assert len(page.locator("body").inner_text()) > 1000
    window.focus()
    window.command("Coding Agent: Refactor with AI")
    window.sees(f"{PICK} input")
    window.type("use sum\n")
    window.message(f"{llama.model} did not answer in the form that was asked for, twice")
    assert file.read_text() == CHANGED
    llama.wait_until_idle()
