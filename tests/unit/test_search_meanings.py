"""Search by an endpoint of the user's that says what code means: peers that speak the protocol, well and badly."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("openai")
pytest.importorskip("numpy")

from coding_agent.ai.audit import read
from coding_agent.ai.consent import Consents
from coding_agent.ide.finder import Finder
from coding_agent.ide.models import embeds
from coding_agent.ide.options import ModelOptions
from coding_agent.ide.search import Found, Search, Status, Wanted
from coding_agent.search import meanings
from coding_agent.store.folders import Folders
from support.faults import FaultProxy, hang, ok
from support.llama import Llama, embedding_llama  # noqa: F401 - a fixture
from support.scripted import MODEL, Refuse, Scripted

TOKEN = "ghp_a8Jk2lmNop3Qrs4Tuv5Wxy6Zab7Cde8Fgh9I"
PAY, WALK = "def pay(x):\n    return x\n", "def walk(x):\n    return x\n"
NOTHING = (0,) * 8


def means(texts: list[str], *, width: int = 3, turned: bool = False) -> list[list[float]]:
    """What nobody could know of the words: that ``zyx`` is about paying; ``turned``: that it is about walking."""

    def of(text: str) -> list[float]:
        first, second = ("walk", "pay") if turned else ("pay", "walk")
        row = [1.0 * ("zyx" in text or f"{first}(" in text), 1.0 * (f"{second}(" in text), 0.1, *[0.0] * (width - 3)]
        return [*row[:2], -1.0 if turned and "add(" in text else 0.1, *row[3:]]

    return [of(text) for text in texts]


class World:
    """A project, and a user's folders beside it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.root.mkdir()
        self.write("a.py", PAY)
        self.write("b.py", WALK)
        self.folders = Folders(folder / "config", folder / "state", folder / "cache")

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def wanted(self, url: str, key: str, limits: tuple[int, ...] = NOTHING, model: str = MODEL) -> Wanted:
        options = ModelOptions(url=url, key_variable="KEY", limits=limits, embedding=model)
        endpoint = embeds(options, self.folders, {"KEY": key, "DB_PASSWORD": "hunter2hunter2"})
        return Wanted(self.root, folder=self.folders.search, endpoint=endpoint)

    def outcomes(self) -> list[str]:
        return [line.attempt.outcome for line in read(self.folders.audit_file, 100)]


class Session:
    """One process's searches."""

    def __init__(self, world: World, search: Search, status: Status) -> None:
        self.world, self.search, self.opened = world, search, status

    async def fill(self) -> Status:
        (status,) = await self.search.meanings(self.world.root, lambda done, total: None, asyncio.Event())
        return status

    async def ask(self, text: str = "zyx") -> list[str]:
        return [found.name for found in await self.search.search(text, top=9) if found.meaning > 0.5]

    async def status(self) -> Status:
        (status,) = await self.search.status()
        return status


@asynccontextmanager
async def session(world: World, wanted: Wanted) -> AsyncIterator[Session]:
    finder = Finder()
    try:
        search = Search(finder.answer)
        yield Session(world, search, await search.open(wanted, lambda done, total: None))
    finally:
        await finder.close()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def chunks_of(scripted: Scripted) -> list[str]:
    """The names of the functions that were sent, in their order."""
    return [
        text.partition("def ")[2].partition("(")[0]
        for texts in scripted.embedded
        for text in texts[1:]
        if "def " in text
    ]


async def test_questions_are_answered_by_what_it_says(world: World) -> None:
    with Scripted(meaning=means) as scripted:
        async with session(world, world.wanted(scripted.url, scripted.key)) as one:
            assert await one.ask() == []
            assert scripted.embedded == []
            status = await one.fill()
            assert (status.model, status.meant, status.meaning, status.refused) == (MODEL, 2, 2, "")
            assert await one.ask() == ["pay"]
            # A question that was asked before, or is a part of a name that somebody types, is not sent.
            await one.ask()
            await one.search.search("pay", names=True)
        assert [len(texts) for texts in scripted.embedded] == [3, 2]
    assert world.outcomes() == ["answered"] * 2


