"""Which project a file belongs to: marks first, then what usually stands in a root."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from coding_agent.settings.roots import root_for_tests


def made(root: Path, names: Sequence[str]) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if name.endswith("/") else path.write_text("")


@pytest.mark.parametrize(
    ("names", "start", "around", "root"),
    [
        (["opt/pytest.ini", "opt/shop/__init__.py"], "opt/shop", "opt", "opt"),
        (["opt/tox.ini", "opt/shop/x.py"], "opt/shop", "opt/shop", "opt"),
        (["opt/setup.cfg", "opt/a/b/x.py"], "opt/a/b", ".", "opt"),
        (["pyproject.toml", "opt/pytest.ini", "opt/shop/x.py"], "opt/shop", ".", "opt"),
        (["opt/.venv/", "opt/acme/billing/x.py"], "opt/acme/billing", ".", "opt"),
        (["opt/conftest.py", "opt/shop/x.py"], "opt/shop", ".", "opt"),
        (
            ["opt/tests/", "opt/shop/__init__.py", "opt/shop/a/__init__.py", "opt/shop/a/tests/"],
            "opt/shop/a", "opt/shop", "opt",
        ),
        (["tests/", "opt/shop/x.py"], "opt/shop", "opt", "opt"),
        (["opt/shop/x.py"], "opt/shop", "opt", "opt"),
        (["opt/shop/__init__.py", "opt/shop/a/__init__.py", "else/"], "opt/shop/a", "else", "opt"),
        (["opt/shop/x.py", "else/"], "opt/shop", "else", "opt/shop"),
    ],
    ids=["pytest.ini", "tox.ini", "setup.cfg", "the nearest", "environment", "conftest", "tests, not a package's",
         "not above where it was asked", "where it was asked", "a package elsewhere", "a file elsewhere"],
)  # fmt: skip
def test_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str], start: str, around: str, root: str
) -> None:
    # Ends the search below the folders of this machine.
    monkeypatch.setenv("HOME", str(tmp_path.parent))
    made(tmp_path, names)
    assert root_for_tests(tmp_path / start, tmp_path / around) == tmp_path / root


def test_a_home_is_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    made(tmp_path, ["play/x.py", ".venv/", "tests/"])
    assert root_for_tests(tmp_path / "play", tmp_path) == tmp_path / "play"
