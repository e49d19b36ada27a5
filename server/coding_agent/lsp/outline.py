"""What is seen of a document's shape: symbols and lenses."""

from coding_agent.analysis.context import Option
from coding_agent.analysis.report import Symbol, SymbolKind
from coding_agent.lsp.connection import Json
from coding_agent.lsp.ranges import range_of
from coding_agent.lsp.server import Server
from coding_agent.lsp.shapes import uri_of
from coding_agent.text import Text

_KINDS = {
    SymbolKind.CLASS: 5,
    SymbolKind.METHOD: 6,
    SymbolKind.FUNCTION: 12,
    SymbolKind.VARIABLE: 13,
    SymbolKind.CONSTANT: 14,
}


async def symbols(server: Server, params: Json) -> Json:
    uri = uri_of(params)
    document = server.ide.document(uri)
    if document is None:
        return []
    found = await server.ide.symbols(uri)
    if server.client.hierarchical_symbols:
        return [_nested(server, document.text, symbol) for symbol in found]
    return [flat for symbol in found for flat in _flat(server, document.text, symbol, uri, "")]


async def lenses(server: Server, params: Json) -> Json:
    uri = uri_of(params)
    document = server.ide.document(uri)
    if document is None:
        return []
    found = await server.ide.lenses(uri)
    rule = server.ide.options_of(uri).rules.get("complex-function")
    limit = rule.options["max-cognitive"] if rule is not None else 0
    return [
        {
            "range": range_of(document.text, lens.span, server.client.units),
            "command": {
                "title": _title(lens.metrics.cognitive, limit),
                "command": "codingAgent.showMetrics",
                "arguments": [uri, document.text.position(lens.span.start).line],
            },
        }
        for lens in found
    ]


def _title(cognitive: int, limit: Option) -> str:
    """What a lens says; above the rule's limit with a warning sign."""
    high = isinstance(limit, int) and 0 < limit < cognitive
    return f"{'⚠ ' if high else ''}complexity {cognitive}"


def _nested(server: Server, text: Text, symbol: Symbol) -> Json:
    shown: dict[str, Json] = {
        "name": symbol.name,
        "kind": _KINDS[symbol.kind],
        "range": range_of(text, symbol.span, server.client.units),
        "selectionRange": range_of(text, symbol.name_span, server.client.units),
    }
    if symbol.detail:
        shown["detail"] = symbol.detail
    if symbol.children:
        shown["children"] = [_nested(server, text, child) for child in symbol.children]
    return shown


def _flat(server: Server, text: Text, symbol: Symbol, uri: str, container: str) -> list[Json]:
    place = {"uri": uri, "range": range_of(text, symbol.span, server.client.units)}
    shown = {"name": symbol.name, "kind": _KINDS[symbol.kind], "location": place, "containerName": container}
    return [shown, *(flat for child in symbol.children for flat in _flat(server, text, child, uri, symbol.name))]
