"""Chunks hold every line of a file but its imports and docstrings, under the right names."""

import random
import sysconfig
from pathlib import Path

import pytest

from coding_agent.search.chunks import LONG, Chunk, Kind, chunks

CODE = '''"""About it.

More."""
import os
LIMIT = 3


@cached
# why
def outer(a: int,  # first
          b: str = "#") -> int:
    """Do it."""
    def inner():
        return a
    return inner()


class Shop(Base):
    """Sells."""

    open = True

    @property
    async def till(self): return self._till

    class Shelf:
        def put(self, what):
            pass


if os.name == "nt":
    def beep():
        """Beeps."""
'''


def named(text: str) -> dict[str, Chunk]:
    return {chunk.name: chunk for chunk in chunks(text)}


def test_names_kinds_and_lines() -> None:
    found = [(each.name, each.kind, each.line, each.at, each.end) for each in chunks(CODE)]
    assert found == [
        ("", Kind.MODULE, 1, 1, 31),
        ("outer", Kind.FUNCTION, 8, 10, 15),
        ("outer.inner", Kind.FUNCTION, 13, 13, 14),
        ("Shop", Kind.CLASS, 18, 18, 21),
        ("Shop.till", Kind.METHOD, 23, 24, 24),
        ("Shop.Shelf", Kind.CLASS, 26, 26, 26),
        ("Shop.Shelf.put", Kind.METHOD, 27, 27, 28),
        ("beep", Kind.FUNCTION, 32, 32, 33),
    ]


def test_signatures_and_docstrings() -> None:
    found = named(CODE)
    assert found["outer"].signature == 'def outer(a: int, b: str = "#") -> int'
    assert found["Shop"].signature == "class Shop(Base)"
    assert found["Shop.till"].signature == "async def till(self)"
    assert found[""].docstring == "About it.\n\nMore."
    assert found["beep"].docstring == "Beeps."


def test_code_is_without_docstring_and_what_has_its_own() -> None:
    found = named(CODE)
    assert '"""' not in "".join(each.code for each in found.values())
    assert found["Shop"].code == "class Shop(Base):\n    open = True\n"
    assert found["outer.inner"].code in found["outer"].code
    assert found[""].code == 'LIMIT = 3\nif os.name == "nt":\n'
    assert "import os" not in found[""].code


def test_a_docstring_that_shares_its_line_stays() -> None:
    assert named('def f(): "d"; g()\n')["f"].code == 'def f(): "d"; g()\n'
    assert named('def f():\n    "d"; g()\n')["f"].code == 'def f():\n    "d"; g()\n'


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends(end: str) -> None:
    assert [each[:5] for each in chunks(CODE.replace("\n", end))] == [each[:5] for each in chunks(CODE)]


def test_form_feeds_end_no_line() -> None:
    assert named("x = 1\n\x0c\ndef f():\n    return '\x0c\u2028'\n")["f"].line == 3


def test_what_is_long_is_split_at_statements() -> None:
    body = "".join(f"    if x{n}:\n        y = {n}\n" for n in range(LONG))
    parts = [each for each in chunks(f'@d\ndef f(x):\n    """Long."""\n{body}') if each.name == "f"]
    assert len(parts) > 2
    assert all(each.end - each.line <= LONG for each in parts)
    assert [each.line for each in parts[1:]] == [each.end + 1 for each in parts[:-1]]
    assert {each.signature for each in parts} == {"def f(x)"}
    assert [each.docstring for each in parts] == ["Long.", *[""] * (len(parts) - 1)]
    assert [each.at for each in parts] == [2, *(each.line for each in parts[1:])]


def test_one_long_statement_is_one_chunk() -> None:
    (only,) = chunks("x = [\n" + "    1,\n" * (2 * LONG) + "]\n")
    assert only.end == 2 * LONG + 2


def test_what_is_broken_costs_its_neighbours_nothing() -> None:
    text = CODE.replace("    open = True\n", "    open = True\n\n    def half(self, :\n        pass\n")
    found = named(text)
    assert set(found) >= {"outer", "outer.inner", "Shop", "Shop.till", "Shop.Shelf.put", "beep"}
    assert (found["Shop.till"].line, found["Shop.till"].at) == (26, 27)
    assert any("def half(self, :" in each.code for each in chunks(text))


def test_newer_python_than_ours() -> None:
    assert set(named("type A[T] = list[T]\ndef first[T](of: list[T]) -> T:\n    return of[0]\n")) == {"", "first"}


@pytest.mark.parametrize(
    "text", ["", "\n", "# only\n", '"""Only."""', "\x00", "x = '\ud800'\n", "def f(:\n", "\ufeffx = 1\n"]
)
def test_odd_texts(text: str) -> None:
    assert all(each.line <= each.at <= each.end for each in chunks(text))


def test_every_line_of_code_is_in_some_chunk() -> None:
    """Of some of the standard library's files, also with a line broken."""
    files = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    for seed, file in enumerate(random.Random(5).sample(files, 12)):
        text = file.read_text("utf-8")
        lines = text.split("\n")
        at = random.Random(seed).randrange(len(lines))
        for broken in (text, "\n".join([*lines[:at], "    ) broken (", *lines[at:]])):
            found = chunks(broken)
            shown = {line for each in found for line in range(each.line, each.end + 1)}
            codes = {line.strip() for each in found for line in each.code.split("\n")}
            told = " ".join(each.docstring for each in found)
            for number, line in enumerate(broken.split("\n"), 1):
                words = line.strip()
                if words.startswith(("def ", "class ", "return", "raise ", "if ")) and words not in told:
                    assert number in shown, (file.name, number, words)
                    assert words in codes or len(told) > 600, (file.name, number, words)
