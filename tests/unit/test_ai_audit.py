"""The audit: one line for each attempt, without content."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coding_agent.ai import audit as audit_module
from coding_agent.ai.audit import Attempt, Audit, Line, read

SERVER = Path(audit_module.__file__).parents[2]
ATTEMPT = Attempt(
    host="api.example.com",
    model="model",
    feature="explain",
    workspace="/w",
    files=("src/a.py", "src/b.py"),
    sent=1234,
    redactions={"key": 2},
    tokens_in=300,
    tokens_out=None,
    outcome="answered",
    milliseconds=950,
)


def audit(folder: Path) -> Audit:
    return Audit(folder / "state" / "audit.jsonl", lambda: 1_796_212_800.25)


def test_a_line_says_what_was_sent_where_and_nothing_else(tmp_path: Path) -> None:
    kept = audit(tmp_path)
    assert kept.write(ATTEMPT) is None
    assert kept.path.read_text("ascii") == (
        '{"time": "2026-12-02T12:00:00.250+00:00", "host": "api.example.com", "model": "model", "feature": "explain", '
        '"workspace": "/w", "files": ["src/a.py", "src/b.py"], "sent": 1234, "redactions": {"key": 2}, '
        '"tokens_in": 300, "tokens_out": null, "outcome": "answered", "milliseconds": 950}\n'
    )
    assert read(kept.path, 1) == (Line("2026-12-02T12:00:00.250+00:00", ATTEMPT),)


def test_the_last_lines_are_read(tmp_path: Path) -> None:
    kept = audit(tmp_path)
    assert read(kept.path, 5) == ()
    for number in range(5):
        kept.write(replace(ATTEMPT, sent=number))
    assert [[line.attempt.sent for line in read(kept.path, last)] for last in (0, 1, 3, 5, 9)] == [
        [],
        [4],
        [2, 3, 4],
        [0, 1, 2, 3, 4],
        [0, 1, 2, 3, 4],
    ]


@given(
    st.text(st.characters()), st.lists(st.text(st.characters()), max_size=3), st.dictionaries(st.text(), st.integers())
)
@example('a\n\u2028"\udcff', ["\udcff.py"], {"a\n": 1})
def test_whatever_names_say_a_line_is_one_line(text: str, files: list[str], redactions: dict[str, int]) -> None:
    """Line ends, quotes and halves of surrogates in names of models and files, too."""
    attempt = replace(ATTEMPT, model=text, workspace=text, outcome=text, files=tuple(files), redactions=redactions)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "audit.jsonl"
        Audit(path, lambda: 0.0).write(attempt)
        assert path.read_bytes().count(b"\n") == 1
        assert [line.attempt for line in read(path, 9)] == [attempt]


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_the_file_is_private(tmp_path: Path) -> None:
    kept = audit(tmp_path)
    kept.write(ATTEMPT)
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.path.parent.stat().st_mode) == 0o700


def test_a_large_file_becomes_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = audit(tmp_path)
    kept.write(ATTEMPT)
    monkeypatch.setattr(audit_module, "LARGEST", 3 * kept.path.stat().st_size)
    for number in range(1, 8):
        kept.write(replace(ATTEMPT, sent=1000 + number))
    assert sorted(file.name for file in kept.path.parent.iterdir()) == ["audit.jsonl", "audit.jsonl.1"]
    assert [line.attempt.sent for line in read(kept.path, 99)] == [1003, 1004, 1005, 1006, 1007]
    assert [line.attempt.sent for line in read(kept.path, 3)] == [1005, 1006, 1007]


def test_where_another_process_was_faster_its_new_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = audit(tmp_path)
    kept.write(replace(ATTEMPT, sent=1))

    @contextmanager
    def another_was_faster(folder: Path, seconds: float) -> Iterator[bool]:
        kept.path.replace(kept.path.with_name("audit.jsonl.1"))
        yield True

    monkeypatch.setattr(audit_module, "LARGEST", kept.path.stat().st_size)
    monkeypatch.setattr(audit_module, "alone", another_was_faster)
    kept.write(replace(ATTEMPT, sent=2))
    assert [line.attempt.sent for line in read(kept.path, 9)] == [1, 2]


def test_five_megabytes_are_kept_twice() -> None:
    assert audit_module.LARGEST == 5_000_000


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_breaks_no_call() -> None:
    full = Audit(Path("/dev/full"), lambda: 0.0)
    assert full.write(ATTEMPT) == "what was sent is not noted in /dev/full: No space left on device"


def test_a_folder_that_cannot_be_breaks_no_call(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    assert "is not noted" in str(audit(tmp_path).write(ATTEMPT))


@pytest.mark.parametrize(
    "odd",
    [
        b'{"time": "2026-12-02T12:00:0',
        b"[]\n",
        b"null\n",
        b"{}\n",
        b"\xff\xfe\n",
        b"\n\n",
        b'{"time": 1, "host": "", "model": "", "feature": "", "workspace": "", "files": [], "sent": 1, '
        b'"redactions": {}, "tokens_in": null, "tokens_out": null, "outcome": "", "milliseconds": 1}\n',
        b'{"time": "", "host": "", "model": "", "feature": "", "workspace": "", "files": [3], "sent": 1, '
        b'"redactions": {}, "tokens_in": null, "tokens_out": null, "outcome": "", "milliseconds": 1}\n',
    ],
)
def test_what_is_no_line_of_ours_costs_no_other(tmp_path: Path, odd: bytes) -> None:
    """As one that was cut by a full disk or a power failure."""
    kept = audit(tmp_path)
    kept.write(replace(ATTEMPT, sent=1))
    with kept.path.open("ab") as file:
        file.write(odd)
    kept.write(replace(ATTEMPT, sent=2))
    assert [line.attempt.sent for line in read(kept.path, 9)] == [1, 2]


WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from coding_agent.ai import audit
audit.LARGEST = 40_000
number = int(sys.argv[3])
kept = audit.Audit(Path(sys.argv[2]), lambda: 0.0)
for step in range(100):
    files = tuple(f"file{n}.py" for n in range(step % 50))
    problem = kept.write(audit.Attempt("h", "m", "f", "/w", files, 1000 * number + step, {}, 1, 1, "answered", 1))
    assert problem is None, problem
"""


def test_processes_write_at_once_and_no_line_is_torn(tmp_path: Path) -> None:
    """Nor lost, but those that two files do not hold any more: what is there is the last of each, without gaps."""
    path = tmp_path / "audit.jsonl"
    arguments = [sys.executable, "-I", "-c", WRITER, str(SERVER), str(path)]
    writers = [subprocess.Popen([*arguments, str(number)]) for number in range(4)]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    for file in (path, tmp_path / "audit.jsonl.1"):
        assert all(json.loads(line) for line in file.read_text().split("\n") if line)
        assert file.stat().st_size <= 40_000 + 4 * 2000
    found = [line.attempt.sent for line in read(path, 999)]
    assert len(found) > 60
    for number in range(4):
        own = [sent for sent in found if sent // 1000 == number]
        assert own == list(range(1000 * number + 100 - len(own), 1000 * number + 100))
