"""What a candidate arranged, and what it wrote."""

import ast
from functools import lru_cache
from typing import List, Set, Tuple

from .model import Candidate, Check

LONGEST_FILE = 700


def bound_names(candidate: Candidate) -> Tuple[str, ...]:
    """Return the names that the arrangement binds, in order."""
    return _bound("\n".join(candidate.arrange)) if candidate.arrange else ()


@lru_cache(maxsize=4096)
def _bound(text: str) -> Tuple[str, ...]:
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return ()
    names: List[str] = []
    seen: Set[str] = set()
    for statement in body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        for target in targets:
            for node in ast.walk(target):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id not in seen:
                    seen.add(node.id)
                    names.append(node.id)
    return tuple(names)


def written(path: str, content: bytes) -> List[Check]:
    """Return the check of one file below ``tmp_path``; none where it is too long to be read."""
    if len(content) > LONGEST_FILE:
        return []
    place = "(tmp_path / %r)" % path
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return [Check("file", place + ".read_bytes()", repr(content))]
    if "\r" in text or "\0" in text:
        return [Check("file", place + ".read_bytes()", repr(content))]
    encoding = "" if text.isascii() else "encoding='utf-8'"
    return [Check("file", "%s.read_text(%s)" % (place, encoding), repr(text))]
