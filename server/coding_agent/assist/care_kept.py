"""What old code takes care of, new code does, too: what it protects, which errors it lets out, what it holds."""

import ast
from collections.abc import Iterator

from coding_agent.assist import harmless
from coding_agent.assist.bound import Bound
from coding_agent.assist.doing import Doing
from coding_agent.assist.following import Following
from coding_agent.assist.meant import Failing
from coding_agent.assist.spelling import Spelled
from coding_agent.assist.ways import leaves
from coding_agent.explain.world import Kind

_BROAD = frozenset({"builtins.Exception", "builtins.BaseException"})
_TAKES = frozenset({"acquire", "close", "__enter__", "__exit__"})
_JUMPS = (ast.Return, ast.Break, ast.Continue)


def care_kept(old: Doing, new: Doing) -> None:
    """Raises: Failing - something is no longer taken care of."""
    for dotted in sorted(old.uses.dotted.keys() - new.uses.dotted.keys()):
        if harmless.protecting(dotted):
            raise Failing(f"it no longer uses `{dotted}`")
    for dotted in sorted(new.uses.dotted.keys() - old.uses.dotted.keys()):
        if harmless.kind_of(dotted) is Kind.RANDOM and not harmless.protecting(dotted):
            raise Failing(f"it begins to use `{dotted}`")
    if len(list(_swallowing(new))) > len(list(_swallowing(old))):
        raise Failing("it swallows errors of every kind, and did not before")
    if _jumps_at_the_end(new) > _jumps_at_the_end(old):
        raise Failing("it leaves a `finally` by a jump, which swallows every error")
    before, after = _Held(old), _Held(new)
    if more := sorted(after.items.keys() - before.items.keys() - before.taken()):
        raise Failing(f"it holds {_shown(more[0])} by `with`, and did not before")
    for item, lines in before.items.items():
        _held_meanwhile(old, new, item, lines, after.items.get(item, []))


def _held_meanwhile(old: Doing, new: Doing, item: Spelled, before: list[range], after: list[range]) -> None:
    """Raises: Failing - what was changed while something was held is changed without it."""
    for change, line in old.changes.items():
        inside = any(line in lines for lines in before)
        if inside and change in new.changes and not any(new.changes[change] in lines for lines in after):
            raise Failing(f"it {change[1]} `{change[0]}` without `with {_shown(item)}`")


def _shown(item: Spelled) -> str:
    return " ".join(word[1:] for word in item if word) or "something"


def _swallowing(doing: Doing) -> Iterator[ast.AST]:
    """Where errors of every kind are caught and not raised again."""
    qualified = doing.context.qualified
    for node in ast.walk(doing.held.node):
        match node:
            case ast.ExceptHandler(type=caught, body=body) if not leaves(body, (ast.Raise,)):
                types = caught.elts if isinstance(caught, ast.Tuple) else [caught]
                if any(each is None or qualified(each) in _BROAD for each in types):
                    yield node
            case ast.Call(func=function, args=args) if qualified(function) == "contextlib.suppress":
                if any(qualified(each) in _BROAD for each in args):
                    yield node
            case _:
                pass


def _jumps_at_the_end(doing: Doing) -> int:
    ends = (each.finalbody for each in ast.walk(doing.held.node) if isinstance(each, ast.Try | ast.TryStar))
    return sum(isinstance(node, _JUMPS) for end in ends for each in end for node in ast.walk(each))


class _Held:
    """What a definition holds by ``with`` that is no call of a library, and on which lines."""

    def __init__(self, doing: Doing) -> None:
        self._doing = doing
        self._following = Following(Bound(doing.held.node, doing.context))
        self.items: dict[Spelled, list[range]] = {}
        for node in ast.walk(doing.held.node):
            if isinstance(node, ast.With | ast.AsyncWith):
                for each in node.items:
                    spelled = self._spelled(each.context_expr)
                    if not self._is_known(each.context_expr):
                        self.items.setdefault(spelled, []).append(range(node.lineno, (node.end_lineno or 0) + 1))

    def _is_known(self, node: ast.expr) -> bool:
        """Whether it is made on the spot: what that call does is looked at where calls are."""
        node = self._following.bound.plain(node)
        if not isinstance(node, ast.Call):
            return False
        dotted = self._doing.context.qualified(node.func)
        return dotted not in {"contextlib.closing", "contextlib.aclosing"} and not (
            dotted == "contextlib.nullcontext" and node.args
        )

    def _spelled(self, node: ast.expr) -> Spelled:
        return self._following.spelled(node, None)

    def taken(self) -> set[Spelled]:
        """The objects that are opened or closed by methods of theirs."""
        found = [power.call.func for power in self._doing.uses.powers if power.call is not None]
        return {self._spelled(each.value) for each in found if isinstance(each, ast.Attribute) and each.attr in _TAKES}
