"""Findings as ready JSON: made once per report, afterwards only line numbers are filled in.

Building 200 diagnostics as objects for each keystroke costs more than analysing it.
"""

import json
from collections.abc import Callable, Iterator

from coding_agent.analysis.file import FileState, Placed
from coding_agent.analysis.finding import Finding
from coding_agent.text import Text, Units, to_units

SOURCE = "coding-agent"


class Ready:
    """Makes the JSON of diagnostics for one client.

    ``page`` gives the address of a rule's page, None where there is none.
    """

    def __init__(self, units: Units, page: Callable[[str], str | None], room: int = 5_000) -> None:
        self._units = units
        self._page = page
        self._room = room
        self._made: dict[tuple[str, Finding], tuple[int, int, bytes]] = {}

    def forget(self) -> None:
        """Make everything anew: addresses of pages changed."""
        self._made.clear()

    def items(self, state: FileState, uri: str) -> bytes:
        """The diagnostics of a file, as the inside of a JSON array."""
        return b",".join(self._items(state, uri))

    def _items(self, state: FileState, uri: str) -> Iterator[bytes]:
        for placed in state.placed(loud=True):
            for finding in placed.findings:
                if finding.related:
                    yield self._whole(finding, placed, uri)
                    continue
                key = (placed.piece.text, finding)
                known = self._made.get(key)
                if known is None:
                    known = self._make(key, placed, finding)
                first, last, form = known
                yield form % (placed.line + first, placed.line + last)

    def _make(self, key: tuple[str, Finding], placed: Placed, finding: Finding) -> tuple[int, int, bytes]:
        text = Text.of(placed.piece.text)
        (first, start), (last, stop) = self._place(text, finding.span.start), self._place(text, finding.span.stop)
        rest = json.dumps(self._rest(finding), separators=(",", ":"))[1:].encode().replace(b"%", b"%%")
        form = b'{"range":{"start":{"line":%%d,"character":%d},"end":{"line":%%d,"character":%d}},' % (start, stop)
        made = (first, last, form + rest)
        if len(self._made) >= self._room:
            self._made.clear()
        self._made[key] = made
        return made

    def _whole(self, finding: Finding, placed: Placed, uri: str) -> bytes:
        text = Text.of(placed.piece.text)

        def place(offset: int) -> dict[str, int]:
            line, character = self._place(text, offset)
            return {"line": placed.line + line, "character": character}

        related = [
            {
                "location": {"uri": uri, "range": {"start": place(each.span.start), "end": place(each.span.stop)}},
                "message": each.message,
            }
            for each in finding.related
        ]
        span = {"start": place(finding.span.start), "end": place(finding.span.stop)}
        whole = {"range": span, **self._rest(finding), "relatedInformation": related}
        return json.dumps(whole, separators=(",", ":")).encode()

    def _rest(self, finding: Finding) -> dict[str, object]:
        rest: dict[str, object] = {
            "severity": int(finding.severity),
            "code": finding.rule,
            "source": SOURCE,
            "message": finding.message,
        }
        page = self._page(finding.rule)
        if page is not None:
            rest["codeDescription"] = {"href": page}
        if finding.unnecessary:
            rest["tags"] = [1]
        return rest

    def _place(self, text: Text, offset: int) -> tuple[int, int]:
        line, column = text.position(offset)
        return line, to_units(text.lines[line], column, self._units)
