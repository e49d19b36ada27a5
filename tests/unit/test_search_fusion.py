"""Meaning and words as one order."""

import pytest

np = pytest.importorskip("numpy")

from coding_agent.search.fusion import fused  # noqa: E402


def vector(*values: float) -> object:
    return np.array(values, np.float32)


def test_best_in_both_is_one() -> None:
    assert fused(vector(0.2, 0.5), vector(3.0, 9.0)) == pytest.approx([0.4 * 0.45 + 0.4**3 * 0.2 + 0.35 / 3, 1.0])


def test_units_do_not_matter() -> None:
    near, said = vector(0.1, 0.7, 0.3), vector(1.0, 0.0, 4.0)
    assert fused(near * 3, said * 100) == pytest.approx(fused(near, said))


def test_one_scorer_may_see_nothing() -> None:
    nothing = vector(0.0, 0.0, 0.0)
    assert list(np.argsort(-fused(nothing, vector(1.0, 3.0, 2.0)))) == [1, 2, 0]
    assert list(np.argsort(-fused(vector(0.1, 0.3, 0.2), nothing))) == [1, 2, 0]
    assert not fused(nothing, nothing).any()


def test_what_is_far_is_no_worse_than_nothing() -> None:
    assert fused(vector(-0.5, 0.0, 0.4), vector(0.0, 0.0, 1.0))[0] == 0


def test_no_rows() -> None:
    assert len(fused(vector(), vector())) == 0
