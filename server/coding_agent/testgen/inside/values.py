# pyright: standard
# Values of any kind.
"""Value expressions: source text with what it needs around it, and pools of small, human-looking ones."""

import functools
import re
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Sequence, Tuple

from .hints import HINTS
from .model import Patch


class Value(NamedTuple):
    """An expression that may stand as an argument.

    ``arrange`` are statements it needs before it; ``odd`` is 0 for what a person would write first.
    """

    code: str
    imports: Tuple[str, ...] = ()
    arrange: Tuple[str, ...] = ()
    fixtures: Tuple[str, ...] = ()
    patches: Tuple[Patch, ...] = ()
    origin: str = "type"
    odd: int = 0


def plain(*codes: str, odd: int = 0, origin: str = "type") -> List[Value]:
    """Return values that need nothing around them."""
    return [Value(code, odd=odd, origin=origin) for code in codes]


def importing(statement: str, *codes: str) -> List[Value]:
    """Return values that need one import."""
    return [Value(code, imports=(statement,)) for code in codes]


DATETIME = "import datetime"
NAMESPACE = "from types import SimpleNamespace"

TEXTS = plain("'abc'", "'hello world'", "''", "'a'", "'42'", "'Hello'", "'a, b, c'", "'key=value'", "'[1, 2]'") + plain(
    "' padded '",
    "'first\\nsecond'",
    "'äöü'",
    "'a-b_c.d'",
    "'3.5'",
    "'(x)'",
    "'\"quoted\"'",
    "'a/b/c.txt'",
    "'{\"a\": 1}'",
    "'\\t'",
    odd=1,
)
INTEGERS = plain("3", "1", "0", "2", "10", "-1", "100", "7") + plain("1000", "-5", "255", "100000", odd=1)
FLOATS = plain("1.5", "0.0", "2.0", "-0.5", "100.25") + plain("1e-09", "1e+20", "float('inf')", "float('nan')", odd=1)
BOOLEANS = plain("True", "False")
BYTES = plain("b'abc'", "b''", "b'hello world'", "b'\\x00\\xff'", "b'a\\r\\nb'")
LISTS = plain("[1, 2, 3]", "[]", "['a', 'b', 'c']", "[1]", "[3, 1, 2]", "[1, 1, 2]") + plain(
    "[[1, 2], [3]]", "[('a', 1), ('b', 2)]", "[{'a': 1}, {'a': 2}]", "[0, None, 'x']", "['abc', 'de', '']", odd=1
)
TUPLES = plain("(1, 2)", "()", "('a', 'b')", "(1, 2, 3)", "(1,)")
SETS = plain("{1, 2, 3}", "set()", "{'a', 'b'}")
DICTS = plain("{'a': 1, 'b': 2}", "{}", "{'name': 'abc'}", "{'a': {'b': 1}}", "{1: 'one'}", "{'a': [1, 2], 'b': None}")
COMPLEX = plain("1j", "2 + 3j")
CALLABLES = plain(
    "lambda x: x",
    "lambda x: x * 2",
    "lambda x: x > 1",
    "lambda: 42",
    "lambda x, y: x + y",
    "lambda *args: args",
    "lambda x: str(x)",
    "len",
    "str",
    "lambda x: None",
    "lambda *args, **kwargs: 1",
)
ANYTHING = plain(
    "3", "'abc'", "[1, 2, 3]", "{'a': 1}", "None", "True", "1.5", "(1, 2)", "lambda x: x", "[]", "''", "0", "object()"
)
EXCEPTIONS = plain(
    "ValueError('boom')", "KeyError('name')", "TypeError('wrong')", "OSError(2, 'missing')", "StopIteration()"
)
EXCEPTION_TYPES = plain("ValueError", "KeyError", "Exception", "(KeyError, ValueError)")
TYPES = plain("int", "str", "list", "dict", "float", "bool")
ITERATORS = plain("iter([1, 2, 3])", "iter([])", "iter(['a', 'b'])", "(x for x in [1, 2, 3])", "iter([1])")
RANGES = plain("range(5)", "range(0)", "range(1, 10, 2)")
NONE = plain("None")
TIMEDELTAS = importing(
    DATETIME,
    "datetime.timedelta(days=1)",
    "datetime.timedelta(seconds=30)",
    "datetime.timedelta(0)",
    "datetime.timedelta(hours=3, minutes=5)",
    "datetime.timedelta(days=400)",
    "datetime.timedelta(days=-2)",
    "datetime.timedelta(microseconds=1500)",
)
DATETIMES = importing(
    DATETIME,
    "datetime.datetime(2024, 1, 15, 12, 30, 45)",
    "datetime.datetime(2020, 2, 29)",
    "datetime.datetime(1999, 12, 31, 23, 59, 59)",
    "datetime.datetime(2024, 6, 1, 8, 0, tzinfo=datetime.timezone.utc)",
)
DATES = importing(DATETIME, "datetime.date(2024, 1, 15)", "datetime.date(2020, 2, 29)", "datetime.date(1999, 12, 31)")
TIMES = importing(DATETIME, "datetime.time(12, 30)", "datetime.time(0, 0)", "datetime.time(23, 59, 59)")
ZONES = importing(DATETIME, "datetime.timezone.utc", "datetime.timezone(datetime.timedelta(hours=2))")
PATTERNS = importing("import re", "re.compile('[a-z]+')", "re.compile('(\\\\d+)')", "re.compile('')")
PATHS = [
    Value(
        "path", arrange=("path = tmp_path / 'data.txt'", "path.write_text('hello\\nworld\\n')"), fixtures=("tmp_path",)
    ),
    Value("tmp_path / 'missing.txt'", fixtures=("tmp_path",)),
    Value("tmp_path", fixtures=("tmp_path",)),
    Value("path", arrange=("path = tmp_path / 'empty.txt'", "path.write_text('')"), fixtures=("tmp_path",)),
]
TEXT_FILES = importing("import io", "io.StringIO('hello\\nworld\\n')", "io.StringIO('')", "io.StringIO('a,b\\n1,2\\n')")
BYTE_FILES = importing("import io", "io.BytesIO(b'hello\\nworld\\n')", "io.BytesIO(b'')")
DECIMALS = importing("from decimal import Decimal", "Decimal('1.50')", "Decimal('0')", "Decimal('-3')")
FRACTIONS = importing("from fractions import Fraction", "Fraction(1, 2)", "Fraction(3)")
UUIDS = importing("import uuid", "uuid.UUID('12345678-1234-5678-1234-567812345678')")
LOCKS = importing("import threading", "threading.Lock()", "threading.RLock()")

