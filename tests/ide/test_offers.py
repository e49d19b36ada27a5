"""What can be done at a place, on plain data: listing rewrites nothing, what is chosen is proved."""

import ast
import io
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

from coding_agent.analysis.file import Analyser, FileState
from coding_agent.analysis.registry import all_rules
from coding_agent.analysis.rule import Kind
from coding_agent.analysis.ruleset import Selection, select
from coding_agent.errors import NotProven, StaleOffer
from coding_agent.ide.actions import FIX_ALL, Action, Deed, allowed, fixed, listed
from coding_agent.ide.check import check_text, whole
from coding_agent.text import Span, Text, apply_edits
from support.examples import PATH as EXAMPLE_PATH
from support.examples import Case, cases

PATH = "a.py"
CODE = """\
import os


class Shop:
    def buy(self, text):
        if text:
            return eval(text)
        else:
            raise ValueError


if __name__ == "__mian__":
    pass
"""


def analyser(**selection: object) -> Analyser:
    return Analyser(select(all_rules(), Selection(**selection)))  # type: ignore[arg-type]


def state_of(text: str, made: Analyser) -> FileState:
    return whole(Text.of(text), made, PATH)


def at(text: str, words: str) -> Span:
    return Span(text.index(words), text.index(words) + len(words))


def offered(text: str, span: Span, kinds: tuple[str, ...] | None = None) -> tuple[Action, ...]:
    made = analyser()
    return listed(state_of(text, made), made, PATH, span, kinds)


# Listing.


def test_fixes_come_before_allowing_and_turning_off() -> None:
    actions = offered(CODE, at(CODE, "eval"), ("quickfix",))
    assert [(each.deed, each.name) for each in actions] == [
        (Deed.FIX, "eval-used"), (Deed.ALLOW, "eval-used"), (Deed.TURN_OFF, "eval-used")
    ]  # fmt: skip
    assert {each.span for each in actions} == {at(CODE, "eval(text)")}
    assert not any(each.preferred for each in actions), "a fix that changes behaviour is not the first choice"


def test_safe_fix_is_preferred() -> None:
    (fix, *others) = offered(CODE, at(CODE, "__mian__"), ("quickfix",))
    assert fix.preferred
    assert not any(each.preferred for each in others)


def test_place_is_an_empty_span_or_a_selection() -> None:
    found = at(CODE, "eval(text)")
    for span in (Span(found.start, found.start), Span(found.stop, found.stop), Span(0, len(CODE)), found):
        assert any(each.name == "eval-used" for each in offered(CODE, span, ("quickfix",))), span
    for span in (Span(0, 0), Span(found.start - 1, found.start - 1), Span(len(CODE), len(CODE))):
        assert not any(each.name == "eval-used" for each in offered(CODE, span, ("quickfix",))), span


def test_kinds_are_asked_for_with_all_below_them() -> None:
    span = at(CODE, "if text")
    rewrites = offered(CODE, span, ("refactor.rewrite",))
    assert rewrites
    assert {each.kind for each in rewrites} == {"refactor.rewrite"}
    assert set(rewrites) <= set(offered(CODE, span, ("refactor",)))
    assert offered(CODE, span, ("refactor.move",)) == ()
    assert [each.kind for each in offered(CODE, span, ("source",))] == [FIX_ALL]
    assert {each.deed for each in offered(CODE, span)} == {Deed.REFACTOR}


def test_nothing_is_refactored_in_half_typed_code() -> None:
    broken = CODE.replace("raise ValueError", "raise ValueError(")
    assert offered(broken, at(broken, "if text"), ("refactor",)) == ()


def test_fix_all_only_where_something_is_safe_to_fix() -> None:
    assert offered(CODE.replace("__mian__", "__main__"), Span(0, 0), ("source",)) == ()


