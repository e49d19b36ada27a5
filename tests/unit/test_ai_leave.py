"""What may leave: consent by host and workspace, the administrator's switch, files that are never sent, keys."""

import json
import os
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from coding_agent.ai import keys
from coding_agent.ai.consent import Consents
from coding_agent.ai.denied import Denied
from coding_agent.ai.endpoint import endpoint
from coding_agent.ai.switch import barred, demand
from coding_agent.errors import AIOff, NotAgreed, SettingError, UserError

HOST = "api.example.com"


@pytest.fixture
def consents(tmp_path: Path) -> Consents:
    return Consents(tmp_path / "state/ai-consent.json")


def test_nobody_agreed(consents: Consents, tmp_path: Path) -> None:
    assert consents.answer(tmp_path, HOST) is None
    with pytest.raises(NotAgreed, match=r"nobody agreed that code of .* is sent to api\.example\.com"):
        consents.demand(tmp_path, HOST)


def test_an_answer_is_for_one_workspace_and_one_host(consents: Consents, tmp_path: Path) -> None:
    consents.agree(tmp_path / "a", HOST)
    consents.demand(tmp_path / "a", HOST)
    again = Consents(consents.path)
    assert again.answer(tmp_path / "a", HOST) is True
    assert [again.answer(tmp_path / "a", "other.example"), again.answer(tmp_path / "b", HOST)] == [None, None]
    # What is below a workspace is no workspace that somebody agreed for.
    assert again.answer(tmp_path / "a/b", HOST) is None
    consents.refuse(tmp_path / "a", HOST)
    with pytest.raises(NotAgreed, match="you said that no code"):
        again.demand(tmp_path / "a", HOST)
    consents.forget(tmp_path / "a", HOST)
    assert again.answer(tmp_path / "a", HOST) is None


def test_a_link_to_a_workspace_is_that_workspace(consents: Consents, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    consents.agree(tmp_path / "link", HOST)
    assert consents.answer(tmp_path / "a", HOST) is True


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", '{"version": 2, "agreed": [], "refused": []}', '{"version": 1, "agreed": 3, "refused": []}',
     '{"version": 1, "agreed": [["/a"]], "refused": []}', '{"version": 1, "agreed": [["/a", 1]], "refused": []}'],
)  # fmt: skip
def test_a_file_that_is_broken_agrees_to_nothing(consents: Consents, tmp_path: Path, content: str) -> None:
    consents.agree(tmp_path, HOST)
    consents.path.write_text(content)
    with pytest.raises(UserError, match=r"is broken .* so nothing is sent; remove it"):
        consents.demand(tmp_path, HOST)
    with pytest.raises(UserError, match="is broken"):
        consents.agree(tmp_path, HOST)
    assert consents.path.read_text() == content


def test_a_file_that_others_write_agrees_to_nothing(consents: Consents, tmp_path: Path) -> None:
    consents.agree(tmp_path, HOST)
    assert consents.path.stat().st_mode & 0o777 == 0o600
    consents.path.chmod(0o666)
    with pytest.raises(UserError, match="can be written by other users"):
        consents.demand(tmp_path, HOST)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, ""),
        ("", ""),
        ("ai = true\n", ""),
        ("ai = false\n", "models are switched off on this machine"),
        ("ai = 0\n", "models are switched off on this machine"),
        ('ai = "yes"\n', "models are switched off on this machine"),
        ("ai = = \n", "cannot be read"),
    ],
)
def test_an_administrator_switches_models_off(tmp_path: Path, content: str | None, why: str) -> None:
    if content is not None:
        (tmp_path / "policy.toml").write_text(content)
    said = barred(tmp_path)
    assert bool(said) is bool(why)
    assert why in said


@pytest.mark.parametrize(
    ("url", "enabled", "policy", "why"),
    [
        ("http://h/v1", True, "", ""),
        ("", True, "ai = false", "set ai.base-url and ai.model"),
        ("", False, "", "ai.enabled is off"),
        ("http://h/v1", True, "ai = false", "switched off on this machine"),
    ],
)
def test_one_answer_for_whether_a_model_may_be_asked(
    tmp_path: Path, url: str, enabled: bool, policy: str, why: str
) -> None:
    (tmp_path / "policy.toml").write_text(policy)
    with pytest.raises(AIOff, match=why) if why else nullcontext():
        demand(url, enabled, tmp_path)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    (root / ".git").mkdir(parents=True)
    (root / ".gitignore").write_text("local_*.py\n")
    (root / ".codingagentignore").write_text("pricing/\n")
    (tmp_path / "outside.py").touch()
    for name in ("cart.py", "local_settings.py", "pricing/rules.py", ".env", "keys/id_rsa", ".aws/x.py", "made_pb2.py"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).touch()
    (root / "link.py").symlink_to(tmp_path / "outside.py")
    (root / "innocent.py").symlink_to(root / ".env")
    return root


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("cart.py", ""),
        ("made_pb2.py", ""),
        ("local_settings.py", "ignored by a .gitignore"),
        ("pricing/rules.py", "ignored by a .gitignore"),
        (".env", "a file that may hold secrets, by its name"),
        ("keys/id_rsa", "a file that may hold secrets, by its name"),
        (".aws/x.py", "a file that may hold secrets, by its name"),
        ("innocent.py", "a file that may hold secrets, by its name"),
        ("link.py", "outside of the workspace"),
        ("../outside.py", "outside of the workspace"),
        (".git/config", "part of version control"),
    ],
)
def test_files_that_are_never_sent(project: Path, name: str, why: str) -> None:
    assert Denied(project).why(Path(os.path.normpath(project / name))) == why


