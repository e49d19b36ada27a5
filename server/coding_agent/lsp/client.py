"""What the client can do, read from its ``initialize`` request."""

from dataclasses import dataclass
from typing import cast

from coding_agent.lsp.connection import Json
from coding_agent.lsp.shapes import items_of
from coding_agent.lsp.table import SECTION
from coding_agent.text import Units


@dataclass(frozen=True, slots=True)
class Client:
    """The abilities we ask about before we use them. All are off until the client says otherwise."""

    name: str = ""
    units: Units = Units.UTF16
    pull: bool = False
    """It asks for findings, and can be told to ask again. One that cannot (Neovim 0.11) is told them instead: it would
    show what was found under other settings until somebody types.
    """
    refresh_lenses: bool = False
    resolves_edits: bool = False
    versioned_edits: bool = False
    creates_files: bool = False
    watches_files: bool = False
    announces_settings: bool = False
    configuration: bool = False
    progress: bool = False
    markdown: bool = False
    hierarchical_symbols: bool = False
    opens_documents: bool = False
    asks: bool = False
    annotates: bool = False
    applies_edits: bool = False
    own_commands: bool = False
    """It has our commands of its own accord, and sends them."""
    presents: bool = False
    """It shows the results of commands itself: lists to go through instead of messages."""
    completes_inline: bool = False
    follows: bool = False
    """It shows ``codingAgent/told``: a document that is still being written."""
    counts: bool = False
    """It shows ``codingAgent/spent``: what models took today."""
    links: bool = False
    """It runs commands of ours that links in a hover name."""
    reviews: bool = False
    """It answers ``codingAgent/review``: shows the user a text that is to come, and says whether it may."""

    @property
    def pulls_workspace(self) -> bool:
        """Whether to offer findings of files that are not open.

        Neovim (seen in 0.12.4) that was offered them asks for nothing else when it is told to refresh: the findings of
        its open documents would stay as they were, and those it looks at.
        """
        return self.pull and self.name != "Neovim"

    @property
    def hides_failures(self) -> bool:
        """Whether the user is not told why what was chosen did not happen.

        Helix (seen in 25.07) writes the error that answers a command or an action into its log, and that is all.
        """
        return self.name == "helix"


def read(params: Json) -> Client:
    """Read the abilities; anything missing or of an odd shape is an ability the client does not have."""
    at = _Tree(params).under("capabilities")
    info = _Tree(params).under("clientInfo")
    text, space, window = at.under("textDocument"), at.under("workspace"), at.under("window")
    resolve = text.under("codeAction", "resolveSupport").items("properties")
    ours = at.under("experimental").items(SECTION)
    return Client(
        name=str(info.value.get("name") or ""),
        units=_units(at.under("general").items("positionEncodings")),
        pull=text.has("diagnostic") and space.under("diagnostics").on("refreshSupport"),
        refresh_lenses=space.under("codeLens").on("refreshSupport"),
        resolves_edits="edit" in resolve and text.under("codeAction").on("dataSupport"),
        versioned_edits=space.under("workspaceEdit").on("documentChanges"),
        creates_files="create" in space.under("workspaceEdit").items("resourceOperations"),
        watches_files=space.under("didChangeWatchedFiles").on("dynamicRegistration"),
        announces_settings=space.under("didChangeConfiguration").on("dynamicRegistration"),
        configuration=space.on("configuration"),
        progress=window.on("workDoneProgress"),
        markdown="markdown" in text.under("hover").items("contentFormat"),
        hierarchical_symbols=text.under("documentSymbol").on("hierarchicalDocumentSymbolSupport"),
        opens_documents=window.under("showDocument").on("support"),
        asks=window.has("showMessage"),
        applies_edits=space.on("applyEdit"),
        annotates=space.under("workspaceEdit").has("changeAnnotationSupport"),
        own_commands="commands" in ours,
        presents="results" in ours,
        completes_inline=text.has("inlineCompletion"),
        follows="told" in ours,
        counts="spent" in ours,
        links="links" in ours,
        reviews="review" in ours,
    )


class _Tree:
    """Nested objects of which any part may be missing."""

    def __init__(self, value: Json) -> None:
        self.value = cast("dict[str, Json]", value) if isinstance(value, dict) else {}

    def under(self, *names: str) -> "_Tree":
        here = self
        for name in names:
            here = _Tree(here.value.get(name))
        return here

    def on(self, name: str) -> bool:
        return self.value.get(name) is True

    def has(self, name: str) -> bool:
        return isinstance(self.value.get(name), dict)

    def items(self, name: str) -> list[Json]:
        return items_of(self.value, name)


def _units(wanted: list[Json]) -> Units:
    """The client's first choice that we know; UTF-16 is what every client has."""
    known = {units.value: units for units in Units}
    return next((known[name] for name in wanted if isinstance(name, str) and name in known), Units.UTF16)
