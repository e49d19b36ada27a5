"""Newer syntax said in older words: names, parameters and lines are what they were."""

import ast

import pytest

from coding_agent.syntax.older import as_older

READ = {
    "class C[K, V]: pass": "class C: pass",
    "class C[K: (int, str) = int](Base): pass": "class C(Base): pass",
    "def f[T](x: T) -> T: return x": "def f(x: T) -> T: return x",
    "async def f[**P](x): ...": "async def f(x): ...",
    "x = ...\ntype X = int": "x = ...\nX = int",
    "type X[T] = list[T]": "X = list[T]",
    "def f[\n    T,  # one\n](x): pass": "def f\\\n\\\n(x): pass",
    "x = f'{d['a']}' + 'b'": "x = \"\"\"f'{d['a']}'\"\"\" + 'b'",
    'x = f"{a:{"w"}} {{"': 'x = """f\\"{a:{\\"w\\"}} {{\\""""',
    "x = f'{\n  a  # why\n}'": 'x = """f\'{\n  a  # why\n}\'"""',
    "x = t'{a!r}'": 'x = """t\'{a!r}\'"""',
    "x = rf'\\d{a}'": 'x = """rf\'\\\\d{a}\'"""',
    "try: f()\nexcept A, b.C: g()": "try: f()\nexcept (A, b.C): g()",
    "try: f()\nexcept* A, C: g()": "try: f()\nexcept* (A, C): g()",
}


@pytest.mark.parametrize(("newer", "older"), READ.items(), ids=lambda text: text.replace("\n", " "))
def test_newer_syntax_is_read(newer: str, older: str) -> None:
    found = as_older(newer)
    assert found == older
    assert found.count("\n") == newer.count("\n")
    ast.parse(found)


SAME = [
    "type = 1",
    "x = a if type else type",
    "kind.type = b",
    "x = type\nname = 2",
    "print(type)\nx[type]",
    "s = 'class C[T]: type X = f\"{a}\"'",
    "# def f[T](x)",
    "try: f()\nexcept (A, C) as e: g()",
    "try: f()\nexcept f(a, b): g()",
    "def f(x): return x[1]",
    "x = 'not closed",
    "x = (",
    "",
]


@pytest.mark.parametrize("source", SAME, ids=lambda text: text.replace("\n", " "))
def test_what_is_not_newer_stays(source: str) -> None:
    assert as_older(source) == source


def test_a_field_that_does_not_end_leaves_the_text() -> None:
    assert as_older("class C[T]: pass\nx = f'{a'") == "class C[T]: pass\nx = f'{a'"
