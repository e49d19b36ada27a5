"""A template is built from a value: what the value says runs as a template.

``{{ config }}`` in a name shows the settings, and longer expressions reach every object of the program. Give
values to the template as variables; the template itself stays a text that the program wrote.

The fix does that where the values are plain names.

Source: CWE-1336, improper neutralization of special elements used in a template engine.
"""

import ast
from collections.abc import Iterator
from functools import partial

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import replacing, unsafe
from coding_agent.analysis.expressions import in_tests, last_name, words
from coding_agent.analysis.finding import Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import root
from coding_agent.analysis.texts import Built, Hole, built, quoted, written

_TEMPLATES = {"template", "templates", "layout", "prefix", "suffix", "header", "footer", "block", "macro", "macros"}
_RENDER = ("flask.render_template_string", "quart.render_template_string")


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if not node.args or isinstance(node.args[0], ast.Constant) or in_tests(context.path):
        return
    template = node.args[0]
    for text in built(template, context):
        hole = next((each for each in text.open_holes(context) if not _is_template(each)), None)
        if hole is not None:
            message = f"{quoted(hole.node, context)} runs as part of the template; give it to it as a variable"
            related = () if text.node is template else ((text.node, "built here"),)
            yield context.finding(template, message, partial(_fix, node, text, context), related)
            return


def _is_template(hole: Hole) -> bool:
    """Whether a part is one of a template by its name, or the object's own."""
    return root(hole.node) == "self" or bool(_TEMPLATES.intersection(words(last_name(hole.node))))


def _fix(node: ast.Call, text: Built, context: Context) -> Fix | None:
    names = [hole.node.id for hole in text.holes if isinstance(hole.node, ast.Name) and hole.plain]
    given = {each.arg for each in node.keywords}
    if context.qualified(node.func) not in _RENDER or text.node is not node.args[0] or len(node.args) > 1:
        return None
    if len(names) < len(text.holes) or given.intersection(names) or None in given:
        return None
    holes = iter(names)
    template = "".join(part if isinstance(part, str) else f"{{{{ {next(holes)} }}}}" for part in text.parts)
    variables = "".join(f", {name}={name}" for name in dict.fromkeys(names))
    return unsafe("Give it as a variable", replacing(node.args[0], written(template) + variables, context))


RULE = Rule(
    name="template-injection",
    check=check,
    calls=(*_RENDER, "jinja2.Template", "mako.template.Template"),
    cwe=1336,
    twins=(),
    examples=(
        Example(
            "the object's own",
            before=(
                "from jinja2 import Template\n\n\nclass Block:\n    def text(self):\n"
                "        return Template(f'# {self.name}\\n' + self.template).render()\n"
            ),
        ),
        Example(
            "a name in the template",
            before=(
                "from flask import render_template_string\n\n\ndef hello(name):\n"
                "    return render_template_string($0f'Hello {name}!'$0)\n"
            ),
            after=(
                "from flask import render_template_string\n\n\ndef hello(name):\n"
                '    return render_template_string("Hello {{ name }}!", name=name)\n'
            ),
        ),
        Example(
            "built before",
            before=(
                "import jinja2\n\n\ndef letter(person):\n    text = 'Dear ' + person.name\n"
                "    return jinja2.Template($0text$0).render()\n"
            ),
        ),
        Example(
            "given as a variable",
            before=(
                "from flask import render_template_string\n\n\ndef hello(name):\n"
                "    return render_template_string('Hello {{ name }}!', name=name)\n"
            ),
        ),
        Example(
            "templates put together",
            before="import jinja2\n\n\ndef page(template):\n    return jinja2.Template('<p>' + template)\n",
        ),
    ),
)
