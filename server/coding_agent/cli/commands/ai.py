"""Ask your own model about code: coding-agent ai explain shop/cart.py:12

Which model is asked say ai.base-url and ai.model in your own settings; without them nothing is sent anywhere. A host
that is not this machine gets code of a project only after `coding-agent ai allow`. Secrets are taken out first.
Exit codes: 0 answered, 1 a review has remarks, 2 usage, configuration or no answer, 3 the budget does not allow it or
the answer did not pass the checks.
"""

import getpass
import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from coding_agent.ai.audit import read
from coding_agent.ai.consent import Consents
from coding_agent.ai.endpoint import endpoint
from coding_agent.ai.keys import keep
from coding_agent.ai.switch import UNSET
from coding_agent.assist.meant import Purpose
from coding_agent.cli.asking import Asking, about_project, subject_at
from coding_agent.cli.exits import Exit
from coding_agent.cli.model_tests import write as write_tests
from coding_agent.cli.outside import Outside, is_terminal
from coding_agent.cli.patch import patch
from coding_agent.cli.searching import count
from coding_agent.cli.trying import order_of
from coding_agent.errors import BudgetSpent, UserError
from coding_agent.ide.assistant import Assistant, Reviewed, Rewritten, Subject, or_own_fix, to_write
from coding_agent.ide.models import Models, Reply
from coding_agent.ide.reviewing import changes
from coding_agent.ide.rewriting import Verdict, answered, asked
from coding_agent.ide.rewriting import check as checked
from coding_agent.ide.trying import not_tried, tried
from coding_agent.report.asking import previewed, refused, totals, verified
from coding_agent.report.model import printable
from coding_agent.store import source
from coding_agent.store.atomic import write_atomic
from coding_agent.store.source import Source
from coding_agent.vcs.git import Git

Given = dict[str, Any]
_RECENT = 8
"""Messages of commits that show how the project writes them."""


def arguments(parser: ArgumentParser) -> None:
    some = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    explain = some.add_parser("explain", help="explain a function or class")
    explain.add_argument("place", metavar="FILE:LINE")
    explain.add_argument("--preview", action="store_true", help="show what would be sent, and send nothing")
    explain.add_argument("--format", choices=("markdown", "json"), default="markdown")
    for purpose, about in (
        ("fix", "mend what was found in a function or class, first of all on that line"),
        ("refactor", "write a function or class anew, with a goal in words"),
        ("optimise", "write a function anew so that it is faster, shown by running both"),
        ("docstring", "write the docstring of a function or class"),
    ):
        one = some.add_parser(purpose, help=about)
        one.add_argument("place", metavar="FILE:LINE")
        if purpose == "refactor":
            one.add_argument("goal", metavar="GOAL", help="what is wanted, for instance: without the flag")
        one.add_argument("--apply", action="store_true", help="write the file; otherwise the patch is printed")
        one.add_argument("--anew", action="store_true", help="ask again, though an answer is known")
        if purpose != "docstring":
            one.add_argument(
                "--trust", action="store_true", help="run the project's code this once without trusting it"
            )
        one.add_argument("--format", choices=("text", "json"), default="text")
    tests = some.add_parser("tests", help="write tests for what no test of a function or class gets to")
    tests.add_argument("place", metavar="FILE:LINE")
    tests.add_argument("--apply", action="store_true", help="write the file; otherwise the patch is printed")
    tests.add_argument("--anew", action="store_true", help="ask again, though an answer is known")
    tests.add_argument("--trust", action="store_true", help="run the project's code this once without trusting it")
    tests.add_argument("--format", choices=("text", "json"), default="text")
    review = some.add_parser("review", help="review what was changed since a commit")
    review.add_argument("root", nargs="?", metavar="DIR", default=None)
    review.add_argument("--since", metavar="REV", default="", help="a commit; by default the last one")
    review.add_argument("--format", choices=("text", "json"), default="text")
    commit = some.add_parser("commit", help="write the message of the commit that makes the changes")
    commit.add_argument("root", nargs="?", metavar="DIR", default=None)
    for name, about in (
        ("status", "say who is asked, and what was agreed to"),
        ("allow", "agree that code of a project is sent to the host in your settings"),
        ("refuse", "have no code of a project sent there, and do not ask"),
        ("forget", "forget what was said about a project"),
    ):
        some.add_parser(name, help=about).add_argument("root", nargs="?", metavar="DIR", default=None)
    key = some.add_parser("key", help="keep the key of the host in your settings in the system's keyring")
    key.add_argument("--remove", action="store_true", help="take it out again")
    audit = some.add_parser("audit", help="list what was sent: when, where, which files, how much; no content")
    audit.add_argument("--last", type=count, default=20, metavar="N", help="lines shown (default 20)")


