"""Changes tried in real boxes: tests that are there, behaviour on inputs, speed; what a hostile text gets there."""

# ruff: noqa: E501 - a case is a line.

import random
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from coding_agent.assist.alike import behaves_equal, equal
from coding_agent.assist.kept import tests_kept as kept_by_tests
from coding_agent.assist.speed import faster, judged
from coding_agent.assist.trial import UNTRUSTED, Trial, trial_of
from coding_agent.sandbox.box import End, Ended, Ran
from coding_agent.sandbox.spec import Mode
from coding_agent.testgen.boxes import Boxes, Target
from coding_agent.text import Span
from support.answering import Case, answered, meant
from support.sandboxes import no_sandbox

# Boxes side by side on a busy machine are too slow for some of them.
pytestmark = [pytest.mark.soak, pytest.mark.skipif(bool(no_sandbox()), reason=no_sandbox() or "-")]

CART = '''"""A shop."""


def total(prices, discount=0.0):
    """Add up."""
    result = 0
    for price in prices:
        if price is not None:
            result += price
    if discount > 1:
        raise ValueError("too much")
    return result * (1 - discount)


def unique(values):
    result = []
    for value in values:
        if value not in result:
            result.append(value)
    return result


def clamp(x: int, low: int, high: int) -> int:
    if x < low:
        return low
    if x > high:
        return high
    return x


def drained(values: list) -> int:
    count = 0
    while values:
        values.pop()
        count += 1
    return count


def shouted(text: str) -> None:
    print(text.upper())


def evens(numbers: list):
    for number in numbers:
        if number % 2 == 0:
            yield number


async def doubled(x: int) -> int:
    return x + x


class Box:
    def __init__(self, size: int) -> None:
        self.size = size

    def grown(self, by: int) -> int:
        self.size += by
        return self.size


def alone(handle):
    return handle.fileno().as_integer_ratio()
'''
TESTS = """import pytest

from shop.cart import total, unique

CALLS = []


def test_total():
    assert total([1, None, 2]) == 3


@pytest.mark.parametrize("price", [1, 2])
def test_discount(price):
    assert total([price], 0.5) == price / 2


def test_unique():
    assert unique([1, 1]) == [1]


def test_every_second_time():
    CALLS.append(1)
    assert total([]) == 0 and len(CALLS) % 2
"""


class Project:
    """A project on disk with boxes for it; ``trial`` changes the text of one of its functions."""

    def __init__(self, root: Path, mode: Mode = Mode.AUTO) -> None:
        for name, text in {"shop/__init__.py": "", "shop/cart.py": CART, "tests/test_cart.py": TESTS}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        self.root = root
        self.tests = [root / "tests/test_cart.py"]
        self.target = Target(Path(sys.executable), root, "shop.cart", root / "shop/cart.py", (str(root),))
        self.boxes = Boxes(self.target, mode)

    def trial(self, name: str, *changes: tuple[str, str], document: str = CART) -> Trial:
        asked = meant(name, document)
        old = document[asked.span.start : asked.span.stop]
        new = old
        for before, after in changes:
            assert before in new
            new = new.replace(before, after)
        first = document[: asked.span.start].count("\n") + 1
        last, end = (first + text.count("\n") - 1 for text in (old, new))
        text = document[: asked.span.start] + new + document[asked.span.stop :]
        return Trial(self.target, document, text, name, (first, last), (first, end))

    def state(self) -> Mapping[str, bytes]:
        return {str(path): path.read_bytes() for path in sorted(self.root.rglob("*")) if path.is_file()}


@pytest.fixture
async def project(tmp_path: Path) -> AsyncIterator[Project]:
    made = Project(tmp_path / "work")
    before = made.state()
    yield made
    await made.boxes.close()
    assert made.state() == before, "the user's files are never written"


START = "    result = 0\n"


def starts(line: str) -> tuple[str, str]:
    """A change that puts a line at the start of ``total``."""
    return START, f"{START}    {line}\n"


# Tests that are there.


