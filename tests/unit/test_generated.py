"""What editors and documents say of commands, settings and rules is what the tables say."""

import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "editors"))
import generate  # noqa: E402

from coding_agent.lsp.table import ROWS, Takes  # noqa: E402
from coding_agent.settings.table import table  # noqa: E402


@pytest.mark.parametrize("path", generate.files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_is_written_from_the_tables_is_up_to_date(path: Path) -> None:
    assert path.read_text("utf-8") == generate.files()[path], "python editors/generate.py writes it anew"


def properties() -> dict[str, dict[str, object]]:
    groups = json.loads((ROOT / "editors/vscode/package.json").read_text("utf-8"))["contributes"]["configuration"]
    return {name: schema for group in groups for name, schema in group["properties"].items()}


def test_every_option_is_a_setting_of_vscode_with_the_servers_default() -> None:
    given = properties()
    for option in table():
        name = "codingAgent." + re.sub(r"-(\w)", lambda found: found[1].upper(), option.key)
        default = list(option.default) if isinstance(option.default, tuple) else option.default
        assert given.pop(name)["default"] == default
    assert set(given) == {"codingAgent.command", "codingAgent.package", "codingAgent.trace.server", "codingAgent.rules"}


def test_what_names_programs_is_the_users_alone() -> None:
    manifest = json.loads((ROOT / "editors/vscode/package.json").read_text("utf-8"))
    restricted = manifest["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]
    assert {"codingAgent.command", "codingAgent.package", "codingAgent.interpreter", "codingAgent.sandbox.mode"} <= {
        *restricted
    }
    for name, schema in properties().items():
        assert (schema["scope"] == "machine") is (name in restricted)


MENTIONED = re.compile(r"codingAgent\.(\w+(?:\.\w+)*)")
SOURCES = [
    *(ROOT / "editors").rglob("*.ts"), *(ROOT / "editors").rglob("*.lua"), *(ROOT / "editors").rglob("*.md"),
    *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests/editors").rglob("*.*"), ROOT / "README.md",
]  # fmt: skip


def test_names_that_are_spoken_of_exist() -> None:
    known = {row.name for row in ROWS} | {own.name for own in generate.OWN}
    known |= {name.removeprefix("codingAgent.") for name in properties()} | {"running", "generated", "status", "editor"}
    known |= {name.rpartition(".")[0] for name in known}
    wrong: dict[str, set[str]] = {}
    for path in SOURCES:
        if "node_modules" not in path.parts and path.suffix in (".ts", ".lua", ".md", ".py", ".el", ".json"):
            names = set(MENTIONED.findall(path.read_text("utf-8")))
            if unknown := {name for name in names if name not in known and name.partition(".")[0] != "rules"}:
                wrong[path.relative_to(ROOT).as_posix()] = unknown
    assert wrong == {}


def test_words_of_commands_can_be_typed_and_are_told_apart() -> None:
    words = [row.word for row in ROWS]
    assert len(set(words)) == len(words)
    assert all(re.fullmatch("[a-z]+(-[a-z]+)?", word) for word in words)
    assert {row.takes for row in ROWS if row.runs} <= {Takes.FILE, Takes.PLACE}