async def test_a_real_server(world: World, embedding_llama: Llama) -> None:  # noqa: F811 - the fixture
    wanted = world.wanted(embedding_llama.url, embedding_llama.key, model=embedding_llama.model)
    async with session(world, wanted) as one:
        status = await one.fill()
        assert (status.meant, status.meaning, status.refused) == (2, 2, "")
        # What it says is noise, but the same of the same text.
        text = " a pay\n\ndef pay(x):\n    return x\n"
        assert (await one.search.search(text, top=1))[0].meaning == pytest.approx(1, abs=0.1)
        long = world.write("c.py", "def long(x):\n" + "    x = call_it(x, 'some text') + 1\n" * 200)
        await one.search.changed([long])
        status = await one.fill()
        assert status.refused == ""
        assert status.meant == status.meaning > 2
    # It takes 512 tokens at once: of what has more, less is sent.
    assert "too long 500" in world.outcomes()


async def test_only_what_changed_is_sent_again(world: World) -> None:
    with Scripted(meaning=means) as scripted:
        wanted = world.wanted(scripted.url, scripted.key)
        async with session(world, wanted) as one:
            await one.fill()
            assert chunks_of(scripted) == ["pay", "walk"]
            changed = world.write("b.py", WALK + "\n\ndef run(x):\n    return x\n")
            await one.search.changed([changed])
            assert (await one.fill()).meant == 3
            assert chunks_of(scripted) == ["pay", "walk", "run"]
        # Another process knows what one before was told, also of what was moved within a file.
        world.write("b.py", "X = 1\n\n\n" + WALK)
        async with session(world, wanted) as one:
            assert one.opened.meant == 2
            await one.fill()
            assert await one.ask() == ["pay"]
    assert chunks_of(scripted) == ["pay", "walk", "run"]


async def test_a_changed_file_is_sent_in_the_background(world: World) -> None:
    with Scripted(meaning=means) as scripted:
        async with session(world, world.wanted(scripted.url, scripted.key)) as one:
            await one.fill()
            await one.search.changed([world.write("c.py", "def zyx_it(x):\n    return x\n")])
            await scripted.until(lambda: "zyx_it" in chunks_of(scripted), "the new function")


@pytest.mark.parametrize("width", [3, 5])
async def test_vectors_of_two_encoders_are_never_mixed(world: World, width: int) -> None:
    with Scripted(meaning=means) as scripted:
        async with session(world, world.wanted(scripted.url, scripted.key)) as one:
            await one.fill()
            # Under the same name another model answers now.
            scripted.mean(lambda texts: means(texts, width=width, turned=True))
            assert await one.ask("zyx now") == []
            await one.fill()
            assert await one.ask("zyx now") == ["walk"]
        async with session(world, world.wanted(scripted.url, scripted.key)) as one:
            assert one.opened.meant == 2
            assert await one.ask("zyx") == ["walk"]
    assert chunks_of(scripted) == ["pay", "walk"] * 2


async def test_another_model_has_vectors_of_its_own(world: World) -> None:
    with Scripted(meaning=means) as scripted:
        first = world.wanted(scripted.url, scripted.key)
        other = world.wanted(scripted.url, scripted.key, model="other")
        for wanted in (first, other, first):
            async with session(world, wanted) as one:
                assert (await one.fill()).meant == 2
    assert chunks_of(scripted) == ["pay", "walk"] * 2
    assert first.meanings != other.meanings


async def test_secrets_stay_here_and_so_do_files_that_are_denied(world: World) -> None:
    world.write("c.py", f'def sign(x):\n    TOKEN = "{TOKEN}"\n    return "hunter2hunter2", x\n')
    world.write(".aws/d.py", "def hidden(x):\n    return x\n")
    world.write("e.py", "def ignored(x):\n    return x\n")
    world.write(".codingagentignore", "e.py\n")
    with Scripted(meaning=means) as scripted:
        async with session(world, world.wanted(scripted.url, scripted.key)) as one:
            status = await one.fill()
            await one.ask(f"zyx {TOKEN}")
        captured = scripted.captured()
        assert sorted(chunks_of(scripted)) == ["pay", "sign", "walk"]
    assert status.meant == status.meaning == 3
    for secret in (TOKEN, "hunter2hunter2", "hidden", "ignored"):
        assert secret.encode() not in captured
    # What is kept of it has no text.
    assert TOKEN.encode() not in b"".join(each.read_bytes() for each in world.folders.search.rglob("*-meanings/*"))


