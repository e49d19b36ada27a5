"""Any series of edits leaves our text equal to a plain string that a slow model edits.

The model knows nothing of ``coding_agent.text``: it keeps one ``str``, finds line ends with a
regular expression and counts columns by encoding one character after the other.
"""

import random
import re

import pytest

from coding_agent.text import Position, Text, Units

EOL = re.compile("\r\n|\n|\r")
ENDS = ("\n", "\r\n", "\r", "\n", "\r\n", "\r", "\x0c", "\x0b", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")
WIDE = ("é", "中", "e\u0301", "\u200d", "\ufeff", "\U0001f600", "\U00010000", "\U0001f468\u200d\U0001f469")
LONE = ("\ud83d", "\ude00", "\ud800", "\udfff")
PLAIN = tuple("ab (:'\t")
STEP = {Units.UTF8: "utf-8", Units.UTF16: "utf-16-le", Units.UTF32: "utf-32-le"}
BYTES = {Units.UTF8: 1, Units.UTF16: 2, Units.UTF32: 4}


def width(char: str, units: Units) -> int:
    return len(char.encode(STEP[units], "surrogatepass")) // BYTES[units]


def model_lines(text: str) -> list[tuple[int, int]]:
    """(start, end without line end) of each line of ``text``."""
    out: list[tuple[int, int]] = []
    start = 0
    for end in EOL.finditer(text):
        out.append((start, end.start()))
        start = end.end()
    return [*out, (start, len(text))]


def model_offset(text: str, line: int, character: int, units: Units) -> int:
    """Offset of a client's position; past a line or the text it is that end, inside a character that one's start."""
    lines = model_lines(text)
    if line >= len(lines):
        return len(text)
    at, stop = lines[line]
    while at < stop and (step := width(text[at], units)) <= character:
        character -= step
        at += 1
    return at


def model_position(text: str, offset: int, units: Units) -> tuple[int, int]:
    lines = model_lines(text)
    line = max(i for i, (start, _) in enumerate(lines) if start <= offset)
    return line, sum(width(char, units) for char in text[lines[line][0] : offset])


def snippet(rng: random.Random, most: int) -> str:
    pools = rng.choices((PLAIN, ENDS, WIDE, LONE), weights=(6, 4, 2, 1), k=rng.randrange(most))
    return "".join(rng.choice(pool) for pool in pools)


def client_position(rng: random.Random, text: str, units: Units) -> tuple[int, int]:
    """Any pair a client may send: most inside the text, some past a line's end or past the last line."""
    lines = model_lines(text)
    line = rng.randrange(len(lines) + 2)
    start, stop = lines[min(line, len(lines) - 1)]
    room = sum(width(char, units) for char in text[start:stop])
    return line, rng.choice((rng.randint(0, room), room, room + 1, room + 7, 2**31 - 1))


def check_edits(seed: int, edits: int) -> None:
    """Raises: AssertionError - the text differs from the model's; seed and step are in the message."""
    rng = random.Random(seed)
    units = rng.choice(tuple(Units))
    model = snippet(rng, 60)
    text = Text.of(model)
    for step in range(edits):
        where = (seed, step, units.value)
        a, b = client_position(rng, model, units), client_position(rng, model, units)
        start, stop = sorted((model_offset(model, *a, units), model_offset(model, *b, units)))
        first, last = sorted((text.from_client(*a, units), text.from_client(*b, units)))
        if rng.random() < 0.35:  # an insertion, which is what typing is
            stop, last = start, first
        new = snippet(rng, 12 if len(model) < 200 else 3)
        before, model = model, model[:start] + new + model[stop:]
        old = text
        text, head, tail = old.splice(first, last, new)
        assert str(text) == model, (where, before, a, b, new)
        assert list(text.lines) == list(Text.of(model).lines), (where, before, a, b, new)
        assert list(text.lines[:head]) == list(old.lines[:head]), (where, before, a, b, new)
        assert head + tail <= min(len(text.lines), len(old.lines)), (where, before, a, b, new)
        assert list(text.lines[len(text.lines) - tail :]) == list(old.lines[len(old.lines) - tail :]), (
            where,
            before,
            a,
            b,
            new,
        )
        check_positions(rng, text, model, units, where)


def check_positions(rng: random.Random, text: Text, model: str, units: Units, where: object) -> None:
    lines = model_lines(model)
    assert list(text.starts) == [start for start, _ in lines], where
    assert len(text) == len(model), where
    offset = rng.randint(0, len(model))
    assert text.to_client(offset, units) == model_position(model, offset, units), (where, offset)
    line, character = client_position(rng, model, units)
    meant = text.from_client(line, character, units)
    assert text.offset(meant) == model_offset(model, line, character, units), (where, line, character)
    plain = Position(line, rng.randrange(40))
    assert text.offset(plain) == model_offset(model, *plain, Units.UTF32), (where, plain)


@pytest.mark.parametrize("seed", range(50))
def test_edits_leave_the_models_text(seed: int) -> None:
    check_edits(seed, 100)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1000, 2000))
def test_edits_leave_the_models_text_soak(seed: int) -> None:
    check_edits(seed, 100)


@pytest.mark.parametrize("units", Units)
def test_every_offset_of_a_hard_line_comes_back(units: Units) -> None:
    model = "a\r\n" + "".join((*WIDE, *LONE)) + "\x0c\u2028b\r" + "\U0001f600\n"
    text = Text.of(model)
    for offset in range(len(model) + 1):
        if model[offset - 1 : offset + 1] == "\r\n":
            continue  # between the two halves of one line end no position stands
        line, character = text.to_client(offset, units)
        assert (line, character) == model_position(model, offset, units)
        assert text.offset(text.from_client(line, character, units)) == offset


@pytest.mark.parametrize("units", Units)
def test_columns_of_a_very_long_line(units: Units) -> None:
    rng = random.Random(0)
    line = "".join(rng.choices((*WIDE, *LONE, *PLAIN), k=2500))
    starts = [0]
    for char in line:
        starts.append(starts[-1] + width(char, units))
    text, met = Text.of(line), dict(zip(starts, range(len(starts)), strict=True))
    offset = 0
    for column in range(starts[-1] + 3):
        # Inside a character stands what its start is; past the end, the end.
        offset = met.get(column, offset)
        assert text.from_client(0, column, units).column == offset
    for offset in rng.sample(range(len(line) + 1), 200):
        assert text.to_client(offset, units) == (0, starts[offset])
