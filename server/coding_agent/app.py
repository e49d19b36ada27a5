"""The composition root: reads the environment, the folders and the clock, and wires the faces."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from coding_agent.ide.options import FolderOptions
from coding_agent.store.folders import Folders


def our_folders() -> Folders:
    """Where our files are for this user."""
    from platformdirs import PlatformDirs

    dirs = PlatformDirs("coding-agent", appauthor=False)
    return Folders(Path(dirs.user_config_dir), Path(dirs.user_state_dir), Path(dirs.user_cache_dir))


def folder_options(folders: Folders, folder: Path | None, editor: object) -> tuple[FolderOptions, tuple[str, ...]]:
    """Read the settings of a workspace folder; problems are sentences for the user."""
    from coding_agent.settings.layers import workspace_file
    from coding_agent.settings.merge import load
    from coding_agent.settings.rules import check_rules
    from coding_agent.settings.selection import known_rules, rule_set
    from coding_agent.workspace.files import FileFilter

    effective = load(folders.user_file, workspace_file(folder) if folder is not None else None, editor)
    settings = effective.settings
    known = known_rules()
    problems = (*effective.problems, *check_rules(effective, known))
    return (
        FolderOptions(
            rules=rule_set(settings, known, folder),
            files=FileFilter(folder, settings.files) if folder is not None else None,
            max_file_size=settings.analysis.max_file_size,
            max_problems=settings.analysis.max_problems,
            complexity_lens=settings.lens.complexity,
            hover_ours_only=settings.hover.ours_only,
            jedi=settings.jedi.enabled,
            jedi_deadline=settings.jedi.deadline_ms / 1000,
            interpreter=settings.interpreter,
        ),
        tuple(problem.message for problem in problems),
    )


def command_line(arguments: Sequence[str]) -> int:
    """Run a command of the command line; returns its exit code."""
    from coding_agent.cli.main import run
    from coding_agent.cli.outside import standard

    return run(arguments, standard(Path.cwd(), our_folders(), dict(os.environ)))


def serve() -> int:
    """Serve one editor over stdio."""
    import asyncio
    import gc

    from coding_agent.lsp.host import Host
    from coding_agent.lsp.server import run

    folders = our_folders()
    host = Host(
        options=lambda folder, editor: folder_options(folders, folder, editor),
        folders=folders,
        windows=sys.platform == "win32",
        python_path=lambda: os.environ.get("VIRTUAL_ENV"),
    )
    # What is loaded by now stays; collections need not look at it again, and come less often.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    return asyncio.run(run(host))