@pytest.mark.parametrize(
    ("changes", "passed", "covered", "detail"),
    [
        ([("is not None", "!= None")], True, True, "3 tests of tests/test_cart.py pass as before"),
        ([("result += price", "result += 2 * price")], False, True, "tests/test_cart.py::test_total fails (3 tests fail): assert 6.0 == 3"),
        ([("if price is not None", "if price")], True, True, "3 tests of tests/test_cart.py pass as before"),
        ([("too much", "far too much")], True, False, "3 tests of tests/test_cart.py pass as before, but none comes to what changed"),
        ([starts("while True: pass")], False, True, "tests/test_cart.py::test_total fails (3 tests fail): it takes longer than 0.5 s"),
        ([starts("return result.upper()")], False, True, "tests/test_cart.py::test_total fails (3 tests fail): AttributeError: 'int' object has no attribute 'upper'"),
        ([starts("undefined")], False, True, "tests/test_cart.py::test_total fails (3 tests fail): NameError: name 'undefined' is not defined"),
    ],
    ids=["green", "other results", "otherwise", "not reached", "hangs", "fails", "undefined"],
)  # fmt: skip
async def test_tests(
    project: Project, changes: list[tuple[str, str]], passed: bool, covered: bool, detail: str
) -> None:
    tried = await kept_by_tests(project.boxes, project.trial("total", *changes), project.tests, 30)
    assert (tried.passed, tried.covered, tried.ran, tried.detail) == (passed, covered, True, detail)


async def test_nothing_runs_without_trust(project: Project) -> None:
    trial = project.trial("total", starts("open('/tmp/x', 'w')"))
    kept = await kept_by_tests(None, trial, project.tests, 30)
    alike = await behaves_equal(None, trial, 30)
    fast = await faster(None, trial, (), 30)
    assert (kept.passed, kept.ran, kept.covered, kept.detail) == (True, False, False, UNTRUSTED)
    assert (alike.passed, alike.ran, alike.detail) == (False, False, UNTRUSTED)
    assert (fast.passed, fast.ran, fast.detail) == (False, False, UNTRUSTED)
    assert project.boxes.rung == ""


async def test_where_no_test_says_anything_it_is_said(project: Project) -> None:
    trial = project.trial("evens", ("numbers:\n", "numbers or ():\n"))
    assert (await kept_by_tests(project.boxes, trial, [], 30)).detail == "no test names the module"
    assert (await kept_by_tests(project.boxes, trial, project.tests, 30)).detail == "no test comes to it"


async def test_the_text_of_the_editor_counts_and_not_the_file(tmp_path: Path) -> None:
    made = Project(tmp_path / "work")
    (made.root / "shop/cart.py").write_text("def total(:\n")
    try:
        tried = await kept_by_tests(made.boxes, made.trial("total", ("is not None", "!= None")), made.tests, 30)
        assert tried.detail == "3 tests of tests/test_cart.py pass as before"
        assert (await behaves_equal(made.boxes, made.trial("clamp", ("x < low", "low > x")), 4)).passed
    finally:
        await made.boxes.close()


async def test_tests_that_cannot_be_run_say_nothing(project: Project) -> None:
    broken = project.root / "tests/test_broken.py"
    broken.write_text("from shop.cart import total\nimport nowhere\n")
    try:
        tried = await kept_by_tests(project.boxes, project.trial("total", ("is not None", "!= None")), [broken], 30)
        assert tried.passed
        assert not tried.covered
        assert tried.detail.startswith("the tests cannot be run as it is: ")
    finally:
        broken.unlink()


class Scripted:
    """Stands in for the boxes: what each run says, one after the other."""

    def __init__(self, *runs: dict[str, Sequence[bool]]) -> None:
        self.runs = list(runs)

    async def warm(self, seeds: Sequence[int]) -> str:
        return ""

    async def run(self, seed: int, function: str, given: Mapping[str, Any], *, wall: float) -> Ran:
        said = [
            {"test": f"tests/test_cart.py::{name}", "passed": list(passed), "lines": [[6, 6]], "took": 0.0, "why": "so"}
            for name, passed in self.runs.pop(0).items()
        ]
        return Ran(tuple(said), Ended(End.DONE, {"left": 2, "problems": [], "deeds": [], "lines": []}))


