"""``eval`` runs whatever its text says.

Where the text comes from outside the program, or is built from something that does, whoever
writes it runs code with the program's rights. Literals need no ``eval``: ``ast.literal_eval``
reads numbers, strings, tuples, lists, dicts, sets, booleans and None, and nothing else.
A call whose whole text is a constant, or made of constants and numbers, is left alone, as are tests and, because they
run code on purpose, calls that give names along; an empty ``__builtins__`` among them is no sandbox, though, and is
found, but where code is given that was compiled elsewhere. Code compiled from a syntax tree is left alone, because the
tree shows what it does, and so is what a script takes from its own command line, what comes out of a table of the
module or was found among constants, what is named as the source or code of something, as that is written to be run,
and what a console of ``code`` or a class with evaluation in its name runs, as it is there to do.

The fix replaces ``eval`` by ``ast.literal_eval``, where that may be all there is. It changes behaviour
on purpose: expressions that are not literals raise ValueError.

Source: CWE-95, improper neutralization of directives in dynamically evaluated code.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import renaming
from coding_agent.analysis.expressions import (
    DEPTH,
    argument,
    bindings,
    in_tests,
    is_fixed,
    is_literal,
    is_of_module,
    last_name,
    value,
    words,
)
from coding_agent.analysis.finding import Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import same

_CONSOLES = {"code.InteractiveConsole", "code.InteractiveInterpreter"}
_TREES = {"tree", "ast"}
_CODE = {"code", "compiled", "bytecode"}
_SOURCES = {"code", "source", "src"}


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if not node.args or isinstance(node.args[0], ast.Constant) or in_tests(context.path):
        return
    if _is_from_tree(node.args[0], context) or _is_typed(node, context):
        return
    if _is_looked_up(node.args[0], context) or _is_among_constants(node, context) or _evaluates(node, context):
        return
    if _is_source(node.args[0]) or is_fixed(node.args[0], context, 2 * DEPTH):
        return
    if len(node.args) == 1 and not node.keywords:
        yield context.finding(node, "eval() runs whatever its text says", lambda: _fix(node, context))
    elif _hides_builtins(argument(node, 1, "globals")) and not _is_compiled(node.args[0]):
        yield context.finding(node, "eval() without __builtins__ is no sandbox: objects lead to everything")


def _is_from_tree(node: ast.expr, context: Context) -> bool:
    code = value(node, context)
    if not isinstance(code, ast.Call) or context.qualified(code.func) != "builtins.compile" or not code.args:
        return False
    tree = value(code.args[0], context)
    if not _TREES.isdisjoint(words(last_name(tree))):
        return True
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


def _is_looked_up(node: ast.expr, context: Context) -> bool:
    """Whether a text is an entry of a table that stands in the module."""
    table = value(node, context)
    if not isinstance(table, ast.Subscript):
        return False
    while isinstance(table, ast.Subscript):
        table = table.value
    return isinstance(table, ast.Name) and is_of_module(table, context)


def _is_source(node: ast.expr) -> bool:
    """Whether a name says of what a text is the source or code: somebody has written it to be run."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
        node = node.func.value
    said = words(node.id) if isinstance(node, ast.Name) else ()
    return len(said) > 1 and said[-1] in _SOURCES


def _is_among_constants(node: ast.Call, context: Context) -> bool:
    """Whether the call stands where its text was found among constants."""
    inner: ast.AST = node
    for above in context.ancestors(node):
        if isinstance(above, ast.If) and any(inner is each for each in above.body):
            match above.test:
                case ast.Compare(
                    left=left, ops=[ast.In()], comparators=[ast.Tuple() | ast.List() | ast.Set() as known]
                ):
                    if same(left, node.args[0]) and all(isinstance(each, ast.Constant) for each in known.elts):
                        return True
                case _:
                    pass
        inner = above
    return False


def _evaluates(node: ast.Call, context: Context) -> bool:
    """Whether the class around is there to run what it is given."""
    owner = context.owner
    if owner is not None and ("eval" in owner.name.lower() or not _CONSOLES.isdisjoint(owner.bases)):
        return True
    around = (above for above in context.ancestors(node) if isinstance(above, ast.ClassDef))
    return any(
        "eval" in each.name.lower() or any(context.qualified(base) in _CONSOLES for base in each.bases)
        for each in around
    )


