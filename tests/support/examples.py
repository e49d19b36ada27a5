"""Runs the examples of rules: reads their marks, applies fixes, and makes variants that must give the same answer."""

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from coding_agent.analysis.file import Analyser
from coding_agent.analysis.finding import Diagnostic
from coding_agent.analysis.registry import all_rules
from coding_agent.analysis.rule import Example, Kind, Rule
from coding_agent.analysis.ruleset import Selection, select
from coding_agent.ide.check import check_text
from coding_agent.text import Edit, Span, apply_edits, line_table
from support.many_files import check_files
from support.new_functions import check_new

PATH = "src/module.py"
HEAD = '# 🐍 ünïcode 𝕏\n"🐍 ünïcode 𝕏"\n'
KEPT = "  # kept"
_ALLOWED = re.compile(r"coding-agent: allow(?:-file)? ([\w, -]+)")


@dataclass(frozen=True, slots=True)
class Case:
    """One example of one rule; ``text`` is without the marks, which are ``marks``, offsets in it."""

    rule: Rule
    example: Example
    text: str
    marks: tuple[int, ...]

    def analyser(self) -> Analyser:
        # The rule about idle comments judges what other rules said.
        named = [name for names in _ALLOWED.findall(self.text) for name in re.split(r"[ ,]+", names)]
        only = (self.rule.name, *named)
        options = {self.rule.name: self.example.options}
        return Analyser(select(all_rules(), Selection(only=only, options=options)))

    def check(self, text: str, analyser: Analyser | None = None) -> list[Diagnostic]:
        """The rule's findings in ``text``, with fixes; a rule that raises fails the test."""
        analyser = analyser or self.analyser()
        checks = {Kind.FILES: check_files, Kind.INDEX: check_new}
        check = checks.get(self.rule.kind, _check_one)
        all_found = check(text, analyser)
        for failure in analyser.failed:
            raise failure from failure.__cause__
        return [found for found in all_found if found.rule == self.rule.name]


def _check_one(text: str, analyser: Analyser) -> Sequence[Diagnostic]:
    return check_text(PATH, text, analyser, fixes=True).diagnostics


def read(rule: Rule, example: Example) -> Case:
    """Take the marks out of an example."""
    parts = example.before.split("$0")
    marks = [0]
    for part in parts[:-1]:
        marks.append(marks[-1] + len(part))
    return Case(rule, example, "".join(parts), tuple(marks[1:]))


def cases(rules: Iterable[Rule]) -> list[Case]:
    return [read(rule, example) for rule in rules for example in rule.examples]


def fixed(text: str, found: Iterable[Diagnostic]) -> str:
    """Apply the fixes that do not overlap, earlier ones first; an import that two of them add is added once."""
    edits: list[Edit] = []
    for diagnostic in found:
        for fix in (diagnostic.fix,) if diagnostic.fix else ():
            mine = [edit for edit in fix.edits if edit not in edits or edit.span]
            if not any(_overlap(one.span, other.span) for one in mine for other in edits):
                edits += mine
    return apply_edits(text, edits)


def _overlap(one: Span, other: Span) -> bool:
    return max(one.start, other.start) < min(one.stop, other.stop)


def undone(after: str, before: str, edits: Sequence[Edit]) -> str:
    """Apply to ``after`` the edits that take ``edits`` back."""
    inverse: list[Edit] = []
    moved = 0
    for (start, stop), new in sorted(edits, key=lambda edit: (edit.span.start, edit.span.stop)):
        at = start + moved
        inverse.append(Edit(Span(at, at + len(new)), before[start:stop]))
        moved += len(new) - (stop - start)
    return apply_edits(after, inverse)


# Comments.


def comments(text: str) -> list[tuple[Span, str]]:
    """The comments of a text with their spans."""
    table = line_table(text)
    return [
        (Span(table[row - 1] + column, table[row - 1] + column + len(token.string)), token.string)
        for token in _tokens(text)
        if token.type == tokenize.COMMENT
        for row, column in (token.start,)
    ]


