"""From settings to the rules that run, beside what ruff reports in the project."""

from pathlib import Path

import pytest

from coding_agent.analysis.finding import Severity
from coding_agent.settings.merge import load
from coding_agent.settings.options import Settings
from coding_agent.settings.ruff import ruff_table
from coding_agent.settings.selection import known_rules, rule_set, selection

EVAL = "eval-used"
"""Has the twin ruff:S307, which ruff reports when it is selected."""


def names(folder: Path | None, **settings: object) -> set[str]:
    made = load(None, None, settings).settings
    return {each.rule.name for each in rule_set(made, known_rules(), folder).enabled}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "ruff.toml").write_text('lint.select = ["E4"]\n')  # Ends the search, and selects no twin of ours.
    return tmp_path


def test_families_and_names(root: Path) -> None:
    security = {rule.name for rule in known_rules() if rule.family == "security"}
    assert names(root, select=["security"]) == security
    assert names(root, select=["security"], ignore=[EVAL]) == security - {EVAL}
    assert names(root, select=["security", EVAL], ignore=["security"]) == {EVAL}
    assert names(root, select=[]) == set()
    assert names(root, select=["all"]) == {rule.name for rule in known_rules()}
    assert names(root) == {rule.name for rule in known_rules() if rule.on}


def test_a_rule_is_silent_beside_its_twin_unless_it_is_named(root: Path) -> None:
    assert EVAL in names(root)
    (root / "ruff.toml").write_text('lint.select = ["S"]\n')
    assert EVAL not in names(root)
    assert EVAL in names(root, select=["default", EVAL])
    assert EVAL in names(root, select=["default", "security"])
    assert EVAL in names(root, analysis={"twins": False})


def test_options_and_severities_reach_the_rule(root: Path) -> None:
    options = {"complex-function": {"max-cognitive": 3, "severity": "error"}, EVAL: {"severity": "fatal"}}
    made = load(None, None, {"rules": options}).settings
    rules = rule_set(made, known_rules(), root)
    found = rules.get("complex-function")
    assert found is not None
    assert (found.options["max-cognitive"], found.severity) == (3, Severity.ERROR)
    untouched = rules.get(EVAL)
    assert untouched is not None
    assert untouched.severity is untouched.rule.severity


def test_an_option_of_the_wrong_type_keeps_its_default() -> None:
    made = load(None, None, {"rules": {"complex-function": {"max-cognitive": "many"}}}).settings
    assert selection(made, known_rules()).options == {rule.name: {} for rule in known_rules()}


def test_the_same_settings_give_the_same_key(root: Path) -> None:
    keys = {rule_set(Settings(), known_rules(), root).key for _ in range(2)}
    assert len(keys) == 1


@pytest.mark.parametrize("name", ["ruff.toml", ".ruff.toml"])
def test_ruffs_own_files(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('lint.select = ["S"]\n')
    (tmp_path / "pyproject.toml").write_text('[tool.ruff.lint]\nselect = ["E"]\n')
    (tmp_path / "sub").mkdir()
    assert ruff_table(tmp_path / "sub") == {"lint": {"select": ["S"]}}


def test_the_nearest_pyproject_that_speaks_of_ruff(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.ruff.lint]\nselect = ["E"]\n')
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert ruff_table(tmp_path / "sub") == {"lint": {"select": ["E"]}}
    (tmp_path / "sub/ruff.toml").write_text("[broken")
    assert ruff_table(tmp_path / "sub") == {"lint": {"select": ["E"]}}
