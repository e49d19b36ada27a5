"""One thing that was looked at."""

from dataclasses import dataclass

from coding_agent.cli.troubles import TROUBLES


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and what was found.

    ``id`` is stable. ``trouble`` is the id of what is wrong or worth knowing, where there is something: docs/trouble.md
    tells more of it, ``kind`` is what sort of thing is to be done, ``remedy`` is what. ``ok`` is False where it should
    be done.
    """

    id: str
    name: str
    ok: bool
    found: str
    trouble: str = ""
    kind: str = ""
    remedy: str = ""

    @property
    def label(self) -> str:
        return "LOOK" if not self.ok else "note" if self.trouble else "ok"


def fine(id: str, name: str, found: str) -> Check:
    return Check(id, name, True, found)


def trouble(id: str, name: str, which: str, **values: str) -> Check:
    """Return a check that found a trouble of the table; ``values`` are what its texts name in braces."""
    known = TROUBLES[which]
    return Check(id, name, not known.grave, known.found(**values), which, str(known.kind), known.to_do(**values))