async def test_another_host_is_asked_once_somebody_agreed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coding_agent.ai.endpoint.is_local", lambda name: False)
    monkeypatch.setattr("coding_agent.ai.endpoint._is_near", lambda name: True)
    with Scripted(meaning=means) as scripted:
        async with session(world, world.wanted(scripted.url, scripted.key)) as one:
            status = await one.fill()
            assert "nobody agreed" in status.refused
            assert [each for each in status.warned if "coding-agent ai allow" in each]
            assert [found.name for found in await one.search.search("pay", top=1)] == ["pay"]
            assert scripted.requests == []
            Consents(world.folders.consents_file).agree(world.root, scripted.url.split("/")[2])
            assert (await one.fill()).refused == ""
            assert await one.ask() == ["pay"]


async def test_what_it_may_take_is_limited(world: World) -> None:
    with Scripted(meaning=means) as scripted:
        limits = (0, 0, 1, 0, 0, 0, 0, 0)
        async with session(world, world.wanted(scripted.url, scripted.key, limits)) as one:
            assert (await one.fill()).meant == 2
            found = await one.search.search("pay", top=1)
            status = await one.status()
        assert len(scripted.embedded) == 1
    assert [each.name for each in found] == ["pay"]
    assert "ai.budget.day-requests" in status.refused
    assert [each for each in status.warned if "our own encoder answers" in each]


@pytest.mark.parametrize(
    ("meaning", "why"),
    [
        (lambda texts: [[1.0]] * (len(texts) - 1), "vectors for"),
        (lambda texts: [[1.0], *[[1.0, 2.0]] * (len(texts) - 1)], "several widths"),
        (lambda texts: [[float("nan")]] * len(texts), "number"),
        (lambda _: b"x" * 9_000_000, "more than 8 MB"),
        (lambda _: Refuse(401, "Incorrect API key provided", code="invalid_api_key"), "coding-agent ai key"),
        (lambda _: Refuse(429, "Slow down.", headers={"Retry-After": "3600"}), "may be asked again"),
    ],
)  # fmt: skip
async def test_where_it_fails_ours_answers(world: World, meaning: Callable[[list[str]], object], why: str) -> None:
    with Scripted(meaning=meaning) as scripted:  # type: ignore[arg-type]
        async with session(world, world.wanted(scripted.url, scripted.key)) as one:
            status = await one.fill()
            found = await one.search.search("pay", top=1)
        asked = len(scripted.embedded)
    assert why in status.refused
    assert (status.meant, status.meaning) == (0, 2)
    assert [each.name for each in found] == ["pay"]
    # It is left alone for a while then.
    assert asked == 1


async def test_one_that_is_gone_when_a_question_comes(world: World) -> None:
    with Scripted(meaning=means) as scripted, FaultProxy(scripted.url) as proxy:
        async with session(world, world.wanted(proxy.url, scripted.key)) as one:
            await one.fill()
            proxy.always = hang()
            begun = asyncio.get_running_loop().time()
            found = await one.search.search("pay", top=1)
            assert asyncio.get_running_loop().time() - begun < 10
            status = await one.status()
    assert [each.name for each in found] == ["pay"]
    assert "did not answer within 2 s" in status.refused


