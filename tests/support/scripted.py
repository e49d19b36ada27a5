"""An OpenAI-compatible endpoint whose answers are written down, in this process or as a program.

    with Scripted([Case("Explain", "It adds."), Case("repair", "no JSON", '{"ok": true}')]) as endpoint:
        ...                                            # a client at endpoint.url with endpoint.key
        assert endpoint.asked[0].last == "Explain this."

    python -m support.scripted --port 0 --answers answers.json --record asked.jsonl

As a program it prints its URL and serves until it is told to end. The file is a list of
``{"when": part of any message, "say": text}``; ``"status"`` refuses instead, and what has no ``when`` is said
where nothing else fits. What was asked is appended to the record, one object a line.
"""

import argparse
import asyncio
import base64
import json
import random
import signal
import struct
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import IO, Any

from support import completions
from support.completions import DONE, EVENTS, counted, encoded, event, failure, in_pieces
from support.http import Json, Peer, Request, Wire

KEY = "sk-scripted"
MODEL = "scripted-1"


@dataclass(frozen=True)
class Asked:
    """A request for a completion, read."""

    body: Json
    request: Request

    @property
    def messages(self) -> list[tuple[str, str]]:
        """(role, text) of each message; parts of a content are joined."""
        return [(each.get("role", ""), _text(each.get("content"))) for each in self.body.get("messages", ())]

    @property
    def last(self) -> str:
        """The text of the last message."""
        return self.messages[-1][1] if self.messages else ""

    @property
    def text(self) -> str:
        """The texts of all messages, a line break between them."""
        return "\n".join(text for _, text in self.messages)

    @property
    def streams(self) -> bool:
        return self.body.get("stream") is True

    @property
    def form(self) -> str:
        """``text``, ``json_object`` or ``json_schema``."""
        return (self.body.get("response_format") or {}).get("type", "text")

    @property
    def schema(self) -> Json:
        """The schema that the answer is to follow, empty without one."""
        return ((self.body.get("response_format") or {}).get("json_schema") or {}).get("schema") or {}

    @property
    def most(self) -> int | None:
        """The most tokens of an answer."""
        return self.body.get("max_completion_tokens") or self.body.get("max_tokens")


@dataclass(frozen=True)
class Say:
    """An answer: whole, or in pieces of ``piece`` characters with ``pause`` seconds before each.

    ``hold`` stops a stream after that many pieces until ``Scripted.release`` or until the client leaves.
    ``usage`` is said instead of what was counted.
    """

    text: str = ""
    finish: str = "stop"
    refusal: str | None = None
    reasoning: str = ""
    usage: Json | None = None
    piece: int = 8
    pause: float = 0.0
    hold: int | None = None


@dataclass(frozen=True)
class Refuse:
    """An answer that is an error."""

    status: int
    message: str = "Refused."
    kind: str = "invalid_request_error"
    param: str | None = None
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Reply = Say | Refuse | str
When = str | Callable[[Asked], bool]


class Case:
    """Replies to the requests that ``when`` is true of, or is a part of any message of; the last one is repeated."""

    def __init__(self, when: When, *replies: Reply) -> None:
        assert replies
        self._when, self._replies, self._next = when, replies, 0

    def fits(self, asked: Asked) -> bool:
        return self._when in asked.text if isinstance(self._when, str) else self._when(asked)

    def reply(self) -> Reply:
        reply = self._replies[min(self._next, len(self._replies) - 1)]
        self._next += 1
        return reply


Script = Reply | Sequence[Case] | Callable[[Asked], Reply]
Meaning = Callable[[list[str]], "list[list[float]] | Json | bytes | Refuse"]
"""What texts mean: a row each, a whole body, its bytes, or a refusal."""


class _Refused(Exception):
    def __init__(self, reply: Refuse) -> None:
        super().__init__(reply.message)
        self.reply = reply


