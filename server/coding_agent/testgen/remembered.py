"""Calls found in a project, remembered between generations as long as no file of the project changed."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from pathlib import Path

from coding_agent.testgen.callsites import Seed, Stop, files_with_calls, seeds

_MOST = 16
"""Modules whose calls are remembered."""
_Key = tuple[Path, str, tuple[str, ...], tuple[tuple[str, int, int], ...]]


class Calls:
    """Called as ``callsites.seeds`` is."""

    def __init__(self) -> None:
        self._known: OrderedDict[_Key, list[Seed]] = OrderedDict()

    def __call__(self, project: Path, file: Path, module: str, targets: Iterable[str], token: Stop) -> list[Seed]:
        names = tuple(targets)
        key = file, module, names, tuple(_stamps(project, token))
        found = self._known.get(key)
        if found is None:
            found = seeds(project, file, module, names, token)
            if token.stopped:
                return found
            self._known[key] = found
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
        return found


def _stamps(project: Path, token: Stop) -> Iterator[tuple[str, int, int]]:
    for path in files_with_calls(project, token):
        try:
            info = path.stat()
        except OSError:
            continue
        yield str(path), info.st_mtime_ns, info.st_size