async def test_it_can_be_stopped_and_goes_on_later(world: World) -> None:
    with Scripted(meaning=means) as scripted, FaultProxy(scripted.url, hang()) as proxy:
        async with session(world, world.wanted(proxy.url, scripted.key)) as one:
            stopped = asyncio.Event()
            filling = asyncio.create_task(one.search.meanings(world.root, lambda done, total: None, stopped))
            await proxy.until(lambda: proxy.requests and proxy.requests[0].whole, "request")
            # Questions do not wait for it.
            assert [found.name for found in await one.search.search("pay", top=1)] == ["pay"]
            stopped.set()
            (status,) = await filling
            await proxy.left()
            assert (status.meant, status.refused) == (0, "")
            # Nobody wants it any more, until somebody does.
            proxy.always = ok()
            await one.search.changed([world.write("c.py", PAY)])
            assert len(proxy.requests) == 1
            assert (await one.fill()).meant == 3


async def test_who_leaves_ends_it(world: World) -> None:
    with Scripted(meaning=means) as scripted, FaultProxy(scripted.url, hang()) as proxy:
        async with session(world, world.wanted(proxy.url, scripted.key)) as one:
            await one.search.changed([world.write("c.py", PAY)])
            await proxy.until(lambda: proxy.requests and proxy.requests[0].whole, "request")
        await proxy.left()


async def test_requests_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meanings, "BYTES", 3000)
    for number in range(20):
        world.write(f"m{number}.py", f"def made_{number}(x):\n" + "    x += 1\n" * 40)
    with Scripted(meaning=means) as scripted:
        async with session(world, world.wanted(scripted.url, scripted.key)) as one:
            status = await one.fill()
    assert status.meant == status.meaning == 22
    assert len(scripted.embedded) >= 3
    assert max(sum(map(len, texts)) for texts in scripted.embedded) <= 3100
    monkeypatch.setattr(meanings, "BYTES", 64_000)
    monkeypatch.setattr(meanings, "TEXTS", 5)
    world.write("m.py", "".join(f"def more_{number}(x):\n    return {number}\n\n\n" for number in range(20)))
    with Scripted(meaning=means) as scripted:
        async with session(world, world.wanted(scripted.url, scripted.key)) as one:
            await one.fill()
    assert max(len(texts) for texts in scripted.embedded) == 5


async def test_of_questions_that_are_typed_only_the_last_is_sent(world: World) -> None:
    with Scripted(meaning=means) as scripted:
        async with session(world, world.wanted(scripted.url, scripted.key)) as one:
            await one.fill()
            typed = [one.search.search("zyx"[:size], typed=True) for size in (1, 2, 3)]
            answers: list[list[Found]] = await asyncio.gather(*typed)
    assert answers[-1][0].name == "pay"
    assert [texts[1] for texts in scripted.embedded[1:]] == ["zyx"]


async def test_a_damaged_file_is_made_anew(world: World) -> None:
    with Scripted(meaning=means) as scripted:
        wanted = world.wanted(scripted.url, scripted.key)
        async with session(world, wanted) as one:
            await one.fill()
        assert wanted.meanings is not None
        wanted.meanings.write_bytes(b"no database, but long enough to look like one" * 100)
        async with session(world, wanted) as one:
            assert (await one.fill()).meant == 2
            assert await one.ask() == ["pay"]
        async with session(world, wanted) as one:
            assert one.opened.meant == 2
    assert chunks_of(scripted) == ["pay", "walk"] * 2


async def test_without_an_endpoint_nothing_is_asked(world: World) -> None:
    assert embeds(ModelOptions(url="http://127.0.0.1:1/v1"), world.folders, {}) is None
    assert embeds(ModelOptions(embedding=MODEL), world.folders, {}) is None
    assert embeds(ModelOptions("http://127.0.0.1:1/v1", enabled=False, embedding=MODEL), world.folders, {}) is None
    async with session(world, Wanted(world.root)) as one:
        assert one.opened.model == ""
        assert (await one.fill()).refused == ""
    assert not world.folders.audit_file.exists()


async def test_the_key_of_an_editor_goes_to_its_host_alone(world: World) -> None:
    options = replace(ModelOptions(), url="https://api.example.com/v1", embedding=MODEL)
    for host, sent in (("api.example.com", "sk-1"), ("other.example.com", "")):
        made = embeds(options, world.folders, {}, (host, "sk-1"))
        assert made is not None
        assert made["setup"]["key"] == sent  # type: ignore[index]
