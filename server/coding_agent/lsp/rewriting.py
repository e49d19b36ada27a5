"""A definition that a model writes anew for somebody in an editor: checked, shown, and only then an edit."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from coding_agent.assist.meant import Purpose
from coding_agent.errors import UserError
from coding_agent.ide.assistant import Rewritten, Subject, or_own_fix, to_write
from coding_agent.ide.rewriting import Verdict, answered, asked, check
from coding_agent.ide.testing import Order
from coding_agent.ide.trying import is_tried, not_tried, tried
from coding_agent.lsp import testing
from coding_agent.lsp.assisting import subject_of
from coding_agent.lsp.commands import said
from coding_agent.lsp.connection import ClientError, Json, unlinked
from coding_agent.lsp.progress import Progress
from coding_agent.lsp.ranges import text_edits
from coding_agent.lsp.shapes import inside, place_of
from coding_agent.report.asking import refused, totals, verified
from coding_agent.runtime.log import event

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server

_DOING = {
    Purpose.FIX: "Fixing", Purpose.REFACTOR: "Refactoring", Purpose.OPTIMISE: "Optimising",
    Purpose.DOCSTRING: "Writing the docstring of",
}  # fmt: skip
_SECONDS = 30.0
_NOTE = "ai"


async def rewrite(
    server: "Server", uri: str, place: tuple[Json, ...], purpose: Purpose, token: Json, goal: str = ""
) -> Json:
    """Have a definition written anew, and offer it as an edit where it passes all checks.

    Raises: UserError in its kinds; ClientError.
    """
    subject, options = await subject_of(server, uri, place)
    _, selected = place_of(place)
    wrote = to_write(subject, purpose, server.ide.shown_path(uri), selected[0][0] + 1 if selected else 0)
    assisting = server.assisting
    assistant = assisting.assistant(options)
    order, why = await _order(server, uri, purpose)
    await assisting.allowed(options, subject.root, lambda: assistant.preview(subject))
    analyser = server.ide.analyser_of(uri)
    wish = (str(subject.state.text), subject.found.qualified, purpose, goal)
    fresh = wish in assisting.discarded

    async def work(progress: Progress) -> Rewritten:
        async def checked(code: str) -> Verdict:
            given = asked(replace(wrote, code=code), analyser.rules)
            target = f"{check.__module__}:{check.__name__}"
            verdict = answered(await server.warm.background.call(*given, target=target, deadline=_SECONDS))
            if order is None:
                return not_tried(verdict, purpose, why)
            return await tried(testing.generator(server).ask, order, wrote, verdict, progress.report)

        made = await assistant.rewrite(subject, purpose, checked, goal, fresh=fresh)
        return or_own_fix(made, subject, wrote, analyser)

    # The user's word on it is no progress any more.
    made = await assisting.watched(f"{_DOING[purpose]} {subject.found.qualified}", token, work)
    told = await _brought(server, uri, subject, made)
    # Who did not want it and asks once more wants another one.
    assisting.discarded = {wish} if made.verdict.passed and not told["applied"] else set()
    return told


async def _order(server: "Server", uri: str, purpose: Purpose) -> tuple[Order | None, str]:
    """Whose code runs to try what is written; without that, why not. Only for what has to be faster the user is asked
    to trust the folder.

    Raises: UserError - it has to be faster, and nothing can be run.
    """
    if not is_tried(purpose):
        return None, ""
    try:
        order = testing.order_of(server, uri)
    except UserError as error:
        if purpose is Purpose.OPTIMISE:
            raise
        return None, str(error)
    if purpose is Purpose.OPTIMISE:
        await testing.allow(server, order, "timing code")
    elif not server.trust.is_trusted(Path(order.project)):
        return None, "the workspace is not trusted"
    return order, ""


async def _brought(server: "Server", uri: str, subject: Subject, made: Rewritten) -> dict[str, Json]:
    verdict, spent = made.verdict, totals(made.replies)
    told: dict[str, Json] = {
        "checks": [{"name": name, "passed": passed, "detail": detail} for name, passed, detail in verdict.all],
        "code": made.code,
        "reason": made.reason,
        "spent": spent,
    }
    if not verdict.passed:
        page = refused(subject.shown, made.code, made.verdict)
        title = f"Not taken: {subject.shown}"
        file = await server.assisting.open(title, page) if not server.client.presents else None
        where = f"; what it wrote is in {file}" if file is not None else ""
        sentence = f"The answer cannot be used ({verdict.why}){where}. {spent}"
        return {**told, "applied": False, "title": title, "markdown": page, **said(server, sentence, kind=2)}
    why = await _applied(server, uri, subject, made)
    sentence = why or f"{subject.found.qualified}: {made.reason or 'done'} {verified(verdict)} {spent}"
    return {**told, "applied": not why, **said(server, sentence, kind=2 if why else 3)}


async def _applied(server: "Server", uri: str, subject: Subject, made: Rewritten) -> str:
    """Bring the edit into the editor; why that was not done, "" where it was."""
    document = server.ide.document(uri)
    if document is None or str(document.text) != str(subject.state.text):
        return "the document was changed meanwhile, so nothing was taken; ask again"
    label = unlinked(f"{made.reason or 'written anew'} {verified(made.verdict)}")
    client = server.client
    if client.reviews:
        params: dict[str, Json] = {"uri": uri, "before": str(document.text), "after": made.verdict.document}
        params |= {"line": subject.found.line - 1, "label": label}
        try:
            answer = await server.connection.ask("codingAgent/review", params)
        except ClientError as error:
            event("not-reviewed", why=str(error))
            return "it was not shown, so nothing was taken"
        if inside(answer, "accepted") is not True:
            return "not taken"
        if server.ide.document(uri) is not document:
            return "the document was changed meanwhile, so nothing was taken; ask again"
    edits = text_edits(document.text, made.verdict.edits, client.units)
    answer = await server.connection.ask(
        "workspace/applyEdit", {"label": label, "edit": _edit(server, uri, edits, label)}
    )
    if inside(answer, "applied") is not True:
        return f"the edit was not applied ({inside(answer, 'failureReason') or 'the editor does not say why'})"
    return ""


def _edit(server: "Server", uri: str, edits: list[dict[str, Json]], label: str) -> Json:
    client, document = server.client, server.ide.document(uri)
    if not client.versioned_edits or document is None:
        return {"changes": {uri: [*edits]}}
    confirms = client.annotates and not client.reviews
    noted: dict[str, Json] = {"annotationId": _NOTE} if confirms else {}
    of: Json = {"uri": uri, "version": document.version}
    parts: Json = [{"textDocument": of, "edits": [{**each, **noted} for each in edits]}]
    if not confirms:
        return {"documentChanges": parts}
    return {"documentChanges": parts, "changeAnnotations": {_NOTE: {"label": label, "needsConfirmation": True}}}
