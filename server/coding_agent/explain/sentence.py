"""What a function does in one sentence, from its name and header alone: for those that have no docstring."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources

from coding_agent.explain.code import Function, is_generator, own_nodes, shortened
from coding_agent.explain.page import Code, Inline, Line

_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_IRREGULAR = {"be": "is", "do": "does", "go": "goes", "have": "has", "undo": "undoes", "redo": "redoes"}
_WITH_S = ("s", "x", "z", "ch", "sh")
_ASKS = {
    **dict.fromkeys(("is", "was"), "it is"), **dict.fromkeys(("has", "have"), "it has"), "are": "they are",
    "can": "it can", "should": "it should", "needs": "it needs", "supports": "it supports", "contains": "it contains",
}  # fmt: skip
_BEGINNINGS = {"to": "Converts to", "as": "Converts to", "from": "Makes one from", "on": "Handles", "handle": "Handles"}
_NAMED = 4


def sentence(node: Function, holder: str = "") -> Line | None:
    """Say what a function does, takes and gives back; None where its name tells nothing.

    ``holder`` is the name of the class it stands in.
    """
    does = _does(node, holder)
    if does is None:
        return None
    parts: list[Inline] = [*does]
    takes = list(_takes(node, method=bool(holder)))
    for index, each in enumerate(takes[:_NAMED]):
        parts += [": takes " if index == 0 else ", ", each]
    parts += [f" and {len(takes) - _NAMED} more"] if len(takes) > _NAMED else []
    gives = _gives(node)
    if gives:
        parts += ["; " if takes else ": ", *gives]
    return tuple(parts)


def _does(node: Function, holder: str) -> tuple[Inline, ...] | None:
    name = node.name
    if name == "__init__" and holder:
        return ("Sets up a new ", Code(holder))
    words = [] if name.startswith(("__", "test_")) else _words(name)
    first, rest = (words[0], " ".join(words[1:])) if words else ("", "")
    said = None
    if first in _ASKS and rest:
        said = f"Tells whether {_ASKS[first]} {rest}"
    elif words and any(map(_is_property, node.decorator_list)):
        said = f"The {' '.join(words)}"
    elif first in _BEGINNINGS and rest:
        said = f"{_BEGINNINGS[first]} {rest}"
    elif first in _verbs() and (rest or _object(first, holder)):
        said = f"{_third(first).capitalize()} {rest or f'the {_object(first, holder)}'}"
    return (said,) if said else None


def _words(name: str) -> list[str]:
    """The words of a name; what is in capitals stays so."""
    return [each if each.isupper() and len(each) > 1 else each.lower() for each in _PART.findall(name)]


@cache
def _verbs() -> frozenset[str]:
    """Verbs that functions begin with."""
    return frozenset(resources.files("coding_agent.explain").joinpath("verbs.txt").read_text("utf-8").split())


def _is_property(node: ast.expr) -> bool:
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name in ("property", "cached_property")


def _object(verb: str, holder: str) -> str:
    """What a method does its verb to: its class, but for who does it there (``MailSender.send``: the mail)."""
    words, stem = _words(holder), verb.removesuffix("e")
    doers = (f"{stem}er", f"{stem}or", f"{verb}{verb[-1]}er", f"{verb[:-1]}ier")
    return " ".join(words[:-1] if words and words[-1] in doers else words)


def _third(verb: str) -> str:
    """A verb as it stands behind "it": sends, fetches, copies."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith(_WITH_S):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}es" if verb.endswith("o") else f"{verb}s"


def _takes(node: Function, *, method: bool) -> Iterator[Code]:
    """The parameters that have to be given."""
    given = node.args
    plain = [*given.posonlyargs, *given.args]
    needed = plain[: len(plain) - len(given.defaults)]
    bound = method and not any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in node.decorator_list)
    yield from (Code(each.arg) for each in needed[bound:])
    yield from (Code(each.arg) for each, of in zip(given.kwonlyargs, given.kw_defaults, strict=True) if of is None)


def _gives(node: Function) -> tuple[Inline, ...]:
    """What comes back, by its annotation or by all of its ``return``."""
    if is_generator(node):
        return ("yields what it finds",) if node.returns is None else ("gives ", Code(shortened(node.returns)))
    if node.returns is not None:
        return () if shortened(node.returns) in ("None", "NoReturn") else ("returns ", Code(shortened(node.returns)))
    values = [each.value for each in own_nodes(node.body) if isinstance(each, ast.Return) and each.value is not None]
    kinds = {_kind(each) for each in values}
    if not values or None in kinds or len(kinds) > 2:
        return ()
    return ("returns ", " or ".join(sorted(str(each) for each in kinds)))


def _kind(node: ast.expr) -> str | None:
    """What sort of thing an expression makes, where its form says so."""
    if isinstance(node, ast.Constant):
        return _CONSTANTS.get(type(node.value))
    if isinstance(node, ast.UnaryOp):
        return "a bool" if isinstance(node.op, ast.Not) else None
    return _FORMS.get(type(node))


_CONSTANTS: dict[type, str] = {type(None): "None", bool: "a bool", str: "a text", int: "a number", float: "a number"}
_FORMS: dict[type[ast.expr], str] = {
    ast.Compare: "a bool", ast.JoinedStr: "a text", ast.List: "a list", ast.ListComp: "a list", ast.Dict: "a dict",
    ast.DictComp: "a dict", ast.Set: "a set", ast.SetComp: "a set", ast.Tuple: "a tuple",
}  # fmt: skip
