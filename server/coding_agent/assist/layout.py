"""How an answer looks: its size, its characters, its comments."""

import re
import tokenize
import unicodedata
from collections import Counter
from collections.abc import Iterator

from coding_agent.assist.holding import Held
from coding_agent.assist.meant import Failing, Purpose
from coding_agent.proof.source import Token, tokens
from coding_agent.text import split_lines

TIMES, MORE = 3, 4_000
"""An answer has at most so many times the characters of the old code, and so many more."""
_WIDE = 200
"""Columns that are seen without scrolling."""
_GAP = re.compile(r"\S[ \t]{30,}[^\s#]")
"""Code behind so many blanks is not seen either."""
_SWITCHES = re.compile(
    r"#(?:\s*(?:type|fmt|ty):|[^\n]*?(?:noqa|nosec|nosemgrep|nosonar|noinspection|pragma|pylint|pyright|mypy|pyre-|pyrefly\s*:|"
    r"pytype|yapf|isort|autopep8|ruff\s*:|flake8|lint-(?:ignore|fixme)|coding-agent|lgtm\b|codeql|skipcq|bandit|checkov\s*:|"
    r"coding[:=]|vim:|doctest:))[^\n]*",
    re.IGNORECASE,
)
"""What comments say to tools, mostly to look away."""
_PROMPT = re.compile(r"[ \t]*>>>")
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f")
"""Characters that show nothing, whatever their category says."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_WORD = re.compile(r"\w+")


def sized(code: str, held: Held) -> None:
    """Raises: Failing - it is longer than any answer needs to be."""
    most = TIMES * len(held.own) + MORE
    if len(code) > most:
        raise Failing(f"it has {len(code)} characters; {most} are the most")


def seen(lines: str, held: Held) -> None:
    """Raises: Failing - something in the new lines is not what it looks like, or cannot be seen."""
    more = Counter(filter(hides, lines)) - Counter(filter(hides, held.own))
    if more:
        raise Failing(f"it has a character that nobody sees: {named(min(more))}")
    known = frozenset(_WORD.findall(held.text))
    for token in _tokens(lines):
        if token.kind == tokenize.NAME and not token.string.isascii() and token.string not in known:
            raise Failing(f"`{token.string}` is no name of this file, and may look like another one")
    old = frozenset(split_lines(held.own))
    for line in split_lines(lines):
        if line not in old and (len(line) > _WIDE or _GAP.search(line)):
            raise Failing("a line is so wide that not all of it is seen")


def hides(character: str) -> bool:
    """Whether a character shows nothing, or turns the order of others around."""
    if character in " \n\r\t":
        return False
    if character in _FILLERS or "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef":
        return True
    return unicodedata.category(character) in _UNSEEN


def named(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()


def new_comments(lines: str, held: Held) -> list[str]:
    """The comments that only the answer has."""
    more = Counter(_comments(lines)) - Counter(_comments(held.own))
    return list(more.elements())


def plain_comments(code: str) -> None:
    """Raises: Failing - a comment speaks to tools, or a text looks like one that does."""
    for comment in (*_comments(code), speaks_to_tools(code)):
        if _SWITCHES.search(comment):
            raise Failing(f"it has a comment that speaks to tools: {comment}")


def comments_kept(lines: str, held: Held, purpose: Purpose) -> None:
    """Raises: Failing - a comment tells tools to look away, or one is lost that had nothing to do with the change."""
    for comment in new_comments(lines, held):
        if _SWITCHES.search(comment):
            raise Failing(f"it has a comment that speaks to tools: {comment}")
    for comment, _ in _switched(lines) - _switched(held.own):
        raise Failing(f"a comment that speaks to tools would stand at other code: {comment}")
    if purpose in {Purpose.FIX, Purpose.DOCSTRING}:
        lost = next(_lost(lines, held), None)
        if lost is not None:
            raise Failing(f"a comment is lost: {lost}")


def no_examples(text: str, before: str) -> None:
    """Raises: Failing - a docstring has an example that the one before did not have: doctest runs them."""
    known = {line.strip() for line in before.split("\n")}
    for line in text.split("\n"):
        if _PROMPT.match(line) and line.strip() not in known:
            raise Failing(f"it has an example that doctest would run: {line.strip()}")


def speaks_to_tools(text: str) -> str:
    """What in a text looks like a comment to tools: not all of them tell strings from comments."""
    found = _SWITCHES.search(text)
    return found[0].strip() if found else ""


def _tokens(lines: str) -> list[Token]:
    try:
        return tokens(split_lines(lines))
    except (SyntaxError, tokenize.TokenError) as error:
        raise Failing(f"its tokens cannot be read: {error}") from error


def _comments(lines: str) -> list[str]:
    return [token.string.strip() for token in _tokens(lines) if token.kind == tokenize.COMMENT]


def _switched(lines: str) -> set[tuple[str, str]]:
    """The comments that speak to tools, with the code that they stand at."""
    text = split_lines(lines)
    comments = [token for token in _tokens(lines) if token.kind == tokenize.COMMENT]
    return {
        (token.string.strip(), _stands_at(text, token.first_line))
        for token in comments
        if _SWITCHES.search(token.string)
    }


def _lost(lines: str, held: Held) -> Iterator[str]:
    """Comments that are gone although the code that they stand at is there."""
    there = Counter(_comments(lines))
    code = {_code(line) for line in split_lines(lines)}
    text = split_lines(held.own)
    for token in _tokens(held.own):
        if token.kind == tokenize.COMMENT:
            comment = token.string.strip()
            there[comment] -= 1
            if there[comment] < 0 and _stands_at(text, token.first_line) in code:
                yield comment


def _stands_at(text: list[str], row: int) -> str:
    """The code of a line with a comment, or of the next one with code."""
    return next((code for code in map(_code, text[row:]) if code), "a comment at the end")


def _code(line: str) -> str:
    """The code of a line without its comment; what stands behind a # in a string goes too, on both sides alike."""
    return " ".join(line.partition("#")[0].split())
