"""What the settings say about rules, checked against the rules that exist, and which rules run.

Apart from the merge, because the start must not import the rules to read the settings.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from coding_agent.settings.layers import Origin, Problem, Source
from coding_agent.settings.merge import RULES, Effective, closest, shown
from coding_agent.settings.options import Settings
from coding_agent.settings.table import kind_of
from coding_agent.workspace.option import Value

DEFAULT = "default"
ALL = "all"
SEVERITY = "severity"
"""The option that every rule has."""
SEVERITIES = ("error", "warning", "information", "hint")


@dataclass(frozen=True, slots=True)
class KnownRule:
    """What the settings have to know about a rule."""

    name: str
    family: str
    on: bool = True
    options: Mapping[str, Value] = field(default_factory=dict[str, Value])
    severity: str = "warning"


def selected(settings: Settings, rules: Iterable[KnownRule]) -> frozenset[str]:
    """Return the names of the rules that run. A rule that is named itself beats its family being ignored."""
    names: set[str] = set()
    for rule in rules:
        wanted = named(rule, settings.select) or (rule.on and DEFAULT in settings.select)
        ignored = named(rule, settings.ignore)
        by_itself = rule.name in settings.select and rule.name not in settings.ignore
        if by_itself or (wanted and not ignored):
            names.add(rule.name)
    return frozenset(names)


def check_rules(effective: Effective, rules: Iterable[KnownRule]) -> tuple[Problem, ...]:
    """Return what the settings say about rules that do not exist, or about options that rules do not have."""
    known = {rule.name: rule for rule in rules}
    names = {*known, *(rule.family for rule in known.values()), DEFAULT, ALL}
    problems: list[Problem] = []
    for key, given in (("select", effective.settings.select), ("ignore", effective.settings.ignore)):
        origin = effective.origins.get(key, Origin(Source.DEFAULT))
        problems += (
            Problem(f'"{name}" in "{key}" of {origin} is no rule and no family{closest(name, names)}', origin, key)
            for name in given
            if name not in names
        )
    for rule, name, value in effective.settings.rules:
        key = f"{RULES}{rule}.{name}"
        origin = effective.origins[key]
        why = _wrong(known, rule, name, value)
        if why:
            problems.append(Problem(f'"{key}" in {origin} is not used: {why}', origin, key))
    return tuple(problems)


def named(rule: KnownRule, names: tuple[str, ...]) -> bool:
    """Whether ``names`` has a rule, its family or all rules."""
    return rule.name in names or rule.family in names or ALL in names


def _wrong(known: Mapping[str, KnownRule], rule: str, name: str, value: Value) -> str | None:
    if rule not in known:
        return f'there is no rule "{rule}"{closest(rule, known)}'
    options = known[rule].options
    if name == SEVERITY:
        return None if value in SEVERITIES else f"expected one of {', '.join(SEVERITIES)}, got {shown(value)}"
    if name not in options:
        return f'the rule "{rule}" has no option "{name}"{closest(name, (*options, SEVERITY))}'
    kind = kind_of(options[name])
    return None if kind_of(value) is kind else f"expected {kind.value}, got {shown(value)}"
