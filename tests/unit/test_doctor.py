"""`coding-agent doctor`: what it sees, how it names it, and the page that is built from the same table."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from coding_agent import __version__
from coding_agent.cli.health.editors import EDITORS, manifest_version
from coding_agent.cli.health.machine import library, newest_python, required
from coding_agent.cli.troubles import TROUBLES, Kind, page
from coding_agent.ide.interpreter import minor_version
from coding_agent.sandbox.rungs import Rung, Tried
from support.command_line import World

TOP = Path(__file__).parents[2]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    rungs(monkeypatch, True, True)
    return World(tmp_path)


def rungs(monkeypatch: pytest.MonkeyPatch, bubblewrap: bool, landlock: bool) -> None:
    """Let the doctor find these rungs of the sandbox."""
    tried = (Tried(Rung.BUBBLEWRAP, bubblewrap, "its reason"), Tried(Rung.LANDLOCK, landlock, "version 4"))
    monkeypatch.setattr("coding_agent.cli.health.machine.ladder", lambda: tried)


def program(path: Path, answer: str = "", code: int = 0) -> Path:
    """A program that answers anything with a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{answer}'\nexit {code}\n")
    path.chmod(0o755)
    return path


def environment(folder: Path, said: str = "version = 3.12.1") -> Path:
    """A virtual environment as files show it; its Python cannot be run, only found."""
    python = program(folder / "bin/python", "was run", 9)
    (folder / "pyvenv.cfg").write_text(f"home = /usr/bin\n{said}\n")
    return python


def seen(world: World, *arguments: str, path: str = "", **variables: str) -> dict[str, dict[str, Any]]:
    """What doctor tells, by id. An id that comes twice shows its last."""
    python = program(world.project.parent / "python/python3", "Python 3.12.1")
    given = {"PATH": os.pathsep.join(filter(None, (path, str(python.parent)))), **variables}
    ran = world.run("doctor", "--format", "json", *arguments, variables=given)
    checks = json.loads(ran.out)
    assert ran.code == (0 if all(check["ok"] for check in checks) else 1)
    return {check["id"]: check for check in checks}


def test_a_healthy_machine(world: World) -> None:
    told = seen(world)
    assert [check["id"] for check in told.values() if not check["ok"]] == []
    wanted = {
        "python",
        "library-jedi",
        "state-folder",
        "settings",
        "rules",
        "trust",
        "interpreter",
        "command",
        "system",
    }
    assert wanted <= told.keys()
    assert sys.executable in told["python"]["found"]


def test_every_trouble_is_told_with_what_to_do(world: World) -> None:
    world.settings("slect = 1\n[project]\nrequires-python = '>=3.99'")
    told = seen(world)
    assert {name for name, check in told.items() if not check["ok"]} == {"python", "settings"}
    assert told["python"]["trouble"] == "python-too-old"
    assert told["python"]["kind"] == "install"
    assert told["python"]["remedy"].endswith("install coding-agent-lsp under Python 3.99 or newer")
    said = world.run("doctor").out
    assert re.search(
        r"^LOOK  Python: 3\.\d+ at .*; this project needs 3\.99 \[python-too-old\]\n      -> newer", said, re.M
    )
    assert re.search(r"^note  command on PATH: there is none on PATH \[not-on-path\]\n      -> ", said, re.M)


