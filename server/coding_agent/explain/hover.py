"""What hover says about the code under the cursor: short sections, each only where it adds something."""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from inspect import cleandoc
from typing import Protocol

from coding_agent.explain import docstring
from coding_agent.explain.code import Function, Qualified, is_generator
from coding_agent.explain.effects import Effect, effects
from coding_agent.explain.page import Code, Inline, Line, Link, Section, inline
from coding_agent.explain.project import Relations, relations
from coding_agent.explain.radon import Maintainability
from coding_agent.explain.raising import Raised, raised
from coding_agent.explain.sentence import sentence
from coding_agent.explain.signature import Definition, header, symbol_code, whereabouts
from coding_agent.explain.weight import heaviest
from coding_agent.explain.world import Kind
from coding_agent.semantics.symbol import SymbolInfo


class Metrics(Protocol):
    """What analysis counts in a function."""

    @property
    def cyclomatic(self) -> int: ...
    @property
    def cognitive(self) -> int: ...
    @property
    def lines(self) -> int: ...
    @property
    def nesting(self) -> int: ...
    @property
    def parameters(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """From which figures on hover says that they are high."""

    cyclomatic: int = 10
    cognitive: int = 15
    lines: int = 60
    nesting: int = 4
    parameters: int = 6


@dataclass(frozen=True, slots=True)
class Noted:
    """A finding at the place: ``why`` is the rule's first sentence, ``url`` its page or source."""

    title: str
    why: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What the cursor is on, and what is known of it.

    ``node`` is the definition under the cursor, None for a name that is only used there. ``line_shift`` is what must
    be added to ``ast``'s lines in it to get the document's, from 1. ``method``: it stands in a class, of the name
    ``holder`` where that is known; ``enclosing``: the names bound in functions around it. Whatever is not known (yet)
    is None or empty; nothing is waited for.
    """

    node: Definition | None = None
    line_shift: int = 0
    method: bool = False
    holder: str = ""
    enclosing: Collection[str] = ()
    symbol: SymbolInfo | None = None
    metrics: Metrics | None = None
    maintainability: Maintainability | None = None
    findings: tuple[Noted, ...] = ()
    relations: Relations | None = None
    uses: int | None = None
    uses_in: str = "this file"


_DEFAULT_LIMITS = Limits()
_BULLETS = 12
_LONGEST_TEXT = 400


def hover(
    subject: Subject, qualified: Qualified, *, ours_only: bool = False, limits: Limits = _DEFAULT_LIMITS
) -> tuple[Section, ...]:
    """Return the sections of a hover, best first; empty when there is nothing to say.

    Pure and at once: what jedi knows comes in ``subject`` or not at all. ``qualified`` is asked about nodes of
    ``subject.node`` only. ``ours_only`` leaves out what another server shows: signature and docstring.
    """
    sections: list[Section] = []
    if not ours_only:
        sections += _signature(subject)
        sections += _docstring(subject) or _sentence(subject)
    if subject.relations is not None:
        sections += relations(subject.relations)
    if isinstance(subject.node, Function):
        sections += _metrics(subject, subject.node, limits)
        sections += _effects(subject, subject.node, qualified)
    sections += _findings(subject)
    sections += _uses(subject)
    return tuple(sections)


def _signature(subject: Subject) -> Iterator[Section]:
    symbol = subject.symbol
    if subject.node is not None:
        code = header(subject.node)
        made = symbol.signatures if symbol and isinstance(subject.node, ast.ClassDef) else ()
        yield Section(code="\n".join((code, *made[:1])))
    elif symbol:
        yield Section(code=symbol_code(symbol))
        lines = tuple(whereabouts(symbol))
        if lines:
            yield Section(lines=lines)


def _sentence(subject: Subject) -> list[Section]:
    said = sentence(subject.node, subject.holder) if isinstance(subject.node, Function) else None
    return [Section(lines=(said,))] if said else []


def _docstring(subject: Subject) -> list[Section]:
    text = (ast.get_docstring(subject.node, clean=False) if subject.node else "") or (
        subject.symbol.doc if subject.symbol else ""
    )
    if not text.strip():
        return []
    read = docstring.read(cleandoc(text))
    lines: list[Line] = [inline(_cut(read.summary, _LONGEST_TEXT))] if read.summary else []
    lines += [(Code(each.name), *_described(each)) for each in read.parameters[:8] if each.text]
    lines += [("Returns", *_described(each)) for each in read.returns[:1] if each.text or each.type]
    if not subject.node:
        lines += [("Raises ", Code(each.name), *_described(each)) for each in read.raises[:4]]
    return [Section(lines=tuple(lines))] if lines else []


def _described(each: docstring.Described) -> Line:
    kind: Line = (" (", Code(_cut(each.type, 60)), ")") if each.type else ()
    return (*kind, *((": ", *inline(_cut(each.text, 160))) if each.text else ()))


def _metrics(subject: Subject, node: Function, limits: Limits) -> Iterator[Section]:
    metrics, found = subject.metrics, subject.maintainability
    lines: list[Line] = []
    if metrics and _is_simple(metrics, limits):
        parts = [f"Cognitive complexity {metrics.cognitive}", _counted(metrics.cyclomatic, "path", limits.cyclomatic)]
        parts.append(_counted(metrics.lines, "line", limits.lines))
        parts += [f"maintainability {found.index:.0f} of 100"] if found else []
        yield Section(lines=((", ".join(parts),),))
        return
    if metrics:
        lines.append((_cognitive(subject, node, metrics.cognitive, limits.cognitive),))
        counted = [
            _counted(
                metrics.cyclomatic, "path", limits.cyclomatic, "s through it (cyclomatic complexity)", " through it"
            ),
            _counted(metrics.lines, "line", limits.lines),
            _counted(metrics.nesting, "level", limits.nesting, "s of nesting", " of nesting"),
            _counted(metrics.parameters, "parameter", limits.parameters),
        ]
        lines.append((", ".join(counted),))
    if found:
        lines.append(
            (
                f"Maintainability index {found.index:.0f} of 100 (rank {found.rank}), "
                f"Halstead volume {found.volume:.0f}, difficulty {found.difficulty:.1f}",
            )
        )
    if lines:
        yield Section("Complexity", tuple(lines))


def _is_simple(metrics: Metrics, limits: Limits) -> bool:
    """Whether nothing of a function is remarkable, so that one line says enough."""
    return (
        metrics.cognitive <= limits.cognitive // 2
        and metrics.cyclomatic <= limits.cyclomatic
        and metrics.lines <= limits.lines
        and metrics.nesting <= limits.nesting
        and metrics.parameters <= limits.parameters
    )


def _cognitive(subject: Subject, node: Function, value: int, limit: int) -> str:
    high = f" (above {limit})" if value > limit else ""
    part = heaviest(node) if value > limit // 2 else None
    if not part:
        return f"Cognitive complexity {value}{high}"
    first, last = part.first + subject.line_shift, part.last + subject.line_shift
    lines = f"lines {first}-{last}" if last > first else f"line {first}"
    return f"Cognitive complexity {value}{high}: mostly {part.words} in {lines}"


def _counted(count: int, noun: str, limit: int, many: str = "s", one: str = "") -> str:
    return f"{count} {noun}{one if count == 1 else many}{f' (above {limit})' if count > limit else ''}"


def _effects(subject: Subject, node: Function, qualified: Qualified) -> Iterator[Section]:
    found = effects(node, qualified, method=subject.method, enclosing=subject.enclosing)
    lines = [_effect(kind, [each for each in found if each.kind is kind], subject) for kind in _kinds(found)]
    lines += list(_raises(raised(node, qualified), subject))
    if not lines:
        return
    if is_generator(node):
        lines.insert(0, ("a generator: nothing of this happens before it is iterated",))
    shown = lines[:_BULLETS]
    if len(lines) > len(shown):
        shown.append((f"and {len(lines) - len(shown)} more",))
    yield Section("Beside its result (calls are not followed)", tuple(shown), listed=True)


def _kinds(found: tuple[Effect, ...]) -> list[Kind]:
    return list(dict.fromkeys(effect.kind for effect in found))


def _effect(kind: Kind, found: list[Effect], subject: Subject) -> Line:
    parts: list[Inline] = [f"{kind.value}: "]
    for index, effect in enumerate(found[:6]):
        parts += [", " if index else "", Code(_cut(effect.what, 60)), f" (line {effect.line + subject.line_shift})"]
    if len(found) > 6:
        parts.append(f" and {len(found) - 6} more")
    return tuple(part for part in parts if part)


def _raises(found: tuple[Raised, ...], subject: Subject) -> Iterator[Line]:
    for each in found:
        everything = each.again and each.exception == "BaseException"
        parts: list[Inline] = ["raises on " if each.again else "raises "]
        parts.append("whatever it catches" if everything else Code(_cut(each.exception, 60)))
        if each.when:
            parts += [" when ", Code(each.when)]
        if each.after:
            parts += [" after ", Code(_cut(each.after, 60))]
        yield (*parts, f" (line {each.line + subject.line_shift})")


def _findings(subject: Subject) -> Iterator[Section]:
    lines: list[Line] = []
    for each in subject.findings[:5]:
        why: Line = (". ", *inline(_cut(each.why, 200))) if each.why else ()
        lines.append((*inline(each.title.rstrip(".")), *why, *((" ", Link("why", each.url)) if each.url else ())))
    if lines:
        yield Section("Found here", tuple(lines), listed=True)


def _uses(subject: Subject) -> Iterator[Section]:
    node, known = subject.node, subject.relations
    if subject.uses is None or (node is not None and node.name.startswith("__") and node.name.endswith("__")):
        return  # What Python calls by itself is used where nobody writes its name.
    if known is not None and known.callers:
        return
    times = "not used" if subject.uses == 0 else "used once" if subject.uses == 1 else f"used {subject.uses} times"
    yield Section(lines=((f"{times[0].upper()}{times[1:]} in {subject.uses_in}",),))


def _cut(text: str, length: int) -> str:
    """Return text of at most ``length`` characters, ended at a sentence or a word where it can be."""
    if len(text) <= length:
        return text
    head = text[: length - 3]
    sentence = head.rfind(". ")
    return head[: sentence + 1] if sentence > length // 3 else f"{head.rpartition(' ')[0] or head}..."
