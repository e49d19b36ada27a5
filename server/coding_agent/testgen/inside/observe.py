# pyright: standard
# Looks at any result.
"""Turns what a candidate did into checks that a test can make.

What a check says must hold in any process: values come from ``spell``, and what still differs between runs is found by
replaying them. A check that cannot fail is not made.
"""

from typing import Any, Dict, List, Optional, Tuple

from . import floats
from .answers import CONTAINS, complaint, kind_of
from .aspects import Aspects, aspects, files, is_of
from .exceptions import raises_check, warns_checks
from .execute import Engine, Outcome
from .judge import failures
from .model import Candidate, Check
from .spell import Spelled, Speller, places
from .spelling import plain_base
from .stateful import bound_names, written
from .wording import act_text, prelude

LONGEST_TEXT = 700
CONTAINERS = frozenset({"dict", "list", "set", "tuple", "frozenset"})
"""Whose items tell enough."""
MOST_STATE = 4
FRAMEWORKS = frozenset({"django", "werkzeug", "httpx"})
"""Whose loggers say in their own words what an answer tells anyway."""


class Seen:
    """What the names of a run looked like at one moment."""

    def __init__(
        self, spelled: Dict[str, Optional[Spelled]], parts: Dict[str, Aspects], found: Dict[str, bytes]
    ) -> None:
        self.spelled = spelled
        self.parts = parts
        self.files = found


