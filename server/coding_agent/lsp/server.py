"""One server for one client: its state, and which handler answers which method.

A method is *fast* when its answer is needed before the first diagnostics, is large, or changes what later
messages mean: it speaks JSON directly. All others are features of a pygls server with lsprotocol's types
(`lsp/typed.py`), which is loaded beside the loop, because building those types takes longer than everything
before the first finding.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from coding_agent.errors import CodingAgentError
from coding_agent.ide.facade import Ide
from coding_agent.ide.options import FolderOptions
from coding_agent.ide.remarks import Remarks
from coding_agent.lsp.client import Client
from coding_agent.lsp.connection import (
    INVALID_REQUEST,
    NOT_INITIALIZED,
    ClientError,
    Connection,
    Handler,
    Json,
    encoded,
    unlinked,
)
from coding_agent.lsp.forms import Forms
from coding_agent.lsp.host import Host
from coding_agent.lsp.progress import Progresses
from coding_agent.lsp.ready import Ready, remarked
from coding_agent.lsp.scan import Scans
from coding_agent.lsp.suggested import Suggested
from coding_agent.lsp.trust import Trusting
from coding_agent.lsp.warm import Warm
from coding_agent.text import Units

if TYPE_CHECKING:
    from coding_agent.ide.testing import Generator
    from coding_agent.lsp.assisting import Assisting
    from coding_agent.lsp.search import Searches


_CHOSEN = ("workspace/executeCommand", "codeAction/resolve")
"""Methods that somebody chose from a menu, and waits for."""


class Server:
    """The state of one connection. Handlers are functions over it, in the modules beside this one."""

    def __init__(self, host: Host, send: Callable[[Sequence[bytes]], None], leave: Callable[[int], None]) -> None:
        self.host = host
        self.leave = leave
        self.client = Client()
        self.first_settings: Json = None
        """What the editor said as it started."""
        self.editor_settings: Json = None
        self.folder_settings: dict[Path, Json] = {}
        """What the editor says of single folders, where several are open."""
        self.editor_key: tuple[str, str] = ("", "")
        """A host, and the key of it that the editor keeps for its user; it goes into no message and no log."""
        self.problems_told: set[str] = set()
        self.initialized = False
        self.shut_down = False
        self.ide = Ide(self.load_options, Units.UTF16, windows=host.windows)
        self.ready = Ready(Units.UTF16, lambda rule: None)
        self.outlines, self.lenses = Forms(), Forms()
        self.connection = Connection(send, self._request, self._notification)
        self.warm = Warm(self)
        self.progress = Progresses(self.connection)
        self.scans = Scans(self)
        self.trust = Trusting(self)
        self._search: Searches | None = None
        self._assisting: Assisting | None = None
        self.remarks = Remarks()
        """What a model said of changes."""
        self.suggested = Suggested()
        """What a model would have typed last."""
        self.generator: Generator | None = None
        """Generates tests, once somebody asked for some."""
        self.published: dict[str, tuple[int | None, bytes]] = {}
        """What was last pushed for a document: its version and the diagnostics."""

    def adopt(self, client: Client) -> None:
        """Take the client's abilities."""
        self.client = client
        self.ide = Ide(self.load_options, client.units, windows=self.host.windows, elsewhere=self.warm.look_at_large)
        self.ready = Ready(client.units, self.warm.page)

    def load_options(self, folder: Path | None) -> FolderOptions:
        options, problems = self.host.options(folder, self.settings_of(folder))
        for problem in problems:
            self.tell_once(problem)
        return options

    def settings_of(self, folder: Path | None) -> Json:
        """What the editor says that counts in a folder."""
        return self.folder_settings.get(folder, self.editor_settings) if folder is not None else self.editor_settings

    def tell_once(self, message: str, kind: int = 2) -> None:
        """Show the user a message (LSP's types: 1 error, 2 warning, 3 info); never the same one twice."""
        if message not in self.problems_told:
            self.problems_told.add(message)
            said = unlinked(f"Coding Agent: {message}")
            self.connection.notify("window/showMessage", {"type": kind, "message": said})

    def remarks_on(self, uri: str) -> list[bytes]:
        """The diagnostics of what a model said of a file; nearly always there are none."""
        if not self.remarks:
            return []
        return [encoded(remarked(each, self.client.units)) for each in self.remarks.of(self.ide.path_of(uri))]

    @property
    def search(self) -> "Searches":
        """Searches; made when it is first needed."""
        if self._search is None:
            from coding_agent.lsp.search import Searches

            self._search = Searches(self)
        return self._search

    @property
    def searches(self) -> "Searches | None":
        """The same, where it was made."""
        return self._search

    @property
    def assisting(self) -> "Assisting":
        """Models; made when somebody first asks for one."""
        if self._assisting is None:
            from coding_agent.lsp.assisting import Assisting

            self._assisting = Assisting(self)
        return self._assisting

    def _request(self, method: str) -> Handler | None:
        from coding_agent.lsp.methods import FAST_REQUESTS, TYPED

        if not self.initialized and method != "initialize":
            raise_later = ClientError(NOT_INITIALIZED, "the first request must be initialize")
            return _raising(raise_later)
        if self.shut_down:
            return _raising(ClientError(INVALID_REQUEST, "the server is shutting down"))
        fast = FAST_REQUESTS.get(method)
        if fast is not None:
            return self._told(method, lambda params: fast(self, params))
        return self._told(method, lambda params: self.warm.answer(method, params)) if method in TYPED else None

    def _told(self, method: str, handler: Handler) -> Handler:
        """The same handler, but the user hears why what was chosen cannot be done, where the editor would not say."""
        if method not in _CHOSEN or not self.client.hides_failures:
            return handler

        async def telling(params: Json) -> Json:
            try:
                outcome = handler(params)
                return await outcome if asyncio.iscoroutine(outcome) else outcome
            except CodingAgentError as error:
                said = unlinked(f"Coding Agent: {str(error) or 'the document changed since this was offered'}")
                self.connection.notify("window/showMessage", {"type": 2, "message": said})
                raise

        return telling

    def _notification(self, method: str) -> Handler | None:
        from coding_agent.lsp.methods import FAST_NOTIFICATIONS, TYPED

        if method != "exit" and (not self.initialized or self.shut_down):
            return None
        fast = FAST_NOTIFICATIONS.get(method)
        if fast is not None:
            return lambda params: fast(self, params)
        return (lambda params: self.warm.answer(method, params)) if method in TYPED else None

    async def close(self) -> None:
        """Stop everything that runs; nothing is left behind."""
        self.connection.close()
        generating = [self.generator.close()] if self.generator is not None else []
        searching = [self._search.close()] if self._search is not None else []
        asking = [self._assisting.close()] if self._assisting is not None else []
        await asyncio.gather(self.scans.close(), self.warm.close(), *generating, *searching, *asking)


def _raising(error: ClientError) -> Handler:
    def refuse(params: Json) -> Json:
        raise error

    return refuse


async def run(host: Host, grace: float = 0.7) -> NoReturn:
    """Serve one client over stdio until it leaves, then end this process.

    All is written and stopped by then. Returning to the loop's end would cost the user time: it waits for threads,
    and one may be in the middle of an import.
    """
    from coding_agent.lsp.wire import Reader, Writer, take_stdio
    from coding_agent.runtime.parent import exit_within

    source, sink = take_stdio()
    done: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def leave(code: int) -> None:
        if not done.done():
            done.set_result(code)

    writer = Writer(sink, lambda: leave(1))
    server = Server(host, writer.send, leave)
    Reader(source, server.connection.arrived, lambda: leave(0 if server.shut_down else 1))
    code = await done
    exit_within(grace, code)
    await server.close()
    writer.close(0.2)
    os._exit(code)
