"""What stands in a question: words, and filters."""

import pytest

from coding_agent.errors import UsageError
from coding_agent.search.question import Filter, is_test, matches, question


def test_filters_are_taken_out_of_the_words() -> None:
    asked = question('  sign path:"my dir" a cookie -test:yes kind:method calls:hmac.new ')
    assert asked.words == "sign a cookie"
    assert asked.filters == (
        Filter("path", "my dir"),
        Filter("test", "yes", True),
        Filter("kind", "method"),
        Filter("calls", "hmac.new"),
    )


@pytest.mark.parametrize("text", ["dict[str, int]: path", "http://kind", "self.kind:x", "a:b", "C:\\path:x"])
def test_what_is_no_filter_stays(text: str) -> None:
    assert question(text).filters == ()
    assert question(text).words == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kind:lambda", "kinds are function, method, class, module"),
        ("test:maybe", "neither test:yes nor test:no"),
        ("x path:", "path: says nothing; write for instance path:models"),
    ],
)
def test_a_filter_that_cannot_be(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        question(text)


def test_paths() -> None:
    asked = question("x path:shop -path:*/old/* test:no")
    taken = [path for path in ("shop/a.py", "shop/old/a.py", "web/a.py", "shop/tests/a.py") if asked.takes_path(path)]
    assert taken == ["shop/a.py"]
    assert question("x -test:no").takes_path("tests/a.py")
    assert not question("x -test:no").takes_path("a.py")


@pytest.mark.parametrize(
    ("path", "wanted", "yes"),
    [
        ("a/Models.py", "models", True),
        ("a/models/b.py", "models/*", True),
        ("a/b.py", "*.py", True),
        ("a/b.py", "b?.py", False),
    ],
)
def test_patterns(path: str, wanted: str, yes: bool) -> None:
    assert matches(path, wanted) is yes


def test_which_files_are_tests() -> None:
    yes = ["tests/a.py", "a/test_b.py", "b_test.py", "conftest.py", "a/testing/b.py", "tests.py"]
    assert [path for path in [*yes, "a/contest.py", "latest.py", "test/b.py"] if is_test(path)] == [*yes, "test/b.py"]
