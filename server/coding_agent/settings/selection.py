"""From settings to the rules that run, as `analysis.ruleset` takes them."""

from collections.abc import Callable, Iterable
from pathlib import Path

from coding_agent.analysis.finding import Severity
from coding_agent.analysis.manifest import Listed, listed
from coding_agent.analysis.ruleset import RuleSet, Selection, select
from coding_agent.analysis.twins import ruff_config, twin_is_on
from coding_agent.settings.options import Settings
from coding_agent.settings.ruff import ruff_table
from coding_agent.settings.rules import DEFAULT, SEVERITIES, SEVERITY, KnownRule, named, selected
from coding_agent.workspace.option import Value

_NOTHING = ("",)
"""A name no rule has: an empty ``only`` would mean that nothing was chosen."""


def known_rules(rules: Iterable[Listed] | None = None) -> tuple[KnownRule, ...]:
    """Return what the settings have to know about the rules that exist; without a list, all are imported."""
    return tuple(
        KnownRule(rule.name, family, rule.on, dict(rule.options), rule.severity.name.lower())
        for rule, family in ((each.rule, each.family) for each in (listed() if rules is None else rules))
    )


def rule_set(
    settings: Settings, rules: Iterable[KnownRule], folder: Path | None, exist: Iterable[Listed] | None = None
) -> RuleSet:
    """Return the rules that run in a folder; both faces ask here, so that they find the same.

    ``folder`` is where the configuration of ruff is looked for; None is a file outside of all folders. ``exist`` are
    the rules, where they are not to be imported.
    """
    table = ruff_table(folder) if folder else None
    every = (each.rule for each in (listed() if exist is None else exist))
    return select(every, selection(settings, rules, twin_is_on(ruff_config(table) if table else None)))


def selection(
    settings: Settings, rules: Iterable[KnownRule], reported: Callable[[str], bool] = lambda _: False
) -> Selection:
    """Return which rules run and how. ``reported`` says whether a twin already reports in this project.

    A rule that is named, itself or by its family, runs beside its twin; one that is only on by default does not.
    """
    rules = tuple(rules)
    wanted = selected(settings, rules)
    off = tuple(rule.name for rule in rules if rule.name not in wanted)
    asked = tuple(rule.name for rule in rules if rule.name in wanted and named(rule, settings.select))
    by_default = DEFAULT in settings.select
    return Selection(
        only=() if by_default else (tuple(sorted(wanted)) or _NOTHING),
        more=asked,
        off=off,
        options=_options(settings, rules),
        severities=_severities(settings),
        twin_is_on=reported if settings.analysis.twins else lambda _: False,
    )


def _options(settings: Settings, rules: Iterable[KnownRule]) -> dict[str, dict[str, Value]]:
    """Return the options that fit; what `check_rules` complains about is not among them."""
    return {
        rule.name: {
            name: value
            for name, value in settings.of_rule(rule.name).items()
            if name in rule.options and type(value) is type(rule.options[name])
        }
        for rule in rules
    }


def _severities(settings: Settings) -> dict[str, Severity]:
    return {
        rule: Severity[value.upper()]
        for rule, name, value in settings.rules
        if name == SEVERITY and isinstance(value, str) and value in SEVERITIES
    }
