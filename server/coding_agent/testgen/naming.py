"""Names of tests, from condition and outcome: ``test_parse_rejects_empty_string``. None ends in a number."""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from coding_agent.testgen import clients, surroundings
from coding_agent.testgen.inside import parsing
from coding_agent.testgen.inside.model import Candidate, Check
from coding_agent.testgen.inside.wording import snake
from coding_agent.testgen.numerals import number, without_number
from coding_agent.testgen.shape import Parameters, bound_names, parameters_of
from coding_agent.testgen.words import LONGEST as LONGEST_WORDS
from coding_agent.testgen.words import condition as told_of
from coding_agent.testgen.words import describe, identifier, slug

LONGEST = 76
LONGEST_OUTCOME = 24
MOST_WORDS = 5
_DUNDERS = {
    "__eq__": "equality", "__ne__": "inequality", "__lt__": "less_than", "__le__": "at_most", "__gt__": "greater_than",
    "__ge__": "at_least", "__contains__": "membership", "__len__": "length", "__iter__": "iteration",
    "__getitem__": "item", "__setitem__": "setting_item", "__delitem__": "deleting_item", "__call__": "call",
    "__add__": "addition", "__sub__": "subtraction", "__mul__": "multiplication", "__bool__": "truth",
    "__enter__": "entering", "__exit__": "leaving", "__init__": "", "__new__": "", "__post_init__": "",
}  # fmt: skip
_LINKS = ("after_", "of_", "with_", "for_", "when_")
_SEEN = (("capsys", "prints"), ("caplog", "logs"), ("read_text", "writes_file"), ("read_bytes", "writes_file"))
_TELLING = ("is_", "has_", "can_", "should_", "are_", "contains", "accepts", "valid")