@pytest.mark.parametrize(
    ("runs", "passed", "detail"),
    [
        (
            ({"a": [True, True], "b": [True, False]}, {"a": [True]}),
            True,
            "1 test of tests/test_cart.py passes as before; there was no time for 2 more",
        ),
        (({"a": [False]},), True, "1 test of tests/test_cart.py comes to it, and none passes as it is"),
        (
            ({"a": [True, True]}, {"a": [False]}, {"a": [False, True]}),
            True,
            "no test that comes to it passes each time",
        ),
        (({"a": [True, True]}, {"a": [False]}, {"a": [True, True]}), False, "tests/test_cart.py::a fails: so"),
        (({"a": [True, True]}, {}, {"a": [True, True]}), False, "tests/test_cart.py::a fails: it was not run to its end"),
    ],
    ids=["one is not steady", "none is green", "not steady after all", "fails", "not run"],
)  # fmt: skip
async def test_what_is_not_steady_says_nothing(
    tmp_path: Path, runs: tuple[dict[str, Sequence[bool]], ...], passed: bool, detail: str
) -> None:
    made = Project(tmp_path)
    boxes = cast("Boxes", Scripted(*runs))
    tried = await kept_by_tests(boxes, made.trial("total", ("result = 0", "result = 0.0")), made.tests, 30)
    assert (tried.passed, tried.detail) == (passed, detail)


# What hostile code gets in there.

HOSTILE: tuple[tuple[str, str, str], ...] = (
    ("writes a file", "open('{}', 'w').write('x')", ""),
    ("writes a file of its own", "open('here.txt', 'w').write('x')", "with the new code it writes files"),
    ("reads a file", "open(__file__).read()", "with the new code it reads files"),
    ("opens a socket", "__import__('socket').create_connection(('127.0.0.1', 9))", ""),
    ("makes a socket", "__import__('socket').socket().close()", "with the new code it uses the network"),
    ("starts a program", "__import__('subprocess').run(['true'])", "with the new code it starts processes"),
    ("forks without end", "while True: __import__('os').fork()", "with the new code: it had more than 64 processes"),
    (
        "ends the process as if all were well",
        "__import__('os')._exit(0)",
        "with the new code: it ended with exit code 0",
    ),
    ("takes all memory", "x = [bytearray(1 << 20) for _ in range(100000)]", ""),
    ("evaluates", "exec('x = 1')", "with the new code it compiles code"),
    ("kills its parent", "__import__('os').kill(__import__('os').getppid(), 9)", ""),
)


@pytest.mark.parametrize(("title", "line", "detail"), HOSTILE, ids=[title for title, _, _ in HOSTILE])
async def test_hostile_code_is_held_and_refused(project: Project, title: str, line: str, detail: str) -> None:
    outside = project.root.parent / "outside.txt"
    trial = project.trial("total", starts(line.replace("{}", str(outside))))
    tried = await kept_by_tests(project.boxes, trial, project.tests, 20)
    assert not tried.passed
    assert detail in tried.detail
    assert not outside.exists()


async def test_hostile_code_is_held_by_the_second_rung_too(tmp_path: Path) -> None:
    if why := no_sandbox(Mode.LANDLOCK):
        pytest.skip(why)
    made = Project(tmp_path / "work", Mode.LANDLOCK)
    outside = tmp_path / "outside.txt"
    try:
        for line in (f"open('{outside}', 'w')", "while True: __import__('os').fork()"):
            assert not (await kept_by_tests(made.boxes, made.trial("total", starts(line)), made.tests, 20)).passed
        alike = await behaves_equal(made.boxes, made.trial("unique", ("value not in result", "not value in result")), 4)
        assert alike.passed
        said = await faster(
            made.boxes, made.trial("unique", ("    result = []", "    result = list()")), alike.inputs, 6
        )
        assert "x as fast" in said.detail
    finally:
        await made.boxes.close()
    assert not outside.exists()


# Behaviour.

