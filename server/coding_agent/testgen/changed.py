"""Which functions of a module changed, by what they say, not by where they stand."""

import ast
from collections import defaultdict

from coding_agent.testgen.signatures import functions


def changed(before: str | None, now: str) -> tuple[str, ...]:
    """Return the functions and methods, by their qualified names, that are new or other than before.

    All that have one name (overloads, a property's setter) count as one. Comments, blank lines and places do not count;
    what does not parse has none.
    """
    old = _texts(before) if before is not None else {}
    return tuple(name for name, texts in _texts(now).items() if old.get(name) != texts)


def _texts(source: str) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, node in functions(source):
        found[name].append(ast.dump(node))
    return found
