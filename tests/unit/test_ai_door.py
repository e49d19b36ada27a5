"""The door: what leaves, what it is charged, what is written down, and what comes back."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("openai")

from coding_agent.ai.abilities import Known
from coding_agent.ai.adapters.openai import OpenAIModel
from coding_agent.ai.answers import Answers
from coding_agent.ai.audit import Audit, read
from coding_agent.ai.budget import Limits, Usage
from coding_agent.ai.calling import Calling, Time
from coding_agent.ai.consent import Consents
from coding_agent.ai.door import Door, Request, Terms
from coding_agent.ai.endpoint import endpoint
from coding_agent.ai.ledger import Ledger
from coding_agent.ai.model import Abilities, Answer, Asked, Message
from coding_agent.ai.prices import Price
from coding_agent.assist.shapes import Commit, Rewrite
from coding_agent.errors import BudgetSpent, ModelFailed, NotAgreed, UserError
from support.faults import FaultProxy
from support.llama import Llama, llama  # noqa: F401 - a fixture
from support.planted import planted
from support.scripted import MODEL, Case, Say, Scripted

TOKEN = "ghp_a8Jk2lmNop3Qrs4Tuv5Wxy6Zab7Cde8Fgh9I"
FREE = Limits(*(0,) * 8)
GOOD = '{"subject": "Sell more", "body": ""}'


class Place:
    """A workspace and our folders beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root = folder, folder / "shop"
        self.root.mkdir()
        (self.root / "cart.py").write_text("x = 1\n")
        self.ledger = Ledger(folder / "state/budget.sqlite", time.time)
        self.audit = Audit(folder / "state/audit.jsonl", time.time)
        self.consents = Consents(folder / "state/consent.json")

    @asynccontextmanager
    async def door(
        self, url: str, key: str, *, limits: Limits = FREE, price: Price | None = None, seconds: float = 20.0,
        local: bool = True, secrets: Callable[[Path], frozenset[str]] = lambda _: frozenset(), model: str = MODEL,
    ) -> AsyncIterator[Door]:  # fmt: skip
        now = Time(time.time, time.monotonic)
        place = replace(endpoint(url, model), is_local=local)
        calling = Calling(place, OpenAIModel(place, key, time.time), Known(None), now, random.Random(1))
        answers = Answers(self.folder / "cache/answers")
        yield Door(
            calling, Terms(limits, price, seconds), self.ledger, self.audit, self.consents, answers, secrets, now
        )
        await calling.close()

    def request(self, text: str = "What is it?", **more: object) -> Request:
        given: dict[str, object] = {"files": (self.root / "cart.py",), **more}
        messages = (Message("system", "Be brief."), Message("user", text))
        return Request("explain", self.root, messages, 64, **given)  # type: ignore[arg-type]

    def outcomes(self) -> list[str]:
        return [line.attempt.outcome for line in read(self.audit.path, 100)]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


async def test_a_secret_stays_here_and_is_put_back(place: Place) -> None:
    said = list[str]()
    with Scripted(Say("It sends <SECRET_1> to the shop, and <SECRET_9>.", piece=3)) as scripted:
        async with place.door(scripted.url, scripted.key) as door:
            reply = await door.ask(place.request(f'TOKEN = "{TOKEN}"'), said.append)
        captured = scripted.captured()
    assert TOKEN.encode() not in captured
    assert b"<SECRET_1>" in captured
    assert reply.text == "".join(said) == f"It sends {TOKEN} to the shop, and <SECRET_9>."
    assert sum(reply.redactions.values()) == 1
    # Nor is it anywhere that we keep: audit, ledger, answers.
    for file in place.folder.rglob("*"):
        assert not file.is_file() or TOKEN.encode() not in file.read_bytes()


async def test_values_that_are_known_to_be_secret_stay_here(place: Place) -> None:
    with Scripted("ok") as scripted:
        async with place.door(scripted.url, scripted.key, secrets=lambda _: frozenset({"hunter2hunter2"})) as door:
            await door.ask(place.request("# once it was hunter2hunter2, they say"))
        assert b"hunter2hunter2" not in scripted.captured()


async def test_an_answer_of_a_shape(place: Place) -> None:
    with Scripted(f"```json\n{GOOD}\n```") as scripted:
        async with place.door(scripted.url, scripted.key) as door:
            reply = await door.ask(place.request(shape=Commit))
    assert reply.data == {"subject": "Sell more", "body": ""}


