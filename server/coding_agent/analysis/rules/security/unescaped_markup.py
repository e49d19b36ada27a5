"""A value is put into HTML and the result declared safe: the value is not escaped.

Whoever chooses the value writes HTML of the page, scripts included. ``mark_safe`` and ``Markup`` say that
a text needs no escaping, so they have to get texts that the program wrote. ``format_html`` of Django
and ``Markup(...).format(...)`` escape what is filled in, and only that.

The fix takes these; a value that is HTML already has to be marked as such where it is made.

Source: CWE-79, cross-site scripting; Django's documentation of ``format_html``.
"""

import ast
from collections.abc import Iterator
from functools import partial

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import replacing, spelled, unsafe
from coding_agent.analysis.expressions import in_tests, last_name, value, words
from coding_agent.analysis.finding import Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.texts import Built, Hole, built, quoted, written

_DJANGO = ("django.utils.safestring.mark_safe", "django.utils.safestring.SafeString", "django.utils.html.mark_safe")
_MARKUP = ("markupsafe.Markup", "flask.Markup", "jinja2.Markup", "jinja2.utils.Markup")
_ESCAPED = {
    *("escape", "escaped", "conditional", "safe", "html", "markup", "rendered", "render", "widget", "attrs", "flatatt"),
    *("json", "reverse", "url", "static", "id", "svg", "icon", "tag", "tags", "quote", "urlencode", "tojson", "join"),
}


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Constant) or in_tests(context.path):
        return
    content = node.args[0]
    for text in built(content, context):
        hole = next((each for each in text.open_holes(context) if not _is_escaped(each, context)), None)
        if "<" in text.skeleton() and hole is not None:
            related = () if text.node is content else ((text.node, "built here"),)
            message = f"{quoted(hole.node, context)} is not escaped: whoever chooses it writes HTML of the page"
            yield context.finding(node, message, partial(_fix, node, text, context), related)
            return


def _is_escaped(hole: Hole, context: Context) -> bool:
    made = value(hole.node, context)
    names = {last_name(hole.node), last_name(made), last_name(made.func) if isinstance(made, ast.Call) else ""}
    return any(_ESCAPED.intersection(words(name)) for name in names)


def _fix(node: ast.Call, text: Built, context: Context) -> Fix | None:
    if text.node is not node.args[0] or not all(hole.plain for hole in text.holes):
        return None
    parts = (part.replace("{", "{{").replace("}", "}}") if isinstance(part, str) else "{}" for part in text.parts)
    pattern = written("".join(parts))
    values = ", ".join(context.source(hole.node) for hole in text.holes)
    if context.qualified(node.func) in _DJANGO:
        name = spelled("django.utils.html.format_html", node, context)
        new = f"{name[0]}({pattern}, {values})" if name is not None else ""
        return unsafe("Use format_html()", replacing(node, new, context), imports=name[1]) if name else None
    new = f"{context.source(node.func)}({pattern}).format({values})"
    return unsafe("Use Markup().format()", replacing(node, new, context))


RULE = Rule(
    name="unescaped-markup",
    check=check,
    calls=(*_DJANGO, *_MARKUP),
    cwe=79,
    twins=("ruff:S308", "ruff:S704", "bandit:B308", "bandit:B704"),
    examples=(
        Example(
            "django",
            before=(
                "from django.utils.html import format_html\nfrom django.utils.safestring import mark_safe\n\n\n"
                "def link(person):\n    return $0mark_safe(f'<a href=\"{person.page}\">{person.name}</a>')$0\n"
            ),
            after=(
                "from django.utils.html import format_html\nfrom django.utils.safestring import mark_safe\n\n\n"
                "def link(person):\n    return format_html('<a href=\"{}\">{}</a>', person.page, person.name)\n"
            ),
        ),
        Example(
            "markupsafe",
            before="from markupsafe import Markup\n\n\ndef bold(name):\n    return $0Markup('<b>%s</b>' % (name,))$0\n",
            after='from markupsafe import Markup\n\n\ndef bold(name):\n    return Markup("<b>{}</b>").format(name)\n',
        ),
        Example(
            "built before",
            before=(
                "from markupsafe import Markup\n\n\ndef bold(name):\n    text = '<b>' + name + '</b>'\n"
                "    return $0Markup(text)$0\n"
            ),
        ),
        Example(
            "escaped",
            before=(
                "from markupsafe import Markup, escape\n\n\n"
                "def bold(name):\n    return Markup(f'<b>{escape(name)}</b>')\n"
            ),
        ),
        Example(
            "a number",
            before="from markupsafe import Markup\n\n\ndef cell(n: int):\n    return Markup(f'<td width={n}>')\n",
        ),
    ),
)
