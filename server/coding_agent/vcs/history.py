"""Where the lines of a file come from, as ``git blame --porcelain`` tells it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_LINE = re.compile(r"(?P<commit>[0-9a-f]{40,64}) \d+ \d+")


@dataclass(frozen=True, slots=True)
class Change:
    """A commit: its hash, when its author made it (seconds since 1970, UTC), who that is, its first line."""

    commit: str
    when: int
    author: str
    summary: str


@dataclass(frozen=True, slots=True)
class History:
    """A file as HEAD has it: its lines without their ends, and the change that each comes from."""

    lines: tuple[str, ...]
    changes: tuple[Change, ...]

    def last(self, lines: Sequence[str]) -> Change | None:
        """The last change of some lines that follow each other; None where HEAD has them otherwise."""
        wanted, count = tuple(lines), len(lines)
        for at in range(len(self.lines) - count + 1) if wanted else ():
            if self.lines[at] == wanted[0] and self.lines[at : at + count] == wanted:
                return max(self.changes[at : at + count], key=lambda change: change.when)
        return None


def read(porcelain: str) -> History:
    """Read what git said."""
    lines: list[str] = []
    changes: list[Change] = []
    known: dict[str, Change] = {}
    for commit, headers, line in _entries(porcelain):
        if commit not in known:
            when = headers.get("author-time", "0")
            known[commit] = Change(
                commit, int(when) if when.isdecimal() else 0, headers.get("author", ""), headers.get("summary", "")
            )
        lines.append(line)
        changes.append(known[commit])
    return History(tuple(lines), tuple(changes))


def _entries(porcelain: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """For each line its commit, what is said of that (once), and the line."""
    commit, headers = "", dict[str, str]()
    for said in porcelain.split("\n"):
        found = _LINE.match(said)
        if said.startswith("\t"):
            yield commit, headers, said[1:].removesuffix("\r")
            commit, headers = "", {}
        elif found and not commit:
            commit = found["commit"]
        else:
            name, _, value = said.partition(" ")
            headers[name] = value
