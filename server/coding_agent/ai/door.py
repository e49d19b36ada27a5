"""Everything that is sent to a model passes here: allowed, redacted, known already, paid for, written down, sent.

What comes back has its secrets again, and is of its shape. It is still only text.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from coding_agent.ai.answers import Answers
from coding_agent.ai.audit import Attempt, Audit
from coding_agent.ai.budget import Limits, Usage, Wanted
from coding_agent.ai.calling import Calling, Time
from coding_agent.ai.consent import Consents
from coding_agent.ai.denied import Denied
from coding_agent.ai.embedding import Texts, Vectors, shortened, size
from coding_agent.ai.endpoint import Endpoint
from coding_agent.ai.ledger import Ledger, Reservation
from coding_agent.ai.model import Answer, Asked, Message, Say
from coding_agent.ai.prices import Price
from coding_agent.ai.redaction import Redacted, Restoring, redact
from coding_agent.errors import BudgetSpent, ModelFailed, UserError

if TYPE_CHECKING:
    from pydantic import BaseModel

_AROUND = 64
"""Bytes that are sent beside messages and schema, names of parameters mostly; more than there are."""
_NOTHING = Usage(0, 0, 0)
_REPAIR = "That is not what was asked for: {}. Answer again, with nothing else."


@dataclass(frozen=True, slots=True)
class Request:
    """What a feature asks. ``files`` are those whose text stands in the messages, ``most`` the tokens of the answer at
    most; ``known``: an answer that was given to the same question before will do. ``restores``: secrets are put back,
    which an answer that is published must not have.
    """

    feature: str
    root: Path
    messages: tuple[Message, ...]
    most: int
    files: tuple[Path, ...] = ()
    shape: "type[BaseModel] | None" = None
    temperature: float = 0.0
    known: bool = True
    restores: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """``data`` is the answer as its shape has it. ``cost`` counts millionths of a dollar, None where nobody knows;
    ``usage`` and cost are of all attempts together. ``warning`` is a sentence for the user, "" mostly.
    """

    text: str
    data: Mapping[str, object] | None
    usage: Usage | None
    cost: int | None
    cached: bool
    cut: bool
    attempts: int
    redactions: Mapping[str, int]
    warning: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent, and to whom; ``messages`` as they would be. ``tokens`` is likely, ``most_cost`` a bound."""

    host: str
    model: str
    messages: tuple[Message, ...]
    size: int
    tokens: int
    most_cost: int | None
    files: tuple[str, ...]
    redactions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the user's settings say of asking."""

    limits: Limits
    price: Price | None
    seconds: float


