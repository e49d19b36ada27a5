"""Which candidates are kept."""

from dataclasses import dataclass

from coding_agent.testgen.inside.choose import choose, in_order_of_use
from coding_agent.testgen.inside.model import Act, Arg, Candidate, Check


@dataclass(frozen=True)
class Made:
    """A candidate with what choosing looks at."""

    arcs: tuple[int, ...] = ()
    kills: tuple[int, ...] = ()
    code: str = "1"
    origin: str = "search"
    target: str = "f"
    check: str = "equal"
    arranged: tuple[int, ...] = ()

    @property
    def candidate(self) -> Candidate:
        return Candidate(
            self.target,
            (),
            Act("call", self.target, (Arg("", self.code),)),
            origin=self.origin,
            checks=(Check(self.check, "result", "1"),),
            arcs=self.arcs,
            kills=self.kills,
            arranged=self.arranged,
        )


def kept(*made: Made, **options: int) -> list[int]:
    return choose([one.candidate for one in made], **options)


def test_one_that_has_it_all_is_enough() -> None:
    assert kept(Made((1, 2)), Made((1, 2, 3)), Made((3,))) == [1]


def test_one_made_needless_by_later_ones_goes() -> None:
    assert kept(Made((1, 2, 3, 4)), Made((1, 2, 5)), Made((3, 4, 6))) == [1, 2]


def test_kills_are_kept_as_well() -> None:
    assert kept(Made((1,), (7,)), Made((1,), (8,))) == [0, 1]


def test_example_of_the_documentation_wins() -> None:
    assert kept(Made((1,), code="1"), Made((1,), code="'a longer text'", origin="docstring")) == [1]


def test_short_readable_input_wins() -> None:
    assert kept(Made((1,), code="'\\x00ab'"), Made((1,), code="'abcdefgh'"), Made((1,), code="'a'")) == [2]


def test_public_function_wins() -> None:
    assert kept(Made((1, 2), target="_f"), Made((1, 2), target="f", code="'a longer text than that'")) == [1]


def test_weak_check_needs_a_kill() -> None:
    assert kept(Made((1,), check="type")) == []
    assert kept(Made((1,), (4,), check="type")) == [0]


def test_no_function_gets_more_than_somebody_reads() -> None:
    assert kept(*(Made((number,), target="f") for number in range(9)), Made((20,), target="g"), most=3)[-1] == 9
    assert len(kept(*(Made((number,)) for number in range(9)), most=3)) == 3


def test_covered_arcs_need_no_test() -> None:
    assert choose([Made((1, 2)).candidate, Made((3,)).candidate], covered=[1, 2]) == [1]


def test_order_of_use_begins_with_what_arcs_need() -> None:
    made = [Made((1,), code="'x'"), Made((1, 2), code="'much longer'"), Made((3,), code="'long'")]

    assert in_order_of_use([one.candidate for one in made]) == [2, 1, 0]


def test_what_only_an_arrangement_passes_counts_where_no_act_does() -> None:
    through = Made((1, 2), arranged=(2,))

    assert kept(through, Made((2,), code="'a long text'")) == [0, 1]
    assert kept(through, Made((1,), code="'a long text'")) == [0]
