"""Code that looks like a bug and is none, as it is found in libraries and in the standard library: nothing is said."""

import pytest

from coding_agent.analysis.file import Analyser
from coding_agent.analysis.registry import all_rules, family, rule
from coding_agent.analysis.ruleset import Selection, select
from coding_agent.ide.check import check_text

SILENT = [
    ("modified-while-iterated", "for x in self:\n    self.clear(x)\n"),
    (
        "modified-while-iterated",
        (
            "for x in xs:\n    for y in ys:\n        if y:\n            xs.remove(x)\n"
            "            break\n    return_(x)\n    break\n"
        ),
    ),
    ("modified-while-iterated", "for k in d:\n    d = dict(d)\n    del d[k]\n"),
    ("modified-while-iterated", "for x in reversed(xs):\n    xs.remove(x)\n"),
    ("loop-variable-reused", "for i in a:\n    for i in f(i):\n        g(i)\n    h(i)\n"),
    ("loop-variable-reused", "for i in a:\n    for i in b:\n        g(i)\n    i = 3\n    h(i)\n"),
    ("loop-variable-reused", "for i in a:\n    def f():\n        for i in b:\n            g(i)\n    h(i)\n"),
    ("loop-variable-reused", "for _ in a:\n    for _ in b:\n        g()\n    h(_)\n"),
    ("repeated-condition", "if 0:\n    a()\nelif 0:\n    b()\n"),
    ("repeated-condition", "if x:\n    a()\nelse:\n    if y:\n        b()\n    elif z:\n        c()\n"),
    ("repeated-operand", "x = 1 and 1\ny = f() or f()\n"),
    ("lost-default", "del d.get(k, {})[x]\n"),
    ("lost-default", "x = d.get(k, []).append\n"),
    ("lost-default", "d.get(k, [1]).append(2)\n"),
    ("arguments-not-formatted", "print('  %reload_ext', name)\n"),
    ("arguments-not-formatted", "print('%s', *names)\n"),
    ("arguments-not-formatted", "raise Problem('%s', name)\n"),
    ("tuple-without-comma", "if c in ('abc'\n         'def'):\n    pass\n"),
    ("tuple-without-comma", "if c in ('a, b'):\n    pass\n"),
    ("tuple-without-comma", "x = f(args=g('a'))\n"),
    ("endless-recursion", "def fun(x, fun=fun):\n    return fun(x)\n"),
    ("endless-recursion", "class A:\n    def f(self):\n        return self.inner.f()\n"),
    ("endless-recursion", "class A:\n    @property\n    def x(self):\n        if self.y:\n            return self.x\n"),
    ("endless-recursion", "class A:\n    @functools.wraps(f)\n    def x(self):\n        return self.x()\n"),
    ("endless-recursion", "class A:\n    def __str__(self):\n        return f'{self!r}'\n"),
    ("repeated-mutable", "def f(n):\n    self.buffer = [[None]] * n\n"),
    ("repeated-mutable", "def f(n):\n    rows = [[]] * n\n    rows[0] = [1]\n"),
    ("always-true-test", "if iter(x) and y:\n    pass\n"),
    ("result-ignored", "''.encode('idna')\n"),
    ("result-ignored", "def f(self):\n    self.strip()\n    other.replace(1, 2)\n"),
    ("result-ignored", "def test_order(x):\n    sorted(x)\n"),
    ("missing-f-prefix", "def f(unit):\n    raise Custom('{unit} is bad', {'unit': unit})\n"),
    ("missing-f-prefix", "def f(unit):\n    log.info('{unit}', unit=unit)\n"),
    ("missing-f-prefix", "def f(unit):\n    '''{unit}'''\n    return 1\n"),
    ("surprising-chain", "if a[0] == a[-1] in ('\"', \"'\"):\n    pass\n"),
    ("overwritten-value", "def test_setter(box):\n    box.x = a\n    box.x = b\n"),
    ("overwritten-value", "x = first()\nx = second()\n"),
    ("overwritten-value", "def f(x):\n    x.a = x.b\n    x.a = x.a.c\n"),
    ("unreachable-code", "def f():\n    raise NotImplementedError\n    yield\n"),
    ("unreachable-code", "def f():\n    return 1\n    assert False\n"),
    ("invalid-regex", "import re\nwith self.assertRaises(re.error):\n    re.compile('(')\n"),
    ("invalid-regex", "import re\nre.compile('(', flags)\n"),
    ("assert-true-compares", "self.assertTrue(isclose(a, b), (a, b))\n"),
    ("callback-called", "import threading\nthreading.Thread(target=make_worker()).start()\n"),
    ("callback-called", "import threading\nthreading.Thread(target=Worker()).start()\n"),
    ("loop-runs-once", "for x in xs:\n    if x:\n        y = x\n    return y\n"),
    ("loop-runs-once", "for x in xs:\n    if x:\n        return x\n    else:\n        continue\n"),
    ("iterator-used-twice", "def f(xs):\n    it = map(str, xs)\n    first = next(it)\n    return list(it)\n"),
    (
        "iterator-used-twice",
        "def f(xs, a):\n    it = map(str, xs)\n    if a:\n        return list(it)\n    return set(it)\n",
    ),
    (
        "iterator-used-twice",
        "def f(xs):\n    for x in xs:\n        it = map(str, x)\n        for y in it:\n            g(y)\n",
    ),
    (
        "iterator-used-twice",
        (
            "def f(xs):\n    it = (x for x in xs)\n    while True:\n        for x in it:\n"
            "            g(x)\n        break\n"
        ),
    ),
    (
        "lock-not-released",
        "def f(self):\n    self.lock.acquire()\n    try:\n        g()\n    finally:\n        self.lock.release()\n",
    ),
    ("lock-not-released", "def f(pool):\n    pool.acquire()\n    g()\n    pool.release()\n"),
    ("none-used-as-value", "def f(rows):\n    return rows.sort()\n"),
    ("none-used-as-value", "def f():\n    rows = []\n    return rows.append(1)\n"),
    ("raise-without-from", "try:\n    f()\nexcept E as e:\n    raise Other('no')\n"),
    ("task-not-kept", "import asyncio\nasyncio.create_task(f()).add_done_callback(g)\n"),
    ("slice-length-mismatch", "x = a[i:] == 'abc'\ny = a[-3:2] == 'abc'\nz = a[::2] == 'abc'\n"),
    (
        "cleanup-not-in-finally",
        "from contextlib import contextmanager\n\n\n@contextmanager\ndef f():\n    yield\n    commit()\n",
    ),
    ("half-protocol", "class A(Base):\n    def __enter__(self): ...\n\n    def close(self): ...\n"),
    (
        "method-as-condition",
        "class A:\n    @cached\n    def f(self): ...\n\n    def g(self):\n        if self.f: ...\n",
    ),
    (
        "base-init-not-called",
        "import threading\n\n\nclass A(threading.Thread):\n    def run(self): ...\n\n    def x(self): ...\n",
    ),
    (
        "property-of-other",
        "class A:\n    def __init__(self, timeout):\n        self._timeout = self._deadline = timeout\n\n"
        "    @property\n    def timeout(self):\n        return self._timeout\n\n"
        "    @property\n    def deadline(self):\n        return self._timeout\n",
    ),
]


