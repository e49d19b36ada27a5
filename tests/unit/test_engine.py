"""One file through the engine: who is asked, what names mean, what is remembered, what comments allow."""

import ast
from collections import Counter
from collections.abc import Iterator

import pytest

from coding_agent.analysis.context import Context
from coding_agent.analysis.engine import RuleFailed
from coding_agent.analysis.file import Analyser, FileState
from coding_agent.analysis.finding import Applicability, Finding, Severity
from coding_agent.analysis.registry import all_rules, rule
from coding_agent.analysis.rule import Rule
from coding_agent.analysis.ruleset import Selection, select
from coding_agent.ide.check import check_text, whole
from coding_agent.text import Span, Text

PATH = "src/module.py"


def _said(text: str, *rules: Rule) -> list[str]:
    return [each.message for each in check_text(PATH, text, Analyser(select(rules, Selection()))).diagnostics]


def _meaning(node: ast.Call, context: Context) -> Iterator[Finding]:
    yield context.finding(node, f"{ast.unparse(node.func)}: {context.qualified(node.func)}")


def _owner(node: ast.Delete, context: Context) -> Iterator[Finding]:
    yield context.finding(node, f"{context.owner and context.owner.name}")


MEANING = Rule("meaning", _meaning, (), nodes=(ast.Call,))
OWNER = Rule("owner", _owner, (), nodes=(ast.Delete,))


# Names across pieces.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import os\n\n\ndef f():\n    os.getcwd()\n", "os.getcwd: os.getcwd"),
        ("def f():\n    os.getcwd()\n\n\nimport os\n", "os.getcwd: os.getcwd"),
        ("import os.path as p\np.join()\n", "p.join: os.path.join"),
        ("from os import path as p\np.join()\n", "p.join: os.path.join"),
        ("from . import a\na.b()\n", "a.b: .a.b"),
        ("from ..c import a\na.b()\n", "a.b: ..c.a.b"),
        ("eval(1)\n", "eval: builtins.eval"),
        ("def f():\n    eval(1)\n\n\ndef eval(x): ...\n", "eval: None"),
        ("from a import f\n\n\ndef g(f):\n    f()\n", "f: None"),
        ("from a import f\nfrom b import f\nf()\n", "f: None"),
        ("from a import f\nfrom a import f\nf()\n", "f: a.f"),
        ("from a import f\n\n\nclass A:\n    f = 1\n\n    def g(self):\n        f()\n", "f: a.f"),
        ("from a import f\n\n\nclass A:\n    def f(self): ...\n    x = f()\n", "f: a.f"),
        ("from a import f\n\n\ndef g():\n    global f\n    f = 1\n    f()\n", "f: a.f"),
        ("def g():\n    from a import f\n\n    def h():\n        return f()\n", "f: a.f"),
        ("from a import f\nx = [f() for f in y]\n", "f: None"),
        ("unknown()\n", "unknown: None"),
    ],
)
def test_what_a_name_means(text: str, expected: str) -> None:
    assert _said(text, MEANING) == [expected]


def test_calls_are_asked_for_by_what_they_mean() -> None:
    by_name = Rule("by-name", _meaning, (), calls=("os.getcwd", "builtins.eval"))
    by_method = Rule("by-method", _meaning, (), calls=(".close",))
    text = "from os import getcwd as here\nhere()\nother()\nfile.close()\nfile.open()\neval(x)\n"
    assert _said(text, by_name) == ["here: os.getcwd", "eval: builtins.eval"]
    assert _said(text, by_method) == ["file.close: None"]


def test_a_member_knows_its_class() -> None:
    text = (
        "class A:\n    del x\n\n    def f(self):\n        del x\n\n\nclass B: del x\n\n\n"
        "def f():\n    del x\n\n\nif x:\n"
        "    class C:\n        del x\n"
    )
    assert _said(text, OWNER) == ["A", "A", "None", "None", "None"]


