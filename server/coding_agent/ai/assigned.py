"""Secrets that are known by the name beside them: assigned, passed, mapped, in a header, a comment or a shell."""

import re
from collections.abc import Iterator

from coding_agent.ai.kinds import Found
from coding_agent.ai.looks import Look, scheme
from coding_agent.ai.named import Name, named
from coding_agent.ai.unquoted import unquoted

_BLANK = re.compile(r"[ \t]*")
_BREAK = re.compile(r"[ \t]*(?:\\?\r?\n[ \t]*)?")
_WRAPPER = re.compile(
    r"""([A-Za-z_][\w.]{0,60})? \( [ \t]* (?:\r?\n[ \t]*)? (?:[a-z_]+[ \t]*=[ \t]*)? (?=[bBrRuUfF]{0,2}["'])""",
    re.VERBOSE,
)
_OPEN = re.compile(r"""([bBrRuUfF]{0,2})(\\*(?:\"\"\"|'''|["'`]))""")
_BODIES = {
    "'": re.compile(r"(?:[^'\\\n]|\\.)*+", re.DOTALL),
    '"': re.compile(r'(?:[^"\\\n]|\\.)*+', re.DOTALL),
    "`": re.compile(r"[^`\n]*+"),
    "'''": re.compile(r"(?:[^'\\]|\\.|'(?!''))*+", re.DOTALL),
    '"""': re.compile(r'(?:[^"\\]|\\.|"(?!""))*+', re.DOTALL),
}
_JOINT = re.compile(r"""[ \t]*(?:\\\r?\n[ \t]*)?(?:\+[ \t]*)?(?=[bBrRuUfF]{0,2}["'])""")
_JOINT_IN_PARENTHESES = re.compile(r"""\s*+(?:\+\s*+)?(?=[bBrRuUfF]{0,2}["'])""")
_TARGETS = re.compile(r"[ \t]*(?:[A-Za-z_][\w.]*[ \t]*,[ \t]*)+")
_ITEM = re.compile(r"""[bBrRuUfF]{0,2}(["'])(?:(?!\1)[^\\\n]|\\.)*+\1[ \t]*,[ \t]*""")
_LITERAL = re.compile(r"""(?<![\w"'])([bBrRuUfF]{0,2})(["'])((?:(?!\2)[^\\\n]|\\.)*+)\2""")
_GAP = re.compile(r"[\s\w.,]*")
_EITHER = re.compile(r"\b(?:or|else)[ \t]*[bBrRuUfF]{0,2}\Z")
_BEFORE = re.compile(r"""(\w?)[(\[]\s*[bBuUrR]{0,2}\\*["'`]\Z""")
_CLOSING = {"[": "]", "{": "}", "(": ")"}
_NEAR = 2000
_REST = 300
_LIST = 1000
"""So far literals are looked for behind a name, in characters."""
_LONGEST = 20_000
"""Of a literal, in characters."""
_PARTS = 500
"""Of a value, literals."""


def assigned(text: str) -> Iterator[Found]:
    """Yield the values of a text whose name says that they are secret, without quotes; they may overlap."""
    for name in named(text):
        yield from _found(name)


def _found(name: Name) -> Iterator[Found]:
    text, at, form = name.text, name.joint.end(), name.form
    least = Look.WORD if name.sure else Look.MIXED
    if form == "space":
        opened = _OPEN.match(text, at)
        if opened is None:
            yield from unquoted(name, at)
        else:
            yield from _judged(name, _literals(text, opened, False), Look.MIXED)
    elif form == "before":
        yield from _left(name, least)
    elif form == "call":
        yield from _arguments(name, at)
    elif form == "tag":
        stop = text.find("<", at, at + _NEAR)
        if stop >= 0 and text.startswith("</", stop) and text[name.start - 1 : name.start] in ("<", ":"):
            yield from _judged(name, [(at, stop)], least)
    elif form == "comma":
        opened, least = _OPEN.match(text, at), _listed(name)
        if least is not None and opened is not None:
            yield from _judged(name, _literals(text, opened, False), least, "f" in opened[1].lower())
    else:
        yield from _value(name, least)


def _value(name: Name, least: Look) -> Iterator[Found]:
    """What stands behind an equals sign or a colon."""
    text, joint = name.text, name.joint
    broken = name.form != "colon" or joint["quote"] or "\n" in joint.group()
    blank = (_BREAK if broken else _BLANK).match(text, joint.end())
    at = blank.end() if blank else joint.end()
    wrapper = _WRAPPER.match(text, at)
    if wrapper is not None:
        at, callee = wrapper.end(), wrapper[1] or ""
        if callee:
            plain = "." not in callee or callee.rpartition(".")[2][:1].isupper()
            least = Look.RANDOM if not plain else max(least, Look.MIXED)
    at = _item(name, at)
    opened = _OPEN.match(text, at)
    if opened is not None:
        yield from _judged(name, _literals(text, opened, wrapper is not None), least, "f" in opened[1].lower())
    else:
        yield from unquoted(name, at)
    if opened is None or wrapper is not None:
        yield from _further(name, at)