# Invariant: every kind that usage, names and annotations speak of has its pool here.
KINDS: Dict[str, List[Value]] = {
    "str": TEXTS,
    "int": INTEGERS,
    "float": FLOATS,
    "bool": BOOLEANS,
    "bytes": BYTES,
    "list": LISTS,
    "tuple": TUPLES,
    "set": SETS,
    "dict": DICTS,
    "complex": COMPLEX,
    "callable": CALLABLES,
    "any": ANYTHING,
    "exception": EXCEPTIONS,
    "exception type": EXCEPTION_TYPES,
    "type": TYPES,
    "iterator": ITERATORS,
    "range": RANGES,
    "None": NONE,
    "timedelta": TIMEDELTAS,
    "datetime": DATETIMES,
    "date": DATES,
    "time": TIMES,
    "tzinfo": ZONES,
    "pattern": PATTERNS,
    "path": PATHS,
    "text file": TEXT_FILES,
    "byte file": BYTE_FILES,
    "decimal": DECIMALS,
    "fraction": FRACTIONS,
    "uuid": UUIDS,
    "lock": LOCKS,
    "frozenset": plain("frozenset({1, 2})", "frozenset()"),
    "bytearray": plain("bytearray(b'abc')", "bytearray()"),
    "memoryview": plain("memoryview(b'abc')"),
    "number": INTEGERS[:5] + FLOATS[:4],
    "iterable": LISTS[:6] + TUPLES[:2] + TEXTS[:1] + ITERATORS[:2] + DICTS[:1],
    "ip4": importing("from ipaddress import IPv4Address", "IPv4Address('8.8.8.8')", "IPv4Address('10.0.0.1')"),
    "ip6": importing("from ipaddress import IPv6Address", "IPv6Address('2001:4860:4860::8888')", "IPv6Address('::1')"),
    "network": importing("from ipaddress import IPv4Network", "IPv4Network('10.0.0.0/24')"),
    "slice": plain("slice(1, 3)", "slice(None)", "slice(None, None, 2)"),
}


