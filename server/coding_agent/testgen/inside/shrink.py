# pyright: standard
# Judges any candidate.
"""Makes inputs smaller and plainer while a test stays worth the same: shorter texts, fewer items, fewer arguments."""

import ast
import json
import re
import time
from typing import Callable, Iterator, List, Optional, Tuple

from . import parsing
from .hints import HINTS
from .model import Arg, Candidate
from .values import KINDS

Worth = Callable[[Candidate], Optional[Candidate]]
"""Returns the smaller candidate, checked, where it still has what the first one had; None otherwise."""


LONGEST = 24
"""Characters of an argument that somebody still writes."""
READABLE = 4
"""Items that somebody still writes, where each of them is one."""
_ODD = re.compile(r"\\x|\\u|[^\x20-\x7e]|\d{7}")
_SIGNS = frozenset("{}[]()<>|\\\"'=%$#@^~`;&*+")
_WHOLE = re.compile(r"--?[a-z][\w-]*|/[\w/.-]*")
"""Flags of commands and paths of applications: a part of one is another."""
_OURS = frozenset(value.code for pool in KINDS.values() for value in pool)
_TOLD = frozenset(code for _, kind in HINTS for code in kind.split("|"))


def is_odd(candidate: Candidate) -> bool:
    """Whether an argument is one that nobody would write."""
    return any(_is_odd(arg.code) for arg in candidate.act.args)


def is_long(candidate: Candidate) -> bool:
    """Whether there is more to it than the plainest test has: something may be without a use."""
    calls = [one for one in candidate.arrange if isinstance(parsing.statement(one), ast.Expr)]
    made = [node for one in candidate.arrange for node in ast.walk(ast.parse(one)) if isinstance(node, ast.keyword)]
    pairs = [
        key
        for patch in candidate.patches
        for node in ast.walk(parsing.expression(patch.code) or ast.Constant(None))
        if isinstance(node, ast.Dict)
        for key in node.keys
    ]
    return bool(calls or made) or len(pairs) > 1 or len(candidate.patches) > 1


def _is_odd(code: str) -> bool:
    if code in _OURS or code in _TOLD:
        return False
    node = parsing.expression(code)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)) and 0 < len(node.elts) <= READABLE:
        return any(_is_odd(ast.unparse(part)) for part in node.elts)
    if isinstance(node, ast.Dict) and 0 < len(node.keys) <= READABLE:
        return any(_is_odd(ast.unparse(part)) for part in [*node.keys, *node.values] if part is not None)
    text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    return len(code) > LONGEST or _ODD.search(code) is not None or (len(_SIGNS & set(text)) > 2 and not _is_json(text))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def shrink(candidate: Candidate, worth: Worth, until: float) -> Candidate:
    """Return the smallest candidate found by the time ``until``, by the monotonic clock."""
    # A value that somebody may write tells more than a part of it.
    kinds = _LITERALS if is_odd(candidate) else ()
    best, better = candidate, True
    while better:
        better = False
        for smaller in _smaller(best, kinds):
            if time.monotonic() >= until:
                return best
            found = worth(smaller)
            if found is not None:
                best, better = found, True
                break
    return best


