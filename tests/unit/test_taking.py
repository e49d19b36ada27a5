"""The edits that lead from a test file to the one with new tests."""

import pytest

from coding_agent.lsp.taking import changes
from coding_agent.text import Edit, Span, apply_edits

BEFORE = "import re\n\n\ndef test_a():\n    assert re\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "x = 1\n"),
        (BEFORE, "import pytest\n" + BEFORE + "\n\ndef test_b(): ...\n"),
        (BEFORE, BEFORE),
        (BEFORE.rstrip("\n"), BEFORE + "\n\ndef test_b(): ...\n"),
        ("a\x0cb\nc\u2028d\n", "a\x0cb\nnew\nc\u2028d\n"),
        (BEFORE, ""),
    ],
)
def test_they_make_the_new_text(before: str, after: str) -> None:
    assert apply_edits(before, changes(before, after)) == after


def test_lines_that_stay_are_not_touched() -> None:
    after = BEFORE.replace("import re\n", "import re\nimport sys\n") + "\n\ndef test_b(): ...\n"
    end = len(BEFORE)
    assert changes(BEFORE, after) == (
        Edit(Span(10, 10), "import sys\n"),
        Edit(Span(end, end), "\n\ndef test_b(): ...\n"),
    )
