"""Every expected failure of Coding Agent, in one tree.

CodingAgentError
├── Cancelled              nobody wants the answer any more
├── UserError              the user can do something about it; the message says what
│   ├── SettingError       a setting cannot be used (names the key, the file and the remedy)
│   ├── UsageError         a command line or command argument is off
│   ├── NotTrusted         the workspace's code would have to run, and nobody allowed it
│   ├── NoPlace            generated tests have no place in the project (another folder would do)
│   ├── NoSandbox          code should run, and nothing here can hold it (says what to install)
│   ├── UnknownName        a rule, refactoring or command nobody here knows (carries a suggestion)
│   ├── AIOff              no model may be asked here (says what would change that)
│   ├── NotAgreed          nobody agreed that this workspace's code may go to this host
│   ├── BudgetSpent        asking could cost more than a limit allows (names the limit)
│   └── ModelFailed        an endpoint gave no answer that can be used (says what to do)
├── AttemptFailed          one attempt to have an answer from an endpoint failed (says how; another may not)
├── StaleOffer             the document changed since the offer was made
├── NotProven              an edit was made but its proof failed; it is not delivered
├── Refused                the refactoring's precondition does not hold here
├── WorkerLost             a worker process died or was stopped before it answered
├── WorkerFailed           code in a worker process raised what nobody expected: our mistake
├── StoreFailed            the index on disk cannot be read or written (says why); it can be made again
│   └── StoreBarred        its disk is full or does not take it (says what to do); making it again is no help
└── DeadlinePassed         an answer did not come in time
"""


class CodingAgentError(Exception):
    """Root of the tree; never raised itself."""


class Cancelled(CodingAgentError):
    """Nobody wants the answer any more."""


class UserError(CodingAgentError):
    """The user can do something about it; ``str(error)`` is a sentence that says what."""


class SettingError(UserError):
    """A setting cannot be used."""


class UsageError(UserError):
    """A command line or command argument is off."""


class NotTrusted(UserError):
    """The workspace's code would have to run, and nobody allowed it."""


class NoPlace(UserError):
    """Generated tests cannot go where the project would have them; another folder would do."""


class NoSandbox(UserError):
    """Code should run, and nothing on this machine can hold it; ``str(error)`` says what to install."""


class UnknownName(UserError):
    """A rule, refactoring or command nobody here knows."""


class AIOff(UserError):
    """No model may be asked here; ``str(error)`` says what would change that."""


class NotAgreed(UserError):
    """Nobody agreed that code of this workspace may go to this host."""


class BudgetSpent(UserError):
    """Asking could cost more than a limit allows; ``str(error)`` names the limit and how to change it."""


class ModelFailed(UserError):
    """An endpoint gave no answer that can be used; ``str(error)`` says what to do."""


class TooLong(ModelFailed):
    """An endpoint does not take so long a text."""


class KeyRefused(ModelFailed):
    """An endpoint does not accept the key."""


class AttemptFailed(CodingAgentError):
    """One attempt to have an answer from an endpoint failed; ``str(error)`` is what it said, or what happened.

    ``kind`` is the value of a `ai.failure.Kind`. ``status`` is HTTP's, 0 where none came; ``wait`` the seconds that the
    endpoint asks to wait, None where it does not say; ``param`` the parameter it does not take; ``sent``: whether the
    request left.
    """

    def __init__(
        self, message: str, kind: str, *, status: int = 0, wait: float | None = None, param: str = "", sent: bool = True
    ) -> None:
        super().__init__(message)
        self.kind, self.status, self.wait, self.param, self.sent = kind, status, wait, param, sent


class StaleOffer(CodingAgentError):
    """The document changed since the offer was made."""


class NotProven(CodingAgentError):
    """An edit was made but its proof failed; it is not delivered.

    ``str(error)`` names the level that failed and what differed.
    """


class Refused(CodingAgentError):
    """The refactoring's precondition does not hold here; ``str(error)`` says which."""


class WorkerLost(CodingAgentError):
    """A worker process died or was stopped before it answered."""


class WorkerFailed(CodingAgentError):
    """Code in a worker process raised what nobody expected: our mistake.

    ``str(error)`` names the worker, the exception, where it was raised and its message.
    """


class StoreFailed(CodingAgentError):
    """The index on disk cannot be read or written; what is in memory still answers."""


class StoreBarred(StoreFailed):
    """The disk does not take the index, however good what is there may be. The message says what to do."""


class DeadlinePassed(CodingAgentError):
    """An answer did not come in time."""
