"""The one door to ``ast.parse``: broken code is a value.

``ast.parse`` raises more than SyntaxError: UnicodeEncodeError (lone surrogate), ValueError
(null byte), MemoryError and RecursionError (deep or long expressions).
"""

import ast
import gc
import warnings
from dataclasses import dataclass
from typing import NamedTuple, cast

_FAILURES = (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError)

# What the parser warns of (odd escapes, `1if`) is in the user's code: no text for our standard error, and no failure
# where this process was told to make errors of warnings. To silence each parse alone would cost a tenth of a small one.
warnings.filterwarnings("ignore", module="<unknown>")

UNINDENT = "unindent"
"""The message where a text that was said to be indented is so only in part."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a text is not Python; ``line`` counts from 0 in that text, ``column`` from 0."""

    message: str
    line: int
    column: int


class Parsed(NamedTuple):
    """The statements of a text; ``failure`` is None exactly when the text is Python."""

    body: list[ast.stmt]
    failure: Failure | None = None


def parse(text: str, indented: bool = False) -> Parsed:
    """Parse a text, or one that is indented as a member of a block is.

    Line numbers of an indented text count from 2: its nodes stand one line lower than in
    ``text``. Columns are UTF-8 bytes, as everywhere in ``ast``.
    """
    source = "if 1:\n" + text if indented else text
    collecting = gc.isenabled()
    gc.disable()  # a collection in the middle of a parse costs 20 % and finds nothing
    try:
        body = _body(source)
    except _FAILURES as error:
        return Parsed([], _failure(error, indented))
    finally:
        if collecting:
            gc.enable()
    if indented:
        wrapper = body[0]
        # Text behind the block that is not indented would follow the wrapper.
        if len(body) != 1 or not isinstance(wrapper, ast.If) or wrapper.orelse:
            return Parsed([], Failure(UNINDENT, 0, 0))
        body = wrapper.body
    return Parsed(body)


def _body(source: str) -> list[ast.stmt]:
    # What ``ast.parse`` does, without its questions about options: they cost a twentieth of a small parse.
    module = compile(source, "<unknown>", "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    return cast(ast.Module, module).body


def _failure(error: BaseException, indented: bool) -> Failure:
    if isinstance(error, SyntaxError):
        line = (error.lineno or 1) - 1 - indented
        return Failure(error.msg, max(line, 0), max((error.offset or 1) - 1, 0))
    if isinstance(error, (MemoryError, RecursionError)):
        return Failure("nested too deeply for this Python's parser", 0, 0)
    return Failure(str(error) or type(error).__name__, 0, 0)