class Door:
    """Of one endpoint. ``secrets`` tells the values that are known to be secret for a root."""

    def __init__(
        self,
        calling: Calling,
        terms: Terms,
        ledger: Ledger,
        audit: Audit,
        consents: Consents,
        answers: Answers,
        secrets: Callable[[Path], Collection[str]],
        time: Time,
    ) -> None:
        self._calling, self._terms, self._ledger, self._audit = calling, terms, ledger, audit
        self._consents, self._answers, self._secrets, self._time = consents, answers, secrets, time

    @property
    def endpoint(self) -> Endpoint:
        return self._calling.endpoint

    async def ask(self, request: Request, say: Say | None = None) -> Reply:
        """Have an answer; ``say`` hears it as it comes, where nothing has to be checked first.

        Raises: NotAgreed; UserError - a file may not be sent; BudgetSpent; ModelFailed.
        """
        end = self._time.monotonic() + self._terms.seconds
        files = self._allowed(request)
        redacted = redact([each.text for each in request.messages], self._secrets(request.root))
        asked = _asked(request, redacted)
        key = _key(self.endpoint, request, asked)
        asking = _Asking(self, request, files, redacted)
        kept = self._answers.get(key) if request.known else None
        if kept is not None:
            asking.was_known()
            if say is not None:
                say(redacted.restored(kept))
            return self._reply(request, asking, Answer(kept, None, cut=False), cached=True)
        restoring = Restoring(redacted)
        heard = None if say is None or request.shape is not None else _heard(restoring, say)
        answer = await self._calling.call(asked, self._terms.seconds, asking.pay, heard, end)
        if say is not None and heard is not None and (rest := restoring.end()):
            say(rest)
        if request.shape is not None:
            answer = await self._fitting(request, asked, answer, asking, end)
        if not answer.cut:
            self._answers.keep(key, answer.text)
        return self._reply(request, asking, answer, cached=False)

    async def embed(self, texts: Texts) -> Vectors:
        """Have what texts mean. Those of files that may not be sent stay here.

        Raises: NotAgreed; BudgetSpent; ModelFailed; UserError.
        """
        self._agreed(texts.root)
        files = dict.fromkeys(file for file in texts.files if file is not None)
        denied = Denied(texts.root)
        barred = {file for file in files if denied.why(file)}
        sent = [at for at, file in enumerate(texts.files) if file not in barred]
        if not sent:
            return Vectors((b"",) * len(texts.texts), 0, "")
        redacted = redact([texts.texts[at] for at in sent], self._secrets(texts.root))
        short = [shortened(each, texts.longest) for each in redacted.texts]
        asking = _Asking(self, texts, _named(texts.root, (file for file in files if file not in barred)), redacted)
        made = await self._calling.embed(short, texts.seconds, lambda: asking.pay_for(size(short), 0))
        rows = dict(zip(sent, made.rows, strict=True))
        warning = self._ledger.warning(str(texts.root), self._terms.limits) or asking.problem
        return Vectors(tuple(rows.get(at, b"") for at in range(len(texts.texts))), made.width, warning)

    def preview(self, request: Request) -> Preview:
        """What `ask` would send. Nothing is sent, and nobody has to agree to it. Raises: UserError."""
        files = self._files(request)
        redacted = redact([each.text for each in request.messages], self._secrets(request.root))
        asked = _asked(request, redacted)
        size = _size(asked)
        price, endpoint = self._terms.price, self.endpoint
        most = price.cost(size, 0, asked.most) if price is not None else None
        tokens = self._ledger.estimate(endpoint.host, endpoint.model, size)
        return Preview(endpoint.host, endpoint.model, asked.messages, size, tokens, most, files, redacted.kinds)

    def _allowed(self, request: Request) -> tuple[str, ...]:
        self._agreed(request.root)
        return self._files(request)

    def _agreed(self, root: Path) -> None:
        """Raises: NotAgreed."""
        if not self.endpoint.is_local:
            self._consents.demand(root, self.endpoint.host)

    def _files(self, request: Request) -> tuple[str, ...]:
        denied = Denied(request.root)
        for path in request.files:
            if why := denied.why(path):
                raise UserError(f"{path} is not sent to a model: it is {why}")
        return _named(request.root, request.files)

    async def _fitting(self, request: Request, asked: Asked, answer: Answer, asking: "_Asking", end: float) -> Answer:
        """The answer where it is of its shape, or a second one. Raises: ModelFailed - neither is."""
        from coding_agent.ai.structure import Unfit, read

        shape = request.shape
        assert shape is not None
        try:
            read(answer.text, shape)
            return answer
        except Unfit as unfit:
            turns = (Message("assistant", answer.text), Message("user", _REPAIR.format(unfit)))
            again = replace(asked, messages=(*asked.messages, *turns))
        second = await self._calling.call(again, self._terms.seconds, asking.pay, None, end)
        try:
            read(second.text, shape)
        except Unfit as unfit:
            cut = "; it had no tokens left" if second.cut else ""
            message = f"{self.endpoint.model} did not answer in the form that was asked for, twice ({unfit}{cut})"
            raise ModelFailed(f"{message}; another model may") from unfit
        return second

    def _reply(self, request: Request, asking: "_Asking", answer: Answer, *, cached: bool) -> Reply:
        back = asking.redacted if request.restores else Redacted((), {}, {})
        text, data = back.restored(answer.text), None
        if request.shape is not None:
            from coding_agent.ai.structure import read

            fitting = read(answer.text, request.shape)
            data = cast("Mapping[str, object]", _restored(fitting.model_dump(mode="json"), back))
        warning = self._ledger.warning(str(request.root), self._terms.limits) or asking.problem
        usage, cost = asking.spent()
        kinds = asking.redacted.kinds
        return Reply(text, data, usage, cost, cached, answer.cut, asking.attempts, kinds, warning)

    def paid(self, request: Request | Texts, sent: int, most: int) -> Reservation:
        """Pay for so many bytes, and an answer of so many tokens. Raises: BudgetSpent."""
        root, endpoint, price = str(request.root), self.endpoint, self._terms.price
        wanted = Wanted(root, request.feature, endpoint.host, endpoint.model, sent, most, price)
        return self._ledger.reserve(wanted, self._terms.limits)

    def settled(self, reservation: Reservation, usage: Usage | None, *, sent: bool, refused: bool) -> int | None:
        """What an attempt cost."""
        if refused or not sent:
            (self._ledger.refused if sent else self._ledger.release)(reservation)
            return 0
        return self._ledger.settle(reservation, usage).cost

    def known(self, request: Request | Texts) -> None:
        self._ledger.answered(str(request.root), request.feature, self.endpoint.host, self.endpoint.model)

    def noted(self, attempt: Attempt) -> str:
        return self._audit.write(attempt) or ""

    def ticks(self) -> float:
        return self._time.monotonic()


