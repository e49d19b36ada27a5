"""What the server offers, as it says so in its first answer; a test holds it against what pygls would build."""

from coding_agent import __version__
from coding_agent.lsp.connection import Json
from coding_agent.lsp.table import ROWS
from coding_agent.text import Units

NAME = "coding-agent"
FIX_ALL = "source.fixAll.coding-agent"
TESTS_OF_FILE = "source.generateTests.coding-agent"
TESTS_AT = "refactor.generateTests.coding-agent"
SIMILAR = "refactor.similarCode.coding-agent"
AI_FIX = "quickfix.ai.coding-agent"
AI_REWRITE = "refactor.rewrite.ai.coding-agent"
AI_EXPLAIN = "refactor.explain.coding-agent"
"""Editors show ``refactor`` at a place (VS Code: Ctrl+.), and ``source`` only when asked what the file can do."""
ACTION_KINDS = (
    "quickfix",
    "refactor.extract",
    "refactor.inline",
    "refactor.rewrite",
    TESTS_AT,
    SIMILAR,
    AI_EXPLAIN,
    FIX_ALL,
    TESTS_OF_FILE,
)


def answer(
    units: Units, pull: bool, workspace: bool, *, commands: bool = True, completes: bool = False, inline: bool = False
) -> Json:
    """The result of ``initialize``. Pull diagnostics are offered only to clients that have them: push or pull, never
    both. Without ``commands`` none are named, for a client that knows them and would make each a second time. What
    ``completes`` does so ``inline`` where the client can.
    """
    capabilities: dict[str, Json] = {
        "positionEncoding": units.value,
        "textDocumentSync": {"openClose": True, "change": 2, "save": {"includeText": False}},
        "hoverProvider": True,
        "codeActionProvider": {"codeActionKinds": list(ACTION_KINDS), "resolveProvider": True},
        "codeLensProvider": {"resolveProvider": False},
        "documentSymbolProvider": True,
        "workspaceSymbolProvider": {"resolveProvider": False},
        "executeCommandProvider": {"commands": [row.command for row in ROWS] if commands else []},
        "workspace": {"workspaceFolders": {"supported": True, "changeNotifications": True}},
    }
    if completes:
        capabilities["inlineCompletionProvider" if inline else "completionProvider"] = {}
    if pull:
        capabilities["diagnosticProvider"] = {
            "identifier": NAME,
            "interFileDependencies": False,
            "workspaceDiagnostics": workspace,
            "workDoneProgress": True,
        }
    return {"capabilities": capabilities, "serverInfo": {"name": NAME, "version": __version__}}