async def test_secrets_in_a_shape_are_put_back(place: Place) -> None:
    with Scripted(json.dumps({"code": "T = '<SECRET_1>'", "why": "kept <SECRET_1>"})) as scripted:
        async with place.door(scripted.url, scripted.key) as door:
            reply = await door.ask(place.request(f'TOKEN = "{TOKEN}"', shape=Rewrite))
    assert reply.data == {"code": f"T = '{TOKEN}'", "why": f"kept {TOKEN}"}


async def test_what_is_published_has_no_secrets(place: Place) -> None:
    with Scripted('{"subject": "Use <SECRET_1>", "body": ""}') as scripted:
        async with place.door(scripted.url, scripted.key) as door:
            reply = await door.ask(place.request(f'TOKEN = "{TOKEN}"', shape=Commit, restores=False))
    assert (reply.data or {})["subject"] == "Use <SECRET_1>"
    assert TOKEN not in reply.text


async def test_an_answer_of_another_shape_is_asked_for_once_more(place: Place) -> None:
    with Scripted([Case("What", "Sure, here you are!", GOOD)]) as scripted:
        async with place.door(scripted.url, scripted.key) as door:
            reply = await door.ask(place.request(shape=Commit))
        second = scripted.asked[1].messages
    assert reply.data["subject"] == "Sell more" if reply.data else False
    assert reply.attempts == 2
    assert second[-2:] == [
        ("assistant", "Sure, here you are!"),
        ("user", "That is not what was asked for: it is no JSON (Expecting value: line 1 column 1 (char 0)). Answer "
                 "again, with nothing else."),
    ]  # fmt: skip


async def test_the_deadline_is_of_all_answers_together(place: Place) -> None:
    clock, asked = [0.0], list[Asked]()

    class Slow:
        async def answer(self, given: Asked, can: Abilities, say: object) -> Answer:
            asked.append(given)
            clock[0] += 1.99
            return Answer("no JSON", Usage(5, 0, 5), cut=False)

        async def close(self) -> None: ...

    now = Time(time.time, lambda: clock[0])
    calling = Calling(endpoint("http://127.0.0.1:9/v1", MODEL), Slow(), Known(None), now, random.Random(1))
    terms = Terms(FREE, None, 2.0)
    door = Door(
        calling, terms, place.ledger, place.audit, place.consents, Answers(place.folder), lambda _: frozenset(), now
    )
    with pytest.raises(ModelFailed, match=r"did not answer within 2 s \(ai\.deadline-seconds\)"):
        await door.ask(place.request(shape=Commit))
    assert len(asked) == 1


async def test_what_is_no_answer_twice_is_none(place: Place) -> None:
    with Scripted("I would rather talk.") as scripted:
        async with place.door(scripted.url, scripted.key) as door:
            with pytest.raises(
                ModelFailed, match=r"did not answer in the form that was asked for, twice \(it is no JSON"
            ):
                await door.ask(place.request(shape=Commit))
        assert len(scripted.asked) == 2


async def test_the_same_question_is_asked_once(place: Place) -> None:
    said = list[str]()
    with Scripted("It sells <SECRET_1>.") as scripted:
        async with place.door(scripted.url, scripted.key) as door:
            await door.ask(place.request(f'TOKEN = "{TOKEN}"'))
            again = await door.ask(place.request(f'TOKEN = "{TOKEN}"'), said.append)
            other = TOKEN.replace("a8J", "b9K")
            third = await door.ask(place.request(f'TOKEN = "{other}"'))
            await door.ask(place.request(f'TOKEN = "{TOKEN}"', known=False))
        assert len(scripted.asked) == 2
    assert (again.cached, again.text, said) == (True, f"It sells {TOKEN}.", [f"It sells {TOKEN}."])
    assert (again.usage, again.cost) == (again.usage, 0)
    # The same text but for the secret is the same question, and the answer has the secret of who asks.
    assert (third.cached, third.text) == (True, f"It sells {other}.")
    assert place.outcomes() == ["answered", "known already", "known already", "answered"]
    assert place.ledger.today().requests == 2


async def test_an_answer_that_was_cut_is_not_kept(place: Place) -> None:
    with Scripted(Say("It sells", finish="length")) as scripted:
        async with place.door(scripted.url, scripted.key) as door:
            assert (await door.ask(place.request())).cut
            assert not (await door.ask(place.request())).cached


