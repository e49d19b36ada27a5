"""Whether a new function is there already: what is found under which reason, and when nothing is said."""

import ast

import pytest

from coding_agent.search.canonical import canonical
from coding_agent.search.exists import Why
from coding_agent.search.fingerprints import fingerprint_of, similarity
from support.new_functions import known_of

SLUG = '''def slugify(title, limit=50):
    """What stands in an address."""
    words = []
    for word in title.lower().split():
        if word.isalnum() and word not in STOP:
            words.append(word)
    return "-".join(words)[:limit]
'''
RENAMED = """def address_of(heading, most=50):
    parts = []
    for each in heading.lower().split():
        if each.isalnum() and each not in STOP:
            parts.append(each)
    return "-".join(parts)[:most]
"""
METHOD = "".join(f"    {line}\n" for line in RENAMED.replace("(heading", "(self, heading").splitlines())


def why(code: str, name: str = "address_of", *, path: str = "blog/post.py", there: str = SLUG) -> str:
    (known,) = known_of({"web/text.py": there}, path, [(name, code)])
    return "" if known is None else f"{known.why.value} {known.hit.path}:{known.hit.at} {known.hit.name}"


DOES = "does web/text.py:1 slugify"


def test_other_names_are_the_same_function() -> None:
    assert why(RENAMED) == DOES


def test_what_is_begun_says_so() -> None:
    lines = RENAMED.splitlines(keepends=True)
    assert why("".join(lines[:-1])) == "begins web/text.py:1 slugify"
    assert why("".join([*lines[:-1], "    return '-'.join(par"])) == "begins web/text.py:1 slugify"
    assert why("".join(lines[:2])) == ""


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("def address_of(heading, most=50):\n", id="a header"),
        pytest.param("def address_of(heading, most=50):\n    return heading\n", id="small"),
        pytest.param("x = 1\n", id="no function"),
        pytest.param("", id="nothing"),
        pytest.param(RENAMED.replace("and each not in", "or each in"), id="another condition"),
        pytest.param(f"@overload\n{RENAMED}", id="an overload"),
    ],
)
def test_nothing_is_said(code: str) -> None:
    assert why(code) == ""


def test_tests_are_left_alone() -> None:
    assert why(RENAMED, path="tests/test_post.py") == ""
    (known,) = known_of({"tests/test_text.py": SLUG}, "blog/post.py", [("address_of", RENAMED)])
    assert known is None


def test_special_methods_are_left_alone() -> None:
    assert why(METHOD.replace("address_of", "__call__"), "Post.__call__") == ""


def test_a_function_is_not_itself() -> None:
    assert why(SLUG, "slugify", path="web/text.py") == ""
    assert why(RENAMED, "address_of", path="web/text.py") == DOES


