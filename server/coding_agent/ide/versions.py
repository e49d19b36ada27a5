"""Versions of a module: whether it behaves as it did in a revision."""

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path

from coding_agent.ide.tests import Asked, meant, request_of
from coding_agent.testgen.compare import Compared, compare
from coding_agent.testgen.signatures import definitions
from coding_agent.vcs.git import Git


async def compared_with(asked: Asked, revision: str, git: Git) -> Compared:
    """Compare a module, or a part of it, with the one of a revision.

    Raises: UsageError - no such target, repository or revision; NoSandbox.
    """
    what = meant(asked)
    request = request_of(replace(asked, gaps=True), what)
    target = request.target
    known = await git.commit(revision)
    old = await git.text_at(known, target.file.resolve())
    if old is None:
        return Compared(target.module, target.file, 0, 0, (), f"{revision} has no {target.file.name}")
    new = await asyncio.to_thread(target.file.read_text, "utf-8", "replace")
    common = {each.name for each in definitions(new)} & {each.name for each in definitions(old)}
    top = await git.top()
    with tempfile.TemporaryDirectory(prefix="coding-agent-before-") as folder:
        await git.checked_out(known, Path(folder))
        before = Path(folder) / asked.project.resolve().relative_to(top)
        return await compare(target, what.names, before, asked.seconds, asked.mode, frozenset(common))
