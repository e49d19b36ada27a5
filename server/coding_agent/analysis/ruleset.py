"""The rules that run, ready for dispatch."""

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from coding_agent.analysis.context import Option
from coding_agent.analysis.finding import Severity
from coding_agent.analysis.rule import Kind, Late, Rule

_FAMILY = ".rules.complexity."


class Enabled:
    """A rule that runs, with what the settings say of it."""

    __slots__ = ("loaded", "options", "rule", "severity")

    def __init__(self, rule: Rule, severity: Severity, options: Mapping[str, Option]) -> None:
        self.rule = rule
        self.severity = severity
        self.options = options
        self.loaded: Callable[..., Iterable[Any]] | None = None
        """The rule's code once somebody asked for it; asked on every piece, so no property."""

    @property
    def check(self) -> Callable[..., Iterable[Any]]:
        """The rule's code, imported when first asked for."""
        if self.loaded is None:
            check = self.rule.check
            self.loaded = check.load() if isinstance(check, Late) else check
        return self.loaded


@dataclass(frozen=True, slots=True)
class Selection:
    """What the settings say about rules.

    ``only``, when not empty, are the names that run and nothing else. ``more`` run although
    they are off by default or have a twin; ``off`` never run. ``twin_is_on`` tells whether a
    twin (``ruff:S307``) already reports in this project.
    """

    only: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    options: Mapping[str, Mapping[str, Option]] | None = None
    severities: Mapping[str, Severity] | None = None
    twin_is_on: Callable[[str], bool] = lambda _: False


class RuleSet:
    """Rules by what they want to see.

    ``key`` tells everything here that a result depends on.
    """

    def __init__(self, rules: Iterable[Enabled]) -> None:
        self.enabled: tuple[Enabled, ...] = tuple(sorted(rules, key=lambda each: each.rule.name))
        self.by_node: dict[type[ast.AST], list[Enabled]] = {}
        self.by_call: dict[str, list[int]] = {}
        """Indexes into ``enabled``."""
        self.call_tails: set[str] = set()
        self.siblings: list[Enabled] = []
        self.files: list[Enabled] = []
        for index, each in enumerate(self.enabled):
            rule = each.rule
            if rule.kind is Kind.SIBLINGS:
                self.siblings.append(each)
            elif rule.kind is Kind.FILES:
                self.files.append(each)
            for node in rule.nodes:
                self.by_node.setdefault(node, []).append(each)
            for callee in rule.calls:
                self.by_call.setdefault(callee, []).append(index)
                self.call_tails.add(callee.rpartition(".")[2])
        self.of_size = frozenset(each.rule.name for each in self.enabled if _FAMILY in _module(each.rule.check))
        """The names of the rules that find code too large, which says nothing of code that is kept as it came."""
        self.key = repr([(e.rule.name, e.severity.name, sorted(e.options.items())) for e in self.enabled])

    def get(self, name: str) -> Enabled | None:
        return next((each for each in self.enabled if each.rule.name == name), None)


def _module(check: Callable[..., Iterable[Any]]) -> str:
    return check.module if isinstance(check, Late) else check.__module__


def select(rules: Iterable[Rule], selection: Selection) -> RuleSet:
    """Choose the rules that run."""
    return RuleSet(_enable(rule, selection) for rule in rules if _runs(rule, selection))


def _runs(rule: Rule, selection: Selection) -> bool:
    if rule.name in selection.off:
        return False
    if selection.only:
        return rule.name in selection.only
    if rule.name in selection.more:
        return True
    return rule.on and not any(selection.twin_is_on(twin) for twin in rule.twins)


def _enable(rule: Rule, selection: Selection) -> Enabled:
    own = (selection.options or {}).get(rule.name, {})
    severity = (selection.severities or {}).get(rule.name, rule.severity)
    return Enabled(rule, severity, {**rule.options, **own})
