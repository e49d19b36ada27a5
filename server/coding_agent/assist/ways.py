"""The way down to a place in code: what has to hold before it runs, how often it runs, who catches what it raises."""

import ast
import builtins
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from coding_agent.assist import harmless
from coding_agent.assist.bound import COMPREHENSIONS, FILLS, Frame
from coding_agent.assist.conditions import Condition, Conditions
from coding_agent.assist.following import Following
from coding_agent.assist.spelling import Spelled
from coding_agent.explain.world import OPENERS
from coding_agent.proof.source import FUNCTIONS

_LEAVES = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_THERE = frozenset({"FileNotFoundError", "FileExistsError"})


@dataclass(frozen=True, slots=True)
class Way:
    """``loops`` are those around it, ``over`` what they go through; ``caught`` what is caught and not raised again;
    ``within`` what ``with`` holds meanwhile."""

    conditions: frozenset[Condition] = frozenset()
    loops: int = 0
    over: frozenset[Spelled] = frozenset()
    caught: frozenset[str] = frozenset()
    within: frozenset[Spelled] = frozenset()
    awaited: bool = False

    def then(self, other: "Way") -> "Way":
        return Way(
            self.conditions | other.conditions,
            self.loops + other.loops,
            self.over | other.over,
            self.caught | other.caught,
            self.within | other.within,
            self.awaited or other.awaited,
        )


