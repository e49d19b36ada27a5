"""Chat Completions and embeddings over the `openai` package, for every endpoint that speaks them; loaded at the first
question.

Of the package we take the protocol and its one pool of connections. Retries, deadlines and what is read from the
environment are not left to it, redirects are not followed, and what it would tell of this machine is left out.
"""

import email.utils
import json
import math
import re
from collections.abc import AsyncIterator, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC
from importlib import import_module
from typing import Any, cast

from coding_agent.ai.budget import Usage
from coding_agent.ai.embedding import embedded
from coding_agent.ai.endpoint import Endpoint
from coding_agent.ai.failure import Kind
from coding_agent.ai.model import Abilities, Answer, Asked, Embedded, Json, Say, Structure
from coding_agent.errors import AIOff, AttemptFailed

MISSING = "asking a model needs a package more: pip install 'coding-agent-lsp[ai]'"
LARGEST = 8_000_000
"""Bytes of an answer at most, headers of its events included; no model writes so much."""
_CONNECT = 5.0
_SHOWN = 300
"""Characters of what an endpoint says that are shown."""
_LONG = ("context length", "context size", "too large to process")
"""How endpoints say that a text is too long; the last is llama.cpp's, of what does not fit into one batch."""
_MOST = ("max_tokens", "max_completion_tokens")
_PARAMETER = re.compile(
    r"(?<![\w-])(?:max_tokens|max_completion_tokens|temperature|response_format|stream_options|stream)(?![\w-])"
)
_UNKNOWN = re.compile(
    r"unsupported|un(?:known|recogni[sz]ed|expected)|not (?:supported|permitted|allowed|recogni[sz]ed|known|accepted)"
    r"|extra (?:inputs|fields|parameters)|deprecated|does not (?:support|accept|know|take)|instead"
)
"""How an endpoint says that it does not know a parameter, rather than that its value is too large."""


def load() -> None:
    """Load the package, which takes seconds, where a thread has them. That it is not there is said by who needs it."""
    with suppress(ImportError):
        import_module("openai")


