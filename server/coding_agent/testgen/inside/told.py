# pyright: standard
# Patterns and docstrings of any kind.
"""Texts that a function takes, as its author shows them: in docstrings, in comments, by patterns and date formats."""

import ast
import builtins
import datetime
import io
import random
import re
import tokenize
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Set, Tuple

from . import regex
from .usage import Use, constants_of, dotted
from .values import Value, unique
from .world import World

LONGEST = 300
MOST = 10
_QUOTED = re.compile(
    r"``([^`\n]{1,120})``|`([^`\n]{1,120})`|(?<!\w)\"([^\"]{1,120})\"(?!\w)|(?<!\w)'([^'\n]{1,120})'(?!\w)"
)
_SHOWN = re.compile(r"(?:\blike|\be\.g\.|\bsuch as|\bexamples?|\bformat|\bform):\s+(\S.*)$|\be\.g\.,?\s+(\S.*)$", re.I)
_BLOCK = re.compile(r"(?:::|\b(?:like|examples?|format|form):)\s*\n((?:\s*\n)*(?:[ \t]+\S.*(?:\n|$))+)")
_SESSION = re.compile(r"^[ \t]*>>>.*\n?(?:[ \t]*\S.*\n?)*", re.M)
_ROLE = re.compile(r":[\w:]+:`[^`]*`")
MOMENT = datetime.datetime(2024, 1, 15, 12, 30, 45)
_FORMAT = re.compile(r"%[YmdHMSybBjIp]")
_NO_PROSE = re.compile(r"\d|[^\w\s.,'\"()-]")
_SEARCHES = ("compile", "match", "fullmatch", "search", "findall", "finditer", "split", "sub", "subn")


def shown(text: str) -> List[str]:
    """Return the inputs that a docstring or comment shows: what is quoted, and words with digits such as ``EU;2.5``."""
    found: Dict[str, None] = {}
    text = _ROLE.sub(" ", _SESSION.sub("", text))
    for block in _BLOCK.findall(text):
        lines = block.strip("\n").rstrip().split("\n")
        margin = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
        found.setdefault("\n".join(line[margin:] for line in lines))
    plain = text
    for match in _QUOTED.finditer(text):
        piece = next(group for group in match.groups() if group is not None)
        plain = plain.replace(match[0], " ")
        if piece.strip() and not (match[0].startswith("`") and ("(" in piece or _is_name(piece))):
            found.setdefault(piece)
    for line in plain.split("\n"):
        match = _SHOWN.search(line)
        if match:
            found.setdefault((match[1] or match[2]).strip().rstrip("."))
        for word in line.split():
            bare = word.strip("()[]{}<>,;:!?").rstrip(".")
            if re.search(r"\d", bare) and re.search(r"[^\d()\[\]]", bare) and 3 <= len(bare) <= 60 and "(" not in bare:
                found.setdefault(bare)
    return [piece for piece in found if len(piece) <= LONGEST][:MOST]


def _is_name(piece: str) -> bool:
    """Whether an inline literal is rather a name of the code."""
    return all(part.isidentifier() for part in piece.split(".")) or hasattr(builtins, piece)


def texts_of(name: str, world: World) -> List[Value]:
    """Return the texts shown for a function: its own docstring's first, its class's and its module's last."""
    return world.noted(f"told {name}", lambda: [Value(repr(text), origin="usage") for text in _texts(name, world)])


def shown_for(name: str, use: Optional[Use], world: World) -> List[Value]:
    """Return texts shown for a parameter: by its function, and by those of the module that it is handed to."""
    function = name.rpartition(".")[0] if name.endswith(".__init__") and name not in world.nodes else name
    callees = [callee for callee, _ in use.passed[:20] if callee in world.nodes] if use is not None else []
    return unique([value for one in dict.fromkeys([function, *callees]) for value in texts_of(one, world)], MOST)