def run(given: Namespace, outside: Outside) -> int:
    said = vars(given)
    verbs: dict[str, Callable[[Given, Outside], int]] = {
        "explain": _explain, "fix": _rewrite, "refactor": _rewrite, "optimise": _rewrite, "docstring": _rewrite,
        "tests": write_tests,
        "review": _review, "commit": _commit, "status": _status, "allow": _allow, "refuse": _allow, "forget": _allow,
        "key": _key, "audit": _audit,
    }  # fmt: skip
    try:
        return verbs[said["what"]](said, outside)
    except BudgetSpent as error:
        outside.warn(f"coding-agent: {error}")
        return Exit.NOTHING


def _explain(said: Given, outside: Outside) -> int:
    asking, subject = subject_at(said["place"], None, outside)
    if said["preview"]:
        shown = asking.answered(lambda _, assistant: assistant.preview(subject))
        outside.out.write(previewed(shown))
        return Exit.CLEAN
    page = asking.answered(lambda _, assistant: assistant.explain(subject))
    if said["format"] == "json":
        tokens = page.reply.tokens
        table = {"title": page.title, "markdown": page.markdown, "tokens": tokens, "cost": page.reply.cost}
        outside.say(json.dumps({**table, "cached": page.reply.cached}, indent=1))
    else:
        outside.out.write(page.markdown)
    asking.say_spent(page.reply)
    return Exit.CLEAN


def _rewrite(said: Given, outside: Outside) -> int:
    asking, subject = subject_at(said["place"], None, outside)
    project, purpose = asking.project, Purpose(said["what"])
    line = int(said["place"].rpartition(":")[2])
    wrote = to_write(subject, purpose, project.name(subject.path), line)
    order, why = order_of(asking, subject.path, purpose, trusted=said.get("trust", False))

    async def ask(_: Models, assistant: Assistant) -> Rewritten:
        from coding_agent.ide.tester import Tester  # It takes a while to import.

        tester = Tester()

        async def check(code: str) -> Verdict:
            verdict = answered(checked(*asked(replace(wrote, code=code), project.rule_set)))  # type: ignore[arg-type]
            if order is None:
                return not_tried(verdict, purpose, why)
            return await tried(tester.answer, order, wrote, verdict, _unheard)

        try:
            made = await assistant.rewrite(subject, purpose, check, said.get("goal", ""), fresh=said["anew"])
            return or_own_fix(made, subject, wrote, project.analyser)
        finally:
            await tester.close()

    made = asking.answered(ask)
    verdict = made.verdict
    if said["format"] == "json":
        checks = [{"name": name, "passed": passed, "detail": detail} for name, passed, detail in verdict.all]
        table = {"taken": verdict.passed, "checks": checks, "code": made.code, "reason": made.reason}
        outside.say(
            json.dumps({**table, "patch": _patch(asking, subject, verdict).decode("utf-8", "replace")}, indent=1)
        )
    elif verdict.passed:
        outside.pour(_patch(asking, subject, verdict))
    else:
        outside.out.write(refused(subject.shown, made.code, verdict))
    if verdict.passed and said["apply"]:
        _write(asking, subject, verdict)
        outside.warn(f"coding-agent: wrote {outside.shown(subject.path)}")
    came = f"{made.reason or 'done'} {verified(verdict)}" if verdict.passed else verdict.why
    outside.warn(f"coding-agent: {came}")
    outside.warn(f"coding-agent: {totals(made.replies)}")
    return Exit.CLEAN if verdict.passed else Exit.NOTHING


def _unheard(phase: str) -> None:
    """Nobody watches."""
    del phase


def _patch(asking: Asking, subject: Subject, verdict: Verdict) -> bytes:
    """The patch of an answer that passed, empty for another."""
    if not verdict.passed:
        return b""
    found = _source(asking, subject)
    return patch(found.raw, found.encoded(verdict.document), asking.project.name(subject.path))


def _write(asking: Asking, subject: Subject, verdict: Verdict) -> None:
    """Raises: UserError - the file is another by now, or cannot be written."""
    found = _source(asking, subject)
    try:
        write_atomic(subject.path, found.encoded(verdict.document))
    except (OSError, UnicodeError) as error:
        raise UserError(f"{subject.path} cannot be written: {error}") from error


