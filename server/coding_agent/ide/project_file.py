"""Turns a rule off in a project's ``pyproject.toml``, touching nothing else of it."""

import re
import tomllib
from collections.abc import Mapping
from typing import cast

from coding_agent.errors import Refused
from coding_agent.text import Edit, Span, apply_edits

_BLANK = r"[ \t]*"
_HEADER = re.compile(
    rf"^{_BLANK}\[{_BLANK}([\"']?)tool\1{_BLANK}\.{_BLANK}([\"']?)coding-agent\2{_BLANK}\]{_BLANK}(?:#.*)?\r?$",
    re.MULTILINE,
)
_NEXT = re.compile(rf"^{_BLANK}\[", re.MULTILINE)
_IGNORE = re.compile(rf"^{_BLANK}([\"']?)ignore\1{_BLANK}={_BLANK}\[", re.MULTILINE)
_BELOW = re.compile(rf"{_BLANK}(?:#.*)?\r?\n({_BLANK})(\]?)")
_EMPTY = re.compile(r"[\s,]*\]")


def turn_off(text: str, rule: str) -> Edit:
    """The edit of a ``pyproject.toml`` that adds ``rule`` to ``[tool.coding-agent] ignore``.

    Raises: Refused - the file is not TOML, ignores the rule already, or spells the setting in a way that cannot be
    extended safely.
    """
    before = _read(text)
    if before is None:
        raise Refused("pyproject.toml cannot be read as TOML; mend it first")
    tool = _table(before, "tool")
    ours = _table(tool, "coding-agent")
    ignored = ours.get("ignore", [])
    known = cast("list[object]", ignored) if isinstance(ignored, list) else None
    if known is not None and rule in known:
        raise Refused(f'pyproject.toml has "{rule}" in ignore already; save it')
    edit = _edit(text, rule)
    wanted = {**before, "tool": {**tool, "coding-agent": {**ours, "ignore": [rule, *(known or ())]}}}
    # Proved by reading the result: the list has one more name, and nothing else differs.
    if known is None or _read(apply_edits(text, (edit,))) != wanted:
        raise Refused(
            f'add "{rule}" to ignore in [tool.coding-agent] of pyproject.toml by hand: it is spelled unusually'
        )
    return edit


def _edit(text: str, rule: str) -> Edit:
    end = "\r\n" if "\r\n" in text else "\n"
    table = _HEADER.search(text)
    if table is None:
        gap = "" if not text else end if text.endswith("\n") else end * 2
        return Edit(Span(len(text), len(text)), f'{gap}[tool.coding-agent]{end}ignore = ["{rule}"]{end}')
    following = _NEXT.search(text, table.end())
    # What follows is looked for line by line, so a list in the table that begins a line ends the search early.
    known = _IGNORE.search(text, table.end(), following.start() if following else len(text))
    if known is not None:
        return _longer(text, known.end(), rule, end)
    line = text.find("\n", table.end())
    at = len(text) if line < 0 else line + 1
    return Edit(Span(at, at), f'{end if line < 0 else ""}ignore = ["{rule}"]{end}')


def _longer(text: str, start: int, rule: str, end: str) -> Edit:
    """Put the name first in the list whose bracket ends at ``start``, on a line of its own where the others are."""
    below = _BELOW.match(text, start)
    if below is None:
        return Edit(Span(start, start), f'"{rule}"' + ("" if _EMPTY.match(text, start) else ", "))
    at = below.start(1)
    indent = below[1] if not below[2] else below[1] + "    "
    return Edit(Span(at, at), f'{indent}"{rule}",{end}')


def _read(text: str) -> Mapping[str, object] | None:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _table(data: Mapping[str, object], name: str) -> Mapping[str, object]:
    inner = data.get(name)
    return cast("Mapping[str, object]", inner) if isinstance(inner, Mapping) else {}
