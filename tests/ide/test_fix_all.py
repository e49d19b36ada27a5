"""All safe fixes of a file at once: which are made, that they are proved, and what they import."""

import ast

from coding_agent.analysis.file import Analyser
from coding_agent.analysis.finding import Fix
from coding_agent.analysis.imports import Imports
from coding_agent.analysis.registry import all_rules
from coding_agent.analysis.rule import Rule
from coding_agent.analysis.ruleset import Selection, select
from coding_agent.ide.actions import FIX_ALL, fixed, fixed_all, listed
from coding_agent.ide.check import check_text, whole
from coding_agent.text import Edit, Span, Text, apply_edits

PATH = "a.py"


def analyser(*names: str) -> Analyser:
    return Analyser(select(all_rules(), Selection(only=names)))


def after(text: str, made: Analyser) -> str:
    return apply_edits(text, fixed_all(whole(Text.of(text), made, PATH), made, PATH).edits)


def replacing(what: str, new: str, *imports: str, also: str = "") -> Rule:
    """A rule that finds each name ``what``, and whose fix puts ``new`` there."""

    def check(node, context):  # type: ignore[no-untyped-def]
        if node.id == what:
            edits = (Edit(context.span(node), new),)
            text = context.layout.text
            if also and also in text:
                edits += (Edit(Span(text.index(also), text.index(also) + len(also)), ""),)
            yield context.finding(node, "found", Fix("replace", edits, imports=imports))

    return Rule(f"no-{what}", check, (), nodes=(ast.Name,))


def with_rules(*rules: Rule) -> Analyser:
    return Analyser(select(rules, Selection()))


def test_comments_that_allow_nothing_go() -> None:
    text = (
        "def f(x):\n    return x  # coding-agent: allow eval-used\n\n\n"
        "class C:\n    def m(self, x):\n        # coding-agent: allow eval-used\n        return x  # kept\n"
    )
    expected = "def f(x):\n    return x\n\n\nclass C:\n    def m(self, x):\n        return x  # kept\n"
    made = analyser("unused-allow", "eval-used")
    assert after(text, made) == expected
    state = whole(Text.of(text), made, PATH)
    at = Span(text.index("# coding"), text.index("# coding") + len("# coding-agent: allow eval-used"))
    one = fixed(state, made, PATH, "unused-allow", at)
    assert apply_edits(text, one.edits) == text.replace("  # coding-agent: allow eval-used", "", 1)
    (action,) = listed(state, made, PATH, Span(0, 0), (FIX_ALL,))
    assert action.kind == FIX_ALL


def test_a_fix_that_loses_a_comment_is_left_out_and_the_others_are_made() -> None:
    text = "# head\n" + "bad = (  # lost\n    old\n)\n".join(["old\n\n\n", "\n\nold\n"])
    made = with_rules(replacing("old", "new", also="  # lost"))
    assert after(text, made) == text.replace("old\n\n\n", "new\n\n\n").replace("\n\nold\n", "\n\nnew\n")


def test_one_fix_of_many_in_a_piece_that_fails_leaves_the_others() -> None:
    text = "def f():\n" + "    old\n" * 5 + "    wrong\n" + "    old\n" * 5
    made = with_rules(replacing("old", "new"), replacing("wrong", ")("))
    assert after(text, made) == text.replace("old", "new")


def test_fixes_that_touch_are_made_one_at_a_time() -> None:
    first, second = replacing("old", "new"), replacing("old", "other")
    second = Rule("no-old-either", second.check, (), nodes=second.nodes)
    assert after("x = old + old\n", with_rules(first, second)) in ("x = new + new\n", "x = other + other\n")


def test_an_import_that_several_fixes_need_is_added_once() -> None:
    text = '"""Words."""\n\nimport os\n\none\ntwo\none\n'
    made = with_rules(replacing("one", "re.x", "re"), replacing("two", "json.y", "re", "json"))
    assert after(text, made) == '"""Words."""\n\nimport re\nimport json\nimport os\n\nre.x\njson.y\nre.x\n'


def test_the_place_of_imports_is_looked_for_once(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from coding_agent.analysis import imports

    asked = list[object]()
    found = imports._place
    monkeypatch.setattr(imports, "_place", lambda state: asked.append(state) or found(state))
    made = with_rules(replacing("one", "re.x", "re"))
    text = '"""Words."""\n' + "one\n\n\n" * 50
    assert after(text, made).startswith('"""Words."""\n\nimport re\n\nre.x\n')
    assert len(asked) == 1
    assert len([each for each in check_text(PATH, text, made, fixes=True).diagnostics if each.fix]) == 50
    assert len(asked) == 2


def test_what_is_there_is_not_imported() -> None:
    state = whole(Text.of("import os.path\nimport json as j\nre = 1\n"), analyser("eval-used"), PATH)
    assert Imports(state).missing(["os", "os.path", "json", "re"]) == ["json", "re"]


def test_a_whole_file_of_findings_is_proved_piece_by_piece(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from coding_agent.ide import actions

    proved = list[int]()
    prove = actions.verify_fix

    def counted(before, edits, **more):  # type: ignore[no-untyped-def]
        proved.append(len(edits))
        return prove(before, edits, **more)

    monkeypatch.setattr(actions, "verify_fix", counted)
    text = "def f():\n    old\n    old\n\n\n" * 20
    assert after(text, with_rules(replacing("old", "new"))) == text.replace("old", "new")
    assert proved == [2] * 20
