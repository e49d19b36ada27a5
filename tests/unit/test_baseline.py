"""The baseline: what was known before stays known when the text moves, and nothing else is."""

import json
from pathlib import Path

import pytest

from coding_agent.analysis.baseline import Baseline, Entry, Known, collect, compare, identify, read, write
from coding_agent.analysis.finding import Diagnostic, Severity
from coding_agent.errors import SettingError
from coding_agent.text import Span, Text

SOURCE = """\
import os

class A:
    def f(self, x):
        return eval(x)

def g(x):
    if x:
        eval(x)
    eval(x)
    return eval(x) + 1
"""


def found(text: str, path: str = "a.py", rule: str = "eval-call") -> tuple[Known, ...]:
    """Every ``eval(x)`` of a text as a finding."""
    lines = Text.of(text)
    result: list[Diagnostic] = []
    at = text.find("eval(x)")
    while at >= 0:
        span = Span(at, at + 7)
        place = (lines.position(at), lines.position(at + 7))
        result.append(Diagnostic(path, rule, "m", Severity.WARNING, span, *place))
        at = text.find("eval(x)", at + 1)
    return identify(result, text)


def new_lines(text: str, baseline: Baseline, path: str = "a.py") -> list[int]:
    split = compare(found(text, path), baseline, checked=lambda name: name == path)
    return [item.start[0] + 1 for item in split.new]


BASELINE = collect(found(SOURCE))


def test_scopes_are_named() -> None:
    assert [item.entry.scope for item in found(SOURCE)] == ["A.f", "g", "g", "g"]
    assert len({item.fingerprint for item in found(SOURCE)}) == 4


def test_what_is_known_is_known() -> None:
    split = compare(found(SOURCE), BASELINE, checked=lambda _: True)
    assert (len(split.new), len(split.known), dict(split.stale)) == (0, 4, {})


@pytest.mark.parametrize(
    "changed",
    [
        "# a comment\n\n" + SOURCE,
        SOURCE.replace("import os\n", "import os\nimport sys\n\ndef h(): ...\n"),
        SOURCE.replace("    ", "  "),
        SOURCE.replace("    ", "\t"),
        SOURCE.replace("\n", "\r\n"),
        SOURCE.replace("return eval(x) + 1", "return  eval(x)  +  1"),
        SOURCE.replace("class A:", "class B:"),
        SOURCE.replace("def g(x)", "def renamed(x)"),
        "class Outer:\n" + "".join(f"    {line}" for line in SOURCE.splitlines(keepends=True)),
        SOURCE + "\n\ndef broken(:\n",
    ],
)
def test_it_survives_what_does_not_change_the_finding(changed: str) -> None:
    assert new_lines(changed, BASELINE) == []


def test_fingerprints_do_not_depend_on_lines() -> None:
    moved = "\n\n\n" + SOURCE
    assert [item.fingerprint for item in found(moved)] == [item.fingerprint for item in found(SOURCE)]


def test_new_code_is_new() -> None:
    assert new_lines(SOURCE + "\ndef h(x):\n    return eval(x) or 3\n", BASELINE) == [14]
    assert new_lines(SOURCE.replace("return eval(x) + 1", "return eval(x) + 2"), BASELINE) == [11]


def test_one_more_of_the_same_is_new() -> None:
    assert new_lines(SOURCE.replace("    eval(x)\n    return", "    eval(x)\n    eval(x)\n    return"), BASELINE) == [
        11
    ]


def test_another_rule_at_the_same_place_is_new() -> None:
    split = compare(found(SOURCE, rule="other"), BASELINE, checked=lambda _: True)
    assert len(split.new) == 4


def test_a_renamed_file_is_known_again() -> None:
    renamed = found(SOURCE, "b.py")
    split = compare(renamed, BASELINE, checked=lambda name: name == "b.py", gone=lambda name: name == "a.py")
    assert split.new == ()
    assert dict(split.stale) == {}


def test_a_copy_of_a_file_is_new() -> None:
    split = compare(found(SOURCE, "b.py"), BASELINE, checked=lambda _: True, gone=lambda _: False)
    assert len(split.new) == 4
    assert sum(split.stale.values()) == 4


def test_files_that_were_not_checked_are_neither_used_nor_stale() -> None:
    both = collect([*found(SOURCE), *found(SOURCE, "b.py")])
    split = compare(found(SOURCE, "b.py"), both, checked=lambda name: name == "b.py")
    assert (split.new, dict(split.stale)) == ((), {})


def test_stale_entries_are_counted() -> None:
    split = compare(found("eval(x)\n"), BASELINE, checked=lambda _: True)
    assert len(split.known) == 1
    assert sum(split.stale.values()) == 3


def test_the_exact_match_takes_its_entry_first() -> None:
    text = "def a(x):\n    eval(x)\n\ndef b(x):\n    eval(x)\n"
    only_b = collect(found(text)[1:])
    assert new_lines(text, only_b) == [2]


def test_the_file_is_stable_and_readable(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    write(path, BASELINE)
    first = path.read_bytes()
    assert read(path) == Baseline(dict(BASELINE.counts))
    write(path, collect(reversed(found(SOURCE))))
    assert path.read_bytes() == first
    rows = json.loads(first)["entries"]
    assert rows == sorted(rows)
    assert first.count(b"\n") == len(rows) + 6, "one line per entry"


def test_a_missing_file_knows_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / "none.json") == Baseline()
    write(tmp_path / "empty.json", Baseline())
    assert read(tmp_path / "empty.json") == Baseline()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"version": 0, "entries": []}',
        b'{"version": 1, "entries": [[1]]}',
        b'{"version": 1, "entries": [["a", "b", "c", 4, 1]]}',
        b'{"version": 1, "entries": 3}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_a_broken_file_is_the_users_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "baseline.json"
    path.write_bytes(content)
    with pytest.raises(SettingError, match="is broken") as caught:
        read(path)
    assert "coding-agent baseline" in str(caught.value)


def test_a_baseline_of_tomorrow_says_what_to_update(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text('{"version": 2, "entries": []}')
    with pytest.raises(SettingError, match="newer coding-agent") as caught:
        read(path)
    assert str(path) in str(caught.value)


def test_odd_texts_have_fingerprints() -> None:
    text = "x = '\ud800'; eval(x)\x0c\n"
    (item,) = found(text)
    assert len(item.fingerprint) == 32
    assert item.entry == Entry("a.py", "eval-call", "", item.entry.code)
