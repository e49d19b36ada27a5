"""Findings as ready JSON: made once per report, afterwards only line numbers are filled in.

Building 200 diagnostics as objects for each keystroke costs more than analysing it.
"""

import json
from collections.abc import Callable, Iterator

from coding_agent.analysis.file import FileState
from coding_agent.analysis.finding import Finding
from coding_agent.ide.remarks import Remark
from coding_agent.text import Span, Text, Units, to_units

SOURCE = "coding-agent"
MODEL = "coding-agent ai"
"""The source of what a model says."""
_SEVERITY = b'"severity":'
"""A digit follows."""


def gravest(items: list[bytes], most: int) -> list[bytes]:
    """The gravest ``most`` of some diagnostics, in the order in which they stand."""
    if len(items) <= most:
        return items
    # Nothing that stands before the severity holds a text of somebody else's.
    severities = [item[item.index(_SEVERITY) + len(_SEVERITY)] for item in items]
    kept = sorted(range(len(items)), key=severities.__getitem__)[:most]
    return [items[index] for index in sorted(kept)]


class Ready:
    """Makes the JSON of diagnostics for one client.

    ``page`` gives the address of a rule's page, None where there is none.
    """

    def __init__(self, units: Units, page: Callable[[str], str | None], room: int = 20_000) -> None:
        self._units = units
        self._page = page
        self._room = room
        self._made: dict[tuple[str, Finding], tuple[int, int, bytes]] = {}

    def forget(self) -> None:
        """Make everything anew: addresses of pages changed."""
        self._made.clear()

    def each(self, state: FileState, uri: str) -> Iterator[bytes]:
        """The diagnostics of a file, one by one."""
        for placed in state.placed(loud=True):
            text: Text | None = None
            for finding in placed.findings:
                known = None if finding.related else self._made.get((placed.piece.text, finding))
                if known is None:
                    text = text or Text.of(placed.piece.text)
                    if finding.related:
                        yield self.one(finding, text, uri, placed.line)
                        continue
                    known = self._make(placed.piece.text, text, finding)
                first, last, form = known
                yield form % (placed.line + first, placed.line + last)

    def one(self, finding: Finding, text: Text, uri: str, line: int = 0) -> bytes:
        """One diagnostic, its spans those of ``text``, which begins at ``line``."""

        def span(at: Span) -> dict[str, dict[str, int]]:
            (first, start), (last, stop) = self._place(text, at.start), self._place(text, at.stop)
            return {
                "start": {"line": line + first, "character": start},
                "end": {"line": line + last, "character": stop},
            }

        whole = {"range": span(finding.span), **self._rest(finding)}
        if finding.related:
            whole["relatedInformation"] = [
                {"location": _at(each.address) or {"uri": uri, "range": span(each.span)}, "message": each.message}
                for each in finding.related
            ]
        return json.dumps(whole, separators=(",", ":")).encode()

    def _make(self, piece: str, text: Text, finding: Finding) -> tuple[int, int, bytes]:
        (first, start), (last, stop) = self._place(text, finding.span.start), self._place(text, finding.span.stop)
        rest = json.dumps(self._rest(finding), separators=(",", ":"))[1:].encode().replace(b"%", b"%%")
        form = b'{"range":{"start":{"line":%%d,"character":%d},"end":{"line":%%d,"character":%d}},' % (start, stop)
        made = (first, last, form + rest)
        if len(self._made) >= self._room:
            self._made.clear()
        self._made[piece, finding] = made
        return made

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


def remarked(remark: Remark, units: Units) -> dict[str, object]:
    """The diagnostic of a remark: its line, without what that is indented by."""
    code = remark.code
    start, stop = len(code) - len(code.lstrip()), len(code.rstrip())
    first, last = (to_units(code, column, units) for column in (min(start, stop), stop))
    return {
        "range": {
            "start": {"line": remark.line, "character": first},
            "end": {"line": remark.line, "character": last},
        },
        "severity": int(remark.severity),
        "code": "review",
        "source": MODEL,
        "message": remark.message,
    }


def _at(address: str) -> dict[str, object] | None:
    """The place that a URI with a line names; None where there is none."""
    uri, found, line = address.rpartition("#L")
    place = {"line": int(line) - 1, "character": 0} if found else {}
    return {"uri": uri, "range": {"start": place, "end": place}} if found else None
