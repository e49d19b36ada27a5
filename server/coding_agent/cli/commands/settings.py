"""Show the settings that count for a file or folder, where each comes from, or the JSON schema of all.

Lowest first: defaults, your config.toml, [tool.coding-agent] in the nearest pyproject.toml, the command line.
An editor's own settings stand above the files; only the server sees them.
"""

import json
from argparse import ArgumentParser, Namespace
from typing import cast

from coding_agent.cli.core import project_for
from coding_agent.cli.exits import Exit
from coding_agent.cli.outside import Outside
from coding_agent.settings.merge import RULES, Effective
from coding_agent.settings.table import table, value_at
from coding_agent.workspace.option import Value


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("path", nargs="?", metavar="PATH", help="file or folder; by default the current folder")
    parser.add_argument("--origin", action="store_true", help="say where each value comes from")
    parser.add_argument("--schema", action="store_true", help="print the JSON schema")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(given: Namespace, outside: Outside) -> int:
    said = cast("dict[str, object]", vars(given))
    project = project_for(outside.absolute(cast("str | None", said["path"]) or "."), outside)
    if said["schema"]:
        from coding_agent.settings.schema import json_schema

        outside.say(json.dumps(json_schema(project.rules), indent=2))
        return Exit.CLEAN
    rows = _rows(project.effective)
    if said["format"] == "json":
        shown = {key: {"value": value, "origin": origin} for key, value, origin in rows}
        outside.say(json.dumps({"settings": shown, "problems": list(project.problems())}, indent=1))
    else:
        width = max(len(f"{key} = {_toml(value)}") for key, value, _ in rows) if said["origin"] else 0
        for key, value, origin in rows:
            line = f"{key} = {_toml(value)}"
            outside.say(f"{line:{min(width, 60)}}  # {origin}" if said["origin"] else line)
    for problem in project.problems():
        outside.warn(f"coding-agent: {problem}")
    return Exit.USAGE if project.problems() else Exit.CLEAN


def _rows(effective: Effective) -> list[tuple[str, Value, str]]:
    """Return key, value and origin of every setting, those of rules behind the others."""
    rows = [
        (option.key, value_at(effective.settings, option.key), str(effective.origins[option.key])) for option in table()
    ]
    for rule, name, value in effective.settings.rules:
        key = f"{RULES}{rule}.{name}"
        rows.append((key, value, str(effective.origins[key])))
    return rows


def _toml(value: Value) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)
