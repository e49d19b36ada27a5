"""The collector of cyclic garbage stays away from work that makes none."""

import asyncio
import gc
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from coding_agent.analysis.file import Analyser, Update
from coding_agent.analysis.registry import all_rules
from coding_agent.analysis.ruleset import RuleSet, Selection, select
from coding_agent.ide.check import whole
from coding_agent.ide.tracked import Tracked
from coding_agent.runtime.collector import MANY, acyclic
from coding_agent.text import Text
from coding_agent.workspace.document import Document

STDLIB = Path(sysconfig.get_path("stdlib"))
HALF_TYPED = "class A:\n    def f(self:\n        return [1,\n\ndef g(x=[]):\n    assert (x, 'y')\n\n\x00\n)\n"
MODULES = ("textwrap", "functools", "bdb", "asyncio/streams", "email/message")


@pytest.fixture
def unfrozen() -> Iterator[None]:
    """What is set aside in a test is looked at again afterwards."""
    yield
    gc.unfreeze()
    gc.enable()


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return select(all_rules(), Selection(only=tuple(rule.name for rule in all_rules())))


@pytest.mark.usefixtures("unfrozen")
@pytest.mark.parametrize(("count", "aside"), [(2 * MANY, True), (MANY // 10, False)])
def test_many_objects_are_set_aside_and_few_are_not(count: int, aside: bool) -> None:
    gc.collect()
    before = gc.get_freeze_count()
    with acyclic():
        made = [[number] for number in range(count)]
    assert (gc.get_freeze_count() >= before + len(made)) is aside
    assert gc.isenabled()


@pytest.mark.usefixtures("unfrozen")
def test_no_collection_begins_meanwhile_nor_is_one_wanted_where_none_was() -> None:
    gc.disable()
    with acyclic():
        pass
    assert not gc.isenabled()
    gc.enable()
    with acyclic():
        assert not gc.isenabled()
    assert gc.isenabled()


@pytest.mark.parametrize("module", [*MODULES, ""])
def test_an_analysis_leaves_no_cycles(module: str, rules: RuleSet) -> None:
    source = (STDLIB / f"{module}.py").read_text(encoding="utf-8") if module else HALF_TYPED
    # The first time rules import what they need, which does make cycles.
    whole(Text.of(source), Analyser(rules), "a.py")
    gc.collect()
    gc.disable()
    try:
        whole(Text.of(source[: len(source) // 2]), Analyser(rules), "a.py")
        assert whole(Text.of(source), Analyser(rules), "a.py").complete
        assert gc.collect() == 0
    finally:
        gc.enable()


async def test_a_look_that_newer_text_stops_leaves_no_cycles(rules: RuleSet) -> None:
    source = (STDLIB / "argparse.py").read_text(encoding="utf-8")
    gc.disable()
    try:
        document = Document("file:///a.py", 1, 1, Text.of(source))
        tracked = Tracked(document, Analyser(rules), "a.py")
        looking = asyncio.ensure_future(tracked.state())
        await asyncio.sleep(0)
        tracked.close()
        assert tracked.current() is None
        await asyncio.gather(looking, return_exceptions=True)
        del tracked, looking
        # The work itself was cancelled too, and ends in its own turn.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        gc.unfreeze()
        assert not [each for each in gc.get_objects() if isinstance(each, Update)]
    finally:
        gc.enable()
