"""Sorts candidates into tests: a table for cases of one shape, a test of its own for each other case."""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from coding_agent.testgen.helpers import Helpers
from coding_agent.testgen.identities import ids_of
from coding_agent.testgen.imports import parsed
from coding_agent.testgen.inside import parsing
from coding_agent.testgen.inside.model import Candidate
from coding_agent.testgen.naming import Names
from coding_agent.testgen.normal import normal
from coding_agent.testgen.shape import Parameters, Shape, Slot, filled, mark, shape_of

_MOST_COLUMNS, _MOST_ROWS = 5, 60


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; ``codes`` are by column."""

    codes: tuple[str, ...]
    id: str


@dataclass(frozen=True, slots=True)
class Test:
    """A test function to be. ``candidate`` has the columns' names for what the rows give; no rows: a single case."""

    name: str
    candidate: Candidate
    cases: tuple[Candidate, ...]
    """The candidates it stands for, as they were given."""
    imports: tuple[str, ...]
    """Import lines that it may need."""
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    raw: tuple[str, ...] = ()
    """Columns with regular expressions."""


@dataclass(slots=True)
class Sorted:
    """All tests in the order of their targets, and the candidates that found no name."""

    helpers: Helpers
    taken: frozenset[str]
    """Names that the file binds at its top."""
    tests: list[Test] = field(default_factory=list[Test])
    nameless: list[Candidate] = field(default_factory=list[Candidate])


def sort(candidates: Sequence[Candidate], parameters: Parameters, taken: Iterable[str] = ()) -> Sorted:
    """Return the tests of candidates. Targets keep the order in which they come first; so do cases of one target."""
    names = Names([each.target for each in candidates], parameters, taken)
    order = {each.target: index for index, each in reversed(list(enumerate(candidates)))}
    groups: dict[tuple[object, ...], list[Shape]] = {}
    outside = _outside(candidates, taken)
    found = Sorted(Helpers(outside), outside)
    for candidate in _different(candidates):
        lifted, names_above = found.helpers.without(candidate)
        shape = replace(shape_of(normal(lifted, names_above), parameters), given=candidate)
        groups.setdefault(shape.key, []).append(shape)
    parts = [part for group in groups.values() for part in _parts(group)]
    # Tables name what is usual, so they choose first; what is raised comes behind what is returned.
    parts.sort(key=lambda part: (order[part[0].candidate.target], len(part) < 2, _raises(part[0])))
    for part in parts:
        test = _table(part, names) if len(part) > 1 else _single(part[0], names)
        if test is not None:
            found.tests.append(test)
        else:
            found.nameless += [shape.given for shape in part]
    return found


def _outside(candidates: Iterable[Candidate], taken: Iterable[str]) -> frozenset[str]:
    """Names that a file of these candidates has at its top without any helper."""
    bound = {each.bound for candidate in candidates for each in parsed(candidate.imports)}
    return frozenset(bound | set(taken) | {"pytest", "asyncio", "collect"})


def _different(candidates: Iterable[Candidate]) -> list[Candidate]:
    seen: set[object] = set()
    found: list[Candidate] = []
    for each in candidates:
        key = (each.target, each.arrange, each.act, each.patches, each.checks)
        if key not in seen:
            seen.add(key)
            found.append(each)
    return found


def _raises(shape: Shape) -> bool:
    return any(check.kind == "raises" for check in shape.candidate.checks)


def _parts(group: list[Shape]) -> list[list[Shape]]:
    """Cut a group of one shape into tables that read well: true and false apart, few columns that differ."""
    if len(group) < 2:
        return [group]
    parts: dict[str, list[Shape]] = {}
    for shape in group:
        value = _whole(shape).checks[0] if shape.candidate.checks else None
        truth = (
            value.value if value and value.kind in ("is", "equal") and value.value in ("True", "False", "None") else ""
        )
        parts.setdefault(truth, []).append(shape)
    if len(parts) > 1 and any(len(part) < 2 for truth, part in parts.items() if truth in ("True", "False")):
        only = {truth: part for truth, part in parts.items() if truth in ("True", "False")}
        if len(only) == 2:
            merged = only["True"] + only["False"]
            parts = {
                **{truth: part for truth, part in parts.items() if truth not in only},
                "": parts.get("", []) + merged,
            }
    return [cluster for part in parts.values() if part for cluster in _clusters(part)]


