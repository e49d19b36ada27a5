"""What is not loaded before the first findings, because loading it takes longer than finding them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.client import PULL, PUSH, Message, frame

LATE = frozenset(
    {
        *("jedi", "parso", "libcst", "radon", "pydantic", "pydantic_core", "pygls", "lsprotocol"),
        *("cattrs", "attr", "attrs", "diskcache", "openai", "pathspec"),
        *("numpy", "pyarrow", "lancedb", "coding_agent.search"),
        *(
            "coding_agent.testgen",
            "coding_agent.sandbox",
            "coding_agent.ai",
            "coding_agent.assist",
            "httpx2",
            "keyring",
        ),
    }
)
DRIVER = """\
import os, sys
from coding_agent.lsp import wire

def send(self, parts):
    if b"eval-used" in b"".join(parts):
        os.write(2, " ".join(sys.modules).encode())
        os._exit(0)

wire.Writer.send = send
sys.argv = ["coding-agent", "serve"]
from coding_agent.__main__ import main
main()
"""
"""Serves as always, and when the first finding is on its way says on stderr what is loaded."""


def loaded(root: Path, abilities: Message, code: str) -> set[str]:
    """The modules that are loaded when the first finding goes out: others' at the top, ours by room."""
    uri = (root / "a.py").as_uri()
    document = {"uri": uri, "languageId": "python", "version": 1, "text": code}
    folder = {"uri": root.as_uri(), "name": root.name}
    beginning = {"processId": os.getpid(), "capabilities": abilities, "workspaceFolders": [folder]}
    messages = [
        {"id": 1, "method": "initialize", "params": beginning},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": document}},
        {"id": 2, "method": "textDocument/diagnostic", "params": {"textDocument": {"uri": uri}}},
    ]
    sent = b"".join(frame(json.dumps({"jsonrpc": "2.0", **each}).encode()) for each in messages)
    command = [sys.executable, "-c", DRIVER]
    home = {"HOME": str(root), **{f"XDG_{each}_HOME": str(root / each) for each in ("STATE", "CACHE", "CONFIG")}}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **home}) as server:
        assert server.stdin
        assert server.stderr
        server.stdin.write(sent)
        server.stdin.flush()
        # stdin stays open: its end would end the server.
        said = server.stderr.read().decode()
    assert server.returncode == 0, said
    names = said.splitlines()[-1].split()
    return {".".join(name.split(".")[: 2 if name.startswith("coding_agent.") else 1]) for name in names}


@pytest.mark.parametrize("abilities", [PULL, PUSH], ids=["pull", "push"])
def test_first_findings_need_no_heavy_library(tmp_path: Path, abilities: Message) -> None:
    found = loaded(
        tmp_path, abilities, "import tempfile\nx = eval(y)\n" + "def f(a):\n    return a or None\n\n\n" * 300
    )
    assert {"coding_agent", "ast", "asyncio"} <= found, "the list is of the server"
    assert found & LATE == set()


def test_ignore_file_costs_its_reader_only(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("build/\n")
    (tmp_path / "pyproject.toml").write_text(
        "[tool.coding-agent]\nselect = ['all']\n[tool.ruff.lint]\nselect = ['E']\n"
    )
    found = loaded(tmp_path, PULL, "x = eval(y)\n")
    assert found & LATE <= {"pathspec"}
