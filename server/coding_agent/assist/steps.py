"""Checks one after the other: what failed is a check like any other, with its reason."""

from collections.abc import Callable
from typing import TypeVar

from coding_agent.assist.holding import MARK, Held
from coding_agent.assist.meant import Check, Checked, Failing, Meant
from coding_agent.proof.claim import Unprovable
from coding_agent.text import Edit, Span, apply_edits, split_lines

_T = TypeVar("_T")


class Steps:
    """The checks so far."""

    def __init__(self) -> None:
        self._done: list[Check] = []

    def do(self, name: str, step: Callable[[], _T]) -> _T | None:
        """Make a check; returns what it gives, None where it failed. A text that it returns is its detail."""
        try:
            found = step()
        except Failing as error:
            self._done.append(Check(name, False, str(error)))
        # SystemError: two threads that make trees at once can make Python 3.11 lose count of how deep they are.
        except (Unprovable, RecursionError, MemoryError, SystemError) as error:
            self._done.append(Check(name, False, str(error) or "it is nested too deeply to be followed"))
        else:
            self._done.append(Check(name, True, found if isinstance(found, str) else ""))
            return found
        return None

    def all(self, *steps: tuple[str, Callable[[], object]]) -> bool:
        """Make checks as long as they hold; returns whether all did."""
        for name, step in steps:
            self.do(name, step)
            if not self._done[-1].passed:
                return False
        return True

    def note(self, name: str, detail: str) -> None:
        """Say something that is no condition."""
        self._done.append(Check(name, True, detail))

    @property
    def done(self) -> tuple[Check, ...]:
        return tuple(self._done)

    @property
    def hold(self) -> bool:
        return all(check.passed for check in self._done)

    def refused(self) -> Checked:
        return Checked((), self.done)

    def checked(self, meant: Meant, edits: tuple[Edit, ...], *, proved: bool) -> Checked:
        """The result: ``edits`` are of the text without its byte order mark."""
        if not self.hold:
            return self.refused()
        by = len(meant.document) - len(meant.document.removeprefix(MARK))
        placed = tuple(Edit(edit.span.shifted(by), edit.new) for edit in edits)
        return Checked(placed, tuple(self._done), apply_edits(meant.document, placed), proved)


def edits_between(old: Held, new: Held) -> tuple[Edit, ...]:
    """The lines of a definition that differ, as one edit."""
    before, after = split_lines(old.own), split_lines(new.own)
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    start = old.span.start + sum(map(len, before[:head]))
    stop = old.span.stop - sum(map(len, before[len(before) - tail :]))
    if start == stop and before == after:
        return ()
    return (Edit(Span(start, stop), "".join(after[head : len(after) - tail])),)
