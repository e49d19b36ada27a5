"""What a model remarked on changes, for as long as it holds: it goes with the code that it is about.

A remark knows lines and nothing else: an edit above moves it, one in its definition ends it, and for neither is any
code looked at.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from coding_agent.analysis.finding import Severity
from coding_agent.text import Text
from coding_agent.workspace.document import Same


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark on a line, whose text is ``code``, in a definition of the lines ``first`` to ``last``; all from 0."""

    number: int
    line: int
    first: int
    last: int
    code: str
    severity: Severity
    message: str

    def moved(self, lines: int) -> "Remark":
        return replace(self, line=self.line + lines, first=self.first + lines, last=self.last + lines)


@dataclass(frozen=True, slots=True)
class Told:
    """The remarks on a file of a review. ``seen`` tells the text they are about from others."""

    root: Path
    seen: int
    remarks: tuple[Remark, ...]


class Remarks:
    """The remarks of the last review of each folder, by the file's path. Changed on the loop only."""

    def __init__(self) -> None:
        self._files: dict[Path, Told] = {}
        self._commits: dict[Path, str] = {}
        """The commit that was the last one at the review, by the folder that was reviewed."""

    def __bool__(self) -> bool:
        return bool(self._files)

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(self._files)

    @property
    def roots(self) -> tuple[Path, ...]:
        return tuple({told.root: None for told in self._files.values()})

    def of(self, path: Path | None) -> tuple[Remark, ...]:
        told = self._files.get(path) if path is not None else None
        return told.remarks if told is not None else ()

    def take(self, root: Path, commit: str, found: Mapping[Path, tuple[Text, tuple[Remark, ...]]]) -> set[Path]:
        """Take the remarks of a review with the texts that were reviewed; those of the last one go. Returns the files
        of which something else is said.
        """
        gone = self._drop(path for path, told in self._files.items() if told.root == root)
        self._commits[root] = commit
        for path, (text, remarks) in found.items():
            self._files[path] = Told(root, _seen(text), remarks)
        return gone | found.keys()

    def changed(self, path: Path, before: Text, after: Text, same: Same) -> bool:
        """Follow an edit of a document; returns whether a remark went."""
        told = self._files.get(path)
        if told is None:
            return False
        if not same.head and not same.tail:
            same = in_common(before, after)
        more, end = len(after.lines) - len(before.lines), len(before.lines) - same.tail
        kept = [
            remark if remark.last < same.head else remark.moved(more)
            for remark in told.remarks
            if remark.last < same.head or remark.first >= end
        ]
        self._put(path, replace(told, remarks=tuple(kept)))
        return len(kept) < len(told.remarks)

    def read(self, path: Path, text: Text | None) -> bool:
        """A file is opened, or was read from disk (None: it is gone); returns whether its remarks went, because they
        are about another text.
        """
        told = self._files.get(path)
        return told is not None and (text is None or _seen(text) != told.seen) and bool(self._drop([path]))

    def closed(self, path: Path, text: Text) -> None:
        """A document is closed: what stands on disk is to be what it was."""
        told = self._files.get(path)
        if told is not None:
            self._files[path] = replace(told, seen=_seen(text))

    def committed(self, commit_of: Callable[[Path], str]) -> set[Path]:
        """Drop what is about changes that are committed by now; returns the files."""
        late = {root for root in self.roots if commit_of(root) != self._commits[root]}
        return self._drop(path for path, told in self._files.items() if told.root in late)

    def dismiss(self, path: Path, number: int) -> bool:
        told = self._files.get(path)
        kept = tuple(remark for remark in self.of(path) if remark.number != number)
        if told is None or len(kept) == len(told.remarks):
            return False
        self._put(path, replace(told, remarks=kept))
        return True

    def clear(self) -> set[Path]:
        return self._drop(self.paths)

    def _put(self, path: Path, told: Told) -> None:
        if told.remarks:
            self._files[path] = told
        else:
            del self._files[path]

    def _drop(self, paths: Iterable[Path]) -> set[Path]:
        gone = set(paths)
        for path in gone:
            del self._files[path]
        return gone


def in_common(before: Text, after: Text) -> Same:
    """How many lines at the start and the end of two texts are equal."""
    old, new = before.lines, after.lines
    most = min(len(old), len(new))
    head = next((at for at in range(most) if old[at] != new[at]), most)
    tail = next((at for at in range(most - head) if old[-1 - at] != new[-1 - at]), most - head)
    return Same(head, tail)


def _seen(text: Text) -> int:
    # Editors may hold other line ends than the disk.
    return hash(str(text).replace("\r\n", "\n").replace("\r", "\n"))
