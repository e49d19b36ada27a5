"""What is seen of a document's shape: symbols and lenses."""

import sys
from collections.abc import Callable, Generator, Iterator, Mapping

from coding_agent.analysis.context import ClassInfo, Option
from coding_agent.analysis.report import Report, Symbol, SymbolKind
from coding_agent.ide.facade import code_end, lenses_of
from coding_agent.ide.slices import in_slices
from coding_agent.ide.testable import may_have_tests, targets_in
from coding_agent.lsp.connection import Json, Raw
from coding_agent.lsp.forms import Form, Shown, Writer, form
from coding_agent.lsp.server import Server
from coding_agent.lsp.shapes import uri_of
from coding_agent.syntax.pieces import Piece
from coding_agent.text import Span, Units
from coding_agent.workspace.uris import Scheme, scheme_of

_KINDS = {
    SymbolKind.CLASS: 5,
    SymbolKind.METHOD: 6,
    SymbolKind.FUNCTION: 12,
    SymbolKind.VARIABLE: 13,
    SymbolKind.CONSTANT: 14,
}

Place = Callable[[Span], bytes]
"""Writes the range of a symbol."""
Show = Callable[[Symbol, Writer, Place], bytes]
"""Writes a symbol."""


async def symbols(server: Server, params: Json) -> Json:
    uri = uri_of(params)
    view = await server.ide.view(uri)
    if view is None:
        return []
    units, nested = server.client.units, server.client.hierarchical_symbols

    def make(piece: Piece, report: Report, owner: ClassInfo | None) -> Form:
        show = _nested if nested else _flat(uri, owner.name if owner is not None else "")
        return _symbols(piece, report, units, show)

    return await in_slices(_outline(server.outlines.each(view.state, uri, make), nested=nested))


async def lenses(server: Server, params: Json) -> Json:
    uri = uri_of(params)
    view = await server.ide.view(uri)
    options = server.ide.options_of(uri)
    complexity, tests = options.complexity_lens, options.tests_lens and offers_tests(server, uri)
    searches = server.searches
    twins = dict(searches.related.twins(uri)) if searches is not None and options.similar_lens else {}
    if view is None or not (complexity or tests or twins):
        return []
    rule = options.rules.get("complex-function")
    limit = rule.options["max-cognitive"] if rule is not None else 0

    def make(piece: Piece, report: Report, owner: ClassInfo | None) -> Form:
        writer = Writer(piece, server.client.units)
        parts = _complexity(report, writer, uri, limit) if complexity else []
        if tests:
            parts += _testing(report, writer, uri, owner.name if owner is not None else "")
        if twins:
            parts += _similar(report, writer, uri, owner.name if owner is not None else "", twins)
        return Form(b",".join(parts), tuple(writer.lines))

    def work() -> Generator[None, None, Raw]:
        parts: list[bytes] = []
        for shown in server.lenses.each(view.state, uri, make, look=(complexity, tests, twins)):
            if shown.form.form:
                parts.append(shown.form.at(shown.line))
            yield
        return _array(parts)

    return await in_slices(work())


def _array(parts: list[bytes]) -> Raw:
    return Raw((b"[", b",".join(parts), b"]"))


def _complexity(report: Report, writer: Writer, uri: str, limit: Option) -> list[bytes]:
    return [
        b'{"range":%b,"command":{"title":%b,"command":"codingAgent.showMetrics","arguments":[%b,%b]}}'
        % (
            writer.range(lens.span),
            form(_title(lens.metrics.cognitive, limit)),
            form(uri),
            writer.line(lens.span.start),
        )
        for lens in lenses_of(report.symbols)
    ]


def _testing(report: Report, writer: Writer, uri: str, owner: str) -> list[bytes]:
    return [
        b'{"range":%b,"command":{"title":"Generate tests","command":"codingAgent.generateTests","arguments":[%b,%b]}}'
        % (writer.range(each.name_span), form(uri), form(each.name))
        for each in targets_in(report.symbols, owner)
    ]


