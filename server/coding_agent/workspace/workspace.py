"""The only mutable state: which documents are open, at which version, and which folders are the workspace's."""

from collections.abc import Iterable
from pathlib import Path

from coding_agent.text import Text, Units
from coding_agent.workspace.document import EVERYTHING, Change, Document, Same, changed


class Workspace:
    """Open documents and folders. Changed on the event loop only; everyone else holds a `Document`, which is frozen."""

    def __init__(self, units: Units = Units.UTF16) -> None:
        self.units = units
        self.folders: tuple[Path, ...] = ()
        self.documents: dict[str, Document] = {}
        self.revision = 0

    def open(self, uri: str, version: int | None, text: str, language: str) -> Document:
        """Open a document, or open it again with another text."""
        self.revision += 1
        document = Document(uri, version, self.revision, Text.of(text), language)
        self.documents[uri] = document
        return document

    def change(self, uri: str, version: int | None, changes: Iterable[Change]) -> tuple[Document, Same]:
        """Change an open document. Raises: KeyError - it is not open."""
        before = self.documents[uri]
        text, same = changed(before.text, changes, self.units)
        if text is before.text:
            same = EVERYTHING
        self.revision += 1
        document = Document(uri, version, self.revision, text, before.language)
        self.documents[uri] = document
        return document, same

    def close(self, uri: str) -> Document | None:
        self.revision += 1
        return self.documents.pop(uri, None)

    def folder_of(self, path: Path) -> Path | None:
        """The innermost workspace folder that holds ``path``."""
        holding = [folder for folder in self.folders if path.is_relative_to(folder)]
        return max(holding, key=lambda folder: len(folder.parts), default=None)
