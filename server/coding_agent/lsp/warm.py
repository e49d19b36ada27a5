"""What is loaded late: the typed part of the server, rule pages, file watching.

The typed part takes longer to import than everything before the first diagnostics, so it is
imported in a thread once the first document has been answered, or when first asked for.
"""

import asyncio
import gc
import threading
from collections.abc import Awaitable
from importlib import import_module
from typing import TYPE_CHECKING

from coding_agent.lsp.connection import ClientError, Json
from coding_agent.runtime.log import Level, event
from coding_agent.runtime.process import Worker

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server
    from coding_agent.lsp.typed import Typed

_QUIET = 2.0
"""Seconds without a new text before anything is loaded that nobody asked for: an editor that starts has no core left
over, and starts other servers, too.
"""

_PATIENCE = 30.0
"""Seconds in which a large piece is looked at."""

_UNSEEN = 2.0
"""Seconds for which a settings file may change unseen while somebody types."""

COMMITTED = ".git/logs/HEAD"
"""What git writes at each commit."""
_WATCHED = (
    *("**/*.py", "**/*.pyi", "**/*.pyw", "**/pyproject.toml", "**/ruff.toml", "**/.ruff.toml", "**/.gitignore"),
    *("**/.coding-agent-baseline.json", f"**/{COMMITTED}"),
)


