"""Asks the user, once per folder, whether code of a workspace may run."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from coding_agent.errors import UserError
from coding_agent.lsp.connection import ClientError, Json
from coding_agent.lsp.shapes import inside
from coding_agent.runtime.log import event
from coding_agent.store.trust import TrustStore, too_much

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server

_YES, _NO = "Trust", "Do not trust"


class Trusting:
    """The user's answers, as the server sees them."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._store = TrustStore(server.host.folders.trust_file)
        self._asked: set[Path] = set()
        self._editor: bool | None = None
        """What an editor that asks its user by itself (VS Code's Workspace Trust) says of what is open in it."""

    def hear(self, word: Json) -> bool:
        """Take the editor's own word, ``granted`` or ``restricted``; returns whether that changed something."""
        before, self._editor = self._editor, {"granted": True, "restricted": False}.get(str(word))
        return self._editor is not before

    @property
    def restricted(self) -> bool:
        """Whether the editor holds back whatever would run code, whatever was said to us before."""
        return self._editor is False

    def is_trusted(self, root: Path) -> bool:
        return self._answer(root) is True

    def is_refused(self, root: Path) -> bool:
        """Whether the user said no."""
        return self._answer(root) is False

    def _answer(self, root: Path) -> bool | None:
        """The user's last word; the editor's counts for the folders open in it about which nothing was said to us."""
        if self.restricted:
            return False
        said = self._store.answer(root)
        open_in_it = self._server.ide.workspace.folder_of(root) is not None
        return True if said is None and self._editor and open_in_it and not too_much(root) else said

    def ask(self, root: Path, granted: Callable[[], object]) -> None:
        """Ask about a folder nobody decided on yet; nothing waits for the answer."""
        if root in self._asked or self._answer(root) is not None or not self._server.client.asks:
            return
        self._asked.add(root)
        if too_much(root):
            return
        message = (
            f"Coding Agent: do you trust {root}? Its Python interpreter is then run to learn its packages, and its "
            "code when you generate tests. Nothing of this folder is run before you agree."
        )
        self._server.connection.spawn(self._then(self.settle(root, message), granted))

    def grant(self, root: Path) -> Path:
        """Trust a folder. Raises: UserError."""
        return self._store.trust(root)

    async def settle(self, root: Path, message: str) -> bool:
        """Put a question about a folder to the user and keep the answer; one that is closed is no answer."""
        # Some editors (Helix, Emacs) offer the first answer to Enter, which may have been meant for the text.
        params = {"type": 3, "message": message, "actions": [{"title": _NO}, {"title": _YES}]}
        try:
            answer = await self._server.connection.ask("window/showMessageRequest", params)
            title = inside(answer, "title")
            if title == _YES:
                self._store.trust(root)
            elif title == _NO:
                self._store.distrust(root)
        except (ClientError, UserError) as error:
            event("trust-not-settled", why=str(error))
            return False
        return title == _YES

    async def _then(self, settled: Awaitable[bool], granted: Callable[[], object]) -> None:
        if await settled:
            granted()