@pytest.mark.parametrize(("name", "text"), SILENT, ids=[f"{name} {index}" for index, (name, _) in enumerate(SILENT)])
def test_nothing_is_said(name: str, text: str) -> None:
    analyser = Analyser(select([rule(name)], Selection(only=(name,))))
    assert check_text("src/module.py", text, analyser).diagnostics == ()
    assert not analyser.failed


def test_every_silence_belongs_to_a_rule_that_can_speak() -> None:
    assert {name for name, _ in SILENT} <= {
        each.name for each in all_rules() if family(each.name) in ("bugs", "dead_code")
    }


def test_broken_and_odd_code_fails_no_rule() -> None:
    odd = (
        "class A:\n    def f(): pass\n    def g(*, a): pass\n    @property\n"
        "    def h(): return h\n\n\ndef f(): return f\n\n\n"
        "for x in y: pass\nelse: pass\nfor x.a[0] in x.a: del x.a[0]\nfor [x, *y] in {}: pass\nlambda: (yield)\n"
        "async def g():\n    async for x in y: pass\n    async with a as b, c: pass\n"
        "    return [x async for x in y]\n\n\n"
        "try: pass\nexcept* E as e: raise F(e)\n\nmatch x:\n"
        "    case {'a': 1, **b} | [1, *_] if b: pass\n    case A(b=1) as c: pass\n\n\n"
        "x = y = z = 1\nx: int\nx[1:2, ...] = 3\nx @= y\nprint(*a, **b)\nos.path.join()\nrange()\nre.sub()\nsorted()\n"
        "open(file=x)\nd.get()\nx.acquire()\nasyncio.create_task()\nself.assertTrue()\n"
        "threading.Thread(*a)\nimport re, os.path\n"
        "from a import *\nre.compile(*a)\nre.compile('(' * 9)\nx = f'{x!r:>{y}}' 'z'\n"
        "if (x := 1) and (x := 1): pass\nglobal z\n"
    )
    analyser = Analyser(select(all_rules(), Selection(more=tuple(each.name for each in all_rules()))))
    check_text("src/module.py", odd, analyser)
    assert analyser.failed == []
