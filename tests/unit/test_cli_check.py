"""`coding-agent check`: what it finds, fixes, and how it ends."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import which

import pytest

from coding_agent.analysis.file import FileState
from coding_agent.analysis.finding import Diagnostic, Severity
from coding_agent.cli.core import Checked
from coding_agent.cli.fixing import fix_all
from coding_agent.cli.newer import newer
from coding_agent.store import source
from coding_agent.text import Edit, Span, Text
from support.command_line import World

BAD = "def f(x):\n    return eval(x)\n"
FIXABLE, FIXED = "x =+ 2\n", "x += 2\n"
"""What `wrong-assignment-operator` finds, with a safe fix."""
RULES = ("--select", "eval-used,wrong-assignment-operator,main-guard-misspelled")
GUARD = "if __name__ == '__mian__':\n    go()\n"


def process(folder: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "coding_agent", *arguments]
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=folder, env=environment, input=stdin, capture_output=True, timeout=120)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_clean(world: World) -> None:
    world.write("a.py", "x = 1\n")
    ran = world.run("check")
    assert (ran.code, ran.out, ran.err) == (0, "no findings in 1 file\n", "")


def test_findings(world: World) -> None:
    world.write("pkg/a.py", BAD)
    ran = world.run("check", *RULES)
    assert ran.code == 1
    first, shown, under, *_ = ran.out.split("\n")
    assert first.startswith("pkg/a.py:2:12: warning ")
    assert "[eval-used]" in first
    assert (shown, under) == ("    return eval(x)", "           ^^^^^^^")
    assert ran.out.endswith("1 finding in 1 file (1 warning)\n")
    assert "\x1b" not in ran.out
    assert world.run("check", *RULES, "--exit-zero").code == 0
    assert world.run("check", *RULES, "--ignore", "eval-used").code == 0
    assert world.run("check", *RULES, "pkg/a.py", "pkg", ".").out == ran.out, "each file once"


def test_colour_when_asked(world: World) -> None:
    world.write("a.py", BAD)
    assert "\x1b[33mwarning" in world.run("check", *RULES, variables={"FORCE_COLOR": "1"}).out
    assert "\x1b" not in world.run("check", *RULES, variables={"FORCE_COLOR": "1", "NO_COLOR": "1"}).out


def test_nothing_to_look_at(world: World) -> None:
    world.write("README", "x")
    ran = world.run("check")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == "coding-agent: no Python files in .\n"


@pytest.mark.parametrize(
    ("place", "asked", "why"),
    [
        ("vendor/a.py", "vendor", "copied code of others"),
        ("vendor/a.py", ".", "copied code of others"),
        (".venv/lib/a.py", ".venv", "part of an installed environment"),
        ("old/deep/a.py", "old", "excluded by the settings"),
        ("out/a.py", "out", "ignored by a .gitignore"),
    ],
)
def test_why_there_is_nothing_to_look_at(world: World, place: str, asked: str, why: str) -> None:
    world.write(place, BAD)
    world.write(".venv/pyvenv.cfg", "")
    world.write(".gitignore", "out/\n")
    world.settings('exclude = ["old/deep"]')
    ran = world.run("check", asked)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == f"coding-agent: no Python files in {asked} ({why}; name a file to look at it)\n"
    named = world.run("check", *RULES, place)
    assert (named.code, "eval-used" in named.out) == (1, True)


def test_a_baseline_that_is_a_folder(world: World) -> None:
    world.write("known/a.py", BAD)
    ran = world.run("check", "--baseline", "known")
    assert ran.code == 2
    assert "known is a folder; --baseline takes a file" in ran.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x = '\xff'\n", "is not UTF-8 (line 1); save it as UTF-8, or say its encoding"),
        (b"# coding: klingon\n", "its encoding is unclear"),
        (b"# coding: ascii\nx = '\xc3\xbc'\n", "is not ascii: byte 21"),
        (b"# coding: rot13\nx = 1\n", "cannot be read as rot13"),
        (b"# coding: undefined\nx = 1\n", "cannot be read as undefined"),
        (b"x" * 101, "too large: 101 bytes, at most 100 are read (analysis.max-file-size"),
        (b"x = (\n", "line 1: "),
        (b"x = 1\0\n", "null bytes"),
    ],
)
def test_what_cannot_be_analysed_is_named(world: World, content: bytes, said: str) -> None:
    world.settings("analysis.max-file-size = 100")
    world.write("bad.py", content)
    world.write("good.py", BAD)
    ran = world.run("check", *RULES)
    assert ran.code == 4, "incomplete wins over findings"
    assert "bad.py: not analysed: " in ran.out
    assert said in ran.out
    assert "good.py:2:12:" in ran.out
    assert ran.out.endswith("; 1 file not analysed\n")
    assert world.run("check", *RULES, "--exit-zero").code == 4


def test_declared_encodings_are_read_and_kept(world: World) -> None:
    text = "# coding: latin-1\r\nname = 'ü'\r\n" + FIXABLE.replace("\n", "\r\n")
    world.write("a.py", text.encode("latin-1"))
    assert world.run("check", *RULES, "--fix").code == 0
    assert world.read("a.py") == text.replace(FIXABLE[:-1], FIXED[:-1]).encode("latin-1")


@pytest.mark.parametrize(
    ("line", "needs"),
    [
        ("type X = int", "3.12"),
        ("def first[T](x: T) -> T:", "3.12"),
        ("    async def first[T](x): ...", "3.12"),
        ("class Box[T]:", "3.12"),
        ("x = f'{a['b']}'", "3.12"),
        ("except ValueError, TypeError:", "3.14"),
        ("x = t'{a}'", "3.14"),
        ("print 'x'", None),
        ("x = (", None),
        ("type(x)", None),
    ],
)
def test_newer_syntax_is_recognised(line: str, needs: str | None) -> None:
    said = newer(line, (3, 11))
    assert (said is None) if needs is None else said is not None and f"needs Python {needs}" in said
    assert newer(line, (3, 99)) is None


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads it")
def test_newer_syntax_says_what_to_do(world: World) -> None:
    world.write("a.py", "x = 1\ntype X = int\n")
    ran = world.run("check")
    assert ran.code == 4
    assert "a.py: not analysed: line 2: " in ran.out
    assert "install coding-agent-lsp under Python 3.12" in ran.out


def test_generated_and_excluded_files_are_silent_unless_named(world: World) -> None:
    world.settings('exclude = ["old/"]')
    world.write("gen.py", "# @generated\n" + BAD)
    world.write("old/a.py", BAD)
    world.write("site-packages/b.py", BAD)
    world.write("new.py", BAD)
    assert world.run("check", *RULES).out.count("[eval-used]") == 1
    assert world.run("check", *RULES, "gen.py", "old/a.py").out.count("[eval-used]") == 2
    assert world.run("check", *RULES, "--force-exclude", "old/a.py").code == 0


def test_settings_hold_and_complain_once(world: World) -> None:
    world.settings('select = ["eval-used"]\nslect = 1\ninterpreter = "/bin/evil"\nrules.eval-used.severity = "error"')
    world.write("a.py", BAD)
    world.write("b.py", BAD)
    ran = world.run("check", "a.py", "b.py")
    assert ran.code == 1
    assert ran.out.count(": error ") == 2
    assert ran.err.count('did you mean "select"?') == 1
    assert ran.err.count("only you can set it") == 1


def test_the_nearest_settings_hold_for_each_path(world: World) -> None:
    world.settings('ignore = ["eval-used"]')
    world.write("a.py", BAD)
    world.write("sub/pyproject.toml", '[tool.coding-agent]\nselect = ["eval-used"]\n')
    world.write("sub/a.py", BAD)
    ran = world.run("check", "a.py", "sub")
    assert [line for line in ran.out.split("\n") if "[eval-used]" in line] == [ran.out.split("\n")[0]]
    assert ran.out.startswith("sub/a.py:")


def test_formats(world: World) -> None:
    world.write("a.py", BAD)
    data = json.loads(world.run("check", *RULES, "--format", "json").out)
    assert (data["diagnostics"][0]["rule"], data["diagnostics"][0]["cwe"]) == ("eval-used", 95)
    assert len(data["diagnostics"][0]["fingerprint"]) == 32
    log = json.loads(world.run("check", *RULES, "--format", "sarif").out)
    assert log["runs"][0]["results"][0]["ruleId"] == "eval-used"
    assert log["runs"][0]["tool"]["driver"]["rules"][0]["help"]["text"].startswith("``eval`` runs")
    assert world.run("check", *RULES, "--format", "github").out.startswith("::warning file=a.py,line=2,")
    (item,) = json.loads(world.run("check", *RULES, "--format", "gitlab").out)
    assert (item["check_name"], item["fingerprint"]) == ("eval-used", data["diagnostics"][0]["fingerprint"])


def test_output_goes_to_a_file(world: World) -> None:
    world.write("a.py", BAD)
    ran = world.run("check", *RULES, "--format", "sarif", "--output", "out/report.sarif")
    assert (ran.code, ran.out) == (1, "")
    assert "1 finding in 1 file" in ran.err
    assert json.loads(world.read("out/report.sarif"))["version"] == "2.1.0"


def test_fix(world: World) -> None:
    path = world.write("a.py", b"\xef\xbb\xbf" + FIXABLE.encode().replace(b"\n", b"\r\n") + BAD.encode())
    if os.name != "nt":
        path.chmod(0o750)
    ran = world.run("check", *RULES, "--fix")
    assert ran.code == 1, "what has no safe fix is still found"
    assert "; 1 fixed\n" in ran.out
    assert world.read("a.py") == b"\xef\xbb\xbf" + FIXED.encode().replace(b"\n", b"\r\n") + BAD.encode()
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o750
    assert world.run("check", *RULES, "--fix").out == ran.out.replace("; 1 fixed", "")


def test_unsafe_fixes_are_not_applied(world: World) -> None:
    world.write("a.py", BAD)
    world.run("check", *RULES, "--fix")
    assert world.read("a.py") == BAD.encode()


def test_diff_changes_nothing(world: World) -> None:
    world.write("a.py", FIXABLE)
    ran = world.run("check", *RULES, "--diff")
    assert ran.code == 1
    assert ran.out == f"--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-{FIXABLE}+{FIXED}"
    assert ran.err == "1 fix would change 1 file\n"
    assert world.read("a.py") == FIXABLE.encode()
    assert world.run("check", *RULES, "--diff", "--fix").out == ran.out
    world.write("a.py", FIXED)
    assert world.run("check", *RULES, "--diff").code == 0


def test_diff_says_what_is_left_to_do_by_hand(world: World) -> None:
    world.write("a.py", FIXABLE + BAD)
    ran = world.run("check", *RULES, "--diff")
    assert ran.code == 1
    assert ran.err == "1 fix would change 1 file; 1 finding without a safe fix left (see check)\n"
    world.write("a.py", BAD)
    ran = world.run("check", *RULES, "--diff")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("0 fixes would change 0 files; 1 finding ")


def test_a_file_that_changed_meanwhile_is_left(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path = world.write("a.py", FIXABLE)
    read = source.read

    def and_then_somebody_writes(file: Path, limit: int) -> source.Source:
        item = read(file, limit)
        path.write_text("other = 2\n")
        return item

    monkeypatch.setattr(source, "read", and_then_somebody_writes)
    ran = world.run("check", *RULES, "--fix")
    assert ran.code == 4
    assert "changed while it was fixed" in ran.out
    assert world.read("a.py") == b"other = 2\n"


def test_stdin(world: World) -> None:
    world.settings('exclude = ["skip/"]')
    ran = world.run("check", "-", *RULES, "--stdin-filename", "pkg/a.py", stdin=BAD.encode())
    assert ran.code == 1
    assert ran.out.startswith("pkg/a.py:2:12:")
    assert world.run("check", "-", *RULES, stdin=b"x = 1\n").code == 0
    assert world.run("check", "-", *RULES, stdin=b"\xff").code == 4
    skipped = world.run("check", "-", *RULES, "--force-exclude", "--stdin-filename", "skip/a.py", stdin=BAD.encode())
    assert (skipped.code, skipped.out) == (0, "")


def test_stdin_is_fixed_to_stdout(world: World) -> None:
    ran = world.run("check", "-", *RULES, "--fix", stdin=FIXABLE.replace("\n", "\r\n").encode())
    assert (ran.code, ran.out) == (0, FIXED.replace("\n", "\r\n"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# coding: latin-1\nname = 'ü'\nx =+ 2\n".encode("latin-1"), b"x += 2\n"),
        ("\ufeffname = 'ü'\r\nx =+ 2\r\n".encode(), b"x += 2\r\n"),
        ("name = '\u2028'\rx =+ 2\ry = 1\n".encode(), b"x += 2\ry = 1\n"),
        (b"x =+ 2", b"x += 2"),
    ],
)
def test_stdin_keeps_encoding_mark_and_line_ends(tmp_path: Path, before: bytes, after: bytes) -> None:
    done = process(tmp_path, "check", "-", *RULES, "--fix", "--stdin-filename", "x.py", stdin=before)
    assert (done.returncode, done.stdout) == (0, before[: before.index(b"x =+")] + after)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x =+ 2\n# \xff\n", "is not UTF-8 (line 2)"),
        (b"# coding: klingon\nx =+ 2\n", "its encoding is unclear"),
        (b"# coding: utf-7\n# +AGE-\n" + GUARD.encode(), "utf-7 would change the rest"),
        (b"x =+ 2\ny = (\n", "line 2"),
    ],
)
def test_stdin_that_cannot_be_fixed_comes_back(tmp_path: Path, content: bytes, said: str) -> None:
    done = process(tmp_path, "check", "-", *RULES, "--fix", "--stdin-filename", "x.py", stdin=content)
    assert done.returncode == 4
    assert done.stdout.replace(b"+=", b"=+") == content, "no more than the fix is lost"
    assert said in done.stderr.decode()


def test_stdin_tells_what_is_left_beside_the_text(world: World) -> None:
    ran = world.run("check", "-", *RULES, "--fix", stdin=BAD.encode())
    assert (ran.code, ran.out) == (1, BAD)
    assert "stdin.py:2:12:" in ran.err


PATCHED = {
    "plain.py": (b"x =+ 2\n", b"x += 2\n"),
    "with space/a b.py": (b"a = 1\nx =+ 2\n", b"a = 1\nx += 2\n"),
    "no_end.py": (b"a = 1\nx =+ 2", b"a = 1\nx += 2"),
    "crlf.py": (b"a = 1\r\nx =+ 2\r\n", b"a = 1\r\nx += 2\r\n"),
    "cr.py": (b"a = 1\rx =+ 2\rb = 1", b"a = 1\rx += 2\rb = 1"),
    "mark.py": (b"\xef\xbb\xbfx =+ 2\n", b"\xef\xbb\xbfx += 2\n"),
    "latin.py": (b"# coding: latin-1\nn = '\xfc'\nx =+ 2\n", b"# coding: latin-1\nn = '\xfc'\nx += 2\n"),
    "\u00fc.py": (b"x =+ 2\n", b"x += 2\n"),
}


@pytest.mark.parametrize("command", [("git", "apply", "-"), ("patch", "-p1")])
def test_a_diff_is_a_patch(tmp_path: Path, command: tuple[str, ...]) -> None:
    if not which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    for name, (before, _) in PATCHED.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(before)
    diff = process(tmp_path, "check", *RULES, "--diff")
    assert diff.returncode == 1
    done = subprocess.run(command, cwd=tmp_path, input=diff.stdout, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {name: (tmp_path / name).read_bytes() for name in PATCHED} == {
        name: after for name, (_, after) in PATCHED.items()
    }


def test_a_diff_names_what_it_leaves_out(world: World) -> None:
    world.write("a.py", "x = (\n")
    ran = world.run("check", *RULES, "--diff")
    assert (ran.code, ran.out) == (4, "")
    assert "a.py: not analysed: line 1" in ran.err


def test_a_file_whose_encoding_does_not_come_back_is_left(world: World) -> None:
    content = b"# coding: utf-7\n# +AGE-\n" + GUARD.encode()  # An a, written in a way that no encoder would.
    world.write("a.py", content)
    ran = world.run("check", *RULES, "--fix")
    assert ran.code == 4
    assert "utf-7 would change the rest of the file" in ran.out
    assert world.read("a.py") == content


def test_a_mistake_of_ours_hides_no_other_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.write("a.py", "boom = 1\n")
    world.write("b.py", BAD)
    read = source.read

    def fails(path: Path, limit: int) -> source.Source:
        if path.name == "a.py":
            raise IndexError("private text")
        return read(path, limit)

    monkeypatch.setattr(source, "read", fails)
    ran = world.run("check", *RULES)
    assert ran.code == 4
    assert "a.py: not analysed: a mistake in Coding Agent: IndexError at " in ran.out
    assert "private text" not in ran.out
    assert "b.py:2:12:" in ran.out


def test_links_are_kept_when_fixed(world: World) -> None:
    if os.name == "nt":
        pytest.skip("links need rights on Windows")
    world.write("real.py", FIXABLE)
    (world.project / "link.py").symlink_to(world.project / "real.py")
    world.run("check", *RULES, "--fix", "link.py")
    assert (world.project / "link.py").is_symlink()
    assert world.read("real.py") == FIXED.encode()


def test_lone_surrogates_and_controls_do_no_harm(world: World) -> None:
    world.write("a.py", "x = '\\ud800'\nname = '\x1b[31m'\ndef f(x):\n    return eval(x)  # \x07\x0c\n")
    ran = world.run("check", *RULES)
    assert ran.code == 1
    assert "\x1b" not in ran.out
    assert "\x07" not in ran.out


def finds(piece: str, broken: str = "!") -> Callable[[str], Checked]:
    """A check that finds ``piece`` everywhere, and cannot read a text with ``broken`` in it."""

    def check(text: str) -> Checked:
        found = (at for at in range(len(text)) if text.startswith(piece, at))
        made = (Diagnostic("a", "r", "m", Severity.HINT, Span(at, at), (0, at), (0, at)) for at in found)
        return Checked(tuple(made), FileState(Text.of(text)), "line 1: broken" if broken in text else None)

    return check


def replacing(piece: str, new: str) -> Callable[[str], list[Edit]]:
    """The edit of the first ``piece``."""

    def edits(text: str) -> list[Edit]:
        at = text.find(piece)
        return [Edit(Span(at, at + len(piece)), new)] if at >= 0 else []

    return edits


def test_fixing_goes_on_while_there_is_something_to_fix() -> None:
    fixed = fix_all("a a a b", finds("a"), replacing("a", "c"))
    assert (fixed.text, fixed.count, fixed.checked.diagnostics) == ("c c c b", 3, ())


def test_fixes_that_undo_each_other_end() -> None:
    fixed = fix_all("a", finds("a"), lambda text: [Edit(Span(0, 1), "b" if text == "a" else "a")])
    assert (fixed.text, fixed.count) == ("a", 10)


def test_a_fix_that_breaks_the_text_is_taken_back() -> None:
    fixed = fix_all("x ? y", finds("?"), replacing("?", "!"))
    assert (fixed.text, fixed.count) == ("x ? y", 0)
    assert "taken back" in (fixed.note or "")
    assert fix_all("! ?", finds("?"), replacing("?", "")).text == "! ", "what was broken before may be fixed"