def test_the_surest_reason_counts() -> None:
    longer = SLUG.replace("def slugify", "def longer").replace("[:limit]\n", "[:limit]\n    return None\n")
    assert why(RENAMED, there=f"{longer}\n\n{SLUG}").endswith(" slugify")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            "if a(x):\n        return b(x)\n    return c(x)",
            "if not a(x):\n        return c(x)\n    else:\n        return b(x)",
            id="early return",
        ),
        pytest.param(
            "y = []\n    for z in x:\n        if a(z):\n            y.append(b(z))\n    return y",
            "return [b(z) for z in x if a(z)]",
            id="a list",
        ),
        pytest.param(
            "y = []\n    for z in x:\n        if a(z):\n            continue\n        y.append(b(z))\n    return y",
            "return [b(z) for z in x if not a(z)]",
            id="continue",
        ),
        pytest.param(
            "y = {}\n    for z in x:\n        y[a(z)] = b(z)\n    return y",
            "return {a(z): b(z) for z in x}",
            id="a table",
        ),
        pytest.param(
            "y = 0\n    for z in x:\n        y += b(z)\n    return y", "return sum(b(z) for z in x)", id="a sum"
        ),
        pytest.param(
            "for z in x:\n        if b(z):\n            return True\n    return False",
            "return any(b(z) for z in x)",
            id="any",
        ),
        pytest.param(
            "for z in x:\n        if not b(z):\n            return False\n    return True",
            "return all(b(z) for z in x)",
            id="all",
        ),
        pytest.param("return c(b(a(x)))", "y = a(x)\n    z = b(y)\n    return c(z)", id="names used once"),
        pytest.param("return a(x) if b(x) else c(x)", "if b(x):\n        return a(x)\n    return c(x)", id="a choice"),
        pytest.param("return ','.join([a(z) for z in x])", "return ','.join(a(z) for z in x)", id="a generator"),
        pytest.param(
            "try:\n        y = a(x)\n        return b(y)\n    except E:\n        return c(x)",
            "try:\n        return b(a(x))\n    except E:\n        return c(x)",
            id="in a try",
        ),
    ],
)
def test_what_can_be_said_in_two_ways_has_one_form(one: str, other: str) -> None:
    assert shape(one) == shape(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("y = a(x)\n    b(y)\n    return y", "b(a(x))\n    return a(x)", id="used twice"),
        pytest.param(
            "y = []\n    for z in x:\n        if z in y:\n            y.append(z)\n    return y",
            "return [z for z in x if z in y]",
            id="reads what it fills",
        ),
        pytest.param(
            "if a(x):\n        b(x)\n    return c(x)",
            "if a(x):\n        b(x)\n    else:\n        return c(x)",
            id="goes on behind",
        ),
        pytest.param(
            "for z in x:\n        if b(z):\n            return True\n    return False",
            "return all(b(z) for z in x)",
            id="any is not all",
        ),
    ],
)
def test_what_is_something_else_stays_so(one: str, other: str) -> None:
    assert shape(one) != shape(other)


def shape(body: str) -> object:
    (function,) = ast.parse(f"def f(x):\n    {body}\n    # {'.' * 20}\n").body
    assert isinstance(function, ast.FunctionDef)
    canonical(function)
    # What is compared must be large enough to say anything.
    more = ast.parse("p(q(r(s(1, 2, 3), 4, 5), 6, 7), 8, 9, 10)").body
    made = fingerprint_of([*function.body, *more])
    assert made is not None
    assert similarity(made, made) == 1
    return made


SIZES = {
    "there": """def fitting_size(image, limit):
    \"\"\"The size of an image that fits.\"\"\"
    ratio = min(limit / image.width, limit / image.height, 1)
    return round(image.width * ratio), round(image.height * ratio)
""",
    "new": """def size_fitting(image, limit):
    \"\"\"The size of an image that fits.\"\"\"
    width, height = image.width, image.height
    while max(width, height) > limit:
        width, height = width // 2, height // 2
    return width, height
""",
}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("", "", "may", id="the same parts of a name"),
        pytest.param("def size_fitting", "def size_shown", "", id="another name"),
        pytest.param("image, limit", "image, most", "", id="other parameters"),
        pytest.param("def size", "@hook\ndef size", "", id="called by its name"),
    ],
)
def test_name_parameters_and_meaning_may_say_so(old: str, new: str, expected: str) -> None:
    pytest.importorskip("numpy")
    from coding_agent.search.index import Index
    from coding_agent.search.reading import reader

    code = SIZES["new"].replace(old, new) if old else SIZES["new"]
    name = code.partition("def ")[2].partition("(")[0]
    files = {"pictures.py": SIZES["there"]}
    (known,) = known_of(files, "page.py", [(name, code)], index=Index(reader(True).encoder))
    assert (known.why.value if known else "") == expected


def test_reasons_are_in_order() -> None:
    assert [each.value for each in Why] == ["does", "begins", "may"]


@pytest.mark.parametrize(
    "deep",
    [
        pytest.param(
            f"def many(title):\n    return title.lower().split() + {' + '.join(['STOP'] * 1000)}\n", id="a sum"
        ),
        pytest.param(
            "def many(title):\n    words = title.lower().split()\n    if not words:\n        return 0\n"
            + "".join(f"    elif words[0] == {each}:\n        return STOP\n" for each in range(600)),
            id="a chain of conditions",
        ),
    ],
)
def test_code_that_is_nested_deeply_takes_nothing_from_the_rest(deep: str) -> None:
    assert why(RENAMED, there=f"{SLUG}\n\n{deep}") == DOES
    assert why(deep, "many_of") == ""
