"""Where a text has a name that says secret, and what joins the name to its value."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from coding_agent.ai.keywords import HINT, Says, says, takes
from coding_agent.ai.kinds import Found
from coding_agent.ai.looks import Look, look

_REST = re.compile(r"[\w-]{0,40}")
_TYPE = r"""["']?[A-Za-z_][\w.]*(?:\[[^\n=#]{0,80}\])?(?:[ ]*\|[ ]*[\w.]+(?:\[[^\n=#]{0,40}\])?){0,4}["']?"""
_JOIN = re.compile(
    rf"""
    (?P<quote>\\*["'`])? [ \t]* \]{{0,2}} [ \t]*
    (?:
        (?P<equal> (?: :[ \t]*{_TYPE}[ \t]+(?==[ \t]) )? (?: => | := | [=!]==? | \+= | = | %3[dD] ) )
      | (?P<colon> : (?!:) (?:[ \t]*[>|][+-]?[ \t]*\n)? )
      | (?P<pair> ,? \s{{0,80}} \\*["']? value \\*["']? [ \t]* [=:] )
      | (?P<comma> , [ \t\n]* (?:default[ \t]*=)? )
      | (?P<call> \( )
      | (?P<tag> (?:[ \t][^<>\n]{{0,80}})? > )
      | (?P<space> [ \t]+ (is:?[ \t]+)? (?=\S) )
    )
    """,
    re.VERBOSE,
)
_BEFORE = re.compile(r"""(?P<before> ["'] [ \t]* [=!]= [ \t]* (?:[A-Za-z_][\w.]{0,40}\.)? ) \Z""", re.VERBOSE)
_QUOTED = re.compile(r"""\\*["']""")
_ENV = re.compile(r"(?:\A|[\n ])(?:ENV|ARG)[ \t]+\Z")
_PYTHON = re.compile(r"^[ \t]*(?:def|class|import|from|return|if|for|async|@\w+)\b", re.MULTILINE)
_USED = re.compile(
    r"""(?<![\w.\"'-]) ([A-Za-z_]\w*)
        (?= [ ]?=(?!=) | [(\[,)] | \.[a-z] | :[ ]\w+[ ]?[=,)] | [ ](?:as|in|if|or|and|for|is|not|else)\b )
      | \b(?:def|class|import|as|for|in|global|return|if)[ ]([A-Za-z_]\w*)""",
    re.VERBOSE,
)
_BOUND = re.compile(
    r"""(?:^|[\s(,*]) ([A-Za-z_]\w*) (?= [ ]?=(?!=) | [,)] | :[ ] )
      | \b(?:def|class|import|as|for|from)[ ]([A-Za-z_]\w*)""",
    re.VERBOSE | re.MULTILINE,
)
_WORD = re.compile(r"[A-Za-z]*\Z")
_LONGEST = 60
"""Of a name, in characters."""


class Page:
    """A text, and what is asked of it more than once.

    Invariant: no value without quotes is looked for before `passed`, and no literal further in a statement before
    `listed`, so that nothing long is read time and again.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.passed = 0
        self.listed = 0

    @cached_property
    def is_python(self) -> bool:
        return _PYTHON.search(self.text) is not None

    @cached_property
    def bound(self) -> frozenset[str]:
        """The names that code in it gives a value to."""
        return frozenset(("self", "cls", *(name for names in _BOUND.findall(self.text) for name in names)))

    @cached_property
    def used(self) -> frozenset[str]:
        """The names that code in it uses as names."""
        return frozenset(name for names in _USED.findall(self.text) for name in names)


@dataclass(frozen=True, slots=True)
class Name:
    """``joint`` stands between the name and its value: a quote that closes the name, then a sign by the sign's kind."""

    page: Page
    start: int
    stop: int
    says: Says
    joint: re.Match[str]

    @property
    def text(self) -> str:
        return self.page.text

    @property
    def name(self) -> str:
        return self.text[self.start : self.stop]

    @property
    def form(self) -> str:
        """What joins it: equal, colon, pair, comma, call, tag or space; "before": the value stands left of it."""
        return self.joint.lastgroup or ""

    @property
    def sure(self) -> bool:
        return self.says > Says.MAYBE

    def found(self, start: int, stop: int, value: str = "") -> Found:
        if self.says is Says.PASSWORD:
            return Found(start, stop, "password", value)
        name = self.name.lower()
        kind = next((word for word in ("token", "key", "secret", "pass") if word in name), "credential")
        return Found(start, stop, "password" if kind == "pass" else kind, value)

    def accepts(self, value: str, least: Look, template: bool = False) -> bool:
        """Whether a value is a secret, of which ``least`` is demanded. Digits are one only where the name is sure."""
        if value.isdecimal():
            return self.sure and len(value) >= (4 if self.says is Says.PASSWORD else 6)
        return look(value, template) >= least


def named(text: str) -> Iterator[Name]:
    """Yield the names in a text that say that a value is secret, each with what joins them."""
    page = Page(text)
    lowered = text.lower()
    if len(lowered) != len(text):  # The one letter that gets longer.
        lowered = text.replace("\u0130", "i").lower()
    done = 0
    for hint in HINT.finditer(lowered):
        if hint.start() < done:
            continue
        rest = _REST.match(text, hint.end())
        done = hint.end() if rest is None else rest.end()
        joint = _JOIN.match(text, done)
        start = _start(text, hint.start())
        before = _BEFORE.search(text, max(0, start - _LONGEST), start)
        if joint is not None and joint.lastgroup == "space" and not _spaced(text, start, done, joint):
            joint = None
        if joint is None and before is None:
            continue
        name = text[start:done]
        found = takes(name) if joint is not None and joint.lastgroup == "call" else says(name, _before(text, start))
        if found is not Says.NOTHING:
            yield from (Name(page, start, done, found, each) for each in (before, joint) if each is not None)


def _spaced(text: str, start: int, stop: int, joint: re.Match[str]) -> bool:
    """Whether a blank alone joins a name to its value: of a flag, in a sentence, in SQL, in a file of Docker."""
    if joint["quote"]:
        return False
    if text.startswith("--", start) or "is" in joint.group():
        return True
    name = text[start:stop]
    if name.lower() == "password" and _QUOTED.match(text, joint.end()):
        return True
    return name.isupper() and _ENV.search(text, max(0, start - 10), start) is not None


def _start(text: str, at: int) -> int:
    """Where the name begins that ``at`` is in; the letter of an escape is no part of it."""
    least = max(0, at - _LONGEST)
    while at > least and (text[at - 1].isalnum() or text[at - 1] in "_-"):
        at -= 1
    return at + 1 if at and text[at - 1] == "\\" and text[at] in "nrt" else at


def _before(text: str, start: int) -> str:
    """The word left of a name, as in "API key"."""
    if start and text[start - 1] == " ":
        word = _WORD.search(text[max(0, start - 20) : start - 1])
        return "" if word is None else word.group()
    return ""
