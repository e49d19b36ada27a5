"""Our server and ruff's in the real VS Code, behind the same extension (ours) and in one run.

    python bench/vscode.py --rounds 15
    python bench/vscode.py --rounds 15 --workspace

Ours looks at the whole workspace by default, so that findings are known before a file is opened, which ruff's does not:
that is switched off here, unless ``--workspace`` is given.

Two VS Codes run side by side; rounds take turns between them. Times are taken inside of the page, frame by frame
(16 ms): from a file's text on the screen to its first finding, from the click on a fix to a file without findings,
from the keys to the hover. Cold windows start the server; our server's own start is told apart, by the extension's log.
Needs what `make editors` installs, and `make vsix`.
"""

import argparse
import re
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from editors.code_server import EXTENSION, CodeServer, browser, driver  # noqa: E402
from editors.support import Home  # noqa: E402
from editors.window import Window  # noqa: E402

PROGRAMS = Path(sys.executable).parent
FINDING = {"ours": "    return eval(text)", "ruff": "    return undefined_thing"}
FIXABLE = {"ours": ("eval-used", "literal_eval"), "ruff": ("F401", "Remove unused import")}
FILLER = "\n\n\n".join(
    f'def step_{number}(value: int) -> int:\n    """Return one more."""\n    if value > {number}:\n'
    f"        return value\n    return value + {number}"
    for number in range(60)
)
# One look for each frame: when the text was there, and when what is waited for was.
WATCH = """([shown, wanted, gone]) => new Promise((resolve, reject) => {
    const begun = performance.now();
    let first = null;
    const look = () => {
        const lines = [...document.querySelectorAll('.editor-instance .view-line')];
        const text = lines.map(line => line.textContent).join('\\n');
        const now = performance.now();
        if (first === null && text.replaceAll('\\u00a0', ' ').includes(shown)) first = now;
        const there = document.querySelector(wanted) !== null;
        if (first !== null && there !== gone) return resolve(now - first);
        if (now - begun > 60000) return reject(new Error('never: ' + wanted));
        requestAnimationFrame(look);
    };
    look();
})"""
MARK = ".editor-instance [class*='squiggly-']"


def text(who: str, number: int, fixable: bool = False) -> str:
    """A module of 360 lines with one finding on its first screen, for one of the two."""
    head = "import ast\nimport os\n" if fixable else "import ast\n"
    body = FINDING["ours"] if who == "ours" or fixable else FINDING["ruff"]
    used = "" if fixable and who == "ruff" else "\nprint(ast, os)\n" if fixable else "\nprint(ast)\n"
    if fixable and who == "ruff":
        body, used = "    return text", "\nprint(ast)\n"
    return f'"""Module {number}: marker_{number}."""\n\n{head}\n\ndef read(text):\n{body}\n{used}\n\n{FILLER}\n'


