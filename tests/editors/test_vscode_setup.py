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
            shown.log, shown.data = code.log, code.data
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


@pytest.mark.parametrize("tool", ["uv", "pip"])
def test_one_click_sets_up_the_server(opened: Opens, tmp_path: Path, project: Path, wheel: Path, home: Home, tool: str):
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "python3").symlink_to(Path(sys.base_prefix) / f"bin/python3.{sys.version_info[1]}")
    if tool == "uv":
        uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
        if not uv:
            pytest.skip("uv is not installed")
        (programs / "uv").symlink_to(uv)
    else:
        # One that cannot install, as behind an index that only pip knows.
        (programs / "uv").write_text('#!/bin/sh\n[ "$1" = --version ]\n')
        (programs / "uv").chmod(0o755)
    # Nothing of ours is on this PATH.
    variables = {**home.variables, "PATH": f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin"}
    settings = {"codingAgent.package": str(wheel)}
    with opened(write(project, READ), variables, settings) as window:
        window.message("Coding Agent needs its server")
        window.shot(f"set-up-{tool}")
        window.answer("Coding Agent needs its server", "Set Up")
        window.sees(".squiggly-warning")
        assert "(from the environment of its own" in window.log("Coding Agent")
        assert f"{'uv pip' if tool == 'uv' else '-m pip'} install" in window.log("Coding Agent")


def test_a_package_that_cannot_be_installed_is_said(opened: Opens, tmp_path: Path, project: Path, home: Home):
    variables = {**home.variables, "PATH": f"{Path(sys.base_prefix) / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin"}
    settings = {"codingAgent.package": str(tmp_path / "not-there.whl")}
    with opened(write(project, READ), variables, settings) as window:
        lock = window.data / "User/globalStorage/coding-agent-lsp.coding-agent/server.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.write_text(str(os.getpid()))
        window.answer("Coding Agent needs its server", "Set Up")
        window.message("another window is setting the server up")
        lock.unlink()
        window.command("Coding Agent: Set Up the Server")
        said = window.message("failed:").inner_text()
        assert "not-there.whl" in said
        assert "Try Again" in said
        window.shot("set-up-failed")


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
