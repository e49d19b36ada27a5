"""The command line as a whole: dispatch, help, streams, signals."""

import os
import signal
import subprocess
import sys
from contextvars import copy_context
from pathlib import Path

import pytest

from coding_agent.app import command_line
from coding_agent.cli import main
from coding_agent.cli.main import COMMANDS
from coding_agent.errors import UserError, WorkerLost
from coding_agent.runtime.log import Level, event
from support.command_line import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def process(*arguments: str, cwd: Path, **more: object) -> "subprocess.Popen[bytes]":
    home = {name: str(cwd / "home") for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}
    env = {**os.environ, **home, **more.pop("env", {})}  # type: ignore[dict-item]
    command = [sys.executable, "-m", "coding_agent", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=cwd, env=env, stdin=pipe, stdout=pipe, stderr=pipe, **more)  # type: ignore[call-overload]


def test_help_names_every_command(world: World) -> None:
    ran = world.run("--help")
    assert ran.code == 0
    assert all(f"  {name} " in ran.out for name in COMMANDS)
    assert world.run().code == 2


def test_warnings_of_the_log_are_not_for_who_sits_at_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    def ran() -> None:
        command_line(["version"])
        event("box-lost", level=Level.WARNING)
        event("failed", level=Level.ERROR)

    copy_context().run(ran)
    assert capsys.readouterr().err == "level=error event=failed\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(world: World, name: str) -> None:
    ran = world.run(name, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"usage: coding-agent {name}")
    assert len(ran.out.split("\n")) > 4


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("chek",), 'did you mean "check"?'),
        (("--fix",), "there is no option '--fix'"),
        (("check", "--formt", "json"), "unrecognized arguments"),
        (("check", "--format", "xml"), "invalid choice"),
        (("rule",), "required: NAME"),
        (("check", "nowhere.py"), "there is no file or folder nowhere.py"),
        (("check", "--select", "a,,b"), "a name is missing"),
        (("check", "--select", "evl-used", "."), 'no rule and no family; did you mean "eval-used"?'),
        (("check", "--ignore", "nothing-like-it", "."), "no rule and no family"),
        (("check", "-", "a.py"), "cannot be mixed"),
        (("check", "--baseline", "none.json"), "`coding-agent baseline` writes one"),
    ],
)
def test_mistakes_are_said_on_stderr(world: World, line: tuple[str, ...], said: str) -> None:
    ran = world.run(*line)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_version(world: World) -> None:
    assert world.run("--version").out.startswith("coding-agent 0.")


@pytest.mark.parametrize(
    ("error", "code"), [(UserError("so"), 2), (WorkerLost("so"), 4), (KeyboardInterrupt(), 130), (BrokenPipeError(), 0)]
)
def test_what_ends_a_command(world: World, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int) -> None:
    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(main, "_run", fail)
    assert world.run("check").code == code


def test_a_reader_who_leaves_early_sees_no_traceback(world: World) -> None:
    world.write("a.py", "def f(x):\n" + "    eval(x)\n" * 2_000)
    with process("check", "a.py", "--select", "eval-used", cwd=world.project) as ran:
        assert ran.stdout
        assert ran.stderr
        ran.stdout.read(10)
        ran.stdout.close()
        assert ran.stderr.read() == b""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_terminal_that_lacks_characters_is_no_failure(world: World, encoding: str) -> None:
    world.write("漢.py", "def f(x):\n    '漢'; eval(x)\n")
    with process(
        "check", "漢.py", "--select", "eval-used", cwd=world.project, env={"PYTHONIOENCODING": encoding}
    ) as ran:
        out, err = ran.communicate()
    assert err == b""
    assert ran.returncode == 1
    assert (b"\\u6f22.py:2:10:" if encoding != "utf-8" else "漢.py:2:10:".encode()) in out


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.skipif(
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN, reason="interrupts are ignored here, and so in what is started"
)
def test_interrupting_says_nothing(world: World) -> None:
    os.mkfifo(world.project / "a.py")
    with process("check", "a.py", cwd=world.project) as ran:
        # Opening the pipe waits for its reader, so the command is at work from here on, and waits for its text.
        with (world.project / "a.py").open("wb"):
            ran.send_signal(signal.SIGINT)
            assert ran.wait(30) == 130
        assert ran.communicate() == (b"", b"")


def test_only_the_command_that_runs_is_imported(world: World) -> None:
    code = (
        "import sys; from coding_agent.cli.main import run; from coding_agent.cli.outside import standard\n"
        "from coding_agent.store.folders import Folders; from pathlib import Path\n"
        "p = Path(sys.argv[1]); run(['paths'], standard(p, Folders(p, p, p), {}, float))\n"
        "heavy = {'pydantic', 'libcst', 'jedi', 'pygls', 'lsprotocol', 'asyncio', 'coding_agent.analysis'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(world.project)], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("heavy: []\n")