# What is remembered.


class _Counting:
    """A rule that counts how often it is asked about each function."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.analyser = Analyser(select([Rule("counting", self._check, (), nodes=(ast.FunctionDef,))], Selection()))

    def _check(self, node: ast.FunctionDef, context: Context) -> Iterator[Finding]:
        self.asked[node.name] += 1
        yield context.finding(context.name_span(node), str(context.meaning("run", context.scope(node))))

    def whole(self, text: str, path: str = PATH) -> FileState:
        return whole(Text.of(text), self.analyser, path)


FUNCTIONS = "def f():\n    run()\n\n\ndef g():\n    pass\n"


def test_a_piece_is_looked_at_once() -> None:
    counting = _Counting()
    counting.whole(FUNCTIONS)
    counting.whole("x = 1\n\n\n" + FUNCTIONS)
    assert counting.asked == {"f": 1, "g": 1}


def test_a_piece_is_looked_at_again_when_a_name_it_reads_means_something_else() -> None:
    counting = _Counting()
    counting.whole(FUNCTIONS)
    state = counting.whole("from a import run\n\n\n" + FUNCTIONS)
    assert counting.asked == {"f": 2, "g": 1}
    assert [each.message for placed in state.placed() for each in placed.findings] == ["a.run", "None"]


def test_a_member_is_looked_at_again_when_its_class_changes() -> None:
    counting = _Counting()
    for head in ("class A:\n", "class A(B):\n", "class C:\n", "class A:\n"):
        counting.whole(f"{head}    def f(self): ...\n")
    assert counting.asked == {"f": 3}


def test_an_edit_asks_about_its_own_piece_only() -> None:
    counting = _Counting()
    text = Text.of("import run\n\n\n" + FUNCTIONS)
    state = whole(text, counting.analyser, PATH)
    before = counting.asked.copy()
    at = text.position(str(text).index("pass"))
    splice = text.splice(at, at, "x = 1; ")
    update = counting.analyser.update(state, splice.text, splice.head, splice.tail, PATH)
    for _ in update.steps:
        pass
    assert counting.asked - before == {"g": 1}


# Broken code and broken rules.


def test_one_broken_piece_keeps_the_findings_of_the_others() -> None:
    assert _said("open(1)\n\n\ndef f(:\n    eval(2)\n\n\nprint(3)\n", MEANING) == [
        "open: builtins.open",
        "print: builtins.print",
    ]


def _raises(node: ast.Call, context: Context) -> Iterator[Finding]:
    yield context.finding(node, "before")
    raise KeyError(context.path)


def test_a_rule_that_raises_does_not_stop_the_others() -> None:
    analyser = Analyser(select([Rule("broken", _raises, (), nodes=(ast.Call,)), MEANING], Selection()))
    found = check_text(PATH, "eval(1)\n\n\nopen(2)\n", analyser).diagnostics
    assert {each.message for each in found} >= {"eval: builtins.eval", "open: builtins.open"}
    assert [(type(each), str(each), type(each.__cause__)) for each in analyser.failed] == [
        (RuleFailed, "broken", KeyError)
    ] * 2


# What comments allow.

EVAL = "eval-used"


def _allowed(text: str) -> list[tuple[str, int]]:
    rules = [rule(EVAL), rule("complex-function"), rule("unused-allow")]
    found = check_text(PATH, text, Analyser(select(rules, Selection()))).diagnostics
    return [(each.rule, each.start[0]) for each in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("eval(x)  # coding-agent: allow eval-used\neval(y)\n", [(EVAL, 1)]),
        ("# coding-agent: allow eval-used (it is ours)\neval(x)\neval(y)\n", [(EVAL, 2)]),
        ("def f():\n    # coding-agent: allow eval-used\n    # and why\n\n    return eval(x)\n", []),
        ("eval(x)  # coding-agent: allow complex-function\n", [(EVAL, 0), ("unused-allow", 0)]),
        ("eval(x)  # coding-agent: allow no-such-rule\n", [(EVAL, 0), ("unused-allow", 0)]),
        ("eval(x)\n\n\ndef f():\n    eval(y)\n# coding-agent: allow-file eval-used\n", []),
        ("eval(x)  # noqa\neval(x)  # noqa: S307\neval(x)  # noqa: F401\n", [(EVAL, 2)]),
        ("eval(x)  # nosec\neval(x)  # nosec B307\neval(x)  # nosec B101\n", [(EVAL, 2)]),
        ("'# coding-agent: allow eval-used'; eval(x)\n", [(EVAL, 0)]),
        ("x = (\n    eval(x),  # coding-agent: allow eval-used\n    eval(y),\n)\n", [(EVAL, 2)]),
    ],
)
def test_comments_allow_findings_on_their_line(text: str, expected: list[tuple[str, int]]) -> None:
    assert _allowed(text) == expected


def test_a_comment_may_stand_at_either_end_of_what_is_found() -> None:
    assert _allowed("eval(  # coding-agent: allow eval-used\n    x\n)\n") == []
    assert _allowed("eval(\n    x\n)  # coding-agent: allow eval-used\n") == []
    assert _allowed("eval(\n    x  # coding-agent: allow eval-used\n)\n") == [(EVAL, 0), ("unused-allow", 1)]


# What findings are made of.


def test_places_count_code_points_and_lines_of_the_file() -> None:
    text = "𝕏 = '🐍'\r\n\r\n\r\nclass A:\r\n    def f(self, é):\r\n        ü = 'ü'; eval(é)\r\n"
    (found,) = check_text(PATH, text, Analyser(select([rule(EVAL)], Selection()))).diagnostics
    assert text[slice(*found.span)] == "eval(é)"
    assert (found.start, found.stop) == ((5, 17), (5, 24))
    assert (found.severity, found.path) == (Severity.WARNING, PATH)


def test_fixes_are_made_only_when_asked_for() -> None:
    analyser = Analyser(select([rule(EVAL)], Selection()))
    text = "def f(x):\n    return eval(x)\n"
    assert [each.fix for each in check_text(PATH, text, analyser).diagnostics] == [None]
    (fix,) = [each.fix for each in check_text(PATH, text, analyser, fixes=True).diagnostics]
    assert fix is not None
    assert (fix.applicability, [edit.span for edit in fix.edits]) == (
        Applicability.UNSAFE,
        [Span(0, 0), Span(21, 25)],
    )


def test_severity_and_options_come_from_the_settings() -> None:
    complex_rule = rule("complex-function")
    selection = Selection(
        options={"complex-function": {"max-cognitive": 0}}, severities={"complex-function": Severity.ERROR}
    )
    analyser = Analyser(select([complex_rule], selection))
    (found,) = check_text(PATH, "def f(x):\n    if x:\n        pass\n", analyser).diagnostics
    assert found.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("head", "large"),
    [
        ('"""Reads rows."""\nimport os\n\n', True),
        ('"""Reads rows; adapted from the reference reader."""\nimport os\n\n', False),
        ('# Licence\n"""Reads rows."""\n# Copied from another project.\nimport os\n\n', False),
        ('"""Reads rows."""\nimport os\n\n\n# adapted from elsewhere\ndef other(): ...\n\n\n', True),
    ],
)
def test_size_is_no_matter_where_the_head_of_a_file_says_it_came_from_elsewhere(head: str, large: bool) -> None:
    body = (
        "def f(rows):\n    for row in rows:\n        if row:\n            if row.x:\n                return eval(row)\n"
    )
    rules = select(all_rules(), Selection(options={"complex-function": {"max-cognitive": 1}}))
    found = [each.rule for each in check_text("a.py", head + body, Analyser(rules)).diagnostics]
    assert found == (["complex-function", "eval-used"] if large else ["eval-used"])
