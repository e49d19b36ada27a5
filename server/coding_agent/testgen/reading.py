"""Reads files of the user's that are not run here, also where their Python is newer than ours."""

import ast

from coding_agent.syntax.older import as_older
from coding_agent.testgen.inside import parsing


def module(text: str) -> ast.Module | None:
    """Return the tree of a file, None where it does not parse.

    Where only a newer Python reads it, names, parameters and lines are right, columns are not; no code is to be made
    of such a tree.
    """
    text = text.removeprefix("\ufeff")
    return parsing.module(text) or parsing.module(as_older(text))
