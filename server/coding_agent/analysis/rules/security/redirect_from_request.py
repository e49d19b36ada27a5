"""A request names the page that the visitor is sent to.

A link to your site then leads to any other, which looks like yours and asks for the password again. Accept only
paths of your own site: Django's ``url_has_allowed_host_and_scheme`` tells; or take the target from a list.
Functions that check anything themselves are left alone.

Source: CWE-601, open redirect.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.expressions import in_tests, value
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.outside import from_request, is_checked
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.texts import built


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if not node.args or isinstance(node.args[0], ast.Constant) or in_tests(context.path):
        return
    target = node.args[0]
    # Behind a literal start the visitor stays on the site that it names.
    if any(isinstance(text.parts[0], str) and text.parts[0] for text in built(value(target, context), context)):
        return
    if from_request(target, context) and not is_checked(node, context):
        message = "the request decides where the visitor is sent; accept only paths of this site"
        yield context.finding(target, message)


RULE = Rule(
    name="redirect-from-request",
    check=check,
    calls=(
        *("flask.redirect", "quart.redirect", "django.shortcuts.redirect", "django.http.HttpResponseRedirect"),
        *("starlette.responses.RedirectResponse", "fastapi.responses.RedirectResponse"),
    ),
    cwe=601,
    twins=("codeql:py/url-redirection",),
    examples=(
        Example(
            "the next page",
            before=(
                "from flask import redirect, request\n\n\ndef login():\n"
                "    return redirect($0request.args.get('next') or '/'$0)\n"
            ),
        ),
        Example(
            "through a name",
            before=(
                "from django.http import HttpResponseRedirect\n\n\ndef leave(request):\n"
                "    target = request.GET['to']\n    return HttpResponseRedirect($0target$0)\n"
            ),
        ),
        Example(
            "checked",
            before=(
                "from django.shortcuts import redirect\n"
                "from django.utils.http import url_has_allowed_host_and_scheme\n\n\n"
                "def leave(request):\n    target = request.GET['to']\n"
                "    if not url_has_allowed_host_and_scheme(target, None):\n        target = '/'\n"
                "    return redirect(target)\n"
            ),
        ),
        Example(
            "on this site",
            before=(
                "from flask import redirect, request\n\n\ndef show():\n"
                "    return redirect('/page/' + request.args['id'])\n"
            ),
        ),
    ),
)
