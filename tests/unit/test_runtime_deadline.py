"""What hangs is left behind when the time is over."""

from threading import Event

from coding_agent.runtime.deadline import Deadline


def test_it_leaves_with_the_code_of_the_last_words() -> None:
    left, codes = Event(), list[int]()
    with Deadline(lambda: 3, lambda code: (codes.append(code), left.set())) as deadline:
        deadline.within(0.0)
        assert left.wait(30)
    assert codes == [3]


def test_last_words_that_never_end_do_not_hold_it() -> None:
    left, codes, never = Event(), list[int](), Event()

    def last() -> int:
        never.wait()
        return 0

    with Deadline(last, lambda code: (codes.append(code), left.set())) as deadline:
        deadline.within(0.0)
        assert left.wait(30)
    never.set()
    assert codes == [1]


def test_nothing_happens_once_it_is_left_and_the_last_time_counts() -> None:
    left, codes = Event(), list[int]()
    with Deadline(lambda: 1, codes.append) as early:
        early.within(3600)
    with Deadline(lambda: 2, lambda code: (codes.append(code), left.set())) as deadline:
        deadline.within(3600)
        deadline.within(0.0)
        assert left.wait(30)
    assert codes == [2]
