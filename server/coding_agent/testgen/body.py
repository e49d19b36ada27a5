"""The lines of one test: arrange, act, assert."""

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from coding_agent.testgen.inside import parsing
from coding_agent.testgen.inside.model import Act, Candidate, Check, Patch
from coding_agent.testgen.inside.wording import ITEMS
from coding_agent.testgen.style import Coroutines, Style

_SCENARIO = "scenario"
COLLECT = "collect"
"""Name of the helper that lists what an asynchronous iterable gives."""
_RESULT = re.compile(r"\bresult\b")


@dataclass(frozen=True, slots=True)
class Body:
    """The lines of a test without indentation; ``asynchronous`` where it must be an ``async def``."""

    arrange: tuple[str, ...]
    act: tuple[str, ...]
    judge: tuple[str, ...]
    asynchronous: bool = False

    def lines(self) -> list[str]:
        """Return the lines with blank ones between the three parts."""
        found: list[str] = []
        for part in (self.arrange, self.act, self.judge):
            if part:
                found += ["", *part] if found else part
        return laid_out(found)


class BodyWriter:
    """Writes bodies that begin ``indent`` columns inside; ``columns`` are those of a table with regular expressions."""

    def __init__(self, style: Style, indent: int = 4, columns: frozenset[str] = frozenset()) -> None:
        self.style = style
        self.printer = style.printer
        self.indent = indent
        self.columns = columns

    def body(self, candidate: Candidate) -> Body:
        """Return the body of a test; the marks of a table's columns are names by now."""
        if self._scenario(candidate):
            return self._in_scenario(candidate)
        arrange = [line for each in candidate.patches for line in self.patch(each).split("\n")]
        arrange += [line for each in candidate.arrange for line in self.statement(each).split("\n")]
        raised = next((check for check in candidate.checks if check.kind == "raises"), None)
        if raised is not None:
            inner = type(self)(self.style, self.indent + 4, self.columns)
            act = self.under("pytest.raises", raised, inner.bare(candidate.act, candidate.arrange))
            others = [check for check in candidate.checks if check is not raised]
            return self._made(arrange, act, self._judged(others), candidate)
        warned = next((check for check in candidate.checks if check.kind == "warns"), None)
        others = [check for check in candidate.checks if check is not warned]
        if warned is None and not candidate.patches and self._inline(candidate, others):
            value = self.printer.flat(self.value(candidate.act))
            line = self.check(others[0], _alone(value, others[0]))
            if self._fits(line) or _constant(others[0]):
                return self._made(arrange, [], [line] if self._fits(line) else self.split(others[0], value), candidate)
        reads = any(_RESULT.search(check.subject) or _RESULT.search(check.value) for check in others)
        act = self._act(candidate.act, "result" if reads else "", candidate.arrange)
        if warned is not None:
            act = self.under("pytest.warns", warned, "\n".join(act))
        return self._made(arrange, act, self._judged(others), candidate)

    def value(self, act: Act) -> str:
        """Return the expression of what is done."""
        call = self._call(act)
        if act.kind == "list":
            return f"list({call})"
        if act.kind == "islice":
            return f"list(islice({call}, {ITEMS}))"
        if act.kind in ("await", "alist"):
            inner = f"{COLLECT}({call})" if act.kind == "alist" else call
            return f"asyncio.run({inner})" if self.style.coroutines is Coroutines.RUN else f"await {inner}"
        return call

    def statement(self, code: str) -> str:
        """Return an arranged statement as the formatter writes it."""
        tree = parsing.module(code)
        if tree is None:
            return code
        if len(tree.body) != 1:
            return code
        node = tree.body[0]
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            if isinstance(node.value, ast.Lambda) and isinstance(node.targets[0], ast.Name):
                head = f"def {node.targets[0].id}({ast.unparse(node.value.args)}):"
                return f"{head}\n    return {self.spread(ast.unparse(node.value.body), 11)}"
            return self.assign(self.printer.flat(ast.unparse(node.targets[0])), ast.unparse(node.value))
        if isinstance(node, ast.Expr):
            return self.spread(ast.unparse(node.value))
        text = ast.unparse(node)
        quoted = text.replace("'", '"') if self.style.quote == '"' and '"' not in text and "\\" not in text else text
        return "\n".join(laid_out([line for line in quoted.split("\n") if line]))

    def assign(self, target: str, value: str) -> str:
        """Return an assignment over as many lines as it needs."""
        text = self.spread(value, len(target) + 3)
        return f"{target} = {text}"

    def spread(self, code: str, before: int = 0) -> str:
        """Return an expression over as many lines as it needs, later ones relative to the body's indentation."""
        return self.printer.expression(code, self.indent, before).replace("\n" + " " * self.indent, "\n")

    def _made(self, arrange: Sequence[str], act: Sequence[str], judge: Sequence[str], candidate: Candidate) -> Body:
        waits = candidate.act.kind in ("await", "alist", "awith") and self.style.coroutines is not Coroutines.RUN
        split = [tuple(line for each in part for line in each.split("\n")) for part in (arrange, act, judge)]
        return Body(split[0], split[1], split[2], waits)

    def _call(self, act: Act) -> str:
        if act.kind in ("get", "expr"):
            return act.callee
        if act.kind == "set":
            return f"{act.callee} = {act.args[0].code if act.args else 'None'}"
        args = ", ".join(f"{arg.name}={arg.code}" if arg.name else arg.code for arg in act.args)
        return f"{act.callee}({args})"

    def _act(self, act: Act, target: str, arrange: tuple[str, ...]) -> list[str]:
        if act.kind == "set":
            return [self.statement(self._call(act))]
        if act.kind in ("with", "awith"):
            word = "async with" if act.kind == "awith" else "with"
            bound = f" as {target}" if target else ""
            return [
                f"{word} {self.spread(self._call(act), len(word) + 1)}{bound}:",
                "    pass",
            ]
        value = self.value(act)
        if not target:
            return [self.bare(act, arrange)]
        return self._assigned(target, value)

    def _assigned(self, target: str, value: str) -> list[str]:
        if value.startswith("await "):
            return [f"{target} = await {self.spread(value[6:], len(target) + 9)}"]
        return [self.assign(target, value)]

    def bare(self, act: Act, arrange: tuple[str, ...]) -> str:
        """The act as a statement of its own; a value that nobody reads is given to ``_``."""
        if act.kind in ("with", "awith"):
            return "\n".join(self._act(act, "", arrange))
        value = self.statement(self._call(act)) if act.kind == "set" else self.value(act)
        if act.kind == "set":
            return value
        if act.kind == "get" or (act.kind == "expr" and not _is_call(value)):
            return f"_ = {self.spread(value, 4)}"
        if value.startswith("await "):
            return f"await {self.spread(value[6:], 6)}"
        return self.spread(value)

    def under(self, manager: str, check: Check, inner: str) -> list[str]:
        match = self._match(check.match)
        head = f"with {manager}({check.value}{match}):"
        if len(head) + self.indent > self.style.width and match:
            head = f"with {manager}(\n    {check.value},\n    {match[2:]},\n):"
        if "\n" in inner:
            inner = "\n    ".join(inner.split("\n"))
        return [*head.split("\n"), f"    {inner}"]

    def _match(self, match: str) -> str:
        if not match:
            return ""
        return f", match={match if match in self.columns else self.printer.pattern(match)}"

    def _inline(self, candidate: Candidate, checks: Sequence[Check]) -> bool:
        """Whether act and assert are one line: nothing was arranged, one thing is looked at."""
        if len(checks) != 1 or checks[0].subject != "result" or candidate.act.kind in ("with", "awith", "set"):
            return False
        simple = checks[0].kind in ("equal", "is", "approx", "true", "false")
        return simple and (not candidate.arrange or candidate.act.kind in ("get", "expr"))

    def _judged(self, checks: Iterable[Check]) -> list[str]:
        found: list[str] = []
        for check in checks:
            line = self.check(check, check.subject)
            found += [line] if self._fits(line) else self.split(check, check.subject)
        return found

    def check(self, check: Check, subject: str) -> str:
        alone = subject.startswith("(") and _alone(subject[1:-1], check) == subject
        left = subject if alone or subject.startswith("await ") else self.printer.flat(subject)
        if alone and check.kind == "is" and check.value in ("True", "False"):
            # A comparison that was seen to give a truth is asserted as one.
            return f"assert {left[1:-1]}" if check.value == "True" else f"assert {_denied(left)}"
        value = self.printer.flat(check.value)
        match check.kind:
            case "is":
                return f"assert {left} is {value}"
            case "approx":
                return f"assert {left} == pytest.approx({value})"
            case "true":
                return f"assert {left}"
            case "false":
                return f"assert not {left}"
            case "contains":
                return f"assert {value} in {left}"
            case "type":
                return f"assert isinstance({left}, {value})"
            case _:
                return f"assert {left} == {value}"

    def split(self, check: Check, subject: str) -> list[str]:
        """An assertion that is too long for one line."""
        lines: list[str] = []
        if subject not in ("result",) and len(subject) > 30 and check.kind not in ("prints", "logs", "file"):
            lines += self._assigned("result", subject)
            subject = "result"
        line = self.check(check, subject)
        if self._fits(line):
            return [*lines, "", line] if lines else [line]
        head = line.removesuffix(self.printer.flat(check.value))
        head = head if head != line else ""
        if head and self.printer.breakable(check.value):
            text = head + self.spread(check.value, len(head))
            return [*lines, "", text] if lines else [text]
        expected = self.assign("expected", check.value)
        short = self.check(check._replace(value="expected"), subject)
        return [*lines, expected, "", short] if lines else [expected, short]

    def _fits(self, line: str) -> bool:
        return "\n" not in line and len(line) + self.indent <= self.style.width

    def patch(self, patch: Patch) -> str:
        name = self.printer.string(patch.attribute)
        owned = f"{patch.owner}, {name}" if patch.owner else name
        calls = {
            "setenv": f"setenv({name}, {patch.code})",
            "delenv": f"delenv({name}, raising=False)",
            "chdir": f"chdir({patch.code})",
        }
        long = len(patch.code) + len(owned) + 24 > self.style.width - self.indent
        body = _lambda_body(patch.code) if long and patch.how == "setattr" else None
        if body is not None:
            head, value = body
            return self.assign("answer", value) + "\n" + self.spread(f"monkeypatch.setattr({owned}, {head}: answer)")
        return self.spread("monkeypatch." + calls.get(patch.how, f"{patch.how}({owned}, {patch.code})"))

    def _scenario(self, candidate: Candidate) -> bool:
        """Whether a whole test must run inside of a coroutine that it runs itself."""
        if self.style.coroutines is not Coroutines.RUN:
            return False
        return candidate.act.kind == "awith" or any("await " in each or "async " in each for each in candidate.arrange)

    def _in_scenario(self, candidate: Candidate) -> Body:
        style = replace(self.style, coroutines=Coroutines.AUTO)
        inner = type(self)(style, self.indent + 4, self.columns).body(candidate)
        lines = [f"    {line}" if line else "" for line in inner.lines()]
        return Body((f"async def {_SCENARIO}():", *lines), (f"asyncio.run({_SCENARIO}())",), ())


