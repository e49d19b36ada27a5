"""What a model is asked for somebody who looks at code, and what is made of its answer. Faces show it.

An answer becomes edits only through `assist.checked`; whatever fails there is shown as text, with what failed.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from coding_agent.ai.denied import Denied
from coding_agent.analysis.file import Analyser, FileState
from coding_agent.assist import completing, explaining, reviewing, rewriting
from coding_agent.assist.context import Shown
from coding_agent.assist.meant import Purpose
from coding_agent.assist.prompts import Prompt
from coding_agent.assist.reviewing import Change, Noted
from coding_agent.errors import NotProven, StaleOffer, UserError
from coding_agent.ide.actions import fixed
from coding_agent.ide.gathering import MOST, Gathered, around
from coding_agent.ide.hover import Found
from coding_agent.ide.models import Models, Preview, Question, Reply
from coding_agent.ide.rewriting import Seen, Verdict, Wrote, modules_of
from coding_agent.ide.search import About
from coding_agent.text import Span, apply_edits

Say = Callable[[Callable[[], str]], None]
"""Hears that there is more of a document, and how to have it as it is then."""
Check = Callable[[str], Awaitable[Verdict]]


class Judgement(Protocol):
    """What was found out about an answer."""

    @property
    def passed(self) -> bool: ...

    @property
    def why(self) -> str:
        """What failed first; "" where nothing did."""
        ...


_Found = TypeVar("_Found", bound=Judgement)


@dataclass(frozen=True, slots=True)
class Subject:
    """The definition that somebody asks about. ``path`` is that of its file below ``root``, ``shown`` its name and line
    for people; ``about`` what the index knows of it; ``findings`` what was found in it, in words.
    """

    root: Path
    path: Path
    shown: str
    state: FileState
    found: Found
    about: About | None = None
    findings: tuple[str, ...] = ()

    @property
    def gathered(self) -> Gathered:
        """Raises: UserError - the file may not be sent, or the definition is too long."""
        return around(self.root, self.path, self.state, self.found, self.about, findings=self.findings)


@dataclass(frozen=True, slots=True)
class Page:
    """A document in Markdown."""

    title: str
    markdown: str
    reply: Reply


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A definition written anew: ``code`` is what the model wrote, ``reason`` why, ``verdict`` what came of it, after
    one round of repair where the first did not pass. ``replies`` are all that were had.
    """

    code: str
    reason: str
    verdict: Verdict
    replies: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class Answer(Generic[_Found]):
    """What a model wrote, and ``reason`` why, with what came of it, after one round of repair where the first did not
    pass. ``replies`` are all that were had.
    """

    code: str
    reason: str
    found: _Found
    replies: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Remarks on changed lines; ``lost`` were about others, and are nobody's."""

    remarks: tuple[Noted, ...]
    lost: int
    reply: Reply


class Assistant:
    """``address`` makes the address of a line of a file."""

    def __init__(self, models: Models, address: Callable[[Path, int], str]) -> None:
        self._models, self._address = models, address

    async def explain(self, subject: Subject, say: Say | None = None) -> Page:
        """Explain a definition; ``say`` hears each time that there is more of the document.

        Raises: UserError in its kinds.
        """
        gathered = subject.gathered
        so_far = list[str]()

        def page(text: str, *, cut: bool = False) -> str:
            return explaining.page(subject.shown, text, gathered.has, self._line(subject.root), cut=cut)

        def hear(piece: str) -> None:
            so_far.append(piece)
            if say is not None:
                say(lambda: page("".join(so_far)))

        asked = explaining.asked(gathered.pieces)
        reply = await self._models.ask(question("explain", subject.root, asked, gathered.files), hear)
        return Page(subject.shown, page(reply.text, cut=reply.cut), reply)

    async def rewrite(
        self, subject: Subject, purpose: Purpose, check: Check, goal: str = "", *, fresh: bool = False
    ) -> Rewritten:
        """Have a definition written anew for a purpose, and checked; ``check`` does that for the code it is given.
        ``fresh``: an answer that was given before will not do.

        Raises: UserError in its kinds.
        """
        gathered = subject.gathered
        asked = _rewriting(purpose, gathered.pieces, goal)
        made = await self.answer(purpose.value, subject.root, asked, gathered.files, check, fresh=fresh)
        return Rewritten(made.code, made.reason, made.found, made.replies)

    async def answer(
        self,
        feature: str,
        root: Path,
        asked: Prompt,
        files: tuple[Path, ...],
        check: Callable[[str], Awaitable[_Found]],
        *,
        fresh: bool = False,
        restores: bool = True,
    ) -> Answer[_Found]:
        """Have code written and checked; what does not pass is asked for once more, with what failed. ``fresh``: an
        answer that was given before will not do; ``restores``: secrets are put back into it.

        Raises: UserError in its kinds.
        """
        replies: list[Reply] = []
        repaired = False
        while True:
            reply = await self._models.ask(
                replace(question(feature, root, asked, files), known=not fresh, restores=restores)
            )
            replies.append(reply)
            code, reason = str(reply.data.get("code", reply.data.get("text", ""))), str(reply.data.get("why", ""))
            found = await check(code)
            if found.passed or repaired:
                return Answer(code, reason, found, tuple(replies))
            if reply.cached:
                # Who asks once more does not want the answer that was no good before.
                fresh = True
                continue
            asked, repaired = rewriting.again(asked, reply.text, found.why), True

    async def preview(self, subject: Subject) -> Preview:
        """What an explanation would send. Raises: UserError in its kinds."""
        gathered = subject.gathered
        asked = explaining.asked(gathered.pieces)
        return await self._models.preview(question("explain", subject.root, asked, gathered.files))

    async def review(self, root: Path, changes: Sequence[Change]) -> Reviewed:
        """Raises: UserError in its kinds - nothing was changed, too."""
        allowed = _allowed(root, changes)
        asked, pieces = reviewing.review(allowed, MOST)
        files = tuple(root / each.path for each in pieces)
        reply = _told(await self._models.ask(question("review", root, asked, files)), asked)
        remarks, lost = reviewing.remarks(reply.data, allowed)
        return Reviewed(tuple(remarks), lost, reply)

    async def preview_review(self, root: Path, changes: Sequence[Change]) -> Preview:
        """What a review would send. Raises: UserError in its kinds."""
        asked, pieces = reviewing.review(_allowed(root, changes), MOST)
        files = tuple(root / each.path for each in pieces)
        return await self._models.preview(question("review", root, asked, files))

    async def message(self, root: Path, changes: Sequence[Change], recent: Sequence[str]) -> tuple[str, Reply]:
        """The message of a commit. Raises: UserError in its kinds."""
        asked, pieces = reviewing.message(_allowed(root, changes), recent, MOST)
        files = tuple(root / each.path for each in pieces)
        wanted = replace(question("commit", root, asked, files), restores=False)
        reply = _told(await self._models.ask(wanted), asked)
        return reviewing.commit_text(reply.data), reply

    async def complete(self, root: Path, path: Path, lines: list[str], line: int, column: int) -> str:
        """What could be typed next; "" where that is nothing. ``line`` counts from 0. Raises: UserError."""
        asked = completing.asked(path.relative_to(root).as_posix(), lines, line, column)
        reply = await self._models.ask(question("complete", root, asked, (path,)))
        before, behind = lines[line][:column], lines[line][column:].rstrip("\r\n")
        return completing.completion(reply.text, before, behind)

    def _line(self, root: Path) -> Callable[[str, int], str]:
        return lambda path, line: self._address(root / path, line)


