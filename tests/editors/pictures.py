"""Write the pictures of the extension's page and walkthrough, taken of the real VS Code.

python tests/editors/pictures.py     # after `make editors`, which installs what it needs
"""

import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PIL import Image

from editors.code_server import EXTENSION, CodeServer, browser, build_extension, driver
from editors.support import Home
from editors.window import Window

PRICES = '''\
def price(weight: float, country: str, *, express: bool = False) -> float:
    """What it costs to send a parcel, in euros."""
    if weight <= 0:
        raise ValueError("a parcel weighs something")
    rate = {"DE": 4.5, "FR": 7.9}.get(country, 14.0)
    if weight > 5:
        rate += 2 * (weight - 5)
    return rate * 1.5 if express else rate


def load(line: str) -> list[float]:
    return eval(line)
'''


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="pictures-"))
    home, project = Home(folder / "home"), folder / "parcels"
    project.mkdir()
    (project / "pyproject.toml").write_text('[project]\nname = "parcels"\nversion = "0"\n')
    file = project / "parcels.py"
    file.write_text(PRICES)
    home.trust(project)
    with (
        CodeServer([build_extension()], home.variables) as code,
        driver() as driven,
        browser(driven, folder / "chromium") as pages,
    ):
        code.set({
            "codingAgent.command": [str(home.folder / "bin/coding-agent")],
            "codingAgent.interpreter": sys.executable,
            "security.workspace.trust.enabled": False,
            "window.commandCenter": False,
            "workbench.layoutControl.enabled": False,
        })  # fmt: skip
        page = pages.new_page()
        page.set_viewport_size({"width": 900, "height": 480})
        window = Window(page, folder)
        window.go(code.url(project, file))
        window.keys("Control+B")
        window.sees(".codelens-decoration a", "Generate tests")
        window.sees(".squiggly-warning")
        window.go_to(12, 13)
        window.fixes()
        window.shot("step-finding")
        window.keys("Escape")
        window.go_to(2, 5)
        window.command("Coding Agent: Generate Tests")
        window.message("Take this")
        window.keys("Control+1")
        window.page.wait_for_function("getComputedStyle(document.querySelector('.notification-toast')).opacity == 1")
        window.shot("step-tests")
    for name in ("step-finding", "step-tests"):
        # Few colours are enough, and make a third of the size.
        Image.open(folder / f"{name}.png").convert("RGB").quantize(32).save(
            EXTENSION / f"images/{name}.png", optimize=True
        )
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