class Names:
    """Gives each test a name of its own. ``taken`` are names that exist; ``targets`` are all that are tested."""

    def __init__(self, targets: Iterable[str], parameters: Parameters, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._parameters = parameters
        tails: dict[str, set[str]] = {}
        for target in targets:
            tails.setdefault(target.rpartition(".")[2], set()).add(target)
        self._shared = {tail for tail, found in tails.items() if len(found) > 1}

    def unit(self, target: str) -> str:
        """Return what is tested, as words: the function's name; with its class where that is needed to tell."""
        owner, _, tail = target.rpartition(".")
        if tail in _DUNDERS or (tail.startswith("__") and tail.endswith("__")):
            word = _DUNDERS.get(tail, tail.strip("_"))
            return "_".join(part for part in (snake(owner.rpartition(".")[2]), word) if part)
        if owner and tail in self._shared:
            return f"{snake(owner.rpartition('.')[2])}_{snake(tail)}"
        return snake(tail)

    def of_test(self, candidate: Candidate) -> str | None:
        """Name a test of one case; None where no words tell it from the others."""
        unit = self.unit(candidate.target)
        outcomes = list(_outcomes(candidate))
        names = [
            _joined(unit, outcome, _linked(outcome, condition))
            for condition in self._conditions(candidate)
            for outcome in outcomes
            if condition or outcome != "rejects"
        ]
        plain = [_joined(unit, outcome) for outcome in outcomes if outcome != "rejects"]
        return self._first([*names, *plain], names)

    def of_table(self, rows: Sequence[Candidate], columns: Sequence[str]) -> str | None:
        """Name a test of several cases."""
        unit = self.unit(rows[0].target)
        names = [_joined(unit, *words) for words in self._table_words(rows, columns)]
        return self._first(names, names)

    def _first(self, names: Sequence[str], again: Sequence[str]) -> str | None:
        """The first name that is free, one that need not be cut before all others; at last one that says "also"."""
        more = [name.replace("test_", "test_also_", 1) for name in again]
        for each in (*sorted(names, key=_is_long), *sorted(more, key=_is_long)):
            name = _cut(each) if _is_long(each) else each
            if name not in self._taken and not re.search(r"_\d+$", name) and name != "test_":
                self._taken.add(name)
                return name
        return None

    def _table_words(self, rows: Sequence[Candidate], columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
        first = rows[0]
        given = [name for name in columns if name not in ("expected", "message")]
        outcome = _shared_outcome(rows)
        options = [arg.name for arg in first.act.args if arg.name]
        withs = f"with_{'_and_'.join(options[:2])}" if options else ""
        bys = f"by_{'_and_'.join(given[:2])}" if given else ""
        if first.checks and first.checks[0].kind == "raises":
            blamed = list(dict.fromkeys(name for row in rows for name in _blamed(row, given)))
            if len(blamed or given) == 1:
                yield (f"rejects_invalid_{(blamed or given)[0]}",)
            elif blamed:
                yield ("rejects_invalid_arguments",)
            error = snake(first.checks[0].value.rpartition(".")[2])
            yield (f"raises_{error}",)
            yield from ((f"raises_{error}_{more}",) for more in (withs, bys) if more)
        elif outcome:
            yield (outcome,)
        elif not options:
            yield ()
        for more in (withs, bys):
            if more:
                yield (outcome, more) if outcome else (more,)
        yield from ((outcome, words) for words in _arranged(first))
        yield from ((outcome, withs or bys, words) for words in _arranged(first))
        yield from ((outcome, f"returns_{words}") for words in _kinds(rows))
        if first.act.args:
            yield from ((outcome, identifier(describe(arg.code, arg.name))) for arg in first.act.args)

    def _conditions(self, candidate: Candidate) -> Iterator[str]:
        """Words for what is special about the input, the shortest that say something first."""
        args = self._named_args(candidate)
        by_client = clients.parameters_of(candidate) or [name for name, _ in args] == ["argv"]
        given = clients.condition(self.unit(candidate.target), args) if by_client else None
        if candidate.act.callee.endswith(".is_valid"):
            given = clients.form_data(candidate) or None
        if given is not None:
            yield given
            yield from (f"{given}_{words}" for words in _arranged(candidate))
        wrong = list(surroundings.failures(candidate))
        yield from wrong
        after = next((words for words in _arranged(candidate) if words.startswith("after_")), "")
        said = _said(candidate) if len(args) > 1 else ""
        guilty = _blamed(candidate, [name for name, _ in args]) or _quoted(candidate, args)
        if len(guilty) == 1:
            code = next(code for name, code in args if name == guilty[0])
            words = identifier(told_of(code, guilty[0]) or f"{guilty[0]} {describe(code)}")
            yield from (f"{words}_{after}" for _ in range(bool(after and said)))
            yield words
        elif said and after:
            # Which of several arguments was refused nobody says: the state may be what was wrong.
            words = (f"when_{said}", after)
            yield from words if said.count("_") > 1 else words[::-1]
            yield f"{after}_when_{said}"
        special = [identifier(words) for name, code in args if (words := told_of(code, name))]
        if len(special) == 1:
            yield special[0]
        if said and not guilty:
            yield f"when_{said}"
        described = [(name, identifier(describe(code, name))) for name, code in args]
        told = [(name, words) for name, words in described if words]
        if len(told) == 1:
            yield told[0][1]
        yield from (f"{name}_{words}" if name and name != words else words for name, words in reversed(told[1:]))
        around = surroundings.environment(candidate)
        if around:
            yield around
        yield from (f"{failure}_{words}" for failure in wrong for _, words in told)
        if not args:
            yield ""
        yield from _arranged(candidate)
        if told:
            yield told[0][1]
            yield "_and_".join(dict.fromkeys(words for _, words in told[:3]))
            yield from (f"{told[0][1]}_{words}" for words in _arranged(candidate))
        yield "_".join((*(words for _, words in told), *_arranged(candidate)))
        yield identifier(" ".join((*candidate.arrange, *(code for _, code in args))))

    def _named_args(self, candidate: Candidate) -> list[tuple[str, str]]:
        if candidate.act.kind == "expr":
            return [("", code) for code in operands(candidate.act.callee)]
        names = parameters_of(candidate.act.callee, candidate, self._parameters)
        bound = set(bound_names(candidate.arrange))
        return [
            (arg.name or (names[index] if index < len(names) else ""), arg.code)
            for index, arg in enumerate(candidate.act.args)
            if arg.code not in bound
        ]


def operands(code: str) -> list[str]:
    """Return what an expression compares or combines its first part with, where that stands alone."""
    node = parsing.expression(code)
    if node is None:
        return []
    match node:
        case ast.Compare(comparators=others):
            found: list[ast.expr] = others
        case ast.BinOp(right=other):
            found = [other]
        case ast.Subscript(slice=key):
            found = [key]
        case _:
            return []
    return [ast.unparse(each) for each in found if not isinstance(each, ast.Name)]


def _joined(unit: str, *words: str) -> str:
    start = f"test_{unit.strip('_')}".strip("_")
    # What is tested may be called by such a word itself.
    rest = _without_links("_".join(part for each in words if (part := each.strip("_"))))
    return f"{start}_{rest}".strip("_")


def _without_links(words: str) -> str:
    """Words without those at their end that something would have to follow, and without a number."""
    return re.sub(r"((?:^|_)(and|for|with|when|of|after|by|returns|then|\d+))+$", "", words)


def _is_long(name: str) -> bool:
    return len(name) > LONGEST


def _cut(name: str) -> str:
    """A name that is not too long, of whole words: without the last things it counts up, where that is enough."""
    whole = name
    while _is_long(name) and "_and_" in name:
        name = name.rpartition("_and_")[0]
    if _is_long(name) or len(name) < LONGEST // 2:
        name = whole
        while _is_long(name) and "_" in name[10:]:
            name = name.rpartition("_")[0]
        # Half a number is another one.
        name = without_number(name)
    return _without_links(name)


def _outcomes(candidate: Candidate) -> Iterator[str]:
    """What happens, in words; the plainest first."""
    checks = candidate.checks
    if not checks:
        yield ""
        return
    check = checks[0]
    if check.kind == "raises":
        error = snake(check.value.rpartition(".")[2])
        if candidate.act.args or candidate.act.kind in ("expr", "set"):
            yield "rejects"
        yield f"raises_{error}"
        return
    found = dict.fromkeys(_outcome(candidate, each) for each in checks)
    yield from found
    if not any(found):
        yield "returns"


def _blamed(candidate: Candidate, names: Sequence[str]) -> list[str]:
    """The parameters that the message of an expected exception names, else the one of whose name it has the end."""
    words = {word for check in candidate.checks if check.kind == "raises" for word in slug(check.match).split("_")}
    found = [name for name in names if name and set(slug(name).split("_")) <= words]
    ends = [name for name in names if name and slug(name).rpartition("_")[2] in words]
    return found or (ends if len(ends) == 1 else [])


def _quoted(candidate: Candidate, args: Sequence[tuple[str, str]]) -> list[str]:
    """The parameter whose value the message of an expected exception repeats."""
    message = " ".join(check.match for check in candidate.checks if check.kind == "raises").replace("\\", "")
    found: list[str] = []
    for name, code in args:
        node = parsing.expression(code)
        value = node.value if isinstance(node, ast.Constant) else None
        if name and value not in (None, "") and re.search(rf"(?<!\w){re.escape(str(value))}(?!\w)", message):
            found.append(name)
    return found


def _said(candidate: Candidate) -> str:
    """The first words of the message of an expected exception."""
    message = next((check.match for check in candidate.checks if check.kind == "raises"), "")
    return "_".join(slug(message).split("_")[:MOST_WORDS])


def _linked(outcome: str, condition: str) -> str:
    """A condition with the word that links it to an outcome."""
    if not condition or condition.startswith(_LINKS) or outcome.endswith(("accepts", "rejects")):
        return condition
    return f"for_{condition}" if outcome else f"with_{condition}"


def _outcome(candidate: Candidate, check: Check) -> str:
    tail = candidate.target.rpartition(".")[2]
    answered = clients.outcome(check)
    if answered:
        return answered
    simple = {"prints": "prints", "warns": "warns", "logs": "logs", "file": "writes_file", "type": "returns"}
    if check.kind in simple:
        return simple[check.kind]
    seen = next((word for mark, word in _SEEN if mark in check.subject), "")
    if seen:
        return seen
    count = _count(check)
    if count is not None:
        return f"returns_{identifier(number(count))}_item{'' if count == 1 else 's'}"
    if check.subject.startswith(("result[", "list(result", "dict(result")):
        return "returns"
    if check.subject != "result":
        attribute = identifier(check.subject.rpartition(".")[2])
        return f"sets_{attribute}" if attribute and "." in check.subject else "changes_" + (attribute or "state")
    value = {"true": "True", "false": "False"}.get(check.kind, check.value)
    if value in ("True", "False"):
        if tail.lstrip("_").startswith(_TELLING) or candidate.act.callee.endswith(".is_valid"):
            return "accepts" if value == "True" else "rejects"
        return f"is_{value.lower()}" if candidate.act.kind in ("get", "expr") else f"returns_{value.lower()}"
    if any(arg.code == value and arg.name == "default" for arg in candidate.act.args):
        return "returns_default"
    if any(arg.code == value for arg in candidate.act.args):
        return "returns_input_unchanged" if len(candidate.act.args) == 1 else "returns_it_unchanged"
    words = identifier(describe(value))
    return f"returns_{words}" if words and _is_short(words) else ""


def _is_short(words: str) -> bool:
    return len(words) <= LONGEST_OUTCOME and (words.count("_") < 3 or "_point_" in words)


def _count(check: Check) -> int | None:
    """How many items a result was seen to have, where that is what can be told of it."""
    node = parsing.expression(check.value)
    if check.subject == "len(result)" and isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    return len(node.elts) if check.subject == "list(result)" and isinstance(node, ast.List) else None


def _shared_outcome(rows: Sequence[Candidate]) -> str:
    first = rows[0]
    if not first.checks:
        return ""
    if first.checks[0].kind == "raises":
        return "rejects"
    outcomes = {_outcome(row, row.checks[0]) for row in rows}
    same = {row.checks[0].value for row in rows}
    if len(outcomes) == 1 and (len(same) == 1 or first.checks[0].subject != "result"):
        return outcomes.pop()
    return ""


def _arranged(candidate: Candidate) -> Iterator[str]:
    """Words for what came before: the methods called on the way, then the arguments of the first constructor."""
    called: list[str] = []
    made, options = "", list[str]()
    for statement in candidate.arrange:
        node = parsing.statement(statement)
        if node is None:
            continue
        value = node.value if isinstance(node, (ast.Assign, ast.Expr)) else None
        if isinstance(node, ast.Expr) and isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            called.append(snake(value.func.attr))
        elif isinstance(node, ast.Assign) and isinstance(value, ast.Call) and (value.args or value.keywords):
            given = [describe(ast.unparse(each)) for each in value.args]
            given += [describe(ast.unparse(each.value), each.arg or "") for each in value.keywords]
            made = made or identifier(_fitting(given))
            options = options or [each.arg for each in value.keywords if each.arg]
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            called.append("setting_item")
    if called:
        yield "after_" + "_and_".join(dict.fromkeys(called[-2:]))
    if options:
        yield f"with_{'_and_'.join(options[-2:])}"
    if made:
        yield f"of_{made}"
    if called and made:
        yield f"of_{made}_after_{called[-1]}"


def _fitting(words: Sequence[str]) -> str:
    """As many of the first as fit into a description, one at least."""
    found = list(words)
    while len(found) > 1 and len(" ".join(found)) > LONGEST_WORDS:
        found.pop()
    return " ".join(found)


def _kinds(rows: Sequence[Candidate]) -> Iterator[str]:
    """Words for the kind of the expected values."""
    kinds: set[str] = set()
    for row in rows:
        for check in row.checks[:1]:
            node = parsing.expression(check.value)
            if node is None:
                return
            kinds.add(type(node.value).__name__ if isinstance(node, ast.Constant) else type(node).__name__.lower())
    words = {"str": "text", "int": "number", "float": "number", "NoneType": "none", "bool": "truth"}
    if len(kinds) == 1:
        kind = kinds.pop()
        yield words.get(kind, kind)
