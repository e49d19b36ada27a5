"""An error raised in an ``except`` does not say whether the first one caused it.

The traceback shows both with "During handling of the above exception, another exception occurred", as if the
handler had failed. ``raise ... from error`` says that one caused the other, ``from None`` that the first does not
matter.

It is reported where the handler names the error and puts it into the new message: then it is the cause. An
error that is handed over whole to a class of one's own, ``Failed(error)``, is kept there and left alone.
So is an error whose text is all that anybody sees: ``SystemExit`` and those that command-line libraries print, and
answers to a client, which are named after HTTP's or say that what was given is invalid.
Off by default: the traceback shows the first error in any case, and in well kept code more than one finding in four was
not worth acting on. Most of these reject what was given, or answer somebody, with the whole text of the first error.
The fix adds ``from``.

Source: PEP 3134; Python Language Reference, "The raise statement".
"""

import ast
import re
from collections.abc import Iterable

from coding_agent.analysis.context import Context
from coding_agent.analysis.expressions import last_name
from coding_agent.analysis.finding import Applicability, Finding, Fix, Severity
from coding_agent.analysis.rule import Example, Rule
from coding_agent.text import Edit, Span

_COMMAND_LINE = ("argparse", "click", "getopt", "optparse", "typer")
_ANSWER = re.compile(
    r"HTTP|(?:BadRequest|Conflict|Forbidden|NotAcceptable|NotFound|Unauthorized|UnprocessableEntity)$"
    r"|.*(?:Invalid|ValidationError$)"
)


def check(node: ast.Raise, context: Context) -> Iterable[Finding]:
    if node.cause is not None or not isinstance(node.exc, ast.Call):
        return ()
    handler = _handler(node, context)
    if (
        handler is None
        or handler.name is None
        or _is_answer(node.exc, context)
        or not _mentions(node.exc, handler.name, context)
    ):
        return ()
    name, stop = handler.name, context.span(node.exc).stop
    message = f"'{name}' caused this error, and nothing says so: 'from {name}'"
    fix = Fix(f"Raise from '{name}'", (Edit(Span(stop, stop), f" from {name}"),), Applicability.UNSAFE)
    return (context.finding(node, message, fix),)


def _is_answer(call: ast.Call, context: Context) -> bool:
    """Whether only the text of an error is shown, without the traceback that tells of the first one."""
    name = last_name(call.func)
    top = (context.qualified(call.func) or "").partition(".")[0]
    return name == "SystemExit" or top in _COMMAND_LINE or _ANSWER.match(name) is not None


def _handler(node: ast.Raise, context: Context) -> ast.ExceptHandler | None:
    """The innermost handler around a statement in the same function."""
    for above in context.ancestors(node):
        if isinstance(above, ast.ExceptHandler):
            return above
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            return None
    return None


def _mentions(call: ast.Call, name: str, context: Context) -> bool:
    # What a builtin exception is given is its message.
    builtin = (context.qualified(call.func) or "").startswith("builtins.")
    parts = (part for part in call.args if builtin or not isinstance(part, ast.Name))
    return any(isinstance(each, ast.Name) and each.id == name for part in parts for each in ast.walk(part))


RULE = Rule(
    name="raise-without-from",
    check=check,
    nodes=(ast.Raise,),
    severity=Severity.INFORMATION,
    twins=("ruff:B904", "pylint:W0707"),
    on=False,
    examples=(
        Example(
            "the message tells of the cause",
            before=(
                "def read(text):\n    try:\n        return int(text)\n    except ValueError as error:\n"
                "        $0raise Bad(f'no number: {error}')$0\n"
            ),
            after=(
                "def read(text):\n    try:\n        return int(text)\n    except ValueError as error:\n"
                "        raise Bad(f'no number: {error}') from error\n"
            ),
        ),
        Example(
            "it says so",
            before=(
                "def read(text):\n    try:\n        return int(text)\n    except ValueError as error:\n"
                "        raise Bad(f'no number: {error}') from error\n"
            ),
        ),
        Example(
            "another error altogether",
            before=(
                "def read(text):\n    try:\n        return int(text)\n    except ValueError:\n"
                "        raise Bad('no number')\n"
            ),
        ),
        Example(
            "kept in an error of one's own",
            before=(
                "def read(text):\n    try:\n        return int(text)\n    except ValueError as error:\n"
                "        raise Rejected(error, again=False)\n"
            ),
        ),
        Example(
            "the end of the program",
            before=(
                "def read(text):\n    try:\n        return int(text)\n    except ValueError as error:\n"
                "        raise SystemExit(f'no number: {error}')\n"
            ),
        ),
        Example(
            "an answer to a client",
            before=(
                "def read(text):\n    try:\n        return int(text)\n    except ValueError as error:\n"
                "        raise HTTPException(400, f'no number: {error}')\n"
            ),
        ),
        Example(
            "what was given is rejected",
            before=(
                "def read(text):\n    try:\n        return int(text)\n    except ValueError as error:\n"
                "        raise InvalidNumber(f'no number: {error}')\n"
            ),
        ),
        Example(
            "the message of a builtin error",
            before=(
                "def read(text):\n    try:\n        return int(text)\n    except OverflowError as error:\n"
                "        $0raise ValueError(error)$0\n"
            ),
            after=(
                "def read(text):\n    try:\n        return int(text)\n    except OverflowError as error:\n"
                "        raise ValueError(error) from error\n"
            ),
        ),
        Example(
            "raised later",
            before=(
                "def read(text):\n    try:\n        return int(text)\n    except ValueError as error:\n"
                "        def fail():\n            raise Bad(f'no number: {error}')\n        return fail\n"
            ),
        ),
    ),
)
