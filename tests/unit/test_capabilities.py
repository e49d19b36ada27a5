"""What we say that we can, said before pygls is loaded, is what pygls would say of our methods."""

from typing import Any

import pytest
from lsprotocol import converters
from lsprotocol import types as lsp
from pygls.capabilities import ServerCapabilitiesBuilder
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from coding_agent.lsp import capabilities
from coding_agent.lsp.commands import COMMANDS
from coding_agent.lsp.methods import FAST_NOTIFICATIONS, FAST_REQUESTS, TYPED
from coding_agent.lsp.typed import register
from coding_agent.text import Units

OPTIONS: dict[str, Any] = {
    lsp.TEXT_DOCUMENT_CODE_ACTION: lsp.CodeActionOptions(
        code_action_kinds=list(capabilities.ACTION_KINDS), resolve_provider=True
    ),
    lsp.TEXT_DOCUMENT_DID_SAVE: lsp.SaveOptions(include_text=False),
    lsp.TEXT_DOCUMENT_DIAGNOSTIC: lsp.DiagnosticOptions(
        inter_file_dependencies=False, workspace_diagnostics=True, identifier="coding-agent", work_done_progress=True
    ),
}
"""What a method alone does not say."""


COMPLETIONS = {lsp.TEXT_DOCUMENT_COMPLETION, lsp.TEXT_DOCUMENT_INLINE_COMPLETION}
"""Offered to who set a model for them, of the two what the client has."""


def registry() -> LanguageServer:
    """The pygls server of the typed methods, without a server of ours behind it."""
    made = LanguageServer("test", "0", converter_factory=default_converter)
    register(made, None, None)  # type: ignore[arg-type]
    return made


def theirs(units: Units, without: set[str]) -> Any:
    """The capabilities that pygls builds of all our methods but some."""
    features = registry().protocol.fm
    methods = {*features.features, *FAST_REQUESTS, *FAST_NOTIFICATIONS}
    built = ServerCapabilitiesBuilder(
        lsp.ClientCapabilities(),
        methods - without - COMPLETIONS,
        OPTIONS,
        list(features.commands),
        lsp.TextDocumentSyncKind.Incremental,
        None,
        units.value,
    ).build()
    built.position_encoding = lsp.PositionEncodingKind(units.value)
    made = converters.get_converter().unstructure(built)
    # The two places where pygls says more than is so, or than is needed: it always names operations on files,
    # none of which it was asked for, and spells out that a document which will be saved is not waited for.
    assert made["workspace"].pop("fileOperations") == {}
    assert made["textDocumentSync"].pop("willSave", False) is False
    assert made["textDocumentSync"].pop("willSaveWaitUntil", False) is False
    return made


@pytest.mark.parametrize("units", Units)
def test_to_clients_that_pull(units: Units) -> None:
    assert capabilities.answer(units, True, True)["capabilities"] == theirs(units, set())
    without = {lsp.WORKSPACE_DIAGNOSTIC}
    assert capabilities.answer(units, True, False)["capabilities"] == theirs(units, without)


@pytest.mark.parametrize("workspace", [True, False])
@pytest.mark.parametrize("units", Units)
def test_to_clients_that_are_pushed_to(units: Units, workspace: bool) -> None:
    without = {lsp.TEXT_DOCUMENT_DIAGNOSTIC, lsp.WORKSPACE_DIAGNOSTIC}
    assert capabilities.answer(units, False, workspace)["capabilities"] == theirs(units, without)


@pytest.mark.parametrize(("inline", "name"), [(True, "inlineCompletionProvider"), (False, "completionProvider")])
def test_completions_are_offered_where_they_are_wanted(inline: bool, name: str) -> None:
    without = capabilities.answer(Units.UTF16, True, True)["capabilities"]
    made = capabilities.answer(Units.UTF16, True, True, completes=True, inline=inline)["capabilities"]
    assert made == {**without, name: {}}


def test_every_method_is_answered_in_one_place() -> None:
    fast = {*FAST_REQUESTS, *FAST_NOTIFICATIONS}
    assert fast.isdisjoint(TYPED)
    own = set(registry().protocol.fm.features)
    assert own == TYPED


def test_every_method_is_one_of_the_protocol() -> None:
    ours = {method for method in FAST_NOTIFICATIONS if method.startswith("codingAgent/")}
    assert ours == {"codingAgent/key", "codingAgent/workspaceTrust"}
    for method in {*FAST_REQUESTS, *TYPED, *FAST_NOTIFICATIONS} - ours:
        assert method in lsp.METHOD_TO_TYPES
    requests = {method for method, types in lsp.METHOD_TO_TYPES.items() if types[1] is not None}
    assert set(FAST_REQUESTS) <= requests
    assert requests.isdisjoint(FAST_NOTIFICATIONS)


def test_commands_are_those_that_run() -> None:
    named = capabilities.answer(Units.UTF16, True, True)["capabilities"]["executeCommandProvider"]["commands"]
    assert named == list(COMMANDS) == list(registry().protocol.fm.commands)


def test_commands_are_named_once_to_clients_that_have_them() -> None:
    answer = capabilities.answer(Units.UTF16, True, True, commands=False)
    assert answer["capabilities"]["executeCommandProvider"] == {"commands": []}
