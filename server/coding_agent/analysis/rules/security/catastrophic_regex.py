r"""A regular expression takes exponential time on some texts.

In ``(a+)+$`` a run of letters can be cut into groups in many ways, and before the match fails every one is
tried: each further letter doubles the time, thirty of them take minutes. Whoever may send such a text
stops the program. The rule works out from the expression whether a text leads through a loop in two ways,
and names one; expressions that are slow without being exponential are left alone.

The fix, offered where a loop holds nothing but a loop, removes one of them; what is matched stays the same.

Source: CWE-1333, inefficient regular expression complexity; Weideman et al., CIAA 2016.
"""

import ast
import re
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.expressions import argument, value
from coding_agent.analysis.finding import Applicability, Finding, Fix
from coding_agent.analysis.regex import attack
from coding_agent.analysis.rule import Example, Rule

_CALLS = ("compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer")
_LOOP_BEHIND_GROUP = re.compile(r"\)(?:[*+]|\{\d*,)")
_LOOP_IN_LOOP = re.compile(r"(\((?:\?:)?(?:\[\^?\]?[^\]\\]*(?:\\.[^\]\\]*)*\]|\\[dwsDWS]|[\w.])([*+])\))([*+])")
_LETTERS = {
    **{"re.I": "i", "re.IGNORECASE": "i", "re.S": "s", "re.DOTALL": "s"},
    **{"re.X": "x", "re.VERBOSE": "x", "re.M": "m", "re.MULTILINE": "m"},
}


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    given = argument(node, 0, "pattern")
    literal = value(given, context) if given is not None else None
    if not isinstance(literal, ast.Constant) or not isinstance(literal.value, str):
        return
    if not _LOOP_BEHIND_GROUP.search(literal.value):
        return
    flags, whole = _flags(node, context), (context.qualified(node.func) or "").endswith("fullmatch")
    found = attack(literal.value, flags, whole)
    if found is not None:
        text = " + ".join(
            part for part in (_said(found.prefix), f"{found.pump!r} * 30", _said(found.suffix)) if part is not None
        )
        message = f"takes exponential time on texts such as {text}"
        yield context.finding(literal, message, lambda: _fix(literal, flags, whole, context))


def _said(text: str) -> str | None:
    return repr(text) if text else None


def _flags(node: ast.Call, context: Context) -> frozenset[str]:
    """The letters of the flags that are named anywhere behind the expression."""
    behind = (*node.args[1:], *(each.value for each in node.keywords))
    named = (context.qualified(each) for given in behind for each in ast.walk(given) if isinstance(each, ast.Attribute))
    return frozenset(_LETTERS[name] for name in named if name in _LETTERS)


def _fix(literal: ast.Constant, flags: frozenset[str], whole: bool, context: Context) -> Fix | None:
    source = context.source(literal)
    simple = _LOOP_IN_LOOP.sub(_one_loop, source)
    try:
        pattern = ast.literal_eval(simple)
    except (SyntaxError, ValueError):
        return None
    if simple == source or attack(pattern, flags, whole) is not None:
        return None
    return context.replace(literal, simple, "Remove the loop around the loop", Applicability.SAFE)


def _one_loop(found: re.Match[str]) -> str:
    """``(x+)+`` is ``(x+)``, ``(x+)*`` is ``(x+)?``; what repeats nothing as well needs nothing more."""
    group, inner, outer = found.groups()
    return f"{group}?" if inner == "+" and outer == "*" else group


RULE = Rule(
    name="catastrophic-regex",
    check=check,
    calls=tuple(f"re.{name}" for name in _CALLS),
    cwe=1333,
    twins=("sonar:S5852", "codeql:py/redos"),
    budget=6_000,
    examples=(
        Example(
            "a loop in a loop",
            before="import re\n\nNAME = re.compile($0r'^([a-z0-9]+)*@'$0)\n",
            after="import re\n\nNAME = re.compile(r'^([a-z0-9]+)?@')\n",
        ),
        Example(
            "two ways through one loop",
            before="import re\n\n\ndef valid(text):\n    return re.match($0r'^(\\w+\\s?)*$'$0, text)\n",
        ),
        Example(
            "by a name",
            before="import re\n\n\ndef valid(text):\n    words = $0'(?:a|a+)+!'$0\n    return re.search(words, text)\n",
        ),
        Example(
            "only where the whole text has to match",
            before=(
                "import re\n\n\ndef both(text):\n"
                "    return re.match('(?:x+)+', text), re.fullmatch($0'(?:x+)+'$0, text)\n"
            ),
            after=(
                "import re\n\n\ndef both(text):\n    return re.match('(?:x+)+', text), re.fullmatch('(?:x+)', text)\n"
            ),
        ),
        Example(
            "up to the end of any line",
            before=(
                "import re\n\n\ndef cut(text):\n    re.sub(r'^\\*(\\s?[A-W]\\.+\\s?){10,}.*$', '', text, flags=re.M)\n"
                "    re.sub($0r'^\\*(\\s?[A-W]\\.+\\s?){10,}.*$'$0, '', text)\n"
            ),
        ),
        Example("one way through the loop", before="import re\n\nNUMBER = re.compile(r'^(?:\\d+\\.)*\\d+$')\n"),
        Example("a quoted text", before='import re\n\nTEXT = re.compile(r\'"([^"\\\\]|\\\\.)*"\')\n'),
    ),
)
