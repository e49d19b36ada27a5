"""Changed functions that no test calls, as text and JSON."""

import json as jsonlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from coding_agent.ide.changed import Untested


def text(found: Sequence[Untested], shown: Callable[[Path], str]) -> str:
    """Return it for people."""
    return "".join(f"{line}\n" for line in _lines(found, shown))


def json(found: Sequence[Untested], shown: Callable[[Path], str]) -> str:
    """Return it for programs."""
    data = [
        {
            "source": shown(each.source),
            "changed": list(each.changed),
            "untested": [{"function": name, "line": line} for name, line in each.functions],
            "patch": each.patch,
            "why": each.why,
        }
        for each in found
    ]
    return jsonlib.dumps(data, indent=1) + "\n"


def _lines(found: Sequence[Untested], shown: Callable[[Path], str]) -> Iterator[str]:
    for each in found:
        for name, line in each.functions:
            yield f"{shown(each.source)}:{line}: {name} changed and no test calls it"
        if each.why:
            yield f"{shown(each.source)}: {each.why}"
    if not any(each.functions or each.failed for each in found):
        many = sum(len(each.changed) for each in found)
        yield (
            f"tests call all that changed ({many} function{'s' if many != 1 else ''})"
            if many
            else "no function changed"
        )
