"""A proxy before any HTTP/1.1 endpoint that answers as bad servers and networks do.

    with FaultProxy(llama.url) as proxy:
        proxy.plan("429", cut(40), "ok")      # one for each request that comes, then ``proxy.always``
        ...                                    # a client at proxy.url
        assert b"secret" not in proxy.captured()
        gone = await proxy.left()              # the client closed before its answer was through
        assert gone.left - cancelled < 0.5

``PLANS`` names all of them, to run a test over each.
"""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import formatdate
from enum import Enum
from types import MappingProxyType
from urllib.parse import urlsplit

from support.completions import DONE, EVENTS, chunk, completion, encoded, event, failure
from support.http import JSON_TYPE, Broken, Json, Peer, Request, Wire, parsed_headers, read_body, read_head

_STEPS = 20
"""Pieces a second of a slow reply."""
_MEGABYTE = 1 << 20
_PIECE = 1 << 16
_MARK = "@"
_MODEL = "faulty"
_HOP = frozenset({"connection", "transfer-encoding", "content-length", "host", "keep-alive"})


class Outcome(Enum):
    """What a plan comes to, for a client that waits long enough."""

    ANSWER = "the upstream's answer, whole"
    REFUSAL = "a whole reply that says no"
    BROKEN = "something that is no answer"
    ENDLESS = "nothing that ends by itself"


class UpstreamGone(Exception):
    """The endpoint behind the proxy cannot be reached or broke off; a fault of the test, not of a plan."""


@dataclass(frozen=True)
class Answered:
    """A reply of the upstream of which the head was read."""

    status: int
    headers: Mapping[str, str]
    reader: asyncio.StreamReader

    @property
    def length(self) -> int | None:
        return int(self.headers["content-length"]) if "content-length" in self.headers else None

    @property
    def kept(self) -> dict[str, str]:
        """The headers that are the client's as well, with the length where there is one."""
        own = {name: value for name, value in self.headers.items() if name not in _HOP}
        return own if self.length is None else {**own, "Content-Length": str(self.length)}

    async def pieces(self) -> AsyncIterator[bytes]:
        try:
            async for piece in read_body(self.reader, self.headers, until_end=True):
                yield piece
        except (Broken, OSError) as error:
            raise UpstreamGone(f"it broke off: {error}") from None


@dataclass(frozen=True)
class Exchange:
    """One request, the connection it came on, and how to ask the upstream the same."""

    request: Request
    wire: Wire
    to: str

    @property
    def streams(self) -> bool:
        return self.request.json().get("stream") is True

    @asynccontextmanager
    async def upstream(self) -> AsyncIterator[Answered]:
        """Ask the upstream, on a connection that ends with the block."""
        place = urlsplit(self.to)
        if not place.hostname:
            raise UpstreamGone("there is none")
        try:
            reader, writer = await asyncio.open_connection(place.hostname, place.port)
        except OSError as error:
            raise UpstreamGone(f"{self.to!r}: {error}") from None
        try:
            writer.write(self._forwarded(place.netloc))
            head = await read_head(reader)
            yield Answered(int(head.split(b" ", 2)[1]), parsed_headers(head), reader)
        except Broken as broken:
            raise UpstreamGone(f"no reply: {broken}") from None
        finally:
            writer.transport.abort()

    def _forwarded(self, host: str) -> bytes:
        kept = {name: value for name, value in self.request.headers.items() if name not in _HOP}
        kept |= {"host": host, "connection": "close", "content-length": str(len(self.request.body))}
        lines = [
            f"{self.request.method} {self.request.target} HTTP/1.1",
            *(f"{n}: {v}" for n, v in kept.items()),
            "",
            "",
        ]
        return "\r\n".join(lines).encode("latin-1") + self.request.body


@dataclass(frozen=True)
class Plan:
    """What happens to one request."""

    name: str
    outcome: Outcome
    run: Callable[[Exchange], Awaitable[None]]


