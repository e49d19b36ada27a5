"""The typed part of the server: a pygls server as registry, lsprotocol's types as shapes.

pygls neither reads the wire nor keeps texts here (see the traps in ARCHITECTURE.md); it knows
which feature and which command is ours, and its converter makes objects of JSON and back.
"""

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from coding_agent import __version__
from coding_agent.lsp import commands
from coding_agent.lsp.connection import INVALID_PARAMS, ClientError, Json
from coding_agent.lsp.hover import Hovers

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server


class Typed:
    """The features whose params and results are lsprotocol objects."""

    def __init__(self, server: "Server") -> None:
        self.registry = LanguageServer("coding-agent", __version__, converter_factory=default_converter)
        self.converter = default_converter()
        self._server = server
        self._hovers = Hovers(server)
        register(self.registry, server, self._hovers)

    async def answer(self, method: str, params: Json) -> Json:
        """Answer a request or take a notification. Raises: ClientError - the params do not fit their type."""
        feature = _features(self.registry)[method]
        shape = cast("type[Any]", lsp.METHOD_TO_TYPES[method][2])
        try:
            given: Any = self.converter.structure(params, shape)
        except Exception as error:  # cattrs has a dozen ways to say that a value has another shape.
            raise ClientError(INVALID_PARAMS, f"{method}: the params do not fit ({type(error).__name__})") from error
        result = feature(given)
        if inspect.isawaitable(result):
            result = await result
        return self.converter.unstructure(result)

    def reconsider(self) -> None:
        """Settings or trust changed."""
        self._hovers.reconsider()

    def files_changed(self) -> None:
        """Files were written."""
        self._hovers.files_changed()

    def prepare(self) -> None:
        """Start what the first hover will want, where anybody may want it."""
        documents = self._server.ide.documents()
        if any(self._server.ide.options_of(document.uri).jedi for document in documents):
            self._hovers.prepare()

    async def close(self) -> None:
        await self._hovers.close()


def _features(registry: LanguageServer) -> dict[str, Callable[[Any], Any]]:
    return cast("dict[str, Callable[[Any], Any]]", registry.protocol.fm.features)


def register(registry: LanguageServer, server: "Server", hovers: Hovers) -> None:
    """Name every typed feature and command to pygls."""

    @registry.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        return await hovers.hover(params)

    @registry.feature(lsp.WORKSPACE_EXECUTE_COMMAND)
    async def execute(params: lsp.ExecuteCommandParams) -> Json:
        run = commands.COMMANDS.get(params.command)
        if run is None:
            raise ClientError(INVALID_PARAMS, f"there is no command {params.command}")
        # Clients send fewer arguments than agreed (Helix sends none), so a command takes what comes.
        return await run(server, tuple(params.arguments or ()), params.work_done_token)

    @registry.feature(lsp.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    async def stop(params: lsp.WorkDoneProgressCancelParams) -> None:
        server.progress.cancel(params.token)

    for name, run in commands.COMMANDS.items():
        registry.command(name)(run)
