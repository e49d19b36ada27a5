"""What the composition root gives the server: everything that is not the client's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from coding_agent.ide.options import FolderOptions
from coding_agent.store.folders import Folders


class Options(Protocol):
    """Reads the settings of a folder; ``problems`` are sentences for the user."""

    def __call__(self, folder: Path | None, editor: object) -> "tuple[FolderOptions, tuple[str, ...]]": ...


@dataclass(frozen=True, slots=True)
class Host:
    """The world around the server."""

    options: Options
    folders: Folders
    windows: bool
    active_environment: Path | None = None
    """The folder of the virtual environment that was active where the server was started."""
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    """The environment, for processes of ours."""