def test_what_holds_code(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rungs(monkeypatch, False, True)
    told = seen(world)
    assert told["sandbox-bubblewrap"]["found"] == "does not work here (its reason)"
    assert told["sandbox-bubblewrap"]["ok"]
    assert told["sandbox-landlock"]["found"] == "version 4"
    rungs(monkeypatch, False, False)
    told = seen(world)
    assert [told[f"sandbox-{rung}"]["trouble"] for rung in ("bubblewrap", "landlock")] == ["no-sandbox"] * 2
    assert told["sandbox-bubblewrap"]["remedy"].startswith("code of a workspace cannot be run; ")


def test_a_library_that_is_not_the_one(world: World) -> None:
    assert library("pygls", "0.1").found.endswith("and we were made for 0.1")
    assert library("no_such_library").trouble == "library"
    assert library("pygls").ok


def test_the_newest_python_on_path(tmp_path: Path) -> None:
    for name in ("a/python3.9", "a/python3", "b/python3.13", "b/python3.14-config", "c/python3.12"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    path = os.pathsep.join(["", str(tmp_path / "none"), *(str(tmp_path / name) for name in "abc")])
    assert newest_python(path) == (13, str(tmp_path / "b" / "python3.13"))
    assert newest_python("") is None


@pytest.mark.parametrize(
    ("said", "minor"), [(">=3.11", 11), ("~=3.12.1", 12), (">3.10,<4", 11), ("<4", None), (">=3.9,!=3.9.1", 9)]
)
def test_what_a_project_requires(tmp_path: Path, said: str, minor: int | None) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[project]\nrequires-python = "{said}"\n')
    assert required(tmp_path) == minor
    (tmp_path / "pyproject.toml").write_text("[broken")
    assert required(tmp_path) is None


# The project.


def test_why_one_file_has_no_findings(world: World) -> None:
    world.settings('exclude = ["old/"]')
    world.write("old/a.py", "x = 1\n")
    world.write("made.py", "# @generated\n")
    world.write("odd.py", b"x = '\xff'\n")
    world.write("b.py", "x = 1\n")
    assert seen(world, "old/a.py")["file"]["found"] == "old/a.py is excluded by the settings"
    assert seen(world, "made.py")["file"]["trouble"] == "silent-file"
    assert seen(world, "odd.py")["file"]["trouble"] == "unreadable-file"
    assert seen(world, "b.py")["file"]["found"] == "b.py is looked at"
    assert "file" not in seen(world)
    assert world.run("doctor", "nowhere").code == 2


def test_why_there_are_no_findings_at_all(world: World) -> None:
    world.settings("select = []")
    assert seen(world)["rules"]["trouble"] == "no-rules"
    world.settings('select = ["eval-used"]')
    assert seen(world)["rules"]["found"].startswith("1 of ")
    world.write("a.py", "x = eval(y)\n")
    world.run("baseline")
    told = seen(world)["baseline"]
    assert (told["trouble"], told["ok"]) == ("known-findings", True)
    assert told["found"].startswith("1 findings are known by ")
    world.write(".coding-agent-baseline.json", "{")
    assert seen(world)["baseline"]["trouble"] == "settings"


def test_trust(world: World) -> None:
    assert "not trusted" in seen(world)["trust"]["found"]
    world.run("trust")
    assert seen(world)["trust"]["found"] == f"{world.project} is trusted"
    world.run("trust", "--refuse")
    told = seen(world)["trust"]
    assert (told["trouble"], told["remedy"]) == ("refused", f"coding-agent trust {world.project} takes that back")
    world.folders.trust_file.write_text("{")
    assert seen(world)["trust"]["trouble"] == "trust-file"


# Whose Python.


def test_the_steps_to_an_interpreter(world: World, tmp_path: Path) -> None:
    assert seen(world)["interpreter"]["found"].endswith("from PATH")
    environment(world.project / ".venv")
    told = seen(world)["interpreter"]
    assert told["found"] == f"{world.project}/.venv/bin/python, Python 3.12, from the project's own environment"
    active = environment(tmp_path / "active", "version_info = 3.13.0.final.0")
    told = seen(world, VIRTUAL_ENV=str(active.parents[1]))["interpreter"]
    assert told["found"] == f"{active}, Python 3.13, from the active environment"
    named = environment(tmp_path / "named", "version = 3.10.4")
    world.folders.config.mkdir()
    world.folders.user_file.write_text(f'interpreter = "{named}"\n')
    told = seen(world, VIRTUAL_ENV=str(active.parents[1]))["interpreter"]
    assert told["found"] == f"{named}, Python 3.10, from the setting interpreter"


@pytest.mark.parametrize("named", ["nowhere", "python", "{folder}"])
def test_a_broken_interpreter_setting_names_its_file(world: World, named: str) -> None:
    world.folders.config.mkdir()
    said = named.format(folder=world.project)
    world.folders.user_file.write_text(f'interpreter = "{said}"\n')
    told = seen(world)["interpreter"]
    assert told["trouble"] == "interpreter-setting"
    assert told["kind"] == "settings"
    assert told["found"] == f"{said} is no program that can be run ({world.folders.user_file})"


@pytest.mark.parametrize(("minor", "ok"), [(8, False), (9, True), (14, True), (15, False)])
def test_only_some_versions_run_tests(world: World, minor: int, ok: bool) -> None:
    environment(world.project / ".venv", f"version = 3.{minor}.2")
    told = seen(world)["interpreter"]
    assert told["ok"] == ok
    assert f"Python 3.{minor}, " in told["found"]


def test_an_environment_that_lost_its_python(world: World, tmp_path: Path) -> None:
    environment(world.project / ".venv")
    (world.project / ".venv/bin/python").unlink()
    (world.project / ".venv/bin/python").symlink_to(tmp_path / "gone/python3.11")
    told = seen(world)
    assert told["environment"]["trouble"] == "broken-environment"
    assert told["environment"]["remedy"].startswith(f"make it anew (python3 -m venv --clear {world.project}/.venv)")
    assert told["interpreter"]["found"].endswith("from PATH")
    assert seen(world, VIRTUAL_ENV=str(tmp_path / "left"))["environment"]["trouble"] == "broken-environment"


def test_no_interpreter(world: World) -> None:
    checks = {check["id"]: check for check in json.loads(world.run("doctor", "--format", "json").out)}
    assert checks["interpreter"]["trouble"] == "no-interpreter"
    assert not checks["interpreter"]["ok"]


def test_versions_are_read_and_nothing_is_run(tmp_path: Path) -> None:
    real = program(tmp_path / "usr/bin/python3.11")
    (tmp_path / "usr/bin/python3").symlink_to(real)
    assert minor_version(tmp_path / "usr/bin/python3") == 11
    conda = program(tmp_path / "conda/bin/python")
    assert minor_version(conda) is None
    (tmp_path / "conda/lib/python3.12").mkdir(parents=True)
    (tmp_path / "conda/lib/python3.12/os.py").touch()
    assert minor_version(conda) == 12
    assert minor_version(Path(sys.executable)) == sys.version_info[1]


# The editors' view.


def test_the_command_that_an_editor_would_start(world: World, tmp_path: Path) -> None:
    assert seen(world)["command"]["trouble"] == "not-on-path"
    command = tmp_path / "programs/coding-agent"
    path = str(command.parent)
    program(command, "coding-agent 0.0.1")
    told = seen(world, path=path)["command"]
    assert (told["trouble"], told["ok"]) == ("other-command", False)
    assert told["found"] == f"{command} is another one, 0.0.1; this is {__version__}"
    program(command, f"coding-agent {__version__}")
    assert seen(world, path=path)["command"]["found"] == f"{command} is another one of the same version"
    program(command, "usage: agent", 2)
    assert seen(world, path=path)["command"]["trouble"] == "not-ours"
    command.write_text(f"#!{sys.executable}\nraise SystemExit(9)\n")
    assert seen(world, path=path)["command"]["found"] == f"{command} is this one"
    command.unlink()
    beside = (each for each in Path(sys.executable).parent.iterdir() if each.is_file() and not each.is_symlink())
    command.symlink_to(next(each for each in beside if os.access(each, os.X_OK)))
    assert seen(world, path=path)["command"]["found"] == f"{command} is this one"


def test_no_program_of_a_project_is_run(world: World) -> None:
    mark = world.project / "was-run"
    for name in ("coding-agent", "nvim", "git"):
        path = program(world.project / "bin" / name)
        path.write_text(f"#!/bin/sh\ntouch '{mark}'\necho 'coding-agent 0.0.1'\n")
    told = seen(world, path=str(world.project / "bin"))
    assert "is not trusted, and was not asked" in told["command"]["found"]
    assert told["git"]["trouble"] == "no-git"
    assert "editor-nvim" not in told
    assert not mark.exists()
    world.run("trust")
    assert seen(world, path=str(world.project / "bin"))["command"]["trouble"] == "other-command"


@pytest.mark.parametrize(
    ("name", "answer", "found", "trouble"),
    [
        ("nvim", "NVIM v0.12.4", "0.12.4 at ", ""),
        ("nvim", "NVIM v0.10.4", "0.10.4, and 0.11 is the oldest", "old-editor"),
        ("nvim", "NVIM v0.11.0-dev", "0.11.0 at ", ""),
        ("hx", "helix 25.07.1 (a05c151b)", "25.07.1 at ", ""),
        ("emacs", "GNU Emacs 30.2", "30.2 at ", ""),
        ("emacs", "GNU Emacs 28.2", "28.2; eglot is a part of it from 29.1 on", "no-eglot"),
        ("emacs", "cannot open display", "of unknown version", ""),
    ],
)
def test_editors(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, answer: str, found: str, trouble: str
) -> None:
    monkeypatch.setattr("coding_agent.cli.health.editors._SITE_LISP", (str(tmp_path / "site-lisp"),))
    program(tmp_path / "programs" / name, answer)
    told = seen(world, path=str(tmp_path / "programs"))[f"editor-{name}"]
    assert found in told["found"]
    assert (told["trouble"], told["ok"]) == (trouble, True)


def test_editors_like_vs_code_are_read_and_not_run(world: World, tmp_path: Path) -> None:
    mark = tmp_path / "was-run"
    code = program(tmp_path / "share/code/bin/code")
    code.write_text(f"#!/bin/sh\ntouch '{mark}'\n")
    manifest = tmp_path / "share/code/resources/app/package.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text('{"name": "Code", "version": "1.139.1"}')
    link = tmp_path / "programs/code"
    link.parent.mkdir()
    link.symlink_to(code)
    assert seen(world, path=str(link.parent))["editor-code"]["found"] == f"1.139.1 at {link}"
    assert not mark.exists()
    manifest.write_text('{"version": "1.50.0"}')
    assert seen(world, path=str(link.parent))["editor-code"]["trouble"] == "old-editor"
    manifest.write_text("[]")
    assert manifest_version(link) is None


# The page.


def test_the_page_is_the_one_that_is_committed() -> None:
    assert (TOP / "docs/trouble.md").read_text("utf-8") == page(), "renew it: python editors/generate.py"


def test_every_trouble_is_on_the_page_and_in_the_code() -> None:
    text = page()
    code = "".join(path.read_text("utf-8") for path in (TOP / "server/coding_agent/cli/health").glob("*.py"))
    for name, trouble in TROUBLES.items():
        assert f'<a id="{name}"></a>' in text
        assert f'"{name}"' in code, "no check tells it"
        assert trouble.kind in Kind
        assert trouble.remedy
    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= TROUBLES.keys()
    assert "{" not in re.sub(r"\{ cmd = \{ PATH, 'serve' \} \}", "", text), "a name in braces was not filled in"


def test_the_page_does_not_depend_on_the_machine() -> None:
    script = "import sys; sys.platform = 'darwin'; from coding_agent.cli.troubles import page; print(page(), end='')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout == page()


def test_the_page_and_the_editors_agree_with_the_extension() -> None:
    file = TOP / "editors/vscode/package.json"
    if not file.is_file():
        pytest.skip("the VS Code extension has no manifest here")
    manifest = json.loads(file.read_text("utf-8"))
    titles = {command["title"] for command in manifest["contributes"]["commands"]}
    named = {" ".join(found.split()) for found in re.findall(r"\*Coding Agent: ([^*]+)\*", page())}
    assert named
    assert named <= titles
    (oldest,) = re.findall(r"\^(\d+)\.(\d+)\.", manifest["engines"]["vscode"])
    assert {editor.oldest for editor in EDITORS if editor.program in ("code", "codium")} == {tuple(map(int, oldest))}
