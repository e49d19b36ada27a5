"""`coding-agent tour`, the first thing a new user sees, with the real server behind it."""

import re
import subprocess
import sys
from pathlib import Path


def tour(home: Path, *on: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "coding_agent", "tour", *on]
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, timeout=300)


def test_the_default_module_gives_occasion_for_everything(tmp_path: Path):
    done = tour(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    page = done.stdout
    assert re.search(r"\d findings? in \w+\.py of Python 3\.\d+", page)
    assert re.search(r"A quick fix: (?!Allow|Turn)", page)
    assert "verified by syntax, bindings, effects" in page
    assert "nothing to say" not in page
    assert len(re.findall(r"^    [-+] ", page, re.MULTILINE)) >= 4
    assert len(re.findall(r"\d ms\b", page)) >= 8


def test_the_readers_own_file_is_shown_and_left_alone(tmp_path: Path):
    mine = tmp_path / "mine.py"
    mine.write_bytes(b"def read(text):\r\n    return eval(text)\r\n")
    done = tour(tmp_path, "mine.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2:12 warning eval-used" in done.stdout
    assert "+    return ast.literal_eval(text)" in done.stdout
    assert "nothing in this file gives occasion for one" in done.stdout
    assert mine.read_bytes() == b"def read(text):\r\n    return eval(text)\r\n"


def test_a_folder_is_shown_without_what_others_wrote_and_what_cannot_be_read(tmp_path: Path):
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/pyvenv.cfg").write_text("")
    (tmp_path / ".venv/big.py").write_text("x = 1\n" * 100)
    (tmp_path / "broken.py").write_bytes(b"x = '\xff'\n" * 50)
    (tmp_path / "old.py").write_bytes("# coding: latin-1\n\n\ndef read(ä):\n    return eval(ä)\n".encode("latin-1"))
    done = tour(tmp_path, ".")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"1 finding in .*old\.py", done.stdout)
    assert "+    return ast.literal_eval(ä)" in done.stdout
    named = tour(tmp_path, "broken.py")
    assert (named.returncode, "is not UTF-8 (line 1); save it as UTF-8" in named.stderr) == (2, True)


def test_a_folder_without_python_is_said(tmp_path: Path):
    done = tour(tmp_path, ".")
    assert done.returncode == 2
    assert "there is no Python file" in done.stderr
