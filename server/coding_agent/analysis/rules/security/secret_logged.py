"""A password or key is written to the log.

Logs are kept for long, copied to other systems and read by many; the secret is then with all of them.
The rule speaks where a name that says password, secret, API key or access token goes to a logger as it is.

The fix, for arguments of their own, logs three stars instead.

Source: CWE-532, insertion of sensitive information into log file.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import replacing, unsafe
from coding_agent.analysis.expressions import in_tests, is_fixed, last_name, words
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.texts import built

_METHODS = ("debug", "info", "warning", "error", "critical", "exception", "log")
_SECRETS = {"password", "passwd", "passphrase", "secret", "apikey"}
_PAIRS = {("api", "key"), ("secret", "key"), ("private", "key"), ("access", "token"), ("auth", "token")}
_LOGGERS = {"log", "logger", "logging"}


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if not isinstance(node.func, ast.Attribute) or in_tests(context.path):
        return
    if not _LOGGERS.intersection(words(last_name(node.func.value))):
        return
    for each in node.args:
        if _is_secret(each, context):
            stars = unsafe("Log *** instead", replacing(each, '"***"', context))
            yield context.finding(each, _message(each, context), stars)
        for text in built(each, context) if isinstance(each, ast.JoinedStr | ast.BinOp | ast.Call) else ():
            for hole in text.holes:
                if _is_secret(hole.node, context):
                    yield context.finding(hole.node, _message(hole.node, context))


def _is_secret(node: ast.expr, context: Context) -> bool:
    if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        return False
    said = words(last_name(node))
    named = said[-1:] and (said[-1] in _SECRETS or said[-2:] in _PAIRS)
    return bool(named) and not (isinstance(node, ast.Name) and is_fixed(node, context))


def _message(node: ast.expr, context: Context) -> str:
    return f"'{context.source(node)}' is written to the log, where others read it"


RULE = Rule(
    name="secret-logged",
    check=check,
    calls=tuple(f".{method}" for method in _METHODS),
    cwe=532,
    twins=("codeql:py/clear-text-logging-sensitive-data",),
    examples=(
        Example(
            "an argument",
            before=(
                "import logging\n\nlog = logging.getLogger()\n\n\n"
                "def login(user, password):\n    log.debug('%s logs in with %s', user, $0password$0)\n"
            ),
            after=(
                "import logging\n\nlog = logging.getLogger()\n\n\n"
                "def login(user, password):\n    log.debug('%s logs in with %s', user, \"***\")\n"
            ),
        ),
        Example(
            "a part of the text",
            before=("import logging\n\n\ndef start(settings):\n    logging.info('key: ' + $0settings.api_key$0)\n"),
        ),
        Example("its length", before="import logging\n\n\ndef f(password):\n    logging.info('%d', len(password))\n"),
        Example("a name for it", before="import logging\n\n\ndef f(password_file):\n    logging.info(password_file)\n"),
        Example("not a logger", before="def f(form, password):\n    form.error('wrong', password)\n"),
    ),
)
