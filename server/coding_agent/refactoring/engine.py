"""List refactorings at a selection, cheaply; and resolve one into proved edits."""

import ast
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path

from coding_agent.errors import Refused, UnknownName
from coding_agent.proof.claim import Unprovable
from coding_agent.proof.outside import margin_holds, outside
from coding_agent.proof.source import Source
from coding_agent.proof.verify import prove
from coding_agent.refactoring import refactorings
from coding_agent.refactoring.refactoring import Refactoring
from coding_agent.refactoring.view import View
from coding_agent.syntax.enclosing import Part, parts
from coding_agent.text import Edit, Span, line_table, split_lines


@dataclass(frozen=True, slots=True)
class Site:
    """One piece of a document and a selection in it; an empty selection is a cursor.

    ``text`` are some top-level statements, or one member of the class ``owner``, indented by
    ``indent``. ``tree`` gives its statements as ``syntax.parse`` makes them (lines of an
    indented text count from 2), none while it is broken.
    """

    text: str
    selection: Span
    indent: str = ""
    owner: str | None = None
    tree: Callable[[], list[ast.stmt]] | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A refactoring that looks possible; ``kind`` is LSP's, ``selection`` is relative to the site's text."""

    name: str
    title: str
    kind: str
    selection: Span


@dataclass(frozen=True, slots=True)
class Resolution:
    """Edits of a whole document that hold what their proof says."""

    edits: tuple[Edit, ...]
    title: str
    verified_by: tuple[str, ...]
    note: str = ""


@cache
def all_refactorings() -> tuple[Refactoring, ...]:
    """Every refactoring, by name."""
    # Not pkgutil: its import takes longer than those of all refactorings.
    files = [file for folder in refactorings.__path__ for file in Path(folder).glob("[!_]*.py")]
    names = sorted(file.stem for file in files)
    return tuple(import_module(f"{refactorings.__name__}.{name}").REFACTORING for name in names)


def find(name: str) -> Refactoring:
    """Raises: UnknownName - there is no such refactoring."""
    for refactoring in all_refactorings():
        if refactoring.name == name:
            return refactoring
    known = ", ".join(refactoring.name for refactoring in all_refactorings())
    raise UnknownName(f"there is no refactoring {name!r}; there are {known}")


def offers(site: Site, kinds: tuple[str, ...] | None = None) -> tuple[Offer, ...]:
    """The refactorings that look possible at a selection; none while the piece is broken.

    ``kinds`` are the LSP kinds asked for, each with all kinds below it; None asks for all.
    """
    body = None if site.tree is None else site.tree()
    text, skipped = _without_mark(site.text)
    view = View(Source(text, bool(site.indent), body), site.selection.shifted(-skipped), site.owner)
    found: list[Offer] = []
    for refactoring in all_refactorings():
        if kinds is not None and not any(_wanted(refactoring.kind, kind) for kind in kinds):
            continue
        try:
            title = refactoring.offer(view)
        except (Refused, RecursionError):
            continue
        if title is not None:
            found.append(Offer(refactoring.name, title, refactoring.kind, site.selection))
    return tuple(found)


def _wanted(kind: str, asked: str) -> bool:
    return not asked or kind == asked or kind.startswith(asked + ".")


def _without_mark(text: str) -> tuple[str, int]:
    """The text without a byte order mark, which is no Python, and how many characters that takes away."""
    plain = text.removeprefix("\ufeff")
    return plain, len(text) - len(plain)


def resolve(text: str, name: str, selection: Span) -> Resolution:
    """Make and prove the edits of a refactoring of a whole document.

    Raises: UnknownName; Refused - a precondition does not hold; NotProven - the edits were
    made but do not hold what they claim.
    """
    refactoring = find(name)
    plain, skipped = _without_mark(text)
    for view, part in _views(plain, selection.shifted(-skipped)):
        made = _made(refactoring, view, part)
        if made is not None:
            return _shifted(made, skipped)
    return resolve_whole(text, name, selection)


def resolve_whole(text: str, name: str, selection: Span) -> Resolution:
    """As ``resolve``, which gives the same by looking at a part of the document where it can; raises the same."""
    refactoring = find(name)
    plain, skipped = _without_mark(text)
    view = View(Source(plain), selection.shifted(-skipped))
    if view.source.parsed.failure is not None:
        raise Refused(f"the document is not Python: {view.source.parsed.failure.message}")
    made = _made(refactoring, view, None)
    assert made is not None
    return _shifted(made, skipped)


def _views(text: str, selection: Span) -> Iterator[tuple[View, Part]]:
    """The parts of a document that can stand for it, the smallest first, each seen at the selection."""
    lines, starts = split_lines(text), line_table(text)
    stop = max(selection.start, selection.start + len(text[selection.start : selection.stop].rstrip()))
    first, last = (min(bisect_right(starts, offset), len(lines)) - 1 for offset in (selection.start, stop))
    for part in parts(lines, first, last) if lines else ():
        rest = outside(part)
        if rest is None:
            continue
        view = View(Source(part.text, outside=rest), selection.shifted(-part.shift))
        if view.source.parsed.failure is None and (not part.owner or _inside_a_method(view)):
            yield view, part


def _inside_a_method(view: View) -> bool:
    """Whether the other members of the class, which are outside, cannot matter: no method's body sees their names."""
    match view.path:
        case (ast.ClassDef(), (ast.FunctionDef() | ast.AsyncFunctionDef()) as method, *_):
            body = view.source.full(method.body[0]).start
            return body <= view.selection.start and not view.source.outside.mentions("__getattribute__")
        case _:
            return False


def _made(refactoring: Refactoring, view: View, part: Part | None) -> Resolution | None:
    """The proved edits of the document that a view is a part of; None where they touch more than the part."""
    title = refactoring.offer(view)
    if title is None:
        raise Refused("it does not apply here")
    try:
        rewriting = refactoring.rewrite(view)
    except Unprovable as error:
        raise Refused(str(error)) from error
    edits = rewriting.edits if part is None else part.edits(rewriting.edits)
    if edits is None or (part is not None and part.uses_margin(rewriting.edits) and not margin_holds(part)):
        return None
    proof = prove(view.scopes, rewriting.edits, rewriting.claim)
    note = " ".join(part for part in (rewriting.note, _taken_for_granted(proof.assumptions)) if part)
    return Resolution(edits, title, tuple(level.value for level in proof.levels), note)


def _shifted(made: Resolution, by: int) -> Resolution:
    return replace(made, edits=tuple(Edit(span.shifted(by), new) for span, new in made.edits))


def _taken_for_granted(assumptions: tuple[str, ...]) -> str:
    return f"Takes for granted that {' and that '.join(assumptions)}." if assumptions else ""