class Observer:
    """Makes checks; one for each engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.speller = Speller(engine.names, engine.tmp_path, places(engine.module))
        self._top = engine.module.__name__.partition(".")[0]

    def checked(self, candidate: Candidate) -> Optional[Candidate]:
        """Return the candidate with checks, arcs, fixtures and all its imports; None where nothing can be checked.

        It is run twice: what does not hold the second time is left out.
        """
        outcome = self.engine.run_apart(candidate, lambda names: self._look(candidate, names))
        return self.from_outcome(outcome)

    def from_outcome(self, outcome: Outcome) -> Optional[Candidate]:
        """As ``checked``, of a run that was watched by this observer already."""
        given = outcome.candidate
        if self.speller.is_foreign(prelude(given) + act_text(given.act)):
            return None
        found = self.checks(outcome)
        if not found:
            return None
        checks, lines = found
        candidate = self._complete(
            outcome.candidate._replace(checks=tuple(checks), arcs=outcome.arcs, arranged=outcome.arranged), lines
        )
        wrong = {at for at, _ in failures(self.engine, candidate)}
        if not wrong:
            return candidate
        left = tuple(check for at, check in enumerate(checks) if at not in wrong)
        if -1 in wrong or not left or (left[-1].kind == "type" and len(left) == 1):
            return None
        return self._complete(candidate._replace(checks=left), lines)

    def checks(self, outcome: Outcome) -> Optional[Tuple[List[Check], List[str]]]:
        """Return the checks of a watched run and the imports they need; None where there is nothing to check."""
        if outcome.strays or outcome.kind not in ("value", "raises"):
            return None
        if outcome.kind == "raises":
            raised = raises_check(outcome, self.engine, self.speller)
            if raised is None:
                return None
            checks, lines = [raised[0]], list(raised[1])
            if isinstance(outcome.error, SystemExit):
                checks += self._printed(outcome)
            return checks, lines
        return self._of_value(outcome)

    def _of_value(self, outcome: Outcome) -> Optional[Tuple[List[Check], List[str]]]:
        lines: List[str] = []
        checks: List[Check] = []
        before, after = outcome.before, outcome.after
        if outcome.candidate.act.kind != "set" and outcome.value is not None:
            checks += self._result(outcome, after, lines)
        checks += self._state(before, after, lines)
        checks += self._files(before, after)
        checks += self._printed(outcome)
        checks += self._logged(outcome)
        warned, more = warns_checks(outcome, self.engine, self.speller)
        checks += warned
        lines += more
        if not checks and outcome.value is None and outcome.candidate.act.kind not in ("set", "with", "awith"):
            checks.append(Check("is", "result", "None"))
        return (checks, lines) if checks else None

    # The result

    def _result(self, outcome: Outcome, after: Seen, lines: List[str]) -> List[Check]:
        value, spelled = outcome.value, after.spelled.get("result")
        made = _class_called(outcome)
        if spelled is not None and made and spelled.code.startswith(made + "("):
            # The same call again would be equal whatever the class does: its fields are asked for.
            checks = self._aspects("result", aspects(value, self.speller, self._top), lines)
            if checks:
                return checks
        if spelled is not None:
            lines += spelled.imports
            if floats.is_deep(spelled.code):
                return floats.parts("result", spelled.code)
            return [Check(_kind(value), "result", spelled.code), *self._own_class(value, lines)]
        if any(value is one for name, one in outcome.namespace.items() if name in bound_names(outcome.candidate)):
            # A method that returns its own object: what it did to it is looked at below.
            return []
        checks = self._aspects("result", after.parts.get("result", {}), lines)
        kind = self.speller.spell(type(value))
        telling = (
            kind is not None
            and not isinstance(value, type)
            and not kind_of(value)
            and kind.code not in ("type(None)", _class_called(outcome))
            and not (checks and kind.code in CONTAINERS)
        )
        if kind is not None and telling and (checks or not (callable(value) or kind.code == "object")):
            lines += kind.imports
            checks.append(Check("type", "result", kind.code))
        if not checks and callable(value):
            checks.append(Check("true", "callable(result)", ""))
        return checks

    def _own_class(self, value: Any, lines: List[str]) -> List[Check]:
        """What an equal text or number does not say: that the result is of a class of the project."""
        kind = self.speller.spell(type(value)) if plain_base(type(value)) and is_of(type(value), self._top) else None
        if kind is None or _is_enum(value):
            return []
        lines += kind.imports
        return [Check("type", "result", kind.code)]

    def _aspects(self, name: str, aspects: Aspects, lines: List[str]) -> List[Check]:
        checks: List[Check] = []
        for text, spelled in aspects.items():
            if text.startswith(CONTAINS):
                checks.append(Check("contains", text[len(CONTAINS) :].format(name), spelled.code))
                continue
            found = _compared(text.format(name), spelled.code)
            if found:
                lines += spelled.imports
            checks += found
        return checks

    # What else changed

    def _look(self, candidate: Candidate, names: Dict[str, Any]) -> Seen:
        within = "tmp_path" in names
        spelled: Dict[str, Optional[Spelled]] = {}
        parts: Dict[str, Aspects] = {}
        for name in (*bound_names(candidate), "result"):
            if name not in names:
                continue
            text = self.speller.spell(names[name], within)
            spelled[name] = text if text is None or _compared("result", text.code) else None
            if spelled[name] is None:
                parts[name] = aspects(names[name], self.speller, self._top, within)
        return Seen(spelled, parts, files(self.engine.tmp_path if within else None))

    def _state(self, before: Seen, after: Seen, lines: List[str]) -> List[Check]:
        checks: List[Check] = []
        for name, old in before.spelled.items():
            new = after.spelled.get(name)
            if old is not None and new is not None and old.code != new.code:
                lines += new.imports
                checks += _compared(name, new.code)
            changed = {
                text: one
                for text, one in after.parts.get(name, {}).items()
                if before.parts.get(name, {}).get(text) != one
            }
            checks += self._aspects(name, changed, lines)
        return checks[:MOST_STATE]

    def _files(self, before: Seen, after: Seen) -> List[Check]:
        checks = [
            check
            for path, content in after.files.items()
            if before.files.get(path) != content
            for check in written(path, content)
            if not self.speller.is_foreign(check.value)
        ]
        gone = [path for path in before.files if path not in after.files]
        return [*checks[:MOST_STATE], *(Check("false", "(tmp_path / %r).exists()" % path, "") for path in gone)]

    def _printed(self, outcome: Outcome) -> List[Check]:
        out, err = outcome.printed
        if isinstance(outcome.error, SystemExit) and complaint(err):
            return [Check("contains", "capsys.readouterr().err", repr(complaint(err)))]
        if len(out) + len(err) > LONGEST_TEXT or self.speller.is_foreign(out + err):
            return []
        if out and err:
            return [Check("prints", "capsys.readouterr()", repr((out, err)))]
        if out or err:
            return [Check("prints", "capsys.readouterr().%s" % ("out" if out else "err"), repr(out or err))]
        return []

    def _logged(self, outcome: Outcome) -> List[Check]:
        records = [record.getMessage() for record in outcome.logs]
        text = repr(records)
        if any(record.name.partition(".")[0] in FRAMEWORKS for record in outcome.logs):
            return []
        if not records or len(text) > LONGEST_TEXT or self.speller.is_foreign(text):
            return []
        return [Check("logs", "caplog.messages", text)]

    def _complete(self, candidate: Candidate, lines: List[str]) -> Candidate:
        """Return the candidate with the fixtures and import lines that its checks need, and no others."""
        fixtures = set(candidate.fixtures)
        kinds = {check.kind for check in candidate.checks}
        fixtures.update({"prints": "capsys", "logs": "caplog"}[kind] for kind in kinds & {"prints", "logs"})
        if any("capsys." in check.subject for check in candidate.checks):
            fixtures.add("capsys")
        if candidate.patches:
            fixtures.add("monkeypatch")
        texts = [text for check in candidate.checks for text in (check.subject, check.value) if text]
        parts = [candidate.act.callee, *(arg.code for arg in candidate.act.args), *texts]
        own = self.engine.names.imports([prelude(candidate), *(part for part in parts if part)], candidate.imports)
        if any("islice(" in text for text in texts):
            lines = [*lines, "from itertools import islice"]
        return candidate._replace(
            fixtures=tuple(sorted(fixtures)), imports=tuple(sorted({*candidate.imports, *lines, *own}))
        )


def _class_called(outcome: Outcome) -> str:
    """Return the callee that can give nothing but its own objects; empty where the act calls no class."""
    act = outcome.candidate.act
    return act.callee if act.kind == "call" and isinstance(outcome.namespace.get(act.callee), type) else ""


def _kind(value: Any) -> str:
    if value is None or isinstance(value, (bool, type)) or _is_enum(value):
        return "is"
    return "approx" if floats.rounds(value) else "equal"


def _is_enum(value: Any) -> bool:
    return getattr(type(value), "__members__", {}).get(getattr(value, "name", None)) is value


def _compared(subject: str, code: str) -> List[Check]:
    """Return the checks of an expected expression; none where no test can compare it on any machine."""
    return floats.parts(subject, code) if floats.is_deep(code) else [Check(floats.kind_of(code), subject, code)]
