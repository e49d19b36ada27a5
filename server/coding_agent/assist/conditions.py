"""What has to hold so that a test does: its parts, each in one spelling of many."""

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from coding_agent.assist.bound import Frame
from coding_agent.assist.following import Following
from coding_agent.assist.spelling import Spelled

_LOOKS = frozenset({
    "`os.path.exists", "`os.path.isdir", "`os.path.isfile", "`os.path.lexists", "`.exists", "`.is_file", "`.is_dir",
})  # fmt: skip
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.NotEq: ast.Eq,
    ast.IsNot: ast.Is,
    ast.NotIn: ast.In,
    ast.GtE: ast.Lt,
    ast.LtE: ast.Gt,
}


class Condition(NamedTuple):
    """Something that holds, or does not, in one spelling of many."""

    holds: bool
    kind: str
    what: tuple[Spelled, ...]

    @property
    def other(self) -> "Condition":
        return self._replace(holds=not self.holds)

    @property
    def looks(self) -> bool:
        """Whether it asks if a file is there."""
        return any(word in _LOOKS for each in self.what for word in each)


class Conditions:
    """Reads the tests of one definition."""

    def __init__(self, following: Following) -> None:
        self._following, self._bound = following, following.bound

    def _spelled(self, node: ast.expr, frame: Frame | None) -> Spelled:
        return self._following.exactly(node, frame)

    def of(  # noqa: PLR0912 - one per kind
        self, test: ast.expr, holds: bool, frame: Frame | None
    ) -> Iterator[Condition]:
        """What has to hold so that ``test`` does, or does not."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                yield from self.of(inner, not holds, frame)
            case ast.BoolOp(op=op, values=values):
                if isinstance(op, ast.And) == holds:
                    for each in values:
                        yield from self.of(each, holds, frame)
                else:
                    yield self._either(values, holds, frame)
            case ast.NamedExpr(value=value) | ast.Call(func=ast.Name(id="bool"), args=[value]):
                yield from self.of(value, holds, frame)
            case ast.Call(func=ast.Name(id="len"), args=[value]):
                yield Condition(holds, "true", (self._spelled(value, frame),))
            case ast.Call(func=ast.Name(id="any" | "all" as name), args=[ast.GeneratorExp() | ast.ListComp() as each]):
                if (name == "all") == holds:
                    tests = [ast.UnaryOp(ast.Not(), one) for generator in each.generators for one in generator.ifs]
                    inner = ast.BoolOp(ast.Or(), [*tests, each.elt]) if name == "all" and tests else each.elt
                    if name == "any" and tests:
                        inner = ast.BoolOp(ast.And(), [*(one.operand for one in tests), each.elt])
                    yield from self.of(inner, holds, frame)
                else:
                    yield Condition(holds, name, (self._spelled(each, frame),))
            case ast.Compare(left=left, ops=ops, comparators=others) if len(ops) > 1:
                parts = [
                    ast.Compare(one, [op], [other])
                    for one, op, other in zip([left, *others], ops, others, strict=False)
                ]
                yield from self.of(ast.BoolOp(ast.And(), [*parts]), holds, frame)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                yield self._compared(left, op, right, holds, frame)
            case ast.Call(func=function) if (found := self._bound.gives(function)) is not None:
                inner = Frame(found[0], function, test, (), frame)
                yield from self.of(found[1], holds, inner)
            case ast.Name() if isinstance(self._bound.plain(test), ast.Compare | ast.BoolOp | ast.UnaryOp):
                yield from self.of(self._bound.plain(test), holds, frame)
            case _:
                yield Condition(holds, "true", (self._spelled(test, frame),))

    def _either(self, values: Sequence[ast.expr], holds: bool, frame: Frame | None) -> Condition:
        each = [tuple(self.of(value, holds, frame)) for value in values]
        first = [one[0] for one in each if len(one) == 1]
        same = len(first) == len(each) and len({(one.holds, one.kind, one.what[0]) for one in first}) == 1
        if same and first[0].kind == "in" and first[0].holds:
            what = sorted({word for one in first for word in one.what[1:]})
            return Condition(True, "in", (first[0].what[0], *what))
        return Condition(True, "either", tuple(sorted((repr(sorted(one)),) for one in each)))

    def _compared(  # noqa: PLR0911, PLR0912 - one per kind
        self, left: ast.expr, op: ast.cmpop, right: ast.expr, holds: bool, frame: Frame | None
    ) -> Condition:
        if type(op) in _TURNED:
            holds, op = not holds, _TURNED[type(op)]()
        if isinstance(op, ast.Gt):
            left, right = right, left
            op = ast.Lt()
        if isinstance(left, ast.Constant) and isinstance(op, ast.Eq | ast.Is):
            left, right = right, left
        match op, left, right:
            case ast.Lt(), ast.Constant(value=0), ast.Call(func=ast.Name(id="len"), args=[value]):
                return Condition(holds, "true", (self._spelled(value, frame),))
            case ast.Lt(), ast.Call(func=ast.Name(id="len"), args=[value]), ast.Constant(value=1):
                return Condition(not holds, "true", (self._spelled(value, frame),))
            case ((ast.Eq() | ast.Is()), _, ast.Constant(value=bool() as value)):
                return Condition(holds is value, "true", (self._spelled(left, frame),))
            case (
                (ast.Eq() | ast.Is()),
                ast.Call(func=ast.Attribute(value=owner, attr="get"), args=[key]),
                ast.Constant(value=None),
            ):
                return Condition(not holds, "in", (self._spelled(key, frame), self._spelled(owner, frame)))
            case ((ast.Eq() | ast.Is()), _, ast.Constant(value=None)):
                return Condition(holds, "none", (self._spelled(left, frame),))
            case ((ast.Eq() | ast.Is()), ast.Call(func=ast.Name(id="type"), args=[value]), _):
                given = (self._spelled(value, frame), self._spelled(right, frame))
                return Condition(holds, "true", (spelled_call("isinstance", given),))
            case ast.Eq(), ast.Call(func=ast.Name(id="len"), args=[value]), ast.Constant(value=0):
                return Condition(not holds, "true", (self._spelled(value, frame),))
            case ast.Eq(), _, ast.Constant(value="") | ast.List(elts=[]) | ast.Dict(keys=[]):
                return Condition(not holds, "true", (self._spelled(left, frame),))
            case ast.Eq(), _, ast.Constant():
                return Condition(holds, "in", (self._spelled(left, frame), self._spelled(right, frame)))
            case ast.Eq(), _, _:
                return Condition(
                    holds, "same", tuple(sorted((self._spelled(left, frame), self._spelled(right, frame))))
                )
            case ast.In(), _, _:
                return self._in(left, self._bound.items(self._bound.plain(right)), right, holds, frame)
            case _:
                return Condition(holds, type(op).__name__, (self._spelled(left, frame), self._spelled(right, frame)))

    def _in(self, left: ast.expr, plain: ast.expr, right: ast.expr, holds: bool, frame: Frame | None) -> Condition:
        if isinstance(plain, ast.Tuple | ast.List | ast.Set):
            what = sorted(self._spelled(each, frame) for each in plain.elts)
        else:
            what = [self._spelled(self._bound.items(right), frame)]
        return Condition(holds, "in", (self._spelled(left, frame), *what))


def spelled_call(name: str, given: Sequence[Spelled]) -> Spelled:
    """A call of a builtin, as it is spelled."""
    words: list[str] = [f"`builtins.{name}", " (", ""]
    for each in given:
        words += [*each, ""]
    return (*words, " )")
