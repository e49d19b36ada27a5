"""Every example of every rule, and the laws that hold for all of them without anybody writing a test."""

import ast
import re
from pathlib import Path

import pytest

from coding_agent.analysis.registry import all_rules, modules, page
from coding_agent.analysis.rule import Kind, Rule
from coding_agent.analysis.twins import twin_is_on
from coding_agent.ide.check import check_text, diagnostics, whole
from coding_agent.syntax.pieces import Trees
from coding_agent.text import Span, Text, apply_edits
from support.examples import (
    HEAD,
    KEPT,
    PATH,
    Case,
    beside_wide,
    cases,
    comments,
    exploded,
    fixed,
    indented,
    lost_comments,
    renamed_imports,
    undone,
    without_imports,
)

CASES = cases(all_rules())
TWIN = re.compile(
    r"ruff:[A-Z]+\d+|bandit:B\d{3}|pyright:report[A-Z]\w+|pylint:[CEFRW]\d{4}|sonar:S\d+|codeql:py/[\w/-]+"
)

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule.name}: {case.example.title}")
every_rule = pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.name)


# What the example says.


@every_case
def test_it_finds_what_is_marked(case: Case) -> None:
    found = case.check(case.text)
    if not case.marks:
        assert found == []
    elif len(case.marks) == 1:
        assert [each.span.start for each in found] == list(case.marks)
    else:
        pairs = zip(case.marks[::2], case.marks[1::2], strict=True)
        assert [each.span for each in found] == [Span(*pair) for pair in pairs]


@every_case
def test_its_fix_gives_what_is_written(case: Case) -> None:
    found = case.check(case.text)
    if case.example.after is None:
        assert [each.fix for each in found] == [None] * len(found)
    else:
        assert found
        assert fixed(case.text, found) == case.example.after


# What nobody writes by hand.


@every_case
def test_the_fix_leaves_python_and_nothing_to_fix(case: Case) -> None:
    _holds_after_fix(case, case.text)


@every_case
def test_line_ends_do_not_matter(case: Case) -> None:
    text = case.text.replace("\n", "\r\n")
    found, other = case.check(case.text), case.check(text)

    def there(offset: int) -> int:
        return offset + case.text.count("\n", 0, offset)

    assert [each.span for each in other] == [Span(there(each.span.start), there(each.span.stop)) for each in found]
    assert [each.message for each in other] == [each.message for each in found]
    assert fixed(text, other).replace("\r\n", "\n") == fixed(case.text, found)
    assert fixed(text, other).count("\r\n") == fixed(text, other).count("\n"), "the fix adds lines with other ends"


@every_case
@pytest.mark.parametrize("head", [HEAD, "\f\n"], ids=["wide characters", "form feed"])
def test_what_stands_above_does_not_matter(case: Case, head: str) -> None:
    if "__future__" in case.text:
        head = "".join(head.splitlines(keepends=True)[:1])
    found, other = case.check(case.text), case.check(head + case.text)
    assert [each.span for each in other] == [each.span.shifted(len(head)) for each in found]
    assert fixed(head + case.text, other) == head + fixed(case.text, found)


@every_case
def test_wide_characters_beside_do_not_matter(case: Case) -> None:
    expected = [case.text[each.span.start : each.span.stop] for each in case.check(case.text)]
    for at, text in beside_wide(case.text):
        found = case.check(text)
        # A statement more may silence a rule about statements, but never move what it finds.
        said = [text[each.span.start : each.span.stop] for each in found]
        assert set(said) <= {*expected, *(text[at:][: len(one) + 7] for one in expected)}, text
        ast.parse(fixed(text, found))


@every_case
def test_it_may_stand_in_a_block(case: Case) -> None:
    text = indented(case.text)
    if text is None or case.rule.kind is not Kind.PIECE:
        return
    found, other = case.check(case.text), case.check(text)

    def there(offset: int) -> int:
        lines = case.text[:offset].split("\n")
        full = case.text.split("\n")
        return offset + len("if True:\n") + 4 * sum(bool(line.strip()) for line in full[: len(lines)])

    assert [each.span for each in other] == [Span(there(each.span.start), there(each.span.stop)) for each in found]
    _holds_after_fix(case, text)


