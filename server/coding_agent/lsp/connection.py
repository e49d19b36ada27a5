"""JSON-RPC over a wire: dispatch in order, requests that can be cancelled at any time, errors that stay polite.

All messages that have arrived are read before the first is answered, so that a request whose
cancellation is already here costs nothing.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeGuard, cast

from coding_agent.errors import Cancelled, CodingAgentError, StaleOffer, WorkerFailed
from coding_agent.runtime.log import Level, bound, event

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = -32700, -32600, -32601, -32602, -32603
NOT_INITIALIZED, REQUEST_FAILED, CONTENT_MODIFIED, CANCELLED = -32002, -32803, -32801, -32800

Json = Any
"""What ``json.loads`` gives: the door where clients' data comes in; every handler checks what it takes."""
Handler = Callable[[Json], Awaitable[Json] | Json]
"""Gets the params. What it does before its first await happens in the order of arrival."""


def unlinked(text: str) -> str:
    """A text for a message, which may have words of a model, an endpoint or a file: VS Code makes links of
    ``[words](address)`` in messages, and runs commands that they name.
    """
    return text.replace("](", "] (")


class ClientError(Exception):
    """The client's mistake or refusal, answered with a code and a message; never shown to the user as a popup."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Raw:
    """A result that is JSON already: the parts of its text."""

    parts: Sequence[bytes]


class Connection:
    """One client. ``request`` and ``notification`` look up a handler by method, None where there is none."""

    def __init__(
        self,
        send: Callable[[Sequence[bytes]], None],
        request: Callable[[str], Handler | None],
        notification: Callable[[str], Handler | None],
    ) -> None:
        self._send = send
        self._request = request
        self._notification = notification
        self._running: dict[int | str, asyncio.Task[None]] = {}
        self._asked: dict[int, asyncio.Future[Json]] = {}
        self._next = 0
        self._background: set[asyncio.Future[Json]] = set()

    # What comes in.

    def arrived(self, bodies: Sequence[bytes]) -> None:
        """Take the messages that have arrived."""
        messages = [message for body in bodies if (message := self._decoded(body)) is not None]
        spared = _cancelled(messages) if len(messages) > 1 else {}
        for index, message in enumerate(messages):
            if index not in spared:
                self._take(message)
            elif (number := spared[index]) is not None:
                self._respond_error(number, CANCELLED, "cancelled before it began")

    def _decoded(self, body: bytes) -> dict[str, Json] | None:
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            event("bad-message", level=Level.WARNING, bytes=len(body))
            self._respond_error(None, PARSE_ERROR, "the message is not JSON")
            return None
        if not isinstance(message, dict):
            self._respond_error(None, INVALID_REQUEST, "the message is not an object")
            return None
        return cast("dict[str, Json]", message)

    def _take(self, message: dict[str, Json]) -> None:
        method, number = message.get("method"), message.get("id")
        if method is None:
            self._answered(message)
        elif not isinstance(method, str):
            self._respond_error(number, INVALID_REQUEST, "the method is not a text")
        elif "id" not in message:
            self._notified(method, message.get("params"))
        elif not _is_id(number):
            self._respond_error(None, INVALID_REQUEST, "the id is neither a number nor a text")
        else:
            self._requested(method, number, message.get("params"))

    def _notified(self, method: str, params: Json) -> None:
        if method == "$/cancelRequest":
            number = _cancel_id({"params": params})
            task = self._running.get(number) if number is not None else None
            if task is not None:
                task.cancel()
            return
        handler = self._notification(method)
        if handler is None:
            return
        try:
            outcome = handler(params)
            if asyncio.iscoroutine(outcome):
                self.spawn(self._fenced(method, outcome))
        except Exception as error:  # The one fence around notifications: a client's mistake must not stop the server.
            report_failure(method, error)

    def _requested(self, method: str, number: int | str, params: Json) -> None:
        start = perf_counter()
        handler = self._request(method)
        if handler is None:
            self._respond_error(number, METHOD_NOT_FOUND, f"{method} is not offered")
            return
        try:
            outcome = handler(params)
        except Exception as error:  # The one fence around requests, first half: before their first await.
            self._failed(method, number, error)
            return
        if not asyncio.iscoroutine(outcome):
            self._respond(method, number, outcome, start)
            return
        task = asyncio.get_running_loop().create_task(self._answer(method, number, outcome, start))
        self._running[number] = task
        task.add_done_callback(lambda task: self._finished(number, task, outcome))

    def _finished(self, number: int | str, task: "asyncio.Task[None]", outcome: "Coroutine[Json, Json, Json]") -> None:
        # A client may use an id again as soon as it was answered.
        if self._running.get(number) is task:
            del self._running[number]
        if task.cancelled():
            # Cancelled before its first step, so nothing in it could answer.
            outcome.close()
            self._respond_error(number, CANCELLED, "cancelled before it began")

    async def _answer(self, method: str, number: int | str, outcome: Awaitable[Json], start: float) -> None:
        with bound(request=number):
            try:
                result = await outcome
            except (asyncio.CancelledError, Cancelled):
                self._respond_error(number, CANCELLED, "cancelled")
            except Exception as error:  # The one fence around requests, second half.
                self._failed(method, number, error)
            else:
                self._respond(method, number, result, start)

    async def _fenced(self, method: str, work: Awaitable[Json]) -> None:
        try:
            await work
        except (asyncio.CancelledError, Cancelled):
            return
        except Exception as error:
            report_failure(method, error)

    def _failed(self, method: str, number: int | str, error: Exception) -> None:
        match error:
            case ClientError():
                self._respond_error(number, error.code, str(error))
            case Cancelled():
                self._respond_error(number, CANCELLED, "cancelled")
            case StaleOffer():
                self._respond_error(number, CONTENT_MODIFIED, "the document changed since this was offered")
            case CodingAgentError():
                if isinstance(error, WorkerFailed):
                    report_failure(method, error)
                self._respond_error(number, REQUEST_FAILED, str(error))
            case _ if _in_params(error):
                self._respond_error(number, INVALID_PARAMS, f"{method}: the params do not fit")
            case _:
                report_failure(method, error)
                self._respond_error(number, INTERNAL_ERROR, f"{method} failed; the log says more")

    # What goes out.

    def _respond(self, method: str, number: int | str, result: Json, start: float) -> None:
        parts = result.parts if isinstance(result, Raw) else (encoded(result),)
        self._send((b'{"jsonrpc":"2.0","id":', encoded(number), b',"result":', *parts, b"}"))
        event("answered", level=Level.DEBUG, method=method, request=number, ms=1e3 * (perf_counter() - start))

    def _respond_error(self, number: Json, code: int, message: str) -> None:
        error = {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": unlinked(message)}}
        self._send((encoded(error),))

    def notify(self, method: str, params: Json) -> None:
        """Send a notification; ``params`` may be ``Raw``."""
        parts = params.parts if isinstance(params, Raw) else (encoded(params),)
        self._send((b'{"jsonrpc":"2.0","method":', encoded(method), b',"params":', *parts, b"}"))

    async def ask(self, method: str, params: Json) -> Json:
        """Send a request to the client and wait for its answer; ``params`` None are no params.

        Raises: ClientError - it refused.
        """
        self._next += 1
        number = self._next
        future = self._asked[number] = asyncio.get_running_loop().create_future()
        given = {} if params is None else {"params": params}
        self._send((encoded({"jsonrpc": "2.0", "id": number, "method": method, **given}),))
        try:
            return await future
        finally:
            self._asked.pop(number, None)

    def spawn(self, work: "Awaitable[Json]") -> "asyncio.Future[Json]":
        """Run something beside the requests; it ends with the connection."""
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    def _answered(self, message: dict[str, Json]) -> None:
        number = message.get("id")
        future = self._asked.get(number) if isinstance(number, int) else None
        # An answer may come after the one who asked has gone.
        if future is None or future.done():
            return
        error = message.get("error")
        if isinstance(error, dict):
            refusal = cast("dict[str, Json]", error)
            code = refusal.get("code")
            future.set_exception(ClientError(code if isinstance(code, int) else 0, str(refusal.get("message"))))
        else:
            future.set_result(message.get("result"))

    def close(self) -> None:
        """Stop all that still runs."""
        for task in (*self._running.values(), *self._background):
            task.cancel()


def encoded(value: Json) -> bytes:
    """JSON as bytes. ASCII only, so that lone surrogates of broken texts pass."""
    return json.dumps(value, separators=(",", ":")).encode()


def _is_id(number: Json) -> TypeGuard[int | str]:
    return isinstance(number, int | str) and not isinstance(number, bool)


def _cancelled(messages: Sequence[dict[str, Json]]) -> dict[int, int | str | None]:
    """What of a batch need not be taken: requests that are cancelled further down, with their ids, and those
    cancellations, with None. A cancellation means the last request with its id before it, never one that comes later.
    """
    spared: dict[int, int | str | None] = {}
    asked: dict[int | str, int] = {}
    for index, message in enumerate(messages):
        if message.get("method") == "$/cancelRequest":
            number = _cancel_id(message)
            begun = asked.pop(number, None) if number is not None else None
            if begun is not None:
                spared |= {begun: number, index: None}
        elif _is_id(number := message.get("id")) and isinstance(message.get("method"), str):
            asked[number] = index
    return spared


def _cancel_id(message: dict[str, Json]) -> int | str | None:
    params = message.get("params")
    number = cast("dict[str, Json]", params).get("id") if isinstance(params, dict) else None
    return number if _is_id(number) else None


def _in_params(error: Exception) -> bool:
    """Whether a handler stumbled over what the client sent, rather than deeper in our code."""
    if not isinstance(error, KeyError | TypeError | AttributeError):
        return False
    deepest = error.__traceback__
    while deepest is not None and deepest.tb_next is not None:
        deepest = deepest.tb_next
    return deepest is not None and deepest.tb_frame.f_code.co_filename.replace("\\", "/").rpartition("/")[0].endswith(
        "/lsp"
    )


def report_failure(method: str, error: Exception) -> None:
    """Log what went wrong: a client's mistake is none of ours."""
    if isinstance(error, ClientError) or _in_params(error):
        event("bad-params", level=Level.WARNING, method=method, why=f"{type(error).__name__}: {error}")
        return
    deepest = error.__traceback__
    while deepest is not None and deepest.tb_next is not None:
        deepest = deepest.tb_next
    where = f"{deepest.tb_frame.f_code.co_filename}:{deepest.tb_lineno}" if deepest is not None else ""
    event("failed", level=Level.ERROR, method=method, error=f"{type(error).__name__}: {error}", where=where)
