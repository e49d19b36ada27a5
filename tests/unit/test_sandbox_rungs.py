"""Which rung is taken, what is said where none holds, and what the watchdog sees."""

import os
import sys
from pathlib import Path

import pytest

from coding_agent import errors
from coding_agent.sandbox import bubblewrap, rungs, watchdog
from coding_agent.sandbox.limits import Limits
from coding_agent.sandbox.rungs import Rung, Tried
from coding_agent.sandbox.secrets import Found
from coding_agent.sandbox.spec import End, Mode
from coding_agent.sandbox.view import View

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def ladder(monkeypatch: pytest.MonkeyPatch) -> dict[Rung, Tried]:
    """What was tried; the test changes it."""
    tried = {
        Rung.BUBBLEWRAP: Tried(Rung.BUBBLEWRAP, False, "it is not installed"),
        Rung.LANDLOCK: Tried(Rung.LANDLOCK, True, "Landlock version 6 and seccomp"),
    }
    monkeypatch.setattr(rungs, "ladder", lambda: tuple(tried.values()))
    return tried


def test_the_best_that_holds_is_taken(ladder: dict[Rung, Tried]) -> None:
    assert rungs.chosen(Mode.AUTO) == (Rung.LANDLOCK,)
    ladder[Rung.BUBBLEWRAP] = Tried(Rung.BUBBLEWRAP, True, "/usr/bin/bwrap")
    assert rungs.chosen(Mode.AUTO) == (Rung.BUBBLEWRAP, Rung.LANDLOCK)
    assert rungs.chosen(Mode.LANDLOCK) == (Rung.LANDLOCK,)


def test_nothing_is_run_where_nothing_holds(ladder: dict[Rung, Tried]) -> None:
    ladder[Rung.LANDLOCK] = Tried(Rung.LANDLOCK, False, "the kernel has no Landlock, or it is off")
    with pytest.raises(errors.NoSandbox) as raised:
        rungs.chosen(Mode.AUTO)
    assert str(raised.value) == (
        "nothing here can hold code that is run (bubblewrap: it is not installed; landlock: the kernel has no "
        "Landlock, or it is off); install bubblewrap (apt install bubblewrap, dnf install bubblewrap, "
        "pacman -S bubblewrap)"
    )
    assert rungs.chosen(Mode.UNSAFE) == (Rung.UNSAFE,)


def test_a_rung_that_was_asked_for_is_not_replaced(ladder: dict[Rung, Tried]) -> None:
    with pytest.raises(errors.NoSandbox, match="it is not installed"):
        rungs.chosen(Mode.BUBBLEWRAP)


def test_an_old_bubblewrap_is_not_asked_for_what_it_cannot() -> None:
    old = bubblewrap.Abilities.of("bwrap", "--help  Print this help\n  --tmpfs DEST  Mount new tmpfs on DEST\n")
    new = bubblewrap.Abilities.of("bwrap", "--size BYTES  Set size\n --disable-userns  Disable further use\n")
    assert (old.size, old.disable_userns) == (False, False)
    assert (new.size, new.disable_userns) == (True, True)
    words = bubblewrap.command(old, View((), Found(frozenset(), frozenset()), {}), {}, 64, None)
    assert not {"--size", "--disable-userns", "--seccomp"} & set(words)


def test_what_is_read_is_mounted_from_the_outside_in(tmp_path: Path) -> None:
    secret = tmp_path / "deep" / ".aws"
    secret.mkdir(parents=True)
    shown = View(
        readable=(tmp_path / "deep", tmp_path),
        hidden=Found(frozenset({secret, tmp_path / ".env"}), frozenset({tmp_path / "socket"})),
        links={Path("/linked"): str(tmp_path), Path("/usr/bin/python3"): "python3.11"},
    )
    words = bubblewrap.command(bubblewrap.Abilities("bwrap"), shown, {"A": "1"}, 8, b"x")
    text = " ".join(map(str, words))
    outer, inner = f"--ro-bind {tmp_path} {tmp_path}", f"--ro-bind {tmp_path}/deep {tmp_path}/deep"
    folder, file = f"--tmpfs {secret} --remount-ro {secret}", f"--ro-bind /dev/null {tmp_path}/.env"
    link, socket = f"--symlink {tmp_path} /linked", f"--ro-bind /dev/null {tmp_path}/socket"
    order = (link, outer, inner, file, folder, socket, "--remount-ro / ", "--setenv A 1")
    places = [text.index(each) for each in order]
    assert places == sorted(places)
    assert words[-1] == "--"
    assert "/usr/bin/python3" not in text


def test_bubblewrap_is_not_taken_from_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual environment that is active stands on PATH; its program would be the sandbox of its own code."""
    ran = tmp_path / "ran"
    program = tmp_path / "bwrap"
    program.write_text(f"#!/bin/sh\ntouch {ran}\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    rungs.bubblewrap_here.cache_clear()
    tried, can = rungs.bubblewrap_here()
    assert str(tmp_path) not in can.program + tried.found
    assert not ran.exists()


@linux
def test_a_process_is_read() -> None:
    found = watchdog.read(os.getpid())
    assert found
    assert found.parent == os.getppid()
    assert found.threads >= 1
    assert found.rss > 1 << 20
    assert found.cpu > 0
    assert watchdog.read((1 << 22) + 1) is None


def test_a_full_folder_is_seen(tmp_path: Path) -> None:
    limits = Limits(disk=1, files=10)
    assert watchdog.disk_excess(tmp_path, limits) is None
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "large").write_bytes(b"x" * (2 << 20))
    os.sync()  # Some file systems give blocks to a file only when it is written out.
    assert watchdog.disk_excess(tmp_path, limits) == watchdog.Excess(0, End.DISK, "more than 1 MiB were written")
    for number in range(10):
        (tmp_path / str(number)).touch()
    assert watchdog.disk_excess(tmp_path, limits) == watchdog.Excess(0, End.DISK, "there were more than 10 files")
