"""No rule may slow a keystroke: what each executes over real code is counted in lines, which no machine changes."""

import sys
import sysconfig
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from coding_agent.analysis.file import Analyser
from coding_agent.analysis.registry import all_rules
from coding_agent.analysis.rule import Kind
from coding_agent.analysis.ruleset import Enabled, RuleSet, Selection, select
from coding_agent.ide.check import check_text

MODULES = ("argparse", "socket", "subprocess", "typing")
ALL_RULES = 50_000
"""What all rules together may cost for a thousand lines: about a third of parsing them."""


class Counting(Enabled):
    """A rule whose lines are counted while it looks."""

    def __init__(self, of: Enabled, lines: "Counter[str]") -> None:
        super().__init__(of.rule, of.severity, of.options)
        self._check = of.check
        self._lines = lines
        self.loaded = self._counted

    def _counted(self, *given: object) -> list[Any]:
        def trace(frame: FrameType, event: str, _: object) -> Any:
            self._lines[self.rule.name] += event == "line"
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            found: Iterable[Any] = self._check(*given)
            return list(found)
        finally:
            sys.settrace(before)


@cache
def costs() -> dict[str, float]:
    """Lines executed by each rule for a thousand lines of the modules."""
    lines: Counter[str] = Counter()
    rules = all_rules()
    every = select(rules, Selection(more=tuple(rule.name for rule in rules)))
    size = 0
    for module in MODULES:
        text = (Path(sysconfig.get_path("stdlib")) / f"{module}.py").read_text("utf-8")
        size += text.count("\n")
        check_text(f"{module}.py", text, Analyser(RuleSet(Counting(each, lines) for each in every.enabled)))
    return {rule.name: 1000 * lines[rule.name] / size for rule in rules}


@pytest.mark.parametrize(
    "rule", [rule for rule in all_rules() if rule.kind in (Kind.PIECE, Kind.SIBLINGS)], ids=lambda rule: rule.name
)
def test_a_rule_keeps_to_its_budget(rule: Any) -> None:
    assert costs()[rule.name] <= rule.allowed_cost()


def test_all_rules_together_keep_to_theirs() -> None:
    assert 0 < sum(costs().values()) <= ALL_RULES
