"""``eval`` runs whatever its text says.

Where the text comes from outside the program, or is built from something that does, whoever
writes it runs code with the program's rights. Literals need no ``eval``: ``ast.literal_eval``
reads numbers, strings, tuples, lists, dicts, sets, booleans and None, and nothing else.
A call whose whole text is a constant is left alone, as are tests and, because they run code on purpose,
calls that give names along; an empty ``__builtins__`` among them is no sandbox, though, and is found. Code
compiled from a syntax tree is left alone, because the tree shows what it does, and so is what a script takes from its
own command line.

The fix replaces ``eval`` by ``ast.literal_eval`` and changes behaviour on purpose: expressions
that are not literals raise ValueError.

Source: CWE-95, improper neutralization of directives in dynamically evaluated code.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import renaming
from coding_agent.analysis.expressions import argument, in_tests, is_literal, value
from coding_agent.analysis.finding import Finding, Fix
from coding_agent.analysis.rule import Example, Rule


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if not node.args or isinstance(node.args[0], ast.Constant) or in_tests(context.path):
        return
    if _is_from_tree(node.args[0], context) or _is_typed(node, context):
        return
    if len(node.args) == 1 and not node.keywords:
        yield context.finding(node, "eval() runs whatever its text says", lambda: _fix(node, context))
    elif _hides_builtins(argument(node, 1, "globals")):
        yield context.finding(node, "eval() without __builtins__ is no sandbox: objects lead to everything")


def _is_from_tree(node: ast.expr, context: Context) -> bool:
    code = value(node, context)
    if not isinstance(code, ast.Call) or context.qualified(code.func) != "builtins.compile" or not code.args:
        return False
    tree = value(code.args[0], context)
    return isinstance(tree, ast.Call) and (context.qualified(tree.func) or "").startswith("ast.")


def _is_typed(node: ast.Call, context: Context) -> bool:
    """Whether the statement around a call reads the arguments, under ``if __name__ == "__main__"``."""
    inner: ast.AST = node
    for above in context.ancestors(node):
        if isinstance(above, ast.If) and "__name__" in context.source(above.test):
            reads = (each for each in ast.walk(inner) if isinstance(each, ast.Attribute))
            return any(context.qualified(each) == "sys.argv" for each in reads)
        inner = above
    return False


def _hides_builtins(names: ast.expr | None) -> bool:
    return isinstance(names, ast.Dict) and any(is_literal(key, "__builtins__") for key in names.keys)


def _fix(node: ast.Call, context: Context) -> Fix | None:
    if isinstance(node.args[0], ast.Starred):
        return None
    return renaming(node.func, "ast.literal_eval", "Use {}()", context)


RULE = Rule(
    name="eval-used",
    check=check,
    calls=("builtins.eval",),
    cwe=95,
    twins=("ruff:S307", "bandit:B307"),
    examples=(
        Example(
            "text from outside",
            before="import ast\n\n\ndef read(text):\n    return $0eval(text)$0\n",
            after="import ast\n\n\ndef read(text):\n    return ast.literal_eval(text)\n",
        ),
        Example("names are given along", before="def run(text, names):\n    return eval(text, names)\n"),
        Example("no sandbox", before="def run(text):\n    return $0eval(text, {'__builtins__': {}})$0\n"),
        Example(
            "compiled from a tree",
            before=(
                "import ast\n\n\ndef run(text):\n    tree = ast.parse(text, mode='eval')\n    check(tree)\n"
                "    return eval(compile(tree, 'text', 'eval'))\n"
            ),
        ),
        Example(
            "from one's own command line",
            before="import sys\n\nif __name__ == '__main__':\n    print([eval(each) for each in sys.argv[1:]])\n",
        ),
        Example("a constant text", before="three = eval('1 + 2')\n"),
        Example("another eval", before="from pandas import eval\n\n\ndef run(text):\n    return eval(text)\n"),
    ),
)
