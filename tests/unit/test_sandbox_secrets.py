"""What is hidden from jobs, and what an interpreter needs to see."""

import os
import socket
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from coding_agent.errors import NoSandbox
from coding_agent.sandbox import interpreters, secrets
from coding_agent.workspace.secrets import looks_secret


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        (".env", True),
        (".env.production", True),
        (".env.example", False),
        (".env.dist", False),
        (".envrc", True),
        ("production.env", True),
        ("example.env", False),
        ("secrets.toml", True),
        ("secrets.yml", True),
        ("secrets.py", False),
        ("service-account-prod.json", True),
        ("client_secret_12.json", True),
        ("terraform.tfstate", True),
        ("terraform.tfstate.backup", True),
        ("hgrc", True),
        ("server.pem", True),
        ("SERVER.KEY", True),
        ("monkey.py", False),
        ("key.py", False),
        ("id_rsa", True),
        ("id_ed25519", True),
        ("id_ed25519.pub", False),
        (".netrc", True),
        (".pypirc", True),
        (".npmrc", True),
        ("credentials.json", True),
        ("credentials.py", False),
        ("config", False),
    ],
)
def test_names_of_secrets(name: str, secret: bool) -> None:
    assert looks_secret(name) is secret


def tree(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", "utf-8")


def below(root: Path, paths: Iterable[Path]) -> set[str]:
    return {path.relative_to(root).as_posix() for path in paths}


def test_secrets_are_found_below_a_project(tmp_path: Path) -> None:
    tree(tmp_path, ".env", "src/a.py", "src/deep/server.pem", ".git/config", ".git/HEAD", "home/.aws/anything")
    tree(tmp_path, "node_modules/p/.env", ".venv/lib/cacert.pem", ".git/refs/heads/x.key")
    tree(tmp_path, *(f".git/modules/refs/{name}" for name in ("HEAD", "config", "objects/aa/bb")))
    tree(tmp_path, ".git/worktrees/w/config.worktree", "src/config")
    tree(tmp_path, "bare/HEAD", "bare/config", "bare/objects/aa/bb")
    (tmp_path / "linked.pem").symlink_to(tmp_path / "src" / "a.py")
    found = below(tmp_path, secrets.search([tmp_path]).secrets)
    assert found == {
        *(".env", "src/deep/server.pem", ".git/config", "home/.aws", "bare/config"),
        *(".git/modules/refs/config", ".git/worktrees/w/config.worktree"),
    }


@pytest.mark.skipif(sys.platform == "win32", reason="there are none")
def test_sockets_and_pipes_are_found_below_a_project(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "tmp/b", ".git/HEAD")
    os.mkfifo(tmp_path / "tmp" / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / ".git" / "fsmonitor--daemon.ipc"))
    assert below(tmp_path, secrets.search([tmp_path]).sockets) == {"tmp/pipe", ".git/fsmonitor--daemon.ipc"}


def test_a_project_that_is_too_large_to_look_through_is_refused(tmp_path: Path) -> None:
    tree(tmp_path, *(f"{number}/.env" for number in range(6)))
    assert len(secrets.search([tmp_path], most=7).secrets) == 6
    with pytest.raises(NoSandbox, match="there are more than 3 folders to look through for secrets"):
        secrets.search([tmp_path], most=3)


def test_what_is_around_secrets_is_named_one_by_one(tmp_path: Path) -> None:
    tree(tmp_path, ".env", "readme", "src/a.py", "deploy/key.pem", "deploy/plain")
    (tmp_path / "settings").symlink_to(".env")
    (tmp_path / "deploy" / "up").symlink_to("/")
    read, listed = secrets.around([tmp_path], {tmp_path / ".env", tmp_path / "deploy" / "key.pem"})
    assert below(tmp_path, read) == {"readme", "src", "deploy/plain"}
    assert listed == [tmp_path, tmp_path / "deploy"]


def test_a_folder_without_secrets_is_one_rule(tmp_path: Path) -> None:
    assert secrets.around([tmp_path], set()) == ([tmp_path], [])
    assert secrets.around([tmp_path], {tmp_path}) == ([], [])


def test_variables() -> None:
    variables = {"LANG": "C", "API_TOKEN": "1", "GITHUB_PAT_SECRET": "2", "DB_PASSWORD": "3", "FLASK_APP": "app"}
    assert secrets.without_secrets(variables) == {"LANG": "C", "FLASK_APP": "app"}