class _Asking:
    """One question with all of its attempts: pays for them and writes them down."""

    def __init__(self, door: Door, request: Request | Texts, files: tuple[str, ...], redacted: Redacted) -> None:
        self.redacted, self.attempts, self.problem = redacted, 0, ""
        self._door, self._request, self._files = door, request, files
        self._usages: list[Usage | None] = []
        self._costs: list[int | None] = []

    def pay(self, asked: Asked) -> "_Paid":
        return self.pay_for(_size(asked), asked.most)

    def pay_for(self, sent: int, most: int) -> "_Paid":
        """Pay for so many bytes, and an answer of so many tokens."""
        try:
            reservation = self._door.paid(self._request, sent, most)
        except BudgetSpent:
            self.note("over the budget", 0, None, 0.0)
            raise
        self.attempts += 1
        return _Paid(self, reservation, sent, self._door.ticks())

    def was_known(self) -> None:
        self._door.known(self._request)
        self._usages, self._costs = [_NOTHING], [0]
        self.note("known already", 0, None, 0.0)

    def ended(self, paid: "_Paid", outcome: str, usage: Usage | None, *, sent: bool, refused: bool) -> None:
        self._costs.append(self._door.settled(paid.reservation, usage, sent=sent, refused=refused))
        self._usages.append(_NOTHING if refused or not sent else usage)
        self.note(outcome, paid.size if sent else 0, usage, self._door.ticks() - paid.begun)

    def note(self, outcome: str, size: int, usage: Usage | None, seconds: float) -> None:
        endpoint, request = self._door.endpoint, self._request
        attempt = Attempt(
            host=endpoint.host,
            model=endpoint.model,
            feature=request.feature,
            workspace=str(request.root),
            files=self._files,
            sent=size,
            redactions=self.redacted.kinds,
            tokens_in=usage.tokens_in if usage else None,
            tokens_out=usage.tokens_out if usage else None,
            outcome=outcome,
            milliseconds=round(1000 * seconds),
        )
        self.problem = self._door.noted(attempt) or self.problem

    def spent(self) -> tuple[Usage | None, int | None]:
        """Tokens and cost of all attempts; None where one of them is not known."""
        usages = [each for each in self._usages if each is not None]
        known = len(usages) == len(self._usages)
        total = Usage(*(sum(row) for row in zip(*map(_row, usages), strict=True))) if usages and known else None
        costs = [each for each in self._costs if each is not None]
        return total, sum(costs) if len(costs) == len(self._costs) else None


@dataclass(frozen=True, slots=True)
class _Paid:
    """`calling.Paid` of one attempt."""

    asking: _Asking
    reservation: Reservation
    size: int
    begun: float

    def ended(self, outcome: str, usage: Usage | None, *, sent: bool, refused: bool) -> None:
        self.asking.ended(self, outcome, usage, sent=sent, refused=refused)


def _asked(request: Request, redacted: Redacted) -> Asked:
    messages = tuple(
        replace(message, text=text) for message, text in zip(request.messages, redacted.texts, strict=True)
    )
    schema = None
    if request.shape is not None:
        from coding_agent.ai.structure import schema_of

        schema = schema_of(request.shape)
    return Asked(messages, request.most, schema, request.temperature)


def _named(root: Path, files: Iterable[Path]) -> tuple[str, ...]:
    return tuple(sorted(path.relative_to(root).as_posix() for path in files))


def _size(asked: Asked) -> int:
    """Bytes that are sent at most: no token is less than a byte of them."""
    body = [[each.role, each.text] for each in asked.messages]
    return _AROUND + len(json.dumps([body, asked.schema], ensure_ascii=True).encode("ascii"))


def _key(endpoint: Endpoint, request: Request, asked: Asked) -> str:
    messages = [[each.role, each.text] for each in asked.messages]
    parts = [endpoint.url, endpoint.model, request.feature, asked.most, asked.temperature, asked.schema, messages]
    return json.dumps(parts, sort_keys=True)


def _heard(restoring: Restoring, say: Say) -> Say:
    def hear(piece: str) -> None:
        if ready := restoring.feed(piece):
            say(ready)

    return hear


def _restored(value: object, redacted: Redacted) -> object:
    if isinstance(value, str):
        return redacted.restored(value)
    if isinstance(value, list):
        return [_restored(each, redacted) for each in cast("list[object]", value)]
    if isinstance(value, dict):
        return {key: _restored(each, redacted) for key, each in cast("dict[str, object]", value).items()}
    return value


def _row(usage: Usage) -> tuple[int, int, int]:
    return usage.tokens_in, usage.cached_in, usage.tokens_out
