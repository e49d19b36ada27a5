"""Tests that a model writes for somebody in an editor: run in the sandbox, shown, and only then an edit."""

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from coding_agent.ide.assistant import Answer
from coding_agent.ide.model_tests import Judged, Testing
from coding_agent.lsp import testing
from coding_agent.lsp.assisting import subject_of
from coding_agent.lsp.commands import said
from coding_agent.lsp.connection import Json, unlinked
from coding_agent.lsp.progress import Progress
from coding_agent.lsp.taking import Taking
from coding_agent.report import model_tests as report
from coding_agent.report.asking import totals

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server


async def write(server: "Server", uri: str, place: tuple[Json, ...], token: Json) -> Json:
    """Have tests written for what no test of a definition gets to, and offer the test file with them.

    Raises: UserError in its kinds - nothing is missing, too; ClientError.
    """
    subject, options = await subject_of(server, uri, place)
    name = subject.found.qualified
    order = testing.order_for(server, uri, name)
    await testing.allow(server, order)
    assisting = server.assisting
    assistant = assisting.assistant(options)
    await assisting.allowed(options, subject.root, lambda: assistant.preview(subject))

    wish = (str(subject.state.text), name, "tests")
    fresh = wish in assisting.discarded

    async def work(progress: Progress) -> Answer[Judged]:
        ask = testing.generator(server).ask
        asked = Testing(assistant, subject, order, ask, progress.report)
        return await asked.written(await asked.missing(), fresh=fresh)

    answer = await assisting.watched(f"Writing tests for {name}", token, work)
    told = await _brought(server, subject.shown, answer)
    # Who did not want them and asks once more wants others.
    assisting.discarded = {wish} if answer.found.passed and not told["applied"] else set()
    return told


async def _brought(server: "Server", shown: str, answer: Answer[Judged]) -> dict[str, Json]:
    found, spent = answer.found, totals(answer.replies)
    told = {**cast("dict[str, Json]", report.told(answer)), "spent": spent}
    if found.made is None:
        page = report.refused(shown, answer)
        title = f"Not taken: tests for {shown}"
        file = await server.assisting.open(title, page) if not server.client.presents else None
        where = f"; what it wrote is in {file}" if file is not None else ""
        sentence = f"The answer cannot be used ({found.why}){where}. {spent}"
        return {**told, "applied": False, "title": title, "markdown": page, **said(server, sentence, kind=2)}
    done = report.verified(found)
    taking = Taking(server, replace(found.made, label=unlinked(f"{answer.reason or 'tests'} {done}")))
    taken = await taking.take()
    sentence = f"{shown}: {report.counted(found)} {done} {spent}" + ("" if taken else f"\n{taking.why}")
    return {**told, "uri": taking.uri, "applied": taken, **said(server, sentence, kind=3 if taken else 2)}
