"""Remarks of a review as diagnostics, beside what is found; `ide.remarks` knows how long each holds."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from coding_agent.analysis.finding import Severity
from coding_agent.errors import CodingAgentError
from coding_agent.ide.remarks import Remark
from coding_agent.lsp import diagnostics
from coding_agent.lsp.connection import Json
from coding_agent.lsp.ready import remarked
from coding_agent.lsp.shapes import inside, position_of
from coding_agent.runtime.log import event
from coding_agent.text import Text
from coding_agent.text.text import line_body
from coding_agent.vcs.branch import commit_of
from coding_agent.workspace.document import Same

if TYPE_CHECKING:
    from coding_agent.assist.reviewing import Change, Noted
    from coding_agent.lsp.server import Server

_DEFINITIONS = "coding_agent.ide.background:definitions"
_PATIENCE = 10.0
"""Seconds in which the definitions around remarks are found; without them a remark stands for its line alone."""
_SHOWN = 60
"""Characters of a remark in a title."""
_HERE = "Dismiss this remark"


async def take(
    server: "Server", root: Path, commit: str, changes: Sequence["Change"], noted: Sequence["Noted"]
) -> None:
    """Show the remarks of a review of some changes until each expires."""
    found: dict[Path, tuple[Text, tuple[Remark, ...]]] = {}
    number = 0
    for change in changes:
        here = [each for each in noted if each.path == change.path]
        if not here or change.after is None:
            continue
        text, lines = Text.of(change.after), tuple(each.line - 1 for each in here)
        remarks: list[Remark] = []
        for each, line, around in zip(here, lines, await _definitions(server, change.after, lines), strict=True):
            number += 1
            # An error is what is known to be one.
            severity = max(Severity[each.severity.upper()], Severity.WARNING)
            code = line_body(text.lines[line])
            remarks.append(Remark(number, line, *around, code, severity, each.message))
        found[root / change.path] = (text, tuple(remarks))
    told = server.remarks.take(root, commit, found)
    for path, (text, _) in found.items():
        # What somebody typed since, or did not save, was not reviewed.
        document = server.ide.document_at(path)
        if document is not None:
            server.remarks.changed(path, text, document.text, Same(0, 0))
    show(server, told)


async def _definitions(server: "Server", text: str, lines: tuple[int, ...]) -> Sequence[tuple[int, int]]:
    try:
        answer = await server.warm.background.call(text, lines, target=_DEFINITIONS, deadline=_PATIENCE)
    except CodingAgentError as error:
        event("no-definitions", why=str(error))
        return [(line, line) for line in lines]
    return cast("Sequence[tuple[int, int]]", answer)


def show(server: "Server", paths: Iterable[Path]) -> None:
    """Something else is remarked on files, open or not."""
    open_, others = list[str](), list[str]()
    for path in paths:
        document = server.ide.document_at(path)
        if document is not None:
            open_.append(document.uri)
        else:
            others.append(server.ide.uri_of(path))
    # One that pulls asks for all of them.
    for uri in open_[:1] if server.client.pull else open_:
        diagnostics.again(server, uri)
    if others:
        server.scans.remarked(others)


def opened(server: "Server", uri: str) -> None:
    """A document was opened: what is remarked on it holds where it is what was on disk."""
    path, document = server.ide.path_of(uri), server.ide.document(uri)
    if path is not None and document is not None:
        server.remarks.read(path, document.text)
        server.scans.opened(server.ide.uri_of(path))


def closed(server: "Server", uri: str, text: Text) -> None:
    """A document was closed: what is remarked on it is shown for its file, where that has the same text."""
    path = server.ide.path_of(uri)
    if path is not None:
        server.remarks.closed(path, text)
        server.scans.remarked((server.ide.uri_of(path),))
        look(server)


def look(server: "Server") -> None:
    """Drop remarks on what was committed, or is another text on disk by now."""
    if server.remarks:
        server.connection.spawn(_look(server))


async def _look(server: "Server") -> None:
    from coding_agent.ide.reviewing import text_of

    remarks, ide = server.remarks, server.ide
    not_open = [path for path in remarks.paths if ide.document_at(path) is None]

    def read() -> tuple[dict[Path, str], dict[Path, str | None]]:
        return {root: commit_of(root) for root in remarks.roots}, {path: text_of(path) for path in not_open}

    commits, texts = await asyncio.to_thread(read)
    gone = remarks.committed(lambda root: commits.get(root, ""))
    for path, text in texts.items():
        # One that was opened meanwhile is what its editor says.
        if ide.document_at(path) is None and remarks.read(path, Text.of(text) if text is not None else None):
            gone.add(path)
    show(server, gone)


def dismiss(server: "Server", arguments: tuple[Json, ...]) -> int:
    """Take away the remark that is named (URI, number), else all; returns how many."""
    remarks, ide = server.remarks, server.ide
    before = sum(len(remarks.of(path)) for path in remarks.paths)
    match arguments:
        case (str(uri), int(number), *_):
            path = ide.path_of(uri)
            gone = {path} if path is not None and remarks.dismiss(path, number) else set[Path]()
        case _:
            gone = remarks.clear()
    show(server, gone)
    return before - sum(len(remarks.of(path)) for path in remarks.paths)


def actions(server: "Server", uri: str, place: Json) -> list[Json]:
    """What dismisses the remarks on the lines of a range."""
    (first, _), (last, _) = position_of(inside(place, "start")), position_of(inside(place, "end"))
    here = [each for each in server.remarks.of(server.ide.path_of(uri)) if first <= each.line <= last]
    return [_action(server, uri, remark, _HERE if len(here) == 1 else _title(remark)) for remark in here]


def _action(server: "Server", uri: str, remark: Remark, title: str) -> Json:
    return {
        "title": title,
        "kind": "quickfix",
        "diagnostics": [remarked(remark, server.client.units)],
        "command": {"title": title, "command": "codingAgent.aiDismiss", "arguments": [uri, remark.number]},
    }


def _title(remark: Remark) -> str:
    said = remark.message if len(remark.message) <= _SHOWN else f"{remark.message[:_SHOWN]}..."
    return f"Dismiss: {said}"
