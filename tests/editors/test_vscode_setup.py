"""From nothing to the first finding in the real VS Code: where the server comes from, and who else is there."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from editors.code_server import CodeServer, build_extension
from editors.install import cache
from editors.stand_in import extension, python_extension
from editors.support import READ, ROOT, SIZE, Home, eventually, here, write

pytestmark = pytest.mark.editor
OFF = {"security.workspace.trust.enabled": False}


Opens = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def opened(page: Any, request: pytest.FixtureRequest) -> Opens:
    """Opens a file in a window of a VS Code of its own, with other extensions beside ours."""
    from editors.window import PICTURES, Window

    @contextmanager
    def window(file: Path, variables: dict[str, str], settings: dict[str, Any], *others: Path) -> Iterator[Any]:
        with CodeServer([here(build_extension), *others], variables) as code:
            code.set({**OFF, **settings})
            shown = Window(page, PICTURES)
            shown.log, shown.data, shown.set = code.log, code.data, code.set
            shown.go(code.url(file.parent, file))
            try:
                yield shown
            finally:
                shown.shot(f"last-{request.node.name}")
                page.goto("about:blank")

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


def test_the_server_is_set_up_with_one_click(opened: Opens, tmp_path: Path, project: Path, wheel: Path, home: Home):
    """What keeps it from being set up is said: another window that does it, a uv that cannot install where there is no
    Python for pip, a package that is not there. Tried again pip does it, and uv where that can.
    """
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if not uv:
        pytest.skip("uv is not installed")
    programs = tmp_path / "programs"
    programs.mkdir()
    # As behind an index that only pip knows. It takes a second, because VS Code drops the last of four quick messages.
    script(programs / "uv", '[ "$1" = --version ] || { sleep 1; echo "error: no index to be had" >&2; exit 2; }')
    for name in ("python3", *(f"python3.{minor}" for minor in range(11, 15))):
        script(programs / name, "exit 1")
    settings = {"codingAgent.package": str(tmp_path / "not-there.whl")}
    with opened(write(project, READ), on_path(home, programs), settings) as window:
        window.message("Coding Agent needs its server")
        window.shot("set-up")
        made = window.data / "User/globalStorage/coding-agent-lsp.coding-agent/server"
        lock = made.with_suffix(".lock")
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.write_text(str(os.getpid()))
        window.answer("Coding Agent needs its server", "Set Up")
        window.message("another window is setting the server up")
        lock.unlink()
        window.command("Coding Agent: Set Up the Server")
        assert "no index to be had" in window.message("failed:").inner_text()
        window.shot("set-up-failed")
        link(programs / "python3", Path(sys.base_prefix) / f"bin/python3.{sys.version_info[1]}")
        window.answer("failed:", "Try Again")
        assert "not-there.whl" in window.message("pip install failed:").inner_text()
        changed = {**OFF, "codingAgent.package": str(wheel)}
        window.set(changed)
        again = window.page.locator(".notification-toast", has_text="failed:").locator(".monaco-button", has_text="Try")

        def found() -> bool:
            # VS Code may not have read the settings yet.
            if again.count():
                window.set(changed)
                again.first.dispatch_event("click")
                window.shot("set-up-pip")
            return window.page.locator(".squiggly-warning").count() > 0

        eventually("a finding", found)
        said = window.log("Coding Agent")
        assert "(from the environment of its own" in said
        assert "-m pip install" in said
        assert "uv pip install" not in said
        # Search by meaning is offered behind the first finding, and is nobody's duty.
        window.answer("search your code by meaning", "Not Now")
        shutil.rmtree(made)
        link(programs / "uv", Path(uv))
        window.page.reload()
        window.answer("Coding Agent needs its server", "Set Up")
        window.sees(".squiggly-warning")
        assert "uv pip install" in window.log("Coding Agent")


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def link(path: Path, program: Path) -> None:
    path.unlink()
    path.symlink_to(program)


def on_path(home: Home, programs: Path) -> dict[str, str]:
    """The variables of someone who has none of ours on PATH; what uv and pip have fetched once they need not again."""
    caches = {"UV_CACHE_DIR": str(cache() / "uv"), "PIP_CACHE_DIR": str(cache() / "pip")}
    return {**home.variables, **caches, "PATH": f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin"}


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
