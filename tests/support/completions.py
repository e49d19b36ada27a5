"""What an OpenAI-compatible endpoint says: its objects, its events and its errors."""

import json
from collections.abc import Iterator, Mapping

from support.http import Json

EVENTS = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
"""The headers of a stream."""
DONE = b"data: [DONE]\n\n"
CREATED = 1_700_000_000


def encoded(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def event(value: object) -> bytes:
    """One event of a stream."""
    return b"data: %b\n\n" % encoded(value)


def failure(message: str, kind: str = "invalid_request_error", param: str | None = None, code: object = None) -> Json:
    """The body of an error, as OpenAI writes it."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def counted(text: str) -> int:
    """How many tokens a text has here: four characters are one."""
    return -(-len(text) // 4)


def usage(prompt: int, completion: int, cached: int = 0) -> Json:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def completion(model: str, message: Mapping[str, object], finish: str | None, use: Json | None) -> Json:
    """The answer to a request that does not stream."""
    whole = {"role": "assistant", "content": None, "refusal": None, **message}
    choice = {"index": 0, "message": whole, "logprobs": None, "finish_reason": finish}
    return {**_base(model, "chat.completion"), "choices": [choice], "usage": use}


def chunk(model: str, delta: Mapping[str, object], finish: str | None = None, **more: object) -> Json:
    """One piece of an answer that streams."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return {**_base(model, "chat.completion.chunk"), "choices": [choice], **more}


def last_chunk(model: str, use: Json) -> Json:
    """What ``include_usage`` adds: no choices, only what was used."""
    return {**_base(model, "chat.completion.chunk"), "choices": [], "usage": use}


def in_pieces(text: str, size: int) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


def _base(model: str, kind: str) -> Json:
    return {"id": "chatcmpl-test", "object": kind, "created": CREATED, "model": model, "system_fingerprint": "fp_test"}
