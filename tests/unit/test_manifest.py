"""The manifest says of every rule what the rule says itself."""

from dataclasses import replace
from pathlib import Path

import pytest

from coding_agent.analysis import manifest
from coding_agent.analysis.rule import Rule


def plain(rule: Rule) -> Rule:
    return replace(rule, check=len, examples=())


def test_it_lists_what_the_rules_say(tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_bytes(manifest.content(manifest.listed()))
    read = manifest.read(file)
    assert read is not None
    assert [(each.family, plain(each.rule)) for each in read] == [
        (each.family, plain(each.rule)) for each in manifest.listed()
    ]


def test_it_runs_the_rule_it_lists(tmp_path: Path) -> None:
    from coding_agent.analysis.file import Analyser
    from coding_agent.analysis.ruleset import Selection, select
    from coding_agent.ide.check import check_text

    file = tmp_path / "rules.json"
    file.write_bytes(manifest.content(manifest.listed()))
    rules = [each.rule for each in manifest.read(file) or ()]
    found = check_text(
        "a.py", "def f(x):\n    return eval(x)\n", Analyser(select(rules, Selection(only=("eval-used",))))
    )
    assert [each.rule for each in found.diagnostics] == ["eval-used"]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"stamp": "of another version", "rules": []}', b'{"rules": 3}'])
def test_a_manifest_that_does_not_fit_is_none(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "rules.json"
    file.write_bytes(content)
    assert manifest.read(file) is None
    assert manifest.read(tmp_path / "missing.json") is None