class FaultProxy(Peer):
    """Serves each request as the next plan says; ``always`` serves those that no plan is left for.

    Without an upstream only plans that need none can be served.
    """

    def __init__(self, upstream: str = "", always: "Plan | str" = "ok") -> None:
        super().__init__()
        self._upstream, self._queue = upstream, list[tuple[str, Plan]]()
        self.always = plan_named(always)

    def plan(self, *plans: "Plan | str", path: str = "") -> None:
        """Queue plans, each for one request whose target contains ``path``."""
        self._queue += [(path, plan_named(each)) for each in plans]

    @property
    def planned(self) -> int:
        """How many plans still wait for a request."""
        return len(self._queue)

    async def answer(self, request: Request, wire: Wire) -> None:
        plan = self._next(request.target)
        request.served = plan.name
        await plan.run(Exchange(request, wire, self._upstream))

    def _next(self, target: str) -> Plan:
        for index, (path, _) in enumerate(self._queue):
            if path in target:
                return self._queue.pop(index)[1]
        return self.always


# -------------------------------------------------------------------- the upstream's answer, in its own time


async def _passed(exchange: Exchange) -> None:
    async with exchange.upstream() as reply:
        await exchange.wire.head(reply.status, reply.kept)
        async for piece in reply.pieces():
            await exchange.wire.piece(piece)
        await exchange.wire.end()


def ok() -> Plan:
    """Pass everything through."""
    return Plan("ok", Outcome.ANSWER, _passed)


def late(seconds: float) -> Plan:
    """Ask the upstream only then."""

    async def run(exchange: Exchange) -> None:
        await asyncio.sleep(seconds)
        await _passed(exchange)

    return Plan(f"late({seconds})", Outcome.ANSWER, run)