FAST = """    try:
        return list(dict.fromkeys(values))
    except TypeError:
        pass
    result = []
"""


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("unique", [("    result = []\n", FAST)]),
        ("clamp", [("if x < low", "if low > x"), ("if x > high", "if high < x")]),
        ("drained", [("    count = 0\n    while values:\n        values.pop()\n        count += 1\n", "    count = len(values)\n    values.clear()\n")]),
        ("shouted", [("print(text.upper())", "shown = text.upper()\n    print(shown)")]),
        ("evens", [("    for number in numbers:\n        if number % 2 == 0:\n            yield number", "    yield from [number for number in numbers if number % 2 == 0]")]),
        ("doubled", [("x + x", "2 * x")]),
        ("Box.grown", [("        self.size += by\n        return self.size", "        size = self.size = self.size + by\n        return size")]),
    ],
    ids=["list", "order", "arguments", "output", "generator", "async", "method"],
)  # fmt: skip
async def test_the_same_behaviour(project: Project, name: str, changes: list[tuple[str, str]]) -> None:
    alike = await behaves_equal(project.boxes, project.trial(name, *changes), 5)
    assert (alike.passed, alike.covered) == (True, True), alike.detail
    assert alike.detail == f"the same on {len(alike.inputs)} inputs"
    assert len(alike.inputs) >= 3


@pytest.mark.parametrize(
    ("name", "changes", "detail"),
    [
        ("unique", [("    result = []\n", "    return list(dict.fromkeys(values))\n    result = []\n")], "`unique([[1], [1], [2]])` raises TypeError: unhashable type: 'list', and before it gave [[1], [2]]"),
        ("unique", [("return result", "return sorted(result)")], "and before it gave "),
        ("unique", [("    return result", "    return result or None")], "`unique([])` gives None, and before it gave []"),
        ("clamp", [("    if x < low", "    if x == 1337:\n        return 0\n    if x < low")], " gives 0, and before it gave "),
        ("clamp", [("    if x < low", "    if hash((x, low)) == 8198552921648689:\n        return 0\n    if x < low")], "no input comes to line 24 of the new text (if true)"),
        ("drained", [("values.pop()", "values = values[1:]")], "leaves its arguments, or the object it is called on, otherwise"),
        ("shouted", [(".upper()", ".title()")], "prints something else"),
        ("total", [('ValueError("too much")', 'ValueError("much too much")')], "raises ValueError: much too much, and before it raised ValueError: too much"),
        ("Box.grown", [("        return self.size", "        self.size += 0\n        self.by = by\n        return self.size")], "leaves its arguments, or the object it is called on, otherwise"),
        ("clamp", [("    return x", "    while x: pass\n    return x")], "takes too long, and before it gave "),
        ("clamp", [("    return x", "    __import__('os').mkdir('x')\n    __import__('os').rmdir('x')\n    return x")], "the new code changes files, and the old one did not"),
        ("clamp", [("    return x", "    __import__('os')._exit(0)\n    return x")], "ends its process, and before it gave "),
        ("alone", [("handle.fileno()", "handle.fileno( )")], "no inputs could be made"),
    ],
    ids=["unhashable", "order", "empty", "a special case", "a special case nobody finds", "arguments", "output", "message", "state", "hangs", "writes", "ends", "no inputs"],
)  # fmt: skip
async def test_other_behaviour(project: Project, name: str, changes: list[tuple[str, str]], detail: str) -> None:
    alike = await behaves_equal(project.boxes, project.trial(name, *changes), 5)
    assert not alike.passed
    assert detail in alike.detail
    assert alike.inputs == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (["float", "0.1"], ["float", "0.10000000000000002"], True),
        (["float", "nan"], ["float", "nan"], True),
        (["float", "0.1"], ["float", "0.2"], False),
        (["a", ["float", "1.0"]], ["a", ["float", "1.0"]], True),
        ({"a": 1}, {"a": True}, False),
        ({"a": 1}, {"b": 1}, False),
        ([1, 2], [1], False),
        (1, ["float", "1.0"], False),
        (None, None, True),
    ],
)
def test_what_counts_as_the_same(one: object, other: object, same: bool) -> None:
    assert equal(one, other) is same


# Speed.


async def test_faster(project: Project) -> None:
    trial = project.trial("unique", ("    result = []\n", FAST))
    alike = await behaves_equal(project.boxes, trial, 5)
    said = await faster(project.boxes, trial, alike.inputs, 10)
    for _ in range(4):
        if "too busy" not in said.detail:  # Then it says nothing, which is what it is to do.
            break
        said = await faster(project.boxes, trial, alike.inputs, 10)
    assert said.passed, said.detail
    assert " x as fast on " in said.detail


