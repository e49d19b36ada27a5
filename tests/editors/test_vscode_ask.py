"""Questions about the code in the real VS Code: a list with previews, similar code, an explanation with its picture."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from editors.code_server import CodeServer
from editors.support import BILL, CHARGE, eventually, write

pytestmark = pytest.mark.editor

PICK = ".quick-input-widget"
SHOP = f"""import charge


{BILL}

def check_out(card):
    return charge.charge_card(card, 1, "EUR")
"""


@pytest.fixture
def file(project: Path) -> Path:
    (project / "charge.py").write_text(CHARGE, "utf-8")
    return write(project, SHOP)


def test_questions_about_the_code(window: Any, code: CodeServer, project: Path, file: Path):
    from playwright.sync_api import Error

    window.go(code.url(project, file))
    window.sees(".codelens-decoration a", "Generate tests")
    # A question, for which the index is made at once; what is wrong with it is said above the list.
    window.command("Coding Agent: Search the Code")
    window.sees(f"{PICK} input")
    window.type("kind:lambda money")
    window.sees(f"{PICK} .quick-input-title", "there is no kind 'lambda'")
    window.keys("Control+A")
    window.type("money from a card")
    window.sees(f"{PICK} .monaco-list-row", "charge_card")
    # Its file is shown before anything is chosen, and the one before when nothing is.
    window.shows("Take money from a card.")
    window.shot("search")
    window.keys("Escape")
    window.sees_none(PICK, "charge_card")
    window.shows("def bill(person, total, unit):")
    # Similar code, by its lens.
    window.sees(".codelens-decoration a", "Similar code (1)").click()
    row = window.sees(f"{PICK} .monaco-list-row", "charge_card").inner_text()
    assert "charge.py:1" in row
    assert "% alike" in row
    window.shows("Take money from a card.")
    window.shot("similar")
    window.keys("Enter")
    window.sees_none(PICK, "charge_card")
    window.sees(".tab.active", "charge.py")
    # An explanation with its picture, which leads back to the code.
    window.go_to(3, 5)
    window.command("Coding Agent: Explain")

    def drawn() -> Any:
        for frame in window.page.frames:
            with suppress(Error):  # Frames come and go while a preview is made.
                image = frame.locator("img[alt='charge_card']")
                if image.count() and image.first.evaluate("each => each.naturalWidth") > 300:
                    return frame
        return None

    frame = eventually("the picture", drawn)
    window.shot("explanation")
    said = frame.locator("body").inner_text()
    for expected in ("charge_card (charge.py:1)", "Take money from a card.", "Called by", "check_out", "Similar code"):
        assert expected in said
    frame.locator("a", has_text="check_out").first.click()
    window.sees(".tab.active", file.name)
