# pyright: standard
# Trees of text that may be no Python.
"""Calls that stand in texts: doctest sessions, example sections, inline code; and seeds handed in from outside."""

import ast
import doctest
import re
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence, Set, Tuple

from . import parsing
from .usage import dotted
from .wording import snake

_INLINE = re.compile(r"`{1,2}([A-Za-z_][\w.]*\(.*?\))`{1,2}")
_ARROW = re.compile(r"^\s*(?:[-*#]\s*)?([A-Za-z_][\w.]*\(.*\))\s*(?:#.*)?(?:=>|->|==|→|returns|#|$)")
_SKIPPED = (
    "print",
    "len",
    "list",
    "sorted",
    "dict",
    "str",
    "repr",
    "isinstance",
    "type",
    "tuple",
    "set",
    "next",
    "int",
    "bool",
)


class Example(NamedTuple):
    """A call found in a text: arguments as source, with the statements that stand before it in its session.

    ``callee`` is dotted as written; ``places`` are arguments by place, ``keywords`` by name.
    """

    callee: str
    places: Tuple[str, ...]
    keywords: Tuple[Tuple[str, str], ...]
    arrange: Tuple[str, ...]
    imports: Tuple[str, ...]
    origin: str
    whole: str = ""


def examples(text: str) -> List[Example]:
    """Return the calls of one docstring, in their order, sessions first."""
    if not text:
        return []
    found = [example for session in _sessions(text) for example in _of_statements(session, "docstring")]
    for line in text.split("\n"):
        for source in [*_INLINE.findall(line), *(match[1] for match in [_ARROW.match(line)] if match)]:
            tree = _read(_balanced(source))
            if tree and not found_already(found, tree):
                found += _of_statements(tree, "docstring")
    return found


def found_already(found: Sequence[Example], tree: Sequence[ast.stmt]) -> bool:
    """Tell whether one of the examples is this very call."""
    return any(example.whole == ast.unparse(tree[0]) for example in found)


def code_blocks(text: str) -> List[List[ast.stmt]]:
    """Return the indented blocks of a text that are Python."""
    blocks: List[List[ast.stmt]] = []
    for block in re.split(r"\n\s*\n", text):
        lines = [line for line in block.split("\n") if line.strip()]
        indented = [line for line in lines if line.startswith("    ")]
        if indented and len(indented) == len(lines) and ">>>" not in block:
            tree = _read(
                "\n".join(line[min(len(item) - len(item.lstrip()) for item in indented) :] for line in indented)
            )
            blocks += [tree] if tree else []
    return blocks


def _sessions(text: str) -> List[List[ast.stmt]]:
    try:
        found = doctest.DocTestParser().get_examples(text)
    except ValueError:
        found = []
    statements: List[ast.stmt] = []
    for example in found:
        statements += _read(example.source)
    return ([statements] if statements else []) + code_blocks(text)


def _read(source: str) -> List[ast.stmt]:
    tree = parsing.module(source.strip())
    return tree.body if tree is not None else []


def _balanced(source: str) -> str:
    """Cut behind the bracket that closes the first one."""
    depth = 0
    for place, char in enumerate(source):
        depth += (char in "([{") - (char in ")]}")
        if depth == 0 and char in ")]}":
            return source[: place + 1]
    return source


def _of_statements(statements: Sequence[ast.stmt], origin: str) -> List[Example]:
    found: List[Example] = []
    before: List[ast.stmt] = []
    for statement in statements:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            before.append(statement)
            continue
        found += [_example(call, before, origin) for call in _calls(statement)]
        if isinstance(
            statement,
            (ast.Assign, ast.AugAssign, ast.FunctionDef, ast.ClassDef, ast.Expr, ast.AsyncFunctionDef, ast.Delete),
        ):
            before.append(statement)
    return found


def _calls(statement: ast.stmt) -> Iterable[ast.Call]:
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
        return [call for item in statement.decorator_list for call in ast.walk(item) if isinstance(call, ast.Call)]
    return [
        node
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and _callee(node) and dotted(node.func) not in _SKIPPED
    ]


