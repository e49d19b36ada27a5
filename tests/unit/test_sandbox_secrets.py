"""What is hidden from jobs, and what an interpreter needs to see."""

from pathlib import Path

import pytest

from coding_agent.sandbox import interpreters, secrets


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        (".env", True),
        (".env.production", True),
        (".env.example", False),
        (".envrc", False),
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
    assert secrets.looks_secret(name) is secret


def tree(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", "utf-8")


def test_secrets_are_found_below_a_project(tmp_path: Path) -> None:
    tree(tmp_path, ".env", "src/a.py", "src/deep/server.pem", ".git/config", ".git/HEAD", "home/.aws/anything")
    tree(tmp_path, "node_modules/p/.env", ".venv/lib/cacert.pem")
    (tmp_path / "linked.pem").symlink_to(tmp_path / "src" / "a.py")
    found = {path.relative_to(tmp_path).as_posix() for path in secrets.hidden(tmp_path)}
    assert found == {".env", "src/deep/server.pem", ".git/config", "home/.aws"}


def test_what_is_around_secrets_is_named_one_by_one(tmp_path: Path) -> None:
    tree(tmp_path, ".env", "readme", "src/a.py", "deploy/key.pem", "deploy/plain")
    read, listed = secrets.around(tmp_path, {tmp_path / ".env", tmp_path / "deploy" / "key.pem"})
    assert {path.relative_to(tmp_path).as_posix() for path in read} == {"readme", "src", "deploy/plain"}
    assert listed == [tmp_path, tmp_path / "deploy"]


def test_a_folder_without_secrets_is_one_rule(tmp_path: Path) -> None:
    assert secrets.around(tmp_path, set()) == ([tmp_path], [])
    assert secrets.around(tmp_path, {tmp_path}) == ([], [])


def test_variables() -> None:
    variables = {"LANG": "C", "API_TOKEN": "1", "GITHUB_PAT_SECRET": "2", "DB_PASSWORD": "3", "FLASK_APP": "app"}
    assert secrets.without_secrets(variables) == {"LANG": "C", "FLASK_APP": "app"}
    assert secrets.passed({**variables, "PATH": "/bin", "EDITOR": "vi"}) == {"LANG": "C", "FLASK_APP": "app"}


def environment(root: Path, home: Path) -> Path:
    """A virtual environment as its files look; nothing in it can run."""
    tree(root, "bin/other", "lib/python3.9/site-packages/installed.py")
    (root / "pyvenv.cfg").write_text(f"home = {home}\nversion = 3.9.18\n", "utf-8")
    (root / "bin" / "python").symlink_to(home / "python")
    return root / "bin" / "python"


def test_an_environment_leads_to_its_base(tmp_path: Path) -> None:
    tree(tmp_path, "versions/3.9/bin/python3.9")
    (tmp_path / "versions" / "3.9" / "bin" / "python").symlink_to("python3.9")
    python = environment(tmp_path / "project" / ".venv", tmp_path / "versions" / "3.9" / "bin")
    assert interpreters.folders(python) == (tmp_path / "project" / ".venv", tmp_path / "versions" / "3.9")


def test_a_base_that_is_linked_is_followed(tmp_path: Path) -> None:
    tree(tmp_path, "cellar/3.9/bin/python")
    (tmp_path / "opt").symlink_to(tmp_path / "cellar" / "3.9")
    python = environment(tmp_path / ".venv", tmp_path / "opt" / "bin")
    assert interpreters.folders(python) == (tmp_path / ".venv", tmp_path / "opt", tmp_path / "cellar" / "3.9")


def test_the_system_is_not_named() -> None:
    assert interpreters.folders(Path("/usr/bin/python3")) == ()


def test_what_is_installed_in_place(tmp_path: Path) -> None:
    python = environment(tmp_path / ".venv", tmp_path)
    packages = tmp_path / ".venv" / "lib" / "python3.9" / "site-packages"
    (tmp_path / "editable").mkdir()
    lines = ["# a remark", "import sys", "relative", str(tmp_path / "editable"), str(tmp_path / "missing"), ""]
    (packages / "in_place.pth").write_text("\n".join(lines), "utf-8")
    assert interpreters.named(python) == (tmp_path / "editable",)
