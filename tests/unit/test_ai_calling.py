"""Calls over the real protocol: each fault of an endpoint ends in time, in words, and with every attempt paid for once.

The endpoint is the scripted one behind the proxy that breaks what passes it; `bench/asking.py` measures how soon.
"""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytest.importorskip("openai")

from coding_agent.ai.abilities import Known
from coding_agent.ai.adapters.openai import OpenAIModel
from coding_agent.ai.budget import Usage
from coding_agent.ai.calling import Calling, Time
from coding_agent.ai.endpoint import endpoint
from coding_agent.ai.model import Abilities, Answer, Asked, Message, Structure
from coding_agent.ai.structure import read, schema_of
from coding_agent.assist.shapes import Commit
from coding_agent.errors import ModelFailed
from support.faults import PLANS, FaultProxy, Outcome, cut, redirect, retry_after
from support.scripted import MODEL, Case, Refuse, Say, Scripted

SECONDS, PLENTY = 1.0, 30.0
"""Until the deadline, for who never answers and for who does: on a busy machine a second is soon over."""
LATE = 5.0
"""Seconds behind the deadline that a busy machine is given."""
TEXT = "It pays for what is in the cart."
JSON = '{"subject": "Sell more", "body": ""}'
ASKED = Asked((Message("system", "Be brief."), Message("user", "What does it do?")), 64)
SHAPED = Asked(ASKED.messages, 64, schema_of(Commit))


@dataclass
class Paying:
    """Counts what is paid for and what came of it."""

    paid: int = 0
    ended: list[tuple[str, Usage | None, bool, bool]] = field(default_factory=list)

    def __call__(self, asked: Asked) -> "Paying":
        self.paid += 1
        return self

    def ended_(self, outcome: str, usage: Usage | None, sent: bool, refused: bool) -> None:
        self.ended.append((outcome, usage, sent, refused))


@dataclass
class Paid:
    paying: Paying

    def ended(self, outcome: str, usage: Usage | None, *, sent: bool, refused: bool) -> None:
        self.paying.ended_(outcome, usage, sent, refused)


@dataclass
class Called:
    answer: Answer | None
    why: str
    said: list[str]
    paying: Paying
    seconds: float


class Client:
    """One endpoint as the door asks it."""

    def __init__(self, url: str, key: str, *, streams: bool = True, known: Path | None = None) -> None:
        self.place = endpoint(url, MODEL)
        self.known = Known(known)
        if not streams:
            self.known.learn(self.place, Abilities(streams=False))
        now = Time(time.time, time.monotonic)
        self.calling = Calling(self.place, OpenAIModel(self.place, key, time.time), self.known, now, random.Random(1))

    async def call(self, asked: Asked = ASKED, seconds: float = PLENTY, *, shown: bool = True) -> Called:
        paying, said = Paying(), list[str]()
        begun = time.monotonic()

        def pay(_: Asked) -> Paid:
            paying.paid += 1
            return Paid(paying)

        try:
            answer, why = await self.calling.call(asked, seconds, pay, said.append if shown else None), ""
        except ModelFailed as failed:
            answer, why = None, str(failed)
        return Called(answer, why, said, paying, time.monotonic() - begun)


async def called(
    url: str, key: str, asked: Asked = ASKED, seconds: float = PLENTY, *, streams: bool = True, shown: bool = True
) -> Called:
    client = Client(url, key, streams=streams)
    try:
        return await client.call(asked, seconds, shown=shown)
    finally:
        await client.calling.close()


async def called_for(
    url: str, key: str, asked: Asked, seconds: float, *, streams: bool = True, shown: bool = True
) -> float:
    """How many seconds a call takes that may take so many."""
    client = Client(url, key, streams=streams)
    try:
        return (await client.call(asked, seconds, shown=shown)).seconds
    finally:
        await client.calling.close()


