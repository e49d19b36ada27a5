"""Functions that run in the background process; arguments and results are plain data (see `runtime.process`)."""


def maintainability(text: str) -> tuple[float, str] | None:
    """The maintainability index of a file, from 0 to 100, and its rank; None when it cannot be parsed."""
    from coding_agent.explain.radon import maintainability as measured

    found = measured(text)
    return None if found is None else (found.index, found.rank)


def resolve(text: str, name: str, start: int, stop: int) -> tuple[object, ...]:
    """Resolve a refactoring: (edits as (start, stop, new), title, verified by, note).

    Raises: Refused, NotProven, UnknownName - as `refactoring.engine.resolve`.
    """
    from coding_agent.refactoring import engine
    from coding_agent.text import Span

    made = engine.resolve(text, name, Span(start, stop))
    edits = tuple((edit.span.start, edit.span.stop, edit.new) for edit in made.edits)
    return edits, made.title, made.verified_by, made.note