async def test_another_machine_needs_consent(place: Place) -> None:
    with Scripted("ok") as scripted:
        async with place.door(scripted.url, scripted.key, local=False) as door:
            with pytest.raises(NotAgreed, match="nobody agreed"):
                await door.ask(place.request())
            assert scripted.requests == []
            place.consents.agree(place.root, door.endpoint.host)
            assert (await door.ask(place.request())).text == "ok"
            place.consents.refuse(place.root, door.endpoint.host)
            with pytest.raises(NotAgreed, match="you said that no code"):
                await door.ask(place.request("Again?"))
            assert len(scripted.requests) == 1


async def test_a_file_that_is_denied_takes_the_question_with_it(place: Place) -> None:
    (place.root / ".env").write_text("A=1\n")
    with Scripted("ok") as scripted:
        async with place.door(scripted.url, scripted.key) as door:
            with pytest.raises(UserError, match=r"\.env is not sent to a model: it is a file that may hold secrets"):
                await door.ask(place.request(files=(place.root / ".env",)))
        assert scripted.requests == []


async def test_a_preview_sends_nothing(place: Place) -> None:
    with Scripted("ok") as scripted:
        async with place.door(scripted.url, scripted.key, local=False, price=Price(10, 1, 30)) as door:
            shown = door.preview(place.request(f'TOKEN = "{TOKEN}"'))
        assert scripted.requests == []
    assert TOKEN not in str(shown)
    assert shown.messages[1].text == 'TOKEN = "<SECRET_1>"'
    assert (shown.files, sum(shown.redactions.values())) == (("cart.py",), 1)
    assert shown.tokens < shown.size
    assert place.outcomes() == []


async def nothing_leaks(place: Place, seed: int, count: int) -> None:
    """Send files with planted secrets, and look at all bytes that a server saw."""
    every = planted(seed, count)
    assert len(every) == count
    known = frozenset().union(*(each.known for each in every))
    with Scripted("ok") as scripted:
        async with place.door(scripted.url, scripted.key, secrets=lambda _: known) as door:
            for first in range(0, count, 40):
                texts = tuple(Message("user", each.text) for each in every[first : first + 40])
                await door.ask(replace(place.request(), messages=texts))
        seen = scripted.captured().decode("utf-8", "replace")
        sent = "\n".join(text for asked in scripted.asked for _, text in asked.messages)
    leaked = [(each.kind, each.form) for each in every if each.leaked(seen) or each.leaked(sent)]
    assert leaked == []


async def test_no_planted_secret_leaves(place: Place) -> None:
    await nothing_leaks(place, 6, 200)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 105))
async def test_no_planted_secret_leaves_soak(place: Place, seed: int) -> None:
    await nothing_leaks(place, seed, 1_000)


# The budget.


async def test_what_could_pass_a_limit_is_not_sent(place: Place) -> None:
    limits = replace(FREE, day_tokens=300)
    with Scripted(Say("ok", usage={"prompt_tokens": 20, "completion_tokens": 1, "total_tokens": 21})) as scripted:
        async with place.door(scripted.url, scripted.key, limits=limits) as door:
            await door.ask(place.request())
            with pytest.raises(BudgetSpent, match=r"ai\.budget\.day-tokens allows 300 tokens a day"):
                await door.ask(place.request("What is it? " * 20))
            assert len(scripted.requests) == 1
    assert place.ledger.today().tokens == 21
    assert place.outcomes() == ["answered", "over the budget"]


@pytest.mark.parametrize(
    ("plans", "outcomes", "counted", "whole"),
    [
        (["400"], ["refused 400"], 0, 0),
        (["401"], ["key 401"], 0, 0),
        (["429", "ok"], ["busy 429", "answered"], 21, 0),
        (["500", "ok"], ["server 500", "answered"], 21, 1),
        (["504"] * 4, ["server 504"] * 4, 0, 4),
        (["no_usage"], ["answered"], 0, 1),
        (["garbage"], ["no protocol"], 0, 1),
    ],
)
async def test_what_is_charged(place: Place, plans: list[str], outcomes: list[str], counted: int, whole: int) -> None:
    said = Say("ok", usage={"prompt_tokens": 20, "completion_tokens": 1, "total_tokens": 21})
    with Scripted(said) as scripted, FaultProxy(scripted.url) as proxy:
        proxy.plan(*plans)
        async with place.door(proxy.url, scripted.key) as door:
            with suppress(ModelFailed):
                await door.ask(place.request())
            size = door.preview(place.request()).size
    spent = place.ledger.today()
    assert spent.requests == len(outcomes)
    # One of which nobody knows what it took is charged in full: each byte, and the whole answer. A gateway that waited
    # too long for a server knows least of all.
    assert spent.tokens == counted + whole * (size + 64)
    assert place.outcomes() == outcomes