def to_write(subject: Subject, purpose: Purpose, shown: str, line: int) -> Wrote:
    """All there is to say of what a model is to write, but the code. ``shown`` is the path that rules are told; a fix
    is for the finding on a ``line``, from 1, else for the first. Raises: UserError - there is none.
    """
    text, document = subject.state.text, str(subject.state.text)
    first, last = subject.found.lines
    starts = [*text.starts, len(document)]
    span = Span(starts[first - 1], starts[min(last, len(starts) - 1)])
    gone = _to_mend(subject, span, line) if purpose is Purpose.FIX else None
    modules = modules_of(document, subject.root, subject.path)
    return Wrote(document, span, subject.found.qualified, "", purpose.value, shown, modules, gone)


def or_own_fix(made: Rewritten, subject: Subject, wrote: Wrote, analyser: Analyser) -> Rewritten:
    """The answer; where it was no good and we have a fix of our own for what was found, that."""
    if made.verdict.passed or wrote.gone is None:
        return made
    rule, start, stop = wrote.gone
    try:
        done = fixed(subject.state, analyser, wrote.path, rule, Span(start, stop))
    except (StaleOffer, NotProven):
        return made
    document = apply_edits(wrote.document, done.edits)
    own = Verdict(done.edits, (Seen("parses", True, ""),), document, proved=False)
    return replace(made, reason=f"our own fix, for the model's answer cannot be used ({made.verdict.why})", verdict=own)


def _to_mend(subject: Subject, span: Span, line: int) -> tuple[str, int, int]:
    found = [
        (finding.rule, finding.span.shifted(placed.offset))
        for placed in subject.state.placed()
        for finding in placed.findings
    ]
    within = [(rule, where) for rule, where in found if span.start <= where.start < span.stop]
    if not within:
        raise UserError(f"nothing was found in {subject.found.qualified} that could be mended")
    there = [each for each in within if subject.state.text.position(each[1].start).line + 1 == line]
    rule, where = (there or within)[0]
    return rule, where.start, where.stop


def _rewriting(purpose: Purpose, pieces: Sequence[Shown], goal: str) -> Prompt:
    if purpose is Purpose.REFACTOR:
        return rewriting.refactor(pieces, goal)
    plain = {Purpose.FIX: rewriting.fix, Purpose.OPTIMISE: rewriting.optimise, Purpose.DOCSTRING: rewriting.docstring}
    return plain[purpose](pieces)


def question(feature: str, root: Path, asked: Prompt, files: tuple[Path, ...]) -> Question:
    return Question(feature, root, asked.turns, asked.most, files, asked.shape, asked.temperature)


def _told(reply: Reply, asked: Prompt) -> Reply:
    """A reply that says what was left out of the question."""
    return replace(reply, warning=" ".join(filter(None, (reply.warning, reviewing.told(asked)))))


def _allowed(root: Path, changes: Sequence[Change]) -> list[Change]:
    """Changes of files that may be sent. Raises: UserError - there is none."""
    denied = Denied(root)
    kept = [each for each in changes if not denied.why(root / each.path)]
    if changes and not kept:
        raise UserError("all that was changed is in files that are not sent to a model (secrets, ignored files)")
    return kept
