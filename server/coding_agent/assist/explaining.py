"""A model's explanation of code: streamed, grounded in the places it was shown, with nothing in it that acts."""

from collections.abc import Callable, Sequence

from coding_agent.assist.context import Shown
from coding_agent.assist.neutral import neutral, places
from coding_agent.assist.prompts import EXPLAIN, Prompt, prompt

_MOST = 1_500

Address = Callable[[str, int], str]
"""The address of a line of a file, by its path from the root."""
Has = Callable[[str, int], bool]
"""Whether a line of a file was shown to the model."""


def asked(pieces: Sequence[Shown]) -> Prompt:
    return prompt(pieces, EXPLAIN, _MOST)


def page(title: str, text: str, has: Has, address: Address, *, cut: bool = False) -> str:
    """The explanation as a document, as far as it is there. Places that were not shown are no links, and counted."""
    body = neutral(text, lambda path, line: address(path, line) if has(path, line) else None)
    made_up = [f"{path}:{line}" for path, line in places(text) if not has(path, line)]
    notes = ["The answer was cut: it had no tokens left."] if cut else []
    if made_up:
        notes.append(f"Not among the code that was shown: {', '.join(made_up[:5])}. Do not rely on what is said of it.")
    rest = "".join(f"\n\n*{each}*" for each in notes)
    return f"# {neutral(title, _nowhere)}\n\n{body.strip()}{rest}\n"


def begun(title: str, model: str) -> str:
    """The document before there is anything of it."""
    return f"# {neutral(title, _nowhere)}\n\n*Waiting for {neutral(model, _nowhere)}.*\n"


def _nowhere(_: str, __: int) -> None:
    return None
