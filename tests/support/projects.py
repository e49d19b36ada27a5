"""Projects on disk, written from their files' texts."""

from collections.abc import Mapping
from pathlib import Path


def project(root: Path, files: Mapping[str, str]) -> Path:
    """Write the files below a folder, and return it."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root
