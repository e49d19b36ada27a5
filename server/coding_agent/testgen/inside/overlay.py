# pyright: standard
# Loads the module of the user.
"""A project with another text of one module: a copy made of links, in front of the real one on the path."""

import os
import sys
from typing import List, Sequence

from .testing import unpacked


def with_text(text: str, file: str, project: str, paths: Sequence[str]) -> List[str]:
    """Return the ``paths`` of imports as they lie in a copy of the project, in which ``file`` holds ``text``.

    They are put first on the path of this process.
    """
    root = str(unpacked({os.path.relpath(file, project): text}, project))
    found = [_there(path, project, root) for path in paths]
    sys.path[:0] = [path for path in found if path not in sys.path]
    return found


def root_of(paths: Sequence[str]) -> str:
    """Return the folder that such a copy is in, as it shows in texts."""
    return os.path.dirname(os.path.commonpath(paths)) if paths else ""


def _there(path: str, project: str, root: str) -> str:
    inside = path == project or path.startswith(project + os.sep)
    return root + path[len(project) :] if inside else path
