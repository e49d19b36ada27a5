"""Which folders the user trusts: nothing of a workspace is executed before.

The decision is pure; the file with the user's answers is `store.trust`.
"""

from dataclasses import dataclass
from pathlib import PurePath


@dataclass(frozen=True, slots=True)
class Trust:
    """The user's answers.

    ``roots`` and ``refused`` are real paths: absolute, symbolic links resolved. A trusted parent
    counts for everything below it, unless a folder in between was refused: the nearest answer decides.
    """

    roots: frozenset[PurePath] = frozenset()
    refused: frozenset[PurePath] = frozenset()

    def answer(self, real: PurePath) -> bool | None:
        """Return what the user said about a real path, None where nobody asked yet."""
        for folder in (real, *real.parents):
            if folder in self.refused:
                return False
            if folder in self.roots:
                return True
        return None

    def is_trusted(self, real: PurePath) -> bool:
        return self.answer(real) is True

    def trusting(self, real: PurePath) -> "Trust":
        """Return the answers with ``real`` trusted; refusals at it and below it are forgotten."""
        below = frozenset(folder for folder in self.refused if folder != real and real not in folder.parents)
        return Trust(self.roots | {real}, below)

    def refusing(self, real: PurePath) -> "Trust":
        """Return the answers with ``real`` refused; trust given at it and below it is taken back."""
        below = frozenset(folder for folder in self.roots if folder != real and real not in folder.parents)
        return Trust(below, self.refused | {real})

    def forgetting(self, real: PurePath) -> "Trust":
        """Return the answers without any about ``real`` itself."""
        return Trust(self.roots - {real}, self.refused - {real})
