"""The one place where the command line meets the analysis: settings in, diagnostics with their rules' facts out."""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from coding_agent.analysis.engine import RuleFailed
from coding_agent.analysis.file import Analyser, FileState
from coding_agent.analysis.finding import Diagnostic, Finding
from coding_agent.analysis.project import check_project, module_names, project_facts
from coding_agent.analysis.registry import all_rules, family, page, rule, summary
from coding_agent.analysis.report import FileFacts
from coding_agent.analysis.ruleset import RuleSet
from coding_agent.cli.newer import newer
from coding_agent.cli.outside import Outside
from coding_agent.errors import UsageError
from coding_agent.explain.document import Document
from coding_agent.explain.project import Relations
from coding_agent.ide.actions import fixed_all
from coding_agent.ide.check import check_text, place, whole
from coding_agent.ide.explaining import definition_at, explained
from coding_agent.ide.hover import Found as Definition
from coding_agent.report.model import RuleInfo
from coding_agent.settings.layers import Problem, Source, baseline_file, project_root, workspace_file
from coding_agent.settings.merge import Effective, load
from coding_agent.settings.options import Settings
from coding_agent.settings.rules import check_rules
from coding_agent.settings.selection import known_rules, rule_set
from coding_agent.text import Edit, Text, split_lines
from coding_agent.workspace.files import FileFilter

_LINE = re.compile(r"line (\d+): ")


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in one text; ``failed`` are rules that raised."""

    diagnostics: tuple[Diagnostic, ...]
    state: FileState
    problem: str | None = None
    failed: tuple[str, ...] = ()


class Project:
    """A root with its settings, its files and one analyser for all of them."""

    def __init__(self, root: Path, effective: Effective) -> None:
        self.root = root
        self.effective = effective
        self.files = FileFilter(root, effective.settings.files)
        self.rules = known_rules()
        self._analyser = Analyser(rule_set(effective.settings, self.rules, root))

    @property
    def settings(self) -> Settings:
        return self.effective.settings

    @property
    def baseline_file(self) -> Path:
        """Raises: SettingError - the settings name a file that is not the project's."""
        return baseline_file(self.root, self.settings.baseline)

    @property
    def analyser(self) -> Analyser:
        return self._analyser

    @property
    def rule_set(self) -> RuleSet:
        return self._analyser.rules

    @property
    def running(self) -> int:
        """How many rules run here."""
        return len(self._analyser.rules.enabled)

    def problems(self) -> tuple[str, ...]:
        """What is wrong with the settings, as sentences."""
        return tuple(problem.message for problem in self._problems())

    def misused(self) -> str | None:
        """What is wrong with the options of the command line; who wrote them is there to write them anew."""
        return next((each.message for each in self._problems() if each.origin.source is Source.FLAGS), None)

    def _problems(self) -> tuple[Problem, ...]:
        return (*self.effective.problems, *check_rules(self.effective, self.rules))

    def name(self, path: Path) -> str:
        """Return a file's path from the root, with slashes: what baselines and rules know it by."""
        return (path.relative_to(self.root) if path.is_relative_to(self.root) else path).as_posix()

    def explained(self, path: Path, state: FileState, found: Definition, relations: Relations) -> Document:
        """All that is known of a definition, as ``definition`` found it."""
        return explained(state, self._analyser, found, f"{self.name(path)}:{found.line}", relations)

    def definition(self, path: Path, text: str, line: int) -> tuple[FileState, Definition | None]:
        """The innermost function or class at a line, from 1."""
        state = whole(Text.of(text), self._analyser, self.name(path))
        starts = state.text.starts
        place = starts[min(line, len(starts)) - 1]
        return state, definition_at(state, self._analyser, place)

    def check(self, path: Path, text: str, *, fixes: bool) -> Checked:
        """Analyse one text."""
        self._analyser.failed.clear()
        result = check_text(self.name(path), text, self._analyser, fixes)
        diagnostics = _with_cwe(result.diagnostics)
        return Checked(diagnostics, result.state, _explained(result.problem, text), _failed(self._analyser.failed))

    @property
    def looks_over_files(self) -> bool:
        """Whether a rule runs that needs the facts of all files."""
        return bool(self._analyser.rules.files)

    def check_files(self, facts: Iterable[FileFacts]) -> tuple[dict[str, tuple[Finding, ...]], tuple[str, ...]]:
        """Run the rules over files: their findings by the file's name, and which of them raised."""
        by_path = {each.path: each for each in facts}
        modules = module_names(by_path)
        named = (replace(each, module=modules.get(path, "")) for path, each in by_path.items())
        failed: list[RuleFailed] = []
        return check_project(project_facts(named), self._analyser.rules, failed), _failed(failed)

    def placed(self, findings: Iterable[Finding], text: str, name: str) -> tuple[Diagnostic, ...]:
        """Findings whose spans count from the start of a file, at their places."""
        lines = Text.of(text)
        return _with_cwe(place(finding, 0, lines, name) for finding in findings)

    def safe_edits(self, path: Path, text: str) -> tuple[Edit, ...]:
        """Return the edits of the safe fixes that keep apart and are proved, as the editor's fix-all makes them."""
        name = self.name(path)
        return fixed_all(whole(Text.of(text), self._analyser, name), self._analyser, name).edits


def project_for(start: Path, outside: Outside, flags: Mapping[str, object] | None = None) -> Project:
    """Return the project of a file or folder: the nearest folder with settings, else with a project file."""
    folder = start if start.is_dir() else start.parent
    effective = load(outside.folders.user_file, workspace_file(folder), flags=flags)
    return Project(project_root(folder), effective)


def rule_infos(names: Sequence[str] | None = None) -> dict[str, RuleInfo]:
    """Return what reports show of rules; of all where no names are given."""
    return {item.name: rule_info(item.name) for item in all_rules() if names is None or item.name in names}


def rule_info(name: str) -> RuleInfo:
    """Raises: UnknownName."""
    found = rule(name)
    fixable = any(example.after is not None for example in found.examples)
    return RuleInfo(
        name, family(name), summary(name), page(name), found.severity, found.cwe, found.twins, found.on, fixable
    )


def names(values: Sequence[str] | None) -> tuple[str, ...] | None:
    """Return the names of options like ``--select a,b --select c``; None where none was given.

    Raises: UsageError - an empty name.
    """
    if values is None:
        return None
    found = tuple(name.strip() for value in values for name in value.split(","))
    if not all(found):
        raise UsageError("a name is missing between the commas of --select or --ignore")
    return found


def _with_cwe(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(replace(item, cwe=item.cwe or rule(item.rule).cwe) for item in found)


def _failed(rules: Iterable[RuleFailed]) -> tuple[str, ...]:
    return tuple(f"{error.args[0]}: {error.__cause__!r}" for error in rules)


def _explained(problem: str | None, text: str) -> str | None:
    found = _LINE.match(problem or "")
    if not problem or not found:
        return problem
    lines = split_lines(text)
    number = int(found[1]) - 1
    why = newer(lines[number], sys.version_info[:2]) if number < len(lines) else None
    return f"{problem} ({why})" if why else problem
