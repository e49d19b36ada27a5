"""Secrets taken out of texts before these leave, and put back into what comes in answer.

A value is hidden wherever it stands once it is known to be secret: by its shape (`kinds.py`), by the name beside it
(`assigned.py`), or because a variable has it (`variables.py`).
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from coding_agent.ai.assigned import assigned
from coding_agent.ai.kinds import Found, shaped
from coding_agent.ai.looks import COMMON
from coding_agent.ai.spellings import occurrences, plain, views
from coding_agent.ai.variables import known_values

__all__ = ["Redacted", "Restoring", "known_values", "redact"]

_PLACEHOLDER = re.compile(r"<SECRET_([1-9][0-9]*)>")
_SHORTEST = 3
"""Of a value that is looked for elsewhere, in characters."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """Texts as they may leave, and what was taken out.

    ``values`` has for each placeholder what stood there, as it was spelled; it is the part that is secret. ``kinds``
    counts the placeholders and holds no content.
    """

    texts: tuple[str, ...]
    values: Mapping[str, str] = field(repr=False)
    kinds: Mapping[str, int]

    def restored(self, text: str) -> str:
        """A text with placeholders of ours put back; others stay."""
        return _PLACEHOLDER.sub(lambda match: self.values.get(match.group(), match.group()), text)


def redact(texts: Sequence[str], known: Collection[str] = ()) -> Redacted:
    """Replace secrets by `<SECRET_1>`, `<SECRET_2>` ... in the order of the texts; the same spelling has one number.

    ``known`` are values that are hidden in any case. A password without a name beside it that nobody knows stays: it
    is a word like any other.
    """
    found = [[*_found(text)] for text in texts]
    kinds = {value: "known" for value in known if value.strip()}
    for text, each in zip(texts, found, strict=True):
        for one in each:
            value = one.value or text[one.start : one.stop]
            if len(value) >= _SHORTEST and value.lower() not in COMMON:
                for spelling in plain(value):
                    kinds.setdefault(spelling, one.kind)
    taken = {int(number) for number in _PLACEHOLDER.findall("".join(texts))}
    free = (number for number in count(1) if number not in taken)
    placeholders: dict[str, str] = {}
    counted = Counter[str]()
    redacted: list[str] = []
    for text, each in zip(texts, found, strict=True):
        parts: list[str] = []
        done = 0
        hits = (Found(start, stop, kinds[value]) for start, stop, value in occurrences(text, kinds))
        for one in _merged([*each, *hits]):
            value = text[one.start : one.stop]
            if value not in placeholders:
                placeholders[value] = f"<SECRET_{next(free)}>"
                counted[one.kind] += 1
            parts += [text[done : one.start], placeholders[value]]
            done = one.stop
        redacted.append("".join([*parts, text[done:]]))
    return Redacted(tuple(redacted), {placeholder: value for value, placeholder in placeholders.items()}, dict(counted))


class Restoring:
    """Puts secrets back into an answer that comes in pieces."""

    def __init__(self, redacted: Redacted) -> None:
        self._redacted = redacted
        self._kept = ""

    def feed(self, piece: str) -> str:
        """Return the text that is certain by now; what may be the beginning of a placeholder is kept back."""
        text = self._kept + piece
        at = text.rfind("<")
        begun = at >= 0 and any(each.startswith(text[at:]) for each in self._redacted.values)
        # A whole placeholder is certain.
        self._kept = text[at:] if begun and not text.endswith(">") else ""
        return self._redacted.restored(text[: len(text) - len(self._kept)])

    def end(self) -> str:
        """Return what was kept back: it was no placeholder."""
        kept, self._kept = self._kept, ""
        return kept


def _found(text: str) -> Iterator[Found]:
    yield from shaped(text)
    yield from assigned(text)
    for view in views(text):
        for each in shaped(view.text):
            yield Found(*view.span(each.start, each.stop), each.kind)


def _merged(found: Iterable[Found]) -> Iterator[Found]:
    """Spans that do not overlap: those that do are one, so that nothing of a secret is left over."""
    current: Found | None = None
    for each in sorted(found, key=lambda one: (one.start, -one.stop)):
        if current is None or each.start >= current.stop:
            if current is not None:
                yield current
            current = each
        elif each.stop > current.stop:
            current = Found(current.start, each.stop, current.kind)
    if current is not None:
        yield current