def _clusters(part: list[Shape]) -> list[list[Shape]]:
    """Rows that differ in few columns together: again and again the two groups that are most alike are joined."""
    if len(_columns(part)) <= _MOST_COLUMNS:
        return [part]
    groups = [_Group([shape], [slot.code for slot in shape.slots]) for shape in part[:_MOST_ROWS]]
    while len(groups) > 1:
        pairs = ((groups[one].width(groups[two]), one, two) for two in range(len(groups)) for one in range(two))
        width, one, two = min(pairs)
        if width > _MOST_COLUMNS:
            break
        groups[one] = groups[one].joined(groups.pop(two))
    return [group.shapes for group in groups] + [[shape] for shape in part[_MOST_ROWS:]]


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows of a table to be; ``codes`` are what they share, None where they differ."""

    shapes: list[Shape]
    codes: list[str | None]

    def width(self, other: "_Group") -> int:
        return sum(one is None or one != two for one, two in zip(self.codes, other.codes, strict=True))

    def joined(self, other: "_Group") -> "_Group":
        codes = [one if one == two else None for one, two in zip(self.codes, other.codes, strict=True)]
        return _Group([*self.shapes, *other.shapes], codes)


def _columns(part: Sequence[Shape]) -> list[int]:
    """The slots whose value is not the same in all rows."""
    return [index for index in range(len(part[0].slots)) if len({shape.slots[index].code for shape in part}) > 1]


def _table(part: Sequence[Shape], names: Names) -> Test | None:
    varying = _columns(part)
    slots = part[0].slots
    columns = _column_names([slots[index] for index in varying], part[0])
    values = {mark(index): slots[index].code for index in range(len(slots)) if index not in varying}
    values |= {mark(index): column for index, column in zip(varying, columns, strict=True)}
    rows = [_whole(shape) for shape in part]
    name = names.of_table(rows, columns)
    if name is None:
        return None
    ids = ids_of(part, varying, columns)
    return Test(
        name,
        filled(part[0].candidate, values),
        tuple(shape.given for shape in part),
        tuple(line for shape in part for line in shape.candidate.imports),
        tuple(columns),
        tuple(
            Row(tuple(shape.slots[index].code for index in varying), identity)
            for shape, identity in zip(part, ids, strict=True)
        ),
        tuple(column for index, column in zip(varying, columns, strict=True) if slots[index].role == "message"),
    )


def _single(shape: Shape, names: Names) -> Test | None:
    candidate = _whole(shape)
    name = names.of_test(candidate)
    return Test(name, candidate, (shape.given,), candidate.imports) if name else None


def _whole(shape: Shape) -> Candidate:
    return filled(shape.candidate, {mark(index): slot.code for index, slot in enumerate(shape.slots)})


def _column_names(slots: Sequence[Slot], shape: Shape) -> list[str]:
    """Names for columns that clash with nothing the test reads."""
    candidate = shape.candidate
    texts = (*candidate.arrange, candidate.act.callee, *(arg.code for arg in candidate.act.args))
    texts += tuple(check.subject for check in candidate.checks) + tuple(
        part for patch in candidate.patches for part in (patch.owner, patch.code)
    )
    reserved = {*_read(texts), "request", "pytest", "asyncio", "answer", "l", "O", "I", *candidate.fixtures}
    if len({check.subject for check in candidate.checks} | {""}) > 2:
        reserved.add("result")
    found: list[str] = []
    for slot in slots:
        name = slot.name.lstrip("_") or "value"
        for option in (name, f"given_{name}", f"other_{name}", f"further_{name}", f"{name}_too", f"last_{name}"):
            if option not in reserved and option not in found:
                found.append(option)
                break
        else:
            found.append(f"{name}_{'more_' * len(found)}too")
    return found


def _read(texts: Iterable[str]) -> set[str]:
    """The names that statements and expressions read or bind."""
    found: set[str] = set()
    for text in texts:
        tree = parsing.module(text.lstrip("*"))
        if tree is None:
            continue
        found |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return found