class Scripted(Peer):
    """The endpoint. Where the script has nothing to say it gives the smallest answer of the form that was asked for.

    ``refuses`` names what it does not know: parameters, ``json_schema`` or ``json_object`` of ``response_format``,
    roles as ``role:system``, words of a schema as ``schema:pattern``. ``flat`` writes errors as older vLLMs do.
    ``context`` is how many tokens prompt and answer may have. An empty ``key`` lets everybody in.
    """

    def __init__(
        self,
        script: Script = (),
        *,
        refuses: Collection[str] = (),
        key: str = KEY,
        models: Sequence[str] = (MODEL,),
        context: int = 128_000,
        flat: bool = False,
        dimensions: int = 32,
        meaning: Meaning | None = None,
        record: IO[str] | None = None,
        port: int = 0,
    ) -> None:
        super().__init__(port)
        self.key, self.model = key, models[0]
        self.asked: list[Asked] = []
        """The completions that were asked for, also those that were refused."""
        self.embedded: list[list[str]] = []
        """The texts whose vectors were asked for, by request."""
        self._meaning = meaning
        self._script, self._refuses, self._models, self._context = script, frozenset(refuses), models, context
        self._flat, self._dimensions, self._record = flat, dimensions, record
        self._prompts: list[str] = []
        self._released = asyncio.Event()

    def release(self) -> None:
        """Let every answer go on that is held, now and later."""
        self.call(self._released.set)

    def mean(self, meaning: Meaning) -> None:
        """From now on texts mean something else."""
        self._meaning = meaning

    async def answer(self, request: Request, wire: Wire) -> None:
        try:
            await self._served(request, wire)
        except _Refused as refused:
            reply = refused.reply
            await wire.reply(reply.status, encoded(self._error(reply)), reply.headers)

    async def _served(self, request: Request, wire: Wire) -> None:
        path = request.target.partition("?")[0]
        works = {
            ("GET", "/v1/models"): self._listed,
            ("POST", "/v1/embeddings"): self._embedded,
            ("POST", "/v1/chat/completions"): self._completed,
        }
        work = works.get((request.method, path))
        if not work:
            raise _Refused(Refuse(404, f"Invalid URL ({request.method} {path})"))
        self._let_in(request)
        await work(request, wire)

    def _let_in(self, request: Request) -> None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        if self.key and not given:
            raise _Refused(Refuse(401, "You didn't provide an API key."))
        if self.key and given != self.key:
            raise _Refused(Refuse(401, f"Incorrect API key provided: {given[:4]}****.", code="invalid_api_key"))

    def _error(self, reply: Refuse) -> Json:
        if self._flat:
            return {
                "object": "error",
                "message": reply.message,
                "type": reply.kind,
                "param": None,
                "code": reply.status,
            }
        return failure(reply.message, reply.kind, reply.param, reply.code)

    # ---------------------------------------------------------------- what it can do

    async def _listed(self, request: Request, wire: Wire) -> None:
        items = [{"id": name, "object": "model", "created": 0, "owned_by": "tests"} for name in self._models]
        await wire.reply(200, encoded({"object": "list", "data": items}))

    async def _embedded(self, request: Request, wire: Wire) -> None:
        body = _object(request)
        given = body.get("input", "")
        texts = [given] if isinstance(given, str) else given
        self.embedded.append(texts)
        rows = [vector(text, body.get("dimensions") or self._dimensions) for text in texts]
        if self._meaning is not None:
            said = self._meaning(texts)
            if isinstance(said, Refuse):
                raise _Refused(said)
            if not isinstance(said, list):
                await wire.reply(200, said if isinstance(said, bytes) else encoded(said))
                return
            rows = said
        packed = body.get("encoding_format") == "base64"
        data = [
            {"object": "embedding", "index": index, "embedding": _packed(row) if packed else row}
            for index, row in enumerate(rows)
        ]
        used = sum(map(counted, texts))
        use = {"prompt_tokens": used, "total_tokens": used}
        await wire.reply(
            200, encoded({"object": "list", "data": data, "model": body.get("model", self.model), "usage": use})
        )

    async def _completed(self, request: Request, wire: Wire) -> None:
        asked = Asked(_object(request), request)
        self.asked.append(asked)
        if self._record:
            print(json.dumps(asked.body), file=self._record, flush=True)
        self._allowed(asked)
        say = self._decided(asked)
        use = say.usage or completions.usage(self._prompt(asked), counted(say.text), self._cached(asked))
        if asked.streams:
            await self._streamed(asked, say, use, wire)
        else:
            message = {"content": say.text, "refusal": say.refusal, **_reasoning(say)}
            await wire.reply(200, encoded(completions.completion(asked.body["model"], message, say.finish, use)))

    def _decided(self, asked: Asked) -> Say:
        reply = self._reply(asked)
        say = Say(reply) if isinstance(reply, str) else reply
        if isinstance(say, Refuse):
            raise _Refused(say)
        if asked.most is not None and counted(say.text) > asked.most:
            kept = say.text[: asked.most * 4]
            return replace(say, text=kept, finish="length")
        return say

    def _reply(self, asked: Asked) -> Reply:
        if isinstance(self._script, str | Say | Refuse):
            return self._script
        if callable(self._script):
            return self._script(asked)
        fitting = next((case for case in self._script if case.fits(asked)), None)
        if fitting:
            return fitting.reply()
        return {"json_schema": json.dumps(smallest(asked.schema)), "json_object": "{}"}.get(asked.form, "OK")

    async def _streamed(self, asked: Asked, say: Say, use: Json, wire: Wire) -> None:
        model, counts = asked.body["model"], bool((asked.body.get("stream_options") or {}).get("include_usage"))
        more = {"usage": None} if counts else {}
        await wire.head(200, EVENTS)

        async def tell(delta: Mapping[str, object], finish: str | None = None) -> None:
            await wire.piece(event(completions.chunk(model, delta, finish, **more)))

        await tell({"role": "assistant", "content": "", **_reasoning(say)})
        for index, piece in enumerate(in_pieces(say.text, say.piece)):
            if index == say.hold:
                await self._released.wait()
            await asyncio.sleep(say.pause)
            await tell({"content": piece})
        if say.refusal:
            await tell({"refusal": say.refusal})
        await tell({}, say.finish)
        if counts:
            await wire.piece(event(completions.last_chunk(model, use)))
        await wire.piece(DONE)
        await wire.end()

    def _prompt(self, asked: Asked) -> int:
        return sum(counted(text) + 4 for _, text in asked.messages)

    def _cached(self, asked: Asked) -> int:
        """How many tokens at the start of a prompt stood at the start of an earlier one."""
        now = json.dumps(asked.body["messages"])
        most = max((_common(now, each) for each in self._prompts), default=0)
        self._prompts.append(now)
        return min(most // 4, self._prompt(asked))

    # ---------------------------------------------------------------- what it refuses

    def _allowed(self, asked: Asked) -> None:
        body = asked.body
        if body.get("model") not in self._models:
            said = f"The model `{body.get('model')}` does not exist or you do not have access to it."
            raise _Refused(Refuse(404, said, code="model_not_found"))
        for name, value in body.items():
            if name in self._refuses:
                raise _Refused(_unknown(name, value))
        if asked.form in self._refuses:
            raise _Refused(_unknown("response_format", body["response_format"]))
        for index, (role, _) in enumerate(asked.messages):
            if f"role:{role}" in self._refuses:
                said = f"Unsupported value: 'messages[{index}].role' does not support '{role}' with this model."
                raise _Refused(Refuse(400, said, param=f"messages[{index}].role", code="unsupported_value"))
        if not asked.messages:
            said = "Invalid 'messages': empty array. Expected an array with minimum length 1."
            raise _Refused(Refuse(400, said, param="messages", code="empty_array"))
        self._form_allowed(asked)
        needed = self._prompt(asked) + (asked.most or 0)
        if needed > self._context:
            said = f"This model's maximum context length is {self._context} tokens. However, you requested {needed}."
            raise _Refused(Refuse(400, said, param="messages", code="context_length_exceeded"))

    def _form_allowed(self, asked: Asked) -> None:
        if asked.form == "json_object" and "json" not in asked.text.lower():
            said = (
                "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
            )
            raise _Refused(Refuse(400, said, param="messages"))
        if asked.form != "json_schema":
            return
        given = asked.body["response_format"].get("json_schema") or {}
        if not given.get("name") or not given.get("schema"):
            said = "Missing required parameter: 'response_format.json_schema.name'."
            raise _Refused(
                Refuse(400, said, param="response_format.json_schema.name", code="missing_required_parameter")
            )
        words = {each.removeprefix("schema:") for each in self._refuses if each.startswith("schema:")}
        wrong = _wrong_schema(given["schema"], bool(given.get("strict")), words)
        if wrong:
            said = f"Invalid schema for response_format '{given['name']}': {wrong}"
            raise _Refused(Refuse(400, said, param="response_format", code="invalid_json_schema"))


def vector(text: str, dimensions: int) -> list[float]:
    """A row of length 1 that a text always gets; texts with words in common are near."""
    row = [0.0] * dimensions
    for word in text.lower().split() or [""]:
        source = random.Random(word)
        row = [value + source.gauss(0, 1) for value in row]
    length = sum(value * value for value in row) ** 0.5
    return [value / length for value in row]


def smallest(schema: Json, roots: Json | None = None) -> Any:
    """A value that follows a schema of the kind that endpoints take; patterns are not looked at."""
    roots = schema if roots is None else roots
    if "$ref" in schema:
        found = roots
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return smallest(found, roots)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for choices in ("anyOf", "oneOf"):
        if choices in schema:
            return smallest(schema[choices][0], roots)
    kind = schema.get("type", "object")
    match kind[0] if isinstance(kind, list) else kind:
        case "string":
            return "a" * schema.get("minLength", 1)
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "boolean":
            return False
        case "array":
            return [smallest(schema.get("items", {}), roots) for _ in range(schema.get("minItems", 0))]
        case "null":
            return None
    return {name: smallest(each, roots) for name, each in schema.get("properties", {}).items()}


def _unknown(name: str, value: object) -> Refuse:
    """How OpenAI and Azure say that they do not take a parameter."""
    match name:
        case "max_tokens":
            said = f"Unsupported parameter: '{name}' is not supported with this model."
            more = "Use 'max_completion_tokens' instead."
            return Refuse(400, f"{said} {more}", param=name, code="unsupported_parameter")
        case "temperature":
            said = f"Unsupported value: '{name}' does not support {value} with this model."
            return Refuse(400, f"{said} Only the default (1) value is supported.", param=name, code="unsupported_value")
        case "response_format":
            kind = value.get("type") if isinstance(value, dict) else value
            said = f"Invalid parameter: '{name}' of type '{kind}' is not supported with this model."
            return Refuse(400, said, param=name)
    return Refuse(400, f"Unrecognized request argument supplied: {name}")


def _wrong_schema(schema: Json, strict: bool, words: Collection[str], context: tuple[str, ...] = ()) -> str:
    """What is wrong with a schema, empty where nothing is."""
    place = f"In context={context},"
    refused = sorted(words & schema.keys())
    if refused:
        return f"{place} '{refused[0]}' is not permitted."
    properties = schema.get("properties", {})
    if strict and schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            return f"{place} 'additionalProperties' is required to be supplied and to be false."
        missing = [name for name in properties if name not in schema.get("required", ())]
        if missing:
            said = "'required' is required to be supplied and to be an array including every key in properties."
            return f"{place} {said} Missing '{missing[0]}'."
    below = [
        *((each, ("properties", name)) for name, each in properties.items()),
        *((each, ("$defs", name)) for name, each in schema.get("$defs", {}).items()),
        *((each, ("anyOf", str(index))) for index, each in enumerate(schema.get("anyOf", ()))),
        *([(schema["items"], ("items",))] if "items" in schema else []),
    ]
    found = (_wrong_schema(each, strict, words, (*context, *path)) for each, path in below)
    return next(filter(None, found), "")


def _object(request: Request) -> Json:
    read = request.json()
    if not read:
        raise _Refused(Refuse(400, "We could not parse the JSON body of your request."))
    return read


def _text(content: object) -> str:
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _reasoning(say: Say) -> Mapping[str, str]:
    return {"reasoning_content": say.reasoning} if say.reasoning else {}


def _packed(row: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(row)}f", *row)).decode()


def _common(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


# -------------------------------------------------------------------- as a program


def _cases(answers: Sequence[Json], piece: int, pause: float) -> list[Case]:
    ordered = sorted(answers, key=lambda each: "when" not in each)
    return [
        Case(
            each.get("when", ""),
            Refuse(each["status"], each.get("say", "Refused."))
            if "status" in each
            else Say(each["say"], piece=piece, pause=pause),
        )
        for each in ordered
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m support.scripted")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--key", default=KEY)
    parser.add_argument("--piece", type=int, default=8)
    parser.add_argument("--pause", type=float, default=0.0)
    given = parser.parse_args()
    # Blocked before any thread starts, so that all of them leave the signals to the wait below.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    cases = _cases(json.loads(given.answers.read_text("utf-8")), given.piece, given.pause)
    record = given.record.open("a", encoding="utf-8") if given.record else None
    with Scripted(cases, key=given.key, record=record, port=given.port) as endpoint:
        print(endpoint.url, flush=True)
        signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    main()
