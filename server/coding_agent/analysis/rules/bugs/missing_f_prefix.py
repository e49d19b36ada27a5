"""A text has ``{name}`` of a variable that is there, and no ``f`` before its quote.

The braces are shown as they stand. It is reported where everything in braces is a parameter or variable of the
function around it, and nothing formats the text later.

The fix adds the ``f``.

Source: PEP 498.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Applicability, Finding, Fix, Severity
from coding_agent.analysis.rule import Example, Rule
from coding_agent.text import Edit, Span

_FORMAT = r"(?:.?[<>=^])?[-+ ]?z?#?0?\d*[,_]?(?:\.\d+)?[bcdeEfFgGnosxX%]?"
"""What numbers and texts take behind the colon; times take something with ``%``."""
_FIELD = re.compile(
    rf"\{{\s*([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*|\[\w+\])*)(?:![rsa])?(?::(?:{_FORMAT}|[^{{}}]*%[^{{}}]*))?\s*\}}"
)
_LATER = re.compile(
    r"\.format\b|format_map|Template|gettext|\b_\(|\.replace\(|\.substitute|\bre\.|render|jinja|template", re.I
)
_SHOWS = ("print", "debug", "info", "warning", "error", "exception", "critical", "warn", "write", "fail", "exit")


def check(node: ast.Constant, context: Context) -> Iterable[Finding]:
    text = node.value
    return _found(node, context) if text.__class__ is str and "{" in text else ()  # pyright: ignore[reportOperatorIssue]


def _found(node: ast.Constant, context: Context) -> Iterator[Finding]:
    function = context.function(node)
    if function is None or not _is_shown(node, context):
        return
    if not _is_meant(node, context.walk.scopes[function].bound.keys()) or _LATER.search(context.source(function)):
        return
    start = context.span(node).start
    fields = ", ".join(f"'{match[1]}'" for match in _FIELD.finditer(context.source(node)))
    message = f"shown with its braces: {fields} is a variable here, and the text has no 'f'"
    yield context.finding(node, message, lambda: _fix(node, start, context))


def _is_meant(node: ast.Constant, bound: Collection[str]) -> bool:
    """Whether all that stands in braces are variables, and there is something."""
    text = str(node.value)
    names = [match[1] for match in _FIELD.finditer(text)]
    if not names or "{{" in text or "}}" in text or text.count("{") != len(names) or text.count("}") != len(names):
        return False
    return all(name in bound for name in names)


def _is_shown(node: ast.Constant, context: Context) -> bool:
    """Whether a text goes where people read it: raised, printed, logged or written."""
    above = context.parent(node)
    while isinstance(above, ast.BinOp | ast.IfExp | ast.keyword):
        if isinstance(above, ast.BinOp) and not isinstance(above.op, ast.Add):
            return False
        above = context.parent(above)
    if not isinstance(above, ast.Call):
        return False
    # Who gives the values along formats the text itself.
    if above.keywords or any(isinstance(each, ast.Dict | ast.Starred) for each in above.args):
        return False
    callee = above.func
    name = callee.id if isinstance(callee, ast.Name) else callee.attr if isinstance(callee, ast.Attribute) else ""
    return isinstance(context.parent(above), ast.Raise) or (name in _SHOWS and len(above.args) == 1)


def _fix(node: ast.Constant, start: int, context: Context) -> Fix | None:
    text = context.source(node)
    # Several texts side by side are one constant; only the one with braces would get the prefix.
    if text[0] not in "'\"" or "\\" in text or _sides(text) != 1:
        return None
    return Fix("Add the 'f'", (Edit(Span(start, start), "f"),), Applicability.UNSAFE)


def _sides(text: str) -> int:
    quote = text[:3] if text[:3] in ('"""', "'''") else text[0]
    return 1 if text.count(quote) == 2 and text.endswith(quote) else 2


RULE = Rule(
    name="missing-f-prefix",
    check=check,
    nodes=(ast.Constant,),
    severity=Severity.WARNING,
    twins=("ruff:RUF027", "pylint:W1309"),
    examples=(
        Example(
            "an error",
            before="def read(row):\n    raise ValueError($0'bad row {row}'$0)\n",
            after="def read(row):\n    raise ValueError(f'bad row {row}')\n",
        ),
        Example(
            "printed with an attribute",
            before="def show(row):\n    total = sum(row)\n    print($0'{row.name}: {total:.2f}'$0)\n",
            after="def show(row):\n    total = sum(row)\n    print(f'{row.name}: {total:.2f}')\n",
        ),
        Example("no such variable", before="def read(row):\n    raise ValueError('bad row {line}')\n"),
        Example(
            "formatted later", before="def read(row):\n    text = 'bad row {row}'\n    print(text.format(row=row))\n"
        ),
        Example(
            "the shape of a dict",
            before="def keep(name, value):\n    raise ValueError('needs a {name: value} dict')\n",
        ),
        Example("braces that are meant", before="def read(row):\n    print('use {{row}} here')\n"),
        Example("a template handed on", before="def read(row):\n    return client.get('/rows/{row}', row=row)\n"),
    ),
)
