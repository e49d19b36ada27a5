"""Which requests of one batch are begun, and which are answered as cancelled."""

import asyncio
import json
from typing import Any

import pytest

from coding_agent.lsp.connection import CANCELLED, Connection, Handler, Json


def told(*batches: list[dict[str, Any]]) -> tuple[list[Any], list[tuple[Any, Any]]]:
    """Let a connection take batches; what was begun, and (id, result or error code) of all answers."""
    begun: list[Any] = []
    sent: list[bytes] = []

    async def echo(params: Json) -> Json:
        await asyncio.sleep(0)
        return params

    def handler(_: str) -> Handler:
        def begin(params: Json) -> Any:
            begun.append(params)
            return echo(params)

        return begin

    async def play() -> None:
        connection = Connection(lambda parts: sent.append(b"".join(parts)), handler, lambda _: None)
        for batch in batches:
            connection.arrived([json.dumps({"jsonrpc": "2.0", **message}).encode() for message in batch])
            for _ in range(5):
                await asyncio.sleep(0)

    asyncio.run(play())
    answers = [json.loads(each) for each in sent]
    return begun, [(each["id"], each["error"]["code"] if "error" in each else each["result"]) for each in answers]


def ask(number: int | str, params: str) -> dict[str, Any]:
    return {"id": number, "method": "echo", "params": params}


def cancel(number: Any) -> dict[str, Any]:
    return {"method": "$/cancelRequest", "params": {"id": number}}


def test_cancelled_further_down_is_never_begun() -> None:
    begun, answers = told([ask(1, "a"), ask(2, "b"), cancel(1)])
    assert begun == ["b"]
    assert sorted(answers) == [(1, CANCELLED), (2, "b")]


def test_cancellation_before_its_request_means_another() -> None:
    assert told([cancel(1), ask(1, "a")]) == (["a"], [(1, "a")])
    assert told([cancel(1)], [ask(1, "a"), ask(2, "b")]) == (["a", "b"], [(1, "a"), (2, "b")])


def test_id_that_is_used_again() -> None:
    begun, answers = told([ask(1, "a"), cancel(1), ask(1, "b")])
    assert begun == ["b"]
    assert answers == [(1, CANCELLED), (1, "b")]


def test_cancelled_twice_is_answered_once() -> None:
    assert told([ask(1, "a"), cancel(1), cancel(1)]) == ([], [(1, CANCELLED)])


def test_running_request_is_cancelled_by_a_later_batch() -> None:
    begun: list[str] = []
    sent: list[bytes] = []

    async def never(params: Json) -> Json:
        begun.append(params)
        await asyncio.Event().wait()

    async def play() -> None:
        connection = Connection(lambda parts: sent.append(b"".join(parts)), lambda _: never, lambda _: None)
        for message in (ask("x", "a"), cancel("x")):
            connection.arrived([json.dumps(message).encode()])
            await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(play())
    assert begun == ["a"]
    assert [json.loads(each)["error"]["code"] for each in sent] == [CANCELLED]


@pytest.mark.parametrize("junk", [None, True, 1.5, [], {}])
def test_cancellation_of_nothing(junk: Any) -> None:
    assert told([ask(1, "a"), cancel(junk)]) == (["a"], [(1, "a")])
