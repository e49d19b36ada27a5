"""The server seen by another client's code: pytest-lsp answers and types everything with its own lsprotocol objects."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_lsp
from lsprotocol import types as lsp
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

CODE = "def f(text):\n    return eval(text)\n"


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[sys.executable, "-m", "coding_agent", "serve"]))
async def neovim(lsp_client: LanguageClient, tmp_path: Path) -> AsyncIterator[None]:
    """A session as Neovim begins it."""
    folder = lsp.WorkspaceFolder(tmp_path.as_uri(), tmp_path.name)
    await lsp_client.initialize_session(
        lsp.InitializeParams(
            capabilities=client_capabilities("neovim"), root_uri=folder.uri, workspace_folders=[folder]
        )
    )
    yield
    await lsp_client.shutdown_session()


def opened(client: LanguageClient, folder: Path, text: str) -> lsp.TextDocumentIdentifier:
    uri = (folder / "a.py").as_uri()
    document = lsp.TextDocumentItem(uri, lsp.LanguageKind.Python, 1, text)
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(document))
    return lsp.TextDocumentIdentifier(uri)


async def test_finding_is_pulled(neovim: LanguageClient, tmp_path: Path) -> None:
    document = opened(neovim, tmp_path, CODE)
    report = await neovim.text_document_diagnostic_async(lsp.DocumentDiagnosticParams(document))
    assert isinstance(report, lsp.RelatedFullDocumentDiagnosticReport)
    assert [(item.code, item.range.start) for item in report.items] == [("eval-used", lsp.Position(1, 11))]


async def test_equal_findings_are_not_sent_again(neovim: LanguageClient, tmp_path: Path) -> None:
    document = opened(neovim, tmp_path, CODE)
    first = await neovim.text_document_diagnostic_async(lsp.DocumentDiagnosticParams(document))
    again = await neovim.text_document_diagnostic_async(
        lsp.DocumentDiagnosticParams(document, previous_result_id=first.result_id)
    )
    assert isinstance(again, lsp.RelatedUnchangedDocumentDiagnosticReport)
    assert again.result_id == first.result_id


async def test_symbols_and_hover_have_the_shapes_of_the_protocol(neovim: LanguageClient, tmp_path: Path) -> None:
    document = opened(neovim, tmp_path, CODE)
    symbols = await neovim.text_document_document_symbol_async(lsp.DocumentSymbolParams(document))
    hover = await neovim.text_document_hover_async(lsp.HoverParams(document, lsp.Position(0, 4)))
    assert symbols
    assert [(type(symbol), symbol.name) for symbol in symbols] == [(lsp.DocumentSymbol, "f")]
    assert hover
    assert isinstance(hover.contents, lsp.MarkupContent)
    assert "f(text)" in hover.contents.value


async def test_actions_have_the_shapes_of_the_protocol(neovim: LanguageClient, tmp_path: Path) -> None:
    document = opened(neovim, tmp_path, "def f(a):\n    if a:\n        return 1\n    else:\n        return 2\n")
    place = lsp.Range(lsp.Position(1, 4), lsp.Position(1, 4))
    actions = await neovim.text_document_code_action_async(
        lsp.CodeActionParams(document, place, lsp.CodeActionContext([]))
    )
    assert actions
    # lsprotocol takes an action that is nothing but a command for that command.
    assert all(isinstance(action, lsp.CodeAction | lsp.Command) and action.title for action in actions)
    assert any(isinstance(action, lsp.CodeAction) for action in actions)
