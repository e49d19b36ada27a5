"""Command line and server say the same about one package: while it is open, while it is not, while it is typed."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections import Counter
from pathlib import Path

import pytest

from support.asking import pulled
from support.client import PULL, Client, Message, edit

SEVERITIES = {1: "error", 2: "warning", 3: "information", 4: "hint"}
UTF_32 = {**PULL, "general": {"positionEncodings": ["utf-32"]}}
Found = tuple[str, str, str, str, tuple[int, int], tuple[int, int]]


def copied(package: str, folder: Path, settings: str) -> Path:
    """A package of the standard library with settings of its own."""
    root = folder / "project"
    shutil.copytree(
        Path(sysconfig.get_path("stdlib")) / package, root / package, ignore=shutil.ignore_patterns("__pycache__")
    )
    (root / "pyproject.toml").write_text(settings)
    return root


def said_by_command_line(root: Path, home: Path) -> Counter[Found]:
    env = {**os.environ, **{f"XDG_{name}_HOME": str(home / name) for name in ("STATE", "CACHE", "CONFIG")}}
    command = [sys.executable, "-m", "coding_agent", "check", str(root), "--format", "json"]
    ran = subprocess.run(command, capture_output=True, env=env, check=False, timeout=300)
    assert ran.returncode == 1, ran.stderr.decode()
    told = json.loads(ran.stdout)
    assert told["problems"] == []
    return Counter(
        (
            Path(each["path"]).relative_to(root).as_posix() if Path(each["path"]).is_absolute() else each["path"],
            each["rule"],
            each["severity"],
            each["message"],
            *((each[end]["line"] - 1, each[end]["column"] - 1) for end in ("start", "stop")),
        )
        for each in told["diagnostics"]
    )


def of_server(root: Path, uri: str, items: list[Message]) -> list[Found]:
    return [
        (
            uri.removeprefix(root.as_uri() + "/"),
            item["code"],
            SEVERITIES[item["severity"]],
            item["message"],
            *((item["range"][end]["line"], item["range"][end]["character"]) for end in ("start", "end")),
        )
        for item in items
    ]


@pytest.mark.parametrize(
    ("package", "settings"),
    [
        ("asyncio", '[tool.coding-agent]\nselect = ["all"]\n'),
        # Well-kept code says little by default: a low limit gives both faces something to agree about.
        ("asyncio", "[tool.coding-agent.rules.complex-function]\nmax-cognitive = 15\n"),
    ],
)
def test_one_package(tmp_path: Path, package: str, settings: str) -> None:
    root = copied(package, tmp_path, settings)
    expected = said_by_command_line(root, tmp_path)
    assert len(expected) > 4
    files = sorted((root / package).rglob("*.py"))
    opened, typed, scanned = Counter[Found](), Counter[Found](), Counter[Found]()
    with Client.start(root) as client:
        client.initialize(UTF_32)
        reports = client.call("workspace/diagnostic", {"previousResultIds": []})["items"]
        for report in reports:
            scanned.update(of_server(root, report["uri"], report["items"]))
        for path in files:
            uri, text = path.as_uri(), path.read_bytes().decode("utf-8")
            client.open(uri, text)
            opened.update(of_server(root, uri, pulled(client, uri)["items"]))
            # A line that opens a bracket, and is taken out again, leaves everything as it was.
            middle = text.count("\n") // 2
            client.change(uri, 2, edit((middle, 0), (middle, 0), "x = (\n"))
            pulled(client, uri)
            client.change(uri, 3, edit((middle, 0), (middle + 1, 0), ""))
            typed.update(of_server(root, uri, pulled(client, uri)["items"]))
    assert scanned == expected
    assert opened == expected
    assert typed == expected
