"""What hover and the long form say: plain frozen data in, sections out, written as Markdown or plain text."""

from coding_agent.explain.hover import Limits, Metrics, Noted, Subject, hover
from coding_agent.explain.page import Section, markdown, plain
from coding_agent.explain.radon import Maintainability, maintainability

__all__ = [
    "Limits",
    "Maintainability",
    "Metrics",
    "Noted",
    "Section",
    "Subject",
    "hover",
    "maintainability",
    "markdown",
    "plain",
]
