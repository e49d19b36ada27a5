"""Generated tests in an editor: who is asked, what is shown while it goes on, and how the result comes."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, cast

from coding_agent.errors import CodingAgentError, NotTrusted, UserError, WorkerFailed
from coding_agent.ide.testable import is_test_file, may_have_tests
from coding_agent.ide.testing import Generator, Made, Order, Plan, Told, untrusted
from coding_agent.lsp.commands import RESTRICTED, said, show
from coding_agent.lsp.connection import Json, report_failure
from coding_agent.lsp.progress import Progress
from coding_agent.lsp.shapes import place_of
from coding_agent.lsp.taking import Taking, same_ends
from coding_agent.store.trust import too_much
from coding_agent.workspace.uris import Scheme, scheme_of

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server

_NAMED = 3
_FUNCTION = 10.0
"""Seconds, at most, for what is less than a file: somebody looks on."""


async def generate(server: "Server", uri: str, place: tuple[Json, ...], token: Json = None) -> Json:
    """Generate tests and bring them into the editor. Cancelling ends the search and keeps what is verified.

    ``token`` is that of progress the client shows by itself.

    Raises: ClientError - the place has another shape; UserError - why not.
    """
    order = _order(server, uri, place)
    await allow(server, order)
    progress = await _progress(server, f"Generating tests for {order.name or Path(order.file).name}", token)
    # The work outlives the request: when that is cancelled, what is verified by then still comes.
    work = server.connection.spawn(_generated(server, order, progress))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        progress.cancel()
        work.add_done_callback(lambda done: tell_failure(server, done))
        raise


async def gaps(server: "Server", uri: str, place: tuple[Json, ...], token: Json = None) -> Json:
    """Run the tests there are and tell which branches none takes. Raises: as ``generate``."""
    from coding_agent.report import tests

    order = _order(server, uri, place, gaps=True)
    await allow(server, order)
    progress = await _progress(server, f"Looking for branches that no test takes in {Path(order.file).name}", token)
    made = await _made(server, order, progress)
    return {**_data(server, made), **said(server, tests.text([made.report], server.ide.shown, gaps=True).strip())}


async def _generated(server: "Server", order: Order, progress: Progress) -> Json:
    from coding_agent.report import tests

    made = await _made(server, order, progress)
    report = made.report
    sentence = tests.text([report], server.ide.shown).strip()
    if report.file is None:
        return {**_data(server, made), "applied": False, **said(server, sentence, kind=2)}
    taking = Taking(server, made)
    taken = await taking.take()
    told = said(server, sentence + ("" if taken else f"\n{taking.why}"))
    return {**_data(server, made), "uri": taking.uri, "applied": taken, **told}


async def _made(server: "Server", order: Order, progress: Progress) -> Made:
    def listen(told: Told) -> None:
        progress.report(told.sentence, round(100 * told.share))

    ended = "failed"
    try:
        if progress.shown:
            progress.report(planned(await generator(server).plan(order), order.seconds), 0)
        if progress.stop.cancelled:
            raise UserError("it was stopped before it began")
        made = await generator(server).generate(order, listen, progress.stopped)
        report = made.report
        ended = f"{report.cases} cases" if report.file or not order.gaps else f"{len(report.gaps)} gaps"
        return made
    finally:
        server.progress.end(progress, "stopped" if progress.stop.cancelled else ended)


async def _progress(server: "Server", title: str, token: Json) -> Progress:
    return await server.progress.begin(title, token, server.client.progress)


def generator(server: "Server") -> Generator:
    """The process that has the sandbox, started by what it is asked first."""
    if server.generator is None:
        server.generator = Generator(server.host.variables)
    return server.generator


# What is asked.


def _order(server: "Server", uri: str, place: tuple[Json, ...], *, gaps: bool = False) -> Order:
    order = order_of(server, uri)
    name, selected = place_of(place)
    lines = _lines(selected) if selected else None
    _check_saved(server, Path(order.file), server.ide.options_of(uri).max_file_size)
    return replace(
        order,
        name=name,
        lines=lines,
        seconds=min(order.seconds, _FUNCTION) if name or lines else order.seconds,
        into=str(server.host.folders.tests),
        gaps=gaps,
        unsaved=dict(_unsaved_tests(server)),
    )


def order_of(server: "Server", uri: str) -> Order:
    """What is said of a whole file: whose code it is, and what runs it. Raises: UserError - it is no module."""
    path = server.ide.path_of(uri)
    if path is None or scheme_of(uri) is not Scheme.FILE:
        raise UserError(f"{uri} is no file on this machine; tests are made for files on disk")
    if not may_have_tests(path):
        raise UserError(f"{path.name} is no module that tests are made for")
    options, active = server.ide.options_of(uri), server.host.active_environment
    return Order(
        file=str(path),
        project=str(_project(server, path)),
        interpreter=options.interpreter,
        active=str(active) if active is not None else "",
        path=server.host.variables.get("PATH", ""),
        seconds=options.tests.seconds,
        mode=options.tests.mode,
        folder=options.tests.folder,
    )


def _lines(selected: tuple[tuple[int, int], tuple[int, int]]) -> tuple[int, int]:
    """Lines from 1 on; a selection of whole lines ends at the start of the next one."""
    (first, _), (last, end) = selected
    return first + 1, max(first, last - (end == 0 and last > first)) + 1


def _check_saved(server: "Server", path: Path, largest: int) -> None:
    """Raises: UserError - what the editor shows is not what is on disk, and only that can be run."""
    document = server.ide.document_at(path)
    try:
        on_disk = _on_disk(path, largest)
    except UnicodeDecodeError as error:
        raise UserError(f"{path.name} is not UTF-8, and tests are made for files that are") from error
    except OSError as error:
        raise UserError(f"{path.name} cannot be read from disk ({error.strerror}); save it first") from error
    if on_disk is None:
        raise UserError(f"{path.name} is no file of at most {largest} bytes (analysis.max-file-size in the settings)")
    if document is not None and same_ends(str(document.text)) != same_ends(on_disk):
        raise UserError(f"{path.name} has changes that are not saved; save it first, for what is on disk is tested")


def _unsaved_tests(server: "Server") -> Iterator[tuple[str, str]]:
    """Open test files that are not what is on disk, with their texts."""
    for document in server.ide.documents():
        path = server.ide.path_of(document.uri) if scheme_of(document.uri) is Scheme.FILE else None
        if path is None or not is_test_file(path):
            continue
        try:
            on_disk = _on_disk(path, server.ide.options_of(document.uri).max_file_size)
        except FileNotFoundError:
            on_disk = ""
        except (OSError, UnicodeDecodeError):
            continue
        if on_disk is not None and same_ends(str(document.text)) != same_ends(on_disk):
            yield str(path), str(document.text)


def _on_disk(path: Path, largest: int) -> str | None:
    """The text of a file; None for what is no file or too large. Raises: OSError; UnicodeDecodeError."""
    info = path.stat()
    return path.read_bytes().decode("utf-8") if S_ISREG(info.st_mode) and info.st_size <= largest else None


def _project(server: "Server", path: Path) -> Path:
    """The project of a file, inside of the workspace folder."""
    from coding_agent.settings.roots import root_for_tests

    folder = server.ide.workspace.folder_of(path)
    root = root_for_tests(path.parent, folder or path.parent)
    return folder if folder is not None and not root.is_relative_to(folder) else root


async def allow(server: "Server", order: Order, doing: str = "generating tests") -> None:
    """Make sure that code of the project may run; the user is asked once. Raises: NotTrusted; UserError."""
    project = Path(order.project)
    if server.trust.is_trusted(project):
        return
    if server.trust.restricted:
        raise NotTrusted(f"{doing} runs the code of {project}, and this window is restricted: {RESTRICTED}")
    root = server.ide.workspace.folder_of(project) or project
    if why := too_much(root):
        raise NotTrusted(
            f"{doing} runs the code of {root}, which is {why}; put {Path(order.file).name} into a folder of "
            "its own with a pyproject.toml, and open that"
        )
    if server.trust.is_refused(project) or not server.client.asks:
        raise NotTrusted(untrusted(root, doing))
    # Only files are read for this: what is not there to be tested is said before anybody is asked.
    plan = await generator(server).plan(order)
    if not await server.trust.settle(root, question(root, plan, order.seconds, doing)):
        raise NotTrusted(untrusted(root, doing))
    server.warm.reconfigure()


def planned(plan: Plan, seconds: float) -> str:
    """What is about to run: what for, under which Python, how it is held, and for how long at most."""
    named = ", ".join(plan.names[:_NAMED]) + (f" and {len(plan.names) - _NAMED} more" if plan.names[_NAMED:] else "")
    held = "no sandbox" if plan.isolation == "unsafe" else plan.isolation
    return f"{named or plan.module}; {plan.interpreter}; {held}; {seconds:g} s at most"


def question(root: Path, plan: Plan, seconds: float, doing: str = "generating tests") -> str:
    """What a user is asked before code of a folder is run for so many seconds."""
    what = f"the module {plan.module} with what it imports, and the tests there are, by {plan.interpreter}"
    if plan.isolation == "unsafe":
        held = "without a sandbox, as your settings say"
        limits = f"It can do what you can: nothing holds it back but limits of memory and of time, {seconds:g} s"
    else:
        held = f"in a sandbox ({plan.isolation})"
        limits = f"It has no network, can change no file of yours, and takes {seconds:g} s at most"
    # The question comes first: an editor with little room cuts the end off.
    return f"Coding Agent: do you trust {root}? {doing.capitalize()} runs its code {held}: {what}. {limits}."


# What is told.


def _data(server: "Server", made: Made) -> dict[str, Json]:
    from coding_agent.report import tests

    (data,) = json.loads(tests.json([made.report], server.ide.shown))
    return cast("dict[str, Json]", data)


def tell_failure(server: "Server", work: "asyncio.Future[Json]") -> None:
    """Nobody waits for this work any more, so a failure is told by a message."""
    error = None if work.cancelled() else work.exception()
    if isinstance(error, CodingAgentError):
        show(server, f"Coding Agent: {error}", kind=2)
    if isinstance(error, WorkerFailed) or (isinstance(error, Exception) and not isinstance(error, CodingAgentError)):
        report_failure("generateTests", error)
