"""From the settings of a workspace folder to what the facade needs of them."""

from pathlib import Path

from coding_agent.analysis.manifest import Listed
from coding_agent.ide.options import FolderOptions
from coding_agent.settings.layers import workspace_file
from coding_agent.settings.merge import load
from coding_agent.settings.rules import check_rules
from coding_agent.settings.selection import known_rules, rule_set
from coding_agent.workspace.files import FileFilter


def folder_options(
    user_file: Path, folder: Path | None, editor: object, rules: tuple[Listed, ...] | None = None
) -> tuple[FolderOptions, tuple[str, ...]]:
    """Read the settings of a folder, None for files outside all folders; problems are sentences for the user.

    ``rules`` are those that exist; without them all are imported.
    """
    effective = load(user_file, workspace_file(folder) if folder is not None else None, editor)
    settings = effective.settings
    known = known_rules(rules)
    problems = (*effective.problems, *check_rules(effective, known))
    options = FolderOptions(
        rules=rule_set(settings, known, folder, rules),
        files=FileFilter(folder, settings.files) if folder is not None else None,
        max_file_size=settings.analysis.max_file_size,
        max_problems=settings.analysis.max_problems,
        complexity_lens=settings.lens.complexity,
        workspace=settings.diagnostics.workspace,
        hover_ours_only=settings.hover.ours_only,
        jedi=settings.jedi.enabled,
        jedi_deadline=settings.jedi.deadline_ms / 1000,
        interpreter=settings.interpreter,
    )
    return options, tuple(problem.message for problem in problems)
