"""One call: as many attempts as its deadline allows, each paid for before it is sent; what to do where none works."""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Protocol, TypeVar

from coding_agent.ai.abilities import Known, less
from coding_agent.ai.breaker import Breaker
from coding_agent.ai.budget import Usage
from coding_agent.ai.endpoint import Endpoint
from coding_agent.ai.failure import AGAIN, EXHAUSTING, Kind
from coding_agent.ai.model import Abilities, Answer, Asked, Embedded, Model, Say
from coding_agent.ai.structure import worded
from coding_agent.errors import AttemptFailed, KeyRefused, ModelFailed, TooLong

_T = TypeVar("_T")
_Said = TypeVar("_Said", Answer, Embedded)

_TRIES = 4
"""Attempts at most that fail for what may be gone a moment later."""
_PAUSE, _LONGEST_PAUSE = 0.4, 8.0
_LONGEST_WAIT = 3600.0
"""Seconds that an endpoint may ask to wait at most: who says a year is asked again in an hour."""
_SLACK = 0.05
"""Seconds before the deadline at which nothing new is begun."""


class Paid(Protocol):
    """One attempt that was paid for."""

    def ended(self, outcome: str, usage: Usage | None, *, sent: bool, refused: bool) -> None:
        """Has to be called once: what came of it, and what it took, None where nobody knows. An endpoint that
        ``refused`` has written nothing; what was not ``sent`` it never saw. One that failed (a gateway that waited too
        long for who writes) may have written all of it.
        """
        ...


Pay = Callable[[Asked], Paid]
"""Pays for what is sent. Raises: BudgetSpent."""


@dataclass(frozen=True, slots=True)
class Time:
    """``now`` tells seconds since 1970, ``monotonic`` seconds of a clock that nobody sets."""

    now: Callable[[], float]
    monotonic: Callable[[], float]