def lost_comments(before: str, found: Sequence[Diagnostic], after: str) -> Counter[str]:
    """Comments of ``before`` that ``after`` misses, except those the findings are about."""
    about = [found.span for found in found]
    kept = [
        text
        for span, text in comments(before)
        if not any(_overlap(span, each) and each.start >= span.start for each in about)
    ]
    return Counter(kept) - Counter(text for _, text in comments(after))


# Variants.


def indented(text: str) -> str | None:
    """The text inside ``if True:``; None where strings over lines or ``__future__`` forbid it."""
    if (
        "__future__" in text
        or any(token.type == tokenize.STRING and "\n" in token.string for token in _tokens(text))
        or not text.strip()
    ):
        return None
    lines = text.splitlines(keepends=True)
    return "if True:\n" + "".join("    " + line if line.strip() else line for line in lines)


def exploded(text: str) -> str:
    """The text with a comment and a new line behind every open bracket and comma that stands inside brackets."""
    table = line_table(text)
    inserts: list[Edit] = []
    depth = 0
    tokens = list(_tokens(text))
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == tokenize.OP and token.string in "([{":
            depth += 1
        elif token.type == tokenize.OP and token.string in ")]}":
            depth -= 1
        if token.type != tokenize.OP or token.string not in "([{," or depth == 0 or following is None:
            continue
        if following.type in (tokenize.COMMENT, tokenize.NL) or following.string in ")]}":
            continue
        at = table[token.end[0] - 1] + token.end[1]
        inserts.append(Edit(Span(at, at), f"{KEPT} {len(inserts)}\n "))
    return apply_edits(text, inserts)


def beside_wide(text: str) -> Iterator[tuple[int, str]]:
    """The text with a wide string statement before each simple statement that starts a line, and its offset."""
    table = line_table(text)
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.stmt) or hasattr(node, "body") or isinstance(node, ast.Match):
            continue
        line = table[node.lineno - 1]
        # Only at the start of a line, so that columns in bytes and code points agree before it.
        if text[line : line + node.col_offset].strip() or "__future__" in ast.unparse(node):
            continue
        at = line + node.col_offset
        yield at, text[:at] + '"é🐍𝕏"; ' + text[at:]


def without_imports(text: str) -> Iterator[str]:
    """The text without one of its top-level imports, for each."""
    lines = text.splitlines(keepends=True)
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield "".join((*lines[: node.lineno - 1], *lines[node.end_lineno :]))


def renamed_imports(text: str) -> str | None:
    """The text with another alias for everything it imports, uses renamed; None without a plain import.

    Names with dots (``import os.path``) and aliases of the same name stay.
    """
    renamed: dict[str, str] = {}
    edits: list[Edit] = []
    table = line_table(text)
    inside: list[Span] = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Import | ast.ImportFrom) or getattr(node, "module", "") == "__future__":
            continue
        start = table[node.lineno - 1] + node.col_offset
        inside.append(Span(start, table[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)))
        for alias in node.names:
            if alias.name == "*" or ("." in alias.name and alias.asname is None):
                continue
            name = alias.asname or alias.name
            renamed[name] = f"{name}_alias"
            at = table[alias.lineno - 1] + alias.col_offset
            stop = table[(alias.end_lineno or alias.lineno) - 1] + (alias.end_col_offset or 0)
            edits.append(Edit(Span(at, stop), f"{alias.name} as {name}_alias"))
    if not renamed:
        return None
    previous = ""
    for token in _tokens(text):
        row, column = token.start
        at = table[row - 1] + column
        if (
            token.type == tokenize.NAME
            and token.string in renamed
            and previous != "."
            and not any(span.start <= at < span.stop for span in inside)
            and not _names_an_argument(text, at + len(token.string))
        ):
            edits.append(Edit(Span(at, at + len(token.string)), renamed[token.string]))
        previous = token.string
    return apply_edits(text, edits)


def _names_an_argument(text: str, at: int) -> bool:
    return re.match(r"\s*=(?!=)", text[at:]) is not None and text[:at].count("(") > text[:at].count(")")


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(text, newline="").readline)
