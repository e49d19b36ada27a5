"""A change that is to be tried in the sandbox: the module before and after, as texts. The files of the user stay."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from coding_agent.assist.meant import Check, Meant
from coding_agent.testgen.boxes import Target
from coding_agent.text import line_table, split_lines


@dataclass(frozen=True, slots=True)
class Trial:
    """``old`` and ``new`` are the whole texts; the lines of the definition in each are from one, both inclusive.

    ``target`` says whose interpreter runs, and what the module is called.
    """

    target: Target
    old: str
    new: str
    name: str
    old_lines: tuple[int, int]
    new_lines: tuple[int, int]

    @property
    def changed(self) -> tuple[frozenset[int], frozenset[int]]:
        """The lines that are gone or others, and those in their place; where lines were only put in or taken out, the
        line before in the other text too.
        """
        first = self.old_lines[0]
        before = _lines(self.old, self.old_lines)
        after = _lines(self.new, self.new_lines)
        old, new = set[int](), set[int]()
        for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if tag != "equal":
                old.update(range(first + a, first + b) or [first + max(a - 1, 0)])
                new.update(range(first + c, first + d) or [first + max(c - 1, 0)])
        return frozenset(old), frozenset(new)


@dataclass(frozen=True, slots=True)
class Tried(Check):
    """What a run showed. ``ran`` is False where nothing was run; ``covered``: something that ran came to a line that
    changed.
    """

    ran: bool = False
    covered: bool = False


def trial_of(target: Target, meant: Meant, document: str) -> Trial:
    """The change that makes a ``document`` of the one that is meant, in nothing but the definition."""
    starts = line_table(meant.document)
    first = sum(start <= meant.span.start for start in starts)
    last = sum(start < meant.span.stop for start in starts)
    more = len(split_lines(document)) - len(split_lines(meant.document))
    texts = [text.removeprefix("\ufeff") for text in (meant.document, document)]
    return Trial(target, texts[0], texts[1], meant.name, (first, last), (first, last + more))


def _lines(text: str, place: tuple[int, int]) -> list[str]:
    return [line.rstrip() for line in split_lines(text)[place[0] - 1 : place[1]]]


UNTRUSTED = "not run: the workspace is not trusted"