WAYS: Mapping[str, tuple[Asked, bool, bool]] = {
    "chat": (ASKED, False, True),
    "stream": (ASKED, True, True),
    "structured": (SHAPED, True, False),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("plan", PLANS)
async def test_every_fault_ends_in_time_and_in_words(plan: str, way: str) -> None:
    asked, streams, shown = WAYS[way]
    said = JSON if asked.schema else TEXT
    seconds = PLENTY if PLANS[plan].outcome is Outcome.ANSWER else SECONDS
    with Scripted(said) as scripted, FaultProxy(scripted.url, always=plan) as proxy:
        found = await called(proxy.url, scripted.key, asked, seconds, streams=streams, shown=shown)
    assert found.seconds < seconds + LATE
    assert found.paying.paid == len(found.paying.ended)
    if found.answer is not None:
        # An answer is the whole answer, whatever happened on the way.
        assert found.answer.text == said
        assert "".join(found.said) == (said if shown else "")
        assert PLANS[plan].outcome is Outcome.ANSWER or plan in ("too_much", "late_error")
    else:
        assert any(word in found.why for word in ("127.0.0.1", MODEL))
        assert not found.why.endswith("()")
        assert len(found.why) < 700
    if PLANS[plan].outcome is Outcome.ANSWER:
        assert found.answer is not None, found.why


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ("401", "does not accept the key"),
        ("403", "coding-agent ai key"),
        ("404", "knows no model"),
        ("429_in_600_s", "it may be asked again at"),
        ("quota", "nothing left to pay with"),
        ("too_long", "ask about less"),
        ("redirect", "wants to send us to http://127.0.0.1:9/"),
        ("html", "does not answer as an OpenAI-compatible endpoint"),
        ("garbage", "does not answer as an OpenAI-compatible endpoint"),
        ("huge", "it sends more than 8 MB"),
        ("hang", "did not answer within 1 s (ai.deadline-seconds)"),
        ("pings", "did not answer within 1 s"),
        ("half_an_answer", "broke off its answer"),
        ("500", "ask again later"),
    ],
)
async def test_a_failure_says_what_to_do(plan: str, words: str) -> None:
    with Scripted(TEXT) as scripted, FaultProxy(scripted.url, always=plan) as proxy:
        client = Client(proxy.url, scripted.key)
        found = await client.call(seconds=SECONDS if "within 1 s" in words else PLENTY)
        await client.calling.close()
    assert words in found.why


async def test_nobody_there() -> None:
    with Scripted(TEXT) as scripted:
        url = scripted.url
    found = await called(url, "")
    assert "cannot be reached" in found.why
    assert "does the server run" in found.why
    assert {(sent, refused) for _, _, sent, refused in found.paying.ended} == {(False, False)}


async def test_what_may_be_gone_a_moment_later_is_tried_again() -> None:
    with Scripted(TEXT) as scripted, FaultProxy(scripted.url) as proxy:
        proxy.plan("503", "reset")
        client = Client(proxy.url, scripted.key)
        found = await client.call(seconds=20)
        await client.calling.close()
    assert found.answer is not None
    assert found.answer.text == TEXT
    assert [outcome for outcome, *_ in found.paying.ended] == ["busy 503", "broken off", "answered"]
    # Who failed may have written an answer all the same.
    assert [refused for *_, refused in found.paying.ended] == [False, False, False]


async def test_a_wait_that_fits_is_waited() -> None:
    with Scripted(TEXT) as scripted, FaultProxy(scripted.url) as proxy:
        proxy.plan(retry_after(0.2))
        found = await called(proxy.url, scripted.key)
        first, second = proxy.requests
    assert found.answer is not None
    assert second.came - first.came >= 0.2


async def test_a_wait_that_does_not_fit_leaves_the_endpoint_alone() -> None:
    with Scripted(TEXT) as scripted, FaultProxy(scripted.url) as proxy:
        proxy.plan("429_in_600_s")
        client = Client(proxy.url, scripted.key)
        first, second = await client.call(), await client.call()
        await client.calling.close()
    assert "it may be asked again at" in first.why
    assert "is not asked before" in second.why
    assert len(proxy.requests) == 1
    assert (second.paying.paid, second.seconds < 1) == (0, True)


