"""Files that are never sent, whoever asks: secrets by name, what the project ignores, what is not in the workspace."""

from pathlib import Path

from coding_agent.store.trust import real
from coding_agent.workspace.files import IGNORE_FILE, FileFilter, FileOptions
from coding_agent.workspace.secrets import FOLDERS, looks_secret


class Denied:
    """Of one workspace. Make a new one where ``.gitignore`` or ``.codingagentignore`` changed."""

    def __init__(self, root: Path) -> None:
        self._root = real(root)
        # What a program wrote, or somebody else, may be sent: it is noise, no secret.
        self._files = FileFilter(self._root, FileOptions(vendored=True, generated=True), IGNORE_FILE)

    def why(self, path: Path) -> str:
        """Why a file is not sent, as what it is; "" where it may be."""
        there = real(path)
        if not there.is_relative_to(self._root):
            return "outside of the workspace"
        parts = there.relative_to(self._root).parts
        if looks_secret(path.name) or looks_secret(there.name) or FOLDERS.intersection(parts):
            return "a file that may hold secrets, by its name"
        reason = self._files.silent(there)
        return reason.value if reason is not None else ""
