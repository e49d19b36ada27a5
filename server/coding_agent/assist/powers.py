"""What old code did beyond giving a value, new code does no more often, and to the same things."""

import ast
from collections import defaultdict

from coding_agent.assist import harmless
from coding_agent.assist.doing import Doing
from coding_agent.assist.meant import Failing
from coding_agent.assist.surroundings import Surroundings
from coding_agent.assist.uses import Power, words_of

_KINDS = frozenset(kind.value for kind in harmless.DANGEROUS)
_SURE = {"shell": False, "verify": True}
"""Arguments that may be added with this value and no other."""


def powers_kept(old: Doing, new: Doing, around: Surroundings) -> None:
    """Raises: Failing - something is done once more, or to something else."""
    left = _by_group(old, around)
    waiting: list[Power] = []
    for power in new.uses.powers:
        if not _counts(power, around):
            continue
        twin = next((each for each in left[power.group] if _said(each) == _said(power)), None)
        if twin is not None:
            left[power.group].remove(twin)
        else:
            waiting.append(power)
    every = _by_group(old, around)
    local = _bound(new.held.node) - _bound(old.held.node) - old.uses.free.keys()
    for power in sorted(waiting, key=lambda each: each.line):
        if not left[power.group]:
            raise Failing(f"{_shown(power)} is done more often than before, or otherwise")
        left[power.group].pop()
        _same_things(power, every[power.group], local)


def _by_group(doing: Doing, around: Surroundings) -> defaultdict[str, list[Power]]:
    found: defaultdict[str, list[Power]] = defaultdict(list)
    for power in doing.uses.powers:
        if _counts(power, around):
            found[power.group].append(power)
    return found


def _counts(power: Power, around: Surroundings) -> bool:
    """Whether it does more than to give a value."""
    if power.group in _KINDS:
        return True
    if power.group.startswith("."):
        return harmless.acting(power.group[1:]) or bool(around.method(power.group[1:]))
    return bool(around.name(power.group))


def _same_things(power: Power, before: list[Power], local: frozenset[str]) -> None:
    """What a call is given is what calls before were given, variables of the new code, or harmless."""
    if power.call is None:
        raise Failing(f"{_shown(power)} is handed on, and was not before")
    if power.dotted not in {each.dotted for each in before} and not harmless.careful(power.dotted):
        raise Failing(f"{_shown(power)} is another way of what was done before")
    calls = [each.call for each in before if each.call is not None]
    known = frozenset[str]().union(*(words_of(call) for call in calls)) | local
    for word in sorted(words_of(power.call) - known - harmless.WORDS):
        if not (harmless.harmless_builtin(word) or harmless.harmless_attribute(word) or harmless.importable(word)):
            raise Failing(f"{_shown(power)} is given `{word}`, and was not before")
    given = {each.arg for call in calls for each in call.keywords}
    for each in power.call.keywords:
        sure = isinstance(each.value, ast.Constant) and each.arg in _SURE and each.value.value is _SURE[each.arg]
        if each.arg not in given | harmless.KEYWORDS and not sure:
            raise Failing(f"{_shown(power)} is given `{each.arg or '**'}=`, and was not before")


def _said(power: Power) -> str:
    return ast.dump(power.call) if power.call is not None else ""


def _shown(power: Power) -> str:
    if power.call is None:
        return f"what {power.group}"
    text = ast.unparse(power.call)
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"


def _bound(node: ast.AST) -> frozenset[str]:
    return frozenset(
        each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    )
