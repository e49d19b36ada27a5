"""What a baseline knows of one file: the answer of the command line, at the price of the findings."""

import random
from collections import Counter
from pathlib import Path

import pytest

from coding_agent.analysis.baseline import Baseline, Entry, Known, compare, identify
from coding_agent.analysis.file import Analyser, FileState
from coding_agent.analysis.finding import Diagnostic
from coding_agent.analysis.known import KnownFindings, fingerprints
from coding_agent.analysis.registry import all_rules
from coding_agent.analysis.ruleset import Selection, select
from coding_agent.ide.check import diagnostics, whole
from coding_agent.text import Text

ANALYSER = Analyser(select(all_rules(), Selection(only=("eval-used", "complex-function", "unused-allow"))))
PARTS = (
    "import os\n",
    "x = eval(input())\n",
    "class A(B):\n    a = eval(b)\n\n    def f(self):\n        return eval(self)\n",
    "class C:\n    def g(self): return eval(self)\n",
    "def f(a):\n    def g():\n        return eval(a)\n    return eval(a), eval(a)\n",
    "if x:\n    eval(\n        a,\n\n    )\n",
    'def s():\n    text = """\ndef no(): ...\n  class Neither: ...\n"""\n    eval(text)\n',
    "def broken(:\n    eval(x)\n",
    "# coding-agent: allow-file complex-function\n",
    "async def h():\n\teval(x)\n\tif x: eval(x)\n",
    "three = 3  # coding-agent: allow eval-used\n",
)


def state_of(text: str, path: str = "a.py") -> FileState:
    return whole(Text.of(text), ANALYSER, path)


def identified(text: str, path: str = "a.py") -> tuple[Known, ...]:
    return identify(diagnostics(state_of(text, path), ANALYSER, path, fixes=False), text)


def shown(state: FileState, path: str = "a.py") -> list[Diagnostic]:
    return sorted(diagnostics(state, ANALYSER, path, fixes=False), key=lambda each: (each.span, each.rule))


def random_text(chance: random.Random) -> str:
    end = chance.choice(("\n", "\r\n"))
    return "".join(chance.choices(PARTS, k=chance.randint(1, 8))).replace("\n", end)


@pytest.mark.parametrize("seed", range(60))
def test_same_fingerprints_as_for_the_whole_text(seed: int) -> None:
    text = random_text(random.Random(seed))
    ours = [("a.py", *each) for _, _, each in fingerprints(state_of(text))]
    assert Counter(ours) == Counter(tuple(item.entry) for item in identified(text))


@pytest.mark.parametrize("seed", range(60))
def test_same_answer_as_for_the_whole_text(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    (tmp_path / "there.py").touch()
    counts = Counter[Entry]()
    for _ in range(3):
        for item in identified(random_text(chance)):
            entry = item.entry._replace(path=chance.choice(("a.py", "a.py", "gone.py", "there.py")))
            counts[entry._replace(scope=chance.choice((entry.scope, "other")))] += 1
    baseline, text = Baseline(counts), random_text(chance)
    split = compare(identified(text), baseline, "a.py".__eq__, lambda path: not (tmp_path / path).exists())
    known = KnownFindings(baseline, tmp_path)
    left = shown(known.unknown(state_of(text), tmp_path / "a.py"))
    assert left == sorted(split.new, key=lambda each: (each.span, each.rule))


def test_an_edit_asks_about_what_is_there_now(tmp_path: Path) -> None:
    text = "".join(PARTS[:5])
    known = KnownFindings(Baseline(Counter(item.entry for item in identified(text))), tmp_path)
    old = state_of(text)
    assert shown(known.unknown(old, tmp_path / "a.py")) == []
    changed = Text.of("\n" + text.replace("eval(self)\n", "eval(self) + 1\n", 1))
    update = ANALYSER.update(old, changed, 0, 2, "a.py")
    for _ in update.steps:
        pass
    assert update.state is not None
    (left,) = shown(known.unknown(update.state, tmp_path / "a.py"))
    assert (left.rule, left.start[0]) == ("eval-used", text[: text.index("return eval")].count("\n") + 1)


def test_a_file_that_goes_gives_its_entries_to_the_one_that_comes(tmp_path: Path) -> None:
    (tmp_path / "old.py").touch()
    found = [item.entry._replace(path="old.py") for item in identified(PARTS[1])]
    known = KnownFindings(Baseline(Counter(found)), tmp_path)
    assert len(shown(known.unknown(state_of(PARTS[1]), tmp_path / "a.py"))) == 1
    (tmp_path / "old.py").unlink()
    known.files_moved()
    assert shown(known.unknown(state_of(PARTS[1]), tmp_path / "a.py")) == []


def test_nothing_known_leaves_the_results_alone(tmp_path: Path) -> None:
    state = state_of("".join(PARTS))
    assert KnownFindings(Baseline(), tmp_path).unknown(state, tmp_path / "a.py") is state