async def test_an_endpoint_that_is_not_there_is_charged_nothing(place: Place) -> None:
    with Scripted("ok") as scripted:
        url = scripted.url
    async with place.door(url, "k", seconds=1.0) as door:
        with pytest.raises(ModelFailed, match="cannot be reached"):
            await door.ask(place.request())
    assert (place.ledger.today().requests, place.ledger.today().tokens) == (0, 0)


async def test_a_question_that_is_cancelled_stays_charged(place: Place) -> None:
    with FaultProxy(always="hang") as proxy:
        async with place.door(proxy.url, "k") as door:
            task = asyncio.create_task(door.ask(place.request()))
            await proxy.until(lambda: proxy.requests and proxy.requests[0].whole, "request")
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await proxy.left()
    assert place.ledger.today().requests == 1
    assert place.outcomes() == ["cancelled"]


async def test_the_audit_says_who_got_how_much_of_what(place: Place) -> None:
    with Scripted(Say("ok", usage={"prompt_tokens": 20, "completion_tokens": 1, "total_tokens": 21})) as scripted:
        async with place.door(scripted.url, scripted.key) as door:
            await door.ask(place.request(f'TOKEN = "{TOKEN}"  # some text'))
            host = door.endpoint.host
    (line,) = read(place.audit.path, 10)
    attempt = line.attempt
    assert (attempt.host, attempt.model, attempt.feature) == (host, MODEL, "explain")
    assert (attempt.workspace, attempt.files) == (str(place.root), ("cart.py",))
    assert (attempt.tokens_in, attempt.tokens_out, sum(attempt.redactions.values())) == (20, 1, 1)
    assert attempt.sent > 100
    assert b"some text" not in place.audit.path.read_bytes()


# A real server.


async def test_llama_answers_streams_and_counts(place: Place, llama: Llama) -> None:  # noqa: F811
    said = list[str]()
    async with place.door(llama.url, llama.key, model=llama.model) as door:
        reply = await door.ask(place.request(), said.append)
    assert reply.text == "".join(said)
    assert reply.usage is not None
    assert 0 < reply.usage.tokens_in < door.preview(place.request()).size
    assert 0 < reply.usage.tokens_out <= 64
    assert place.ledger.today().tokens == reply.usage.tokens_in + reply.usage.tokens_out


async def test_llama_holds_to_a_schema(place: Place, llama: Llama) -> None:  # noqa: F811
    async with place.door(llama.url, llama.key, model=llama.model) as door:
        reply = await door.ask(replace(place.request(shape=Commit), most=4_000))
    assert reply.data is not None
    assert 1 <= len(str(reply.data["subject"])) <= 100


async def test_llama_has_its_slot_back_when_a_question_is_cancelled(place: Place, llama: Llama) -> None:  # noqa: F811
    async with place.door(llama.url, llama.key, model=llama.model) as door:
        task = asyncio.create_task(door.ask(replace(place.request(), most=8_000, messages=(Message("user", "x"),))))
        await asyncio.to_thread(llama.wait_until_busy)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.to_thread(llama.wait_until_idle)


@pytest.mark.parametrize(("key", "words"), [("wrong", "does not accept the key"), ("", "does not accept the key")])
async def test_llama_refuses_a_key(place: Place, llama: Llama, key: str, words: str) -> None:  # noqa: F811
    async with place.door(llama.url, key, model=llama.model) as door:
        with pytest.raises(ModelFailed, match=words):
            await door.ask(place.request())


async def test_llama_says_what_is_too_long(place: Place, llama: Llama) -> None:  # noqa: F811
    async with place.door(llama.url, llama.key, model=llama.model) as door:
        with pytest.raises(ModelFailed, match="ask about less"):
            await door.ask(place.request("word " * 40_000))