class Side:
    """One VS Code with one of the servers."""

    def __init__(self, stack: ExitStack, who: str, folder: Path, rounds: int, workspace: bool) -> None:
        self.who, self.folder = who, folder / who
        self.project = self.folder / "project"
        self.project.mkdir(parents=True)
        for number in range(rounds + 1):
            (self.project / f"open_{number}.py").write_text(text(who, number))
            (self.project / f"fix_{number}.py").write_text(text(who, 1000 + number, fixable=True))
        home = Home(self.folder / "home")
        command = {"ours": str(PROGRAMS / "coding-agent"), "ruff": str(PROGRAMS / "ruff")}[who]
        self.code = stack.enter_context(CodeServer([EXTENSION / "coding-agent.vsix"], home.variables))
        arguments = ["serve"] if who == "ours" else ["server"]
        settings = {"codingAgent.command": [command, *arguments], "security.workspace.trust.enabled": False}
        self.code.set({**settings, "codingAgent.diagnostics.workspace": workspace})

    def open(self, pages) -> None:
        self.window = Window(pages.new_page(), self.folder)

    def cold(self, number: int) -> float:
        """Milliseconds from the text on the screen of a new window to the first finding."""
        self.window.page.goto(self.code.url(self.project, self.project / f"open_{number}.py"), wait_until="commit")
        took = self.window.page.evaluate(WATCH, [f"marker_{number}", MARK, False])
        self.window.status()
        return took

    def warm(self, number: int) -> float:
        self.pick(f"open_{number}.py")
        return self.window.page.evaluate(WATCH, [f"marker_{number}", MARK, False])

    def fix(self, number: int) -> float:
        """Milliseconds from the click to a file without findings."""
        self.pick(f"fix_{number}.py")
        self.window.page.evaluate(WATCH, [f"marker_{1000 + number}", MARK, False])
        line = next(
            row
            for row, each in enumerate((self.project / f"fix_{number}.py").read_text().splitlines(), 1)
            if ("eval(" if self.who == "ours" else "import os") in each
        )
        self.window.go_to(line, 15 if self.who == "ours" else 8)
        self.window.fixes()
        row = self.window.sees(".action-widget .monaco-list-row.action", FIXABLE[self.who][1])
        row.click()
        took = self.window.page.evaluate(WATCH, ["", MARK, True])
        self.window.focus()
        self.window.keys("Control+S")
        self.window.page.locator(".tab.active.dirty").first.wait_for(state="detached")
        return took

    def hover(self, number: int) -> float:
        """Milliseconds from the keys to what ours says of a function of the first file, which is shown."""
        lines = (self.project / "open_1.py").read_text().splitlines()
        self.window.go_to(lines.index(f"def step_{number % 3}(value: int) -> int:") + 1, 6)
        self.window.keys("Control+K", "Control+I")
        took = self.window.page.evaluate(WATCH, ["", ".monaco-hover:not(.hidden) .rendered-markdown", False])
        self.window.keys("Escape")
        return took

    def pick(self, name: str) -> None:
        """Open a file by its name, as people do."""
        self.window.keys("Control+P")
        box = self.window.page.locator(".quick-input-widget input").first
        box.wait_for()
        box.fill(name)
        # Files opened before are listed until it has looked for the name.
        self.window.sees(".quick-input-list .monaco-list-row.focused", name)
        self.window.keys("Enter")

    def starts(self) -> list[int]:
        """Milliseconds from each start of the server to its answer to ``initialize``, by the extension's log."""
        return [int(each) for each in re.findall(r"running after (\d+) ms", self.code.log("Coding Agent"))]

    def activation(self) -> int:
        self.window.command("Developer: Show Running Extensions")
        said = self.window.sees(".runtime-extensions-editor .extension", "Coding Agent").inner_text()
        found = re.search(r"Activation: (\d+)ms", said)
        assert found, said
        return int(found[1])


def row(name: str, ours: Sequence[float], ruffs: Sequence[float]) -> str:
    mine, theirs = statistics.median(ours), statistics.median(ruffs) if ruffs else None
    ratio = f"{mine / theirs:.2f}" if theirs else ""
    shown = f"{theirs:.0f}" if theirs is not None else ""
    return f"| {name} | {mine:.0f} | {max(ours):.0f} | {shown} | {f'{max(ruffs):.0f}' if ruffs else ''} | {ratio} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--cold", type=int, default=5, help="new windows for each server")
    parser.add_argument("--workspace", action="store_true", help="let ours look at files that are not open")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-vscode-"))
    took: dict[str, dict[str, list[float]]] = {}
    with ExitStack() as stack:
        sides = [Side(stack, who, folder, given.rounds, given.workspace) for who in ("ours", "ruff")]
        pages = stack.enter_context(browser(stack.enter_context(driver()), folder / "chromium"))
        for side in sides:
            side.open(pages)

        def measure(name: str, number: int) -> None:
            # Who is first takes turns, too.
            for side in sides if number % 2 else reversed(sides):
                side.window.page.bring_to_front()
                took.setdefault(name, {}).setdefault(side.who, []).append(getattr(side, name)(number))

        for number in range(given.cold + 1):
            measure("cold", 0)
            if number == 0:
                took.clear()  # The first window of each compiles the workbench.
        for number in range(1, given.rounds + 1):
            measure("warm", number)
        for number in range(1, given.rounds + 1):
            measure("fix", number)
        ours = sides[0]
        ours.window.page.bring_to_front()
        ours.pick("open_1.py")
        ours.window.sees(".tab.active", "open_1.py")
        ours.window.sees(".codelens-decoration a", "complexity")
        took["hover"] = {"ours": [ours.hover(number) for number in range(given.rounds)], "ruff": []}
        starts, activation = [side.starts() for side in sides], ours.activation()
    names = {
        "warm": "file shown to first finding, warm",
        "cold": "file shown to first finding, cold window",
        "fix": "fix clicked to no finding",
        "hover": "keys to hover",
    }
    print("| milliseconds | ours, median | ours, most | ruff, median | ruff, most | ratio |\n|---|---|---|---|---|---|")
    for name, title in names.items():
        print(row(title, took[name]["ours"], took[name]["ruff"]))
    print(row("of the cold window, the server's own start", *starts))
    print(f"activation of the extension: {activation} ms")
    print(f".vsix: {(EXTENSION / 'coding-agent.vsix').stat().st_size / 1000:.0f} kB")
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
