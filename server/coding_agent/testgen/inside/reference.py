# pyright: standard
# Looks at any class or function.
"""How a class or a function of an importable module is spelled where it is meant itself."""

import builtins
import sys
from typing import Any, Optional, Tuple

from .names import RESERVED, Names


def referred(value: Any, names: Names) -> Optional[Tuple[str, str]]:
    """Return the expression and its import line ("" for builtins); None for what no module holds under its name."""
    module = getattr(value, "__module__", None)
    qualname = getattr(value, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(qualname, str) or "<" in qualname:
        return None
    first = qualname.partition(".")[0]
    if _holds(builtins, qualname, value) or module == "builtins":
        return (qualname, "") if first not in names.lines and _holds(builtins, qualname, value) else None
    if module == names.module and first in names.spelled and _holds(sys.modules.get(module), qualname, value):
        code = names.spell(qualname)
        return code, names.lines[code.partition(".")[0]]
    place = _place(module, qualname, value, names.module)
    if place is None:
        return None
    if first in names.lines or first in RESERVED:
        root = place.partition(".")[0]
        return None if root in names.lines else ("%s.%s" % (place, qualname), "import " + place)
    return qualname, "from %s import %s" % (place, first)


def _place(module: str, qualname: str, value: Any, tested: str) -> Optional[str]:
    """Return the module to import from: another package's own name, else the topmost that shows what is private."""
    if not _holds(sys.modules.get(module), qualname, value):
        return None
    parts = module.split(".")
    if parts[0] == "pydantic_core" and _holds(sys.modules.get("pydantic"), qualname, value):
        return "pydantic"
    if parts[0] != tested.partition(".")[0] and _holds(sys.modules.get(parts[0]), qualname, value):
        return parts[0]
    for at, part in enumerate(parts):
        if part.startswith("_"):
            above = ".".join(parts[:at])
            return above if above and _holds(sys.modules.get(above), qualname, value) else module
    return module


def _holds(module: Any, qualname: str, value: Any) -> bool:
    found = module
    for part in qualname.split("."):
        found = getattr(found, part, None)
    return found is value