@pytest.mark.parametrize(
    ("url", "host", "local"),
    [
        ("http://localhost:11434/v1/", "localhost:11434", True),
        ("http://127.0.0.1:8080/v1", "127.0.0.1:8080", True),
        ("http://[::1]:8080/v1", "[::1]:8080", True),
        ("https://API.OpenAI.com/v1", "api.openai.com", False),
        ("http://192.168.1.7:11434/v1", "192.168.1.7:11434", False),
        ("http://workstation:1234/v1", "workstation:1234", False),
        ("http://gpu.lan/v1", "gpu.lan", False),
    ],
)
def test_addresses(url: str, host: str, local: bool) -> None:
    found = endpoint(url, "m")
    assert (found.host, found.is_local, found.url) == (host, local, url.rstrip("/"))


@pytest.mark.parametrize(
    ("url", "model", "why"),
    [
        ("api.openai.com", "m", "is no address"),
        ("ftp://a.example/v1", "m", "is no address"),
        ("http://api.example.com/v1", "m", "unencrypted"),
        ("http://127.0.0.1.example.com/v1", "m", "unencrypted"),
        ("http://8.8.8.8/v1", "m", "unencrypted"),
        ("https://me:pw@api.example.com/v1", "m", "holds a password"),
        ("https://api.example.com/v1?key=1", "m", "would be lost"),
        ("https://api.example.com:99999/v1", "m", "is no address"),
        ("https://[::1/v1", "m", "is no address"),
        ("https://api.example.com/v1", " ", "say which model"),
    ],
)
def test_addresses_that_nothing_is_sent_to(url: str, model: str, why: str) -> None:
    with pytest.raises(SettingError, match=why):
        endpoint(url, model)


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    """The real keyring with a store that lives as long as the test."""
    library: Any = pytest.importorskip("keyring")
    from keyring.backend import KeyringBackend

    held: dict[tuple[str, str], str] = {}

    class Held(KeyringBackend):
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            return held.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            held[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del held[service, username]

    before = library.get_keyring()
    library.set_keyring(Held())
    monkeypatch.setattr("keyring.core._keyring_backend", library.get_keyring())
    yield held
    library.set_keyring(before)


def test_a_key_is_of_its_host_alone(keyring: dict[tuple[str, str], str]) -> None:
    one, other = endpoint("https://api.openai.com/v1", "m"), endpoint("https://api.example.com/v1", "m")
    keys.keep(one, "k1")
    assert [keys.key_of(one, {}), keys.key_of(other, {})] == ["k1", ""]
    keys.keep(one, "")
    keys.keep(one, "")
    assert keyring == {}


@pytest.mark.parametrize(
    ("url", "variables", "named", "key"),
    [
        ("https://api.openai.com/v1", {"OPENAI_API_KEY": "k"}, "", "k"),
        ("https://api.example.com/v1", {"OPENAI_API_KEY": "k"}, "", ""),
        ("http://127.0.0.1:8080/v1", {"OPENAI_API_KEY": "k"}, "", ""),
        ("https://api.example.com/v1", {"CODING_AGENT_API_KEY": " k\n"}, "", "k"),
        ("https://api.example.com/v1", {"CODING_AGENT_API_KEY": "k", "MINE": "m"}, "MINE", "m"),
        ("https://openrouter.ai/api/v1", {"OPENROUTER_API_KEY": "k"}, "", "k"),
    ],
)
def test_keys_of_the_environment(
    keyring: dict[tuple[str, str], str], url: str, variables: dict[str, str], named: str, key: str
) -> None:
    assert keys.key_of(endpoint(url, "m"), variables, named) == key


def test_a_variable_that_is_named_has_to_be_set(keyring: dict[tuple[str, str], str]) -> None:
    with pytest.raises(UserError, match=r"the variable MINE \(ai.key-variable\) is not set"):
        keys.key_of(endpoint("https://api.example.com/v1", "m"), {"CODING_AGENT_API_KEY": "k"}, "MINE")


def test_a_system_without_a_store_says_what_to_do(keyring: dict[tuple[str, str], str]) -> None:
    import keyring as library
    from keyring.backends.fail import Keyring

    library.set_keyring(Keyring())
    place = endpoint("https://api.example.com/v1", "m")
    assert keys.key_of(place, {"CODING_AGENT_API_KEY": "k"}) == "k"
    with pytest.raises(UserError, match=r"keeps no keys for us .* set the variable CODING_AGENT_API_KEY"):
        keys.keep(place, "k")


def test_the_file_of_consents_is_what_people_can_read(consents: Consents, tmp_path: Path) -> None:
    consents.agree(tmp_path / "a", HOST)
    consents.refuse(tmp_path / "b", HOST)
    assert json.loads(consents.path.read_text()) == {
        "version": 1,
        "agreed": [[str(tmp_path / "a"), HOST]],
        "refused": [[str(tmp_path / "b"), HOST]],
    }