def laid_out(lines: Sequence[str]) -> list[str]:
    """Lines with the blank ones that formatters put around functions and classes inside of others, none doubled."""
    found: list[str] = []
    open_at: list[int] = []
    for line in lines:
        if not line.strip():
            found += [""] if found and found[-1] else []
            continue
        indent = len(line) - len(line.lstrip())
        begins = line.lstrip().startswith(("def ", "async def ", "class ", "@"))
        ended = [at for at in open_at if at >= indent]
        open_at = [at for at in open_at if at < indent]
        first = not found or found[-1].endswith(":") or found[-1].lstrip().startswith("@")
        if not first and found[-1] and (begins or ended):
            found.append("")
        if begins and not line.lstrip().startswith("@"):
            open_at.append(indent)
        found.append(line)
    return found


def fixtures_of(candidate: Candidate) -> tuple[str, ...]:
    """Return the fixtures a test asks for, in the order of the candidate's own."""
    found = list(candidate.fixtures)
    if candidate.patches:
        found.append("monkeypatch")
    found += ["capsys" for check in candidate.checks if check.kind == "prints"]
    found += ["caplog" for check in candidate.checks if check.kind == "logs"]
    return tuple(dict.fromkeys(found))


def _lambda_body(code: str) -> tuple[str, str] | None:
    """``lambda *args: value`` as its head and its value, where the value reads no parameter."""
    node = parsing.expression(code)
    if node is None:
        return None
    if not isinstance(node, ast.Lambda):
        return None
    names = {each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)}
    if names & {each.id for each in ast.walk(node.body) if isinstance(each, ast.Name)}:
        return None
    head = ast.unparse(node.args)
    return (f"lambda {head}" if head else "lambda"), ast.unparse(node.body)


def _alone(code: str, check: Check) -> str:
    """An expression as one side of a comparison."""
    node = parsing.expression(code)
    if node is None:
        return code
    loose = isinstance(node, (ast.Compare, ast.BoolOp, ast.Lambda, ast.IfExp)) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    )
    return f"({code})" if loose and check.kind != "true" else code


def _denied(code: str) -> str:
    """The opposite of a comparison in brackets: ``a not in b`` where there is such an operator."""
    node = ast.parse(code, mode="eval").body
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.Is)) and len(node.ops) == 1:
        plain, word = (" in ", " not in ") if isinstance(node.ops[0], ast.In) else (" is ", " is not ")
        left = ast.get_source_segment(code, node.left) or ""
        right = ast.get_source_segment(code, node.comparators[0]) or ""
        if code[1:-1] == left + plain + right:
            return left + word + right
    return f"not {code}"


def _constant(check: Check) -> bool:
    return check.kind in ("equal", "is", "approx")


def _is_call(code: str) -> bool:
    return isinstance(parsing.expression(code), (ast.Call, ast.Await))
