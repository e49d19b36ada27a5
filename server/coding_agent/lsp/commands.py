"""Commands that editors can run. Arguments may be missing: then the last document looked at is meant."""

import sys
from collections.abc import Awaitable, Callable
from platform import python_version
from typing import TYPE_CHECKING, cast

from coding_agent import __version__
from coding_agent.errors import DeadlinePassed, UserError, WorkerLost
from coding_agent.ide.facade import Lens
from coding_agent.ide.search import knows_meaning
from coding_agent.lsp.connection import Json, unlinked
from coding_agent.lsp.table import ROWS
from coding_agent.runtime.log import event

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server

RESTRICTED = "trust it first (in VS Code: Workspaces: Manage Workspace Trust)"
_BACKGROUND = "coding_agent.ide.background"

Command = Callable[["Server", tuple[Json, ...], Json], Awaitable[Json]]
"""Takes the arguments and the token of the progress that the client shows, None where it left that to us."""


async def generate_tests(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Generate tests for a function or class (URI; line from 0, range, or qualified name), without it for the file."""
    from coding_agent.lsp import testing

    return await testing.generate(server, uri_argument(server, arguments), arguments[1:], progress)


async def cover_gaps(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Generate tests for a file (URI): what the tests there are cover is left out."""
    from coding_agent.lsp import testing

    return await testing.generate(server, uri_argument(server, arguments), (), progress)


async def test_gaps(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Tell which branches of a file (URI) no test takes."""
    from coding_agent.lsp import testing

    return await testing.gaps(server, uri_argument(server, arguments), arguments[1:], progress)


async def search(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Tell the places that answer a question (text; how many)."""
    from coding_agent.lsp import asking

    return await asking.search(server, arguments)


async def similar_code(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Tell what is like a function or class (URI; line from 0, range, or qualified name)."""
    from coding_agent.lsp import asking

    return await asking.similar(server, uri_argument(server, arguments), arguments[1:])


async def explain(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Explain a function or class (URI; line from 0, range, or qualified name) at length."""
    from coding_agent.lsp import asking

    return await asking.explain(server, uri_argument(server, arguments), arguments[1:])


async def ai_explain(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Have a model explain a function or class (URI; line from 0, range, or qualified name)."""
    from coding_agent.lsp import assisting

    return await assisting.explain(server, uri_argument(server, arguments), arguments[1:], progress)


async def ai_preview(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Show what a model would be sent of a function or class (URI; line from 0, range, or qualified name)."""
    from coding_agent.lsp import assisting

    return await assisting.preview(server, uri_argument(server, arguments), arguments[1:])


async def ai_fix(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Have a model mend what was found in a function or class (URI; line from 0, range, or qualified name)."""
    return await _rewritten(server, arguments, progress, "fix")


async def ai_refactor(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Have a model write a function or class anew (URI; line from 0, range, or qualified name; what is wanted)."""
    goal = arguments[2] if len(arguments) > 2 else None
    if not isinstance(goal, str) or not goal.strip():
        raise UserError("say what is wanted: the command takes it as its third argument")
    return await _rewritten(server, arguments, progress, "refactor", goal)


async def ai_optimise(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Have a model write a function anew so that it is faster (URI; line from 0, range, or qualified name)."""
    return await _rewritten(server, arguments, progress, "optimise")


async def ai_docstring(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Have a model write a docstring (URI; line from 0, range, or qualified name)."""
    return await _rewritten(server, arguments, progress, "docstring")


async def ai_tests(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Have a model write tests for what none gets to (URI; line from 0, range, or qualified name)."""
    from coding_agent.lsp import model_tests

    return await model_tests.write(server, uri_argument(server, arguments), arguments[1:], progress)


async def _rewritten(
    server: "Server", arguments: tuple[Json, ...], progress: Json, purpose: str, goal: str = ""
) -> Json:
    from coding_agent.assist.meant import Purpose
    from coding_agent.lsp import rewriting

    uri = uri_argument(server, arguments)
    return await rewriting.rewrite(server, uri, arguments[1:2], Purpose(purpose), progress, goal)


async def ai_review(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Have a model look at what was changed since the last commit."""
    from coding_agent.lsp import assisting

    return await assisting.review(server, progress)


async def ai_dismiss(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Take away a remark of the last review (URI, number), without them all."""
    from coding_agent.lsp import remarks

    count = remarks.dismiss(server, arguments)
    # Who chose it at a remark sees what comes of it.
    sentence = "" if arguments else f"{count} remark{'' if count == 1 else 's'} dismissed."
    return {"dismissed": count, **(said(server, sentence) if sentence else {})}


async def ai_commit(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Have a model write the message of a commit."""
    from coding_agent.lsp import assisting

    return await assisting.commit(server, progress)


async def ai_status(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Say which model is asked, and what it took today."""
    from coding_agent.lsp import assisting

    return await assisting.status(server)


async def show_metrics(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Tell the metrics of the function at a line (URI, line from 0), of the whole file without a line."""
    uri = uri_argument(server, arguments)
    document = server.ide.document(uri)
    if document is None:
        raise UserError(f"{uri} is not open")
    line = arguments[1] if len(arguments) > 1 and isinstance(arguments[1], int) else None
    rows = [(document.text.position(lens.span.start).line, lens) for lens in await server.ide.measured(uri)]
    shown = [row for row in rows if line is None or row[0] == line]
    if not server.client.presents:
        said = "\n".join(
            f"{lens.name} (line {row + 1}): {_metrics(lens)}"
            for row, lens in sorted(shown, key=lambda each: -each[1].metrics.cognitive)[:12]
        )
        if line is None:
            said = f"{uri.rpartition('/')[2]}\n{said}{await _maintainability(server, str(document.text))}"
        show(server, said or "No function with a branch here.")
    return [
        {
            "name": lens.name,
            "line": row,
            "cognitive": lens.metrics.cognitive,
            "cyclomatic": lens.metrics.cyclomatic,
            "lines": lens.metrics.lines,
            "nesting": lens.metrics.nesting,
            "parameters": lens.metrics.parameters,
            **({"said": _metrics(lens)} if server.client.presents else {}),
        }
        for row, lens in shown
    ]


async def scan_workspace(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Look at every file of the workspace and tell how much was found."""
    found = await server.scans.everything(progress)
    return {"files": found.files, "findings": found.findings, **said(server, str(found))}


async def trust_workspace(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """Trust the folders of the workspace: their interpreters may run."""
    if server.trust.restricted:
        raise UserError(f"this window is restricted: {RESTRICTED}")
    if not server.ide.workspace.folders:
        raise UserError("no folder is open, so there is none to trust")
    trusted = [str(server.trust.grant(folder)) for folder in server.ide.workspace.folders]
    server.warm.reconfigure()
    sentence = f"Trusted: {', '.join(trusted)}. `coding-agent trust --help` says how to take that back."
    return {"trusted": [*trusted], **said(server, sentence)}


async def status(server: "Server", arguments: tuple[Json, ...], progress: Json) -> Json:
    """What runs: version, open documents, rules, workers."""
    folders = server.ide.workspace.folders
    trusted = [str(folder) for folder in folders if server.trust.is_trusted(folder)]
    documents = len(server.ide.documents())
    rules = len(server.ide.options(folders[0] if folders else None).rules.enabled)
    sentence = (
        f"Coding Agent {__version__} on Python {python_version()}: {documents} open, {rules} rules, "
        f"{len(trusted)} of {len(folders)} folders trusted."
    )
    return {
        "version": __version__,
        "python": {"version": python_version(), "path": sys.executable},
        "documents": documents,
        "folders": [str(folder) for folder in folders],
        "trusted": [*trusted],
        "rules": rules,
        "meaning": knows_meaning(),
        "background": server.warm.background.pid is not None,
        **said(server, sentence),
    }


# The table has the names; a test sees that each has its function here.
COMMANDS = {row.command: cast("Command", globals()[row.verb]) for row in ROWS}


def _metrics(lens: Lens) -> str:
    metrics = lens.metrics
    return (
        f"cognitive complexity {metrics.cognitive}, cyclomatic {metrics.cyclomatic}, {metrics.lines} lines, "
        f"nested {metrics.nesting} deep, {metrics.parameters} parameters"
    )


async def _maintainability(server: "Server", text: str) -> str:
    """A line about the whole file; nothing where its index cannot be had."""
    try:
        answer = await server.warm.background.call(text, target=f"{_BACKGROUND}:maintainability", deadline=10.0)
    except (DeadlinePassed, WorkerLost) as error:
        event("no-maintainability", why=str(error))
        return ""
    found = cast("tuple[float, str] | None", answer)
    return "" if found is None else f"\nmaintainability index {found[0]:.0f} of 100 (rank {found[1]})"


def uri_argument(server: "Server", arguments: tuple[Json, ...]) -> str:
    """The first argument; without one, the document that changed last. Raises: UserError - none is open."""
    if arguments and isinstance(arguments[0], str):
        return arguments[0]
    documents = server.ide.documents()
    if not documents:
        raise UserError("no document is open")
    return max(documents, key=lambda document: document.revision).uri


def said(server: "Server", message: str, kind: int = 3) -> dict[str, Json]:
    """A result's sentence: part of it for clients that show results themselves, else shown at once."""
    if server.client.presents:
        return {"said": unlinked(message)}
    show(server, message, kind)
    return {}


def show(server: "Server", message: str, kind: int = 3) -> None:
    """Show the user a message (LSP's types: 2 warning, 3 info)."""
    server.connection.notify("window/showMessage", {"type": kind, "message": unlinked(message)})
