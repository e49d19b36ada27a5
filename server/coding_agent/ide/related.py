"""What the index and git know of a definition, put together as hover and explanations say it."""

from collections.abc import Callable
from pathlib import Path

from coding_agent.explain.project import Changed, Place, Relations
from coding_agent.ide.search import About, Found
from coding_agent.vcs.history import History

Named = Callable[[Path], str]


def relations(
    about: About | None, history: History | None, lines: tuple[str, ...], shown: Named, uri_of: Named
) -> Relations | None:
    """Put together what is known; None where that is nothing.

    ``lines`` are those of the definition, without their ends; empty where they are not at hand.
    """
    if about is None and history is None:
        return None

    def place(found: Found, *, alike: bool = False) -> Place:
        address = f"{uri_of(found.path)}#L{found.at}"
        # What is outside of functions and classes is called as its file is.
        return Place(
            found.name or found.path.name, f"{shown(found.path)}:{found.at}", address, found.score if alike else 0.0
        )

    known = about or About()
    last = history.last(lines) if history is not None else None
    committed = Changed(last.when, last.author, last.summary, last.commit) if last is not None else Changed()
    return Relations(
        tuple(place(each) for each in known.callers),
        tuple(place(each) for each in known.tests),
        tuple(place(each) for each in known.calls),
        tuple(place(each, alike=True) for each in known.similar),
        known.counts,
        more=known.more,
        changed=committed if history is not None and lines else None,
    )
