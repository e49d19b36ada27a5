"""What is left to read of a root, shared by all who read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reading is, in files."""

    done: int
    total: int


class Pending:
    """Files that nobody has begun to read, with their sizes."""

    def __init__(self, sizes: dict[str, int]) -> None:
        self.left = dict(sizes)
        self.bytes = sum(sizes.values())
        self._total = len(sizes)
        self.lent = False
        """Whether somebody began with files that others wait for."""

    @property
    def progress(self) -> Progress:
        return Progress(self._total - len(self.left), self._total)

    def take(self, path: str) -> bool:
        """Begin with a file, and give it back or not; False where somebody has."""
        taken = self.left.pop(path, None) is not None
        self.lent = self.lent or taken
        return taken

    def give_back(self, paths: Iterable[str]) -> None:
        self.left.update(dict.fromkeys(paths, 0))

    def batches(self, size: int) -> Iterator[list[str]]:
        """Batches of about so many bytes, shared by all who read."""
        while self.left:
            batch, filled = list[str](), 0
            while self.left and filled < size:
                path = next(iter(self.left))
                filled += self.left.pop(path) + 500
                batch.append(path)
            yield batch
