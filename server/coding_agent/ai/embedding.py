"""What texts mean, as an endpoint says it: what is asked of the door, what is sent, and whether what came can be it."""

import json
import math
import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from coding_agent.ai.budget import Usage
from coding_agent.ai.failure import Kind
from coding_agent.ai.model import Embedded
from coding_agent.errors import AttemptFailed

FEATURE = "embed"
WIDEST = 8192
"""Numbers of a row at most; models that are known have 4096."""
_PLACEHOLDER = re.compile(r"<SECRET_[1-9][0-9]*>")
_AROUND = 64
"""Bytes that are sent beside the texts; more than there are."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts of a workspace whose meaning is asked. ``files`` are those that they are of, each beside its text, None for
    what is of no file. Of each ``longest`` characters are sent, cut after secrets are taken out: what is left of one
    that was cut could not be told from a word. ``seconds`` is the deadline.
    """

    root: Path
    texts: tuple[str, ...]
    files: tuple[Path | None, ...]
    longest: int
    seconds: float

    @property
    def feature(self) -> str:
        return FEATURE


@dataclass(frozen=True, slots=True)
class Vectors:
    """A row for each text, as in `model.Embedded`; empty for one of a file that may not be sent. ``warning`` is a
    sentence for the user, "" mostly.
    """

    rows: tuple[bytes, ...]
    width: int
    warning: str


def shortened(text: str, longest: int) -> str:
    """A text without secrets as it is sent. Their numbers say nothing, and would make one text two."""
    said = _PLACEHOLDER.sub("<SECRET>", text)[:longest].encode("utf-8", "replace").decode("utf-8")
    # Some endpoints refuse a text of nothing, and all that stands beside it.
    return said if said.strip() else "."


def size(texts: Sequence[str]) -> int:
    """Bytes that are sent at most: no token is less than a byte of them."""
    return _AROUND + len(json.dumps([*texts], ensure_ascii=True).encode("ascii"))


def embedded(said: object, count: int) -> Embedded:
    """What an endpoint says of so many texts, where it can be that.

    Raises: AttemptFailed - there are more or fewer rows, of several widths, or what is no finite number.
    """
    table = cast("dict[str, object]", said) if isinstance(said, dict) else {}
    data = table.get("data")
    if not isinstance(data, list):
        raise _other("what came holds no vectors")
    given = cast("list[object]", data)
    if len(given) != count:
        raise _other(f"it sends {len(given)} vectors for {count} texts")
    rows = dict[int, bytes]()
    for place, each in enumerate(given):
        entry = cast("dict[str, object]", each) if isinstance(each, dict) else {}
        at = entry.get("index", place)
        if type(at) is not int or not 0 <= at < count or at in rows:
            raise _other("it does not say which vector is of which text")
        rows[at] = _row(entry.get("embedding"))
    widths = {len(row) for row in rows.values()}
    if len(widths) != 1:
        raise _other("its vectors are of several widths")
    return Embedded(tuple(rows[at] for at in range(count)), widths.pop() // 4, _usage(table.get("usage")))


def _row(said: object) -> bytes:
    numbers = cast("list[object]", said) if isinstance(said, list) else []
    if not 0 < len(numbers) <= WIDEST:
        raise _other(f"a vector has {len(numbers)} numbers")
    if any(type(each) not in (int, float) for each in numbers):
        raise _other("a vector has what is no number")
    try:
        row = array("f", cast("list[float]", numbers))
    except OverflowError as error:
        raise _other("a vector has a number that is too large") from error
    if not all(map(math.isfinite, row)):
        raise _other("a vector has a number that is none, or too large")
    return row.tobytes()


def _usage(said: object) -> Usage | None:
    """What the server counted; None where it did not, or counted what cannot be."""
    tokens = cast("dict[str, object]", said).get("prompt_tokens", -1) if isinstance(said, dict) else -1
    usage = Usage(cast("int", tokens), 0, 0)
    return usage if usage.is_believable else None


def _other(why: str) -> AttemptFailed:
    return AttemptFailed(why, Kind.NO_PROTOCOL.value)
