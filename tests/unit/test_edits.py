"""Edits of arguments: whatever stands around, the call still parses, has what it should, and keeps its comments."""

import ast

import pytest

from coding_agent.analysis.context import Context, Layout
from coding_agent.analysis.edits import spelled, with_argument, without_argument
from coding_agent.analysis.walk import Walk
from coding_agent.text import Edit, apply_edits


def _call(text: str, names: dict[str, str | None] | None = None) -> tuple[ast.Call, Context]:
    tree = ast.parse(text)
    context = Context(Layout(text, False), Walk(tree.body, False), names or {}, None, "a.py", False)
    return next(node for node in ast.walk(tree) if isinstance(node, ast.Call)), context


def _applied(text: str, edit: Edit | None) -> str | None:
    return apply_edits(text, [edit]) if edit is not None else None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(x=1)", "f()"),
        ("f(x=1,)", "f()"),
        ("f(a, x=1)", "f(a)"),
        ("f(a, x=1,)", "f(a,)"),
        ("f(x=1, b=2)", "f(b=2)"),
        ("f(a, x=1, b=2)", "f(a, b=2)"),
        ("f(a, x=(1), b=(2))", "f(a, b=(2))"),
        ("f((a), x=1)", "f((a), )"),
        ("f(\n    a,\n    x=1,\n)", "f(\n    a,\n)"),
        ("f(\n    x=1,\n    b=2,\n)", "f(\n    b=2,\n)"),
        ("f(\r\n    x=1,\r\n    b=2,\r\n)", "f(\r\n    b=2,\r\n)"),
        ("f(a,  # why\n  x=1)", "f(a,  # why\n  )"),
        ("f(a,  # why\n  x=1,  # because\n)", "f(a,  # why\n  # because\n)"),
        ("f(x=1,  # why\n  b=2)", "f(# why\n  b=2)"),
        ("f(x=[1,  # why\n 2])", None),
        ("f(x='#')", None),
        ("f(x=1, **b)", "f(**b)"),
        ("f(*a, x=1)", "f(*a)"),
    ],
)
def test_an_argument_goes(before: str, after: str | None) -> None:
    call, context = _call(before)
    gone = next(each for each in call.keywords if each.arg == "x")
    assert _applied(before, without_argument(call, gone, context)) == after
    if after is not None:
        left, _ = _call(after)
        assert ast.dump(left) == ast.dump(
            ast.Call(call.func, call.args, [each for each in call.keywords if each is not gone])
        )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f()", "f(x=1)"),
        ("f(a)", "f(a, x=1)"),
        ("f(a,)", "f(a, x=1,)"),
        ("f((a))", None),
        ("f(a for a in b)", None),
        ("f(\n    a,  # why\n)", "f(\n    a, x=1,  # why\n)"),
        ("f(a  # why )\n)", "f(a, x=1  # why )\n)"),
        ("f(\n    # nothing\n)", "f(\n    # nothing\nx=1)"),
        ("f(b=(2))", "f(b=(2), x=1)"),
        ("f(**b)", "f(**b, x=1)"),
        ("(f)(a)", "(f)(a, x=1)"),
    ],
)
def test_an_argument_comes(before: str, after: str | None) -> None:
    call, context = _call(before)
    assert _applied(before, with_argument(call, "x=1", context)) == after
    if after is not None:
        assert any(each.arg == "x" for each in _call(after)[0].keywords)


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("f()", {}, ("yaml.safe_load", ("yaml",))),
        ("f()", {"yaml": "yaml"}, ("yaml.safe_load", ())),
        ("f()", {"y": "yaml"}, ("y.safe_load", ())),
        ("f()", {"load": "yaml.safe_load"}, ("load", ())),
        ("f()", {"yaml": None}, None),
        ("f()", {"yaml": "ruamel.yaml"}, None),
        ("def g(y):\n    f()", {"y": "yaml"}, ("yaml.safe_load", ("yaml",))),
        ("def g(yaml):\n    f()", {"yaml": "yaml"}, None),
        ("def g():\n    import yaml as z\n    f()", {}, ("z.safe_load", ())),
    ],
)
def test_how_a_name_is_written(
    text: str, names: dict[str, str | None], expected: tuple[str, tuple[str, ...]] | None
) -> None:
    call, context = _call(text, names)
    assert spelled("yaml.safe_load", call, context) == expected