def _source(asking: Asking, subject: Subject) -> Source:
    try:
        found = source.read(subject.path, asking.project.settings.analysis.max_file_size)
    except source.Unreadable as error:
        raise UserError(f"{subject.path}: {error}") from error
    if found.text != str(subject.state.text):
        raise UserError(f"{subject.path} was changed meanwhile; ask again")
    return found


def _review(said: Given, outside: Outside) -> int:
    asking = about_project(said["root"], outside)
    root = asking.project.root

    async def ask(_: Models, assistant: Assistant) -> Reviewed:
        return await assistant.review(root, await changes(Git(root, outside.variables), root, said["since"]))

    found = asking.answered(ask)
    if said["format"] == "json":
        outside.say(json.dumps({"remarks": [asdict(each) for each in found.remarks], "lost": found.lost}, indent=1))
    for each in found.remarks if said["format"] == "text" else ():
        outside.say(printable(f"{each.path}:{each.line}: {each.severity}: {each.message}"))
    if found.lost:
        outside.warn(f"coding-agent: left out, as they are about lines that were not changed: {found.lost}")
    asking.say_spent(found.reply)
    return Exit.FINDINGS if found.remarks else Exit.CLEAN


def _commit(said: Given, outside: Outside) -> int:
    asking = about_project(said["root"], outside)
    root, git = asking.project.root, Git(asking.project.root, outside.variables)

    async def ask(_: Models, assistant: Assistant) -> tuple[str, Reply]:
        return await assistant.message(root, await changes(git, root), await git.subjects(_RECENT))

    text, reply = asking.answered(ask)
    outside.out.write("".join(f"{printable(line)}\n" for line in text.rstrip("\n").split("\n")))
    asking.say_spent(reply)
    return Exit.CLEAN


def _status(said: Given, outside: Outside) -> int:
    asking = about_project(said["root"], outside)
    found = asking.answered(lambda models, _: models.endpoint())
    answer = Consents(outside.folders.consents_file).answer(asking.project.root, found.host)
    agreed = "this machine" if found.is_local else {True: "agreed", False: "refused", None: "not agreed yet"}[answer]
    outside.say(f"{found.model} at {found.host}; code of {asking.project.root}: {agreed}")
    return Exit.CLEAN


def _allow(said: Given, outside: Outside) -> int:
    asking = about_project(said["root"], outside)
    options = asking.project.settings.ai
    if not options.base_url:
        raise UserError(f"{UNSET} first")
    host, root = endpoint(options.base_url, options.model).host, asking.project.root
    consents = Consents(outside.folders.consents_file)
    change = {"allow": consents.agree, "refuse": consents.refuse, "forget": consents.forget}[said["what"]]
    change(root, host)
    told = {"allow": "may be sent to", "refuse": "is never sent to", "forget": "is sent only once you agreed to"}
    outside.say(f"code of {root} {told[said['what']]} {host}")
    return Exit.CLEAN


def _key(said: Given, outside: Outside) -> int:
    options = about_project(None, outside).project.settings.ai
    if not options.base_url:
        raise UserError(f"{UNSET} first: a key is of one host")
    place = endpoint(options.base_url, options.model)
    if said["remove"]:
        keep(place, "")
        outside.say(f"there is no key of {place.host} any more")
        return Exit.CLEAN
    key = getpass.getpass(f"Key of {place.host}: ") if is_terminal(outside.out) else _line(outside)
    if not key.strip():
        raise UserError("no key was given")
    keep(place, key.strip())
    outside.say(f"the key of {place.host} is in the system's keyring")
    return Exit.CLEAN


def _line(outside: Outside) -> str:
    return outside.input.readline(10_000).decode("utf-8", "replace")


def _audit(said: Given, outside: Outside) -> int:
    try:
        lines = read(outside.folders.audit_file, said["last"])
    except OSError as error:
        raise UserError(f"{outside.folders.audit_file} cannot be read: {error.strerror}") from error
    for line in lines:
        each = line.attempt
        kept = sum(each.redactions.values())
        tokens = f"{each.tokens_in} + {each.tokens_out} tokens" if each.tokens_in is not None else "tokens unknown"
        files = ", ".join(each.files) or "no file"
        outside.say(
            f"{line.time}  {each.host} {each.model}  {each.feature} of {Path(each.workspace).name}: {each.outcome}, "
            f"{each.sent} bytes of {files}, {tokens}, {kept} secrets kept back, {each.milliseconds} ms"
        )
    if not lines:
        outside.say("nothing was sent")
    return Exit.CLEAN
