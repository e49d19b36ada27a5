"""Calls found in docstrings and handed in."""

from coding_agent.testgen.inside.texts import examples, from_seed


def test_a_session_gives_its_calls_with_what_they_need() -> None:
    found = examples(">>> cache = LRU(2)\n>>> cache['a'] = 1\n>>> other = 5\n>>> cache.get('a', default=0)\n1\n")
    (get,) = [example for example in found if example.callee == "cache.get"]
    assert get.places == ("'a'",)
    assert get.keywords == (("default", "0"),)
    assert get.arrange == ("cache = LRU(2)", "cache['a'] = 1")


def test_a_name_bound_anew_needs_only_its_last_value() -> None:
    found = examples(
        ">>> import datetime as dt\n>>> d = dt.timedelta(1)\n>>> f(d)\n>>> d = dt.timedelta(2)\n>>> f(d)\n"
    )
    assert found[-1].arrange == ("d = dt.timedelta(2)",)
    assert found[-1].imports == ("import datetime as dt",)


def test_calls_in_prose_are_found() -> None:
    assert [example.whole for example in examples("Use ``clamp(5, low=1)`` to limit.")] == ["clamp(5, low=1)"]


def test_calls_with_a_result_behind_them_are_found() -> None:
    found = examples("*Examples:*\n\n    is_url('http://a.de') # returns true\n")
    assert found[0].places == ("'http://a.de'",)


def test_a_method_of_an_object_made_on_the_spot() -> None:
    first, made = sorted(examples(">>> shop.Cart('me').first(2)\n"), key=lambda one: one.callee)
    assert (made.callee, made.whole) == ("shop.Cart", "shop.Cart('me')")
    assert (first.callee, first.places, first.arrange) == ("cart.first", ("2",), ("cart = shop.Cart('me')",))


def test_prose_alone_gives_nothing() -> None:
    assert examples("Return the value (if any).") == []


def test_a_call_site_is_read_by_place_and_name() -> None:
    seed = {
        "target": "parse",
        "args": ["'1.2'", "strict=True", "a == b"],
        "arrange": [],
        "imports": [],
        "origin": "call site",
    }
    example = from_seed(seed)
    assert example.places == ("'1.2'", "a == b")
    assert example.keywords == (("strict", "True"),)
