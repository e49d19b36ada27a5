"""Pieces that are too large for the event loop are looked at elsewhere, with the same result."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coding_agent.analysis.context import Context
from coding_agent.analysis.file import Analyser, FileState
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Rule
from coding_agent.errors import NotProven, WorkerLost
from coding_agent.explain.hover import Limits
from coding_agent.explain.page import markdown
from coding_agent.ide import facade, large
from coding_agent.ide.actions import Deed, allowed, fixed_all, listed
from coding_agent.ide.check import whole
from coding_agent.ide.facade import Ide
from coding_agent.ide.hover import find, sections, uses_of
from coding_agent.ide.options import FolderOptions
from coding_agent.ide.slices import at_once
from coding_agent.runtime.frames import HEADER, packed, unpacked
from coding_agent.settings.folder import folder_options
from coding_agent.syntax import trees
from coding_agent.syntax.parse import Parsed, parse
from coding_agent.text import Span, Text, Units
from coding_agent.workspace.document import Change

URI = "untitled:Untitled-1"
LARGEST = 60
SNIPPETS = (
    *("import os\n", "from a import eval\n", "x = eval(y)\n", "\n", "(\n", ")\n", "'''\n", "    pass\n", "@d\n"),
    "def f(a):\n    if a:\n        return eval(a)\n    return os.path.join(a, eval(os))\n",
    (
        "class A:\n    def m(self):\n        return eval(self)\n\n"
        "    def n(self):\n        x = 1\n        y = 2\n        return eval(self.x)\n"
    ),
    "TABLE = [\n    (1, eval(abc)),\n    (2, 'b'),\n    (3, 'cccccccccccccccccccccccccccccccccccccccc'),\n]\n",
    "eval(z)  # coding-agent: allow eval-used\n",
)


def options(folder: Path | None) -> FolderOptions:
    return folder_options(Path("/nowhere/config.toml"), folder, None)[0]


def over_the_wire(value: object) -> object:
    return unpacked(packed(value)[HEADER:])


class Elsewhere:
    """Stands in for the other process: plain data goes in and comes out, when the loop gets to it."""

    def __init__(self, lost: bool = False) -> None:
        self.asked: list[str] = []
        self._lost = lost

    async def __call__(self, question: tuple[object, ...]) -> object:
        sent: Any = over_the_wire(question)
        self.asked.append(sent[1][0])
        await asyncio.sleep(0)
        if self._lost:
            raise WorkerLost("it ended")
        return over_the_wire(large.look(*sent))


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    monkeypatch.setattr(facade, "LARGEST", LARGEST)

    def small(text: str, indented: bool = False) -> Parsed:
        assert len(text) <= LARGEST, "a large text is parsed on the event loop"
        return parse(text, indented)

    monkeypatch.setattr(trees, "parse", small)
    return Elsewhere()


def new_ide(elsewhere: Elsewhere | None) -> Ide:
    return Ide(options, Units.UTF16, windows=False, elsewhere=elsewhere)


def found(state: FileState) -> list[tuple[int, str, str]]:
    return [(placed.offset + f.span.start, f.rule, f.message) for placed in state.placed() for f in placed.findings]


def from_scratch(text: str) -> list[tuple[int, str, str]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trees, "parse", parse)
        return found(whole(Text.of(text), Analyser(options(None).rules), URI))


async def shown(ide: Ide) -> FileState:
    view = await ide.view(URI)
    assert view is not None
    return view.state


@pytest.mark.parametrize("seed", range(40))
async def test_same_findings_as_when_looked_at_here(seed: int, elsewhere: Elsewhere) -> None:
    rng, ide = random.Random(seed), new_ide(elsewhere)
    ide.open(URI, 0, SNIPPETS[-2] + "".join(rng.choices(SNIPPETS, k=8)), "python")
    for version in range(1, 15):
        text = str(ide.workspace.documents[URI].text)
        assert found(await shown(ide)) == from_scratch(text), text
        lines = len(ide.workspace.documents[URI].text.lines)
        line = rng.randrange(lines)
        stop = min(line + rng.randrange(3), lines - 1)
        ide.change(URI, version, [Change(rng.choice(SNIPPETS), (line, 0), (stop, 0))])
    assert elsewhere.asked


async def test_newer_text_overtakes_a_question(elsewhere: Elsewhere) -> None:
    ide = new_ide(elsewhere)
    table = SNIPPETS[-2]
    ide.open(URI, 0, table, "python")
    waiting = [asyncio.create_task(ide.view(URI))]
    for version in range(1, 10):
        await asyncio.sleep(0)
        ide.change(URI, version, [Change(f"x{version} = eval(y)\n", (0, 0), (0, 0))])
        waiting.append(asyncio.create_task(ide.view(URI)))
    for view in await asyncio.gather(*waiting):
        assert view is not None
        assert found(view.state) == from_scratch(str(view.document.text))


async def test_edit_elsewhere_in_the_file_asks_nothing(elsewhere: Elsewhere) -> None:
    ide = new_ide(elsewhere)
    ide.open(URI, 0, "x = 1\n" + SNIPPETS[-2], "python")
    await shown(ide)
    asked = len(elsewhere.asked)
    ide.change(URI, 1, [Change("2", (0, 4), (0, 5))])
    assert len(found(await shown(ide))) == 1
    assert len(elsewhere.asked) == asked == 1


async def test_edit_inside_asks_once(elsewhere: Elsewhere) -> None:
    ide = new_ide(elsewhere)
    ide.open(URI, 0, SNIPPETS[-2], "python")
    await shown(ide)
    for version in range(1, 5):
        ide.change(URI, version, [Change("1", (2, 5), (2, 5))])
        await shown(ide)
        assert len(elsewhere.asked) == 1 + version


async def test_others_are_answered_meanwhile(elsewhere: Elsewhere) -> None:
    answer = asyncio.get_running_loop().create_future()

    async def waits(question: tuple[object, ...]) -> object:
        await answer
        return await elsewhere(question)

    ide = Ide(options, Units.UTF16, windows=False, elsewhere=waits)
    ide.open("untitled:large", 0, SNIPPETS[-2], "python")
    ide.open(URI, 0, "x = eval(y)\n", "python")
    large_one = asyncio.create_task(ide.view("untitled:large"))
    assert len(found(await shown(ide))) == 1
    assert not large_one.done()
    answer.set_result(None)
    view = await large_one
    assert view is not None
    assert len(found(view.state)) == 1


async def test_process_that_is_lost_costs_the_piece_alone(elsewhere: Elsewhere) -> None:
    ide = new_ide(Elsewhere(lost=True))
    ide.open(URI, 0, "x = eval(y)\n" + SNIPPETS[-2] + "z = eval(y)\n", "python")
    assert [offset for offset, *_ in found(await shown(ide))] == [4, 12 + len(SNIPPETS[-2]) + 4]


async def test_only_the_last_texts_are_remembered(elsewhere: Elsewhere) -> None:
    ide = new_ide(elsewhere)
    ide.open(URI, 0, SNIPPETS[-2], "python")
    texts: list[str] = []
    for version in range(1, 30):
        await shown(ide)
        texts.append(str(ide.workspace.documents[URI].text))
        ide.change(URI, version, [Change("1", (2, 5), (2, 5))])
    asked: list[int] = []
    for version, text in enumerate((texts[-1], texts[-2], texts[0]), 30):
        ide.change(URI, version, [Change(text)])
        await shown(ide)
        asked.append(len(elsewhere.asked))
    assert asked == [29, 29, 30]


async def test_what_needs_a_parse_is_not_offered_there(elsewhere: Elsewhere) -> None:
    ide = new_ide(elsewhere)
    text = SNIPPETS[-2]
    ide.open(URI, 0, text, "python")
    state, analyser = await shown(ide), ide.analyser_of(URI)
    at = Span(text.index("eval"), text.index("eval") + len("eval(abc)"))
    offered = listed(state, analyser, URI, at, None)
    assert {each.deed for each in offered} == {Deed.TURN_OFF}
    assert fixed_all(state, analyser, URI).edits == ()
    with pytest.raises(NotProven):
        allowed(state, analyser, URI, "eval-used", at)


async def test_uses_are_not_counted_without_those_in_there(elsewhere: Elsewhere) -> None:
    ide = new_ide(elsewhere)
    small = "def abc():\n    return 1\n\n\ndef lonely():\n    return 2\n"
    ide.open(URI, 0, small + SNIPPETS[-2], "python")
    state, analyser = await shown(ide), ide.analyser_of(URI)

    def said(offset: int) -> str:
        hit = find(state, analyser, offset)
        uses = at_once(uses_of(state, analyser, hit))
        return markdown(
            sections(state, analyser, offset, hit, None, lambda _: None, ours_only=False, limits=Limits(), uses=uses)[0]
        )

    assert "Not used in this file" in said(small.index("lonely"))
    assert "used in this file" not in said(small.index("abc")).lower()
    assert "abc" in said(small.index("abc"))


def _raises(node: object, context: Context) -> Iterator[Finding]:
    raise LookupError


def test_rule_that_raises_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import ast

    broken = Rule("broken", _raises, (), nodes=(ast.Name,))

    def named(name: str) -> Rule:
        return {"broken": broken}[name]

    monkeypatch.setattr("coding_agent.analysis.registry.rule", named)
    answer = large.look((("broken", 2, {}),), ("x\n", "statements", "", ""), {}, None, "a.py")
    failure, report, failed = large.answered(answer)
    assert failure is None
    assert report is not None
    assert [(rule, error) for rule, error, _ in failed] == [("broken", "LookupError")]
