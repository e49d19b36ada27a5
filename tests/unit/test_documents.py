"""What the documents say is what the code does."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from coding_agent.ai.endpoint import endpoint
from coding_agent.analysis.registry import modules
from coding_agent.cli.main import COMMANDS
from coding_agent.settings.merge import load
from coding_agent.settings.table import table

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page
    for folder in (ROOT / "docs", ROOT / "editors")
    for page in folder.rglob("*.md")
    if "node_modules" not in page.parts
) + sorted(ROOT.glob("*.md"))
HELP = ROOT / "editors/neovim/doc/coding_agent.txt"


def shown(value: object) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def test_the_table_of_settings_is_the_codes_own():
    said = [line for line in (ROOT / "docs/settings.md").read_text().splitlines() if line.startswith("| `")]
    assert said == [f"| `{o.key}` | `{shown(o.default)}` | {o.scope.value} | {o.description} |" for o in table()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path):
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", [*PAGES, HELP], ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_are_named_exist(page: Path):
    named = set(re.findall(r"(?:`|^ *|\$ |run: )coding-agent ([a-z]+)", page.read_text(), re.MULTILINE))
    assert named - COMMANDS.keys() == set()


def test_the_pins_hold_names_and_versions_only():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert [line for line in lines if not re.fullmatch(r"#.*|[\w.-]+==[\w.]+", line)] == []


def test_neovim_is_set_up_alike_on_every_page():
    """What the page of `docs/` says is what the tests in the real Neovim do."""
    pages = (ROOT / "docs/editors/neovim.md", ROOT / "README.md", ROOT / "editors/neovim/README.md", HELP)
    lines = ("vim.opt.runtimepath:append('/path/to/coding-agent/editors/neovim')", "vim.lsp.enable('coding_agent')")
    for page in pages:
        said = [line.strip() for line in page.read_text("utf-8").splitlines()]
        assert lines in pairwise(said), page


def test_the_help_page_has_a_tag_for_each_of_its_chapters():
    text = HELP.read_text()
    tags = set(re.findall(r"\*([\w.-]+)\*", text))
    assert set(re.findall(r"\|(coding_agent[\w-]*)\|", text)) <= tags


@pytest.mark.parametrize("page", [*PAGES, HELP], ids=lambda page: str(page.relative_to(ROOT)))
def test_rules_that_are_named_exist(page: Path):
    named = re.findall(r"coding-agent: allow(?:-file)? ([a-z-]+)|ignore = [\[{] ?[\"']([a-z-]+)", page.read_text())
    assert {name for pair in named for name in pair if name} - modules().keys() == set()


@pytest.mark.parametrize("page", ["README.md", "docs/ai.md"])
def test_models_are_set_up_in_three_lines(page: str, tmp_path: Path):
    """Each block of settings that names an endpoint is one, as it stands there."""
    blocks = [each for each in re.findall(r"```toml\n(.*?)```", (ROOT / page).read_text(), re.DOTALL) if "[ai]" in each]
    assert len(blocks) == 3
    for number, block in enumerate(blocks):
        (tmp_path / "config.toml").write_text(block)
        effective = load(tmp_path / "config.toml", None)
        asked = endpoint(effective.settings.ai.base_url, effective.settings.ai.model)
        assert (block.count("\n"), effective.problems, asked.is_local) == (3, (), number < 2)
