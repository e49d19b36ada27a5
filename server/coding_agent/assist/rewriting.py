"""A definition that a model writes anew: to mend a finding, with a goal in words, or to be faster."""

from collections.abc import Sequence
from dataclasses import replace

from coding_agent.assist.context import Part, Shown
from coding_agent.assist.prompts import DOCSTRING, FIX, OPTIMISE, REFACTOR, Prompt, prompt

_LEAST, _LARGEST = 600, 8_000
_GOAL = 500
"""Characters of a goal in words."""


def fix(pieces: Sequence[Shown]) -> Prompt:
    return prompt(pieces, FIX, _room(pieces), "Rewrite")


def refactor(pieces: Sequence[Shown], goal: str) -> Prompt:
    return prompt(pieces, REFACTOR.replace("{goal}", " ".join(goal.split())[:_GOAL]), _room(pieces), "Rewrite")


def optimise(pieces: Sequence[Shown]) -> Prompt:
    return prompt(pieces, OPTIMISE, _room(pieces), "Rewrite")


def docstring(pieces: Sequence[Shown]) -> Prompt:
    return prompt(pieces, DOCSTRING, 700, "Docstring")


def again(asked: Prompt, answer: str, why: str) -> Prompt:
    """The one round of repair: the same question, the answer, and what it failed."""
    text = f"That cannot be used: {why} Answer again in the same form."
    return replace(asked, turns=(*asked.turns, ("assistant", answer), ("user", text)))


def _room(pieces: Sequence[Shown]) -> int:
    """Tokens for the code that is meant, written anew; a token is rarely less than two characters."""
    size = sum(len(each.text) for each in pieces if each.part is Part.MEANT)
    return min(max(_LEAST, size), _LARGEST)
