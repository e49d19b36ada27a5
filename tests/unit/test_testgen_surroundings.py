"""Tests that differ in what stands in for the world: they share a table, are named by it, and show no more of it."""

import time

from coding_agent.testgen.inside.model import Act, Arg, Candidate, Check, Patch
from coding_agent.testgen.inside.shrink import shrink
from coding_agent.testgen.tables import sort

_GET = "lambda *args, **kwargs: SimpleNamespace(headers={'a': '1', 'countries': 1}, status_code=%d)"


def fetching(status: int, match: str = "") -> Candidate:
    """``fetch("abc")`` that is answered with a status and raises."""
    patch = Patch("app.requests", "get", _GET % status)
    return Candidate(
        "fetch",
        (),
        Act("call", "fetch", (Arg("", "'abc'"),)),
        (patch,),
        checks=(Check("raises", "", "ApiError", match),),
    )


def loading(value: str, gives: str = "True") -> Candidate:
    """``load()`` with ``DEBUG`` set in the environment."""
    patch = Patch("", "DEBUG", repr(value), "setenv")
    return Candidate("load", (), Act("call", "load"), (patch,), checks=(Check("is", "result", gives),))


def test_a_test_is_named_by_the_answer_that_was_refused():
    assert [test.name for test in sort([fetching(401)], {}).tests] == ["test_fetch_rejects_unauthorized_answer"]


def test_an_answer_of_success_names_nothing():
    assert [test.name for test in sort([fetching(204)], {}).tests] == ["test_fetch_rejects_abc"]


def test_statuses_of_one_outcome_are_rows_of_one_table():
    [test] = sort([fetching(401, "status 401"), fetching(404, "status 404")], {}).tests

    assert test.columns == ("status_code", "message")
    assert [row.codes for row in test.rows] == [("401", "status 401"), ("404", "status 404")]
    assert "status_code=status_code" in test.candidate.patches[0].code
    assert test.cases == (fetching(401, "status 401"), fetching(404, "status 404"))


def test_a_failure_outside_is_the_condition():
    patch = Patch("app.requests", "get", "mock.Mock(side_effect=TimeoutError('late'))")
    given = Candidate("fetch", (), Act("call", "fetch"), (patch,), checks=(Check("is", "result", "None"),))

    assert [test.name for test in sort([given], {}).tests] == ["test_fetch_returns_none_when_get_raises_timeout_error"]


def test_a_variable_of_the_environment_is_the_condition():
    assert [test.name for test in sort([loading("1")], {}).tests] == ["test_load_returns_true_with_debug_one"]


def test_values_of_a_variable_are_rows_of_one_table():
    [test] = sort([loading("1"), loading("yes")], {}).tests

    assert test.columns == ("debug",)
    assert [row.codes for row in test.rows] == [("'1'",), ("'yes'",)]
    assert test.candidate.patches == (Patch("", "DEBUG", "debug", "setenv"),)


def test_pairs_of_an_answer_that_nothing_needs_go_but_its_status_stays():
    def worth(smaller: Candidate) -> Candidate | None:
        return smaller if smaller.patches and smaller.act.args and "'a': '1'" in smaller.patches[0].code else None

    found = shrink(fetching(401), worth, time.monotonic() + 20)

    assert found.patches[0].code == _GET.replace(", 'countries': 1", "") % 401
