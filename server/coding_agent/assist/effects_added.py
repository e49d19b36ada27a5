"""Whether new code does more than the old one: reaches files, networks, processes, other modules, or changes more.

It is asked of names first, not of intentions: new code may use what the old code used, what is harmless whoever uses
it, and what of the document itself leads to nothing else; what is not known is refused. ``powers`` asks call by call
whether what both do is the same; ``care_kept`` whether what the old code took care of is still taken care of.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from coding_agent.assist import harmless
from coding_agent.assist.care_kept import care_kept
from coding_agent.assist.doing import Doing
from coding_agent.assist.meant import Failing, Meant, Purpose
from coding_agent.assist.powers import powers_kept
from coding_agent.assist.surroundings import Surroundings
from coding_agent.explain.world import OPENERS, Kind
from coding_agent.proof.scopes import bound_names, own_nodes

_ADDED = {Purpose.FIX: frozenset({Kind.LOGS})}
"""What may be added for a purpose: a fix may say what it swallows."""
_WHAT_COUNTS = frozenset({
    Kind.ARGUMENT, Kind.SELF, Kind.OUTER, Kind.GLOBAL, Kind.READS_ARGUMENT, Kind.WRITES_ARGUMENT,
})  # fmt: skip
"""Of these counts what it is done to; of the others only that it is done."""
_WORD = re.compile(r"\w+")
_LEADS = re.compile(r"://|\.\.|^[~/\\]")
"""Texts that lead somewhere without a word."""


def effects_kept(old: Doing, new: Doing, around: Surroundings, meant: Meant, purpose: Purpose) -> None:
    """``around`` is the document around the new code. Raises: Failing - it does more than before, and what."""
    _kinds(old, new, purpose)
    _changes(old, new)
    _names(old, new, around)
    _attributes(old, new, around)
    _contacts(old, new)
    _imports(old, new, around, meant)
    powers_kept(old, new, around)
    care_kept(old, new)


def texts_kept(old: Doing, new: Doing) -> None:
    """Raises: Failing - a text has a word that the old code does not have. Messages of exceptions may have any."""
    known = frozenset(_WORD.findall(old.held.own)) | old.uses.words.keys() | harmless.WORDS
    for word in new.uses.words:
        if word not in known:
            raise Failing(f"`{word}` stands in a text, and nowhere in the old code")
    if new.kinds.keys() & harmless.DANGEROUS or new.contacts:
        for name in (*_more(new.uses.dotted, old.uses.dotted), *_more(new.uses.attributes, old.uses.attributes)):
            if harmless.builds_texts(name):
                raise Failing(f"it begins to make texts by `{name.removeprefix('builtins.')}`")
        for text in _more(new.uses.texts, old.uses.texts):
            if _LEADS.search(text):
                raise Failing(f"the text {text!r} is new")


def _more(new: Mapping[str, int], old: Iterable[str]) -> list[str]:
    """What is new, in the order of the code."""
    known = frozenset(old)
    return sorted((each for each in new if each not in known), key=lambda each: (new[each], each))


def _kinds(old: Doing, new: Doing, purpose: Purpose) -> None:
    for (kind, what), line in sorted(new.effects.items(), key=lambda each: (each[1], each[0][0].value, each[0][1])):
        del line
        if kind in _WHAT_COUNTS and (kind, what) not in old.effects:
            raise Failing(f"it {kind.value} (`{what}`), and did not before")
        if kind not in _WHAT_COUNTS and not _may(kind, old, purpose):
            raise Failing(f"it {kind.value} (`{what}`), and did not before")
    for kind in sorted(new.kinds, key=lambda kind: (new.kinds[kind], kind.value)):
        if kind not in _WHAT_COUNTS and not _may(kind, old, purpose):
            raise Failing(f"it {kind.value}, and did not before")


def _changes(old: Doing, new: Doing) -> None:
    for (what, how), _ in sorted(new.changes.items(), key=lambda each: (each[1], each[0])):
        if (what, how) not in old.changes:
            raise Failing(f"it {how} `{what}`, and did not before")


def _may(kind: Kind, old: Doing, purpose: Purpose) -> bool:
    if kind in old.kinds or kind in _ADDED.get(purpose, ()):
        return True
    return kind is Kind.LOOKS_AT_FILES and not harmless.FILES.isdisjoint(old.kinds)


def _names(old: Doing, new: Doing, around: Surroundings) -> None:
    for dotted in _more(new.uses.dotted, old.uses.dotted):
        shown = dotted.removeprefix("builtins.")
        if harmless.barred_name(dotted):
            raise Failing(f"it begins to use `{shown}`")
        if harmless.kind_of(dotted) is not None or dotted in OPENERS or harmless.harmless_name(dotted):
            continue
        _leads(shown, around.dotted(dotted))
    for name in _more(new.uses.free, old.uses.free):
        _leads(name, around.name(name))
    for code in _more(new.uses.by_name, old.uses.by_name):
        raise Failing(f"`{code}` reaches an attribute by a name that is made as it runs")


def _leads(name: str, leads: str | None) -> None:
    """``leads`` is what a name leads to, empty for nothing. Raises: Failing - it leads somewhere, or nobody knows."""
    if leads is None:
        raise Failing(f"it begins to use `{name}`, and nobody knows what that does")
    if leads:
        raise Failing(f"it begins to use `{name}`, which leads to {leads}")


def _attributes(old: Doing, new: Doing, around: Surroundings) -> None:
    own = frozenset(_made(new))
    done = {power.group.removeprefix(".") for power in old.uses.powers}
    for name in _more(new.uses.attributes, old.uses.attributes):
        if harmless.acting(name) and name in done:
            continue  # As ``json.dump`` writes: whether it is the same is asked call by call.
        if harmless.barred_attribute(name):
            raise Failing(f"it begins to use `.{name}`")
        leads = around.method(name)
        if leads:
            raise Failing(f"it begins to use `.{name}`, which leads to {leads}")
        if not harmless.harmless_attribute(name) and name not in around.attributes and name not in own:
            raise Failing(f"it begins to use `.{name}`, which is nowhere else in the file")


def _made(new: Doing) -> Iterator[str]:
    """The attributes that the code itself makes."""
    for node in ast.walk(new.held.node):
        match node:
            case (
                ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.Attribute(attr=name, ctx=ast.Store())
            ):
                yield name
            case ast.ClassDef():
                yield from (name for each in node.body for inner in own_nodes(each) for name in bound_names(inner))
            case _:
                pass


def _contacts(old: Doing, new: Doing) -> None:
    """Objects that reach others are asked for nothing new, however harmless it sounds."""
    before = {(receiver, name) for receiver, name in old.asked()}
    for receiver, name in new.asked():
        reaching = receiver in old.contacts or harmless.contact(receiver.rpartition(".")[2])
        if reaching and (receiver, name) not in before:
            raise Failing(f"it begins to call `{receiver}.{name}`")


def _imports(old: Doing, new: Doing, around: Surroundings, meant: Meant) -> None:
    known = around.imported | meant.imported | meant.modules.keys()
    for module in _more(new.uses.modules, old.uses.modules):
        if not (harmless.importable(module) or module in known):
            raise Failing(f"it imports `{module}`; importing a module runs it")
    for dotted in sorted(set(new.uses.imports.values()) - set(old.uses.imports.values())):
        harmful = not (harmless.harmless_name(dotted) or harmless.kind_of(dotted) or dotted in known)
        if harmful and around.dotted(dotted) is None:
            raise Failing(f"it imports `{dotted}`, and nobody knows what that does")
