"""The composition root: reads the environment, the folders and the clock, and wires the faces."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from coding_agent.store.folders import Folders


def our_folders() -> Folders:
    """Where our files are for this user."""
    from platformdirs import PlatformDirs

    dirs = PlatformDirs("coding-agent", appauthor=False)
    user = Path(dirs.user_config_dir), Path(dirs.user_state_dir), Path(dirs.user_cache_dir)
    return Folders(*user, Path(dirs.site_config_dir))


def command_line(arguments: Sequence[str]) -> int:
    """Run a command of the command line; returns its exit code."""
    from coding_agent.cli.main import run
    from coding_agent.cli.outside import standard
    from coding_agent.runtime.log import Level, Log, log_to

    # Who sits at the terminal reads the report, which says in words what went wrong on the way.
    log_to(Log(level=Level.ERROR))
    return run(arguments, standard(Path.cwd(), our_folders(), dict(os.environ), time.time))


def serve() -> None:
    """Serve one editor over stdio."""
    import asyncio
    import gc
    from contextlib import suppress
    from functools import cache

    from coding_agent.analysis import manifest
    from coding_agent.ide.slices import SLICE
    from coding_agent.lsp.host import Host
    from coding_agent.lsp.server import run
    from coding_agent.runtime.collector import MANY
    from coding_agent.settings.folder import folder_options
    from coding_agent.store.atomic import write_private

    folders, active = our_folders(), os.environ.get("VIRTUAL_ENV")

    @cache
    def rules() -> tuple[manifest.Listed, ...]:
        found = manifest.read(folders.manifest_file)
        if found is None:
            found = manifest.listed()
            with suppress(OSError):  # A cache that cannot be written is only slower.
                write_private(folders.manifest_file, manifest.content(found))
        return found

    host = Host(
        options=lambda folder, editor: folder_options(folders.user_file, folder, editor, rules()),
        folders=folders,
        windows=sys.platform == "win32",
        active_environment=Path(active) if active else None,
        variables=dict(os.environ),
    )
    # What is loaded by now stays, collections need not look at it again. They come less often than Python's, yet so
    # often that one takes two milliseconds: nothing else runs meanwhile.
    gc.freeze()
    gc.set_threshold(MANY, 10, 500)
    # A thread that waits for the interpreter insists after so many seconds. Python's own five milliseconds are longer
    # than a slice: the loop would give way and be back before the wire's threads wake, again and again.
    sys.setswitchinterval(SLICE / 8)
    asyncio.run(run(host))
