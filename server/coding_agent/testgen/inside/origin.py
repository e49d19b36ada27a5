# pyright: standard
# Walks the frames of any code.
"""Where an exception comes from: whose code, and whether somebody meant to raise it."""

import ast
import os
from pathlib import Path
from typing import Any, Dict, FrozenSet, List, NamedTuple, Optional, Tuple

HERE = os.path.dirname(__file__)
EXITS = frozenset({"exit", "_exit", "error"})


class Raised(NamedTuple):
    """The innermost frame with a ``raise`` statement; without one (``explicit`` false) the innermost frame.

    ``project``: it is in the top package of the module under test.
    """

    module: str
    function: str
    line: int
    explicit: bool
    project: bool


def raised_where(error: BaseException, top: str) -> Optional[Raised]:
    """Return where the exception was raised, from its traceback; None where only we are in it."""
    frames = _frames(error)
    for frame, line in reversed(frames):
        if line in _raise_lines(frame.f_code.co_filename, isinstance(error, SystemExit)):
            return _raised(frame, line, True, top)
    return _raised(frames[-1][0], frames[-1][1], False, top) if frames else None


def _frames(error: BaseException) -> List[Tuple[Any, int]]:
    found: List[Tuple[Any, int]] = []
    step = error.__traceback__
    while step is not None:
        name = step.tb_frame.f_code.co_filename
        if name != "<candidate>" and os.path.dirname(name) != HERE:
            found.append((step.tb_frame, step.tb_lineno))
        step = step.tb_next
    return found


def _raised(frame: Any, line: int, explicit: bool, top: str) -> Raised:
    module = str(frame.f_globals.get("__name__", ""))
    return Raised(module, frame.f_code.co_name, line, explicit, module.partition(".")[0] == top)


_lines: Dict[Tuple[str, bool], FrozenSet[int]] = {}


def _raise_lines(path: str, leaving: bool) -> FrozenSet[int]:
    """Return the lines of a file's ``raise`` statements; of its ``sys.exit`` calls as well when ``leaving``."""
    key = (path, leaving)
    found = _lines.get(key)
    if found is None:
        found = _lines[key] = frozenset(_read_lines(path, leaving))
    return found


def _read_lines(path: str, leaving: bool) -> List[int]:
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []
    return [line for node in ast.walk(tree) if _raises(node, leaving) for line in _span(node)]


def _raises(node: ast.AST, leaving: bool) -> bool:
    if isinstance(node, ast.Raise):
        return True
    if not leaving or not isinstance(node, ast.Call):
        return False
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    return name in EXITS


def _span(node: Any) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)
