# pyright: standard
# Spells any value there is.
"""Spells a value as an expression that gives an equal value of the same type in any process, or says there is none.

Nothing with an address, a hash, an order that a seed decides, or a path of ours is ever spelled. Each spelling is
verified: it is evaluated again and compared.
"""

import math
import os
import pathlib
import re
import sys
from types import ModuleType
from typing import Any, Dict, NamedTuple, Optional, Sequence, Tuple

from .names import Names
from .spelling import Work, plain_base

LONGEST = 1200
"""Characters of a spelling; what is longer is no expectation that somebody reads."""


class Spelled(NamedTuple):
    """An expression and the import lines it needs, those of the module under test among them."""

    code: str
    imports: Tuple[str, ...]


class Speller:
    """Spells values as one test file would. ``folder`` is what ``tmp_path`` is in this process, where there is one.

    ``places`` are folders of this machine, which no text may name.
    """

    def __init__(self, names: Names, folder: Optional[pathlib.Path] = None, places: Sequence[str] = ()) -> None:
        self.names = names
        self._places = re.compile(r"(?:%s)(?![\w.-])" % "|".join(map(re.escape, places))) if places else None
        self._base = names.namespace()
        self._folder = str(folder) if folder is not None else ""
        self._spaces: Dict[Tuple[str, ...], Dict[str, Any]] = {}

    def spell(self, value: Any, within_tmp: bool = False) -> Optional[Spelled]:
        """Return the verified spelling of a value. ``within_tmp``: paths below ``tmp_path`` are spelled by it."""
        work = Work(self, within_tmp)
        try:
            code = work.text(value, 0)
            if len(code) > LONGEST:
                return None
            lines = tuple(sorted({*work.imports, *self.names.imports([code], work.imports)}))
            again = self.evaluate(code, lines)
        except Exception:  # whatever the user's __eq__, __repr__ or constructor raises: there is no spelling
            return None
        return Spelled(code, lines) if same(value, again) else None

    def evaluate(self, code: str, lines: Tuple[str, ...]) -> Any:
        """Return the value of an expression under import lines. Raises what it raises."""
        space = self._spaces.get(lines)
        if space is None:
            space = self._spaces[lines] = dict(self._base)
            exec("\n".join(lines), space)
        if "tmp_path" in code:
            space["tmp_path"] = pathlib.Path(self._folder)
        return eval(code, space)

    def below_tmp(self, text: str) -> Optional[str]:
        """Return the path inside ``tmp_path``, "" for the folder itself; None for a path elsewhere."""
        if self._folder and text == self._folder:
            return ""
        if self._folder and text.startswith(self._folder + "/"):
            return text[len(self._folder) + 1 :]
        return None

    def is_foreign(self, text: str) -> bool:
        """Whether a text tells something of this process or machine: a folder of it, or an address."""
        if (self._folder and self._folder in text) or " at 0x" in text:
            return True
        return "/" in text and self._places is not None and self._places.search(text) is not None


def places(module: ModuleType) -> Tuple[str, ...]:
    """Return the folders that are others on each machine: the module's, the project's, ours, the interpreter's."""
    found = {os.getcwd(), sys.prefix, sys.base_prefix, os.path.dirname(sys.executable), *sys.path}
    found.update(os.environ.get(name, "") for name in ("HOME", "TMPDIR"))
    if getattr(module, "__file__", None):
        found.add(os.path.dirname(str(module.__file__)))
    found.update([os.path.realpath(each) for each in found if each])
    system = ("/usr/lib", "/usr/local", "/usr/bin")
    return tuple(sorted(each for each in found if each not in ("", "/", "/usr") and not each.startswith(system)))


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal and alike in type, all the way down the plain containers.

    An object of a subclass that changes nothing about equality may be ``one``, its plain value the ``other``.
    """
    if type(one) is not type(other):
        return plain_base(type(one)) is type(other) and bool(one == other)
    if isinstance(one, float) and math.isnan(one):
        return math.isnan(other)
    if isinstance(one, (list, tuple)) and type(one) in (list, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if type(one) is dict:
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    return one is other or bool(one == other)