def _callee(call: ast.Call) -> str:
    """Return what is called; for ``Cart("me").add(2)`` it is ``cart.add``."""
    made = _made(call)
    return "%s.%s" % (_named_after(made), getattr(call.func, "attr", "")) if made else dotted(call.func)


def _made(call: ast.Call) -> Optional[ast.Call]:
    """Return the call of a class whose object has the method that is called."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    if not isinstance(owner, ast.Call) or not dotted(owner.func).rpartition(".")[2][:1].isupper():
        return None
    return owner


def _named_after(made: ast.Call) -> str:
    return snake(dotted(made.func).rpartition(".")[2])


def _example(call: ast.Call, before: Sequence[ast.stmt], origin: str) -> Example:
    needed = _needed(call, before)
    lines = [ast.unparse(statement) for statement in needed if not isinstance(statement, (ast.Import, ast.ImportFrom))]
    imports = [ast.unparse(statement) for statement in needed if isinstance(statement, (ast.Import, ast.ImportFrom))]
    made = _made(call)
    if made is not None:
        lines.append("%s = %s" % (_named_after(made), ast.unparse(made)))
    starred = any(isinstance(arg, ast.Starred) for arg in call.args) or any(
        keyword.arg is None for keyword in call.keywords
    )
    return Example(
        _callee(call),
        () if starred else tuple(ast.unparse(arg) for arg in call.args),
        () if starred else tuple((keyword.arg or "", ast.unparse(keyword.value)) for keyword in call.keywords),
        tuple(lines),
        tuple(imports),
        origin,
        ast.unparse(call),
    )


def _needed(call: ast.AST, before: Sequence[ast.stmt]) -> List[ast.stmt]:
    """Return the earlier statements that the call depends on, in their order, what changes its names included."""
    names = _loaded(call)
    kept: List[ast.stmt] = []
    imported = {
        name
        for statement in before
        if isinstance(statement, (ast.Import, ast.ImportFrom))
        for name in _bound(statement)
    }
    for statement in reversed(before):
        bound = _bound(statement)
        touched = bound & names or (
            isinstance(statement, (ast.Expr, ast.Assign, ast.Delete, ast.AugAssign))
            and (_roots(statement) - imported) & names
        )
        if touched:
            kept.append(statement)
            # What stood in a name before it was bound anew does not matter.
            names = (
                names - (bound if isinstance(statement, (ast.Assign, ast.FunctionDef, ast.ClassDef)) else set())
            ) | _read_names(statement)
    return kept[::-1]


def _roots(statement: ast.stmt) -> Set[str]:
    """Return the names whose objects a statement may change: ``x`` in ``x.add(1)`` and ``x[1] = 2``."""
    found: Set[str] = set()
    for node in ast.walk(statement):
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)) or (
            isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, (ast.Store, ast.Del))
        ):
            inner: Any = node.func if isinstance(node, ast.Call) else node
            while isinstance(inner, (ast.Attribute, ast.Subscript)):
                inner = inner.value
            if isinstance(inner, ast.Name):
                found.add(inner.id)
    return found


def _loaded(node: ast.AST) -> Set[str]:
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}


def _read_names(node: ast.AST) -> Set[str]:
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Load)}


def _bound(statement: ast.stmt) -> Set[str]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def from_seed(seed: Dict[str, Any]) -> Example:
    """Return a call handed in as ``{"target", "args", "arrange", "imports", "origin"}``.

    Arguments are sources by place, ``name=source`` by keyword, or pairs of name and source.
    """
    places: List[str] = []
    keywords: List[Tuple[str, str]] = []
    for arg in seed.get("args", ()):
        name, code = _named(arg)
        if name:
            keywords.append((name, code))
        else:
            places.append(code)
    return Example(
        seed["target"],
        tuple(places),
        tuple(keywords),
        tuple(seed.get("arrange", ())),
        tuple(seed.get("imports", ())),
        seed.get("origin", "call site"),
        seed.get("whole", ""),
    )


def _named(arg: Any) -> Tuple[str, str]:
    if isinstance(arg, dict):
        return arg.get("name", ""), arg["code"]
    if isinstance(arg, (list, tuple)):
        return arg[0], arg[1]
    match = re.match(r"([A-Za-z_]\w*)=(?!=)(.+)$", arg)
    return (match[1], match[2]) if match else ("", arg)
