"""Turns a rule off in a project's ``pyproject.toml``, touching nothing else of it."""

import re
import tomllib
from collections.abc import Mapping
from typing import cast

from coding_agent.errors import Refused
from coding_agent.text import Edit, Span, apply_edits

_TABLE = re.compile(r"^\[tool\.coding-agent\][ \t]*(?:#.*)?\r?$", re.MULTILINE)
_NEXT = re.compile(r"^\[", re.MULTILINE)
_IGNORE = re.compile(r"^ignore[ \t]*=[ \t]*\[", re.MULTILINE)


def turn_off(text: str, rule: str) -> Edit:
    """The edit of a ``pyproject.toml`` that adds ``rule`` to ``[tool.coding-agent] ignore``.

    Raises: Refused - the file is not TOML, or spells the setting in a way that cannot be extended safely.
    """
    before = _ignored(text)
    if before is None:
        raise Refused("pyproject.toml cannot be read as TOML; mend it first")
    edit = _edit(text, rule)
    if _ignored(apply_edits(text, (edit,))) not in ([*before, rule], [rule, *before]):
        raise Refused(
            f'add "{rule}" to ignore in [tool.coding-agent] of pyproject.toml by hand: it is spelled unusually'
        )
    return edit


def _edit(text: str, rule: str) -> Edit:
    end = "\r\n" if "\r\n" in text else "\n"
    table = _TABLE.search(text)
    if table is None:
        gap = "" if not text else end if text.endswith(("\n", "\r")) else end * 2
        return Edit(Span(len(text), len(text)), f'{gap}[tool.coding-agent]{end}ignore = ["{rule}"]{end}')
    following = _NEXT.search(text, table.end())
    stop = following.start() if following else len(text)
    known = _IGNORE.search(text, table.end(), stop)
    if known is None:
        line = text.find("\n", table.end())
        at = len(text) if line < 0 else line + 1
        return Edit(Span(at, at), f'{end if line < 0 else ""}ignore = ["{rule}"]{end}')
    empty = re.match(r"[\s,]*\]", text[known.end() :])
    return Edit(Span(known.end(), known.end()), f'"{rule}"' + ("" if empty else ", "))


def _ignored(text: str) -> list[str] | None:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    ours = _table(_table(data, "tool"), "coding-agent")
    ignored = ours.get("ignore", [])
    return [str(name) for name in cast("list[object]", ignored)] if isinstance(ignored, list) else None


def _table(data: Mapping[str, object], name: str) -> Mapping[str, object]:
    inner = data.get(name)
    return cast("Mapping[str, object]", inner) if isinstance(inner, Mapping) else {}
