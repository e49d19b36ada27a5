"""Numbers in words, exact or not at all."""

import math
import re

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_DECIMAL = re.compile(r"([+-]?)(\d{1,3})\.(\d{1,4})", re.ASCII)
_CUT = re.compile(
    rf"(?:[ _](?:{'|'.join((*_ONES, *_TENS[2:], 'hundred', 'point', 'minus', 'times', 'plus', 'over'))}))+$"
)


def number(value: int) -> str:
    """Return a whole number in words; large ones by their size only."""
    if value < 0:
        return "minus " + number(-value)
    if value < 20:
        return _ONES[value]
    if value < 100:
        return _TENS[value // 10] + (f" {_ONES[value % 10]}" if value % 10 else "")
    if value < 1000:
        return f"{_ONES[value // 100]} hundred" + (f" {number(value % 100)}" if value % 100 else "")
    if value < 1_000_000 and value % 1000 == 0:
        return f"{number(value // 1000)} thousand"
    return "large number"


def decimal(text: str) -> str:
    """Return a number with a point in words, each digit behind it: ``0.02`` is "zero point zero two".

    Empty for what is written otherwise or has too many digits to be read.
    """
    found = _DECIMAL.fullmatch(text)
    if found is None:
        return ""
    sign, whole, digits = found.groups()
    words = f"{number(int(whole))} point {digit_by_digit(digits)}"
    return f"minus {words}" if sign == "-" else words


def of_float(value: float) -> str:
    """Return a float in words; one that cannot be told exactly by what it is like."""
    if math.isnan(value):
        return "not a number"
    sign = "minus " if math.copysign(1, value) < 0 else ""
    if math.isinf(value):
        return f"{sign}infinity"
    size = abs(value)
    rough = "large number" if size >= 1000 else "small number" if 0 < size < 0.001 else "fraction"
    return sign + (decimal(repr(size)) or rough)


def digit_by_digit(digits: str) -> str:
    """Return digits in words, one after the other."""
    return " ".join(_ONES[int(digit)] for digit in digits)


def without_number(words: str) -> str:
    """Return words without the number at their end, of which a part may have been cut off."""
    return _CUT.sub("", words)
