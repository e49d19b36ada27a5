"""What candidates have in common: the same statements with other values, so that they become one table."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from coding_agent.testgen import clients, surroundings
from coding_agent.testgen.inside import parsing
from coding_agent.testgen.inside.model import Act, Arg, Candidate, Check, Patch

Parameters: TypeAlias = Mapping[str, tuple[str, ...]]
"""Names of the parameters by what is called (``parse``, ``Version``, ``Version.bump``), without ``self``."""

_COMPOUND = (ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda)
_ONCE = ("iter", "open", "StringIO", "BytesIO", "map", "filter", "zip", "reversed", "enumerate")
"""What makes an object that is used up: it must be made anew in each run of a test."""
_MOST_ARRANGED = 3
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a value: the name its column would have, and the value here."""

    name: str
    code: str
    role: str
    """given (an argument), expected or message."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A candidate cut into what is always there and its slots.

    ``key`` is equal for candidates of one shape. In ``candidate`` every slot's code is replaced by its mark; ``given``
    is the candidate as it was.
    """

    key: tuple[object, ...]
    candidate: Candidate
    slots: tuple[Slot, ...]
    given: Candidate


def mark(index: int) -> str:
    """Return the name that stands for a slot in a shape's candidate."""
    return f"__slot_{index}__"


def shape_of(candidate: Candidate, parameters: Parameters) -> Shape:
    """Cut a candidate into its shape and its values."""
    maker = _Maker(candidate, parameters)
    return maker.made()


def filled(candidate: Candidate, values: Mapping[str, str]) -> Candidate:
    """Return a shape's candidate with expressions for its marks."""

    def put(text: str) -> str:
        return _replaced(text, values)

    act = candidate.act
    return candidate._replace(
        arrange=tuple(put(each) for each in candidate.arrange),
        act=Act(act.kind, put(act.callee), tuple(Arg(arg.name, put(arg.code)) for arg in act.args)),
        patches=tuple(patch._replace(code=put(patch.code)) for patch in candidate.patches),
        checks=tuple(check._replace(value=put(check.value), match=put(check.match)) for check in candidate.checks),
    )


def parameters_of(callee: str, candidate: Candidate, parameters: Parameters) -> tuple[str, ...]:
    """Return the names of the parameters of what a candidate calls, as far as they are known."""
    if callee in parameters:
        return parameters[callee]
    if callee == candidate.act.callee and clients.parameters_of(candidate):
        return clients.parameters_of(candidate)
    if callee == candidate.act.callee and candidate.target in parameters:
        return parameters[candidate.target]
    tail = callee.rpartition(".")[2]
    found = {names for key, names in parameters.items() if key.rpartition(".")[2] == tail}
    return found.pop() if len(found) == 1 else ()


