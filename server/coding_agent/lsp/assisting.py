"""What an editor asks a model for: who may be asked, what is shown while it goes on, and how the answer comes.

A command runs as long as its request: cancelling the request, or its progress, ends the call.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from coding_agent.ai.consent import Consents
from coding_agent.ai.endpoint import endpoint as read
from coding_agent.ai.switch import demand
from coding_agent.analysis.file import FileState
from coding_agent.assist import explaining
from coding_agent.assist.reviewing import Change, Noted
from coding_agent.errors import AIOff, CodingAgentError, NotAgreed, SettingError, UserError
from coding_agent.ide.assistant import Assistant, Subject
from coding_agent.ide.models import Endpoint, Models, Preview, Reply, talking
from coding_agent.ide.options import ModelOptions
from coding_agent.ide.reviewing import changes
from coding_agent.ide.search import About
from coding_agent.lsp.commands import said
from coding_agent.lsp.connection import ClientError, Json
from coding_agent.lsp.progress import Progress
from coding_agent.lsp.shapes import inside
from coding_agent.report.asking import previewed, spent, today
from coding_agent.runtime.log import event
from coding_agent.store.atomic import write_private
from coding_agent.store.trust import real
from coding_agent.vcs.branch import commit_of
from coding_agent.vcs.git import Git

if TYPE_CHECKING:
    from coding_agent.lsp.server import Server

_T = TypeVar("_T")
_ALLOW, _SHOW, _NEVER = "Allow for this workspace", "Show what would be sent", "Never"
_GRACE = 0.2
_RECENT = 8
"""Messages of commits that show how the project writes them."""
_PATIENCE = 2.0
"""Seconds that what the index knows of a definition may take."""
_OFTEN = 0.1
"""Seconds between two states of an explanation that are shown."""


class Assisting:
    """The models of one server, asked in a process of their own."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._talk = talking(server.host.variables)
        self._consents = Consents(server.host.folders.consents_file)
        self.discarded: set[object] = set()
        """What was asked for last, where the answer passed and its user did not take it."""

    def models(self, options: ModelOptions) -> Models:
        models = Models(self._talk.ask, options, self._server.host.folders, self._server.host.variables)
        models.key = self._key(options)
        return models

    def _key(self, options: ModelOptions) -> str:
        """The editor's key, "" where it keeps none for this very host: settings and key come one after the other."""
        host, key = self._server.editor_key
        try:
            return key if read(options.url, options.model).host == host else ""
        except SettingError:
            return ""

    def assistant(self, options: ModelOptions) -> Assistant:
        uri_of = self._server.ide.uri_of
        return Assistant(self.models(options), lambda path, line: f"{uri_of(path)}#L{line}")

    async def endpoint(self, options: ModelOptions) -> Endpoint:
        """Who is asked. Raises: AIOff - nobody is, or this window is restricted; SettingError."""
        self.check(options)
        return await self.models(options).endpoint()

    def check(self, options: ModelOptions) -> None:
        """Raises: AIOff - no model may be asked."""
        if self._server.trust.restricted:
            raise AIOff("this window is restricted, so no model is asked; trust the workspace first")
        demand(options.url, options.enabled, self._server.host.folders.system)

    async def allowed(self, options: ModelOptions, root: Path, preview: Callable[[], Awaitable[Preview]]) -> None:
        """Have it settled that code of a workspace may be sent; the user is asked once.

        Raises: AIOff; NotAgreed; UserError.
        """
        endpoint = await self.endpoint(options)
        if endpoint.is_local:
            return
        answer = self._consents.answer(real(root), endpoint.host)
        while answer is None and self._server.client.asks:
            chosen = await self._asked(root, endpoint)
            if chosen == _SHOW:
                await self.open(f"What would be sent to {endpoint.host}", previewed(await preview()))
                continue
            if chosen == _ALLOW:
                self._consents.agree(real(root), endpoint.host)
            elif chosen == _NEVER:
                self._consents.refuse(real(root), endpoint.host)
            else:
                raise NotAgreed("nothing was sent")
            answer = chosen == _ALLOW
        self._consents.demand(real(root), endpoint.host)

    async def _asked(self, root: Path, endpoint: Endpoint) -> str:
        message = (
            f"Coding Agent: may code of {root.name} be sent to {endpoint.host} ({endpoint.model}) where you ask for "
            "it? Secrets are taken out first; secret and ignored files are never sent."
        )
        actions: list[Json] = [{"title": title} for title in (_NEVER, _SHOW, _ALLOW)]
        params = {"type": 3, "message": message, "actions": actions}
        try:
            title = inside(await self._server.connection.ask("window/showMessageRequest", params), "title")
        except ClientError as error:
            event("consent-not-settled", why=str(error))
            return ""
        return title if isinstance(title, str) else ""

    async def open(self, title: str, markdown: str) -> Path:
        """Write a document where we keep those, and show it where the client opens files."""
        name = hashlib.blake2b(title.encode("utf-8", "replace"), digest_size=6).hexdigest()
        file = self._server.host.folders.explained / f"ai-{name}.md"
        await asyncio.to_thread(write_private, file, markdown.encode("utf-8", "replace"))
        if self._server.client.opens_documents:
            params = {"uri": self._server.ide.uri_of(file), "takeFocus": True}
            await self._server.connection.ask("window/showDocument", params)
        return file

    async def watched(self, title: str, token: Json, work: Callable[[Progress], Awaitable[_T]]) -> _T:
        """Do some work under progress whose end ends the work. Raises: UserError - it was stopped; what it raises."""
        server = self._server
        progress = await server.progress.begin(title, token, server.client.progress, measured=False)
        ended = "failed"
        task = asyncio.ensure_future(work(progress))
        stopping = asyncio.ensure_future(progress.stopped.wait())
        try:
            await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                ended = "stopped"
                raise UserError("it was stopped")
            answer = await task
            ended = "done"
            return answer
        finally:
            stopping.cancel()
            task.cancel()
            server.progress.end(progress, ended)
            if server.client.counts:
                server.connection.spawn(self._tell_spent())

    async def _tell_spent(self) -> None:
        root = _root(self._server)
        options = self._server.ide.options(root).ai
        try:
            taken = await self.models(options).spent(root)
        except CodingAgentError as error:
            event("spent-not-told", why=str(error))
            return
        self._server.connection.notify("codingAgent/spent", {"said": today(taken, options.limits)})

    async def close(self) -> None:
        await self._talk.close(_GRACE)