def _smaller(candidate: Candidate, kinds: Tuple[type, ...]) -> Iterator[Candidate]:
    """Yield candidates with one thing less, what saves most first; ``kinds``: literals that get smaller."""
    plain = tuple(one for one in candidate.arrange if not isinstance(parsing.statement(one), ast.Expr))
    if len(plain) + 1 < len(candidate.arrange):
        yield candidate._replace(arrange=plain)
    for at in range(len(candidate.arrange)):
        yield candidate._replace(arrange=_without(candidate.arrange, at))
    for at in range(len(candidate.patches)):
        yield candidate._replace(patches=_without(candidate.patches, at))
    args = candidate.act.args
    for at in reversed(range(len(args))):
        # Only the last of those that go by place can be missing.
        if args[at].name or not any(not one.name for one in args[at + 1 :]):
            yield _with(candidate, _without(args, at))
    for at, statement in enumerate(candidate.arrange):
        for code in smaller_codes(statement, (ast.Call,)):
            yield candidate._replace(arrange=(*candidate.arrange[:at], code, *candidate.arrange[at + 1 :]))
    patches = candidate.patches
    for at, patch in enumerate(patches):
        # Only pairs of what is answered: another status would be another case.
        for code in smaller_codes(patch.code, (ast.Dict,)):
            yield candidate._replace(patches=(*patches[:at], patch._replace(code=code), *patches[at + 1 :]))
    for at, arg in enumerate(args):
        for code in smaller_codes(arg.code, kinds):
            yield _with(candidate, (*args[:at], Arg(arg.name, code), *args[at + 1 :]))


def _without(items: Tuple, at: int) -> Tuple:  # type: ignore[type-arg] # of whatever it is
    return (*items[:at], *items[at + 1 :])


def _with(candidate: Candidate, args: Tuple[Arg, ...]) -> Candidate:
    return candidate._replace(act=candidate.act._replace(args=args))


_LITERALS = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set)


def smaller_codes(code: str, kinds: Tuple[type, ...] = _LITERALS) -> Iterator[str]:
    """Yield statements or expressions that are like one, with one part of these kinds in it smaller."""
    tree = parsing.statement(code)
    if tree is None:
        return
    keys = {id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys if _is_name(key)}
    nodes = [node for node in ast.walk(tree) if id(node) not in keys and isinstance(node, kinds)]
    for node in nodes:
        for field, value in _changes(node):
            old = {name: getattr(node, name) for name in field}
            for name, new in zip(field, value):
                setattr(node, name, new)
            text = ast.unparse(tree)
            if text != code:
                yield text
            for name, one in old.items():
                setattr(node, name, one)


def _is_name(key: Optional[ast.expr]) -> bool:
    return isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value.isidentifier()


def _changes(node: ast.AST) -> Iterator[Tuple[Tuple[str, ...], Tuple[object, ...]]]:
    if isinstance(node, ast.Constant):
        for value in _values(node.value):
            yield ("value",), (value,)
    elif isinstance(node, ast.Dict):
        for cut in _cuts(len(node.keys)):
            yield ("keys", "values"), ([node.keys[at] for at in cut], [node.values[at] for at in cut])
    elif isinstance(node, ast.Call):
        for at in reversed(range(len(node.keywords))):
            yield ("keywords",), (_without(tuple(node.keywords), at),)
    elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        for cut in _cuts(len(node.elts)):
            if cut or not isinstance(node, ast.Set):
                yield ("elts",), ([node.elts[at] for at in cut],)


def _cuts(count: int) -> Iterator[List[int]]:
    """Yield places to keep: half of them, then all but one."""
    if count > 3:
        yield list(range(count // 2))
        yield list(range(count // 2, count))
    for left_out in reversed(range(count)):
        yield [at for at in range(count) if at != left_out]


def _values(value: object) -> Iterator[object]:
    if isinstance(value, bool):
        return
    if isinstance(value, int) and abs(value) > 1:
        yield from (0, 1)
        if abs(value) > 10:
            yield int(value / 2)
            yield int(str(abs(value))[0]) * 10 ** (len(str(abs(value))) - 1) * (1 if value > 0 else -1)
    elif isinstance(value, (str, bytes)) and not (isinstance(value, str) and _WHOLE.fullmatch(value)):
        for cut in (
            _cuts(len(value)) if len(value) < 40 else [range(len(value) // 2), range(len(value) // 2, len(value))]
        ):
            yield value[:0].join(value[at : at + 1] for at in cut)  # type: ignore[arg-type]
        if isinstance(value, str):
            yield re.sub(r"[^ ]", "a", value) if _is_odd(repr(value)) else value
            yield re.sub(r"[^a-zA-Z0-9 ]", "a", value)
