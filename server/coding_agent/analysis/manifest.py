"""The manifest: all that is to be known of the rules without importing them.

Built from the rules and kept in the cache folder; the server reads it at start-up and imports a
rule when its first node comes up. A changed, added or removed rule file makes a new one.
"""

import ast
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from coding_agent import __version__
from coding_agent.analysis import registry, rules
from coding_agent.analysis.context import Option
from coding_agent.analysis.finding import Severity
from coding_agent.analysis.rule import Kind, Late, Rule

_FORMAT = 2


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule and the family it belongs to. One read from a manifest has no examples, and imports its code late."""

    rule: Rule
    family: str


def listed() -> tuple[Listed, ...]:
    """Every rule, imported."""
    return tuple(Listed(rule, registry.family(rule.name)) for rule in registry.all_rules())


def read(file: Path) -> tuple[Listed, ...] | None:
    """The rules as the manifest ``file`` lists them; None where there is none, or it is not of these rules."""
    try:
        data = json.loads(file.read_bytes())
        if data["stamp"] != stamp():
            return None
        return tuple(_listed(each) for each in data["rules"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def content(known: Iterable[Listed]) -> bytes:
    """What a manifest of these rules holds."""
    rows = [_row(each) for each in known]
    return json.dumps({"stamp": stamp(), "rules": rows}, separators=(",", ":")).encode("ascii")


def stamp() -> str:
    """Tells apart two states of the rules' files, and what else a manifest depends on."""
    seen: list[tuple[str, int, int]] = []
    for folder in (Path(path) for path in rules.__path__):
        for family in sorted(entry.path for entry in os.scandir(folder) if entry.is_dir()):
            for entry in os.scandir(family):
                if entry.name.endswith(".py"):
                    info = entry.stat()
                    seen.append((f"{Path(family).name}/{entry.name}", info.st_size, info.st_mtime_ns))
    return repr((_FORMAT, __version__, sys.version_info[:2], sorted(seen)))


def _row(each: Listed) -> dict[str, object]:
    rule = each.rule
    return {
        "family": each.family,
        "module": rule.check.__module__,
        "name": rule.name,
        "nodes": [node.__name__ for node in rule.nodes],
        "calls": rule.calls,
        "kind": rule.kind.value,
        "severity": int(rule.severity),
        "twins": rule.twins,
        "cwe": rule.cwe,
        "options": rule.options,
        "on": rule.on,
        "budget": rule.budget,
    }


def _listed(row: dict[str, Any]) -> Listed:
    options = cast("dict[str, Option | list[str]]", row["options"])
    rule = Rule(
        name=row["name"],
        check=Late(row["module"]),
        examples=(),
        nodes=tuple(getattr(ast, name) for name in row["nodes"]),
        calls=tuple(row["calls"]),
        kind=Kind(row["kind"]),
        severity=Severity(row["severity"]),
        twins=tuple(row["twins"]),
        cwe=row["cwe"],
        options={key: tuple(value) if isinstance(value, list) else value for key, value in options.items()},
        on=row["on"],
        budget=row["budget"],
    )
    return Listed(rule, row["family"])
