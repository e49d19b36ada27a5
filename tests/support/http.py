"""A small HTTP/1.1 server for tests: in a thread of its own, it keeps the bytes that came and sees who leaves.

A subclass of ``Peer`` says how it answers. Times are monotonic seconds; every wait has a limit.

    with Scripted("Hello.") as peer:
        ...
        peer.wait(lambda: peer.requests, "a request")
        assert b"secret" not in peer.captured()
"""

import asyncio
import json
import socket
import struct
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic
from typing import Any, Self, TypeVar

LIMIT = 15.0
"""Seconds a wait lasts at most; a limit for broken peers, not a bound on good ones."""
JSON_TYPE = "application/json"
_HOST = "127.0.0.1"
_LARGEST_HEAD = 1 << 20
_PIECE = 1 << 16

Json = dict[str, Any]
T = TypeVar("T")


class Broken(Exception):
    """What came is no HTTP/1.1, or ended early; ``seen`` holds what was there."""

    def __init__(self, seen: bytes = b"") -> None:
        super().__init__(seen[:200])
        self.seen = seen


@dataclass(slots=True)
class Request:
    """What came as one request, also one that ended early.

    ``answered`` is when the last byte of the reply went out or the peer ended the connection;
    ``left`` is when the client closed before that. ``served`` names what answered, where a peer has names.
    """

    head: bytes
    body: bytes = b""
    """As sent, without the framing of chunks."""
    whole: bool = False
    came: float = field(default_factory=monotonic)
    answered: float | None = None
    left: float | None = None
    served: str = ""

    @property
    def method(self) -> str:
        return self._line()[0]

    @property
    def target(self) -> str:
        return self._line()[1]

    @property
    def headers(self) -> dict[str, str]:
        """Names in lower case."""
        return parsed_headers(self.head)

    def json(self) -> Json:
        """The body as an object, empty where it is none."""
        try:
            read = json.loads(self.body)
        except ValueError:
            return {}
        return read if isinstance(read, dict) else {}

    def _line(self) -> list[str]:
        words = self.head.partition(b"\r\n")[0].decode("latin-1").split(" ")
        return words if len(words) == 3 else ["", "", ""]


