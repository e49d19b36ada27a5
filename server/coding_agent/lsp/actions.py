"""Code actions: listed cheaply, resolved when chosen, refused when the document changed in between."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from coding_agent.errors import CodingAgentError, Refused, StaleOffer
from coding_agent.ide import actions
from coding_agent.ide.actions import Action, Deed, Done, is_wanted
from coding_agent.ide.background import resolve as resolve_in_background
from coding_agent.ide.facade import View
from coding_agent.ide.project_file import turn_off
from coding_agent.ide.slices import in_slices
from coding_agent.ide.testable import target_at
from coding_agent.lsp import remarks
from coding_agent.lsp.ai_actions import offered
from coding_agent.lsp.capabilities import SIMILAR, TESTS_AT, TESTS_OF_FILE
from coding_agent.lsp.connection import INVALID_PARAMS, ClientError, Json
from coding_agent.lsp.outline import offers_tests
from coding_agent.lsp.ranges import range_of, span_of, text_edits
from coding_agent.lsp.server import Server
from coding_agent.lsp.shapes import inside, items_of, uri_of
from coding_agent.settings.layers import workspace_file
from coding_agent.text import Edit, Span, Text

_AUTOMATIC = 2
_DEEDS = {deed.value: deed for deed in Deed}


async def offer(server: Server, params: Json) -> Json:
    uri, only = uri_of(params), inside(params, "context", "only")
    asked = tuple(kind for kind in items_of(params, "context", "only") if isinstance(kind, str))
    kinds = asked if isinstance(only, list) else None
    view = await server.ide.view(uri)
    remarked = remarks.actions(server, uri, params["range"]) if server.remarks and is_wanted("quickfix", kinds) else []
    if view is None or view.silent is not None:
        return remarked
    span = span_of(view.document.text, params["range"], server.client.units)
    # A light bulb that comes by itself shines where there is something; who asks means the line, the function.
    asks = inside(params, "context", "triggerKind") != _AUTOMATIC
    tests = [*_tests(server, view, span, kinds, asks=asks), *_similar(server, view, span, kinds, asks=asks)]
    found = actions.listed(view.state, server.ide.analyser_of(uri), server.ide.shown_path(uri), span, kinds, near=asks)
    shown = [_shown(server, view, action) for action in found]
    if not server.client.resolves_edits:
        # Such a client wants the edit at once; one that cannot be made is not offered.
        shown = [done for each in shown if (done := await _resolved_or_none(server, each)) is not None]
    return remarked + shown + tests + (offered(server, view, span, kinds) if asks else [])


async def resolve(server: Server, params: Json) -> Json:
    if inside(params, "data") is None and isinstance(inside(params, "command"), dict):
        return params  # All of it was said at once; some editors ask all the same.
    chosen = _chosen(params)
    view = await server.ide.view(chosen.uri)
    if view is None or view.document.revision != chosen.revision:
        raise StaleOffer
    if chosen.deed is Deed.TURN_OFF:
        edit = _turned_off(server, chosen.uri, chosen.name)
    else:
        done = await _done(server, view, chosen.deed, chosen.name, chosen.span)
        current = server.ide.document(chosen.uri)
        if current is None or current.revision != view.document.revision:
            raise StaleOffer
        edit = _workspace_edit(server, view, done)
    return {**params, "edit": edit}


def _tests(server: Server, view: View, span: Span, kinds: tuple[str, ...] | None, *, asks: bool) -> list[Json]:
    """Actions that generate tests: for what stands here, and for the file where somebody asks for its own actions."""
    uri = view.document.uri
    if not offers_tests(server, uri):
        return []
    found: list[Json] = []
    here = target_at(view.state, span, inside=asks) if is_wanted(TESTS_AT, kinds) else None
    if here is not None:
        found.append(_generates(f"Generate tests for {here.name}", TESTS_AT, uri, here.name))
    if kinds is not None and is_wanted(TESTS_OF_FILE, kinds):
        found.append(_generates("Coding Agent: generate tests for this file", TESTS_OF_FILE, uri))
    return found


def _similar(server: Server, view: View, span: Span, kinds: tuple[str, ...] | None, *, asks: bool) -> list[Json]:
    """The action that lists what is like a function here, where it is known that something is."""
    uri = view.document.uri
    twins = dict(server.searches.related.twins(uri)) if server.searches is not None else {}
    here = target_at(view.state, span, inside=asks) if twins and is_wanted(SIMILAR, kinds) else None
    if here is None or here.name not in twins:
        return []
    title = f"Show similar code ({twins[here.name]})"
    command = {"title": title, "command": "codingAgent.similarCode", "arguments": [uri, here.name]}
    return [{"title": title, "kind": SIMILAR, "command": command}]


def _generates(title: str, kind: str, *arguments: Json) -> Json:
    command = {"title": title, "command": "codingAgent.generateTests", "arguments": list(arguments)}
    return {"title": title, "kind": kind, "command": command}


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The action a client wants, from the data that was given out with it."""

    uri: str
    revision: int
    deed: Deed
    name: str
    span: Span


