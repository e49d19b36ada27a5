"""What old code did beyond giving a value, new code does no more often, in the same way, and to the same things."""

import ast
from collections import defaultdict
from collections.abc import Iterator

from coding_agent.assist import harmless
from coding_agent.assist.doing import Doing, receiver
from coding_agent.assist.meant import Failing
from coding_agent.assist.surroundings import Surroundings
from coding_agent.assist.uses import Power, words_of

_KINDS = frozenset(kind.value for kind in harmless.DANGEROUS)
_SURE = {"shell": False, "verify": True}
"""Arguments that may be added with this value and no other."""


def powers_kept(old: Doing, new: Doing, around: Surroundings) -> None:
    """Raises: Failing - something is done once more, in another way, or to something else."""
    every, left = _by_group(old, around), _by_group(old, around)
    waiting: list[Power] = []
    for powers in _by_group(new, around).values():
        for power in powers:
            twin = next((each for each in left[power.group] if _said(each) == _said(power)), None)
            if twin is not None:
                left[power.group].remove(twin)
            else:
                waiting.append(power)
    same = _Same(old, new)
    for power in sorted(waiting, key=lambda each: each.line):
        if not left[power.group]:
            raise Failing(f"{_shown(power)} is done more often than before, or otherwise")
        same.check(power, left[power.group].pop(0), every[power.group])


def _by_group(doing: Doing, around: Surroundings) -> defaultdict[str, list[Power]]:
    """What does more than to give a value."""
    found: defaultdict[str, list[Power]] = defaultdict(list)
    for power in doing.uses.powers:
        if power.group in _KINDS or _reaches(power, doing, around):
            found[power.group].append(power)
    return found


def _reaches(power: Power, doing: Doing, around: Surroundings) -> bool:
    if not power.group.startswith("."):
        return bool(around.name(power.group))
    owner = receiver(power.call)
    asked = owner in doing.contacts or harmless.contact(owner.rpartition(".")[2])
    return asked or harmless.acting(power.group[1:]) or bool(around.method(power.group[1:]))


class _Same:
    """Whether calls are given the same things."""

    def __init__(self, old: Doing, new: Doing) -> None:
        self._local = _stored(new.held.node) - _stored(old.held.node) - old.uses.free.keys()
        self._values = _values(new.held.node)

    def check(self, power: Power, twin: Power, before: list[Power]) -> None:
        """``twin`` is the call that it stands for, ``before`` are all that did the like. Raises: Failing."""
        if power.call is None or twin.call is None:
            raise Failing(f"{_shown(power)} is handed on, and was not before")
        calls = [each.call for each in before if each.call is not None]
        self._same_way(power, power.call, before, calls)
        known = frozenset[str]().union(*map(words_of, calls))
        given = self._followed(words_of(power.call))
        for word in sorted(given - known - harmless.WORDS - self._local):
            if not (harmless.harmless_builtin(word) or harmless.harmless_attribute(word) or harmless.importable(word)):
                raise Failing(f"{_shown(power)} is given `{word}`, and was not before")
        if gone := sorted(words_of(twin.call) - given - harmless.KEYWORDS - harmless.WORDS):
            raise Failing(f"{_shown(power)} is not given `{gone[0]}` any more")

    def _same_way(self, power: Power, call: ast.Call, before: list[Power], calls: list[ast.Call]) -> None:
        if power.dotted not in {each.dotted for each in before} and not harmless.careful(power.dotted):
            raise Failing(f"{_shown(power)} is another way of what was done before")
        owner = receiver(call)
        if not power.dotted and owner not in {*map(receiver, calls), *self._local}:
            raise Failing(f"{_shown(power)} is asked of `{owner}`, and was not before")
        names = {each.arg for one in calls for each in one.keywords}
        for each in call.keywords:
            sure = isinstance(each.value, ast.Constant) and each.arg in _SURE and each.value.value is _SURE[each.arg]
            if each.arg not in names | harmless.KEYWORDS and not sure:
                raise Failing(f"{_shown(power)} is given `{each.arg or '**'}=`, and was not before")

    def _followed(self, words: frozenset[str]) -> frozenset[str]:
        """Words with those of what new variables among them are bound to."""
        found, waiting = set(words), [word for word in words if word in self._local]
        while waiting:
            more = self._values.get(waiting.pop(), frozenset[str]()) - found
            found |= more
            waiting += [word for word in more if word in self._local]
        return frozenset(found)


def _values(node: ast.AST) -> dict[str, frozenset[str]]:
    """The words of what each variable is bound to."""
    found: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for targets, value in _bindings(node):
        for target in targets:
            for each in ast.walk(target):
                if isinstance(each, ast.Name):
                    found[each.id] |= words_of(ast.Call(value, [value], []))
    return dict(found)


def _bindings(node: ast.AST) -> Iterator[tuple[list[ast.expr], ast.expr]]:
    for each in ast.walk(node):
        match each:
            case ast.Assign(targets=targets, value=value):
                yield targets, value
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.AugAssign(target=target, value=value):
                yield [target], value
            case ast.NamedExpr(target=target, value=value) | ast.For(target=target, iter=value):
                yield [target], value
            case ast.comprehension(target=target, iter=value) | ast.withitem(value, ast.expr() as target):
                yield [target], value
            case _:
                pass


def _said(power: Power) -> str:
    return ast.dump(power.call) if power.call is not None else ""


def _shown(power: Power) -> str:
    if power.call is None:
        return f"what {power.group}" if power.group in _KINDS else f"`{power.group}`"
    text = ast.unparse(power.call)
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"


def _stored(node: ast.AST) -> frozenset[str]:
    names = (each for each in ast.walk(node) if isinstance(each, ast.Name))
    return frozenset(each.id for each in names if isinstance(each.ctx, ast.Store))
