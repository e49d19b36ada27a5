"""Tests that a model writes for what no test gets to yet: what it is asked, and how its answer is looked at unrun."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from coding_agent.assist.asserting import can_fail
from coding_agent.assist.context import Part, Shown
from coding_agent.assist.meant import Check, Failing
from coding_agent.assist.placing import unfenced
from coding_agent.assist.prompts import TESTS, Prompt, prompt
from coding_agent.assist.steps import Steps
from coding_agent.assist.suite import Written, bound, is_fixture, looks, written
from coding_agent.assist.touching import Leading, Touching, leads
from coding_agent.testgen.report import Gap

_TOKENS = 4_000
_GAPS = 30
"""Gaps that are shown, at most."""
_FIXTURES = frozenset({"capsys", "caplog", "capfd", "recwarn", "client", "db", "event_loop"})
"""Fixtures of pytest and of plugins that are used without a word in the file."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What tests are sought for: a definition of a module. ``document`` is the module's text, ``modules`` are texts of
    others of the project, by the names it imports them by; ``there`` is the text of the test file, "" where it is new.
    """

    module: str
    name: str
    document: str
    modules: Mapping[str, str]
    there: str = ""


@dataclass(frozen=True, slots=True)
class Wrote:
    """An answer that was looked at, and was not run. ``written`` is None where a check failed; ``left`` are the tests
    that can fail, ``dropped`` the others, and why.
    """

    checks: tuple[Check, ...]
    written: Written | None = None
    left: frozenset[str] = frozenset()
    dropped: tuple[tuple[str, str], ...] = ()


def asked(pieces: Sequence[Shown], gaps: Iterable[Gap], module: str) -> Prompt:
    few = list(gaps)[:_GAPS]
    lines = ", ".join(dict.fromkeys(str(each.line) for each in few))
    found = tuple(Shown(Part.FINDING, f"line {each.line}: no test gets to: {_said(each)}") for each in few)
    task = TESTS.replace("{lines}", lines).replace("{module}", module)
    return prompt((*pieces, *found), task, _TOKENS, "Tests")


def _said(gap: Gap) -> str:
    return f"{gap.outcome}: {gap.part}" if gap.part else gap.outcome


def reaches(sought: Sought) -> str:
    """What the definition leads to that is more than values: files, processes, the network; "" for nothing.

    A model does not say which file is removed by a test that its user runs later.
    """
    return leads(Leading(sought.document, sought.modules), sought.name)


def read(code: str, sought: Sought) -> Wrote:
    """Look at an answer without running it. Never raises, whatever the code is."""
    steps = Steps()
    text = unfenced(code)
    found = steps.do("parses", lambda: written(text))
    if found is None or not steps.all(
        ("characters", lambda: looks(text)),
        ("names", lambda: _new(found, sought.there)),
    ):
        return Wrote(steps.done)
    touching = Touching(found.body, sought.module, Leading(sought.document, sought.modules))
    if not steps.all(("effects", touching.check)):
        return Wrote(steps.done)
    dropped: list[tuple[str, str]] = []
    for test in found.tests:
        try:
            can_fail(test.node, touching.reaching())
        except Failing as error:
            dropped.append((test.name, str(error)))
    left = frozenset(each.name for each in found.tests) - {name for name, _ in dropped}
    if not steps.all(("assertions", lambda: _some(left, dropped))):
        return Wrote(steps.done, dropped=tuple(dropped))
    return Wrote(steps.done, found, left, tuple(dropped))


def _new(found: Written, there: str) -> None:
    """Raises: Failing - a fixture has a name that the tests there are may mean."""
    for block in found.shared:
        name = bound(block.node)
        if is_fixture(block.node) and (name in _FIXTURES or name in _words(there)):
            raise Failing(f"the fixture `{name}` would be in the way of another one; give it a name of its own")


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


def _some(left: frozenset[str], dropped: Sequence[tuple[str, str]]) -> None:
    if not left:
        raise Failing("; ".join(f"{name}: {why}" for name, why in dropped))
