"""Runs the command line in this process, in a world of its own."""

import io
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from coding_agent.cli.main import run
from coding_agent.cli.outside import Outside, tolerant
from coding_agent.store.folders import Folders


@dataclass(frozen=True)
class Ran:
    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode()


class World:
    """A folder with a user's folders beside it; ``project`` is the current directory."""

    def __init__(self, root: Path) -> None:
        self.project = root / "project"
        self.project.mkdir()
        (self.project / ".git").mkdir()  # Ends the search for a root and for settings of this machine.
        self.folders = Folders(root / "config", root / "state", root / "cache")

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def read(self, name: str) -> bytes:
        return (self.project / name).read_bytes()

    def settings(self, text: str) -> Path:
        return self.write("pyproject.toml", f"[tool.coding-agent]\n{text}\n")

    def run(self, *arguments: str, stdin: bytes = b"", variables: Mapping[str, str] | None = None) -> Ran:
        raw, err = io.BytesIO(), io.StringIO(newline="")
        out = tolerant(io.TextIOWrapper(raw, "utf-8"))
        code = run(
            arguments, Outside(self.project, self.folders, io.BytesIO(stdin), out, err, time.time, variables or {})
        )
        out.flush()
        return Ran(code, raw.getvalue(), err.getvalue())
