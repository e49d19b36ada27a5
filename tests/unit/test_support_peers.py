"""The peers that whatever asks a model is tested against do what they say, on the wire and for the real client."""

import asyncio
import gzip
import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from openai import APIStatusError, APITimeoutError, AsyncOpenAI, BadRequestError, OpenAIError
from openai.types.chat import ChatCompletionChunk

from support.faults import (
    PLANS,
    FaultProxy,
    Outcome,
    Plan,
    UpstreamGone,
    bomb,
    cut,
    huge,
    late,
    redirect,
    retry_after_date,
    slow,
    status,
)
from support.http import Json, Peer
from support.scripted import KEY, MODEL, Case, Refuse, Say, Scripted, smallest, vector

if TYPE_CHECKING:
    from support.llama import Llama

pytest_plugins = ["support.llama"]

ANSWER = "The function adds two numbers, é and 日本, and returns their sum. " * 4
ASK = [{"role": "user", "content": "def hello"}]
BOUNDED = {
    "type": "object",
    "properties": {
        "kind": {"enum": ["bug", "fine"]},
        "sure": {"type": "boolean"},
        "name": {"type": "string", "pattern": "^[a-z]{1,8}$"},
        "lines": {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 99}, "maxItems": 3},
    },
    "required": ["kind", "sure", "name", "lines"],
    "additionalProperties": False,
}
SOON = 0.5
"""Seconds in which a peer notices who leaves."""


# -------------------------------------------------------------------- how tests ask


class Client:
    """The real client, without retries."""

    def __init__(self, client: AsyncOpenAI, model: str) -> None:
        self.openai, self.model = client, model

    async def say(self, **more: object) -> str:
        reply = await self.openai.chat.completions.create(model=self.model, messages=ASK, **more)
        return reply.choices[0].message.content

    async def reply(self, **more: object) -> Json:
        return (await self.openai.chat.completions.create(model=self.model, messages=ASK, **more)).model_dump()

    async def chunks(self, **more: object) -> AsyncIterator[ChatCompletionChunk]:
        stream = await self.openai.chat.completions.create(model=self.model, messages=ASK, stream=True, **more)
        async with stream:
            async for chunk in stream:
                yield chunk

    async def stream(self, **more: object) -> str:
        return "".join([each.choices[0].delta.content or "" async for each in self.chunks(**more) if each.choices])


@asynccontextmanager
async def client(url: str, key: str = KEY, model: str = MODEL, timeout: float = 10.0) -> AsyncIterator[Client]:
    async with AsyncOpenAI(base_url=url, api_key=key, max_retries=0, timeout=timeout) as opened:
        yield Client(opened, model)


def schema(wanted: Json, **more: object) -> Json:
    return {"type": "json_schema", "json_schema": {"name": "finding", "schema": wanted, **more}}