class Calling:
    """The calls to one endpoint with one model; one connection pool, one breaker."""

    def __init__(self, endpoint: Endpoint, model: Model, known: Known, time: Time, chance: random.Random) -> None:
        self.endpoint, self.breaker = endpoint, Breaker(time.now)
        self._model, self._known, self._time, self._chance = model, known, time, chance

    async def call(self, asked: Asked, seconds: float, pay: Pay, say: Say | None, end: float | None = None) -> Answer:
        """Have an answer within so many seconds, all attempts together. Nothing is tried again once a part was said.
        ``end`` is when they are over, by the clock that nobody sets, where some of them are gone.

        Raises: ModelFailed; BudgetSpent.
        """
        said = _Saying(say)

        async def once(can: Abilities, end: float) -> Answer:
            whole = worded(asked, can.structure)
            return await self._attempt(partial(self._model.answer, whole, can, said), end, partial(pay, whole))

        return await self._repeated(once, seconds, end, said, _CHAT)

    async def embed(self, texts: Sequence[str], seconds: float, pay: Callable[[], Paid]) -> Embedded:
        """Have what texts mean within so many seconds, all attempts together. Raises: ModelFailed; BudgetSpent."""

        async def once(can: Abilities, end: float) -> Embedded:  # noqa: ARG001
            return await self._attempt(partial(self._model.embed, texts), end, pay)

        return await self._repeated(once, seconds, None, _Saying(None), _EMBEDDING)

    async def _repeated(
        self,
        once: Callable[[Abilities, float], Awaitable[_T]],
        seconds: float,
        end: float | None,
        said: "_Saying",
        about: "_About",
    ) -> _T:
        """Try until an attempt works, the last one's end is over, or nothing is to be hoped for."""
        end = self._time.monotonic() + seconds if end is None else end
        can = self._known.of(self.endpoint)
        # Invariant: what was refused in this call is not asked that way again, so that it ends.
        refused = [can]
        tries = 0
        while True:
            self._closed()
            try:
                answer = await once(can, end)
            except AttemptFailed as failure:
                kind = Kind(failure.kind)
                fewer = less(can, failure.param) if kind is Kind.PARAMETER else None
                if fewer is not None and fewer not in refused:
                    refused.append(fewer)
                    can = fewer
                    continue
                tries += 1
                wait = _wait(failure.wait)
                pause = self._pause(kind, wait, tries, end)
                if pause is None or said.something:
                    self._note(kind, failure, wait)
                    failed = _FAILED.get(kind, ModelFailed)
                    raise failed(self._words(kind, failure, wait, seconds, about)) from failure
                await asyncio.sleep(pause)
            except TimeoutError as error:
                self.breaker.failed("did not answer in time")
                raise ModelFailed(f"{self.endpoint.host} did not answer within {seconds:g} s{about.late}") from error
            else:
                self.breaker.worked()
                if can != refused[0]:
                    # What was no help is not remembered: a refusal may name a parameter and mean something else.
                    self._known.learn(self.endpoint, can)
                return answer

    async def close(self) -> None:
        await self._model.close()

    async def _attempt(self, ask: Callable[[], Awaitable[_Said]], end: float, pay: Callable[[], Paid]) -> _Said:
        """Raises: AttemptFailed; TimeoutError; BudgetSpent."""
        left = end - self._time.monotonic()
        if left <= _SLACK:
            raise TimeoutError
        paid = pay()
        outcome, usage, sent, refused = "cancelled", None, True, False
        try:
            async with asyncio.timeout(left):
                answer = await ask()
            cut = isinstance(answer, Answer) and answer.cut
            outcome, usage = "cut" if cut else "answered", answer.usage
            return answer
        except AttemptFailed as failure:
            outcome, sent = f"{failure.kind} {failure.status or ''}".strip(), failure.sent
            # llama.cpp says with 500 that a text is too long for it.
            too_long = Kind(failure.kind) is Kind.TOO_LONG
            refused = too_long or HTTPStatus.BAD_REQUEST <= failure.status < HTTPStatus.INTERNAL_SERVER_ERROR
            raise
        except TimeoutError:
            outcome = "late"
            raise
        finally:
            paid.ended(outcome, usage, sent=sent, refused=refused)

    def _closed(self) -> None:
        left = self.breaker.left
        if left:
            raise ModelFailed(f"{self.endpoint.host} is not asked before {self._clock_at(left)}: {self.breaker.why}")

    def _note(self, kind: Kind, failure: AttemptFailed, wait: float | None) -> None:
        if kind in EXHAUSTING:
            self.breaker.failed(f"it failed several times in a row ({failure})")
        elif kind is Kind.BUSY and wait:
            self.breaker.asked_to_wait(wait, "it asked to wait")

    def _pause(self, kind: Kind, wait: float | None, tries: int, end: float) -> float | None:
        """Seconds until the next attempt; None where there is none."""
        if kind not in AGAIN or tries >= _TRIES:
            return None
        own = min(_PAUSE * 2 ** (tries - 1), _LONGEST_PAUSE) * self._chance.uniform(0.75, 1.25)
        pause = own if wait is None else wait
        return pause if self._time.monotonic() + pause < end - _SLACK else None

    def _words(self, kind: Kind, failure: AttemptFailed, wait: float | None, seconds: float, about: "_About") -> str:
        host, model = self.endpoint.host, self.endpoint.model
        later = f"; it may be asked again at {self._clock_at(wait)}" if wait else ""
        return {
            Kind.UNREACHABLE: f"{self.endpoint.url} cannot be reached ({failure}); does the server run, and is "
            "ai.base-url right?",
            Kind.BROKEN_OFF: f"{host} broke off its answer ({failure}); nothing was changed, ask again",
            Kind.NO_PROTOCOL: f"{host} does not answer as an OpenAI-compatible endpoint: {failure}; is ai.base-url "
            "right (most end in /v1)?",
            Kind.BUSY: f"{host} has too much to do ({failure}){later}",
            Kind.SPENT: f"the account at {host} has nothing left to pay with ({failure})",
            Kind.KEY: f"{host} does not accept the key ({failure}); set it: coding-agent ai key",
            Kind.UNKNOWN: f"{host} knows no model {model!r} at {self.endpoint.url} ({failure}); see "
            f"{about.setting} and ai.base-url",
            Kind.TOO_LONG: f"that is too long for {model} at {host} ({failure}); ask about less",
            Kind.PARAMETER: f"{host} does not take what we send with a question ({failure})",
            Kind.REFUSED: f"{host} does not answer this ({failure})",
            Kind.SERVER: f"{host} failed ({failure}); ask again later",
        }[kind] + (f" (tried for {seconds:g} s at most)" if kind in AGAIN and not later else "")

    def _clock_at(self, seconds: float) -> str:
        """The time of day in so many seconds, as the user's clock shows it."""
        return datetime.fromtimestamp(self._time.now() + seconds).astimezone().strftime("%H:%M:%S")


@dataclass(frozen=True, slots=True)
class _About:
    """What sentences name: the setting of the model, and what is said of a deadline that passed."""

    setting: str
    late: str


_CHAT = _About("ai.model", " (ai.deadline-seconds); nothing was changed")
_EMBEDDING = _About("ai.embedding-model", "")
_FAILED = {Kind.TOO_LONG: TooLong, Kind.KEY: KeyRefused}


def _wait(said: float | None) -> float | None:
    """The seconds that an endpoint asks to wait; None for what is no time."""
    return min(said, _LONGEST_WAIT) if said is not None and math.isfinite(said) and said >= 0 else None


class _Saying:
    """Passes on what is said, and remembers that something was."""

    def __init__(self, say: Say | None) -> None:
        self._say, self.something = say, False

    def __call__(self, piece: str) -> None:
        if self._say is not None:
            self.something = True
            self._say(piece)
