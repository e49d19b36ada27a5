"""A definition that a model wrote anew, checked: plain data, so that another process can do it.

What `assist.checked` wants to know of the project around is gathered here: the texts of the modules that the document
imports, by the names it imports them by.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, cast

from coding_agent.analysis.context import Option
from coding_agent.analysis.finding import Severity
from coding_agent.analysis.ruleset import Enabled, RuleSet
from coding_agent.text import Edit, Span

Rules = tuple[tuple[str, int, Mapping[str, Option]], ...]
_MODULES, _LARGEST = 12, 200_000
"""Modules that are looked into at most, and bytes of one."""


@dataclass(frozen=True, slots=True)
class Wrote:
    """What a model wrote, and what it is for. ``purpose`` is the value of a `assist.checked.Purpose`, ``span`` that of
    the definition in the document, whole lines; ``gone`` the rule and the span of a finding that has to be gone.
    """

    document: str
    span: Span
    name: str
    code: str
    purpose: str
    path: str
    modules: Mapping[str, str]
    gone: tuple[str, int, int] | None = None


class Seen(NamedTuple):
    """One thing that was looked at, and what was seen."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of an answer: ``checks`` without running it, ``tried`` by running it. Without all of them nobody may
    take the edits. ``proved``: it is shown without running it that it does the same.
    """

    edits: tuple[Edit, ...]
    checks: tuple[Seen, ...]
    document: str
    proved: bool
    tried: tuple[Seen, ...] = ()

    @property
    def all(self) -> tuple[Seen, ...]:
        return self.checks + self.tried

    @property
    def passed(self) -> bool:
        return bool(self.checks) and all(each.passed for each in self.all)

    @property
    def why(self) -> str:
        """What failed first; "" where nothing did."""
        return next((f"{each.name}: {each.detail}" for each in self.all if not each.passed), "")


def asked(wrote: Wrote, rules: RuleSet) -> tuple[object, ...]:
    """The arguments of ``check``."""
    told = tuple((each.rule.name, int(each.severity), dict(each.options)) for each in rules.enabled)
    texts = (wrote.document, wrote.name, wrote.code, wrote.purpose, wrote.path)
    return told, texts, (wrote.span.start, wrote.span.stop), dict(wrote.modules), wrote.gone


def answered(answer: object) -> Verdict:
    edits, checks, document, proved = cast(
        "tuple[tuple[tuple[int, int, str], ...], tuple[tuple[str, bool, str], ...], str, bool]", answer
    )
    return Verdict(
        tuple(Edit(Span(start, stop), new) for start, stop, new in edits),
        tuple(Seen(*each) for each in checks),
        document,
        bool(proved),
    )


def check(
    rules: Rules,
    texts: tuple[str, str, str, str, str],
    span: tuple[int, int],
    modules: Mapping[str, str],
    gone: tuple[str, int, int] | None,
) -> tuple[object, ...]:
    """Check what a model wrote; runs in the background process, or where nobody waits beside."""
    from coding_agent.analysis.file import Analyser
    from coding_agent.analysis.registry import rule
    from coding_agent.assist.checked import Gone, Meant, Purpose, checked, docstring_edit

    document, name, code, purpose, path = texts
    enabled = RuleSet(Enabled(rule(each), Severity(severity), options) for each, severity, options in rules)
    meant, analyser = Meant(document, Span(*span), name, dict(modules)), Analyser(enabled)
    if purpose == Purpose.DOCSTRING.value:
        found = docstring_edit(meant, code, analyser, path)
    else:
        wanted = Gone(gone[0], Span(*gone[1:])) if gone is not None else None
        found = checked(meant, code, Purpose(purpose), analyser, path, wanted)
    edits = tuple((each.span.start, each.span.stop, each.new) for each in found.edits) if found.passed else ()
    checks = tuple((each.name, each.passed, each.detail) for each in found.checks)
    return edits, checks, found.document, found.proved


def modules_of(document: str, root: Path, path: Path) -> dict[str, str]:
    """The texts of the project's modules that a document imports, by the names it imports them by."""
    try:
        tree = ast.parse(document)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[str, str] = {}
    for name, places in _imported(tree, root, path):
        if name not in found and len(found) < _MODULES:
            texts = [text for text in map(_text, places) if text]
            found |= {name: texts[0]} if texts else {}
    return found


def _imported(tree: ast.Module, root: Path, path: Path) -> Iterator[tuple[str, list[Path]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, _places(alias.name, [root, root / "src", path.parent])
        elif isinstance(node, ast.ImportFrom):
            name = f"{'.' * node.level}{node.module or ''}"
            base = path.parents[node.level - 1] if 0 < node.level <= len(path.parents) else None
            folders = [base] if base is not None else [root, root / "src", path.parent]
            yield name, _places(node.module or "__init__", folders)


def _places(name: str, folders: list[Path]) -> list[Path]:
    parts = Path(*name.split("."))
    return [each for folder in folders for each in (folder / parts.with_suffix(".py"), folder / parts / "__init__.py")]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8") if path.stat().st_size <= _LARGEST else ""
    except (OSError, UnicodeDecodeError):
        return ""