def request(url: str, *, streams: bool = False, path: str = "/v1/chat/completions", **headers: str) -> bytes:
    """A request as bytes, after which the connection ends."""
    body = json.dumps({"model": MODEL, "messages": ASK, "stream": streams}).encode()
    lines = [f"POST {path} HTTP/1.1", f"Host: {urlsplit(url).netloc}", f"Authorization: Bearer {KEY}"]
    lines += [f"Content-Length: {len(body)}", "Connection: close", *(f"{n}: {v}" for n, v in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def connected(peer: Peer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", peer.port), timeout=10)


def read_all(opened: socket.socket) -> bytes:
    return b"".join(iter(lambda: opened.recv(1 << 20), b""))


def on_the_wire(proxy: FaultProxy, plan: Plan | str, *, streams: bool = False) -> tuple[bytes, bytes]:
    """(head, body) as bytes of what one request gets until the connection ends."""
    proxy.plan(plan)
    with connected(proxy) as opened:
        opened.sendall(request(proxy.url, streams=streams))
        head, _, body = read_all(opened).partition(b"\r\n\r\n")
    return head, body


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    """Before an endpoint that always answers the same."""
    with Scripted(ANSWER) as endpoint, FaultProxy(endpoint.url) as started:
        yield started


def of(*outcomes: Outcome) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", [name for name, plan in PLANS.items() if plan.outcome in outcomes])


# -------------------------------------------------------------------- a real server


@pytest.fixture
async def real(llama: "Llama") -> AsyncIterator[Client]:
    async with client(llama.url, llama.key, llama.model) as opened:
        yield opened


async def test_llama_answers_and_counts(llama: "Llama", real: Client) -> None:
    reply = await real.reply(max_tokens=20)
    assert reply["choices"][0]["finish_reason"] == "length"
    assert reply["choices"][0]["message"]["content"].isascii()
    assert reply["usage"]["completion_tokens"] == 20
    assert reply["usage"]["prompt_tokens"] >= llama.tokens("def hello") > 0


async def test_llama_says_the_same_to_the_same(real: Client) -> None:
    assert await real.say(max_tokens=20) == await real.say(max_tokens=20)


async def test_llama_streams_with_usage(real: Client) -> None:
    chunks = [each async for each in real.chunks(max_tokens=20, stream_options={"include_usage": True})]
    assert len(chunks) > 10
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens == 20
    assert "".join(each.choices[0].delta.content or "" for each in chunks[:-1]) == await real.say(max_tokens=20)


@pytest.mark.parametrize("seed", range(8))
async def test_llama_follows_a_bounded_schema(real: Client, seed: int) -> None:
    found = json.loads(await real.say(max_tokens=600, seed=seed, response_format=schema(BOUNDED)))
    assert found.keys() == BOUNDED["properties"].keys()
    assert found["kind"] in {"bug", "fine"}
    assert len(found["lines"]) <= 3


async def test_llama_refuses_another_key_and_too_long_a_prompt(llama: "Llama", real: Client) -> None:
    async with client(llama.url, "sk-another", llama.model) as stranger:
        with pytest.raises(APIStatusError) as refused:
            await stranger.say()
    assert refused.value.status_code == 401
    with pytest.raises(BadRequestError) as too_long:
        await real.openai.chat.completions.create(
            model=real.model, messages=[{"role": "user", "content": "x y " * 9000}]
        )
    assert too_long.value.body["type"] == "exceed_context_size_error"


async def test_a_cancelled_stream_frees_its_slot_also_through_the_proxy(llama: "Llama") -> None:
    before = llama.metrics()["tokens_predicted_total"]
    with FaultProxy(llama.url) as between:
        async with client(between.url, llama.key, llama.model) as asking:
            chunks = asking.chunks(max_tokens=4000)
            for _ in range(5):
                await anext(chunks)
            assert llama.busy() == 1
            cancelled = monotonic()
            await chunks.aclose()
            gone = await between.left()
            assert gone.left - cancelled < SOON
            assert await asyncio.to_thread(llama.wait_until_idle, 1.0) < 1.0
    assert llama.metrics()["tokens_predicted_total"] - before < 4000


async def test_llama_works_on_at_an_answer_that_does_not_stream(llama: "Llama", real: Client) -> None:
    """Known and theirs: it sees that the client left only where it streams."""
    before = llama.metrics()["tokens_predicted_total"]
    asked = asyncio.create_task(real.say(max_tokens=1000))
    await asyncio.to_thread(llama.wait_until_busy)
    asked.cancel()
    await asyncio.to_thread(llama.wait_until_idle)
    assert llama.metrics()["tokens_predicted_total"] - before == 1000


def test_a_llama_that_cannot_start_says_why(llama: "Llama", tmp_path: Path) -> None:
    from support.llama import running

    (tmp_path / "model.gguf").write_bytes(b"nonsense")
    with pytest.raises(AssertionError, match="invalid magic characters"), running(tmp_path):
        pass


# -------------------------------------------------------------------- faults, as the client sees them


@of(Outcome.ANSWER)
async def test_what_is_an_answer_comes_whole(proxy: FaultProxy, name: str) -> None:
    proxy.plan(name, name)
    async with client(proxy.url) as asking:
        assert await asking.say() == ANSWER
        assert await asking.stream(stream_options={"include_usage": True}) == ANSWER
    assert proxy.planned == 0
    assert {each.served for each in proxy.requests} == {PLANS[name].name}


@of(Outcome.REFUSAL)
async def test_what_refuses_has_its_status(proxy: FaultProxy, name: str) -> None:
    head, _ = on_the_wire(proxy, name)
    code = int(head.split(b" ")[1])
    assert code >= 300
    if code >= 400:
        proxy.plan(name)
        async with client(proxy.url) as asking:
            with pytest.raises(APIStatusError) as refused:
                await asking.say()
        assert refused.value.status_code == code


@of(Outcome.ENDLESS)
async def test_what_never_ends_sees_the_client_leave(proxy: FaultProxy, name: str) -> None:
    proxy.plan(name)
    async with client(proxy.url) as asking:
        asked = asyncio.create_task(asking.stream())
        await proxy.until(lambda: proxy.requests and proxy.requests[0].whole, "a request")
        done, _ = await asyncio.wait({asked}, timeout=0.1)
        assert not done
        cancelled = monotonic()
        asked.cancel()
        gone = await proxy.left()
    assert gone.left - cancelled < SOON
    assert gone.answered is None


@of(Outcome.BROKEN)
async def test_what_is_broken_ends_and_is_no_answer(proxy: FaultProxy, name: str) -> None:
    plan = {"huge": huge(1), "bomb": bomb(1)}.get(name, name)
    proxy.plan(plan, plan)
    for ask in (Client.say, Client.stream):
        # Each on a connection of its own: one that was kept may end just when it is used again.
        async with client(proxy.url) as asking:
            try:
                answer = await ask(asking)
            except (OpenAIError, ValueError, LookupError, AttributeError, TypeError):
                continue
        assert answer != ANSWER
    assert proxy.planned == 0


async def test_plans_are_for_one_request_each_and_may_be_for_one_path(proxy: FaultProxy) -> None:
    proxy.plan("429", path="/chat/")
    proxy.plan("500", "ok")
    async with client(proxy.url) as asking:
        with pytest.raises(APIStatusError, match="500"):
            await asking.openai.models.list()
        with pytest.raises(APIStatusError, match="429"):
            await asking.say()
        assert await asking.say() == ANSWER
        proxy.always = PLANS["503"]
        with pytest.raises(APIStatusError, match="503"):
            await asking.say()
    assert [each.served for each in proxy.requests] == ["status(500)", "status(429)", "ok", "status(503)"]


async def test_a_redirect_takes_the_prompt_to_another_place(proxy: FaultProxy) -> None:
    """Known and the client's: it follows, and takes all but the key along."""
    with Scripted("from elsewhere", key="") as elsewhere:
        proxy.plan(redirect(f"{elsewhere.url}/chat/completions"))
        async with client(proxy.url) as asking:
            assert await asking.say() == "from elsewhere"
        assert b"def hello" in elsewhere.captured()
        assert KEY.encode() not in elsewhere.captured()


async def test_a_client_that_gives_up_is_seen(proxy: FaultProxy) -> None:
    proxy.plan("hang")
    async with client(proxy.url, timeout=0.1) as asking:
        with pytest.raises(APITimeoutError):
            await asking.say()
    gone = await proxy.left()
    assert gone.left - gone.came < 0.1 + SOON


# -------------------------------------------------------------------- faults, as they are on the wire


def test_all_that_was_sent_is_kept(proxy: FaultProxy) -> None:
    on_the_wire(proxy, "drop")
    kept = proxy.requests[0]
    assert (kept.method, kept.target, kept.whole) == ("POST", "/v1/chat/completions", True)
    assert kept.headers["authorization"] == f"Bearer {KEY}"
    assert kept.json()["messages"] == ASK
    assert kept.head + kept.body == request(proxy.url)
    assert b"def hello" in proxy.captured()


def test_what_is_sent_in_part_or_in_chunks_is_kept(proxy: FaultProxy) -> None:
    with connected(proxy) as opened:
        opened.sendall(b"POST /v1/x HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf of it")
    with connected(proxy) as opened:
        opened.sendall(b"POST /v1/y HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nsec\r\n3\r\nret\r\n0\r\n\r\n")
        proxy.wait(lambda: sum(each.whole or each.left is not None for each in proxy.requests) == 2, "both")
    half, chunked = sorted(proxy.requests, key=lambda each: each.target)
    assert (half.body, half.whole) == (b"half of it", False)
    assert (chunked.body, chunked.whole) == (b"secret", True)
    assert b"secret" in proxy.captured()


def test_statuses_carry_what_they_were_given(proxy: FaultProxy) -> None:
    head, body = on_the_wire(proxy, status(418, {"X-Pot": "yes"}, b"tea"))
    assert head.startswith(b"HTTP/1.1 418 ")
    assert b"X-Pot: yes" in head
    assert body == b"tea"
    head, body = on_the_wire(proxy, "429_in_600_s")
    assert b"Retry-After: 600" in head
    assert json.loads(body)["error"]["message"] == "Refused with 429."
    head, _ = on_the_wire(proxy, retry_after_date(60, 0))
    assert b"Retry-After: Thu, 01 Jan 1970 00:01:00 GMT" in head
    assert json.loads(on_the_wire(proxy, "quota")[1])["error"]["code"] == "insufficient_quota"


def test_connections_end_as_planned(proxy: FaultProxy) -> None:
    assert on_the_wire(proxy, "drop") == (b"", b"")
    with pytest.raises(ConnectionResetError):
        on_the_wire(proxy, "reset")
    assert on_the_wire(proxy, "garbage")[0] == bytes(range(256))


@pytest.mark.parametrize("after", [0, 100, 10**6])
def test_a_cut_leaves_a_body_of_known_length_incomplete(proxy: FaultProxy, after: int) -> None:
    head, part = on_the_wire(proxy, cut(after))
    announced = int(head.rpartition(b"Content-Length: ")[2])
    assert len(part) == min(after, announced - 1)


def test_a_cut_leaves_a_stream_without_its_last_chunk(proxy: FaultProxy) -> None:
    head, part = on_the_wire(proxy, cut(10**6), streams=True)
    assert b"Transfer-Encoding: chunked" in head
    assert b"[DONE]" in part
    assert not part.endswith(b"0\r\n\r\n")
    assert len(on_the_wire(proxy, cut(50), streams=True)[1]) < 100


def test_lengths_and_chunks_are_wrong_as_planned(proxy: FaultProxy) -> None:
    for plan, difference in (("too_short", 10), ("too_much", -10)):
        head, body = on_the_wire(proxy, plan)
        assert int(head.rpartition(b"Content-Length: ")[2]) - len(body) == difference
    assert on_the_wire(proxy, "bad_chunking")[1].startswith(b"zz\r\n")


def test_bodies_are_broken_as_planned(proxy: FaultProxy) -> None:
    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(on_the_wire(proxy, "garbled_json")[1])
    assert b'{"delta"\n\n' in on_the_wire(proxy, "garbled_stream", streams=True)[1]
    assert on_the_wire(proxy, "empty")[1] == b""
    head, body = on_the_wire(proxy, "html")
    assert b"text/html" in head
    assert body.startswith(b"<!DOCTYPE html>")
    assert json.loads(on_the_wire(proxy, "no_choices")[1])["choices"] == []
    assert json.loads(on_the_wire(proxy, "late_error")[1])["error"]["code"] == 502
    assert json.loads(on_the_wire(proxy, "half_an_answer")[1])["choices"][0]["finish_reason"] is None
    assert b"[DONE]" not in on_the_wire(proxy, "half_an_answer", streams=True)[1]


def test_usage_is_left_out_or_wrong(proxy: FaultProxy) -> None:
    assert "usage" in json.loads(on_the_wire(proxy, "ok")[1])
    assert "usage" not in json.loads(on_the_wire(proxy, "no_usage")[1])
    assert json.loads(on_the_wire(proxy, "negative_usage")[1])["usage"]["prompt_tokens"] == -5
    assert json.loads(on_the_wire(proxy, "text_usage")[1])["usage"] == "many"


def test_too_much_is_as_much_as_planned(proxy: FaultProxy) -> None:
    assert len(on_the_wire(proxy, huge(3))[1]) > 3 << 20
    head, body = on_the_wire(proxy, bomb(3))
    assert b"Content-Encoding: gzip" in head
    assert len(body) < 1 << 16
    assert len(json.loads(gzip.decompress(body))["choices"][0]["message"]["content"]) == 3 << 20


def test_slow_and_late_take_their_time(proxy: FaultProxy) -> None:
    start = monotonic()
    _, body = on_the_wire(proxy, slow(5000))
    assert monotonic() - start > len(body) / 5000 * 0.9
    start = monotonic()
    on_the_wire(proxy, late(0.15))
    assert monotonic() - start > 0.15


def test_a_closed_proxy_refuses_and_ends_what_hangs(proxy: FaultProxy) -> None:
    proxy.plan("hang")
    with connected(proxy) as opened:
        opened.sendall(request(proxy.url))
        proxy.wait(lambda: proxy.requests, "a request")
        proxy.close()
        assert read_all(opened) == b""
    with pytest.raises(ConnectionRefusedError):
        connected(proxy)


def test_a_fault_of_the_test_is_raised() -> None:
    failing(FaultProxy(), UpstreamGone)


def failing(peer: Peer, kind: type[Exception]) -> None:
    """See that one request gets a reset, and that the end of the peer raises why."""
    peer.start()
    with connected(peer) as opened:
        opened.sendall(request(peer.url))
        with pytest.raises(ConnectionResetError):
            read_all(opened)
    with pytest.raises(kind):
        peer.__exit__(None)


# -------------------------------------------------------------------- answers that are written down


async def test_answers_are_found_by_what_was_asked() -> None:
    script = [Case(lambda asked: asked.streams, "streamed"), Case("hello", "first", "second"), Case("", "other")]
    with Scripted(script) as endpoint:
        async with client(endpoint.url) as asking:
            assert [await asking.say() for _ in range(3)] == ["first", "second", "second"]
            assert await asking.stream() == "streamed"
    assert [each.last for each in endpoint.asked] == ["def hello"] * 4


async def test_a_stream_comes_in_pieces_with_usage_where_it_is_wanted() -> None:
    with Scripted(Say(ANSWER, piece=50)) as endpoint:
        async with client(endpoint.url) as asking:
            plain = [each async for each in asking.chunks()]
            counted = [each async for each in asking.chunks(stream_options={"include_usage": True})]
    assert all(each.choices for each in plain)
    assert len(plain) == 2 + -(-len(ANSWER) // 50)
    assert counted[-1].choices == []
    assert counted[-1].usage.completion_tokens == -(-len(ANSWER) // 4)
    assert counted[-1].usage.prompt_tokens_details.cached_tokens > 0


async def test_a_held_stream_goes_on_when_released_and_ends_when_the_client_leaves() -> None:
    with Scripted(Say("one two three", piece=4, hold=2)) as endpoint:
        async with client(endpoint.url) as asking:
            leaving, staying = asking.chunks(), asking.chunks()
            got = [(await anext(stream)).choices[0].delta.content for stream in (leaving, staying) for _ in range(3)]
            assert got == ["", "one ", "two "] * 2
            await leaving.aclose()
            await endpoint.left(0)
            endpoint.release()
            assert "".join([each.choices[0].delta.content or "" async for each in staying]) == "three"


async def test_without_a_script_the_smallest_answer_of_that_form() -> None:
    with Scripted() as endpoint:
        async with client(endpoint.url) as asking:
            assert await asking.say() == "OK"
            assert json.loads(await asking.say(response_format=schema(BOUNDED))) == smallest(BOUNDED)
            reply = await asking.openai.chat.completions.create(
                model=MODEL,
                messages=[{"role": "user", "content": "as JSON"}],
                response_format={"type": "json_object"},
            )
            assert reply.choices[0].message.content == "{}"


async def test_the_limit_cuts_an_answer() -> None:
    with Scripted(ANSWER) as endpoint:
        async with client(endpoint.url) as asking:
            for name in ("max_tokens", "max_completion_tokens"):
                choice = (await asking.reply(**{name: 5}))["choices"][0]
                assert (choice["finish_reason"], choice["message"]["content"]) == ("length", ANSWER[:20])


NO_FORM = "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."
REFUSED = {
    "response_format": ({"response_format": schema(BOUNDED)}, NO_FORM),
    "json_schema": ({"response_format": schema(BOUNDED)}, NO_FORM),
    "max_tokens": ({"max_tokens": 5}, "Use 'max_completion_tokens' instead."),
    "temperature": ({"temperature": 0.2}, "'temperature' does not support 0.2 with this model."),
    "stream_options": (
        {"stream": True, "stream_options": {}},
        "Unrecognized request argument supplied: stream_options",
    ),
    "role:user": ({}, "'messages[0].role' does not support 'user'"),
    "schema:pattern": ({"response_format": schema(BOUNDED)}, "'pattern' is not permitted."),
}


@pytest.mark.parametrize("refused", REFUSED)
async def test_what_a_server_does_not_know_it_refuses(refused: str) -> None:
    asked, words = REFUSED[refused]
    with Scripted(refuses={refused}) as endpoint:
        async with client(endpoint.url) as asking:
            with pytest.raises(BadRequestError) as error:
                await asking.reply(**asked)
        assert words in error.value.body["message"]
        assert len(endpoint.asked) == 1


async def test_a_strict_schema_names_all_and_allows_nothing_else() -> None:
    loose = {"type": "object", "properties": {"why": {"type": "string"}}}
    with Scripted() as endpoint:
        async with client(endpoint.url) as asking:
            assert await asking.say(response_format=schema(loose)) == '{"why": "a"}'
            assert await asking.say(response_format=schema(BOUNDED, strict=True))
            for wrong, words in ((loose, "additionalProperties"), ({**loose, "additionalProperties": False}, "'why'")):
                with pytest.raises(BadRequestError, match=words):
                    await asking.say(response_format=schema(wrong, strict=True))


async def test_errors_are_like_those_of_real_servers() -> None:
    with Scripted(Refuse(503, "Overloaded.", "overloaded_error"), context=100) as endpoint:
        async with client(endpoint.url) as asking, client(endpoint.url, "sk-wrong") as stranger:
            cases = [
                (asking.say(), 503, "overloaded_error", None),
                (stranger.say(), 401, "invalid_request_error", "invalid_api_key"),
                (asking.openai.post("/nowhere", cast_to=object), 404, "invalid_request_error", None),
                (asking.say(max_tokens=200), 400, "invalid_request_error", "context_length_exceeded"),
                (asking.say(response_format={"type": "json_object"}), 400, "invalid_request_error", None),
            ]
            for asked, code, kind, name in cases:
                with pytest.raises(APIStatusError) as error:
                    await asked
                found = error.value
                assert (found.status_code, found.body["type"], found.body["code"]) == (code, kind, name)
    with Scripted(flat=True, refuses={"temperature"}) as older:
        async with client(older.url) as asking:
            with pytest.raises(BadRequestError) as error:
                await asking.say(temperature=0)
    assert error.value.body["object"] == "error"


async def test_models_and_embeddings() -> None:
    with Scripted(models=("one", "two"), dimensions=16) as endpoint:
        async with client(endpoint.url) as asking:
            assert [each.id for each in (await asking.openai.models.list()).data] == ["one", "two"]
            packed = await asking.openai.embeddings.create(model="one", input=["a b", "a b", "c"])
            plain = await asking.openai.embeddings.create(
                model="one", input="a b", encoding_format="float", dimensions=8
            )
    first, same, other = (each.embedding for each in packed.data)
    assert first == same == pytest.approx(vector("a b", 16), abs=1e-6)
    assert first != other
    assert plain.data[0].embedding == vector("a b", 8)


def test_what_goes_wrong_in_a_script_is_raised() -> None:
    def script(asked: object) -> str:
        raise LookupError("nobody wrote this")

    failing(Scripted(script), LookupError)


def test_it_runs_as_a_program(tmp_path: Path) -> None:
    answers, record = tmp_path / "answers.json", tmp_path / "asked.jsonl"
    answers.write_text(json.dumps([{"say": "other"}, {"when": "hello", "say": "Hello."}]))
    command = [sys.executable, "-m", "support.scripted", "--answers", str(answers), "--record", str(record)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().strip()
            body = json.dumps({"model": MODEL, "messages": ASK}).encode()
            asked = urllib.request.Request(f"{url}/chat/completions", body, {"Authorization": f"Bearer {KEY}"})
            with urllib.request.urlopen(asked, timeout=10) as reply:
                assert json.load(reply)["choices"][0]["message"]["content"] == "Hello."
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            process.kill()
    assert json.loads(record.read_text())["messages"] == ASK
