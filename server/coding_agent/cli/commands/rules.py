"""List the rules: name, how grave, whether on by default, whether it has a fix, and one sentence."""

from argparse import ArgumentParser, Namespace
from typing import cast

from coding_agent.analysis.registry import all_rules, rule
from coding_agent.cli.core import rule_info, rule_infos
from coding_agent.cli.exits import Exit
from coding_agent.cli.outside import Outside
from coding_agent.report.model import SEVERITY_NAMES, RuleInfo


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--family", metavar="NAME", help="only the rules of one family")


def run(given: Namespace, outside: Outside) -> int:
    said = cast("dict[str, str | None]", vars(given))
    infos = [info for info in rule_infos().values() if said["family"] in (None, info.family)]
    if said["format"] == "json":
        import json

        outside.say(json.dumps([described(info.name) for info in infos], indent=1))
    else:
        _table(infos, outside)
    return Exit.CLEAN if infos else Exit.NOTHING


def described(name: str) -> dict[str, object]:
    """Return the facts of a rule as JSON has them. Raises: UnknownName."""
    info, found = rule_info(name), rule(name)
    return {
        "name": info.name,
        "family": info.family,
        "summary": info.summary,
        "severity": SEVERITY_NAMES[info.severity],
        "kind": found.kind.value,
        "on": info.on,
        "fix": info.fixable,
        "cwe": info.cwe,
        "twins": list(info.twins),
        "options": {key: list(value) if isinstance(value, tuple) else value for key, value in found.options.items()},
    }


def _table(infos: list[RuleInfo], outside: Outside) -> None:
    width = max((len(info.name) for info in infos), default=0)
    for family in sorted({info.family for info in infos}):
        outside.say(family)
        for info in infos:
            if info.family == family:
                marks = f"{'fix' if info.fixable else '':3}  {'' if info.on else 'off':3}"
                outside.say(f"  {info.name:{width}}  {SEVERITY_NAMES[info.severity]:11}  {marks}  {info.summary}")
    outside.say(f"{len(all_rules())} rules; coding-agent rule NAME shows the page of one")
