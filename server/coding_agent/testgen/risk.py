"""What makes a function risky: what our rules find in it, and how often it was changed."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from coding_agent.testgen.signatures import Definition, definitions
from coding_agent.vcs.git import Git


@dataclass(frozen=True, slots=True)
class Risks:
    """By a function's qualified name: the rules that find something in it, and the commits its lines come from."""

    findings: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    changes: Mapping[str, int] = field(default_factory=dict[str, int])

    def of(self, name: str) -> float:
        """A number to sort by; a finding counts as much as three branches, the fifth commit as much as one."""
        return 3 * len(self.findings.get(name, ())) + min(5, self.changes.get(name, 0)) / 5


async def risks(file: Path, source: bytes, project: Path) -> Risks:
    """Look a module over; what git cannot tell (no repository, a new file) is left out."""
    text = source.decode("utf-8", "replace")
    findings = await asyncio.to_thread(_findings, text, file.name, definitions(text))
    return Risks(findings, await _changes(file, project))


def _findings(source: str, path: str, known: Sequence[Definition]) -> dict[str, tuple[str, ...]]:
    from coding_agent.analysis.file import Analyser
    from coding_agent.analysis.registry import all_rules
    from coding_agent.analysis.ruleset import Selection, select
    from coding_agent.text import Text

    text = Text.of(source.removeprefix("\ufeff"))
    update = Analyser(select(all_rules(), Selection())).update(None, text, 0, 0, path)
    for _ in update.steps:
        pass
    assert update.state is not None
    found: dict[str, list[str]] = {}
    for placed in update.state.placed(loud=True):
        for finding in placed.findings:
            line = text.position(placed.offset + finding.span.start).line + 1
            name = _function_at(line, known)
            if name:
                found.setdefault(name, []).append(finding.rule)
    return {name: tuple(rules) for name, rules in found.items()}


async def _changes(file: Path, project: Path) -> dict[str, int]:
    """How many commits the present lines of each function come from."""
    git = Git(project.resolve(), {})
    blamed = await git.blamed(file.resolve())
    if blamed is None:
        return {}
    text, commits = blamed
    seen: dict[str, set[str]] = {}
    for each in definitions(text):
        if not each.is_class:
            seen[each.name] = set(commits[each.line - 1 : each.last])
    return {name: len(found) for name, found in seen.items()}


def _function_at(line: int, known: Iterable[Definition]) -> str:
    """The innermost function that a line is in; empty where there is none."""
    around = [each for each in known if not each.is_class and each.line <= line <= each.last]
    return max(around, key=lambda each: each.line).name if around else ""
