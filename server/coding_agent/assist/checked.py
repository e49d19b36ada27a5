"""What an answer has to pass before it is an edit, as far as that can be told without running it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from coding_agent.analysis.file import Analyser
from coding_agent.assist.bindings_kept import Bindings, bindings_kept
from coding_agent.assist.docstrings import docstring_edit
from coding_agent.assist.doing import Doing
from coding_agent.assist.effects_added import effects_kept, texts_kept
from coding_agent.assist.findings_kept import Findings, findings_kept, is_gone, looked_at
from coding_agent.assist.form import same_code, same_form, texts
from coding_agent.assist.holding import Held, held_at, hold, same_outside
from coding_agent.assist.layout import comments_kept, new_comments, no_examples, seen, sized
from coding_agent.assist.left_out import nothing_left_out
from coding_agent.assist.meant import Check, Checked, Failing, Gone, Meant, Purpose
from coding_agent.assist.placing import Answer, Code, definition, placed, read, whole
from coding_agent.assist.proving import proved
from coding_agent.assist.steps import Steps, edits_between
from coding_agent.assist.surroundings import Surroundings, names_of
from coding_agent.errors import NotProven
from coding_agent.syntax.parse import parse
from coding_agent.text import split_lines

__all__ = ["Check", "Checked", "Gone", "Meant", "Purpose", "checked", "docstring_edit"]


@dataclass(frozen=True, slots=True)
class _Both:
    """A definition before and after, in their documents."""

    meant: Meant
    old: Held
    new: Held
    purpose: Purpose


def checked(
    meant: Meant, code: str, purpose: Purpose, analyser: Analyser, path: str, gone: Gone | None = None
) -> Checked:
    """Check a definition that a model wrote anew, and make the edits that put it in place.

    ``path`` is what rules are told. Never raises, whatever the code is; nothing is run.
    """
    steps = Steps()
    held = steps.do("place", lambda: hold(meant))
    if held is None or not steps.all(("size", lambda: sized(code, held))):
        return steps.refused()
    wrote = steps.do("parses", lambda: read(code))
    answer = steps.do("name and parameters", lambda: _one(wrote, held, purpose)) if wrote is not None else None
    new = steps.do("in place", lambda: _in_place(answer, held)) if answer is not None else None
    if new is None:
        return steps.refused()
    both = _Both(meant, held, new, purpose)
    if steps.all(*_looks(both)):
        _means(steps, both)
        _finds(steps, both, analyser, path, gone)
    proof = steps.hold and _shown(steps, both)
    return steps.checked(meant, edits_between(held, new), proved=proof)


def _one(code: Code, held: Held, purpose: Purpose) -> Answer:
    answer = definition(code, held.node.name)
    same_form(held.node, answer.node, purpose)
    return answer


def _in_place(answer: Answer, held: Held) -> Held:
    """The document with the answer in it. Raises: Failing - something else would change by that."""
    text, span = whole(held, placed(answer, held))
    again = parse(text)
    lines = range(held.lines.start, held.lines.start + len(split_lines(text[span.start : span.stop])))
    new = held_at(text, again.body, lines) if again.failure is None else None
    if new is None or not same_outside(held, new):
        raise Failing("it would change what stands around it")
    return new


def _looks(both: _Both) -> Iterator[tuple[str, Callable[[], object]]]:
    """How the new code looks beside the old one."""
    old, new, purpose = both.old, both.new, both.purpose
    comments = new_comments(new.own, old)
    yield "change", lambda: _changed(both)
    yield "characters", lambda: seen(new.own, old)
    yield "whole", lambda: nothing_left_out(old.node, new.node, comments, purpose)
    yield "comments", lambda: comments_kept(new.own, old, purpose)
    yield "examples", lambda: no_examples(texts(new.node), texts(old.node))


def _changed(both: _Both) -> None:
    if both.old.own == both.new.own:
        raise Failing("nothing was changed")
    if both.purpose is Purpose.DOCSTRING and not same_code(both.old.node, both.new.node):
        raise Failing("only the docstring may change")


def _means(steps: Steps, both: _Both) -> None:
    """What the new code means beside the old one."""
    new, meant = both.new, both.meant
    names = names_of(new.body)
    before, after = Doing(both.old, names), Doing(new, names)
    around = Surroundings(new.body, new.node, names, meant.modules)
    imports = after.uses.imports
    steps.do("bindings", lambda: bindings_kept(Bindings(both.old), Bindings(new), imports, names))
    steps.do("effects", lambda: effects_kept(before, after, around, meant, both.purpose))
    steps.do("texts", lambda: texts_kept(before, after))


def _finds(steps: Steps, both: _Both, analyser: Analyser, path: str, gone: Gone | None) -> None:
    """What analysis finds in the document with the new code, beside the old one."""
    old, new = both.old, both.new

    def looked() -> tuple[Findings, Findings]:
        before, state = looked_at(analyser, old.text, path)
        after, _ = looked_at(analyser, new.text, path, state)
        findings_kept(before, after)
        return before, after

    found = steps.do("findings", looked)
    if found is not None and gone is not None:
        by = len(both.meant.document) - len(old.text)
        wanted = Gone(gone.rule, gone.span.shifted(-by))
        steps.do("finding", lambda: is_gone(*found, wanted, (old.span, new.span), analyser))


def _shown(steps: Steps, both: _Both) -> bool:
    """Whether a proof shows that both do the same; it is said, and no condition."""
    if both.purpose not in {Purpose.REFACTOR, Purpose.OPTIMISE}:
        return False
    try:
        granted = proved(both.old, Bindings(both.new), Bindings(both.old))
    except (NotProven, RecursionError) as error:
        steps.note("proof", f"not shown by proof: {error}; tests or runs have to show that it does the same")
        return False
    said = f", if {' and '.join(granted)}" if granted else ""
    steps.note("proof", f"shown by proof to do the same in the same order{said}")
    return True
