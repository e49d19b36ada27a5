"""What a model was asked to write anew, and what its answer has to pass: plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from coding_agent.text import Edit, Span


class Purpose(Enum):
    """What an answer may change; everything else has to be as before."""

    FIX = "fix"
    """What was found, and as little as possible beside it."""
    REFACTOR = "refactor"
    """How it is written; what it does stays."""
    OPTIMISE = "optimise"
    """How long it takes; what it gives stays."""
    DOCSTRING = "docstring"
    """The docstring, and not a token of code."""


@dataclass(frozen=True, slots=True)
class Meant:
    """The definition that was sent: a whole document, the whole lines of the definition in it (from its decorators to
    its last line), and its qualified name.

    ``modules`` are texts of modules of the project by their dotted names, spelled as the document's imports spell them:
    of what is imported from elsewhere nobody knows what it does, so an answer cannot begin to use it. ``imported`` are
    further modules that the project imports.
    """

    document: str
    span: Span
    name: str
    modules: Mapping[str, str] = field(default_factory=dict[str, str])
    imported: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Gone:
    """The finding that a fix is for: its rule and its place in the document."""

    rule: str
    span: Span


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``detail`` says in plain words what was seen, for the user and for the model."""

    name: str
    passed: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of an answer. ``edits`` are for the document that was sent; without all checks there are none.

    ``proved``: it is shown without running it that the new code does what the old one did. ``document`` is the text
    with the edits.
    """

    edits: tuple[Edit, ...]
    checks: tuple[Check, ...]
    document: str = ""
    proved: bool = False

    @property
    def passed(self) -> bool:
        return bool(self.checks) and all(check.passed for check in self.checks)

    @property
    def why(self) -> str:
        """What failed first, as a sentence; empty where nothing did."""
        failed = next((check for check in self.checks if not check.passed), None)
        return f"{failed.name}: {failed.detail}" if failed is not None else ""


class Failing(Exception):
    """A check does not hold; ``str(error)`` says why. Never leaves this room."""
