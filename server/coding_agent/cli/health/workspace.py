"""A project: its settings, what of it is shown, whose Python runs it, and whether it may."""

from collections.abc import Iterator
from pathlib import Path

from coding_agent.analysis import baseline
from coding_agent.cli.core import Project
from coding_agent.cli.health.check import Check, fine, trouble
from coding_agent.cli.outside import Outside
from coding_agent.errors import SettingError, UsageError
from coding_agent.ide.interpreter import NEWEST, OLDEST, Chosen, broken, chosen, minor_version
from coding_agent.store import source
from coding_agent.store.trust import TrustStore
from coding_agent.text import split_lines
from coding_agent.workspace.files import FIRST_LINES


def checks(project: Project, start: Path, outside: Outside) -> Iterator[Check]:
    """Look at a project; also at one file of it, where ``start`` is one."""
    yield from _settings(project)
    yield _rules(project)
    yield _baseline(project)
    if start.is_file():
        yield _file(project, start, outside)
    yield _trust(project, outside)
    yield from _interpreter(project, outside)


def _settings(project: Project) -> Iterator[Check]:
    problems = project.problems()
    if not problems:
        yield fine("settings", "settings", f"for {project.root}")
    for problem in problems:
        yield trouble("settings", "settings", "settings", problem=problem)


def _rules(project: Project) -> Check:
    if not project.running:
        return trouble("rules", "rules", "no-rules", root=str(project.root))
    return fine("rules", "rules", f"{project.running} of {len(project.rules)} run in {project.root}")


def _baseline(project: Project) -> Check:
    try:
        file = project.baseline_file
        known = sum(baseline.read(file).counts.values())
    except SettingError as error:
        return trouble("baseline", "baseline", "settings", problem=str(error))
    if known:
        return trouble("baseline", "baseline", "known-findings", number=str(known), file=str(file))
    return fine("baseline", "baseline", "nothing is known before")


def _file(project: Project, path: Path, outside: Outside) -> Check:
    shown = outside.shown(path)
    try:
        text = source.read(path, project.settings.analysis.max_file_size).text
    except source.Unreadable as error:
        return trouble("file", "file", "unreadable-file", file=shown, reason=str(error))
    reason = project.files.silent(path, split_lines(text[:2_000])[:FIRST_LINES])
    if reason is not None:
        return trouble("file", "file", "silent-file", file=shown, reason=reason.value)
    return fine("file", "file", f"{shown} is looked at")


def _trust(project: Project, outside: Outside) -> Check:
    store = TrustStore(outside.folders.trust_file)
    loaded = store.load()
    if loaded.problem:
        return trouble("trust", "trust", "trust-file", problem=loaded.problem, file=str(store.path))
    if store.answer(project.root) is False:
        return trouble("trust", "trust", "refused", root=str(project.root))
    known = "trusted" if store.is_trusted(project.root) else "not trusted: nothing of it is run (coding-agent trust)"
    return fine("trust", "trust", f"{project.root} is {known}")


def _interpreter(project: Project, outside: Outside) -> Iterator[Check]:
    """Whose Python would run, by which step of the order, as files say it: it is not run."""
    said, variables = project.settings.interpreter, outside.variables
    active = Path(variables["VIRTUAL_ENV"]) if variables.get("VIRTUAL_ENV") else None
    for folder in broken(project.root, active):
        yield trouble("environment", "environment", "broken-environment", folder=str(folder))
    name = "project's Python"
    try:
        yield _version(chosen(project.root, said, active, variables.get("PATH", "")))
    except UsageError:
        if said:
            origin = str(project.effective.origins["interpreter"])
            yield trouble("interpreter", name, "interpreter-setting", said=said, origin=origin)
        else:
            yield trouble("interpreter", name, "no-interpreter")


def _version(found: Chosen) -> Check:
    minor = minor_version(found.path)
    values = {"path": str(found.path), "step": found.step.value, "oldest": str(OLDEST), "newest": str(NEWEST)}
    if minor is not None and not OLDEST <= minor <= NEWEST:
        return trouble("interpreter", "project's Python", "interpreter-version", minor=str(minor), **values)
    version = f"Python 3.{minor}" if minor is not None else "of a version that only running it would tell"
    return fine("interpreter", "project's Python", f"{found.path}, {version}, from {found.step.value}")
