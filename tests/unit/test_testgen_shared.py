"""What many tests repeat stands once at the top of the file, and each test says what is its own."""

import pytest

from coding_agent.testgen.inside.model import Candidate, Patch
from coding_agent.testgen.style import Style
from coding_agent.testgen.write import write
from support.candidates import candidate, text_of

IMPORTS = ["from shop import client", "from shop.client import ask", "from types import SimpleNamespace"]


def asking(status: str, body: str = "{'a': 1}", how: str = "get") -> Candidate:
    answer = f"SimpleNamespace(json=lambda: {body}, status_code={status}, text='abc')"
    return candidate(
        "ask", "ask", repr(f"{status} {body}"), equal=repr(f"{status}{body}"), imports=IMPORTS,
        patches=[Patch("client.requests", how, f"lambda *args, **kwargs: {answer}")],
    )  # fmt: skip


def drawing(width: str, height: str = "3", **others: str) -> Candidate:
    given = {"width": width, "height": height, "left": "0", "top": "0", "sign": "'*'", "fill": "' '", "end": "''"}
    args = [(name, code) for name, code in {**given, **others}.items()]
    return candidate(f"draw_{width}", f"draw_{width}", *args, equal=repr(width * 3))


def test_answer_that_tests_share_comes_from_one_function() -> None:
    text = text_of(asking("200"), asking("404", "{'b': 2}"), asking("500", "{'b': 2, 'c': 3}"))

    assert text.startswith(
        "from types import SimpleNamespace\n\n"
        "from shop import client\n"
        "from shop.client import ask\n\n\n"
        "def fake_get(**changes):\n"
        '    given = {"json": lambda: {"a": 1}, "status_code": 200, "text": "abc"}\n'
        "    return lambda *args, **kwargs: SimpleNamespace(**{**given, **changes})\n"
    )
    assert 'monkeypatch.setattr(client.requests, "get", fake_get())\n' in text
    assert 'fake_get(json=lambda: {"b": 2}, status_code=404)' in text


@pytest.mark.parametrize(
    "cases",
    [
        pytest.param([asking("200"), asking("404", "{'b': 2}")], id="only two tests"),
        pytest.param(
            [asking("200"), asking("404", "{'b': 2}"), asking("500", "{'c': 2}", how="post")], id="another function"
        ),
        pytest.param(
            [asking("200", "{'a': seen}"), asking("404", "{'b': seen}"), asking("500", "{'c': seen}")],
            id="what only the tests know",
        ),
    ],
)
def test_answer_stays_in_the_test(cases: list[Candidate]) -> None:
    assert "fake_" not in text_of(*cases)


def test_name_that_the_file_has_is_not_taken() -> None:
    cases = [asking("200"), asking("404", "{'b': 2}"), asking("500", "{'c': 2}")]

    assert "def fake_get" not in write(cases, {}, Style(), ["fake_get"]).text


def test_arguments_that_calls_share_come_from_one_function() -> None:
    text = text_of(drawing("1"), drawing("2"), drawing("4", "5", end="'.'"))

    assert "def arguments(**changes):\n" in text
    assert "    return {**given, **changes}\n" in text
    assert 'assert draw_1(**arguments()) == "111"' in text
    assert 'assert draw_4(**arguments(width=4, height=5, end=".")) == "444"' in text


def test_call_that_is_too_long_is_spread_inside_its_arguments() -> None:
    wide = {"sign": "'a sign that is long'", "fill": "'as long as the sign'", "end": "'and an end'"}
    text = text_of(drawing("1"), drawing("2"), drawing("4", **wide))

    assert (
        '    result = draw_4(\n        **arguments(\n            width=4,\n            sign="a sign that is long",\n'
    ) in text
