"""Texts built at run time, and what of them the program itself fixes."""

import ast

import pytest

from coding_agent.analysis.context import Context, Layout
from coding_agent.analysis.expressions import is_fixed, words
from coding_agent.analysis.texts import Hole, built, written
from coding_agent.analysis.walk import Walk


def _argument(source: str) -> tuple[ast.expr, Context]:
    """The argument of the call of ``use`` in a source, with its context."""
    tree = ast.parse(source)
    context = Context(Layout(source, False), Walk(tree.body, False), {}, None, "a.py", False)
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and context.source(node.func) == "use"]
    return uses[0].args[0], context


def _shown(source: str) -> list[str]:
    """Each text the argument of ``use`` may be, holes in angle brackets, those nobody outside fills in square ones."""
    node, context = _argument(source)
    shown: list[str] = []
    for text in built(node, context):
        still_open = text.open_holes(context)
        shown.append(
            "".join(
                (f"<{context.source(p.node)}>" if p in still_open else f"[{context.source(p.node)}]")
                if isinstance(p, Hole)
                else p
                for p in text.parts
            )
        )
    return shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("def f(x): use(f'a {x} b')", ["a <x> b"]),
        ("def f(x): use('a ' + x)", ["a <x>"]),
        ("def f(x, y): use('a ' + x + 'b' + y.z)", ["a <x>b<y.z>"]),
        ("def f(x): use('a %s %d' % (x, x.y))", ["a <x> [x.y]"]),
        ("def f(x): use('%(a)s %%' % {'a': x})", ["<x> %"]),
        ("def f(x): use('{} {0!r} {y.z}'.format(x, y=x))", ["<x> <x> <x>"]),
        ("def f(x): use('{{}} {:>4}'.format(x))", ["{} <x>"]),
        ("def f(x): use(', '.join(x))", ["<x>"]),
        ("def f(x): use(' '.join(['a', x]))", ["a <x>"]),
        ("def f(x):\n t = f'a {x}'\n use(t)", ["a <x>"]),
        ("def f(x):\n t = 'a'\n t += x\n use(t)", ["a<x>"]),
        ("def f(x):\n t = 'a' if x else 'b' + x\n use(t)", ["b<x>"]),
        ("def f(x, y):\n if y: t = 'a' + x\n else: t = 'c'\n use(t)", ["a<x>"]),
        ("def f(x):\n t = str(x)\n use(f'a{t}')", ["a<t>"]),
        ("def f(x: int): use(f'a {x}')", ["a [x]"]),
        ("def f(x): use(f'a {len(x)} {x:d} {TABLE} {x.LIMIT}')", ["a [len(x)] [x] [TABLE] [x.LIMIT]"]),
        ("def f():\n for x in ('a', 'b'): use(f'{x}')", ["[x]"]),
        ("def f(xs): use('in (%s)' % (', '.join('?' for x in xs),))", ["in ([', '.join('?' for x in xs)])"]),
        ("def f(x):\n t = 'b'\n use('a' + t)", []),
        ("def f(x): use(x)", []),
        ("def f(x): use(x + y)", []),
        ("def f(t): use(t)", []),
        ("def f(x): use('{' .format(x))", []),
        ("def f(x): use('%s %s' % (x,))", []),
    ],
    ids=str,
)
def test_how_a_text_is_built(source: str, shown: list[str]) -> None:
    assert _shown(source) == shown


@pytest.mark.parametrize(
    ("source", "fixed"),
    [
        ("use('a')", True),
        ("def f():\n x = 'a'\n use(x)", True),
        ("def f(x):\n use(x)", False),
        ("def f(y):\n x = 'a'\n x = y\n use(x)", False),
        ("def f(y):\n with y as x: use(x)", False),
        ("def f(y):\n x, z = y\n use(x)", False),
        ("def f():\n for x in range(3): use(x)", True),
        ("def f(y):\n try: x = 1\n except E as x: pass\n use(x)", False),
        ("def f():\n x = 'a'\n def g():\n  nonlocal x\n  x = input()\n use(x)", False),
        ("import sys\nuse(sys.executable)", True),
        ("use(sorted(['a', 'b']))", True),
        ("use(read())", False),
    ],
    ids=str,
)
def test_what_the_program_fixes(source: str, fixed: bool) -> None:
    assert is_fixed(*_argument(source)) is fixed


@pytest.mark.parametrize("text", ["a", 'a "b"', "a 'b'", "a\nb", 'a\n"', "\\", "\x00", "both \" and '", "é🐍", '"""\n'])
def test_a_written_text_reads_the_same(text: str) -> None:
    assert ast.literal_eval(written(text)) == text


def test_words_of_names() -> None:
    assert words("authToken") == words("AUTH_TOKEN") == words("_auth_token") == ("auth", "token")
    assert words("APIKey2") == ("api", "key", "2")
