"""Brings a generated test file into the editor: as an edit to be reviewed where the editor can, else to disk."""

from contextlib import suppress
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from coding_agent.errors import UserError
from coding_agent.ide.testing import Made, digest
from coding_agent.lsp.connection import ClientError, Json
from coding_agent.lsp.ranges import text_edits
from coding_agent.lsp.shapes import inside
from coding_agent.runtime.log import event
from coding_agent.store.atomic import write_atomic
from coding_agent.text import Edit, Span, Text, split_lines

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server

_NOTE = "tests"


class Taking:
    """One file on its way to ``uri``. ``why`` says why it was not taken."""

    def __init__(self, server: "Server", made: Made) -> None:
        assert made.report.file is not None
        self.why = ""
        self._server, self._made, self._file = server, made, made.report.file
        self.uri = server.ide.uri_at(self._file)

    async def take(self) -> bool:
        """Have it taken; returns whether it was. Never overwrites what came up meanwhile."""
        taken = await self._brought()
        if taken:
            with suppress(OSError):
                self._made.written.unlink()
        return taken

    async def _brought(self) -> bool:
        source = self._made.report.source
        if digest(source) != self._made.source:
            return self._left(f"{source.name} was changed meanwhile, and the tests are for what it was")
        client = self._server.client
        if not self._changed() and client.reviews and not await self._accepted():
            return self._left("not taken")
        if self._changed():
            return self._left(f"{self._file.name} is not what it was, or not saved")
        new = self._made.before is None
        if client.applies_edits and (client.versioned_edits and client.creates_files if new else True):
            return await self._offered()
        try:
            write_atomic(self._file, self._made.report.text.encode("utf-8"))
        except OSError as error:
            raise UserError(f"{self._file} cannot be written: {error.strerror}") from error
        await self._open()
        return True

    def _changed(self) -> bool:
        before = same_ends(self._made.before) if self._made.before is not None else None
        document = self._server.ide.document_at(self._file)
        if document is not None and same_ends(str(document.text)) != (before or ""):
            return True
        if document is not None and before is not None and self._server.client.applies_edits:
            return False  # The editor changes what it shows, whatever of that is on disk.
        try:
            now = same_ends(self._file.read_bytes().decode("utf-8"))
        except FileNotFoundError:
            return before is not None
        except (OSError, UnicodeDecodeError):
            return True
        return now != before

    def _left(self, why: str) -> bool:
        self.why = f"{why}; the tests are in {self._made.written}"
        return False

    async def _offered(self) -> bool:
        params = {"label": self._made.label or "Generated tests", "edit": self._edit()}
        try:
            answer = await self._server.connection.ask("workspace/applyEdit", params)
        except ClientError as error:
            return self._left(f"the editor refused the edit ({error})")
        if inside(answer, "applied") is not True:
            reason = inside(answer, "failureReason")
            return self._left(f"the edit was not applied ({reason})" if reason else "the edit was not applied")
        await self._open()
        return True

    async def _accepted(self) -> bool:
        """Whether the user, who is shown what the file would become, wants it so."""
        made = self._made
        params = {
            "uri": self.uri,
            "before": made.before,
            "after": made.report.text,
            "line": made.first,
            "label": self._label,
        }
        try:
            answer = await self._server.connection.ask("codingAgent/review", params)
        except ClientError as error:
            event("not-reviewed", why=str(error))
            return False
        return inside(answer, "accepted") is True

    @property
    def _label(self) -> str:
        return self._made.label or f"{self._made.report.cases} generated cases, green in three isolated runs"

    def _edit(self) -> Json:
        """The workspace edit; to be confirmed where the editor can ask for that."""
        server, made = self._server, self._made
        # Editors keep a byte order mark apart from the text.
        text, after = Text.of((made.before or "").removeprefix("\ufeff")), made.report.text.removeprefix("\ufeff")
        edits = text_edits(text, changes(str(text), after), server.client.units)
        if not server.client.versioned_edits:
            return {"changes": {self.uri: edits}}
        opened = server.ide.document_at(self._file)
        confirms = server.client.annotates and not server.client.reviews
        noted: dict[str, Json] = {"annotationId": _NOTE} if confirms else {}
        document = {"uri": self.uri, "version": opened.version if opened is not None else None}
        parts: list[Json] = [{"textDocument": document, "edits": [{**edit, **noted} for edit in edits]}]
        if made.before is None:
            parts.insert(0, {"kind": "create", "uri": self.uri, **noted})
        if not noted:
            return {"documentChanges": parts}
        return {
            "documentChanges": parts,
            "changeAnnotations": {_NOTE: {"label": self._label, "needsConfirmation": True}},
        }

    async def _open(self) -> None:
        if not self._server.client.opens_documents:
            return
        at = {"line": self._made.first, "character": 0}
        params = {"uri": self.uri, "takeFocus": True, "selection": {"start": at, "end": at}}
        try:
            await self._server.connection.ask("window/showDocument", params)
        except ClientError as error:
            event("not-shown", why=str(error))


def changes(before: str, after: str) -> tuple[Edit, ...]:
    """The edits, by whole lines, that lead from one text to the other."""
    old, new = split_lines(before), split_lines(after)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return tuple(
        Edit(Span(starts[first], starts[last]), "".join(new[start:stop]))
        for tag, first, last, start, stop in matcher.get_opcodes()
        if tag != "equal"
    )


def same_ends(text: str) -> str:
    """The text as it compares with what an editor, which may have its own ends of lines and no mark, shows."""
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
