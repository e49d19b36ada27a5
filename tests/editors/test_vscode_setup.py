"""From nothing to the first finding in the real VS Code: where the server comes from, and who else is there."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from editors.code_server import CodeServer, browser, build_extension
from editors.stand_in import extension, python_extension
from editors.support import READ, ROOT, SIZE, Home, eventually, here, write

pytestmark = pytest.mark.editor
OFF = {"security.workspace.trust.enabled": False}


Opens = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def opened(tmp_path: Path, driven: Any) -> Opens:
    """Opens a file in a window of a VS Code of its own, with other extensions beside ours."""
    from editors.window import PICTURES, Window

    @contextmanager
    def window(file: Path, variables: dict[str, str], settings: dict[str, Any], *others: Path) -> Iterator[Any]:
        with ExitStack() as stack:
            code = stack.enter_context(CodeServer([here(build_extension), *others], variables))
            code.set({**OFF, **settings})
            shown = Window(stack.enter_context(browser(driven, tmp_path / "chromium")).new_page(), PICTURES)
            shown.log, shown.data, shown.set = code.log, code.data, code.set
            shown.go(code.url(file.parent, file))
            yield shown

    return window


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server as it is published."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, ROOT]
    built = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if built.returncode:
        pytest.skip(f"no wheel can be built here: {built.stderr[-300:]}")
    return next(folder.glob("*.whl"))


def test_one_click_sets_up_the_server(opened: Opens, tmp_path: Path, project: Path, wheel: Path, home: Home):
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if not uv:
        pytest.skip("uv is not installed")
    programs = bare(tmp_path)
    (programs / "uv").symlink_to(uv)
    with opened(write(project, READ), on_path(home, programs), {"codingAgent.package": str(wheel)}) as window:
        window.message("Coding Agent needs its server")
        window.shot("set-up-uv")
        window.answer("Coding Agent needs its server", "Set Up")
        window.sees(".squiggly-warning")
        assert "(from the environment of its own" in window.log("Coding Agent")
        assert "uv pip install" in window.log("Coding Agent")
        # Search by meaning is offered behind the first finding, and is nobody's duty.
        window.answer("search your code by meaning", "Not Now")


def test_what_keeps_the_server_from_being_set_up_is_said(
    opened: Opens, tmp_path: Path, project: Path, wheel: Path, home: Home
):
    """Another window that does it, a package that is not there, a uv that cannot install."""
    programs = bare(tmp_path)
    # As behind an index that only pip knows.
    (programs / "uv").write_text('#!/bin/sh\n[ "$1" = --version ]\n')
    (programs / "uv").chmod(0o755)
    settings = {"codingAgent.package": str(tmp_path / "not-there.whl")}
    with opened(write(project, READ), on_path(home, programs), settings) as window:
        lock = window.data / "User/globalStorage/coding-agent-lsp.coding-agent/server.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.write_text(str(os.getpid()))
        window.answer("Coding Agent needs its server", "Set Up")
        window.message("another window is setting the server up")
        lock.unlink()
        window.command("Coding Agent: Set Up the Server")
        assert "not-there.whl" in window.message("failed:").inner_text()
        window.shot("set-up-failed")
        changed = {**OFF, "codingAgent.package": str(wheel)}
        window.set(changed)
        toast = window.page.locator(".notification-toast", has_text="failed:")
        again = toast.locator(".monaco-button", has_text="Try Again")

        def found() -> bool:
            # VS Code may not have read the settings yet.
            if again.count():
                window.set(changed)
                # Without the mouse, which another message may be under.
                again.first.dispatch_event("click")
                window.shot("set-up-pip")
            return window.page.locator(".squiggly-warning").count() > 0

        eventually("a finding", found)
        assert "-m pip install" in window.log("Coding Agent")


def bare(folder: Path) -> Path:
    """A folder for PATH with nothing of ours, only a Python."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "python3").symlink_to(Path(sys.base_prefix) / f"bin/python3.{sys.version_info[1]}")
    return programs


def on_path(home: Home, programs: Path) -> dict[str, str]:
    return {**home.variables, "PATH": f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin"}


def test_beside_the_python_extension_and_a_type_checker(opened: Opens, tmp_path: Path, project: Path, home: Home):
    """The server of the selected interpreter is started, and hover shows what ours alone knows."""
    selected = python_extension(tmp_path, Path(sys.executable))
    checker = extension(tmp_path, "detachhead", "basedpyright", "exports.activate = () => {};")
    file = write(project, SIZE + READ)
    with opened(file, home.variables, {}, selected, checker) as window:
        window.sees(".squiggly-warning")
        eventually("the selected one", lambda: "from the selected interpreter" in window.log("Coding Agent"))
        started = [line for line in window.log("Coding Agent").splitlines() if "starting " in line]
        assert str(Path(sys.executable).parent / "coding-agent") in started[-1]
        window.sees(".codelens-decoration a", "Generate tests")
        page = window.hover(4, 6, "omplexity")
        assert "def size(count" not in page