def environment(root: Path, home: Path) -> Path:
    """A virtual environment as its files look; nothing in it can run."""
    tree(root, "bin/other", "lib/python3.9/site-packages/installed.py")
    (root / "pyvenv.cfg").write_text(f"home = {home}\nversion = 3.9.18\n", "utf-8")
    (root / "bin" / "python").symlink_to(home / "python")
    return root / "bin" / "python"


def base(root: Path) -> Path:
    """A Python as it is installed in a prefix of its own, beside what is not its."""
    tree(root, "bin/python3.9", "lib/python3.9/os.py", "lib64/x", "include/Python.h", "private/diary", ".ssh/id_rsa")
    (root / "bin" / "python").symlink_to("python3.9")
    return root


PARTS = {"bin", "lib", "lib64", "include"}


def test_an_environment_leads_to_its_base(tmp_path: Path) -> None:
    base(tmp_path / "versions" / "3.9")
    python = environment(tmp_path / "project" / ".venv", tmp_path / "versions" / "3.9" / "bin")
    found = below(tmp_path, interpreters.folders(python))
    own = {f"project/.venv/{name}" for name in ("bin", "lib", "pyvenv.cfg", "bin/python")}
    assert found == own | {f"versions/3.9/{part}" for part in PARTS}


def test_a_base_that_is_linked_is_followed(tmp_path: Path) -> None:
    base(tmp_path / "cellar" / "3.9")
    (tmp_path / "opt").symlink_to(tmp_path / "cellar" / "3.9")
    python = environment(tmp_path / ".venv", tmp_path / "opt" / "bin")
    found = below(tmp_path, interpreters.folders(python))
    assert {f"opt/{part}" for part in PARTS} | {f"cellar/3.9/{part}" for part in PARTS} < found
    assert dict(interpreters.links(python)) == {
        python: str(tmp_path / "opt" / "bin" / "python"),
        tmp_path / "opt": str(tmp_path / "cellar" / "3.9"),
        tmp_path / "cellar" / "3.9" / "bin" / "python": "python3.9",
    }


def test_a_home_is_no_prefix(tmp_path: Path) -> None:
    """Neither for a link in it, nor for what ``pip install --user`` made, nor because an environment says so."""
    home = tmp_path / "me"
    tree(home, ".ssh/id_rsa", ".local/lib/python3.9/site-packages/a.py", ".local/share/keyrings/login")
    base(tmp_path / "versions" / "3.9")
    for folder in (home / "bin", home / ".local" / "bin"):
        folder.mkdir()
        (folder / "python3").symlink_to(tmp_path / "versions" / "3.9" / "bin" / "python")
        found = below(tmp_path, interpreters.folders(folder / "python3"))
        assert found == {f"versions/3.9/{part}" for part in PARTS} | {
            (folder / "python3").relative_to(tmp_path).as_posix()
        }
    python = environment(tmp_path / ".venv", home / ".ssh")
    assert not any(home in (path, *path.parents) for path in interpreters.folders(python))


def test_a_shim_stands_beside_what_it_leads_to(tmp_path: Path) -> None:
    tree(tmp_path, "shims/python3", "versions/3.9/bin/python3.9")
    assert tmp_path in interpreters.folders(tmp_path / "shims" / "python3")


def test_the_system_is_not_named() -> None:
    assert interpreters.folders(Path("/usr/bin/python3")) == ()


def test_what_is_installed_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = environment(tmp_path / ".venv", tmp_path)
    packages = tmp_path / ".venv" / "lib" / "python3.9" / "site-packages"
    tree(tmp_path, "editable/pyproject.toml", "other/setup.py", "other/src/a.py", ".config/tokens", "home/setup.cfg")
    tree(tmp_path, "home/.ssh/id_rsa")
    monkeypatch.setattr(interpreters, "_own_home", lambda: tmp_path / "home")
    named = ("editable", "other/src", "missing", ".config", "home", "home/.ssh")
    lines = ["# a remark", "import sys", "relative", *(str(tmp_path / name) for name in named), ""]
    (packages / "in_place.pth").write_text("\n".join(lines), "utf-8")
    assert below(tmp_path, interpreters.named(python)) == {"editable", "other/src"}
