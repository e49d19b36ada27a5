"""The parse door: what the parser warns of is no failure, and nobody hears of it."""

import subprocess
import sys

ODD = ["x = '\\d'\n", "x = 1if y else 0\n", "x = y is 1\n", "assert (1, 'told')\n"]


def test_warnings_of_the_parser_are_silent_also_where_they_are_errors() -> None:
    program = f"from coding_agent.syntax.parse import parse\nfor text in {ODD!r}:\n    print(parse(text).failure)\n"
    ran = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("None\n" * len(ODD), "")