def _is_compiled(node: ast.expr) -> bool:
    """Whether an attribute says that it holds code, not text."""
    return isinstance(node, ast.Attribute) and not _CODE.isdisjoint(words(node.attr))


def _hides_builtins(names: ast.expr | None) -> bool:
    return isinstance(names, ast.Dict) and any(is_literal(key, "__builtins__") for key in names.keys)


def _may_be_literal(node: ast.Call, context: Context) -> bool:
    """Whether a literal may be evaluated: what is put together here is code, and literals have methods only."""
    text, above = node.args[0], context.parent(node)
    bound = bindings(text, context) if isinstance(text, ast.Name) else None
    if any(isinstance(each, ast.Starred | ast.BinOp | ast.JoinedStr) for each in (bound.bases if bound else [text])):
        return False
    return not isinstance(above, ast.Attribute) or isinstance(context.parent(above), ast.Call)


def _fix(node: ast.Call, context: Context) -> Fix | None:
    if not _may_be_literal(node, context):
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
        Example(
            "code put together",
            before="def describe(name):\n    key = 'shapes.' + name\n    return $0eval(key)$0.__doc__\n",
        ),
        Example("an attribute is set", before="def describe(key, text):\n    $0eval(key)$0.__doc__ = text\n"),
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
            "compiled from what is called a tree",
            before=(
                "def run(tree, names):\n    code = compile(tree, 'text', 'eval')\n"
                "    return eval(code, {'__builtins__': {}}, names)\n"
            ),
        ),
        Example(
            "from one's own command line",
            before="import sys\n\nif __name__ == '__main__':\n    print([eval(each) for each in sys.argv[1:]])\n",
        ),
        Example(
            "out of a table",
            before="_NAMES = {'sin': 'rs_sin'}\n\n\ndef find(kind):\n    return eval(_NAMES[str(kind)])\n",
        ),
        Example(
            "out of a table that is given",
            before="import ast\n\n\ndef find(names, kind):\n    return $0eval(names[kind])$0\n",
            after="import ast\n\n\ndef find(names, kind):\n    return ast.literal_eval(names[kind])\n",
        ),
        Example(
            "found among constants",
            before=(
                "import os\n\n\ndef debug():\n    text = os.getenv('DEBUG', 'False')\n"
                "    if text in ('True', 'False'):\n        return eval(text)\n    raise ValueError(text)\n"
            ),
        ),
        Example(
            "a console",
            before=(
                "from code import InteractiveConsole\n\n\nclass Shell(InteractiveConsole):\n"
                "    def help(self, text):\n        eval('pydoc.help(%s)' % text)\n"
            ),
        ),
        Example(
            "what the class is for",
            before=(
                "class DelayedEval:\n    def __init__(self, text):\n        self.text = text\n\n"
                "    def fix(self):\n        return eval(self.text)\n"
            ),
        ),
        Example(
            "compiled elsewhere",
            before=(
                "class Expression:\n    def __init__(self, code):\n        self._code = code\n\n"
                "    def go(self, names):\n        return eval(self._code, {'__builtins__': {}}, names)\n"
            ),
        ),
        Example(
            "made of constants and numbers",
            before=(
                "def turn(count):\n    names = [f'v{each}' for each in range(count)]\n"
                "    return eval(f\"lambda {','.join(names)}: ({','.join(names[1:] + names[:1])})\")\n"
            ),
        ),
        Example("written to be run", before="def start(kernel_source):\n    return eval(kernel_source.strip())\n"),
        Example(
            "code from anywhere",
            before="import ast\n\n\ndef run(code):\n    return $0eval(code)$0\n",
            after="import ast\n\n\ndef run(code):\n    return ast.literal_eval(code)\n",
        ),
        Example("a constant text", before="three = eval('1 + 2')\n"),
        Example("another eval", before="from pandas import eval\n\n\ndef run(text):\n    return eval(text)\n"),
    ),
)