@every_case
def test_aliases_of_imports_do_not_matter(case: Case) -> None:
    text = renamed_imports(case.text)
    if text is None:
        return
    assert len(case.check(text)) == len(case.check(case.text)), text
    _holds_after_fix(case, text)


@every_case
def test_comments_survive_the_fix(case: Case) -> None:
    for text in (case.text, exploded(case.text)):
        found = case.check(text)
        for each in found:
            if each.fix is not None:
                after = apply_edits(text, each.fix.edits)
                assert not lost_comments(text, [each], after), after
        _holds_after_fix(case, text)
    assert KEPT not in case.text
    assert len(case.check(exploded(case.text))) == len(case.check(case.text)) or comments(case.text)


@every_case
def test_what_a_rule_sees_is_what_is_remembered(case: Case) -> None:
    # A rule that asks for more than its piece reads says something stale once an import comes or goes.
    for other in without_imports(case.text):
        analyser = case.analyser()
        state = whole(Text.of(other), analyser, PATH)
        for text in (case.text, other, case.text):
            update = analyser.update(state, Text.of(text), 0, 0, PATH)
            assert not list(filter(None, update.steps))
            assert update.state is not None
            state = update.state
            said = [(each.span, each.message) for each in diagnostics(state, analyser, PATH, fixes=False)]
            fresh = [(each.span, each.message) for each in check_text(PATH, text, case.analyser()).diagnostics]
            assert said == fresh


@every_case
def test_undo_gives_the_original(case: Case) -> None:
    for each in case.check(case.text):
        if each.fix is not None:
            after = apply_edits(case.text, each.fix.edits)
            assert after != case.text
            assert undone(after, case.text, each.fix.edits) == case.text


@every_case
def test_analysing_changes_nothing(case: Case) -> None:
    analyser = case.analyser()
    first = case.check(case.text, analyser)
    assert case.check(case.text, analyser) == first
    for placed in whole(Text.of(case.text), analyser, PATH).placed():
        if placed.piece.failure is None:
            used = [ast.dump(node, include_attributes=True) for node in analyser.trees.of(placed.piece)]
            fresh = [ast.dump(node, include_attributes=True) for node in Trees().of(placed.piece)]
            assert used == fresh


# What a rule is made of.


@every_rule
def test_a_rule_shows_both_kinds(rule: Rule) -> None:
    marked = ["$0" in example.before for example in rule.examples]
    assert True in marked
    assert False in marked
    titles = [example.title for example in rule.examples]
    assert len(set(titles)) == len(titles)


@every_rule
def test_a_rule_has_a_page(rule: Rule) -> None:
    title, _, rest = page(rule.name).partition("\n")
    assert title.endswith(".")
    assert len(title) <= 120
    assert rest.strip(), "the page says why"
    if rule.cwe is not None:
        assert f"CWE-{rule.cwe}" in rest.partition("Source:")[2]


@every_rule
def test_a_rule_is_called_like_its_file(rule: Rule) -> None:
    module = modules()[rule.name]
    assert rule.name == Path(str(module.__file__)).stem.replace("_", "-")
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", rule.name)


@every_rule
def test_a_rule_is_silent_where_ruff_speaks(rule: Rule) -> None:
    assert all(TWIN.fullmatch(twin) for twin in rule.twins), rule.twins
    by_default = [twin for twin in rule.twins if twin_is_on(None)(twin)]
    assert not rule.on or not by_default


def _holds_after_fix(case: Case, text: str) -> None:
    """The fixed text parses, and the rule finds there only what had no fix."""
    found = case.check(text)
    after = fixed(text, found)
    ast.parse(after)
    assert len(case.check(after)) == sum(each.fix is None for each in found), after
