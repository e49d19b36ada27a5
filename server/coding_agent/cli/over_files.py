"""The rules over files in one run: facts are collected file by file, and asked once at the end."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from coding_agent.analysis import baseline
from coding_agent.analysis.baseline import Known
from coding_agent.analysis.file import FileState
from coding_agent.analysis.project import file_facts
from coding_agent.analysis.report import FileFacts
from coding_agent.cli.core import Project
from coding_agent.report.model import FileReport
from coding_agent.store import source


@dataclass(frozen=True, slots=True)
class Judged:
    """A file with findings of rules over files: the number of its report, its text, the findings."""

    number: int
    text: str
    found: tuple[Known, ...]


@dataclass(slots=True)
class OverFiles:
    """The facts of one project's files."""

    project: Project
    _facts: list[FileFacts] = field(default_factory=list[FileFacts])
    _places: dict[str, tuple[int, Path]] = field(default_factory=dict[str, tuple[int, Path]])
    """Number of the report and path of each file, by its name in the project."""

    def add(self, number: int, path: Path, state: FileState) -> None:
        """Take the facts of a file; its report has that number."""
        name = self.project.name(path)
        self._facts.append(file_facts(state, name, ""))
        self._places[name] = (number, path)

    def judge(self) -> tuple[list[Judged], tuple[str, ...]]:
        """The files with findings, and sentences about rules that raised. One file alone says nothing."""
        if len(self._facts) < 2:
            return [], ()
        found, failed = self.project.check_files(self._facts)
        judged: list[Judged] = []
        for name, findings in found.items():
            number, path = self._places[name]
            try:
                text = source.read(path, self.project.settings.analysis.max_file_size).text
            except source.Unreadable:  # It was there a moment ago.
                continue
            known = baseline.identify(self.project.placed(findings, text, name), text)
            judged.append(Judged(number, text, known))
        return judged, failed


def merged(report: FileReport, judged: Judged) -> FileReport:
    """A file's report with more findings, in the order of the text."""
    pairs = [*zip(report.diagnostics, report.fingerprints, strict=True)]
    pairs += [(item.diagnostic, item.fingerprint) for item in judged.found]
    pairs.sort(key=lambda pair: (pair[0].span, pair[0].rule, pair[0].message))
    return replace(
        report,
        text=judged.text if report.text is None else report.text,
        diagnostics=tuple(diagnostic for diagnostic, _ in pairs),
        fingerprints=tuple(fingerprint for _, fingerprint in pairs),
    )
