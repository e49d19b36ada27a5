"""Plays scenarios in the real Neovim, set up as our page says."""

import json
import subprocess
from pathlib import Path

from editors.support import ROOT, Home, blocks

SCENARIOS = Path(__file__).parent / "neovim"
PLUGIN = ROOT / "editors/neovim"
PAGE = "docs/editors/neovim.md"


def set_up(block: int = 0) -> str:
    """Return the Lua that users are told to put into their init.lua, with this checkout's path."""
    return blocks(PAGE)[block].replace("/path/to/coding-agent", str(ROOT))


def started(nvim: Path, file: Path, home: Home, **variables: str) -> tuple[list[str | Path], dict[str, str]]:
    """Return the command that opens ``file``, and the environment it wants."""
    runtime = nvim.resolve().parents[1] / "share/nvim/runtime"
    environment = {
        **home.variables,
        "SETUP": set_up(),
        **({"VIMRUNTIME": str(runtime)} if runtime.is_dir() else {}),
        **variables,
    }
    return [nvim, "--headless", "--clean", "-u", SCENARIOS / "init.lua", file], environment


def play(nvim: Path, scenario: str, file: Path, **variables: str) -> dict:
    """Open ``file`` in Neovim, run a scenario, return what it saw."""
    home = Home(file.parent.parent / "home")
    result = home.folder / "result.json"
    command, environment = started(nvim, file, home, RESULT=str(result), **variables)
    command += ["-S", SCENARIOS / f"{scenario}.lua"]
    done = subprocess.run(
        command, env=environment, cwd=file.parent, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=400
    )
    assert result.is_file(), done.stdout + done.stderr
    told = json.loads(result.read_text(encoding="utf-8", errors="replace"))
    log = home.folder / ".local/state/nvim/lsp.log"
    said = log.read_text(encoding="utf-8", errors="replace")[-4000:] if log.is_file() else ""
    assert "failed" not in told, f"{told['failed']}\n{done.stderr}\n{said}"
    return told["saw"]