def test_listing_loads_nothing_that_rewrites() -> None:
    # In a process of its own: other tests of this one may have loaded it.
    code = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from ide.test_offers import CODE, at, offered; from coding_agent.text import Span\n"
        "assert offered(CODE, Span(0, len(CODE)))\n"
        "assert offered(CODE, at(CODE, 'if text'), ('refactor',))\n"
        "print('libcst' in sys.modules)\n"
    )
    tests = str(Path(__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", code, tests], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


# Choosing.


def test_fix_of_a_member_imports_what_it_needs() -> None:
    made = analyser()
    done = fixed(state_of(CODE, made), made, PATH, "eval-used", at(CODE, "eval(text)"))
    expected = CODE.replace("import os", "import ast\nimport os").replace("eval(text)", "ast.literal_eval(text)")
    assert apply_edits(CODE, done.edits) == expected
    assert done.verified_by == ("syntax",)


def test_what_is_no_longer_there_is_stale() -> None:
    made = analyser()
    state, moved = state_of(CODE, made), at(CODE, "eval(text)").shifted(1)
    with pytest.raises(StaleOffer):
        fixed(state, made, PATH, "eval-used", moved)
    with pytest.raises(StaleOffer):
        allowed(state, made, PATH, "eval-used", moved)
    with pytest.raises(StaleOffer):
        fixed(state, made, PATH, "weak-hash", at(CODE, "eval(text)"))


# Allowing, for each rule wherever its examples find something.


def found_by_examples() -> list[Case]:
    pieces = [rule for rule in all_rules() if rule.kind in (Kind.PIECE, Kind.SIBLINGS) and rule.name != "unused-allow"]
    return [case for case in cases(pieces) if case.marks]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("case", found_by_examples(), ids=lambda case: f"{case.rule.name}: {case.example.title}")
def test_allowing_silences_the_findings_of_a_line_and_no_other(case: Case, end: str) -> None:
    text, rule = case.text.replace("\n", end), case.rule.name
    made = Analyser(select(all_rules(), Selection(only=(rule, "unused-allow"), options={rule: case.example.options})))
    before = [each for each in check_text(EXAMPLE_PATH, text, made).diagnostics if each.rule == rule]
    assert before
    for diagnostic in before:
        try:
            done = allowed(whole(Text.of(text), made, EXAMPLE_PATH), made, EXAMPLE_PATH, rule, diagnostic.span)
        except NotProven:
            assert in_string(text, diagnostic.start[0]), "a comment can stand anywhere else"
            continue
        after = apply_edits(text, done.edits)
        assert done.verified_by == ("unchanged code",)
        assert ast.dump(ast.parse(after)) == ast.dump(ast.parse(text))
        assert end == "\n" or "\n" not in after.replace("\r\n", "")
        lines = {diagnostic.start[0], diagnostic.stop[0]}
        expected = [each.message for each in before if not lines & {each.start[0], each.stop[0]}]
        assert [each.message for each in check_text(EXAMPLE_PATH, after, made).diagnostics] == expected, after


def in_string(text: str, line: int) -> bool:
    """Whether the end of a line is inside of a text that goes on in the next."""
    return any(
        token.type == tokenize.STRING and token.start[0] - 1 <= line < token.end[0] - 1
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
    )


def test_examples_of_most_rules_are_here() -> None:
    assert len({case.rule.name for case in found_by_examples()}) > 50


def test_allowing_is_found_in_every_file_of_a_real_package() -> None:
    """Real code: wherever something is found, either a comment silences it or none can stand there."""
    folder = Path(ast.__file__).parent
    made = analyser(more=tuple(rule.name for rule in all_rules()))
    refused = tried = 0
    for path in sorted(folder.glob("*.py"))[::3]:
        text = path.read_text("utf-8")
        state = state_of(text, made)
        for placed in state.placed():
            for finding in placed.findings[:2]:
                tried += 1
                span = finding.span.shifted(placed.offset)
                try:
                    done = allowed(state, made, PATH, finding.rule, span)
                except NotProven:
                    refused += 1
                    continue
                after = apply_edits(text, done.edits)
                assert ast.dump(ast.parse(after)) == ast.dump(ast.parse(text))
    assert tried >= 10
    assert refused * 20 < tried