async def explain(server: "Server", uri: str, place: tuple[Json, ...], token: Json) -> Json:
    """Explain a definition in a model's words, streamed. Raises: UserError in its kinds; ClientError."""
    subject, options = await subject_of(server, uri, place)
    assisting = server.assisting
    assistant = assisting.assistant(options)
    await assisting.allowed(options, subject.root, lambda: assistant.preview(subject))
    title = f"Explaining {subject.found.qualified}"

    async def work(progress: Progress) -> Json:
        streaming = _Streaming(server, progress, subject.shown, token)
        streaming.tell(explaining.begun(subject.shown, options.model))
        try:
            page = await assistant.explain(subject, streaming.hear)
        finally:
            streaming.close()
        told: dict[str, Json] = {"title": page.title, "markdown": page.markdown, "spent": warned(page.reply)}
        if server.client.presents:
            return {**told, "said": warned(page.reply)}
        file = await assisting.open(page.title, page.markdown)
        return {**told, **said(server, f"{page.title} is explained in {file}. {spent(page.reply)}")}

    return await assisting.watched(title, token, work)


async def preview(server: "Server", uri: str, place: tuple[Json, ...]) -> Json:
    """Show what would be sent to a model of a definition; nothing is. Raises: UserError in its kinds; ClientError."""
    subject, options = await subject_of(server, uri, place)
    server.assisting.check(options)
    shown = await server.assisting.assistant(options).preview(subject)
    title = f"What would be sent to {shown.host}"
    markdown = previewed(shown)
    if server.client.presents:
        return {"title": title, "markdown": markdown}
    file = await server.assisting.open(title, markdown)
    return {"title": title, "markdown": markdown, **said(server, f"{title} is in {file}.")}


async def review(server: "Server", token: Json) -> Json:
    """Have a model look at what was changed since the last commit. Raises: UserError in its kinds."""
    from coding_agent.lsp import remarks

    root, options, changed = await _changed(server)
    commit = commit_of(root)
    assistant = server.assisting.assistant(options)
    await server.assisting.allowed(options, root, lambda: assistant.preview_review(root, changed))

    async def work(_: Progress) -> Json:
        found = await assistant.review(root, changed)
        await remarks.take(server, root, commit, changed, found.remarks)
        rows: list[Json] = [_row(server, root, each) for each in found.remarks]
        sentence = _told(found.remarks) or "Nothing to say of what was changed."
        told: dict[str, Json] = {"remarks": rows, "lost": found.lost, "spent": warned(found.reply)}
        return {**told, **said(server, f"{sentence} {warned(found.reply)}")}

    return await server.assisting.watched("Reviewing your changes", token, work)


async def commit(server: "Server", token: Json) -> Json:
    """Have a model write the message of the commit of what was changed. Raises: UserError in its kinds."""
    root, options, changed = await _changed(server)
    assistant = server.assisting.assistant(options)
    await server.assisting.allowed(options, root, lambda: assistant.preview_review(root, changed))
    recent = await Git(root, server.host.variables).subjects(_RECENT)

    async def work(_: Progress) -> Json:
        text, reply = await assistant.message(root, changed, recent)
        told: dict[str, Json] = {"message": text, "root": server.ide.uri_of(root), "spent": warned(reply)}
        return {**told, **said(server, f"{text}{warned(reply)}")}

    return await server.assisting.watched("Writing a commit message", token, work)


