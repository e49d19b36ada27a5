"""What somebody asks: words, and filters that say where an answer may be.

``path:PART`` a part of the path or a pattern (``path:tests/*``), ``kind:function|method|class|module``, ``test:yes`` or
``test:no``, ``calls:NAME`` what calls a name; a ``-`` before one turns it around (``-path:migrations``).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import PurePosixPath

from coding_agent.errors import UsageError
from coding_agent.search.chunks import Kind

FILTERS = ("path", "kind", "test", "calls")
_FILTER = re.compile(rf"(?<!\S)(-?)({'|'.join(FILTERS)}):(?:\"([^\"]*)\"|(\S*))")
_TEST = re.compile(r"test_.*\.py|.*_tests?\.py|tests?\.py|conftest\.py")
_TESTS = frozenset({"test", "tests", "testing"})
_YES = {"yes": True, "true": True, "only": True, "no": False, "false": False}


@dataclass(frozen=True, slots=True)
class Filter:
    name: str
    value: str
    not_: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """``words`` are what is left of the text without filters."""

    words: str
    filters: tuple[Filter, ...] = ()

    def of(self, name: str) -> Iterator[Filter]:
        return (each for each in self.filters if each.name == name)

    def takes_path(self, path: str) -> bool:
        """Whether a file may have an answer, by its path from the root."""
        for each in self.filters:
            if each.name == "path" and matches(path, each.value) is each.not_:
                return False
            if each.name == "test" and is_test(path) is not (_YES[each.value] is not each.not_):
                return False
        return True


def question(text: str) -> Question:
    """Read a question. Raises: UsageError - a filter has a value that it cannot have."""
    filters: list[Filter] = []
    for turned, name, quoted, plain in _FILTER.findall(text):
        value = quoted or plain
        kinds = tuple(kind.value for kind in Kind)
        if not value:
            raise UsageError(f"{name}: says nothing; write for instance {name}:{_example(name)}")
        if name == "kind" and value not in kinds:
            raise UsageError(f"there is no kind {value!r}; kinds are {', '.join(kinds)}")
        if name == "test" and value not in _YES:
            raise UsageError(f"test:{value} is neither test:yes nor test:no")
        filters.append(Filter(name, value, bool(turned)))
    return Question(" ".join(_FILTER.sub(" ", text).split()), tuple(filters))


def matches(path: str, wanted: str) -> bool:
    """Whether a path is meant: by a pattern, or by a part of it."""
    if any(sign in wanted for sign in "*?["):
        return fnmatchcase(path, wanted) or fnmatchcase(path, f"*/{wanted}") or fnmatchcase(path, f"{wanted}/*")
    return wanted.lower() in path.lower()


@lru_cache(1 << 16)
def is_test(path: str) -> bool:
    """Whether a file holds tests, by its path from the root."""
    place = PurePosixPath(path)
    return bool(_TEST.fullmatch(place.name)) or not _TESTS.isdisjoint(place.parts[:-1])


def _example(name: str) -> str:
    return {"path": "models", "kind": "class", "test": "no", "calls": "open"}[name]
