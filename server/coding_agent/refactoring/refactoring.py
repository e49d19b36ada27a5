"""What a refactoring is. It lives in one file of ``refactorings/`` and is found by its constant ``REFACTORING``.

The file's docstring is the refactoring's page (what, why it is safe or refused, source), its
examples are its tests, ``offer`` and ``rewrite`` are its code. Nothing else is edited to add one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coding_agent.proof import Claim
from coding_agent.text import Edit

if TYPE_CHECKING:
    from coding_agent.refactoring.view import View

EXTRACT = "refactor.extract"
INLINE = "refactor.inline"
REWRITE = "refactor.rewrite"

SAME = Claim()
"""The claim of an edit that brings no name and takes none away."""


@dataclass(frozen=True, slots=True)
class Example:
    """A titled test and a piece of the refactoring's page.

    ``before`` holds one ``$0`` where the cursor is or two around the selection; ``after`` is
    the exact text once the refactoring is applied, None where it must not be possible: either
    it is not offered, or it refuses, or its proof fails.
    """

    title: str
    before: str
    after: str | None


@dataclass(frozen=True, slots=True)
class Rewriting:
    """The edits of a document, what they claim, and a sentence for the user (may be empty)."""

    edits: tuple[Edit, ...]
    claim: Claim = SAME
    note: str = ""


@dataclass(frozen=True, slots=True)
class Refactoring:
    """One recipe and all that is said about it.

    ``offer`` returns a title where the recipe looks possible, else None; it sees one piece of
    the document, runs on every cursor move and reads ``ast`` only. ``rewrite`` sees the whole
    document and raises ``errors.Refused`` where a precondition does not hold.
    """

    name: str
    kind: str
    offer: Callable[["View"], str | None]
    rewrite: Callable[["View"], Rewriting]
    examples: tuple[Example, ...]
