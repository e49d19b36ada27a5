# pyright: standard
# Walks the frames of any code.
"""Where an exception comes from: whose code, and whether somebody meant to raise it."""

import ast
import opcode
import os
from pathlib import Path
from typing import Any, Dict, FrozenSet, List, NamedTuple, Optional, Tuple

HERE = os.path.dirname(__file__)
EXITS = frozenset({"exit", "_exit", "error"})


class Raised(NamedTuple):
    """The innermost frame. ``explicit``: it is at a ``raise`` statement that had its exception ready.

    What goes wrong while a ``raise`` makes its exception, or is passed on by another, is nobody's purpose.
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
    if not frames:
        return None
    if isinstance(error, SystemExit):
        for frame, line, _ in reversed(frames):
            if line in _lines_of(frame, True):
                raised = _raised(frame, line, True, top)
                # What a parser refuses is what the project told it to refuse.
                return raised._replace(project=raised.project or raised.module == "argparse")
    frame, line, at = frames[-1]
    if is_refusal(error, str(frame.f_globals.get("__name__", ""))):
        # What a declaration refuses is what the project told it to refuse.
        return _raised(frame, line, True, top)._replace(project=True)
    explicit = line in _lines_of(frame, False) and _is_raise(frame.f_code.co_code, at) and not _is_no_exception(error)
    return _raised(frame, line, explicit, top)


def is_refusal(error: BaseException, module: str) -> bool:
    """Whether validators of pydantic or attrs refused a value: pydantic's core raises at the call of its class."""
    kind = type(error)
    if kind.__name__ == "ValidationError" and kind.__module__.startswith(("pydantic.", "pydantic_core")):
        return True
    return module in ("attr.validators", "attrs.validators")


def _is_raise(code: bytes, at: int) -> bool:
    return 0 <= at < len(code) and opcode.opname[code[at]] == "RAISE_VARARGS"


def _is_no_exception(error: BaseException) -> bool:
    """``raise NotImplemented``"""
    return isinstance(error, TypeError) and str(error).startswith("exceptions must derive from")


def _frames(error: BaseException) -> List[Tuple[Any, int, int]]:
    """Return frames, their lines, and where they are in their code."""
    found: List[Tuple[Any, int, int]] = []
    step = error.__traceback__
    while step is not None:
        name = step.tb_frame.f_code.co_filename
        if name != "<candidate>" and os.path.dirname(name) != HERE:
            found.append((step.tb_frame, step.tb_lineno, step.tb_lasti))
        step = step.tb_next
    return found


def _raised(frame: Any, line: int, explicit: bool, top: str) -> Raised:
    module = str(frame.f_globals.get("__name__", ""))
    return Raised(module, frame.f_code.co_name, line, explicit, module.partition(".")[0] == top)


_lines: Dict[Tuple[str, bool], FrozenSet[int]] = {}


def _lines_of(frame: Any, leaving: bool) -> FrozenSet[int]:
    """Return the lines of ``raise`` statements in a frame's file; of ``sys.exit`` calls as well when ``leaving``."""
    path = frame.f_code.co_filename
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
