"""Jinja2 does not escape HTML unless it is told to.

An ``Environment`` without ``autoescape`` puts every value into the page as it is: whoever chooses one writes
HTML, scripts included. The rule speaks where the code around says that pages are made, and of whose values, comments
aside; templates for configuration files or code, and pages of the program's own texts, need no escaping.

Off by default: whether a template makes pages stands in the template, and in well kept code none of three findings was
worth acting on. Select it, or ``security``, for what serves pages.

The fix sets ``autoescape=True``; values that are HTML already have to be marked with ``|safe`` or ``Markup``.

Source: CWE-79, cross-site scripting; Jinja2's documentation, "Autoescaping".
"""

import ast
import re
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import replacing, unsafe, with_argument
from coding_agent.analysis.expressions import has_star, in_tests, is_literal, keyword
from coding_agent.analysis.finding import Finding, Fix
from coding_agent.analysis.rule import Example, Rule

_OF_OTHERS = re.compile(r"\brequest\b|respon[ds]|user|visitor|customer|comment|email|send_?mail")


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if has_star(node) or in_tests(context.path) or not _makes_pages(node, context):
        return
    given = keyword(node, "autoescape")
    if given is None:
        message = "values are not escaped in the pages; set autoescape=True"
        yield context.finding(node, message, lambda: _add(node, context))
    elif is_literal(given.value, False):
        message = "autoescape is off: values are not escaped in the pages"
        yield context.finding(given, message, lambda: _set(given, context))


def _makes_pages(node: ast.Call, context: Context) -> bool:
    around: ast.AST | None = context.function(node)
    for above in context.ancestors(node):
        around = around or (above if context.parent(above) is None else None)
    if around is None:
        return False
    code = ast.unparse(around).lower()
    return "html" in code and _OF_OTHERS.search(code) is not None


def _add(node: ast.Call, context: Context) -> Fix | None:
    return unsafe("Set autoescape=True", with_argument(node, "autoescape=True", context))


def _set(given: ast.keyword, context: Context) -> Fix | None:
    return unsafe("Set autoescape=True", replacing(given.value, "True", context))


RULE = Rule(
    name="jinja-autoescape-off",
    check=check,
    calls=("jinja2.Environment", "jinja2.environment.Environment", "jinja2.sandbox.SandboxedEnvironment"),
    cwe=79,
    twins=("ruff:S701", "bandit:B701"),
    on=False,
    examples=(
        Example(
            "not said",
            before=(
                "import jinja2\n\n\ndef page(loader, user):\n    env = $0jinja2.Environment(loader=loader)$0\n"
                "    return env.get_template('page.html').render(user=user)\n"
            ),
            after=(
                "import jinja2\n\n\ndef page(loader, user):\n"
                "    env = jinja2.Environment(loader=loader, autoescape=True)\n"
                "    return env.get_template('page.html').render(user=user)\n"
            ),
        ),
        Example(
            "off",
            before=(
                "from jinja2 import Environment\n\n\n"
                "def html_response():\n    return Environment($0autoescape=False$0)\n"
            ),
            after=(
                "from jinja2 import Environment\n\n\ndef html_response():\n    return Environment(autoescape=True)\n"
            ),
        ),
        Example(
            "a configuration file",
            before=(
                "import jinja2\n\n\ndef config(loader):\n"
                "    return jinja2.Environment(loader=loader).get_template('nginx.conf')\n"
            ),
        ),
        Example(
            "the program's own texts",
            before=(
                "import jinja2\n\n\ndef warning(loader, text):\n    env = jinja2.Environment(loader=loader)\n"
                "    return env.get_template('warning.html').render(text=text)\n"
            ),
        ),
        Example(
            "code, as a comment says",
            before=(
                "import jinja2\n\n\ndef code(loader):\n    # This makes Python, not HTML.\n"
                "    return jinja2.Environment(loader=loader, autoescape=False).get_template('code.py')\n"
            ),
        ),
        Example(
            "chosen by the file's name",
            before=(
                "from jinja2 import Environment, select_autoescape\n\n\n"
                "def html_environment():\n    return Environment(autoescape=select_autoescape())\n"
            ),
        ),
    ),
)