def _chosen(params: Json) -> _Chosen:
    data = inside(params, "data")
    match data:
        case {
            "uri": str(uri),
            "revision": int(revision),
            "deed": str(deed),
            "name": str(name),
            "span": [int(start), int(stop)],
        } if deed in _DEEDS:
            return _Chosen(uri, revision, _DEEDS[deed], name, Span(start, stop))
        case _:
            raise ClientError(INVALID_PARAMS, "an action that was not offered here")


async def _done(server: Server, view: View, deed: Deed, name: str, span: Span) -> Done:
    uri, state = view.document.uri, view.state
    analyser, path = server.ide.analyser_of(uri), server.ide.shown_path(uri)
    match deed:
        case Deed.FIX:
            return actions.fixed(state, analyser, path, name, span)
        case Deed.ALLOW:
            return actions.allowed(state, analyser, path, name, span)
        case Deed.FIX_ALL:
            return await in_slices(actions.fixing_all(state, analyser, path))
        case _:
            answer = await server.warm.background.call(
                str(state.text), name, span.start, span.stop, target=_target(resolve_in_background), deadline=20.0
            )
            edits, _, verified_by, note = cast(
                "tuple[tuple[tuple[int, int, str], ...], str, tuple[str, ...], str]", answer
            )
            return Done(tuple(Edit(Span(start, stop), new) for start, stop, new in edits), tuple(verified_by), note)


def _target(function: object) -> str:
    return f"{getattr(function, '__module__', '')}:{getattr(function, '__name__', '')}"


async def _resolved_or_none(server: Server, action: Json) -> Json | None:
    try:
        return await resolve(server, action)
    except CodingAgentError:
        return None


def _shown(server: Server, view: View, action: Action) -> Json:
    text, units = view.document.text, server.client.units
    shown: dict[str, Json] = {
        "title": action.title,
        "kind": action.kind,
        "data": {
            "uri": view.document.uri,
            "revision": view.document.revision,
            "deed": action.deed.value,
            "name": action.name,
            "span": list(action.span),
        },
    }
    if action.preferred:
        shown["isPreferred"] = True
    if action.finding is not None and action.at is not None:
        shown["diagnostics"] = [
            {
                "range": range_of(text, action.at, units),
                "severity": int(action.finding.severity),
                "code": action.finding.rule,
                "source": "coding-agent",
                "message": action.finding.message,
            }
        ]
    return shown


def _workspace_edit(server: Server, view: View, done: Done) -> Json:
    edits = text_edits(view.document.text, done.edits, server.client.units)
    if not server.client.versioned_edits:
        return {"changes": {view.document.uri: edits}}
    document = {"uri": view.document.uri, "version": view.document.version}
    if not server.client.annotates:
        return {"documentChanges": [{"textDocument": document, "edits": edits}]}
    said = f"verified by {', '.join(done.verified_by)}" + (f". {done.note}" if done.note else "")
    return {
        "documentChanges": [{"textDocument": document, "edits": [{**edit, "annotationId": "proof"} for edit in edits]}],
        "changeAnnotations": {"proof": {"label": said, "needsConfirmation": False}},
    }


def _turned_off(server: Server, uri: str, rule: str) -> Json:
    """The edit of the project's settings; the file is created where there is none and the client can."""
    path = server.ide.path_of(uri)
    folder = server.ide.workspace.folder_of(path) if path is not None else None
    if path is None:
        raise StaleOffer
    start = folder or path.parent
    file = workspace_file(start) or start / "pyproject.toml"
    target, opened = server.ide.uri_at(file), server.ide.document_at(file)
    content = str(opened.text) if opened is not None else _content(file)
    if content is None and server.client.versioned_edits and server.client.creates_files:
        edits = text_edits(Text.of(""), (turn_off("", rule),), server.client.units)
        version = {"uri": target, "version": None}
        return {"documentChanges": [{"kind": "create", "uri": target}, {"textDocument": version, "edits": edits}]}
    edits = text_edits(Text.of(content or ""), (turn_off(content or "", rule),), server.client.units)
    if not server.client.versioned_edits:
        return {"changes": {target: edits}}
    version = {"uri": target, "version": opened.version if opened is not None else None}
    return {"documentChanges": [{"textDocument": version, "edits": edits}]}


def _content(file: Path) -> str | None:
    """The text of a file as an editor shows it, None where there is no file. Raises: Refused - it cannot be read."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file} cannot be read: {error}") from error
