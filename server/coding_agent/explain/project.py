"""What a definition has to do with the rest of its project: callers, tests, calls, what is like it, its last change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from coding_agent.explain.page import Code, Inline, Line, Link, Section

_SHOWN = 3
_SUMMARY = 72


@dataclass(frozen=True, slots=True)
class Place:
    """A definition elsewhere: its qualified name, its file and line as people read them, and its address."""

    name: str
    where: str
    url: str = ""
    alike: float = 0.0
    """How alike it is, from 0 to 1, where that is the point."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The last change: day, author and first line of the commit, and its hash; of what is not committed there is no
    hash.
    """

    when: int = 0
    author: str = ""
    summary: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Relations:
    """What is known by now, those that matter most first, and how many there are of each."""

    callers: tuple[Place, ...] = ()
    tests: tuple[Place, ...] = ()
    calls: tuple[Place, ...] = ()
    similar: tuple[Place, ...] = ()
    counts: tuple[int, int, int, int] = (0, 0, 0, 0)
    more: bool = False
    """Callers were not looked for to the end."""
    changed: Changed | None = None


def relations(known: Relations, shown: int = _SHOWN) -> Iterator[Section]:
    """A short list; nothing of what there is none of."""
    called, tested, calls, similar = known.counts
    lines: list[Line] = []
    lines += _line("Called by ", known.callers, called, shown, open_end=known.more)
    lines += _line("Tested by ", known.tests, tested, shown)
    lines += _line("Calls ", known.calls, calls, shown)
    lines += _line("Similar: ", known.similar, similar, shown)
    lines += [_last(known.changed)] if known.changed is not None else []
    if lines:
        yield Section("In the project", tuple(lines), listed=True)


def listed(known: Relations) -> Iterator[Section]:
    """The same at length: a list of each."""
    lists = (
        ("Called by", known.callers),
        ("Tested by", known.tests),
        ("Calls", known.calls),
        ("Similar code", known.similar),
    )
    for (title, places), count in zip(lists, known.counts, strict=True):
        lines: list[Line] = [(named(place), f" {place.where}{_percent(place)}") for place in places]
        lines += [(f"and {count - len(places)} more",)] if count > len(places) else []
        if lines:
            yield Section(title, tuple(lines), listed=True)
    if known.changed is not None:
        yield Section(lines=(_last(known.changed),))


def named(place: Place) -> Inline:
    """A name that leads to its place, where it has an address."""
    return Link(place.name, place.url) if place.url else Code(place.name)


def _line(verb: str, places: tuple[Place, ...], count: int, shown: int, *, open_end: bool = False) -> Iterator[Line]:
    if not places:
        return
    parts: list[Inline] = [verb]
    for index, place in enumerate(places[:shown]):
        parts += [", " if index else "", named(place), f" ({place.where}{_percent(place)})"]
    left = count - len(places[:shown])
    if open_end:
        parts.append(" and others")
    elif left:
        parts.append(f" and {left} more")
    yield tuple(part for part in parts if part)


def _percent(place: Place) -> str:
    return f", {place.alike:.0%} alike" if place.alike else ""


def _last(changed: Changed) -> Line:
    if not changed.commit:
        return ("Changed since the last commit",)
    day = datetime.fromtimestamp(changed.when, UTC).date().isoformat()
    summary = changed.summary if len(changed.summary) <= _SUMMARY else f"{changed.summary[: _SUMMARY - 3]}..."
    return (f"Last changed {day} by {changed.author}: {summary} (", Code(changed.commit[:8]), ")")