class Wire:
    """One connection, from the side of the server.

    ``gone`` is set as soon as the client closes, also while nobody reads or writes. A client that
    closes only its half counts as gone.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.raw = bytearray()
        self.reader = asyncio.StreamReader(limit=_LARGEST_HEAD)
        self.gone, self.gone_at = asyncio.Event(), 0.0
        self.over = False
        """Whether this side ended the connection."""
        self._source, self._writer, self._chunked = reader, writer, False
        # Nothing waits in this process: what was sent is in the hands of the system.
        writer.transport.set_write_buffer_limits(0)

    async def pump(self) -> None:
        try:
            while data := await self._source.read(_PIECE):
                self.raw += data
                self.reader.feed_data(data)
        except OSError:
            pass
        self.gone_at = monotonic()
        self.reader.feed_eof()
        self.gone.set()

    async def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(data)
        await self._writer.drain()

    async def reply(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        """Send a whole reply of known length, JSON unless ``headers`` say otherwise."""
        given = headers or {}
        names = {name.lower() for name in given}
        own = {"Content-Type": JSON_TYPE, "Content-Length": str(len(body))}
        await self.head(status, {name: value for name, value in own.items() if name.lower() not in names} | dict(given))
        await self.send(body)

    async def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Begin a reply; without a length it goes out in chunks, and ``end`` has to end it."""
        self._chunked = not any(name.lower() == "content-length" for name in headers)
        lines = [f"HTTP/1.1 {status} {_phrase(status)}", *(f"{name}: {value}" for name, value in headers.items())]
        lines += ["Transfer-Encoding: chunked"] if self._chunked else []
        await self.send("".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1"))

    async def piece(self, data: bytes) -> None:
        """Send a part of the body."""
        if data:
            await self.send(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)

    async def end(self) -> None:
        if self._chunked:
            await self.send(b"0\r\n\r\n")

    def close(self) -> None:
        """End the connection as a server does that is done."""
        self.over = True
        self._writer.close()

    def reset(self) -> None:
        """End the connection with a reset; what was not sent is lost."""
        self.over = True
        taken = self._writer.get_extra_info("socket")
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def ended(self) -> None:
        """End the connection without regard to what was not sent, and wait until it has."""
        self.over = True
        self._writer.transport.abort()
        await self._writer.wait_closed()


class Peer:
    """A server on 127.0.0.1, from ``with`` or ``start`` until ``close``.

    What goes wrong inside it is raised when the ``with`` ends, so that a test never mistakes it for an answer.
    """

    def __init__(self, port: int = 0) -> None:
        self.port = port
        """Free and chosen at the start where it was 0."""
        self.requests: list[Request] = []
        """All that came so far, in the order of their heads."""
        self.failures: list[BaseException] = []
        self._wires: list[Wire] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = threading.Condition()
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None

    async def answer(self, request: Request, wire: Wire) -> None:
        """Answer one request; cancelled when the client leaves."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """What an OpenAI client takes as its base URL."""
        return f"http://{_HOST}:{self.port}/v1"

    def captured(self) -> bytes:
        """All bytes that came over any connection, then the bodies once more without the framing of chunks."""
        with self._changed:
            return b"".join([*(bytes(wire.raw) for wire in self._wires), *(each.body for each in self.requests)])

    # ---------------------------------------------------------------- waiting

    def wait(self, test: Callable[[], T], what: str, limit: float = LIMIT) -> T:
        """Return the first true value of ``test``, asked again after each event here.

        Raises: AssertionError - none within ``limit`` seconds; it says what was seen.
        """
        end = monotonic() + limit
        with self._changed:
            while not (value := test()):
                if not self._changed.wait(end - monotonic()) and monotonic() >= end:
                    seen = [(each.served, each.target, each.answered, each.left) for each in self.requests[-10:]]
                    raise AssertionError(f"no {what} within {limit} s; seen {seen}, failed {self.failures}")
            return value

    async def until(self, test: Callable[[], T], what: str, limit: float = LIMIT) -> T:
        """Wait as ``wait`` does, without holding the caller's loop."""
        return await asyncio.to_thread(self.wait, test, what, limit)

    async def left(self, index: int = -1, limit: float = LIMIT) -> Request:
        """Wait until the client of that request has closed before its answer was through."""

        def found() -> Request | None:
            return next((each for each in self.requests[index:][:1] if each.left is not None), None)

        return await self.until(found, "client that leaves", limit)  # type: ignore[return-value]

    # ---------------------------------------------------------------- its life

    def start(self) -> Self:
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)
        self._thread.start()
        assert self._ready.wait(LIMIT), "the peer did not start"
        if self.failures:
            raise self.failures[0]
        return self

    def close(self) -> None:
        """End every connection and listen no more; the port then refuses."""
        if not self._thread:
            return
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(LIMIT)
        assert not self._thread.is_alive(), "the peer did not end"
        self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, *failure: object) -> None:
        self.close()
        if self.failures and kind is None:
            raise self.failures[0]

    def call(self, action: Callable[[], object]) -> None:
        """Run something on the peer's own loop, soon."""
        self._loop.call_soon_threadsafe(action)

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:
            self.failures.append(error)
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._serve, _HOST, self.port)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        # Who connected a moment ago needs some turns of the loop to become a task that can be cancelled.
        for _ in range(8):
            await asyncio.sleep(0)
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(wire.ended() for wire in self._wires), return_exceptions=True)

    # ---------------------------------------------------------------- one connection

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        own = asyncio.current_task()
        assert own
        self._tasks.add(own)
        wire = Wire(reader, writer)
        self._wires.append(wire)
        pump = asyncio.create_task(wire.pump())
        try:
            while not wire.over and (request := await self._read(wire)):
                await self._answered(request, wire)
                if request.headers.get("connection", "").lower() == "close":
                    wire.close()
        except asyncio.CancelledError:
            pass  # The peer ends; asyncio would report a connection that ends cancelled.
        except Exception as error:
            self._fail(error)
        finally:
            pump.cancel()
            self._tasks.discard(own)
            if not wire.over:
                writer.transport.abort()

    async def _read(self, wire: Wire) -> Request | None:
        """Return the next request, None where the connection ends; one that ended early is kept and not answered."""
        try:
            request = Request(await read_head(wire.reader))
        except Broken as broken:
            if broken.seen:
                self._note(Request(broken.seen))
            return None
        self._note(request)
        try:
            async for piece in read_body(wire.reader, request.headers, until_end=False):
                request.body += piece
            request.whole = True
        except Broken:
            request.left = monotonic()
        self._note()
        return request if request.whole else None

    async def _answered(self, request: Request, wire: Wire) -> None:
        work = asyncio.create_task(self.answer(request, wire))
        leaves = asyncio.create_task(wire.gone.wait())
        try:
            await asyncio.wait({work, leaves}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            left = not work.done()
            for task in (work, leaves):
                task.cancel()
            await asyncio.gather(work, leaves, return_exceptions=True)
        error = None if work.cancelled() else work.exception()
        if left or isinstance(error, ConnectionError):
            request.left = wire.gone_at or monotonic()
            wire.close()
        elif error:
            self._fail(error)
            wire.reset()
        else:
            request.answered = monotonic()
        self._note()

    def _fail(self, error: BaseException) -> None:
        with self._changed:
            self.failures.append(error)
            self._changed.notify_all()

    def _note(self, request: Request | None = None) -> None:
        with self._changed:
            if request:
                self.requests.append(request)
            self._changed.notify_all()


# -------------------------------------------------------------------- reading HTTP/1.1


def parsed_headers(head: bytes) -> dict[str, str]:
    """The headers of a request or reply, names in lower case."""
    lines = (line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:])
    return {name.strip().lower(): value.strip() for name, colon, value in lines if colon}


