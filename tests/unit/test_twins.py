"""Which of ruff's rules report in a project; ruff itself is the oracle."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from coding_agent.analysis.twins import RuffConfig, ruff_config, ruff_defaults, twin_is_on
from support import ruff_defaults as generator


def test_the_kept_defaults_are_those_of_the_pinned_ruff() -> None:
    assert generator.KEPT.read_text(encoding="ascii") == generator.current()


def _codes() -> set[str]:
    """The stable rules of the pinned ruff, without two that ruff drops because they contradict others."""
    said = subprocess.run(
        [sys.executable, "-m", "ruff", "rule", "--all", "--output-format", "json"], check=True, capture_output=True
    ).stdout
    stable = {rule["code"] for rule in json.loads(said) if "Stable" in str(rule["status"]) and not rule["preview"]}
    return stable - {"D203", "D213", None}


def _enabled(config: dict[str, list[str]], folder: Path) -> set[str]:
    lines = [f"{name} = {json.dumps(values)}" for name, values in config.items()]
    file = folder / "ruff.toml"
    file.write_text("\n".join(["[lint]", *lines]), encoding="ascii")
    return generator.codes(f"--config={file}")


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"select": []},
        {"select": ["S"]},
        {"select": ["S1", "PL"]},
        {"select": ["ALL"], "ignore": ["S", "PLR09"]},
        {"select": ["ALL", "S307"], "ignore": ["S"]},
        {"select": ["S"], "ignore": ["S"]},
        {"select": ["S30"], "ignore": ["S3", "S307"]},
        {"extend-select": ["S6"]},
        {"extend-select": ["S"], "ignore": ["S3", "F"]},
        {"ignore": ["F4"]},
        {"select": ["C"], "extend-select": ["T"], "ignore": ["C9"]},
        {"extend-select": ["S", "B"], "ignore": ["ALL"]},
    ],
    ids=str,
)
def test_it_agrees_with_ruff(config: dict[str, list[str]], tmp_path: Path) -> None:
    is_on = twin_is_on(ruff_config({"lint": config}))
    stable = _codes()
    assert len(stable) > 700
    assert {code for code in stable if is_on(f"ruff:{code}")} == _enabled(config, tmp_path) & stable


def test_without_a_configuration_the_defaults_hold() -> None:
    is_on = twin_is_on(None)
    assert is_on("ruff:F401")
    assert not is_on("ruff:S307")
    assert "F401" in ruff_defaults()


def test_other_tools_are_never_on() -> None:
    assert not twin_is_on(RuffConfig(select=("ALL",)))("bandit:B307")


def test_the_older_place_counts_and_the_newer_wins() -> None:
    assert ruff_config({"select": ["S"], "ignore": ["S1"]}) == RuffConfig(("S",), (), ("S1",))
    assert ruff_config({"select": ["S"], "lint": {"select": ["B"]}}) == RuffConfig(("B",))


def test_what_is_no_list_of_texts_is_left_out() -> None:
    assert ruff_config({"lint": {"select": "S", "ignore": ["S1", 3]}}) == RuffConfig(None, (), ("S1",))
    assert ruff_config({"lint": "S"}) == RuffConfig()
