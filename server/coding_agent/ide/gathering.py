"""What a model is shown of a definition: gathered from its document, the index and the files of the project."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from coding_agent.ai.denied import Denied
from coding_agent.analysis.file import FileState
from coding_agent.assist.context import Part, Shown, fitted
from coding_agent.errors import UserError
from coding_agent.ide.hover import Found
from coding_agent.ide.search import About
from coding_agent.ide.search import Found as Answer
from coding_agent.store.source import Unreadable, decode
from coding_agent.syntax.pieces import Role
from coding_agent.text.text import split_lines

_FEW, _LONGEST, _AROUND = 6, 40, 2
"""Definitions of each kind that are shown, lines of one, and lines around a call."""
MOST = 48_000
"""Bytes of context."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is shown, in the order it is sent, and the files it is from."""

    pieces: tuple[Shown, ...]
    files: tuple[Path, ...]

    def has(self, path: str, line: int) -> bool:
        """Whether a line of a file, by its path from the root, was shown."""
        return any(each.path == path and each.line <= line <= each.end for each in self.pieces if each.line)


def around(
    root: Path,
    path: Path,
    state: FileState,
    found: Found,
    about: About | None,
    *,
    findings: Iterable[str] = (),
    most: int = MOST,
) -> Gathered:
    """All that is worth showing of a definition. Of other files what is on disk: it is what the index knows.

    Raises: UserError - the file may not be sent, or the definition is too long.
    """
    denied, reading = Denied(root), _Reading(root)
    if why := denied.why(path):
        raise UserError(f"{path} is not sent to a model: it is {why}")
    pieces = [*_own(root, path, state, found)]
    pieces += [Shown(Part.FINDING, each) for each in findings]
    if about is not None:
        last = found.name
        pieces += [_header(reading, each) for each in about.calls[:_FEW] if not denied.why(each.path)]
        for part, each in _others(about):
            if not denied.why(each.path):
                pieces += reading.calls(each, last) if part is Part.CALLER else reading.whole(part, each)
    kept = fitted(pieces, most)
    names = {root / each.path for each in kept if each.path}
    return Gathered(kept, tuple(sorted(names)))


def _own(root: Path, path: Path, state: FileState, found: Found) -> Iterator[Shown]:
    shown, lines = _shown(root, path), [str(line) for line in state.text.lines]
    first, last = found.lines
    yield Shown(Part.MEANT, "".join(lines[first - 1 : last]), shown, first, last)
    for placed in state.placed():
        if placed.report.imports:
            stop = placed.line + placed.piece.text.rstrip("\r\n").count("\n")
            yield Shown(Part.IMPORTS, placed.piece.text.strip("\r\n"), shown, placed.line + 1, stop + 1)
    owner = found.owner
    if owner is not None and found.placed.piece.role is Role.MEMBER:
        text = owner.piece.text.rstrip("\r\n")
        names = [each for each in _members(state, owner.offset) if each != found.name]
        listed = f"\n    # also has: {', '.join(names)}" if names else ""
        yield Shown(Part.OUTSIDE, text + listed, shown, owner.line + 1, owner.line + 1 + text.count("\n"))


def _members(state: FileState, owner: int) -> Iterator[str]:
    """The names of what a class has, in their order."""
    inside = False
    for placed in state.placed():
        if placed.report.info is not None:
            inside = placed.offset == owner
        elif not placed.piece.indent:
            inside = False
        elif inside:
            yield from (member.name for member in placed.report.members)


def _others(about: About) -> Iterator[tuple[Part, Answer]]:
    yield from ((Part.TEST, each) for each in about.tests[:_FEW])
    yield from ((Part.CALLER, each) for each in about.callers[:_FEW])
    yield from ((Part.SIMILAR, each) for each in about.similar[:2])


def _header(reading: "_Reading", found: Answer) -> Shown:
    text = found.signature + (f'\n    """{found.docstring}"""' if found.docstring else "")
    return Shown(Part.CALLED, text, _shown(reading.root, found.path), found.at, found.at)


class _Reading:
    """Lines of files, each read once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lines: dict[Path, list[str]] = {}

    def whole(self, part: Part, found: Answer) -> Iterator[Shown]:
        end = min(found.end, found.line + _LONGEST - 1)
        text = "".join(self.lines(found.path)[found.line - 1 : end])
        if text.strip():
            yield Shown(part, text, _shown(self.root, found.path), found.line, end)

    def calls(self, found: Answer, name: str) -> Iterator[Shown]:
        """The lines of a caller around the first place that has the name."""
        lines = self.lines(found.path)
        at = next((n for n in range(found.line, min(found.end, len(lines)) + 1) if name in lines[n - 1]), None)
        if at is not None:
            first, last = max(at - _AROUND, found.line), min(at + _AROUND, found.end)
            yield Shown(Part.CALLER, "".join(lines[first - 1 : last]), _shown(self.root, found.path), first, last)

    def lines(self, path: Path) -> list[str]:
        if path not in self._lines:
            self._lines[path] = split_lines(self._text(path))
        return self._lines[path]

    def _text(self, path: Path) -> str:
        try:
            return decode(path, path.read_bytes()).text
        except (OSError, Unreadable):
            return ""


def _shown(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