def _similar(report: Report, writer: Writer, uri: str, owner: str, twins: Mapping[str, int]) -> list[bytes]:
    return [
        b'{"range":%b,"command":{"title":"Similar code (%b)","command":"codingAgent.similarCode","arguments":[%b,%b]}}'
        % (writer.range(each.name_span), b"%d" % twins[each.name], form(uri), form(each.name))
        for each in targets_in(report.symbols, owner)
        if each.name in twins
    ]


def offers_tests(server: Server, uri: str) -> bool:
    """Whether generating tests is offered: for modules on disk, unless the user refused to have them run."""
    path = server.ide.path_of(uri)
    return (
        path is not None
        and scheme_of(uri) is Scheme.FILE
        and _can_hold(server, uri)
        and may_have_tests(path)
        and not server.trust.is_refused(path.parent)
    )


def _can_hold(server: Server, uri: str) -> bool:
    """Whether code can be run: only Linux holds it back, and the user may do without."""
    return sys.platform == "linux" or (not server.host.windows and server.ide.options_of(uri).tests.mode == "unsafe")


def _title(cognitive: int, limit: Option) -> str:
    """What a lens says; above the rule's limit with a warning sign."""
    high = isinstance(limit, int) and 0 < limit < cognitive
    return f"{'⚠ ' if high else ''}complexity {cognitive}"


def _outline(pieces: Iterator[Shown], *, nested: bool) -> Generator[None, None, Raw]:
    """The symbols of a file; members inside their classes, which end where the last of them does."""
    parts: list[bytes] = []
    header: Shown | None = None
    end, members = (0, 0), list[bytes]()

    def close() -> None:
        if header is None:
            return
        line, (first, *others) = header.line, header.form.lines
        whole = header.form.form % (line + first, *end, *(line + each for each in others))
        if nested and members:
            whole = b'%b,"children":[%b]}' % (whole[:-1], b",".join(members))
        parts.append(whole)
        if not nested:
            parts.extend(members)

    for shown in pieces:
        if not shown.member:
            close()
            header, members = (shown if shown.heads else None), []
        if not shown.heads and shown.form.form:
            (members if shown.member else parts).append(shown.form.at(shown.line))
        if shown.form.end is not None:
            end = (shown.line + shown.form.end[0], shown.form.end[1])
        yield
    close()
    return _array(parts)


def _symbols(piece: Piece, report: Report, units: Units, show: Show) -> Form:
    writer = Writer(piece, units)
    if report.info is not None:
        (header,) = report.symbols
        return Form(show(header, writer, writer.open_range), tuple(writer.lines), writer.place(header.span.stop))
    whole = b",".join([show(symbol, writer, writer.range) for symbol in report.symbols])
    stop = code_end(piece.text) if piece.indent else 0
    return Form(whole, tuple(writer.lines), writer.place(stop) if stop else None)


def _nested(symbol: Symbol, writer: Writer, place: Place) -> bytes:
    known: dict[str, Json] = {"name": symbol.name, "kind": _KINDS[symbol.kind]}
    if symbol.detail:
        known["detail"] = symbol.detail
    head, whole, name = form(known)[:-1], place(symbol.span), writer.range(symbol.name_span)
    children = b",".join([_nested(child, writer, writer.range) for child in symbol.children])
    below = b',"children":[%b]' % children if children else b""
    return b'%b,"range":%b,"selectionRange":%b%b}' % (head, whole, name, below)


def _flat(uri: str, container: str) -> Show:
    """Writes a symbol and those in it for clients that cannot nest."""

    def shown(symbol: Symbol, writer: Writer, place: Place) -> bytes:
        known = {"name": symbol.name, "kind": _KINDS[symbol.kind], "containerName": container}
        own = b'%b,"location":%b,"range":%b}}' % (form(known)[:-1], form({"uri": uri})[:-1], place(symbol.span))
        below = _flat(uri, symbol.name)
        return b",".join([own, *(below(child, writer, writer.range) for child in symbol.children)])

    return shown