@pytest.mark.parametrize(
    ("asks", "words"),
    [
        ("1e300", "it may be asked again at 01:00:00"),
        ("9" * 400, "ask"),
        ("inf", "ask"),
        ("nan", "ask"),
        ("-5", "ask"),
        ("Fri, 31 Dec 9999 23:59:59 GMT", "it may be asked again at 01:00:00"),
        ("Fri, 31 Dec 1 00:00:00 +9999999999", "ask"),
        ("soon", "ask"),
    ],
)
async def test_a_wait_that_is_no_time(asks: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    with Scripted(TEXT) as scripted, FaultProxy(scripted.url, always=retry_after(asks)) as proxy:
        place = endpoint(proxy.url, MODEL)
        model, now = OpenAIModel(place, scripted.key, lambda: 0.0), Time(lambda: 0.0, time.monotonic)
        calling = Calling(place, model, Known(None), now, random.Random(1))
        with pytest.raises(ModelFailed, match=words if "again" in words else "has too much to do"):
            await calling.call(ASKED, PLENTY, lambda _: Paid(Paying()), None)
        await calling.close()
    monkeypatch.undo()
    time.tzset()


async def test_an_endpoint_that_fails_again_and_again_is_left_alone_for_a_while() -> None:
    with Scripted(TEXT) as scripted, FaultProxy(scripted.url, always="html") as proxy:
        client = Client(proxy.url, scripted.key)
        said = [(await client.call()).why for _ in range(5)]
        await client.calling.close()
    assert ["is not asked before" in each for each in said] == [False] * 4 + [True]
    assert "failed several times in a row" in said[-1]


async def test_nothing_is_tried_again_once_a_part_was_shown() -> None:
    with Scripted(TEXT * 40) as scripted, FaultProxy(scripted.url) as proxy:
        proxy.plan(cut(900))
        shown = await called(proxy.url, scripted.key)
        proxy.plan(cut(900))
        hidden = await called(proxy.url, scripted.key, shown=False)
    assert "broke off its answer" in shown.why
    assert shown.paying.paid == 1
    assert hidden.answer is not None
    assert hidden.paying.paid == 2


@pytest.mark.parametrize("plan", ["no_usage", "negative_usage", "absurd_usage", "text_usage", "half_usage"])
async def test_a_count_that_cannot_be_is_none(plan: str) -> None:
    with Scripted(TEXT) as scripted, FaultProxy(scripted.url, always=plan) as proxy:
        found = await called(proxy.url, scripted.key)
    assert found.answer is not None
    assert found.answer.usage is None


async def test_the_count_of_the_server_is_told() -> None:
    with Scripted(Say(TEXT, usage={"prompt_tokens": 31, "completion_tokens": 9, "total_tokens": 40,
                                   "prompt_tokens_details": {"cached_tokens": 24}})) as scripted:  # fmt: skip
        found = await called(scripted.url, scripted.key)
    assert found.answer is not None
    assert found.answer.usage == Usage(31, 24, 9)


# What an endpoint does not take.


@pytest.mark.parametrize(
    ("refuses", "learned"),
    [
        ({"temperature"}, {"temperature": False}),
        ({"stream_options"}, {"counts": False}),
        ({"max_tokens"}, {"most": "max_completion_tokens"}),
        ({"json_schema"}, {"structure": Structure.OBJECT}),
        ({"response_format"}, {"structure": Structure.FENCED}),
        ({"schema:maxLength"}, {"structure": Structure.SCHEMA}),
        ({"max_tokens", "temperature", "stream_options", "response_format"},
         {"most": "max_completion_tokens", "temperature": False, "counts": False, "structure": Structure.FENCED}),
    ],
)  # fmt: skip
async def test_what_an_endpoint_refuses_is_learned_and_kept(
    tmp_path: Path, refuses: set[str], learned: dict[str, object]
) -> None:
    kept = tmp_path / "abilities.json"
    with Scripted(JSON, refuses=refuses) as scripted:
        client = Client(scripted.url, scripted.key, known=kept)
        found = await client.call(SHAPED, shown=False)
        await client.calling.close()
        again = Client(scripted.url, scripted.key, known=kept)
        asked = len(scripted.asked)
        second = await again.call(SHAPED, shown=False)
        await again.calling.close()
        assert len(scripted.asked) == asked + 1
    assert found.answer is not None, found.why
    assert second.answer is not None
    assert read(found.answer.text, Commit).subject == "Sell more"
    can = again.known.of(again.place)
    expected = {"structure": Structure.BOUNDED, "streams": True, "counts": True, "temperature": True,
                "most": "max_tokens"} | learned  # fmt: skip
    assert {name: getattr(can, name) for name in expected} == expected


async def test_a_parameter_that_is_refused_whatever_we_do() -> None:
    with Scripted(Refuse(400, "Unsupported parameter: 'temperature'", param="temperature")) as scripted:
        found = await called(scripted.url, scripted.key)
    assert "does not take what we send" in found.why
    assert found.paying.paid == 2


@pytest.mark.parametrize(
    ("said", "param", "code", "attempts"),
    [
        ("upstream request timed out", None, None, 1),
        ("the stream of the upstream ended", None, None, 1),
        ("downstream: temperature_unit is wrong", None, None, 1),
        ("'messages' may not stream", "messages", "invalid_value", 1),
        ("max_tokens is too large: 64. This model supports at most 16.", "max_tokens", "invalid_value", 1),
        ("max_tokens must be less than 16", None, None, 1),
        ("Unsupported parameter: max_tokens, use max_completion_tokens instead", None, None, 2),
        ("unknown field `stream`", None, None, 2),
    ],
)
async def test_what_is_refused_all_the_same_teaches_nothing(
    tmp_path: Path, said: str, param: str | None, code: str | None, attempts: int
) -> None:
    kept = tmp_path / "abilities.json"
    with Scripted(Refuse(400, said, param=param, code=code)) as scripted:
        client = Client(scripted.url, scripted.key, known=kept)
        found = await client.call()
        await client.calling.close()
    assert said[:15] in found.why
    assert found.paying.paid == attempts
    assert Known(kept).of(client.place) == Abilities()


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
async def test_only_what_refuses_a_question_as_it_is_teaches_anything(tmp_path: Path, status: int) -> None:
    refusal = Refuse(status, "Unsupported parameter: 'temperature'", param="temperature")
    with Scripted([Case("What", refusal, *[TEXT] * 9)]) as scripted:
        client = Client(scripted.url, scripted.key)
        await client.call()
        await client.calling.close()
    assert client.known.of(client.place) == Abilities()


@pytest.mark.parametrize("content", ["", "[]", "{", '{"version": 1, "endpoints": {"x": {}}}', '{"version": 9}'])
async def test_what_was_learned_and_is_broken_counts_for_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "abilities.json").write_text(content)
    place = endpoint("http://127.0.0.1:1/v1", "m")
    known = Known(tmp_path / "abilities.json")
    assert known.of(place) == Abilities()
    known.learn(place, Abilities(temperature=False))
    assert Known(tmp_path / "abilities.json").of(place) == Abilities(temperature=False)


