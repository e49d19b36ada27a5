"""The one door to Python's parser for code that may be none: it raises more than ``SyntaxError``."""

import ast
from typing import Optional


def expression(code: str) -> Optional[ast.expr]:
    """Return the tree of an expression; None for what is none, or is too deep."""
    try:
        return ast.parse(code, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def module(code: str) -> Optional[ast.Module]:
    """Return the tree of statements; None for what does not parse, or is too deep."""
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def statement(code: str) -> Optional[ast.stmt]:
    """Return the tree of one statement; None for what does not parse, or is not one."""
    tree = module(code)
    return tree.body[0] if tree is not None and len(tree.body) == 1 else None
