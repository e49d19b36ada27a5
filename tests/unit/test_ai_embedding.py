"""What texts mean, asked through the door: of a real llama.cpp, and of peers that speak the protocol well or badly."""

import array
import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("openai")

from coding_agent.ai.abilities import Known
from coding_agent.ai.adapters.openai import OpenAIModel
from coding_agent.ai.answers import Answers
from coding_agent.ai.audit import Audit, read
from coding_agent.ai.budget import Limits
from coding_agent.ai.calling import Calling, Time
from coding_agent.ai.consent import Consents
from coding_agent.ai.door import Door, Terms
from coding_agent.ai.embedding import Texts, Vectors
from coding_agent.ai.endpoint import endpoint
from coding_agent.ai.ledger import Ledger
from coding_agent.ai.prices import Price
from coding_agent.errors import BudgetSpent, ModelFailed, NotAgreed, TooLong
from support.faults import FaultProxy, hang
from support.llama import Llama, embedding_llama  # noqa: F401 - a fixture
from support.scripted import MODEL, Meaning, Refuse, Scripted, vector

TOKEN = "ghp_a8Jk2lmNop3Qrs4Tuv5Wxy6Zab7Cde8Fgh9I"
FREE = Limits(*(0,) * 8)


class Place:
    """A workspace and our folders beside it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "shop"
        self.root.mkdir()
        self.ledger = Ledger(folder / "state/budget.sqlite", time.time)
        self.audit = Audit(folder / "state/audit.jsonl", time.time)
        self.consents = Consents(folder / "state/consent.json")

    @asynccontextmanager
    async def door(
        self, url: str, key: str, *, limits: Limits = FREE, price: Price | None = None, local: bool = True,
        model: str = MODEL, known: frozenset[str] = frozenset(),
    ) -> AsyncIterator[Door]:  # fmt: skip
        now = Time(time.time, time.monotonic)
        place = replace(endpoint(url, model), is_local=local)
        calling = Calling(place, OpenAIModel(place, key, time.time), Known(None), now, random.Random(1))
        terms, answers = Terms(limits, price, 20.0), Answers(None)
        yield Door(calling, terms, self.ledger, self.audit, self.consents, answers, lambda _: known, now)
        await calling.close()

    def texts(self, *texts: str, files: tuple[str, ...] = (), seconds: float = 20.0, longest: int = 4000) -> Texts:
        paths = tuple(self.root / each for each in files) or (None,) * len(texts)
        return Texts(self.root, texts, paths, longest, seconds)

    def outcomes(self) -> list[str]:
        return [line.attempt.outcome for line in read(self.audit.path, 100)]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def numbers(row: bytes) -> list[float]:
    return array.array("f", row).tolist()


async def test_each_text_has_its_own_row(place: Place) -> None:
    with Scripted() as scripted:
        async with place.door(scripted.url, scripted.key) as door:
            made = await door.embed(place.texts("pay for it", "walk home"))
    assert made.width == 32
    assert [numbers(row) for row in made.rows] == [
        pytest.approx(vector(text, 32), abs=1e-6) for text in ("pay for it", "walk home")
    ]


async def test_rows_are_where_they_say_they_are(place: Place) -> None:
    def turned(texts: list[str]) -> dict[str, object]:
        return {"data": [{"index": at, "embedding": [at, 0.5]} for at in reversed(range(len(texts)))]}

    with Scripted(meaning=turned) as scripted:
        async with place.door(scripted.url, scripted.key) as door:
            made = await door.embed(place.texts("a", "b", "c"))
    assert [numbers(row)[0] for row in made.rows] == [0, 1, 2]


async def test_a_real_server(place: Place, embedding_llama: Llama) -> None:  # noqa: F811 - the fixture
    async with place.door(embedding_llama.url, embedding_llama.key, model=embedding_llama.model) as door:
        made = await door.embed(place.texts("def pay(): pass", "class Cart: pass", "def pay(): pass"))
        spent = place.ledger.today()
        with pytest.raises(TooLong, match="too long"):
            await door.embed(place.texts("word " * 3000, longest=20_000))
    first, second, third = map(numbers, made.rows)
    assert made.width == len(first) == 64
    assert first == pytest.approx(third, abs=1e-3)
    assert first != pytest.approx(second, abs=1e-3)
    assert spent.requests == 1
    assert spent.tokens == sum(embedding_llama.tokens(each) + 1 for each in ("def pay(): pass",) * 2) + (
        embedding_llama.tokens("class Cart: pass") + 1
    )


def said(*rows: object, **more: object) -> Meaning:
    return lambda texts: {"data": [{"index": at, "embedding": row} for at, row in enumerate(rows)], **more}


@pytest.mark.parametrize(
    ("meaning", "why"),
    [
        (said([1.0, 2.0]), "1 vectors for 2 texts"),
        (said([1.0], [1.0], [1.0]), "3 vectors for 2 texts"),
        (said([1.0, 2.0], [1.0]), "several widths"),
        (said([], []), "a vector has 0 numbers"),
        (said([0.5] * 8193, [0.5] * 8193), "a vector has 8193 numbers"),
        (said([1.0, float("nan")], [1.0, 2.0]), "a number that is none"),
        (said([1.0, float("inf")], [1.0, 2.0]), "a number that is none"),
        (said([1.0, 1e300], [1.0, 2.0]), "too large"),
        (said([1.0, 10**400], [1.0, 2.0]), "too large|limit"),
        (said([1.0, "2"], [1.0, 2.0]), "no number"),
        (said([1.0, True], [1.0, 2.0]), "no number"),
        (said(None, [1.0]), "a vector has 0 numbers"),
        (lambda _: {"data": [{"index": 0, "embedding": [1.0]}] * 2}, "which vector is of which text"),
        (lambda _: {"data": [{"index": 7, "embedding": [1.0]}] * 2}, "which vector is of which text"),
        (lambda _: {"data": {}}, "holds no vectors"),
        (lambda _: b"[]", "holds no vectors"),
        (lambda _: b"<html>", "no answer"),
        (lambda _: b"[" * 100_000, "no answer"),
        (lambda _: b'{"data": "' + b"x" * 9_000_000 + b'"}', "more than 8 MB"),
    ],
)  # fmt: skip
async def test_what_cannot_be_vectors_is_none(place: Place, meaning: Meaning, why: str) -> None:
    with Scripted(meaning=meaning) as scripted:
        async with place.door(scripted.url, scripted.key) as door:
            with pytest.raises(ModelFailed, match=f"does not answer as an OpenAI-compatible endpoint: .*({why})"):
                await door.embed(place.texts("a", "b"))
    assert place.outcomes() == ["no protocol"]
    # What came is charged as it was reserved: nobody knows what it took.
    assert place.ledger.today().tokens > 0


async def test_secrets_stay_here(place: Place) -> None:
    # The value is cut in two by the length that is sent: it is taken out before.
    at_the_end = "x" * 20 + f' TOKEN = "{TOKEN}"'
    with Scripted() as scripted:
        async with place.door(scripted.url, scripted.key, known=frozenset({"hunter2hunter2"})) as door:
            await door.embed(place.texts(at_the_end, "# it was hunter2hunter2 once", f"again {TOKEN}", longest=50))
        captured = scripted.captured()
        texts = scripted.embedded[0]
    assert TOKEN[:12].encode() not in captured
    assert b"hunter2" not in captured
    # The same code has the same vector, whatever stands beside it.
    assert texts == ["x" * 20 + ' TOKEN = "<SECRET>"', "# it was <SECRET> once", "again <SECRET>"]
    (line,) = read(place.audit.path, 10)
    assert sum(line.attempt.redactions.values()) == 2


async def test_files_that_are_denied_stay_here(place: Place) -> None:
    (place.root / ".gitignore").write_text("own.py\n")
    with Scripted() as scripted:
        async with place.door(scripted.url, scripted.key) as door:
            texts = place.texts("a", "b", "c", "d", files=("cart.py", "own.py", ".aws/x.py", "../other.py"))
            made = await door.embed(texts)
            nothing = await door.embed(place.texts("b", files=("own.py",)))
        asked = scripted.embedded
    assert asked == [["a"]]
    assert [bool(row) for row in made.rows] == [True, False, False, False]
    assert nothing == Vectors((b"",), 0, "")
    (line,) = read(place.audit.path, 10)
    assert (line.attempt.feature, line.attempt.files) == ("embed", ("cart.py",))


async def test_another_host_needs_consent(place: Place) -> None:
    with Scripted() as scripted:
        async with place.door(scripted.url, scripted.key, local=False) as door:
            with pytest.raises(NotAgreed, match="coding-agent ai allow"):
                await door.embed(place.texts("a"))
            assert scripted.requests == []
            place.consents.agree(place.root, door.endpoint.host)
            await door.embed(place.texts("a"))
            assert len(scripted.embedded) == 1


async def test_it_is_paid_for(place: Place) -> None:
    limits = replace(FREE, day_tokens=400)
    with Scripted() as scripted:
        async with place.door(scripted.url, scripted.key, limits=limits, price=Price(1_000_000, 0, 0)) as door:
            await door.embed(place.texts("abcd" * 10))
            spent = place.ledger.today()
            with pytest.raises(BudgetSpent, match=r"ai\.budget\.day-tokens"):
                await door.embed(place.texts("abcd" * 100))
        asked = scripted.embedded
    # By the server's count, not by the bytes that were reserved.
    assert (spent.requests, spent.tokens, spent.cost) == (1, 10, 10)
    assert len(asked) == 1
    assert place.outcomes() == ["answered", "over the budget"]


async def test_one_that_is_busy_is_asked_again_when_it_wants_to_be(place: Place) -> None:
    replies = iter([Refuse(429, "Slow down.", headers={"Retry-After": "0.3"})])
    with Scripted(meaning=lambda texts: next(replies, [[1.0, 0.0]] * len(texts))) as scripted:
        async with place.door(scripted.url, scripted.key) as door:
            begun = time.monotonic()
            made = await door.embed(place.texts("a"))
    assert time.monotonic() - begun >= 0.3
    assert numbers(made.rows[0]) == [1.0, 0.0]
    assert place.outcomes() == ["busy 429", "answered"]


async def test_one_that_wants_to_wait_for_long_is_left_alone(place: Place) -> None:
    with Scripted(meaning=lambda _: Refuse(429, "Slow down.", headers={"Retry-After": "60"})) as scripted:
        async with place.door(scripted.url, scripted.key) as door:
            for why in ("it may be asked again at", "is not asked before"):
                with pytest.raises(ModelFailed, match=why):
                    await door.embed(place.texts("a", seconds=2))
        assert len(scripted.embedded) == 1


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Refuse(404, "The model `x` does not exist", code="model_not_found"), r"see ai\.embedding-model"),
        (Refuse(500, "input (900 tokens) is too large to process. increase the physical batch size"), "too long"),
        (Refuse(402, "Pay first."), "nothing left to pay with"),
    ],
)  # fmt: skip
async def test_refusals_say_what_to_do(place: Place, reply: Refuse, why: str) -> None:
    with Scripted(meaning=lambda _: reply) as scripted:
        async with place.door(scripted.url, scripted.key) as door:
            with pytest.raises(ModelFailed, match=why):
                await door.embed(place.texts("a"))
        assert len(scripted.embedded) == 1
    assert place.ledger.today().tokens == 0


async def test_a_wrong_key(place: Place) -> None:
    with Scripted() as scripted:
        async with place.door(scripted.url, "sk-other") as door:
            with pytest.raises(ModelFailed, match="coding-agent ai key"):
                await door.embed(place.texts("a"))


async def test_one_that_never_answers_has_a_deadline(place: Place) -> None:
    with Scripted() as scripted, FaultProxy(scripted.url, hang()) as proxy:
        async with place.door(proxy.url, scripted.key) as door:
            begun = time.monotonic()
            with pytest.raises(ModelFailed, match=r"did not answer within 0\.5 s"):
                await door.embed(place.texts("a", seconds=0.5))
    assert time.monotonic() - begun < 5
    assert place.outcomes() == ["late"]


async def test_cancelling_ends_the_connection(place: Place) -> None:
    with Scripted() as scripted, FaultProxy(scripted.url, hang()) as proxy:
        async with place.door(proxy.url, scripted.key) as door:
            asking = asyncio.create_task(door.embed(place.texts("a")))
            await proxy.until(lambda: proxy.requests and proxy.requests[0].whole, "request")
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            await proxy.left()
    assert place.outcomes() == ["cancelled"]
