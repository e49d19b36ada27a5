"""One run over many files: finds them, looks at each, fixes on demand, and collects what there is to report."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from coding_agent.analysis import baseline
from coding_agent.analysis.baseline import Baseline, Entry, Known
from coding_agent.cli.core import Checked, Project, project_for
from coding_agent.cli.fixing import Fixed, fix_all
from coding_agent.cli.outside import Outside, is_terminal
from coding_agent.cli.over_files import OverFiles, merged
from coding_agent.cli.patch import patch
from coding_agent.errors import UsageError
from coding_agent.report.model import FileReport
from coding_agent.store import source
from coding_agent.store.source import Source
from coding_agent.text import split_lines
from coding_agent.workspace.files import FIRST_LINES, FileFilter, FileOptions, walk


@dataclass(frozen=True, slots=True)
class Wish:
    """What to do with each file."""

    fix: bool = False
    """Apply safe fixes."""
    write: bool = False
    """Write what was fixed; otherwise only ``diff`` shows it."""
    baseline: bool = True
    """Leave out what the baseline knows."""


@dataclass(frozen=True, slots=True)
class Target:
    """A file to look at; ``explicit`` ones were named and are never silent."""

    path: Path
    project: Project
    explicit: bool


@dataclass(slots=True)
class Outcome:
    """What a run collected. Grows while it runs."""

    files: list[FileReport] = field(default_factory=list[FileReport])
    notes: list[str] = field(default_factory=list[str])
    diffs: list[bytes] = field(default_factory=list[bytes])
    fixed: int = 0
    known: int = 0
    stale: int = 0

    @property
    def incomplete(self) -> bool:
        return any(file.problem for file in self.files)

    @property
    def findings(self) -> int:
        return sum(len(file.diagnostics) for file in self.files)


class Session:
    """Looks at files. Projects, with their settings and baselines, are made once each."""

    def __init__(self, outside: Outside, wish: Wish, flags: Mapping[str, object], baseline_file: Path | None = None):
        self.outcome = Outcome()
        self._outside = outside
        self._wish = wish
        self._flags = flags
        self._baseline_file = baseline_file
        self._folders: dict[Path, Project] = {}
        self._projects: dict[Path, Project] = {}
        self._baselines: dict[Path, Baseline] = {}
        self._found: dict[Path, list[tuple[int, Known]]] = {}
        self._checked: dict[Path, set[str]] = {}
        self._over: dict[Path, OverFiles] = {}

    @property
    def projects(self) -> Iterable[Project]:
        return self._projects.values()

    def targets(self, paths: Sequence[Path], *, force_exclude: bool = False) -> Iterator[Target]:
        """Yield the files below folders that count, and every named file, each once.

        Raises: UsageError - a path is neither.
        """
        seen: set[Path] = set()
        for path in paths:
            if not path.exists():
                raise UsageError(f"there is no file or folder {self._outside.shown(path)}")
            project = self.project(path)
            found = (item.path for item in walk(project.files, (path,), _Never())) if path.is_dir() else (path,)
            explicit = not path.is_dir() and not force_exclude
            if path.is_file() and force_exclude and project.files.silent(path):
                continue
            for file in found:
                if file not in seen:
                    seen.add(file)
                    yield Target(file, project, explicit)

    def nothing(self, paths: Sequence[str]) -> str:
        """A sentence about paths without a file that counts, and why where something is left out."""
        places = [f"{path}{self._left_out(self._outside.absolute(path))}" for path in paths]
        return f"coding-agent: no Python files in {', '.join(places)}"

    def _left_out(self, path: Path) -> str:
        files = self.project(path).files
        everything = FileFilter(files.root, FileOptions(gitignore=False, vendored=True, generated=True))
        found = [item.path for item in walk(everything, (path,), _Never())] if path.is_dir() else [path]
        reasons = Counter(files.silent(each) for each in found)
        reason = files.folder(path) if path.is_relative_to(files.root) else None
        if reason is None and reasons:
            ((reason, _),) = reasons.most_common(1)
        return f" ({reason.value}; name a file to look at it)" if reason is not None else ""

    def project(self, start: Path) -> Project:
        """Return the project a path belongs to. Says once what is wrong with its settings.

        Raises: UsageError - an option of the command line names a rule that there is not: nothing would be found.
        """
        folder = start if start.is_dir() else start.parent
        if folder not in self._folders:
            self._folders[folder] = self._project(folder)
        return self._folders[folder]

    def _project(self, folder: Path) -> Project:
        project = project_for(folder, self._outside, self._flags)
        known = self._projects.setdefault(project.root, project)
        if known is project:
            misused = project.misused()
            if misused:
                raise UsageError(misused)
            for problem in project.problems():
                self._outside.warn(f"coding-agent: {problem}")
        return known

    def run(self, targets: Sequence[Target]) -> None:
        """Look at all of them, with progress on a terminal."""
        with _Progress(self._outside, len(targets)) as progress:
            for target in targets:
                progress.step(target.path)
                try:
                    self._file(target)
                except Exception as error:  # The fence of one file: what is wrong with it must not hide the others.
                    self._add(FileReport(self._outside.shown(target.path), problem=_internal(error)))
        self._look_over_files()

    def text(self, path: Path, raw: bytes, project: Project) -> bytes:
        """Look at a text from standard input as if it were in ``path``, and return it fixed, if so wished.

        What cannot be read or fixed comes back as it was.
        """
        try:
            item = source.decode(path, raw)
        except source.Unreadable as error:
            self._add(FileReport(self._outside.shown(path), problem=str(error)))
            return raw
        fixed = self._looked(item.text, path, project)
        try:
            content = item.encoded(fixed.text)
        except UnicodeError as error:
            content, fixed = raw, _left(item, fixed, f"could not be fixed: {error}")
        else:
            self.outcome.fixed += fixed.count
        self._report(project, path, fixed)
        return content

    def finish(self) -> None:
        """Leave out what the baselines know, and count what they know in vain."""
        for root, found in self._found.items():
            checked = self._checked.get(root, set())
            self._against(root, found, checked)

    def known(self) -> Iterator[tuple[Project, list[Known], set[str]]]:
        """Yield per project what was found and which paths were looked at, for a new baseline."""
        for root, project in self._projects.items():
            yield project, [known for _, known in self._found.get(root, [])], self._checked.get(root, set())

    def _file(self, target: Target) -> None:
        path, project = target.path, target.project
        try:
            item = source.read(path, project.settings.analysis.max_file_size)
        except source.Unreadable as error:
            self._add(FileReport(self._outside.shown(path), problem=str(error)))
            return
        if not target.explicit and project.files.silent(path, _first_lines(item.text)):
            return
        fixed = self._looked(item.text, path, project)
        if fixed.count:
            fixed = self._keep(item, fixed)
        self._report(project, path, fixed)

    def _looked(self, text: str, path: Path, project: Project) -> Fixed:
        def check(changed: str) -> Checked:
            return project.check(path, changed, fixes=True)

        if not self._wish.fix:
            return Fixed(text, check(text))
        return fix_all(text, check, lambda changed: project.safe_edits(path, changed))

    def _keep(self, item: Source, fixed: Fixed) -> Fixed:
        """Write a fixed text or note its diff."""
        try:
            if self._wish.write:
                source.write(item, fixed.text)
            else:
                shown = self._outside.shown(item.path)
                self.outcome.diffs.append(patch(item.raw, item.encoded(fixed.text), shown))
        except source.Moved:
            problem = "changed while it was fixed; left as it is"
        except OSError as error:
            problem = f"could not be fixed: {error.strerror}"
        except UnicodeError as error:
            problem = f"could not be fixed: {error}"
        else:
            self.outcome.fixed += fixed.count
            return fixed
        return _left(item, fixed, problem)

    def _report(self, project: Project, path: Path, fixed: Fixed) -> None:
        checked, shown = fixed.checked, self._outside.shown(path)
        named = tuple(replace(item, path=project.name(path)) for item in checked.diagnostics)
        known = baseline.identify(named, fixed.text)
        problem = checked.problem or (f"rules failed: {'; '.join(checked.failed)}" if checked.failed else None)
        if fixed.note:
            self.outcome.notes.append(f"{shown}: {fixed.note}")
        report = FileReport(
            shown,
            fixed.text if known else None,
            tuple(item.diagnostic for item in known),
            tuple(item.fingerprint for item in known),
            problem,
        )
        number = self._add(report)
        # What was fixed and not written is not what the other files would import.
        if project.looks_over_files and not (self._wish.fix and not self._wish.write):
            self._over.setdefault(project.root, OverFiles(project)).add(number, path, checked.state)
        self._checked.setdefault(project.root, set()).add(project.name(path))
        self._found.setdefault(project.root, []).extend((number, item) for item in known)

    def _look_over_files(self) -> None:
        """Run the rules that need the facts of all files, and add what they find to the reports."""
        for root, over in self._over.items():
            judged, failed = over.judge()
            for each in judged:
                self.outcome.files[each.number] = merged(self.outcome.files[each.number], each)
                self._found.setdefault(root, []).extend((each.number, item) for item in each.found)
            if failed:
                self._add(FileReport(self._outside.shown(root), problem=f"rules failed: {'; '.join(failed)}"))

    def _add(self, report: FileReport) -> int:
        self.outcome.files.append(report)
        return len(self.outcome.files) - 1

    def _against(self, root: Path, found: list[tuple[int, Known]], checked: set[str]) -> None:
        known = self._baseline(self._projects[root]) if self._wish.baseline else Baseline()
        if not known.counts:
            return
        split = baseline.compare(
            [item for _, item in found],
            known,
            checked=checked.__contains__,
            gone=lambda name: not (root / name).exists(),
        )
        self.outcome.known += len(split.known)
        self.outcome.stale += sum(count for entry, count in split.stale.items() if _stale(entry, checked, root))
        left = {id(item) for item in split.new}
        for number in {number for number, _ in found}:
            report = self.outcome.files[number]
            kept = [at for at, item in enumerate(report.diagnostics) if id(item) in left]
            self.outcome.files[number] = replace(
                report,
                diagnostics=tuple(report.diagnostics[at] for at in kept),
                fingerprints=tuple(report.fingerprints[at] for at in kept),
            )

    def _baseline(self, project: Project) -> Baseline:
        if project.root not in self._baselines:
            self._baselines[project.root] = baseline.read(self._baseline_file or project.baseline_file)
        return self._baselines[project.root]


def _left(item: Source, fixed: Fixed, problem: str) -> Fixed:
    return replace(fixed, text=item.text, checked=replace(fixed.checked, problem=problem))


def _internal(error: Exception) -> str:
    """Return a sentence about a mistake of ours; it names the innermost place and no source text."""
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    place = f" at {frame.tb_frame.f_globals.get('__name__', '?')}:{frame.tb_lineno}" if frame else ""
    return f"a mistake in Coding Agent: {type(error).__name__}{place}; please report it"


def _stale(entry: Entry, checked: set[str], root: Path) -> bool:
    return entry.path in checked or not (root / entry.path).exists()


def _first_lines(text: str) -> list[str]:
    return split_lines(text[:2_000])[:FIRST_LINES]


class _Never:
    """A token nobody flips: a command line is stopped by a signal."""

    def check(self) -> None:
        return


class _Progress:
    """A line on a terminal that says how far we are; nothing in a pipe."""

    def __init__(self, outside: Outside, total: int) -> None:
        self._stream = outside.err if is_terminal(outside.err) and total > 1 else None
        self._outside = outside
        self._total = total
        self._done = 0

    def __enter__(self) -> "_Progress":
        return self

    def step(self, path: Path) -> None:
        self._done += 1
        if self._stream:
            shown = self._outside.shown(path)[-60:]
            self._stream.write(f"\r\x1b[2K{self._done}/{self._total} {shown}")
            self._stream.flush()

    def __exit__(self, *_: object) -> None:
        if self._stream:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()
