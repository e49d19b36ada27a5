"""Values without quotes, as shells, settings, headers and comments have them, told from code and from prose."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from coding_agent.ai.keywords import Says
from coding_agent.ai.kinds import Found
from coding_agent.ai.looks import Look, odd, scheme
from coding_agent.ai.named import Name

_LEAD = re.compile(
    r"""[ \t]* (?:(?:\#+|//+|;|\*+|-|>|\||\$)[ \t]*)* (?:(?:export|set|setx|ENV|ARG|local|let|const|var|-e|--env)[ \t]+)*
        ["'`]? (?:[\w@/.:-]+[.:/_])? (?:[A-Za-z]+[ ])?""",
    re.VERBOSE,
)
_COMMENT = re.compile(r"[ \t]+(?:#|//).*")
_CLOSED = re.compile(r"""(?:\\?["'`][\])},;:.]*|[,;]+|\\)\Z""")
_BARE = re.compile(r"[^\s\"'`<>]+")
_CUT = re.compile(r"[&;,][ \t]*(?:[A-Za-z][a-z]+(?:[ _-]?[A-Z]?[a-z]+){0,5}|[A-Z][A-Z_]+)[=:]|\\[nrt]|%26")
_CODE = re.compile(
    r"""[A-Za-z_][\w.]*(?:[+*/%|&][A-Za-z_][\w.]*)+
      | [*&!~$-]+[A-Za-z_][\w.]* | [(\[{].* | \$[{(].* | (?:self|os|env|cls|this)\..*""",
    re.VERBOSE,
)
_CALL = re.compile(r"([A-Za-z_][\w.]*)[(\[]")
_NO_CODE = re.compile(r"[@$^~?;]|!(?!=)|[)\]][A-Za-z0-9_]")
_CLASS = re.compile(r"(?:[A-Z]+[a-z]+)+[0-9]{0,2}")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_PYTHON = re.compile(r"^[ \t]*(?:def|class|import|from|return|if|for|async|@\w+)\b", re.MULTILINE)
_PROSE = re.compile(r"[^(\[{=]*\w [\w,.' -]*")
_USED = (
    r"""(?<![\w.\"'-]){0}(?:\s*(?:=(?!=)|[(\[,)]|\.[a-z]|:[ ]\w+[ ]?[=,)])|[ ](?:as|in|if|or|and|for|is|not|else)\b)"""
    r"""|\b(?:def|class|import|as|for|in|global|return|if)[ ]{0}\b"""
)
_NEAR = 200
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class _Value:
    """What stands behind a name, and the rest of its line. ``sole``: nothing else is on its line. ``inside``: in a string,
    a comment or prose.
    """

    text: str
    line: str
    sole: bool
    inside: bool


def unquoted(name: Name, at: int) -> Iterator[Found]:
    """Yield the value at a place if it is a secret: to the end of the line, or to the next blank or separator."""
    value = _value(name, at)
    if not value.text or name.joint.group().strip().rpartition(" ")[2] in ("==", "!=", ":=", "=>", "+="):
        return
    least = _least(name, value, at)
    if value.text.isdecimal():
        enough = name.says is Says.PASSWORD and len(value.text) >= 6 and (value.sole or value.inside)
    else:
        enough = name.accepts(value.text, least) and not _code(name, value)
    if enough:
        yield name.found(at, at + len(value.text))


def _value(name: Name, at: int) -> _Value:
    text = name.text
    stop = text.find("\n", at, at + _LONGEST)
    line = _COMMENT.sub("", text[at : stop if stop >= 0 else at + _LONGEST]).rstrip()
    begin = max(text.rfind("\n", max(0, name.start - _NEAR), name.start) + 1, name.start - _NEAR, 0)
    before = text[begin : name.start - len(name.joint["quote"] or "")]
    if line and not any(map(str.isspace, line)) and _LEAD.fullmatch(before):
        return _Value(_trimmed(_CLOSED.sub("", line)), line, True, "#" in before or "//" in before)
    bare = _BARE.match(text, at)
    value = bare.group() if bare else ""
    inside = before.count('"') % 2 or before.count("'") % 2 or any(sign in before for sign in ("#", "//", "?"))
    cut = _CUT.search(value)
    value = (value[: cut.start()] if cut else value).rstrip(",;:.!?)]}\\")
    return _Value(value, line, False, bool(inside or _PROSE.fullmatch(before)))


def _trimmed(value: str) -> str:
    """A value without the brackets at its end that were opened before it."""
    while value.endswith((")", "]", "}")) and value.count(value[-1]) > value.count("([{"[")]}".index(value[-1])]):
        value = value[:-1]
    return value


def _least(name: Name, value: _Value, at: int) -> Look:
    """What is demanded of a value. Less where the place is one for literals only."""
    tight = name.form == "equal" and name.stop + 1 == at
    if name.sure and tight:
        shell = value.sole and name.name.isupper()
        flag = name.name.startswith("--")
        if shell or flag or name.text[name.start - 1 : name.start] in ("?", "&", ";"):
            return Look.WORD
    if value.sole and name.sure and not _PYTHON.search(name.text):
        return Look.WORD
    return Look.MIXED if value.sole or value.inside or name.form in ("space", "pair") else Look.RANDOM


def _code(name: Name, value: _Value) -> bool:
    """Whether a value is an expression rather than a literal."""
    text = value.text
    if _CODE.fullmatch(text) and not (odd(text) and text[0] not in "$([{"):
        return True
    called = _CALL.match(text + value.line[len(text) : len(text) + 1])
    if called is not None and not odd(called[1]) and not _NO_CODE.search(re.split("[\"']", value.line)[0]):
        missing = sum(map(value.line.count, "([{")) - sum(map(value.line.count, ")]}"))
        return not value.inside and missing <= (value.line[-1] in "([{,\\") or "()" in text
    if name.says is Says.MAYBE and (scheme(text + " ") or "*" in text or "|" in text) and not odd(text):
        return True
    dotted = _DOTTED.fullmatch(text) is not None
    if not text.isidentifier() and not dotted:
        return False
    if name.form == "equal" and dotted and not value.inside and _PYTHON.search(name.text):
        return True
    if name.form == "colon" and _CLASS.fullmatch(text) and not value.inside and _PYTHON.search(name.text):
        return True
    return re.search(_USED.format(re.escape(text)), name.text) is not None
