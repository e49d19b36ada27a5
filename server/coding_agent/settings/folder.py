"""From the settings of a workspace folder to what the facade needs of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from coding_agent.analysis.manifest import Listed
from coding_agent.errors import SettingError
from coding_agent.ide.options import FolderOptions, ModelOptions, Stamp, TestOptions, stamp
from coding_agent.settings.interpreter import check_interpreter
from coding_agent.settings.layers import FILES, baseline_file, project_root, workspace_file
from coding_agent.settings.merge import load
from coding_agent.settings.options import AIOptions
from coding_agent.settings.rules import check_rules
from coding_agent.settings.selection import known_rules, rule_set
from coding_agent.workspace.files import FileFilter

if TYPE_CHECKING:
    from coding_agent.analysis.known import KnownFindings


def folder_options(
    user_file: Path, folder: Path | None, editor: object, rules: tuple[Listed, ...] | None = None
) -> tuple[FolderOptions, tuple[str, ...]]:
    """Read the settings of a folder, None for files outside all folders; problems are sentences for the user.

    ``rules`` are those that exist; without them all are imported.
    """
    read = tuple((file, stamp(file)) for file in (user_file, *_deciding(folder)))
    effective = load(user_file, workspace_file(folder) if folder is not None else None, editor)
    settings = effective.settings
    known = known_rules(rules)
    found = (*effective.problems, *check_rules(effective, known), *check_interpreter(effective, folder))
    problems = [problem.message for problem in found]
    known_file, baseline = _baseline(folder, settings.baseline, problems)
    options = FolderOptions(
        rules=rule_set(settings, known, folder, rules),
        files=FileFilter(folder, settings.files) if folder is not None else None,
        max_file_size=settings.analysis.max_file_size,
        max_problems=settings.analysis.max_problems,
        complexity_lens=settings.lens.complexity,
        tests_lens=settings.lens.tests,
        similar_lens=settings.lens.similar,
        indexes=settings.search.background,
        encoder=settings.search.encoder,
        tests=TestOptions(settings.tests.folder, float(settings.tests.seconds), settings.sandbox.mode),
        ai=model_options(settings.ai),
        workspace=settings.diagnostics.workspace,
        hover_ours_only=settings.hover.ours_only,
        jedi=settings.jedi.enabled,
        jedi_deadline=settings.jedi.deadline_ms / 1000,
        interpreter=settings.interpreter,
        baseline=baseline,
        read=(*read, *known_file),
    )
    return options, tuple(problems)


def model_options(ai: AIOptions) -> ModelOptions:
    """What the settings say of models, as the facade takes it."""
    budget = ai.budget
    limits = (
        *(budget.request_tokens, budget.request_cents),
        *(budget.day_requests, budget.day_tokens, budget.day_cents),
        *(budget.workspace_requests, budget.workspace_tokens, budget.workspace_cents),
    )
    seconds = float(ai.deadline_seconds)
    return ModelOptions(
        url=ai.base_url,
        model=ai.model,
        enabled=ai.enabled,
        key_variable=ai.key_variable,
        seconds=seconds,
        complete=ai.complete,
        prices=ai.prices,
        limits=limits,
        embedding=ai.embedding_model,
    )


def _deciding(folder: Path | None) -> Iterator[Path]:
    """The files that say what is looked at in a folder and how, whether they exist or not."""
    for above in (folder, *folder.parents) if folder is not None else ():
        yield from (above / name for name in FILES)


def _baseline(
    folder: Path | None, name: str, problems: list[str]
) -> "tuple[tuple[tuple[Path, Stamp | None], ...], KnownFindings | None]":
    """The file of a folder's baseline, if it can have one, as it is now; and what it knows."""
    if folder is None:
        return (), None
    root = project_root(folder)
    try:
        file = baseline_file(root, name)
    except SettingError as error:
        problems.append(str(error))
        return (), None
    seen = stamp(file)
    if seen is None:
        return ((file, None),), None
    from coding_agent.analysis.baseline import read
    from coding_agent.analysis.known import KnownFindings

    try:
        return ((file, seen),), KnownFindings(read(file), root)
    except SettingError as error:
        problems.append(str(error))
        return ((file, seen),), None
