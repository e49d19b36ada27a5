"""A regular expression does not compile, or its replacement names a group it does not have.

``re`` says so only when the call runs. The pattern is compiled here as it will be there. Calls in a ``try``, or where
an error is wanted, are left alone.

Source: Python documentation, ``re.error``.
"""

import ast
import re
import warnings
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import is_probed

_FUNCTIONS = ("compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
_MAKES_LARGE = re.compile(r"\{\d{4,}|\{\d*,\d{4,}")
_GROUP = re.compile(r"\\(?:[0-3][0-7]{2}|([1-9]\d?)|g<([^>]*)>)|\\.", re.DOTALL)
"""Three octal digits are a character, not a group."""


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if not node.args or not isinstance(node.args[0], ast.Constant):
        return
    pattern = node.args[0].value
    if not isinstance(pattern, str | bytes) or _is_costly(pattern):
        return
    verbose = _is_verbose(node, context)
    if verbose is None:
        return
    compiled = _compiled(pattern, verbose)
    if compiled is None or is_probed(node, context):
        return
    if isinstance(compiled, str):
        yield context.finding(node.args[0], f"not a regular expression: {compiled}")
        return
    name = (context.qualified(node.func) or "").rpartition(".")[2]
    if name in ("sub", "subn") and len(node.args) > 1:
        replacement = node.args[1]
        if isinstance(replacement, ast.Constant) and isinstance(replacement.value, str):
            for group in _missing(replacement.value, compiled):
                yield context.finding(replacement, f"the pattern has no group {group}")


def _is_costly(pattern: str | bytes) -> bool:
    text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
    return len(text) > 5000 or _MAKES_LARGE.search(text) is not None


def _is_verbose(node: ast.Call, context: Context) -> bool | None:
    """Whether the flags say so; None where they cannot be read."""
    name = (context.qualified(node.func) or "").rpartition(".")[2]
    at = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(name, 2)
    given = [*node.args[at : at + 1], *(each.value for each in node.keywords if each.arg == "flags")]
    if any(each.arg is None for each in node.keywords) or any(isinstance(each, ast.Starred) for each in node.args):
        return None
    verbose = False
    for part in ast.walk(given[0]) if given else ():
        if isinstance(part, ast.Attribute):
            verbose = verbose or (context.qualified(part) or "") in ("re.X", "re.VERBOSE")
        elif isinstance(part, ast.Call) or (isinstance(part, ast.Name) and context.qualified(part) is None):
            return None
    return verbose


def _compiled(pattern: str | bytes, verbose: bool) -> "re.Pattern[str] | re.Pattern[bytes] | str | None":
    """The compiled pattern, or what is wrong with it; None where it cannot be known."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(pattern, re.VERBOSE if verbose else 0)
    except re.error as error:
        return str(error)
    except (OverflowError, RecursionError, ValueError):
        return None


def _missing(replacement: str, pattern: "re.Pattern[str] | re.Pattern[bytes]") -> Iterator[str]:
    for match in _GROUP.finditer(replacement):
        group = match[1] or match[2]
        if not group:
            continue
        if group.isdigit():
            # Two digits may also be one group and a digit, but not where the first is no group either.
            if int(group) > pattern.groups and int(group[0]) > pattern.groups:
                yield group
        elif group.isidentifier() and group not in pattern.groupindex:
            yield f"'{group}'"


RULE = Rule(
    name="invalid-regex",
    check=check,
    calls=tuple(f"re.{name}" for name in _FUNCTIONS),
    twins=("sonar:S5856",),
    examples=(
        Example(
            "an open bracket",
            before="import re\n\nWORD = re.compile($0r'([a-z]+'$0)\n",
        ),
        Example(
            "no such group",
            before="import re\n\n\ndef swap(text):\n    return re.sub(r'(a)-(b)', $0r'\\2-\\3'$0, text)\n",
        ),
        Example(
            "to see whether this Python knows it",
            before="import re\n\ntry:\n    WORD = re.compile('(?Z)')\nexcept re.error:\n    WORD = None\n",
        ),
        Example(
            "a character by its number", before="import re\n\n\ndef f(text):\n    return re.sub('x', r'\\111', text)\n"
        ),
        Example("a good one", before="import re\n\nWORD = re.compile(r'([a-z]+)')\n"),
        Example(
            "groups by number and name",
            before="import re\n\n\ndef f(text):\n    return re.sub(r'(?P<n>a)', r'\\g<n>\\1\\\\9', text)\n",
        ),
        Example("another compile", before="code = compile('(', 'file', 'exec')\n"),
    ),
)