async def status(server: "Server") -> Json:
    """Say who is asked, and what it took today. Raises: UserError in its kinds."""
    root = _root(server)
    options = server.ide.options(root).ai
    endpoint = await server.assisting.endpoint(options)
    spent_today = await server.assisting.models(options).spent(root)
    sentence = f"{endpoint.model} at {endpoint.host}. {today(spent_today, options.limits)}"
    return {"host": endpoint.host, "model": endpoint.model, "today": spent_today, **said(server, sentence)}


async def _changed(server: "Server") -> tuple[Path, ModelOptions, list[Change]]:
    """The folder that is meant, and what was changed in it. Raises: UserError."""
    root = _root(server)
    options = server.ide.options(root).ai
    server.assisting.check(options)
    return root, options, await changes(Git(root, server.host.variables), root)


def _root(server: "Server") -> Path:
    """The folder of the document that changed last, else the first one. Raises: UserError - none is open."""
    folders = server.ide.workspace.folders
    if not folders:
        raise UserError("no folder is open")
    latest = max(server.ide.documents(), key=lambda document: document.revision, default=None)
    path = server.ide.path_of(latest.uri) if latest is not None else None
    return (server.ide.workspace.folder_of(path) if path is not None else None) or folders[0]


def _told(remarks: Sequence[Noted]) -> str:
    """The first remark, and how many there are: they stand in the code."""
    if not remarks:
        return ""
    many = "One remark" if len(remarks) == 1 else f"{len(remarks)} remarks, the first"
    return f"{many} at {remarks[0].path}:{remarks[0].line}: {remarks[0].message.rstrip('.')}."


def _row(server: "Server", root: Path, each: Noted) -> Json:
    at: Json = {"line": each.line - 1, "character": 0}
    return {
        "uri": server.ide.uri_of(root / each.path),
        "path": each.path,
        "range": {"start": at, "end": at},
        "severity": each.severity,
        "message": each.message,
    }


async def subject_of(server: "Server", uri: str, place: tuple[Json, ...]) -> tuple[Subject, ModelOptions]:
    """The definition that is meant, with what is known of it. Raises: UserError; ClientError."""
    from coding_agent.lsp.asking import definition, path_of

    options = server.ide.options_of(uri).ai
    server.assisting.check(options)
    path = path_of(server, uri)
    view, found = await definition(server, uri, place)
    root = server.ide.workspace.folder_of(path) or path.parent
    shown = f"{found.qualified} ({server.ide.shown(path)}:{found.line})"
    about = await _about(server, path, found.qualified, found.line)
    findings = tuple(_findings(view.state, found.lines))
    return Subject(root, path, shown, view.state, found, about, findings), options


def warned(reply: Reply) -> str:
    """What an answer took, and what its user should know besides."""
    return " ".join(filter(None, (spent(reply), reply.warning)))


class _Streaming:
    """Shows an explanation as it comes: as messages of its progress, and whole to clients that follow it, with the
    token by which they know whose it is.
    """

    def __init__(self, server: "Server", progress: Progress, title: str, token: Json) -> None:
        self._server, self._progress, self._title, self._token = server, progress, title, token
        self._latest: Callable[[], str] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def hear(self, markdown: Callable[[], str]) -> None:
        self._latest = markdown
        if self._timer is None:
            self._flush()

    def close(self) -> None:
        """What is not shown by now is shown by the answer."""
        if self._timer is not None:
            self._timer.cancel()

    def _flush(self) -> None:
        # What comes until the next time is shown then, also if nothing comes any more.
        self._timer = None
        if self._latest is not None:
            markdown = self._latest()
            self._progress.report(f"{len(markdown.split())} words")
            self.tell(markdown)
            self._latest = None
            self._timer = asyncio.get_running_loop().call_later(_OFTEN, self._flush)

    def tell(self, markdown: str) -> None:
        if self._server.client.follows:
            told = {"token": self._token, "title": self._title, "markdown": markdown}
            self._server.connection.notify("codingAgent/told", told)


async def _about(server: "Server", path: Path, name: str, line: int) -> About | None:
    """What the index knows of a definition by now; nothing waits long for it."""
    await server.search.ready()
    if not server.search.knows(path):
        return None
    return await server.search.related.about(path, name, line, _PATIENCE)


def _findings(state: FileState, lines: tuple[int, int]) -> Iterator[str]:
    """What was found in some lines, in words."""
    for placed in state.placed():
        for finding in placed.findings:
            line = state.text.position(placed.offset + finding.span.start).line + 1
            if lines[0] <= line <= lines[1]:
                yield f"line {line}: {finding.message} ({finding.rule})"
