"""Loads the module under test with probes in its functions.

A probe is one byte set in one array. Probes stand in the tree, so that one mechanism serves Python 3.9 to 3.14,
threads, generators and coroutines alike. Measured (``bench/testgen_probes.py``, 3.11 and 3.13): code with probes runs
at half to nine tenths of its plain speed, at a fifth to a half while comparisons are noted as well; under
``sys.settrace`` at a twentieth to a third, under ``sys.monitoring`` at a tenth to a sixth. Line numbers stay as they
were; code outside of functions runs once, at import, and has none.
"""

import ast
from importlib.util import decode_source
from pathlib import Path
from types import CodeType, ModuleType
from typing import Dict, List, NamedTuple, Tuple

from .loading import Objects, compiled, load
from .probing import BORDER, Place, Prober
from .seen import Seen, recorders


class Probe(NamedTuple):
    """What a byte stands for: ``function`` is a qualified name inside the module (``Cache.get``, ``f.<locals>.g``)."""

    function: str
    line: int
    outcome: str
    other: int
    """The probe of the other way a test can go, or -1."""
    place: Place = None

    @property
    def is_branch(self) -> bool:
        """Whether it is a way through the code; else a border, of use to tell mutants apart."""
        return self.outcome != BORDER


class Loaded:
    """The module with its probes.

    ``hits[k]`` is 1 once probe ``k`` was passed; ``probes[k]`` says what it is. ``seen`` has what comparisons saw.
    """

    def __init__(self, module: ModuleType, probes: Tuple[Probe, ...], hits: bytearray, seen: Seen) -> None:
        self.module = module
        self.probes = probes
        self.hits = hits
        self.seen = seen
        self._zeros = bytes(len(hits))

    @property
    def source(self) -> str:
        """The module's text."""
        return decode_source(Path(str(self.module.__file__)).read_bytes())

    def parts(self) -> List[Tuple[int, str]]:
        """Return for each probe the column, from one, and the code it is about; ``(0, "")`` where its line says it."""
        lines = [line.encode("utf-8") for line in self.source.split("\n")]
        return [_part(lines, probe.place) for probe in self.probes]

    @property
    def tree(self) -> ast.Module:
        """A tree of the module as it is written."""
        return ast.parse(self.source)

    def clear(self) -> None:
        """Forget the last run."""
        self.hits[:] = self._zeros
        self.seen.clear()

    def taken(self) -> bytes:
        """Return the hits since the last time, and forget them."""
        found = bytes(self.hits)
        self.hits[:] = self._zeros
        return found

    def by_function(self) -> Dict[str, Tuple[int, ...]]:
        """Return the branches of each function, itself only, by its qualified name; borders are none."""
        found: Dict[str, List[int]] = {}
        for number, probe in enumerate(self.probes):
            if probe.is_branch:
                found.setdefault(probe.function, []).append(number)
        return {function: tuple(numbers) for function, numbers in found.items()}


def _part(lines: List[bytes], place: Place) -> Tuple[int, str]:
    if place is None:
        return 0, ""
    first, start, last, end = place
    column = len(lines[first - 1][:start].decode("utf-8", "replace")) + 1
    if first == last:
        text = lines[first - 1][start:end]
    else:
        text = b" ".join([lines[first - 1][start:], *lines[first : last - 1], lines[last - 1][:end]])
    return column, " ".join(text.decode("utf-8", "replace").split())


def load_probed(name: str, feedback: bool = True) -> Loaded:
    """Import the module under test; it must not have been imported. ``feedback`` off leaves comparisons as they are.

    Raises: NotRewritable; whatever the module raises.
    """
    seen = Seen()
    hits = Hits()
    objects = Objects(hits=hits, hit=hits.__setitem__, **recorders(seen, hits))
    prober = Prober(objects, seen if feedback else None)

    def make(source: bytes, path: str) -> CodeType:
        probed = prober.module(ast.parse(source, path))
        hits.extend(bytes(len(prober.probes)))
        return compiled(probed, path, objects)

    module = load(name, make)
    return Loaded(module, tuple(Probe(*probe) for probe in prober.probes), hits, seen)


class Hits(bytearray):
    """Bytes that may stand among the constants of a code object, which must be hashable."""

    __hash__ = object.__hash__  # type: ignore[assignment]


def arcs(hits: bytes) -> Tuple[int, ...]:
    """Return the numbers of the probes that were passed."""
    found: List[int] = []
    at = hits.find(1)
    while at >= 0:
        found.append(at)
        at = hits.find(1, at + 1)
    return tuple(found)