# What leaves.


async def test_what_is_sent_is_what_was_asked_and_nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "mine-alone")
    with Scripted(TEXT) as scripted:
        await called(scripted.url, scripted.key)
        (request,) = scripted.requests
        captured = scripted.captured().lower()
    assert request.target == "/v1/chat/completions"
    assert sorted(request.headers) == [
        "accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "host",
        "user-agent",
    ]  # fmt: skip
    assert request.headers["user-agent"] == "coding-agent"
    assert request.json() == {
        "model": MODEL,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "What does it do?"},
        ],
        "max_tokens": 64,
        "temperature": 0.0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    for word in (b"mine-alone", b"stainless", b"linux", b"cpython", b"x86"):
        assert word not in captured


async def test_a_redirect_is_not_followed() -> None:
    with Scripted(TEXT) as other, FaultProxy(always="redirect") as proxy:
        proxy.always = redirect(f"{other.url}/chat/completions")
        found = await called(proxy.url, "k")
        assert "where nothing is sent" in found.why
        assert other.requests == []


async def test_a_proxy_for_the_world_is_none_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with Scripted(TEXT) as scripted:
        found = await called(scripted.url, scripted.key)
    assert found.answer is not None, found.why


# Cancelling.


@pytest.mark.parametrize("plan", ["hang", "stall", "endless_stream", "late"])
async def test_who_is_cancelled_closes_the_connection(plan: str) -> None:
    with Scripted(TEXT * 40) as scripted, FaultProxy(scripted.url, always=plan) as proxy:
        client = Client(proxy.url, scripted.key)
        task = asyncio.create_task(client.call(seconds=60))
        await proxy.until(lambda: proxy.requests and proxy.requests[0].whole, "request")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await proxy.left()
        await client.calling.close()


async def test_an_attempt_that_is_cancelled_stays_paid_for() -> None:
    paying = Paying()
    with FaultProxy(always="hang") as proxy:
        client = Client(proxy.url, "k")
        task = asyncio.create_task(client.calling.call(ASKED, 60, lambda _: Paid(paying), None))
        await proxy.until(lambda: proxy.requests and proxy.requests[0].whole, "request")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await client.calling.close()
    assert paying.ended == [("cancelled", None, True, False)]
