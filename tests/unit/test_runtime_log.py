import subprocess
import sys
from collections.abc import Iterator

import pytest

from coding_agent.runtime.log import Level, Log, bound, event, log_to


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    log_to(Log())


@pytest.fixture
def lines() -> list[str]:
    written: list[str] = []
    log_to(Log(write=written.append))
    return written


def test_one_line_each(lines: list[str]) -> None:
    event("diagnostics", uri="file:///a.py", version=7, ms=12.3456, ok=True, rule=None)
    assert lines == ["level=info event=diagnostics uri=file:///a.py version=7 ms=12.35 ok=True rule=None\n"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("two words", '"two words"'),
        ("line\nend", r'"line\nend"'),
        ('a"b', r'"a\"b"'),
        ("a=b", '"a=b"'),
        ("", '""'),
        ("back\\slash", r'"back\\slash"'),
        ("é\ud800😀", r'"\xe9\ud800\U0001f600"'),
        ("x" * 500, "x" * 200 + "..."),
        (ValueError("secret text"), "ValueError"),
    ],
)
def test_values_are_quoted(lines: list[str], value: object, shown: str) -> None:
    event("e", v=value)
    assert lines == [f"level=info event=e v={shown}\n"]


def test_debug_is_silent_unless_asked_for_and_then_shows_all() -> None:
    written: list[str] = []
    log_to(Log(write=written.append))
    event("e", level=Level.DEBUG)
    assert written == []
    log_to(Log(level=Level.DEBUG, write=written.append))
    event("e", level=Level.DEBUG, error=ValueError("why"), text="x" * 300)
    assert written == [f"level=debug event=e error=why text={'x' * 300}\n"]


def test_a_request_marks_its_events(lines: list[str]) -> None:
    with bound(request=3):
        event("inside")
    event("outside")
    assert lines == ["level=info event=inside request=3\n", "level=info event=outside\n"]


def test_a_stamp_comes_first() -> None:
    written: list[str] = []
    log_to(Log(write=written.append, stamp=lambda: "12:00:01"))
    event("e", level=Level.ERROR)
    assert written == ["at=12:00:01 level=error event=e\n"]


class Unshowable:
    def __str__(self) -> str:
        raise RuntimeError


def test_never_raises(lines: list[str]) -> None:
    event("e", v=Unshowable())
    assert lines == ["level=info event=e v=<Unshowable>\n"]
    log_to(Log(write=_broken))
    event("e")


def _broken(_: str) -> None:
    raise BrokenPipeError


def test_goes_to_stderr_without_heavy_imports() -> None:
    code = (
        "import sys; from coding_agent.runtime.log import event; event('e', v='\\ud800')\n"
        "print([name for name in ('logging', 'json', 'asyncio', 're') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-S", "-c", _with_path(code)], capture_output=True, text=True, check=True)
    assert (ran.stderr, ran.stdout) == ('level=info event=e v="\\ud800"\n', "['re']\n")


def _with_path(code: str) -> str:
    return f"import sys; sys.path = {sys.path!r}\n{code}"