def _texts(name: str, world: World) -> List[str]:
    owner = name.rpartition(".")[0]
    nodes = [world.nodes.get(one) for one in dict.fromkeys([name, owner]) if one]
    found = [text for node in nodes if node is not None for text in shown(_docstring(node))]
    beside = _comments(name, world)
    found += [text for comment in beside for text in shown(comment)]
    found += shown(ast.get_docstring(world.tree) or "")
    lines = [line.strip() for node in nodes if node is not None for line in _docstring(node).split("\n")]
    lines = [line for line in [*beside, *lines] if _NO_PROSE.search(line)]
    whole = [line for pattern in patterns_of([name], world) for line in lines if pattern.match(line)]
    return list(dict.fromkeys([*whole, *found]))[:MOST]


def _docstring(node: Any) -> str:
    return ast.get_docstring(node) or ""


def _comments(name: str, world: World) -> List[str]:
    """Return the comments in a function, and those at the module's assignments it mentions: above and beside."""
    node = world.nodes.get(name)
    if node is None:
        return []
    comments: Dict[int, str] = world.noted("comments", lambda: _all_comments(world))
    lines = [number for number in comments if node.lineno <= number <= (node.end_lineno or node.lineno)]
    mentioned = set(world.mentions(name))
    for statement in world.tree.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if any(dotted(target) in mentioned for target in targets):
            above = statement.lineno - 1
            while above in comments:
                lines.append(above)
                above -= 1
            lines += [at for at in range(statement.lineno, (statement.end_lineno or 0) + 1) if at in comments]
    return [comments[number] for number in lines]


def _all_comments(world: World) -> Dict[int, str]:
    found: Dict[int, str] = {}
    try:
        source = Path(str(world.module.__file__)).read_bytes()
        for token in tokenize.tokenize(io.BytesIO(source).readline):
            if token.type == tokenize.COMMENT:
                found[token.start[0]] = token.string.lstrip("#").strip()
    except (OSError, SyntaxError, tokenize.TokenError):
        pass
    return found


def matched(names: Sequence[str], world: World) -> List[str]:
    """Return texts that the patterns of these functions match or almost do, and dates in the formats they name."""
    found: List[str] = []
    for pattern in patterns_of(names, world):
        found += world.noted(f"texts of {pattern.pattern} {pattern.flags}", lambda pattern=pattern: _written(pattern))
    for name in names:
        node = world.nodes.get(name)
        for value in constants_of(node) if node is not None else ():
            if isinstance(value, str) and _FORMAT.search(value):
                found.append(MOMENT.strftime(value))
    return list(dict.fromkeys(found))


def _written(pattern: Any) -> List[str]:
    almost = regex.almost(pattern.pattern, pattern.flags, random.Random(4))
    return [*regex.matching(pattern.pattern, pattern.flags, 3, random.Random(3)), *almost[:1]]


def patterns_of(names: Sequence[str], world: World) -> List[Any]:
    """Return the text patterns of functions: compiled ones that they mention, and those they hand to ``re``."""
    used: Set[str] = set()
    for name in names:
        used.update(text.rpartition(".")[2] for text in world.mentions(name))
    found: List[Any] = []
    spaces = [vars(world.module), *(vars(kind) for kind in world.classes())]
    for space in spaces:
        for name, value in list(space.items()):
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str) and name in used:
                found.append(value)
    for name in names:
        node = world.nodes.get(name)
        found += [] if node is None else world.noted(f"patterns {name}", lambda node=node: list(_given(node)))
    return found[:12]


def _given(node: ast.AST) -> Iterator[Any]:
    """Give the constant patterns handed to ``re`` in a function."""
    calls: Tuple[str, ...] = tuple(f"re.{name}" for name in _SEARCHES)
    for child in ast.walk(node):
        if isinstance(child, ast.Call) and dotted(child.func) in calls and child.args:
            first = child.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                try:
                    yield re.compile(first.value)
                except (re.error, OverflowError, RecursionError):
                    continue