class Ways:
    """Finds the ways in one definition."""

    def __init__(self, following: Following) -> None:
        self._following, self._bound = following, following.bound
        self._context = self._bound.context
        self.conditions = Conditions(following).of

    def to(self, node: ast.AST, frame: Frame | None) -> Way:
        """The way to a node, through the calls of the functions that it stands in."""
        way = self._within(node, frame.function if frame is not None else None, frame)
        if self._bound.in_a_class(node):
            # Whoever has an object of it may call its methods as often as they like.
            way = way.then(Way(loops=1))
        if frame is not None and frame.at is not None:
            handed = Way(loops=1) if frame.call is None else Way()
            way = way.then(handed).then(self.to(frame.at, frame.outer))
        elif frame is not None:
            way = way.then(self._within(frame.function, None, None))
        return way

    def with_items(self, comprehensions: Iterable[tuple[ast.AST, Frame | None]]) -> frozenset[Condition]:
        """What has to hold for the items of comprehensions."""
        return frozenset(
            condition
            for node, frame in list(comprehensions)
            for generator in getattr(node, "generators", ())
            for test in generator.ifs
            for condition in self.conditions(test, True, frame)
        )

    def filling(self, nodes: Iterable[ast.expr], frame: Frame | None) -> frozenset[Condition]:
        """What has to hold where something is put into the variables that expressions name."""
        names = {each.id for node in nodes for each in ast.walk(node) if isinstance(each, ast.Name)}
        found: set[Condition] = set()
        for node in ast.walk(self._bound.root):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if (
                    name in names and method in FILLS and method not in {"update", "setdefault"}
                ):
                    found |= self._within(node, self._bound.function(node), frame).conditions
                case _:
                    pass
        return frozenset(found)

    def _within(self, node: ast.AST, function: ast.AST | None, frame: Frame | None) -> Way:
        found = Way(awaited=isinstance(self._context.parent(node), ast.Await))
        child: ast.AST = node
        for above in self._context.ancestors(node):
            if above is function or child is self._bound.root:
                break
            found = found.then(self._step(above, child, frame))
            child = above
            if above is self._bound.root:
                break
        else:
            return found
        block = function if function is not None else self._bound.root
        return found.then(self._before(block, child, frame)) if isinstance(block, FUNCTIONS) else found

    def _step(  # noqa: PLR0911 - one per kind
        self, above: ast.AST, child: ast.AST, frame: Frame | None
    ) -> Way:
        """What one node on the way adds; ``child`` is the node right below it that the way goes through."""
        way = self._before(above, child, frame)
        match above:
            case ast.If(test=test, body=body) | ast.IfExp(test=test, body=body) if child is not test:
                inside = child in body if isinstance(body, list) else child is body
                return way.then(self._that(test, inside, frame))
            case ast.While(test=test, body=body):
                looped = Way(loops=1)
                return way.then(looped.then(self._that(test, True, frame))) if child in body else looped
            case ast.For(iter=value, body=body) | ast.AsyncFor(iter=value, body=body) if child in body:
                return way.then(Way(loops=1, over=frozenset({self._spelled(value, frame)})))
            case ast.BoolOp(op=op, values=values) if child in values:
                for each in values[: values.index(child)] if isinstance(child, ast.expr) else ():
                    way = way.then(self._that(each, isinstance(op, ast.And), frame))
                return way
            case ast.Try(body=body, handlers=handlers) | ast.TryStar(body=body, handlers=handlers) if child in body:
                return way.then(Way(caught=frozenset(name for each in handlers for name in self.caught(each))))
            case ast.ExceptHandler():
                names = tuple((name,) for name in sorted(self._types(above.type)))
                return way.then(Way(frozenset({Condition(True, "raised", names)})))
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body) if child in body:
                return way.then(self._held(items, frame))
            case ast.match_case():
                return way.then(self._case(above, child, frame))
            case ast.comprehension(ifs=ifs) if child in ifs:
                return way.then(Way(loops=1))
            case _ if isinstance(above, COMPREHENSIONS):
                return way.then(self._comprehended(above, child, frame))
            case _:
                return way

    def _that(self, test: ast.expr, holds: bool, frame: Frame | None) -> Way:
        return Way(frozenset(self.conditions(test, holds, frame)))

    def _before(self, above: ast.AST, child: ast.AST, frame: Frame | None) -> Way:
        """What holds because code before it in the same block has not left."""
        for name in ("body", "orelse", "handlers", "finalbody"):
            block: list[ast.stmt] = getattr(above, name, None) or []
            if isinstance(child, ast.stmt) and child in block:
                found = [each for one in block[: block.index(child)] for each in self._passed(one, frame)]
                return Way(frozenset(found))
        return Way()

    def _passed(self, statement: ast.stmt, frame: Frame | None) -> Iterator[Condition]:
        match statement:
            case ast.Assert(test=test):
                yield from self.conditions(test, True, frame)
            case ast.If(test=test, body=body, orelse=orelse):
                if leaves(body):
                    yield from self.conditions(test, False, frame)
                    for each in orelse:
                        yield from self._passed(each, frame)
                elif orelse and leaves(orelse):
                    yield from self.conditions(test, True, frame)
            case ast.For(body=body) | ast.AsyncFor(body=body):
                for each in ast.walk(statement):
                    if isinstance(each, ast.If) and isinstance(each.body[-1], ast.Return | ast.Raise):
                        yield from self.conditions(each.test, False, frame)
            case ast.With(body=body) | ast.AsyncWith(body=body) | ast.Try(body=body):
                for each in body:
                    yield from self._passed(each, frame)
            case _:
                pass

    def _held(self, items: Sequence[ast.withitem], frame: Frame | None) -> Way:
        found = Way()
        for item in items:
            call = item.context_expr
            dotted = self._bound.called(call)[0] if isinstance(call, ast.Call) else None
            if dotted == "contextlib.suppress" and isinstance(call, ast.Call):
                names = frozenset(name for each in call.args for name in self._types(each))
                found = found.then(Way(caught=names))
            elif dotted is None or not (
                harmless.harmless_name(dotted) or harmless.kind_of(dotted) or dotted in OPENERS
            ):
                found = found.then(Way(within=frozenset({self._spelled(call, frame)})))
        return found

    def _case(self, case: ast.match_case, child: ast.AST, frame: Frame | None) -> Way:
        match = self._context.parent(case)
        if not isinstance(match, ast.Match) or child not in case.body:
            return Way()
        found: list[Condition] = []
        for each in match.cases[: match.cases.index(case) + 1]:
            last = each is case
            if last or each.guard is None:
                found += self._matches(match.subject, each.pattern, last, frame)
        if case.guard is not None:
            found += self.conditions(case.guard, True, frame)
        return Way(frozenset(found))

    def _matches(
        self, subject: ast.expr, pattern: ast.pattern, holds: bool, frame: Frame | None
    ) -> Iterator[Condition]:
        match pattern:
            case ast.MatchValue(value=value):
                yield from self.conditions(ast.Compare(subject, [ast.Eq()], [value]), holds, frame)
            case ast.MatchOr(patterns=patterns) if all(isinstance(each, ast.MatchValue) for each in patterns):
                values = [each.value for each in patterns if isinstance(each, ast.MatchValue)]
                test = ast.Compare(subject, [ast.In()], [ast.Tuple(values, ast.Load())])
                yield from self.conditions(test, holds, frame)
            case ast.MatchAs(pattern=None):
                pass
            case _:
                yield Condition(holds, "case", (self._spelled(subject, frame), (ast.unparse(pattern),)))

    def _comprehended(self, above: ast.AST, child: ast.AST, frame: Frame | None) -> Way:
        found = Way()
        for each in getattr(above, "generators", ()):
            if each is child:
                break
            found = found.then(Way(loops=1, over=frozenset({self._spelled(each.iter, frame)})))
            for test in each.ifs:
                found = found.then(self._that(test, True, frame))
        return found

    def caught(self, handler: ast.ExceptHandler) -> list[str]:
        """What a handler catches and does not raise again."""
        return [] if leaves(handler.body, (ast.Raise,)) else self._types(handler.type)

    def _types(self, node: ast.expr | None) -> list[str]:
        if node is None:
            return ["BaseException"]
        parts = node.elts if isinstance(node, ast.Tuple) else [node]
        return [(self._context.qualified(each) or ast.unparse(each)).removeprefix("builtins.") for each in parts]

    def _spelled(self, node: ast.expr, frame: Frame | None) -> Spelled:
        return self._following.spelled(node, frame)


