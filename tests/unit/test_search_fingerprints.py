"""Fingerprints of functions: what survives of a shape, and what does not."""

import re

import pytest

from coding_agent.search.fingerprints import SAME, attributes, fingerprint, may_be_alike, similarity

PRICES = '''def total(self, items, rate=0):
    """The price of all items."""
    result = 0
    dear = None
    for item in items:
        if item.price > 100 and not item.free:
            dear = f"{item.name!r} at {rate}"
        else:
            result += item.price
    return rounded(result), dear
'''
RENAMED = """def sum_up(self, result, dear=0):
    x = 0
    item = None
    for each in result:
        if each.price > 100 and not each.free:
            item = f"{each.name!r} at {dear}"
        else:
            x += each.price
    return rounded(x), item
"""


def alike(one: str, other: str) -> float:
    first, second = fingerprint(one), fingerprint(other)
    assert first is not None
    assert second is not None
    return similarity(first, second)


SWAPPED = PRICES.replace(
    """        if item.price > 100 and not item.free:
            dear = f"{item.name!r} at {rate}"
        else:
            result += item.price
""",
    """        if item.price <= 100 or item.free:
            result += item.price
        else:
            dear = f"{item.name!r} at {rate}"
""",
)
TEXT = 'f"{item.name!r} at {rate}"'


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(RENAMED, id="renamed"),
        pytest.param("".join(f"    {line}\n" for line in PRICES.splitlines()), id="a method"),
        pytest.param(
            PRICES.replace("    result = 0\n", "").replace("None\n", "None\n    result = 0\n"), id="reordered"
        ),
        pytest.param(PRICES.replace("items, rate=0", "items: list[Item], rate: int = 0x0"), id="annotated"),
        pytest.param(PRICES.replace("    dear = N", "    # no\n\n    dear: str = N"), id="reformatted"),
        pytest.param(PRICES.replace("result += item.price", "result = result + item.price"), id="augmented"),
        pytest.param(SWAPPED, id="branches swapped"),
        pytest.param(PRICES.replace(TEXT, '"{!r} at {}".format(item.name, rate)'), id="format"),
        pytest.param(PRICES.replace(TEXT, "'%r at %s' % (item.name, rate)"), id="percent"),
        pytest.param(PRICES.replace("    return", "    self._log.debug('%s', result)\n    return"), id="logged"),
    ],
)
def test_the_same_in_other_words(other: str) -> None:
    assert other != PRICES
    assert alike(PRICES, other) == pytest.approx(1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("+= item", "-= item"),
        ("> 100", ">= 100"),
        ("> 100", "> 10"),
        (" and not ", " or not "),
        ("not item.free", "item.free"),
        ("rounded(", "floor("),
        (".price\n", ".cost\n"),
        ("(result), dear", "(dear), result"),
        ("{rate}", "{rate:>3}"),
        ("!r", ""),
        ("    return", "        return"),
        ("for item in items", "for item in GIVEN"),
        ("rate=0", "rate=1"),
        ("rounded(result)", "await_(result)"),
    ],
)
def test_another_meaning(old: str, new: str) -> None:
    assert PRICES.count(old) > 0
    assert alike(PRICES, PRICES.replace(old, new)) < SAME


def test_a_little_more_is_still_near() -> None:
    body = "".join(f"    part{n} = left.take{n}(right.size, {n})\n" for n in range(12))
    code = f"def f(left, right):\n{body}    return part0\n"
    assert SAME < alike(code, code.replace("    return", "    right.close()\n    return")) < 1


def test_async_is_another_header_and_awaiting_another_call() -> None:
    assert alike(PRICES, f"async {PRICES}") < 1
    assert alike(PRICES, f"async {PRICES}".replace("rounded", "await rounded")) < alike(PRICES, f"async {PRICES}")


def test_a_local_that_is_called_and_one_that_is_imported() -> None:
    code = (
        "def f(work, times):\n    from os import path\n    for n in range(times):\n"
        "        work(path.join(n, times), n)\n    return work(times, 3)\n"
    )
    assert alike(code, code.replace("work", "run")) == pytest.approx(1)
    assert alike(code, code.replace("path", "sep")) < SAME
    assert alike(code, code.replace("from os", "from posix")) < SAME


def test_globals_are_no_locals() -> None:
    code = (
        "def f(value):\n    global last\n    last = value\n    told(last, value, LIMIT)\n"
        "    return told(last, [value, told(1, value)], LIMIT + value)\n"
    )
    assert alike(code, code.replace("last", "first")) < SAME
    assert alike(code, code.replace("value", "other")) == pytest.approx(1)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "\n",
        "   \n",
        "def f(self):\n    return self._x\n",
        "def f(): pass\n",
        "def f(:\n    x(\n",
        "class A:\n    ...\n",
    ],
)
def test_what_is_tiny_says_nothing(code: str) -> None:
    assert fingerprint(code) is None


def test_broken_code_is_compared_by_its_tokens() -> None:
    broken, renamed = (code.replace("not ", "not not (") for code in (PRICES, RENAMED))
    one = fingerprint(broken)
    assert one is not None
    assert one.broken
    for code, is_same in ((renamed, True), (RENAMED.replace("+=", "-=").replace("rounded", "floor"), False)):
        other = fingerprint(code, broken=True)
        assert other is not None
        assert (similarity(one, other) > 0.3) is is_same
    whole = fingerprint(PRICES)
    assert whole is not None
    assert similarity(one, whole) == 0


@pytest.mark.parametrize("text", ["\ud800", "\x0c", "é𝕏", "\\N{BULLET}", "{", "%", "{0:{1}}"])
def test_odd_characters(text: str) -> None:
    code = PRICES.replace("at {rate}", f"{text.replace('{', '{{').replace('}', '}}')} {{rate}}").replace(
        "dear", "teuer_é"
    )
    assert alike(code, code.replace("teuer_é", "𝕏x")) == pytest.approx(1)
    fingerprint(code.replace("if", "if \0"))


def test_all_that_python_has_is_walked() -> None:
    code = """@register(name="x")
async def f(a, /, b, *c, d=1, **e):
    async with open_it(a) as g, b:
        async for h, *i in g:
            match h:
                case {"k": j, **rest} if j > 1:
                    yield j, rest
                case [k, *_] | Point(x=k):
                    del a[k:1, ...]
                case None:
                    raise Gone(k) from None
    try:
        assert (n := await c[0]), "no"
    except* (OSError, ValueError) as error:
        e.update({**e, "w": error})
    else:
        nothing = lambda q, *r: q @ ~r
    finally:
        class Inner(Base, metaclass=Meta):
            z: int
            w: int = 3
    while 1 < b < 3 and not b:
        b |= {v for v in c if v if not v}
        continue
    return
"""
    names = ["a", "b", "c", "d", "e", "g", "h", "i", "j", "rest", "k", "n", "error", "nothing", "q", "r", "v"]
    renamed = code
    for name in names:
        renamed = re.sub(rf"(?<![\w\".]){name}\b(?!\")", f"other_{name}", renamed)
    assert alike(code, renamed.replace("case other_k:", "case k:")) == pytest.approx(1)
    assert alike(code, code.replace("raise Gone", "raise Lost")) < 1


def test_attributes_tell_without_parsing() -> None:
    assert attributes("a.b(c.d.e, 1.5e3, ....f)\nlog.debug(x)\n'{}'.format(y)") == {"b", "d", "e"}
    assert may_be_alike(frozenset("abcd"), frozenset("abce"))
    assert not may_be_alike(frozenset("abcd"), frozenset("abef"))
    assert may_be_alike(frozenset(), frozenset("a"))