def slow(bytes_per_second: int) -> Plan:
    """Let the body drip, so that no gap is long and the whole takes long."""
    size = max(1, bytes_per_second // _STEPS)

    async def run(exchange: Exchange) -> None:
        async with exchange.upstream() as reply:
            await exchange.wire.head(reply.status, reply.kept)
            async for piece in reply.pieces():
                for start in range(0, len(piece), size):
                    await exchange.wire.piece(piece[start : start + size])
                    await asyncio.sleep(size / bytes_per_second)
            await exchange.wire.end()

    return Plan(f"slow({bytes_per_second})", Outcome.ANSWER, run)


def kept_alive(seconds: float) -> Plan:
    """Send what means nothing for a while, comments or blanks, then the upstream's body. Source: OpenRouter does."""

    async def run(exchange: Exchange) -> None:
        filler = b": PROCESSING\n\n" if exchange.streams else b"\n"
        async with exchange.upstream() as reply:
            own = {name: value for name, value in reply.kept.items() if name != "Content-Length"}
            await exchange.wire.head(reply.status, own)
            for _ in range(max(1, round(seconds * _STEPS))):
                await exchange.wire.piece(filler)
                await asyncio.sleep(1 / _STEPS)
            async for piece in reply.pieces():
                await exchange.wire.piece(piece)
            await exchange.wire.end()

    return Plan(f"kept_alive({seconds})", Outcome.ANSWER, run)


def rewritten(name: str, change: Callable[[Json], Json | None], outcome: Outcome = Outcome.ANSWER) -> Plan:
    """Change the upstream's object, or each event's object where it streams; None leaves an event out."""

    async def run(exchange: Exchange) -> None:
        async with exchange.upstream() as reply:
            body = b"".join([piece async for piece in reply.pieces()])
            if reply.status != 200:
                new = body
            elif "event-stream" in reply.headers.get("content-type", ""):
                new = b"".join(_changed_event(each, change) for each in body.split(b"\n\n") if each.strip())
            else:
                new = encoded(change(json.loads(body)))
            await exchange.wire.reply(reply.status, new, {**reply.kept, "Content-Length": str(len(new))})

    return Plan(name, outcome, run)


def _changed_event(said: bytes, change: Callable[[Json], Json | None]) -> bytes:
    data = said.removeprefix(b"data: ")
    if not data.startswith(b"{"):
        return said + b"\n\n"
    new = change(json.loads(data))
    return b"" if new is None else event(new)


def no_usage() -> Plan:
    """Answer without a word on what was used."""

    def change(said: Json) -> Json | None:
        rest = {name: value for name, value in said.items() if name != "usage"}
        return rest if said["choices"] else None

    return rewritten("no_usage", change)


def wrong_usage(use: object) -> Plan:
    """Say this where the upstream says what was used."""

    def change(said: Json) -> Json:
        return {**said, "usage": use} if said.get("usage") else said

    return rewritten(f"wrong_usage({use})", change)


# -------------------------------------------------------------------- refusals


def status(code: int, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Plan:
    """Refuse with that status, and an error as OpenAI writes it unless ``body`` is given."""
    said = encoded(failure(f"Refused with {code}.", "server_error" if code >= 500 else "invalid_request_error"))

    async def run(exchange: Exchange) -> None:
        await exchange.wire.reply(code, said if body is None else body, headers)

    return Plan(f"status({code})", Outcome.REFUSAL, run)


def retry_after(seconds: float | str, code: int = 429) -> Plan:
    """Refuse and say when to come again, in seconds or as given."""
    return _named(f"retry_after({seconds})", status(code, {"Retry-After": str(seconds)}))


def retry_after_date(seconds: float, now: float, code: int = 429) -> Plan:
    """Refuse and say when to come again as a date, ``seconds`` after ``now`` in seconds since 1970."""
    return retry_after(formatdate(now + seconds, usegmt=True), code)


def refused(code: int, message: str, kind: str, error: str) -> Plan:
    """Refuse with an error of that message, type and code."""
    return _named(error, status(code, body=encoded(failure(message, kind, code=error))))


def redirect(url: str, code: int = 307) -> Plan:
    """Send the client, with all it has to say, to another place."""
    return _named(f"redirect({url})", status(code, {"Location": url}, b""))


# -------------------------------------------------------------------- connections that end or stand still


async def _forever(exchange: Exchange) -> None:
    await asyncio.Event().wait()


def hang() -> Plan:
    """Never answer."""
    return Plan("hang", Outcome.ENDLESS, _forever)


def hang_after_headers() -> Plan:
    """Answer with a good head and nothing more."""

    async def run(exchange: Exchange) -> None:
        await exchange.wire.head(200, _kind(exchange))
        await _forever(exchange)

    return Plan("hang_after_headers", Outcome.ENDLESS, run)


def drop(*, reset: bool = False) -> Plan:
    """End the connection before a byte of an answer, also with a reset."""

    async def run(exchange: Exchange) -> None:
        exchange.wire.reset() if reset else exchange.wire.close()

    return Plan("reset" if reset else "drop", Outcome.BROKEN, run)


def cut(after_bytes: int) -> Plan:
    """Pass that much of the body, never all of it, then end the connection."""

    async def run(exchange: Exchange) -> None:
        await _begun(exchange, after_bytes)
        exchange.wire.close()

    return Plan(f"cut({after_bytes})", Outcome.BROKEN, run)


def stall(after_bytes: int) -> Plan:
    """Pass that much of the body, never all of it, then nothing while the connection stands."""

    async def run(exchange: Exchange) -> None:
        await _begun(exchange, after_bytes)
        await _forever(exchange)

    return Plan(f"stall({after_bytes})", Outcome.ENDLESS, run)


async def _begun(exchange: Exchange, size: int) -> None:
    async with exchange.upstream() as reply:
        # A reply in chunks stays open for want of its last chunk, one of known length for want of its last byte.
        size = size if reply.length is None else min(size, reply.length - 1)
        await exchange.wire.head(reply.status, reply.kept)
        async for piece in reply.pieces():
            await exchange.wire.piece(piece[:size])
            size -= len(piece)
            if size <= 0:
                return


# -------------------------------------------------------------------- replies that are no answer


def raw(name: str, data: bytes) -> Plan:
    """Send these bytes as they are and end the connection."""

    async def run(exchange: Exchange) -> None:
        await exchange.wire.send(data)
        exchange.wire.close()

    return Plan(name, Outcome.BROKEN, run)


def body(name: str, kind: str, data: bytes) -> Plan:
    """Reply 200 with this body."""

    async def run(exchange: Exchange) -> None:
        await exchange.wire.reply(200, data, {"Content-Type": kind})

    return Plan(name, Outcome.BROKEN, run)


def garbage() -> Plan:
    """Send what is no HTTP at all."""
    return raw("garbage", bytes(range(256)) + b"\r\n\r\n")


def bad_chunking() -> Plan:
    """Break off in chunks whose sizes are no numbers."""
    return raw("bad_chunking", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")


def wrong_length(by: int) -> Plan:
    """Announce a body that much longer than it is, or shorter."""

    async def run(exchange: Exchange) -> None:
        data = encoded(completion(_MODEL, {"content": "Hello."}, "stop", None))
        await exchange.wire.reply(200, data, {"Content-Length": str(len(data) + by)})
        exchange.wire.close()

    return Plan(f"wrong_length({by})", Outcome.BROKEN, run)


def garbled_json() -> Plan:
    """Reply with an object that breaks off."""
    return body("garbled_json", JSON_TYPE, b'{"id": "chatcmpl-1", "choices": [{"index": 0, "message": {"ro')


def garbled_stream() -> Plan:
    """Stream one good piece, then an event that breaks off, then the end."""
    said = event(chunk(_MODEL, {"role": "assistant", "content": "Hel"})) + b'data: {"choices": [{"delta"\n\n' + DONE
    return body("garbled_stream", EVENTS["Content-Type"], said)


def half_an_answer() -> Plan:
    """End in good order in the middle: no finish reason and no last event."""

    async def run(exchange: Exchange) -> None:
        if exchange.streams:
            said = event(chunk(_MODEL, {"role": "assistant", "content": "Hel"}))
        else:
            said = encoded(completion(_MODEL, {"content": "Hel"}, None, None))
        await exchange.wire.reply(200, said, _kind(exchange))

    return Plan("half_an_answer", Outcome.BROKEN, run)


def no_choices() -> Plan:
    """Answer with an empty list of choices."""

    async def run(exchange: Exchange) -> None:
        nothing = {**completion(_MODEL, {}, "stop", None), "choices": []}
        await exchange.wire.reply(200, event(nothing) + DONE if exchange.streams else encoded(nothing), _kind(exchange))

    return Plan("no_choices", Outcome.BROKEN, run)


def late_error() -> Plan:
    """Say 200, then that it failed, in the stream after its first piece. Source: OpenRouter does."""
    said = failure("The upstream provider failed.", "server_error", code=502)

    async def run(exchange: Exchange) -> None:
        first = event(chunk(_MODEL, {"role": "assistant", "content": "Hel"}))
        await exchange.wire.reply(200, first + event(said) if exchange.streams else encoded(said), _kind(exchange))

    return Plan("late_error", Outcome.BROKEN, run)


def empty() -> Plan:
    """Reply 200 with no body."""
    return body("empty", JSON_TYPE, b"")


def html() -> Plan:
    """Reply as a network does that wants a login first."""
    page = b"<!DOCTYPE html><html><head><title>Sign in to the network</title></head><body>Welcome</body></html>"
    return body("html", "text/html; charset=utf-8", page)


# -------------------------------------------------------------------- too much


def huge(megabytes: int) -> Plan:
    """Answer with a good object whose text is that long; in one event where the client streams."""

    async def run(exchange: Exchange) -> None:
        await exchange.wire.head(200, _kind(exchange))
        before, after = _around(exchange)
        await exchange.wire.piece(before)
        for _ in range(megabytes):
            await exchange.wire.piece(b"a" * _MEGABYTE)
        await exchange.wire.piece(after)
        await exchange.wire.end()

    return Plan(f"huge({megabytes})", Outcome.BROKEN, run)


def bomb(megabytes: int) -> Plan:
    """As ``huge``, in a thousandth of the bytes: the client unpacks it."""

    async def run(exchange: Exchange) -> None:
        before, after = _around(exchange)
        packed = await asyncio.to_thread(gzip.compress, before + b"a" * (megabytes * _MEGABYTE) + after, 1)
        await exchange.wire.reply(200, packed, {**_kind(exchange), "Content-Encoding": "gzip"})

    return Plan(f"bomb({megabytes})", Outcome.BROKEN, run)


def endless_stream(pause: float = 0.01) -> Plan:
    """Stream a word each ``pause`` seconds, without an end."""
    return _repeated("endless_stream", event(chunk(_MODEL, {"content": "word "})), pause)


def pings(pause: float = 0.05) -> Plan:
    """Stream comments without an end: the connection lives, and nothing is said."""
    return _repeated("pings", b": ping\n\n", pause)


def endless_line() -> Plan:
    """Stream one event that never ends, as fast as it is read."""
    return _repeated("endless_line", b"a" * _PIECE, 0, b"data: ")


def _repeated(name: str, data: bytes, pause: float, before: bytes = b"") -> Plan:
    async def run(exchange: Exchange) -> None:
        await exchange.wire.head(200, EVENTS)
        await exchange.wire.piece(before)
        while True:
            await exchange.wire.piece(data)
            await asyncio.sleep(pause)

    return Plan(name, Outcome.ENDLESS, run)


def _around(exchange: Exchange) -> tuple[bytes, bytes]:
    """What stands before and after a long text."""
    if exchange.streams:
        whole = event(chunk(_MODEL, {"role": "assistant", "content": _MARK}, "stop")) + DONE
    else:
        whole = encoded(completion(_MODEL, {"content": _MARK}, "stop", None))
    before, _, after = whole.partition(_MARK.encode())
    return before, after


def _kind(exchange: Exchange) -> Mapping[str, str]:
    return EVENTS if exchange.streams else {"Content-Type": JSON_TYPE}


def _named(name: str, plan: Plan) -> Plan:
    return Plan(name, plan.outcome, plan.run)


# -------------------------------------------------------------------- the table

_CODES = (400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504, 529)
_TOO_LONG = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."
_QUOTA = "You exceeded your current quota, please check your plan and billing details."

PLANS: Mapping[str, Plan] = MappingProxyType(
    {
        "ok": ok(),
        "late": late(0.2),
        "slow": slow(20_000),
        "kept_alive": kept_alive(0.2),
        "no_usage": no_usage(),
        "negative_usage": wrong_usage({"prompt_tokens": -5, "completion_tokens": -1, "total_tokens": -6}),
        "absurd_usage": wrong_usage({"prompt_tokens": 10**15, "completion_tokens": 10**15, "total_tokens": 3}),
        "text_usage": wrong_usage("many"),
        "half_usage": wrong_usage({"prompt_tokens": None}),
        **{str(code): status(code) for code in _CODES},
        "429_at_once": retry_after(0),
        "429_in_1_s": retry_after(1),
        "429_in_600_s": retry_after(600),
        "429_on_a_date": retry_after("Wed, 21 Oct 2065 07:28:00 GMT"),
        "429_nonsense": retry_after("soon"),
        "503_in_1_s": retry_after(1, 503),
        "quota": refused(429, _QUOTA, "insufficient_quota", "insufficient_quota"),
        "too_long": refused(400, _TOO_LONG, "invalid_request_error", "context_length_exceeded"),
        "502_html": status(502, {"Content-Type": "text/html"}, b"<html><h1>502 Bad Gateway</h1></html>"),
        "500_empty": status(500, body=b""),
        "redirect": redirect("http://127.0.0.1:9/v1/chat/completions"),
        "hang": hang(),
        "hang_after_headers": hang_after_headers(),
        "stall": stall(200),
        "endless_stream": endless_stream(),
        "endless_line": endless_line(),
        "pings": pings(),
        "drop": drop(),
        "reset": drop(reset=True),
        "cut": cut(200),
        "cut_at_once": cut(0),
        "garbage": garbage(),
        "bad_chunking": bad_chunking(),
        "too_short": wrong_length(10),
        "too_much": wrong_length(-10),
        "garbled_json": garbled_json(),
        "garbled_stream": garbled_stream(),
        "half_an_answer": half_an_answer(),
        "no_choices": no_choices(),
        "late_error": late_error(),
        "empty": empty(),
        "html": html(),
        "huge": huge(64),
        "bomb": bomb(64),
    }
)


def plan_named(plan: Plan | str) -> Plan:
    return PLANS[plan] if isinstance(plan, str) else plan
