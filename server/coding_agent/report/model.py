"""What every format reports: files with their diagnostics, and what is said about the rules."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from coding_agent.analysis.finding import Diagnostic, Severity

SEVERITY_NAMES = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFORMATION: "information",
    Severity.HINT: "hint",
}


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """A rule as reports show it; ``help_text`` is Markdown."""

    name: str
    family: str
    summary: str
    help_text: str = ""
    severity: Severity = Severity.WARNING
    cwe: int | None = None
    twins: tuple[str, ...] = ()
    on: bool = True
    fixable: bool = False
    """Whether it has a fix for some of what it finds."""


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file that was looked at.

    ``path`` is how it is shown: relative to the root with slashes, or absolute outside of it.
    ``text`` may be None where there are no diagnostics. ``fingerprints`` stand beside ``diagnostics``.
    ``problem`` says why the file could not be analysed, or not wholly.
    """

    path: str
    text: str | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    fingerprints: tuple[str, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All that one run has to say. ``notes`` are sentences for the reader, about no file in particular."""

    files: tuple[FileReport, ...]
    rules: Mapping[str, RuleInfo] = field(default_factory=dict[str, RuleInfo])
    notes: tuple[str, ...] = ()
    version: str = ""
    """Our version."""

    def diagnostics(self) -> Iterator[Diagnostic]:
        for file in self.files:
            yield from file.diagnostics

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield path and reason of the files that were not analysed."""
        for file in self.files:
            if file.problem:
                yield file.path, file.problem

    def counts(self) -> Counter[Severity]:
        return Counter(item.severity for item in self.diagnostics())

    def fixable(self) -> int:
        """How many findings fix-all would remove."""
        return sum(item.fix is not None and item.fix.applicability.value == "safe" for item in self.diagnostics())


def printable(text: str) -> str:
    """Return ``text`` on one line and without control characters, so that no file can steer a terminal.

    Every character that cannot be printed becomes one that can, so columns stay.
    """
    return text if text.isprintable() else "".join(char if char.isprintable() else "\ufffd" for char in text)
