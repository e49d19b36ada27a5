"""The process that asks: which key it takes, and when it looks for another one."""

import asyncio
from pathlib import Path

import pytest

pytest.importorskip("openai")
pytest.importorskip("keyring")

from coding_agent.errors import KeyRefused
from coding_agent.ide.asker import Asker
from coding_agent.ide.models import Models, Question
from coding_agent.ide.options import ModelOptions
from support.command_line import World
from support.scripted import Scripted


async def test_a_key_that_is_set_anew_is_taken_by_an_editor_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, kept, looked = World(tmp_path), ["wrong"], list[str]()

    def get_password(_: str, host: str) -> str:
        looked.append(host)
        return kept[-1]

    monkeypatch.setattr("keyring.get_password", get_password)
    with Scripted("ok") as scripted:
        asker = Asker()
        models = Models(asker.answer, ModelOptions(scripted.url, scripted.model), world.folders, {})
        question = Question("explain", tmp_path, (("user", "What is it?"),), 64, known=False)
        with pytest.raises(KeyRefused, match="coding-agent ai key"):
            await models.ask(question)
        kept.append(scripted.key)
        answers = [(await models.ask(question)).text for _ in range(3)]
        await asyncio.wait_for(asker.close(), 10)
    assert answers == ["ok"] * 3
    assert len(looked) == 2
