"""Actions that ask a model: only where one is set, and only for who asks what can be done here."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from coding_agent.ide import actions
from coding_agent.ide.facade import View
from coding_agent.ide.testable import may_have_tests, target_at
from coding_agent.lsp.capabilities import AI_EXPLAIN, AI_FIX, AI_REWRITE
from coding_agent.lsp.connection import Json
from coding_agent.text import Span

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server

_FIXES = 3
"""Findings at a place that are offered to be mended, at most."""
_SHOWN = 60
"""Characters of a finding's message in a title."""


def offered(server: "Server", view: View, span: Span, kinds: tuple[str, ...] | None) -> list[Json]:
    """What a model could be asked of the place."""
    uri = view.document.uri
    if not server.ide.options_of(uri).ai.is_set or server.trust.restricted:
        return []
    here = target_at(view.state, span, inside=True)
    if here is None:
        return []
    found: list[Json] = []
    if actions.is_wanted(AI_FIX, kinds):
        found += [_action(f"Fix with AI: {said}", AI_FIX, "aiFix", uri, line) for said, line in _findings(view, span)]
    if actions.is_wanted(AI_REWRITE, kinds):
        found.append(_action(f"Write the docstring of {here.name} with AI", AI_REWRITE, "aiDocstring", uri, here.name))
        path = server.ide.path_of(uri)
        if path is not None and may_have_tests(path):
            title = f"Write tests for what is not covered of {here.name} with AI"
            found.append(_action(title, AI_REWRITE, "aiTests", uri, here.name))
        if path is not None and may_have_tests(path) and not here.is_class:
            found.append(_action(f"Make {here.name} faster with AI", AI_REWRITE, "aiOptimise", uri, here.name))
        # Others have nobody to ask for the goal.
        if server.client.own_commands:
            found.append(_action(f"Refactor {here.name} with AI...", AI_REWRITE, "aiRefactor", uri, here.name))
    if actions.is_wanted(AI_EXPLAIN, kinds):
        found.append(_action(f"Explain {here.name} with AI", AI_EXPLAIN, "aiExplain", uri, here.name))
    return found


def _findings(view: View, span: Span) -> Iterator[tuple[str, int]]:
    """What was found on the lines of a place, in words, with its line from 0."""
    text = view.state.text
    first, last = text.position(span.start).line, text.position(span.stop).line
    number = 0
    for placed in view.state.placed():
        for finding in placed.findings:
            line = text.position(placed.offset + finding.span.start).line
            if first <= line <= last and number < _FIXES:
                number += 1
                said = finding.message
                yield said if len(said) <= _SHOWN else f"{said[:_SHOWN]}...", line


def _action(title: str, kind: str, command: str, *arguments: Json) -> Json:
    return {
        "title": title,
        "kind": kind,
        "command": {"title": title, "command": f"codingAgent.{command}", "arguments": list(arguments)},
    }