class OpenAIModel:
    """``clock`` tells seconds since 1970. Raises: AIOff - the package is not installed."""

    def __init__(self, endpoint: Endpoint, key: str, clock: Callable[[], float]) -> None:
        try:
            self._openai: Any = import_module("openai")
            self._http: Any = import_module("httpx2")
        except ImportError as error:
            raise AIOff(MISSING) from error
        self._endpoint, self._clock = endpoint, clock
        omit = self._openai.Omit()
        self._client: Any = self._openai.AsyncOpenAI(
            # A server without keys takes any, and the package insists on one.
            api_key=key or "none",
            base_url=endpoint.url,
            max_retries=0,
            default_headers={
                "User-Agent": "coding-agent",
                "Accept-Encoding": "identity",
                "OpenAI-Organization": omit,
                "OpenAI-Project": omit,
            },
            http_client=self._http.AsyncClient(
                follow_redirects=False,
                # A proxy that is set for the world has no business with this machine.
                trust_env=not endpoint.is_local,
                timeout=self._http.Timeout(None, connect=_CONNECT),
                event_hooks={"request": [_quiet], "response": [self._bound]},
            ),
        )

    async def answer(self, asked: Asked, can: Abilities, say: Say) -> Answer:
        """Ask once; ``say`` hears what the model writes. Being cancelled closes the connection.

        Raises: AttemptFailed.
        """
        with self._told():
            made = await self._client.chat.completions.create(**_body(asked, can, self._endpoint.model))
            return await _streamed(made, say) if can.streams else _whole(made, say)

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """Ask once. Being cancelled closes the connection. Raises: AttemptFailed."""
        with self._told():
            body = {"model": self._endpoint.model, "input": [*texts], "encoding_format": "float"}
            # Not by `embeddings.create`: it looks at each number of what came, which takes longer than all the rest.
            made = await self._client.post("/embeddings", cast_to=self._http.Response, body=body)
            return embedded(json.loads(made.content), len(texts))

    @contextmanager
    def _told(self) -> Generator[None]:
        """Whatever fails has a name of ours."""
        try:
            yield
        except AttemptFailed:
            raise
        except self._openai.APIStatusError as error:
            raise self._status(error) from error
        except (self._openai.APIConnectionError, self._http.HTTPError, self._http.StreamError) as error:
            raise _connection(error) from error
        except (self._openai.OpenAIError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            # What came is no answer of the protocol; the package says so in many ways.
            raise AttemptFailed(f"what came is no answer ({_short(str(error))})", Kind.NO_PROTOCOL.value) from error

    async def close(self) -> None:
        await self._client.close()

    async def _bound(self, response: Any) -> None:
        if response.is_redirect:
            await response.aclose()
            where = response.headers.get("location", "elsewhere")
            message = f"it wants to send us to {_short(where)}, where nothing is sent"
            raise AttemptFailed(message, Kind.NO_PROTOCOL.value, status=response.status_code)
        # It was asked for nothing that is compressed, which could be far more than it seems.
        packed = response.headers.get("content-encoding", "identity").lower() != "identity"
        if packed or (response.is_success and "html" in response.headers.get("content-type", "").lower()):
            await response.aclose()
            raise AttemptFailed(f"it sends {'something packed' if packed else 'a web page'}", Kind.NO_PROTOCOL.value)
        response.stream = _bounded(self._http, response.stream)

    def _status(self, error: Any) -> AttemptFailed:
        status, headers = cast("int", error.status_code), cast("Mapping[str, str]", error.response.headers)
        body = cast("object", error.body)
        detail = cast("Json", body) if isinstance(body, dict) else {}
        said = str(detail.get("message") or (body if isinstance(body, str) else "") or error.message or "")
        code = f"{detail.get('code') or ''} {detail.get('type') or ''}".lower()
        kind = _kind(status, code, said.lower())
        told, param = str(detail.get("param") or ""), ""
        if kind is Kind.REFUSED and status in (400, 422) and (named := _parameter(told, said.lower())):
            # Under another name a bound that is too high is no lower, and a stream may be that of something else.
            doubtful = named in _MOST or (named == "stream" and not told)
            param = named if not doubtful or _UNKNOWN.search(f"{code} {said.lower()}") else ""
            kind = Kind.PARAMETER
        return AttemptFailed(
            _short(said) or f"status {status}", kind.value, status=status, wait=self._wait(headers), param=param
        )

    def _wait(self, headers: Mapping[str, str]) -> float | None:
        """Seconds until the endpoint wants to be asked again, as a number or a date says (RFC 9110, 10.2.3)."""
        for name, scale in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
            value = headers.get(name, "").strip()
            try:
                seconds = float(value) * scale
            except ValueError:
                continue
            return seconds if math.isfinite(seconds) and seconds >= 0 else None
        try:
            at = email.utils.parsedate_to_datetime(headers.get("retry-after", ""))
            return max((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - self._clock(), 0.0)
        except (ValueError, OverflowError):
            return None


async def _quiet(request: Any) -> None:
    """Leave out what the package would tell of this machine."""
    for name in [each for each in request.headers if each.lower().startswith("x-stainless-")]:
        del request.headers[name]


def _body(asked: Asked, can: Abilities, model: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": each.role, "content": each.text} for each in asked.messages],
        can.most: asked.most,
        "stream": can.streams,
    }
    if can.temperature:
        body["temperature"] = asked.temperature
    if can.streams and can.counts:
        body["stream_options"] = {"include_usage": True}
    if asked.schema is not None and can.structure is not Structure.FENCED:
        body["response_format"] = _format(asked.schema, can.structure)
    return body


def _format(schema: Mapping[str, object], structure: Structure) -> Json:
    if structure is Structure.OBJECT:
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}


async def _streamed(stream: Any, say: Say) -> Answer:
    """Read a stream to its end, which it has to say: one that only stops was cut."""
    parts: list[str] = []
    usage: Usage | None = None
    finish = ""
    try:
        async for chunk in stream:
            usage = _usage(getattr(chunk, "usage", None)) or usage
            for choice in getattr(chunk, "choices", None) or ():
                piece = getattr(choice.delta, "content", None) or ""
                if not isinstance(piece, str):
                    raise AttemptFailed("a piece of the answer is no text", Kind.NO_PROTOCOL.value)
                parts.append(piece)
                finish = choice.finish_reason or finish
                if piece:
                    say(piece)
    finally:
        await stream.close()
    return _answer("".join(parts), usage, finish)


def _whole(made: Any, say: Say) -> Answer:
    choices = getattr(made, "choices", None)
    if not choices:
        raise AttemptFailed("the answer holds no choice", Kind.NO_PROTOCOL.value)
    text = choices[0].message.content or ""
    if not isinstance(text, str):
        raise AttemptFailed("the answer is no text", Kind.NO_PROTOCOL.value)
    if text:
        say(text)
    return _answer(text, _usage(getattr(made, "usage", None)), choices[0].finish_reason or "")


def _answer(text: str, usage: Usage | None, finish: str) -> Answer:
    if not finish:
        raise AttemptFailed("the answer broke off", Kind.BROKEN_OFF.value)
    if finish == "content_filter":
        raise AttemptFailed("its filter held the answer back", Kind.REFUSED.value)
    return Answer(text, usage, finish == "length")


def _usage(said: Any) -> Usage | None:
    """What the server counted; None where it did not, or counted what cannot be."""
    if said is None:
        return None
    cached = getattr(getattr(said, "prompt_tokens_details", None), "cached_tokens", 0)
    usage = Usage(getattr(said, "prompt_tokens", -1), cached or 0, getattr(said, "completion_tokens", -1))
    return usage if usage.is_believable else None


def _kind(status: int, code: str, said: str) -> Kind:
    tests = (
        (Kind.KEY, status in (401, 403)),
        (Kind.UNKNOWN, status == 404 or "model_not_found" in code),
        (Kind.SPENT, status == 402 or "insufficient_quota" in code),
        (Kind.BUSY, status in (408, 409, 425, 429, 503, 529)),
        (Kind.TOO_LONG, status == 413 or "context" in code or any(each in said for each in _LONG)),
        (Kind.SERVER, status >= 500),
    )
    return next((kind for kind, is_it in tests if is_it), Kind.REFUSED)


def _parameter(param: str, said: str) -> str:
    """The parameter of ours that an endpoint refuses: the one it says it is, else the first that its text names."""
    found = _PARAMETER.match(param) if param else _PARAMETER.search(said)
    return found.group() if found else ""


def _connection(error: BaseException) -> AttemptFailed:
    reason: BaseException | None = error
    text = ""
    while reason is not None:
        if isinstance(reason, AttemptFailed):
            return reason
        text = str(reason) or text
        reason = reason.__cause__ or reason.__context__
    names = {type(each).__name__ for each in (error, error.__cause__, error.__context__)}
    if names & {"ConnectError", "ConnectTimeout", "UnsupportedProtocol", "InvalidURL", "ProxyError"}:
        return AttemptFailed(_short(text), Kind.UNREACHABLE.value, sent=False)
    if names & {"DecodingError", "LocalProtocolError"} or "illegal" in text.lower():
        return AttemptFailed(f"what came is no answer ({_short(text)})", Kind.NO_PROTOCOL.value)
    if "RemoteProtocolError" in names and "without sending" not in text and "incomplete" not in text:
        return AttemptFailed(f"what came is no answer ({_short(text)})", Kind.NO_PROTOCOL.value)
    return AttemptFailed(_short(text) or "the connection ended", Kind.BROKEN_OFF.value)


def _bounded(http: Any, stream: Any) -> Any:
    """A response's body that ends with a failure where it is larger than any answer."""

    class Bounded(http.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            left = LARGEST
            async for piece in stream:
                left -= len(piece)
                if left < 0:
                    raise AttemptFailed(f"it sends more than {LARGEST // 1_000_000} MB", Kind.NO_PROTOCOL.value)
                yield piece

        async def aclose(self) -> None:
            await stream.aclose()

    return Bounded()


def _short(text: str) -> str:
    """What an endpoint says, as one line: it may be a whole web page."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]} ..."
