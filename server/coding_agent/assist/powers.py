"""What old code did beyond giving a value, new code does no more often, in the same way, to the same things, and only
where the old code did.

That is asked of each call that is not known to be harmless, at each place from which it is run. What it is given has to
be spelled the same once variables are followed (``following``); what has to hold before it runs, and who catches what
it raises, has to be the same (``ways``). Only arguments that make a call safer may come or go.
"""

import ast
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from coding_agent.assist import harmless
from coding_agent.assist.bound import Bound, Frame
from coding_agent.assist.doing import Doing, receiver
from coding_agent.assist.following import Following
from coding_agent.assist.meant import Failing
from coding_agent.assist.spelling import Piece, Spelled, by_parameters, put_together, unquoted
from coding_agent.assist.surroundings import Surroundings
from coding_agent.assist.uses import Power
from coding_agent.assist.ways import Way, Ways, lost
from coding_agent.explain.world import OPENERS, Kind
from coding_agent.proof.source import FUNCTIONS

_KINDS = frozenset(kind.value for kind in (*harmless.DANGEROUS, Kind.READS_ENVIRONMENT))
_SURE = {"shell": False, "verify": True}
"""Arguments that may be added with this value and no other, and may go: without them it is the same."""
_ENDS = frozenset({".close", ".acquire", ".release", ".flush", ".__enter__", ".__exit__", ".join"})
"""What ``with`` does as well, so it need not be done by a call."""
_CAREFUL = frozenset({"exist_ok", "missing_ok"})


@dataclass(frozen=True)
class _Done:
    """A call at one of the places from which it is run; ``parts`` are the two that it stands for, in both branches."""

    power: Power
    pieces: tuple[Piece, ...]
    named: dict[str, Spelled]
    way: Way
    alone: bool
    parts: tuple[int, ...] = ()

    @property
    def spelled(self) -> Spelled:
        return put_together(self.pieces)


def powers_kept(old: Doing, new: Doing, around: Surroundings) -> None:
    """Raises: Failing - something is done once more, in another way, to something else, or on another condition."""
    more = _members(new.held.node) - _members(old.held.node)
    before, after = _Reader(old, around, more).done(), _Reader(new, around, more).done()
    for group in sorted(before.keys() | after.keys()):
        if group not in before and harmless.protecting(group):
            continue
        _group_kept(before.get(group, []), after.get(group, []))


def _members(node: ast.AST) -> frozenset[str]:
    return frozenset(each.name for each in getattr(node, "body", ()) if isinstance(each, FUNCTIONS))


class _Reader:
    """Finds what one definition does."""

    def __init__(self, doing: Doing, around: Surroundings, more: frozenset[str]) -> None:
        self._doing, self._around, self._more = doing, around, more
        self._bound = Bound(doing.held.node, doing.context, more)
        self._following = Following(self._bound)
        self._ways = Ways(self._following)

    def done(self) -> dict[str, list[_Done]]:
        """All of it, by what it is; in the order of the code."""
        found: defaultdict[str, list[_Done]] = defaultdict(list)
        for power in sorted(self._doing.uses.powers, key=lambda each: each.line):
            if power.group in _KINDS or self._reaches(power):
                found[power.group] += [self._at(power, frame) for frame in self._bound.frames(power.node)]
        return found

    def _reaches(self, power: Power) -> bool:
        """Whether it does more than to give a value, or nobody knows."""
        if harmless.protecting(power.dotted):
            return True
        if power.dotted:
            return not harmless.harmless_name(power.dotted) and self._around.dotted(power.dotted) != ""
        if power.call is None:
            return True
        if self._bound.means(power.call.func) is not None:
            return False
        name = power.group.removeprefix(".")
        if power.group == name:
            return self._named(power.call, name)
        owner = receiver(power.call)
        asked = owner in self._doing.contacts or harmless.contact(owner.rpartition(".")[2])
        known = harmless.harmless_attribute(name) or self._around.defines(name)
        return asked or harmless.acts(name, power.call) or bool(self._around.method(name)) or not known

    def _named(self, call: ast.Call, name: str) -> bool:
        function = call.func
        variable = self._bound.variable(function) if isinstance(function, ast.Name) else None
        if variable is None:
            return name == self._doing.held.node.name or self._around.name(name) != ""
        made = (each for each in ast.walk(self._doing.held.node) if isinstance(each, ast.ClassDef))
        return not any(each.name == name for each in made)

    def _at(self, power: Power, frame: Frame | None) -> _Done:
        way = self._ways.to(power.node, frame)
        if power.call is None:
            return _Done(power, (Piece("name", power.dotted or power.shown),), {}, way, False)
        call, owner = power.call, power.owner
        pieces = self._following.given(_without_mode(call, power.dotted), owner, frame)
        seen = self._following.comprehensions
        named: dict[str, Spelled] = {}
        for each in call.keywords:
            named[each.arg or "**"] = self._following.spelled(each.value, frame)
            seen = [*seen, *self._following.comprehensions]
        given = [*call.args, *(each.value for each in call.keywords), *([owner] if owner is not None else [])]
        conditions = self._ways.with_items(seen) | self._ways.filling(given, frame)
        way = replace(way, conditions=way.conditions | conditions)
        return _Done(power, tuple(pieces), named, way, self._is_alone(power.node))

    def _is_alone(self, node: ast.AST) -> bool:
        """Whether nobody uses what a call gives: so it is there for what it does."""
        above = self._doing.context.parent(node)
        above = self._doing.context.parent(above) if isinstance(above, ast.Await) else above
        return isinstance(above, ast.Expr)


