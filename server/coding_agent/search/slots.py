"""What is known of each slot of a catalogue, in little memory: columns that grow at their end."""

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence


class Texts:
    """Many short texts in one piece, half of what so many objects take. Whatever Python takes for a text
    comes back as it was.
    """

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._ends = array("Q", [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, at: int) -> str:
        """The text of a place from 0 on."""
        return self._bytes[self._ends[at] : self._ends[at + 1]].decode("utf-8", "surrogatepass")

    def extend(self, texts: Iterable[str]) -> None:
        for text in texts:
            self._bytes += text.encode("utf-8", "surrogatepass")
            self._ends.append(len(self._bytes))


class Chunks:
    """The columns of what is known of each slot."""

    def __init__(self) -> None:
        self.names, self.signatures, self.docstrings = Texts(), Texts(), Texts()
        self.kinds: array[int] = array("B")
        self.files: array[int] = array("I")
        self.lines: array[int] = array("I")
        self.ats: array[int] = array("I")
        self.ends: array[int] = array("I")

    def __len__(self) -> int:
        return len(self.names)

    def place(self, slot: int) -> tuple[int, int, int]:
        return self.lines[slot], self.ats[slot], self.ends[slot]

    def move(self, slot: int, line: int, at: int, end: int) -> None:
        self.lines[slot], self.ats[slot], self.ends[slot] = line, at, end

    def kept(self, slots: Sequence[int]) -> "Chunks":
        other = Chunks()
        for name, values in vars(self).items():
            getattr(other, name).extend(values[slot] for slot in slots)
        return other


class Names:
    """Which slots have a last name, in lower case: the latest of each, and for each slot the one before of its name."""

    def __init__(self, qualified: Iterable[str] = ()) -> None:
        self._latest: dict[str, int] = {}
        self._before = array("i")
        self._joined, self._count = "", 0
        self.extend(qualified)

    def having(self, letters: str) -> list[str]:
        """The names that have some letters in this order, whatever is between them."""
        if self._count != len(self._latest):
            self._joined, self._count = "\n".join(("", *self._latest)), len(self._latest)
        # One search over all names is some ten times as fast as one in each.
        wanted = "".join(rf"[^\n{re.escape(each)}]*{re.escape(each)}" for each in letters)
        return re.findall(rf"\n({wanted}[^\n]*)", self._joined)

    def extend(self, qualified: Iterable[str]) -> None:
        """Take the names of the next slots."""
        for name in qualified:
            last = name.rpartition(".")[2].lower()
            self._before.append(self._latest.get(last, -1))
            self._latest[last] = len(self._before) - 1

    def slots(self, last: str) -> Iterator[int]:
        """The latest first, also those of chunks that are gone."""
        slot = self._latest.get(last, -1)
        while slot >= 0:
            yield slot
            slot = self._before[slot]