def leaves(body: Sequence[ast.stmt], by: tuple[type[ast.stmt], ...] = _LEAVES) -> bool:
    """Whether a block never runs to its end."""
    last = body[-1] if body else None
    if isinstance(last, ast.If):
        return leaves(last.body, by) and leaves(last.orelse, by)
    if isinstance(last, ast.With | ast.AsyncWith):
        return leaves(last.body, by)
    return isinstance(last, by)


def lost(old: Way, new: Way, *, careful: bool) -> str:
    """What of a way is missing in another one, as a sentence's end; empty for nothing.

    ``careful``: what is done does not mind whether a file is there.
    """
    looked = any(each.looks for each in old.conditions)
    for each in sorted(old.conditions - new.conditions, key=repr):
        stricter = each.kind == "none" and Condition(not each.holds, "true", each.what) in new.conditions
        mild = each.looks and (careful or not _THERE.isdisjoint(new.caught))
        empty = each.kind == "true" and each.holds and not new.over.isdisjoint(each.what)
        if not ((stricter and not each.holds) or mild or empty):
            return "is no longer done on the same condition"
    if new.loops > old.loops:
        return "is done in a loop more"
    allowed = old.caught | (_THERE if looked else frozenset[str]())
    for name in sorted(new.caught):
        if not any(_covers(each, name) for each in allowed):
            return f"would have its {name} swallowed"
    if gone := sorted(old.within - new.within):
        return f"is done without `with {' '.join(gone[0])}`" if gone[0] else "is done without its `with`"
    if old.awaited and not new.awaited:
        return "is not awaited any more"
    return ""


def _covers(one: str, other: str) -> bool:
    """Whether who catches ``one`` catches ``other`` too."""
    if one in {other, "BaseException"} or (one == "Exception" and other != "BaseException"):
        return True
    first, second = getattr(builtins, one, None), getattr(builtins, other, None)
    return isinstance(first, type) and isinstance(second, type) and issubclass(second, first)