def told_by_name(name: str) -> List[Value]:
    """Return what a name alone tells: an encoding, a separator; empty for names of a mere kind."""
    kind = _hint(name)
    return [] if kind in KINDS else by_name(name)


def by_name(name: str) -> List[Value]:
    """Return what a parameter of this name usually takes; empty where the name says nothing."""
    return list(_by_name(name))


@functools.lru_cache(maxsize=1000)
def _by_name(name: str) -> List[Value]:
    kind = _hint(name)
    if kind in KINDS:
        return [value._replace(origin="name") for value in KINDS[kind]]
    return plain(*kind.split("|"), origin="name") if kind else []


def _hint(name: str) -> str:
    return next((kind for pattern, kind in HINTS if re.search(pattern, name.lower())), "")


def unique(values: Sequence[Value], limit: int = 40) -> List[Value]:
    """Return values without repetition, in their order, plain ones before odd ones."""
    seen: Dict[Tuple[str, Tuple[str, ...]], Value] = {}
    for value in values:
        seen.setdefault((value.code, value.arrange), value)
    return sorted(seen.values(), key=lambda value: value.odd)[:limit]


_BINDS = re.compile(r"(?:async )?(?:def|class) (\w+)|(\w+) = ")


def bound(statement: str) -> str:
    """Return the name that an arrange statement binds; empty where it binds none."""
    match = _BINDS.match(statement)
    return (match[1] or match[2]) if match else ""


def renamed(value: Value, taken: Dict[str, str]) -> Value:
    """Return the value with names changed that ``taken`` has other statements for; ``taken`` is filled."""
    arrange, code = list(value.arrange), value.code
    for number, statement in enumerate(arrange):
        name = bound(statement)
        if name and taken.get(name, statement) != statement:
            new = next(
                option
                for option in (f"other_{name}", f"third_{name}", *(f"{name}_{n}" for n in range(4, 99)))
                if option not in taken
            )
            word = re.compile(rf"(?<![\w.'\"]){name}\b(?!['\"]|=)")
            arrange[number:] = [word.sub(new, line) for line in arrange[number:]]
            code = word.sub(new, code)
        name = bound(statement)
        if name:
            taken[name] = statement
    return value._replace(code=code, arrange=tuple(arrange))


def composed(parts: Sequence[Value], make: Callable[[List[str]], str], origin: str = "type") -> Value:
    """Return one value made of others; ``make`` joins their expressions."""
    taken: Dict[str, str] = {}
    parts = [renamed(part, taken) for part in parts]
    return Value(
        make([part.code for part in parts]),
        merged(part.imports for part in parts),
        merged(part.arrange for part in parts),
        merged(part.fixtures for part in parts),
        merged(part.patches for part in parts),
        origin,
        sum(part.odd for part in parts),
    )


def merged(rows: Iterable[Tuple[Any, ...]]) -> Tuple[Any, ...]:
    """Return the items of all rows, each once, in order."""
    return tuple(dict.fromkeys(item for row in rows for item in row))
