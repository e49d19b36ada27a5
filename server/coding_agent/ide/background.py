"""Functions that run in the background process; arguments and results are plain data (see `runtime.process`)."""

import ast


def maintainability(text: str) -> tuple[float, str] | None:
    """The maintainability index of a file, from 0 to 100, and its rank; None when it cannot be parsed."""
    from coding_agent.explain.radon import maintainability as measured

    found = measured(text)
    return None if found is None else (found.index, found.rank)


def definitions(text: str, lines: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """The first and the last line of the function, else the statement, that each of some lines stands in, those of
    classes one by one; the line alone where the text is not Python. All lines count from 0.
    """
    from coding_agent.syntax.parse import parse

    body = parse(text).body
    return tuple(_around(body, line) for line in lines)


def _around(body: list[ast.stmt], line: int) -> tuple[int, int]:
    for node in body:
        first, last = _first(node), (node.end_lineno or node.lineno) - 1
        if first <= line <= last:
            if not isinstance(node, ast.ClassDef):
                return first, last
            inside = _first(node.body[0])
            return (first, max(inside - 1, first)) if line < inside else _around(node.body, line)
    return line, line


def _first(node: ast.stmt) -> int:
    above = node.decorator_list if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else []
    return min([node.lineno, *(each.lineno for each in above)]) - 1


def resolve(text: str, name: str, start: int, stop: int) -> tuple[object, ...]:
    """Resolve a refactoring: (edits as (start, stop, new), title, verified by, note).

    Raises: Refused, NotProven, UnknownName - as `refactoring.engine.resolve`.
    """
    from coding_agent.refactoring import engine
    from coding_agent.text import Span

    made = engine.resolve(text, name, Span(start, stop))
    edits = tuple((edit.span.start, edit.span.stop, edit.new) for edit in made.edits)
    return edits, made.title, made.verified_by, made.note
