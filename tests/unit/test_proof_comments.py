"""Which comments a quick fix may take away: those it says, and no other."""

import pytest

from coding_agent.errors import NotProven
from coding_agent.proof import verify_fix
from coding_agent.text import Edit, Span


def removed(text: str, *gone: str, says: tuple[str, ...] = ()) -> None:
    """Prove that the parts ``gone`` may be cut out of ``text`` by a fix that says so of ``says``."""

    def span(part: str) -> Span:
        return Span(text.index(part), text.index(part) + len(part))

    verify_fix(text, [Edit(span(part), "") for part in gone], removes=[span(part) for part in says])


def test_a_comment_that_is_lost_fails() -> None:
    with pytest.raises(NotProven, match="a comment is lost: # why"):
        removed("x = 1  # why\n", "  # why")


def test_a_comment_that_is_said_to_go_may_go() -> None:
    removed("x = 1  # why\n", "  # why", says=("# why",))
    removed("# why\nx = 1\n", "# why\n", says=("# why",))


def test_every_other_comment_stays() -> None:
    with pytest.raises(NotProven, match="a comment is lost: # because"):
        removed("x = 1  # why\ny = 2  # because\n", "  # why\ny = 2  # because", says=("# why",))


def test_an_equal_comment_elsewhere_stays() -> None:
    with pytest.raises(NotProven, match="a comment is lost"):
        removed(
            "x = [\n    1,  # why\n    2,  # same\n    3,  # same\n]\n", "  # same\n    3,  # same", says=("# same",)
        )


def test_what_stands_in_the_same_comment_stays() -> None:
    text = "x = 1  # noqa  # allow this (ours)\n"
    removed(text, "  # allow this (ours)", says=("# allow this (ours)",))
    removed(text, "allow this ", says=("allow this ",))
    with pytest.raises(NotProven, match="a comment is lost: # noqa"):
        removed(text, "  # noqa  # allow this (ours)", says=("# allow this (ours)",))
    with pytest.raises(NotProven, match=r"a comment is lost: \(ours\)"):
        removed(text, "  # allow this (ours)", says=("# allow this ",))


def test_saying_so_of_a_part_that_stays_changes_nothing() -> None:
    with pytest.raises(NotProven, match="a comment is lost: # because"):
        removed("x = 1  # why\ny = 2  # because\n", "  # because", says=("# why",))
