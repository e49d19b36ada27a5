"""Values without quotes, as shells, settings, headers and comments have them, told from code and from prose."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from coding_agent.ai.keywords import Says
from coding_agent.ai.kinds import Found
from coding_agent.ai.looks import Look, odd, scheme
from coding_agent.ai.named import Name

_LEAD = re.compile(
    r"""[ \t]* (?:(?:\#+|//+|;|\*+|-|>|\||\$)[ \t]*)*
        (?:(?:export|set|setx|ENV|ARG|local|let|const|var|-e|--env)[ \t]+)*
        ["'`]? (?:[\w@/.:-]+[.:/_])? (?:[A-Za-z]+[ ])?""",
    re.VERBOSE,
)
_BREAK = re.compile("[\r\n]")
_COMMENT = re.compile(r"[ \t]+(?:#|//[ \t]*[A-Za-z]).*")
_CLOSED = re.compile(r"""(?:\\?["'`][\])},;:.]*|[,;]+|\\)\Z""")
_SHORT = re.compile(r"[^\s\"'`<>]{1,400}")
_BARE = re.compile(r"[^\s\"'`<>]{1,20000}")
_REST = re.compile(r"[^\s\"'`<>]*")
_CUT = re.compile(r"[&;,][ \t]*(?:[A-Za-z][a-z]+(?:[ _-]?[A-Z]?[a-z]+){0,5}|[A-Z][A-Z_]+)[=:]|\\[nrt]")
_CUT_QUERY = re.compile(r"[&#]|\\[nrt]")
_CUT_ENCODED = re.compile("%26")
_CODE = re.compile(
    r"""[a-z_][a-z0-9_.]*(?:[+*/%|&][a-z_][a-z0-9_.]*)+
      | [*&!~$-]+[A-Za-z_][\w.]* | \$[{(].* | \$[A-Z_]{3,}.* | (?:self|os|env|cls|this)\..*""",
    re.VERBOSE,
)
_QUOTE = re.compile("[\"']")
_CALL = re.compile(r"([A-Za-z_][\w.]*)[(\[]")
_NO_CODE = re.compile(r"[@$^~?;]|!(?!=)|[)\]][A-Za-z0-9_]")
_CLASS = re.compile(r"(?:[a-z_]\w*\.)*(?:[A-Z]+[a-z]+)+[0-9]{0,2}")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_PROSE = re.compile(r"\A[^(\[{=]*\w [\w,.' -]*\Z|(?:\A|\s)\w+=[^\s,]+[ ]+\Z")
_SHELL = re.compile(r"(?:-e|--env|--build-arg|export|set|ENV|env)[ =][ \t]*\Z")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_SEPARATED = ("?", "&", ";")
_NEAR = 200
_RUN = 20_000
"""So far a value without quotes is read, in characters; if it is a secret, its rest is one too."""
_TEDIOUS = 400
"""What is longer and no secret is not read again from within."""


@dataclass(frozen=True, slots=True)
class _Value:
    """What stands behind a name, and the rest of its line. ``sole``: nothing else is on its line. ``inside``: in a
    string, a comment or prose. ``shell``: where a shell sets a variable.
    """

    text: str
    line: str
    sole: bool
    inside: bool
    shell: bool


def unquoted(name: Name, at: int) -> Iterator[Found]:
    """Yield the value at a place if it is a secret: to the end of the line, or to the next blank or separator."""
    if at < name.page.passed or name.joint.group().strip().rpartition(" ")[2] in ("==", "!=", ":=", "=>", "+="):
        return
    value = _value(name, at)
    stop = at + len(value.text)
    if not value.text:
        return
    if value.text.isdecimal():
        enough = name.says is Says.PASSWORD and len(value.text) >= 6 and (value.sole or value.inside)
    else:
        enough = name.accepts(value.text, _least(name, value, at)) and not _code(name, value)
    if enough:
        rest = _REST.match(name.text, stop) if len(value.text) >= _RUN else None
        yield name.found(at, rest.end() if rest else stop)
    elif len(value.text) > _TEDIOUS:
        name.page.passed = stop


def _value(name: Name, at: int) -> _Value:
    text = name.text
    before = _BREAK.split(text[max(0, name.start - _NEAR) : name.start - len(name.joint["quote"] or "")])[-1]
    commented = "#" in before or "//" in before
    shell = _LEAD.fullmatch(before) is not None
    line = _line(text, at, _RUN) if shell else ""
    if line and not any(map(str.isspace, line)):
        return _Value(_trimmed(_CLOSED.sub("", line)), line, True, commented, True)
    value, cut = "", None
    queried = text[name.start - 1 : name.start] in ("?", "&")
    end = _CUT_ENCODED if name.joint.group().startswith("%") else _CUT_QUERY if queried else _CUT
    for bare in (_SHORT.match(text, at), _BARE.match(text, at)):
        value = bare.group() if bare else ""
        cut = end.search(value)
        if cut is not None or len(value) < _TEDIOUS:
            break
    value = _trimmed((value[: cut.start()] if cut else value).rstrip(",;:.\\"))
    inside = commented or before.count('"') % 2 or before.count("'") % 2 or "?" in before or _PROSE.search(before)
    return _Value(value, _line(text, at, _NEAR), False, bool(inside), shell or _SHELL.search(before) is not None)


def _line(text: str, at: int, most: int) -> str:
    """The rest of a line without a comment."""
    stop = text.find("\n", at, at + most)
    return _COMMENT.sub("", text[at : stop if stop >= 0 else at + most].partition("\r")[0]).rstrip()


def _trimmed(value: str) -> str:
    """A value without the brackets at its end that were opened before it."""
    for closing, opening in ((")", "("), ("]", "["), ("}", "{")) * 2:
        more = value.count(closing) - value.count(opening)
        kept = value.rstrip(closing)
        value = value[: max(len(kept), len(value) - max(0, more))]
    return value


def _least(name: Name, value: _Value, at: int) -> Look:
    """What is demanded of a value. Less where the place is one for literals only."""
    tight = name.form == "equal" and name.stop + 1 == at
    if name.sure and tight:
        shell = value.shell and name.name.isupper()
        flag = name.name.startswith("--")
        if shell or flag or name.text[name.start - 1 : name.start] in _SEPARATED:
            return Look.WORD
    literal = name.text[name.start - 1 : name.start] in ("'", '"')
    if name.sure and value.sole and not literal and not name.page.is_python:
        return Look.WORD
    return Look.MIXED if value.sole or value.inside or name.form in ("space", "pair") else Look.RANDOM


def _code(name: Name, value: _Value) -> bool:
    """Whether a value is an expression rather than a literal."""
    text = value.text
    closing = _CLOSING.get(text[0])
    if closing is not None:
        closed = value.line.count(text[0]) <= value.line.count(closing) or value.line[-1] in "([{,\\"
        return (closed and not _NO_CODE.search(text)) or not (value.sole or value.inside or name.form == "pair")
    if (_CODE.fullmatch(text) and not (odd(text) and text[0] != "$")) or _called(value):
        return True
    if name.says is Says.MAYBE and (scheme(text + " ") or "*" in text or "|" in text) and not odd(text):
        return True
    dotted = _DOTTED.fullmatch(text) is not None
    if not text.isidentifier() and not dotted:
        return False
    attribute = dotted and name.form == "equal" and text.partition(".")[0] in name.page.bound
    kind = attribute or (name.form == "colon" and _CLASS.fullmatch(text) and (dotted or not odd(text)))
    if kind and not value.inside and name.page.is_python:
        return True
    return text in name.page.used


def _called(value: _Value) -> bool:
    """Whether a value is a call or a subscript, in one line or as the beginning of one."""
    text, line = value.text, value.line
    called = _CALL.match(text + line[len(text) : len(text) + 1])
    if called is None or odd(called[1]) or _NO_CODE.search(_QUOTE.split(line)[0]):
        return False
    missing = sum(map(line.count, "([{")) - sum(map(line.count, ")]}"))
    return "()" in text or (not value.inside and missing <= (line[-1] in "([{,\\"))