@pytest.mark.parametrize(
    "changes",
    [[], [("    result = []\n", "    result = list()\n")], [("        if", "        sorted(range(200))\n        if")]],
    ids=["the same", "nearly the same", "slower"],
)
async def test_not_faster(project: Project, changes: list[tuple[str, str]]) -> None:
    trial = project.trial("unique", *changes)
    alike = await behaves_equal(project.boxes, trial, 5)
    said = await faster(project.boxes, trial, alike.inputs, 10)
    assert not said.passed
    assert any(why in said.detail for why in ("not faster", "too busy", "too long to be timed"))


async def test_what_differs_on_long_inputs_is_not_faster(project: Project) -> None:
    trial = project.trial("unique", ("    return result", "    return result[:40]"))
    alike = await behaves_equal(project.boxes, trial, 5)
    assert alike.passed
    said = await faster(project.boxes, trial, alike.inputs, 10)
    assert said.detail.startswith("on a longer input of `unique(")


Rows = list[list[float]]


def rounds(new: float, noise: Callable[[random.Random], float], seed: int, count: int = 24) -> Rows:
    """Times of the old code, the new one, and the old one again, with noise on each."""
    chance = random.Random(seed)
    return [[noise(chance), new * noise(chance), noise(chance)] for _ in range(count)]


def test_noise_is_never_called_faster() -> None:
    def noisy(chance: random.Random) -> float:
        return chance.lognormvariate(0, 0.3) * (5 if chance.random() < 0.1 else 1)

    for seed in range(3000):
        times = rounds(1.0, noisy, seed)
        assert not judged(times, times, [], 5).passed


@pytest.mark.parametrize(
    ("new", "passed"), [(0.1, True), (0.5, True), (0.75, True), (0.9, False), (1.0, False), (2.0, False)]
)
def test_how_much_is_enough(new: float, passed: bool) -> None:
    for seed in range(100):
        times = rounds(new, lambda chance: chance.lognormvariate(0, 0.03), seed)
        assert judged(times, times, [], 5).passed is passed


@pytest.mark.parametrize(
    ("times", "walls", "inputs", "why"),
    [
        (rounds(0.1, lambda _: 1.0, 0, 19), [], 5, "it takes too long to be timed"),
        ([], [], 0, "no input comes to an end in time"),
        ([[1.0, 0.1, 2.0]] * 24, [[1.0, 0.1, 2.0]] * 24, 5, "the machine is too busy to tell"),
        ([[1.0, 0.1, 1.0]] * 24, [[1.0, 3.0, 1.0]] * 24, 5, "it takes less of the processor and is not done earlier"),
    ],
)
def test_why_nothing_can_be_said(times: Rows, walls: Rows, inputs: int, why: str) -> None:
    said = judged(times, walls, [], inputs)
    assert (said.passed, said.detail[: len(why)]) == (False, why)


def test_what_is_slow_on_short_inputs_is_not_faster() -> None:
    long, short = rounds(0.1, lambda _: 1.0, 0), rounds(10.0, lambda _: 1.0, 0)
    assert judged(long, long, short, 5).detail == "10.0 x as fast on 5 inputs, but 0.10 x as fast where they are short"
    assert judged(long, long, rounds(1.5, lambda _: 1.0, 0), 5).passed


# From an answer to a trial.


def test_the_trial_of_an_answer(tmp_path: Path) -> None:
    case = Case(
        "",
        "unique",
        "def unique(values):\n    return list(dict.fromkeys(values))\n",
        answered.__globals__["Purpose"].OPTIMISE,
    )
    result, asked = answered(case), meant("unique")
    trial = trial_of(Project(tmp_path).target, asked, result.document)
    lines = asked.document.split("\n")
    assert lines[trial.old_lines[0] - 1] == "def unique(values):"
    assert lines[trial.old_lines[1] - 1] == "    return result"
    assert trial.new.split("\n")[trial.new_lines[1] - 1] == "    return list(dict.fromkeys(values))"
    assert asked.span == Span(*asked.span)