class _Maker:
    def __init__(self, candidate: Candidate, parameters: Parameters) -> None:
        self.given = candidate
        self.parameters = parameters
        self.slots: list[Slot] = []
        self.bound = set(candidate.fixtures) | set(bound_names(candidate.arrange)) | {"result"}

    def made(self) -> Shape:
        given = self.given
        few = len(given.arrange) <= _MOST_ARRANGED
        arrange = tuple(self._statement(each) if few else each for each in given.arrange)
        act = given.act
        if act.kind in ("call", "await", "list", "islice", "alist", "set"):
            names = parameters_of(act.callee, given, self.parameters)
            act = Act(act.kind, act.callee, tuple(self._arg(arg, index, names) for index, arg in enumerate(act.args)))
        elif act.kind == "expr":
            act = Act(act.kind, self._expression(act.callee))
        patches = tuple(self._patch(each) for each in given.patches)
        checks = tuple(self._check(check, len(given.checks)) for check in given.checks)
        whole = given._replace(arrange=arrange, act=act, patches=patches, checks=checks)
        arguments = tuple((arg.name, arg.code) for arg in act.args)
        judged = tuple((check.kind, check.subject, check.value, check.match) for check in checks)
        # The imports of rows may differ: the file has them all.
        key = (given.target, arrange, act.kind, act.callee, arguments, patches, given.fixtures, judged)
        return Shape(key, whole, tuple(self.slots), given)

    def _statement(self, statement: str) -> str:
        """Slots for the arguments of the one call of a statement."""
        node = parsing.statement(statement)
        if node is None:
            return statement
        call = node.value if isinstance(node, (ast.Assign, ast.Expr)) else None
        if not isinstance(call, ast.Call) or not (call.args or call.keywords):
            return statement
        names = parameters_of(ast.unparse(call.func), self.given, self.parameters)
        edits: list[tuple[ast.expr, str]] = []
        for index, arg in enumerate(call.args):
            if isinstance(arg, ast.Starred):
                return statement
            edits.append((arg, names[index] if index < len(names) else _ordinal(index, len(call.args))))
        edits += [(keyword.value, keyword.arg) for keyword in call.keywords if keyword.arg]
        for value, name in edits:
            code = ast.unparse(value)
            if self._free(code):
                value_mark = ast.Name(self._slot(name, code, "given"))
                _put(call, value, value_mark)
        return ast.unparse(node)

    def _expression(self, code: str) -> str:
        """A slot for the other operand of a comparison or operator, the key of a subscript."""
        node = parsing.expression(code)
        if node is None:
            return code
        match node:
            case ast.Compare(comparators=[other]) | ast.BinOp(right=other) if isinstance(other, _COMPOUND):
                return code  # Its brackets would be lost where the value takes the place of a name.
            case ast.Compare(comparators=[other]) if self._free(ast.unparse(other)):
                node.comparators = [ast.Name(self._slot("other", ast.unparse(other), "given"))]
            case ast.BinOp(right=other) if self._free(ast.unparse(other)):
                node.right = ast.Name(self._slot("other", ast.unparse(other), "given"))
            case ast.Subscript(slice=key) if not isinstance(key, ast.Slice) and self._free(ast.unparse(key)):
                node.slice = ast.Name(self._slot("key", ast.unparse(key), "given"))
            case _:
                return code
        return ast.unparse(node)

    def _arg(self, arg: Arg, index: int, names: tuple[str, ...]) -> Arg:
        if not self._free(arg.code) or arg.code.startswith("*"):
            return arg
        name = arg.name or (names[index] if index < len(names) else _ordinal(index, len(self.given.act.args)))
        return Arg(arg.name, self._slot(name, arg.code, "given"))

    def _patch(self, patch: Patch) -> Patch:
        found = surroundings.varying(patch)
        if found is None or not self._free(found[1]):
            return patch
        return surroundings.varied(patch, self._slot(*found, "given"))

    def _check(self, check: Check, many: int) -> Check:
        if check.kind in ("raises", "warns"):
            return check._replace(match=self._slot("message", check.match, "message") if check.match else "")
        if check.kind in ("true", "false", "type") or not self._free(check.value):
            return check
        tail = check.subject.rpartition(".")[2]
        name = "expected" if many == 1 or check.subject == "result" else f"expected_{tail}"
        return check._replace(value=self._slot(name if name.isidentifier() else "expected", check.value, "expected"))

    def _slot(self, name: str, code: str, role: str) -> str:
        self.slots.append(Slot(name, code, role))
        return mark(len(self.slots) - 1)

    def _free(self, code: str) -> bool:
        """Whether an expression means the same in the table as in the test."""
        tree = parsing.expression(code.lstrip("*"))
        if tree is None:
            return False
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and (node.id in self.bound or node.id in _ONCE):
                return False
            if isinstance(node, (ast.GeneratorExp, ast.Yield, ast.Await, ast.NamedExpr)):
                return False
            if isinstance(node, ast.Attribute) and node.attr in _ONCE:
                return False
        return True


def bound_names(statements: tuple[str, ...]) -> Iterator[str]:
    """Yield the names that statements bind; what does not parse binds nothing."""
    for statement in statements:
        tree = parsing.module(statement)
        if tree is None:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                yield node.name


def _ordinal(index: int, many: int) -> str:
    if many == 1:
        return "value"
    return _ORDINALS[index] if index < len(_ORDINALS) else f"{_ORDINALS[index % len(_ORDINALS)]}_more"


def _put(call: ast.Call, old: ast.expr, new: ast.expr) -> None:
    call.args = [new if arg is old else arg for arg in call.args]
    for keyword in call.keywords:
        if keyword.value is old:
            keyword.value = new


def _replaced(text: str, values: Mapping[str, str]) -> str:
    for name, code in values.items():
        text = text.replace(name, code)
    return text
