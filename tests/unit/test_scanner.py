"""How far open brackets and quotes reach, and that long texts are read with pauses."""

import pytest

from coding_agent.syntax.scanner import settled
from coding_agent.text import split_lines

LONG = 30_000


def reached(text: str) -> list[bool]:
    """Whether nothing is open behind each line, as far as lines are followed."""
    return [step[1] for step in settled(split_lines(text), 0) if step is not None]


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("x = (\n1,\n)\ny\n", [False, False, True, True]),
        ("x = '''\n(''\n'''\n", [False, False, True]),
        ("x = 'a\ny\n", []),
        ("x = 'a\\\nb'\n", [False, True]),
        ("x = 1 + \\\n2\n", [False, True]),
        ("x = 1 \\ 2\ny\n", [True, True]),
        ("x = ''\n", [True]),
        ('x = """"a""" # (\n', [True]),
        ("x = (  # )\n)\n", [False, True]),
        ("x = (\ndef f():\n", [False]),
        ("x = )\ny\n", []),
    ],
)
def test_where_all_is_closed(text: str, closed: list[bool]) -> None:
    assert reached(text) == closed


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("(" * LONG + ")" * LONG + "\n", [True]),
        ("(" * LONG + "\n", [False]),
        ("x = [" + "'a', " * LONG + "]\n", [True]),
        ("x = '" + "\\n" * LONG + "'\n", [True]),
        ("x = '" + "\\n" * LONG + "\n", []),
        ("x = '''" + "\\n''" * LONG + "'''\n", [True]),
        ("x = (\n" + "1,\n" * LONG + ")\n", [False] * (LONG + 1) + [True]),
        ("x = '''\n" + "1,\n" * LONG + "'''\n", [False] * (LONG + 1) + [True]),
    ],
    ids=["brackets", "open brackets", "strings", "escapes", "open string", "quotes", "lines", "lines of a string"],
)
def test_a_long_way_is_gone_with_pauses(text: str, closed: list[bool]) -> None:
    steps = list(settled(split_lines(text), 0))
    assert [step[1] for step in steps if step is not None] == closed
    assert steps.count(None) >= LONG // 3000
