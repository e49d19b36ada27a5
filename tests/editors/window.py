"""A window of VS Code: every method is something that a person does or sees, and waits for the result."""

import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Error, Frame, Locator, Page, TimeoutError

from editors.install import cache
from editors.support import eventually

PATIENCE = float(os.environ.get("EDITORS_PATIENCE") or 150)
"""Seconds before a wait fails: a loaded machine is slow, not broken."""
PICTURES = Path(os.environ.get("EDITORS_PICTURES") or cache() / "pictures")
"""What the windows looked like, for people to look at."""
EDITOR = ".editor-instance .monaco-editor"


class Window:
    """``shots`` is a folder for pictures of it; ``log`` answers what a channel of its extension says, ``data`` is where
    its VS Code keeps what is the user's, ``set`` writes settings."""

    log: Callable[[str], str]
    data: Path
    set: Callable[[Mapping[str, object]], None]

    def __init__(self, page: Page, shots: Path) -> None:
        page.set_default_timeout(PATIENCE * 1000)
        self.page, self._shots = page, shots

    def shot(self, name: str) -> None:
        self._shots.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(self._shots / f"{name}.png"))

    def go(self, address: str) -> None:
        """Show an address, and wait for the file in it."""
        self.page.goto(address, wait_until="commit")
        self.page.locator(f"{EDITOR} .view-lines").first.wait_for()

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    # What is seen.

    def sees(self, selector: str, text: str | re.Pattern[str] = "") -> Locator:
        """Wait for an element with a text, and return it."""
        found = self.page.locator(selector, **({"has_text": text} if text else {})).first
        found.wait_for()
        return found

    def sees_none(self, selector: str, text: str = "") -> None:
        """Wait until there is no such element."""
        self.page.wait_for_function(
            """([selector, text]) => ![...document.querySelectorAll(selector)].some(
                each => each.offsetParent !== null && each.textContent.replaceAll('\\u00a0', ' ').includes(text))""",
            arg=[selector, text],
        )

    def shows(self, text: str) -> Locator:
        """Wait for a line of the editor that holds a text; VS Code draws spaces that do not break."""
        return self.sees(f"{EDITOR} .view-line", re.compile(r"\s".join(map(re.escape, text.split(" ")))))

    def underlined(self, severity: str = "warning") -> list[dict[str, float]]:
        """The places of what is underlined, in pixels."""
        self.sees(f".squiggly-{severity}")
        boxes = [each.bounding_box() for each in self.page.locator(f".squiggly-{severity}").all()]
        return [dict(box) for box in boxes if box is not None]

    def box_of(self, text: str) -> dict[str, float]:
        """The place of a text in the editor, in pixels."""
        self.shows(text)
        box = self.page.evaluate(
            """([editor, text]) => {
                for (const line of document.querySelectorAll(editor + ' .view-line')) {
                    const walk = document.createTreeWalker(line, NodeFilter.SHOW_TEXT), nodes = [];
                    while (walk.nextNode()) nodes.push(walk.currentNode);
                    const start = nodes.map(node => node.data).join('').replaceAll('\\u00a0', ' ').indexOf(text);
                    if (start < 0) continue;
                    const range = document.createRange();
                    let seen = 0;
                    for (const node of nodes) {
                        const end = seen + node.length;
                        if (start >= seen && start < end) range.setStart(node, start - seen);
                        const stop = start + text.length;
                        if (stop > seen && stop <= end) range.setEnd(node, stop - seen);
                        seen = end;
                    }
                    const { x, y, width, height } = range.getBoundingClientRect();
                    return { x, y, width, height };
                }
                return null;
            }""",
            [EDITOR, text],
        )
        assert box is not None, text
        return box

    def page_with(self, *texts: str) -> Frame:
        """Wait for a Markdown preview with some texts, and return its frame."""

        def found() -> Frame | None:
            for frame in self.page.frames:
                with suppress(Error):  # Frames come and go while a preview is made.
                    said = frame.locator("body").inner_text(timeout=2000)
                    if all(text in said for text in texts):
                        return frame
            return None

        frame = eventually(f"a page with {', '.join(texts)}", found, PATIENCE)
        assert frame is not None
        return frame

    def problems(self, text: str) -> str:
        """Open the Problems panel and return the row with a text."""
        if not self.page.locator(".markers-panel").is_visible():
            self.keys("Control+Shift+M")
        return self.sees(".markers-panel .monaco-list-row", text).inner_text()

    def message(self, text: str) -> Locator:
        """Wait for a notification with a text."""
        return self.sees(".notification-toast", text)

    def message_after(self, settings: Mapping[str, object], text: str) -> None:
        """Change settings while the window is open, and wait for what is said then; on a loaded machine VS Code now and
        then misses that their file was written.
        """

        def said() -> bool:
            self.set(settings)
            try:
                self.page.locator(".notification-toast", has_text=text).first.wait_for(timeout=20_000)
            except TimeoutError:
                return False
            return True

        eventually(text, said, PATIENCE)

    def answer(self, text: str, button: str) -> None:
        """Press a button of a notification; without the mouse, which another message's hover may be under."""
        self.message(text).locator(".monaco-button", has_text=button).first.dispatch_event("click")

    def status(self, text: str | re.Pattern[str] = "Coding Agent") -> Locator:
        """Our item in the status bar."""
        return self.sees(".statusbar-item[id*='coding-agent']", text)

    # What is done.

    def focus(self) -> None:
        """Put the focus into the editor, from wherever it is."""
        self.keys("Control+1")
        self.sees(f"{EDITOR}.focused")

    def go_to(self, line: int, column: int = 1) -> None:
        """Put the cursor somewhere; both count from one, columns in UTF-16 units."""
        self.focus()
        self.keys("Control+G")
        self._quick_input(f":{line}:{column}")
        self.keys("Enter")
        # What it calls a column there counts wide characters in its own way.
        self.sees(".statusbar", f"Ln {line}, Col ")
        self.page.locator(".quick-input-widget").wait_for(state="hidden")
        self.sees(f"{EDITOR}.focused")

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def fixes(self) -> list[str]:
        """Open the menu of quick fixes and return what is in it; who pressed too early reads that there are none, and
        presses again.
        """
        rows = self.page.locator(".action-widget .monaco-list-row.action")
        none = self.page.locator(".monaco-editor-overlaymessage", has_text="No code actions")

        def opened() -> bool:
            self.keys("Control+.")
            try:
                rows.or_(none).first.wait_for(timeout=20_000)
            except TimeoutError:
                return False
            if rows.count():
                return True
            # Else it would be read again, and in the menu the same keys take what is selected.
            self.keys("Escape")
            none.first.wait_for(state="hidden")
            return False

        eventually("the menu of quick fixes", opened, PATIENCE)
        return [each.strip() for each in rows.all_inner_texts()]

    def take(self, title: str) -> None:
        self.sees(".action-widget .monaco-list-row.action", title).click()

    def hover(self, line: int, column: int, text: str) -> str:
        """Show the hover of a place and return it once it holds a text."""
        self.go_to(line, column)
        self.keys("Control+K", "Control+I")
        return self.sees(".monaco-hover:not(.hidden)", text).inner_text()

    def palette(self, words: str) -> list[str]:
        """Open the palette and return what it has for some words."""
        self.keys("F1")
        self._quick_input(">" + words)
        self.picks(words.partition(":")[0])
        return self.page.locator(".quick-input-list .monaco-list-row .label-name").all_inner_texts()

    def command(self, title: str) -> None:
        """Run a command; an editor that is shown only now closes the palette, which is then opened again.

        The row with just that title is taken: one that only begins so stands first where it was run before.
        """
        name = re.compile(rf"^\s*{re.escape(title)}\s*$")
        row = self.page.locator(".quick-input-list .monaco-list-row .label-name", has_text=name).first

        def run() -> bool:
            self.keys("F1")
            box = self.page.locator(".quick-input-widget input").first
            try:
                box.fill(">" + title, timeout=10_000)
                row.click(timeout=20_000)
            except TimeoutError:
                return False
            return True

        eventually(title, run, PATIENCE)

    def picks(self, text: str) -> Locator:
        """Wait for an entry of the list at the top."""
        return self.sees(".quick-input-list .monaco-list-row", text)

    def save(self) -> None:
        """Save, and wait until VS Code calls the file clean."""
        self.sees(".tab.active.dirty")
        self.focus()
        self.keys("Control+S")
        self.page.locator(".tab.active.dirty").first.wait_for(state="detached")

    def _quick_input(self, text: str) -> None:
        box = self.page.locator(".quick-input-widget input").first
        box.wait_for()
        box.fill(text)
