"""A rule that raises is logged once, and the others go on."""

import ast
import asyncio
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.engine import RuleFailed
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Rule
from coding_agent.analysis.ruleset import Selection, select
from coding_agent.ide.facade import Ide, View
from coding_agent.ide.options import FolderOptions
from coding_agent.runtime.log import Log, log_to
from coding_agent.text import Units
from coding_agent.workspace.document import Change

URI = "untitled:Untitled-1"
SECRET = "hunter2"


def _raises(node: ast.Name, context: Context) -> Iterator[Finding]:
    raise LookupError(f"{node.id} {SECRET}")


def _works(node: ast.Name, context: Context) -> Iterator[Finding]:
    yield context.finding(node, "a name")


RULES = (Rule("broken", _raises, (), nodes=(ast.Name,)), Rule("working", _works, (), nodes=(ast.Name,)))


async def _viewed(ide: Ide) -> list[str]:
    view = await ide.view(URI)
    assert isinstance(view, View)
    return [finding.rule for placed in view.state.placed() for finding in placed.findings]


async def _session() -> None:
    ide = Ide(lambda _: FolderOptions(select(RULES, Selection())), Units.UTF16, windows=False)
    ide.open(URI, 1, "x\n", "python")
    assert await _viewed(ide) == ["working"]
    for version in range(2, 6):
        ide.change(URI, version, [Change(f"x\ny{version}\n")])
        assert await _viewed(ide) == ["working", "working"]
    assert ide.analyser_of(URI).failed == []


def test_logged_once_however_often_it_raises() -> None:
    lines = list[str]()

    async def main() -> None:
        log_to(Log(write=lines.append))
        await _session()

    asyncio.run(main())
    (line,) = [line for line in lines if "rule-failed" in line]
    assert line.startswith("level=error event=rule-failed rule=broken error=LookupError where=")
    assert f"{__name__}:" in line
    assert SECRET not in line


def test_failure_without_a_cause_is_described() -> None:
    assert RuleFailed("some-rule").described() == ("some-rule", "NoneType", "?")
