"""Whether anything here can hold the code of a test."""

from coding_agent.errors import CodingAgentError
from coding_agent.sandbox.rungs import chosen
from coding_agent.sandbox.spec import Mode


def no_sandbox(mode: Mode = Mode.AUTO) -> str:
    """Return why nothing can, empty where something does."""
    try:
        chosen(mode)
    except CodingAgentError as error:
        return str(error)
    return ""