def _left(name: Name, least: Look) -> Iterator[Found]:
    """The literal that is compared with a name: `"hunter2" == password`."""
    text, stop = name.text, name.joint.start()
    start = text.rfind(text[stop], text.rfind("\n", max(0, stop - _REST), stop) + 1, stop) + 1
    if start and name.accepts(text[start:stop], least):
        yield name.found(start, stop)


def _arguments(name: Name, at: int) -> Iterator[Found]:
    """The literal that a function is given whose name says secret: the last one (`set_password("me", "hunter2")`), or
    the first where the others are what it is checked against.
    """
    least = Look.MIXED if name.sure else Look.RANDOM
    given: list[re.Match[str]] = []
    for literal in _LITERAL.finditer(name.text, at, at + _REST):
        if not _GAP.fullmatch(name.text, at, literal.start()):
            break
        at = literal.end()
        given.append(literal)
    for literal in given[:1] if name.name.startswith(("check", "verify")) else given[-1:]:
        if name.accepts(literal[3], least, "f" in literal[1].lower()):
            yield name.found(*literal.span(3))


def _listed(name: Name) -> Look | None:
    """What is demanded of the literal behind a quoted name and a comma: nothing is a secret in the midst of a list."""
    if name.joint["quote"] and name.name.startswith("--"):
        return Look.MIXED
    before = _BEFORE.search(name.text, max(0, name.start - 40), name.start) if name.joint["quote"] else None
    if before is None:
        return None
    if not name.sure:
        return Look.RANDOM
    return Look.WORD if before[1] and name.name.isupper() else Look.MIXED


def _item(name: Name, at: int) -> int:
    """Where the value begins if several targets are assigned at once: `user, password = "x", "y"`."""
    begin = name.text.rfind("\n", max(0, name.start - 200), name.start) + 1
    targets = _TARGETS.fullmatch(name.text, begin, name.start)
    for _ in range(targets.group().count(",") if targets and name.form == "equal" else 0):
        item = _ITEM.match(name.text, at)
        if item is None:
            break
        at = item.end()
    return at


def _literals(text: str, opened: re.Match[str], parentheses: bool) -> list[tuple[int, int]]:
    """What stands between the quotes of a literal and of those that are joined to it."""
    spans: list[tuple[int, int]] = []
    following: re.Match[str] | None = opened
    while following is not None and len(spans) < _PARTS:
        start, quote = following.end(), following[2]
        if quote.startswith("\\"):
            stop = text.find(quote, start, start + _NEAR)
        else:
            body = _BODIES[quote].match(text, start, start + _LONGEST)
            stop = body.end() if body else start
        if stop < 0:
            break
        spans.append((start, stop))
        if not text.startswith(quote, stop):
            break
        joint = (_JOINT_IN_PARENTHESES if parentheses else _JOINT).match(text, stop + len(quote))
        following = _OPEN.match(text, joint.end()) if joint else None
    return spans


def _judged(name: Name, spans: list[tuple[int, int]], least: Look, template: bool = False) -> Iterator[Found]:
    """Yield a value, in one piece however many literals it consists of, if it is a secret."""
    parts = [name.text[start:stop] for start, stop in spans]
    skip = scheme("".join(parts))
    value = "".join(parts)[skip:].strip()
    if value and name.accepts(value, least, template):
        first = parts[0][skip:]
        start = spans[0][0] + min(skip, len(parts[0])) + len(first) - len(first.lstrip())
        yield name.found(start, spans[-1][1] - len(parts[-1]) + len(parts[-1].rstrip()), value)


def _further(name: Name, at: int) -> Iterator[Found]:
    """Literals further in the statement: in a list, in a call, or behind `or`."""
    text = name.text
    closing = _CLOSING.get(text[at : at + 1])
    if closing and not name.sure:
        return
    most = min(len(text), at + (_LIST if closing else _REST))
    stop = text.find(closing or "\n", at, most)
    stop = stop if stop >= 0 else most
    begin, name.page.listed = max(at, name.page.listed), max(stop, name.page.listed)
    for literal in _LITERAL.finditer(text, begin, stop):
        either = _EITHER.search(text[max(at, literal.start() - 12) : literal.start()]) is not None
        listed = closing is not None and name.name.lower().endswith("s") and not text.startswith(":", literal.end())
        if name.accepts(literal[3], Look.MIXED if either or listed else Look.RANDOM, "f" in literal[1].lower()):
            yield name.found(*literal.span(3))