def _without_mode(call: ast.Call, dotted: str) -> ast.Call:
    """A call that opens a file to read, without saying so."""
    place, _ = OPENERS.get(dotted, (99, ""))
    args = [
        each
        for at, each in enumerate(call.args)
        if not (at == place and isinstance(each, ast.Constant) and each.value in {"r", "rt"})
    ]
    return call if len(args) == len(call.args) else ast.Call(call.func, args, call.keywords)


def _group_kept(before: Sequence[_Done], after: Sequence[_Done]) -> None:
    """Raises: Failing - of what is alike, something new has no like in the old code, or something is gone."""
    candidates = [*before, *_in_both_branches(before)]
    left = set(range(len(before)))
    for each in after:
        free = [one for at, one in enumerate(candidates) if left.issuperset(one.parts or (at,))]
        same = next((one for one in free if not _other(one, each)), None)
        if same is None:
            why = _other(free[0], each) if free else "is done more often than before, or otherwise"
            raise Failing(f"{_shown(each.power)} {why}")
        left -= {*(same.parts or (candidates.index(same),))}
    for at in sorted(left):
        one = before[at]
        twice = any(each.spelled == one.spelled for each in after)
        if one.alone and not twice and one.power.group not in _ENDS:
            raise Failing(f"{_shown(one.power)} is not done any more")


def _in_both_branches(before: Sequence[_Done]) -> list[_Done]:
    """What is done the same whether something holds or not is done without that condition."""
    found: list[_Done] = []
    for at, one in enumerate(before):
        for behind, other in enumerate(before[at + 1 :], at + 1):
            apart = one.way.conditions ^ other.way.conditions
            if len(apart) == 2 and len({each.other if not each.holds else each for each in apart}) == 1:
                way = replace(one.way, conditions=one.way.conditions & other.way.conditions)
                found.append(replace(one, way=way, parts=(at, behind)))
    return found


def _other(old: _Done, new: _Done) -> str:
    """In what a call differs from an old one, as a sentence's end; empty for nothing."""
    if new.power.dotted != old.power.dotted:
        alike = harmless.same(new.power.dotted) == harmless.same(old.power.dotted)
        if not (alike or harmless.careful(new.power.dotted)):
            return "is another way of what was done before"
    if (new.power.call is None) != (old.power.call is None):
        return "is handed on, and was not before"
    careful = any(name in _CAREFUL for name in new.named)
    return _given(old, new) or _by_name(old, new) or lost(old.way, new.way, careful=careful)


def _given(old: _Done, new: _Done) -> str:
    one, other = old.pieces, new.pieces
    if by_parameters(one) > by_parameters(other):
        return "is given as text what was a parameter"
    if by_parameters(one) < by_parameters(other):
        one = unquoted(one)
    before, after = put_together(one), put_together(other)
    if before == after:
        return ""
    more, less = (sorted({*left} - {*right} - {""}) for left, right in ((after, before), (before, after)))
    if more:
        return f"is given `{_word(more[0])}`, and was not before"
    return f"is not given `{_word(less[0])}` any more" if less else "is given the same in another order"


_MARKS = "`' "
_SIGNS = {" Div": "/", " USub": "-", " (": "the result of a call"}


def _word(spelled: str) -> str:
    return _SIGNS.get(spelled, spelled.lstrip(_MARKS))


def _by_name(old: _Done, new: _Done) -> str:
    for name, value in new.named.items():
        if name in old.named:
            changed = value != old.named[name] and not _sure(name, value)
            if changed:
                return f"is given another `{name}=`"
        elif not (_sure(name, value) or (name in harmless.KEYWORDS and all(map(_is_plain, value)))):
            return f"is given `{name}=`, and was not before"
    for name in old.named:
        if name not in new.named and name not in _SURE:
            return f"is not given `{name}=` any more"
    return ""


def _sure(name: str, value: Spelled) -> bool:
    return name in _SURE and value == (f" {_SURE[name]!r}",)


def _is_plain(word: str) -> bool:
    """Whether a word of an argument is a figure, or means nothing bad."""
    text = word[1:]
    if word[:1] == "'":
        return all(each in harmless.WORDS or each.isdecimal() for each in text.replace("-", " ").split())
    return word[:1] == " " or text.isupper() or harmless.harmless_name(text)


def _shown(power: Power) -> str:
    if power.call is None:
        return f"what {power.group}" if power.group in _KINDS else f"`{power.group}`"
    text = ast.unparse(power.call)
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"