class Warm:
    """The late part of one server."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._loading: asyncio.Future[Typed] | None = None
        self._settled = False
        """Whether everything has been prepared that is prepared when idle."""
        self._timer: asyncio.TimerHandle | None = None
        self._pages: dict[str, str] = {}
        self._writing: asyncio.Future[dict[str, str]] | None = None
        self._leaving = threading.Event()
        self._looked = 0.0
        """When settings files were last looked at."""
        self.background = Worker(
            "coding_agent.ide.background:resolve", name="background", idle_seconds=120.0, on_restart=server.tell_once
        )
        """Where refactorings and other heavy work live; given back when idle."""
        # A call that newer text overtook ends by itself: to start another process takes longer.
        self._large = Worker(
            "coding_agent.ide.large:look",
            name="large pieces",
            idle_seconds=120.0,
            spare_cancelled=5.0,
            nice=0,
            on_restart=server.tell_once,
        )

    # The typed part.

    def answer(self, method: str, params: Json) -> Awaitable[Json]:
        """Answer a method of the typed part. Order is kept: what came first begins first."""
        return self._answer(method, params)

    async def _answer(self, method: str, params: Json) -> Json:
        typed = await self._typed()
        return await typed.answer(method, params)

    def idle_later(self) -> None:
        """Load, and start what a hover may want, once nothing has changed for a while; called at each change."""
        if self._settled:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(_QUIET, self._settle)

    def _settle(self) -> None:
        self._timer, self._settled = None, True
        self._server.connection.spawn(self._prepare())

    async def _prepare(self) -> None:
        (await self._typed()).prepare()
        self._server.search.begin()

    async def _typed(self) -> "Typed":
        if self._loading is None:
            self._loading = self._server.connection.spawn(self._import())
        return await asyncio.shield(self._loading)

    async def _import(self) -> "Typed":
        try:
            made = await asyncio.get_running_loop().run_in_executor(None, _typed, self._server)
        except ImportError:
            self._loading = None
            raise
        # The classes stay. Most were made twice, for their slots; what was thrown away of that is collected by now.
        gc.freeze()
        event("typed-part-loaded", level=Level.DEBUG)
        self._server.connection.spawn(self._write_pages())
        return made

    async def look_at_large(self, question: tuple[object, ...]) -> object:
        """Call `ide.large.look` in a process of its own."""
        return await self._large.call(*question, deadline=_PATIENCE)

    # Rule pages.

    def page(self, rule: str) -> str | None:
        """The address of a rule's page, None while pages are not written."""
        return self._pages.get(rule)

    async def _write_pages(self) -> None:
        from coding_agent.lsp.pages import write_pages

        host = self._server.host
        self._writing = asyncio.get_running_loop().run_in_executor(
            None, write_pages, host.folders.pages, host.windows, self._leaving.is_set
        )
        self._pages = await asyncio.shield(self._writing)
        self._server.ready.forget()

    # Settings and files.

    def watch(self) -> None:
        """Ask the client to tell about settings, and about files that the results depend on."""
        wanted: list[Json] = []
        if self._server.client.watches_files:
            options = {"watchers": [{"globPattern": pattern} for pattern in _WATCHED]}
            wanted.append({"id": "files", "method": "workspace/didChangeWatchedFiles", "registerOptions": options})
        if self._server.client.announces_settings:
            options = {"section": "codingAgent"}
            wanted.append({"id": "settings", "method": "workspace/didChangeConfiguration", "registerOptions": options})
        if wanted:
            self._server.connection.spawn(self._register(wanted))

    async def _register(self, wanted: list[Json]) -> None:
        try:
            await self._server.connection.ask("client/registerCapability", {"registrations": wanted})
        except ClientError as error:
            event("not-watching", level=Level.WARNING, why=str(error))

    def look_at_settings(self, *, now: bool = True) -> None:
        """Reconfigure where a settings file changed: not every editor tells, and none tells of the user's own. So it
        is with commits.

        Without ``now`` only if nobody looked for a while.
        """
        time = asyncio.get_running_loop().time()
        if not now and time < self._looked + _UNSEEN:
            return
        self._looked = time
        if self._server.ide.settings_changed():
            self.reconfigure()
        if self._server.remarks:
            from coding_agent.lsp import remarks

            remarks.look(self._server)

    def reconfigure(self) -> None:
        """Settings, folders or ignore files changed: judge everything again and tell the client."""
        from coding_agent.lsp import diagnostics

        server = self._server
        server.ide.reconsider()
        typed = self._loaded()
        if typed is not None:
            typed.reconsider()
        server.scans.reconsider()
        if server.searches is not None:
            server.searches.exists.doubt()
        if not server.client.pull:
            for document in server.ide.documents():
                diagnostics.changed(server, document.uri)
        else:
            server.connection.spawn(self.refresh("workspace/diagnostic/refresh"))
        if server.client.refresh_lenses:
            server.connection.spawn(self.refresh("workspace/codeLens/refresh"))

    async def refresh(self, method: str) -> None:
        """Tell the client to ask for something again."""
        try:
            await self._server.connection.ask(method, None)
        except ClientError as error:
            event("refresh-refused", level=Level.WARNING, method=method, why=str(error))

    def files_changed(self) -> None:
        """Files were written: what other files define may be something else."""
        typed = self._loaded()
        if typed is not None:
            typed.files_changed()

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._leaving.set()
        typed, writing = self._loaded(), self._writing
        ends = [self.background.stop(), self._large.stop(), *([typed.close()] if typed is not None else ())]
        # A page that is being written is finished, so that nothing half-made stays beside it.
        await asyncio.gather(*ends, *([asyncio.wait({writing})] if writing is not None else ()))

    def _loaded(self) -> "Typed | None":
        loading = self._loading
        if loading is None or not loading.done() or loading.cancelled() or loading.exception() is not None:
            return None
        return loading.result()


def _typed(server: "Server") -> "Typed":
    """Import and make the typed part; both take as long as many slices, and nothing of it needs the loop."""
    # What young collections left over is looked at again after every tenth: 20 ms for what these classes consist of,
    # which stays. They are set aside before that, with what was there before, and the count begins anew.
    gc.freeze()
    import_module("lsprotocol.types")
    gc.freeze()
    from coding_agent.lsp.typed import Typed
    from coding_agent.refactoring.engine import all_refactorings

    # Editors ask for actions wherever the cursor goes; the first answer should not wait for imports.
    import_module("coding_agent.lsp.actions")
    all_refactorings()
    return Typed(server)
