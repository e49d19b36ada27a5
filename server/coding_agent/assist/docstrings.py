"""Puts a docstring that a model wrote into its definition, or in the place of the one there."""

import ast
from inspect import cleandoc

from coding_agent.analysis.file import Analyser
from coding_agent.assist.findings_kept import findings_kept, looked_at
from coding_agent.assist.form import docstring_of, same_code
from coding_agent.assist.holding import Held, held_at, hold, same_outside
from coding_agent.assist.layout import no_examples, sized, speaks_to_tools
from coding_agent.assist.meant import Checked, Failing, Meant
from coding_agent.assist.placing import unit, whole
from coding_agent.assist.quoting import quoted, tidy
from coding_agent.assist.steps import Steps, edits_between
from coding_agent.syntax.parse import parse
from coding_agent.text import Edit, Span, apply_edits, split_lines


def docstring_edit(meant: Meant, text: str, analyser: Analyser, path: str) -> Checked:
    """Insert or replace the docstring of a definition: the text as it is wrapped, quoted safely, indented.

    The code stays the same, token by token. Never raises, whatever the text is.
    """
    steps = Steps()
    held = steps.do("place", lambda: hold(meant))
    if held is None:
        return steps.refused()
    said = tidy(text)
    if not steps.all(
        ("size", lambda: sized(text, held)),
        ("text", lambda: _says_something(said)),
        ("comments", lambda: _silent(said)),
        ("examples", lambda: no_examples(said, _text(held))),
        ("change", lambda: _differs(said, held)),
    ):
        return steps.refused()
    new = steps.do("code", lambda: _placed(held, said))
    if new is None:
        return steps.refused()
    steps.do("findings", lambda: _nothing_new(held, new, analyser, path))
    return steps.checked(meant, edits_between(held, new), proved=True)


def _says_something(said: str) -> None:
    if not said.strip():
        raise Failing("there is no text")


def _silent(said: str) -> None:
    found = speaks_to_tools(said)
    if found:
        raise Failing(f"it has what tools take for a comment to them: {found}")


def _differs(said: str, held: Held) -> None:
    if _text(held) == said:
        raise Failing("it says what the docstring says already")


def _text(held: Held) -> str:
    return ast.get_docstring(held.node) or ""


def _placed(held: Held, said: str) -> Held:
    """The document with the docstring. Raises: Failing - it cannot be put there without a change of the code."""
    own = apply_edits(held.text, [_edit(held, said)])
    lines = own[held.span.start : len(own) - (len(held.text) - held.span.stop)]
    text, span = whole(held, lines)
    again = parse(text)
    first, count = held.lines.start, len(split_lines(text[span.start : span.stop]))
    new = held_at(text, again.body, range(first, first + count))
    if new is None or not same_outside(held, new) or not same_code(held.node, new.node):
        raise Failing("a docstring cannot be put there without a change of the code around it")
    if cleandoc(_text(new)) != cleandoc(said):
        raise Failing("it would not say what it should")
    return new


def _edit(held: Held, said: str) -> Edit:
    source, node = held.source, held.node
    there, first = docstring_of(node), node.body[0]
    start = source.full(first).start
    margin = source.text[source.starts[source.line(start)] : start]
    alone = not margin.strip()
    indent = margin if alone else held.indent + unit(held)
    literal = quoted(said, indent).replace("\n", held.newline)
    if alone and there is not None:
        return Edit(source.span(there), literal)
    if alone:
        more = held.newline if isinstance(node, ast.ClassDef) else ""
        return Edit(Span(start - len(margin), start - len(margin)), f"{indent}{literal}{held.newline}{more}")
    head = start - len(margin) + len(margin.rstrip())
    behind = source.span(there).stop if there is not None else start
    more = "" if there is not None else held.newline + indent
    return Edit(Span(head, behind), f"{held.newline}{indent}{literal}{more}")


def _nothing_new(held: Held, new: Held, analyser: Analyser, path: str) -> None:
    before, state = looked_at(analyser, held.text, path)
    findings_kept(before, looked_at(analyser, new.text, path, state)[0])