async def read_head(reader: asyncio.StreamReader) -> bytes:
    """Return the head with its empty line.

    Raises: Broken - the connection ended before.
    """
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        raise Broken(error.partial) from None
    except (asyncio.LimitOverrunError, OSError) as error:
        raise Broken(str(error).encode()) from None


async def read_body(
    reader: asyncio.StreamReader, headers: Mapping[str, str], *, until_end: bool
) -> AsyncIterator[bytes]:
    """Yield the body as it comes, without the framing of chunks.

    Without a length it lasts until the connection ends where ``until_end`` says so, else there is none.

    Raises: Broken - it ended early.
    """
    if headers.get("transfer-encoding", "").lower() == "chunked":
        while size := await _chunk_size(reader):
            async for piece in _exactly(reader, size):
                yield piece
            await _line(reader)
        while await _line(reader):
            pass  # Trailers.
    elif "content-length" in headers:
        async for piece in _exactly(reader, int(headers["content-length"])):
            yield piece
    elif until_end:
        while piece := await reader.read(_PIECE):
            yield piece


async def _exactly(reader: asyncio.StreamReader, size: int) -> AsyncIterator[bytes]:
    while size:
        piece = await reader.read(min(size, _PIECE))
        if not piece:
            raise Broken
        size -= len(piece)
        yield piece


async def _chunk_size(reader: asyncio.StreamReader) -> int:
    line = await _line(reader)
    try:
        return int(line.partition(b";")[0], 16)
    except ValueError:
        raise Broken(line) from None


async def _line(reader: asyncio.StreamReader) -> bytes:
    line = await reader.readline()
    if not line.endswith(b"\r\n"):
        raise Broken(line)
    return line[:-2]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
