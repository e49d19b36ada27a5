"""Show the page of one rule: what it finds, why, its examples and its fix."""

from argparse import ArgumentParser, Namespace
from typing import cast

from coding_agent.analysis.registry import family, page, rule
from coding_agent.cli.exits import Exit
from coding_agent.cli.outside import Outside
from coding_agent.report.rule_page import rule_page


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(given: Namespace, outside: Outside) -> int:
    said = cast("dict[str, str]", vars(given))
    name = said["name"]
    text = rule_page(rule(name), family(name), page(name))
    if said["format"] == "json":
        import json

        from coding_agent.cli.commands.rules import described

        outside.say(json.dumps({**described(name), "page": text}, indent=1))
    else:
        outside.out.write(text)
    return Exit.CLEAN
