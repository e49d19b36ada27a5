"""Tests that a model wrote, for people and for programs."""

from coding_agent.explain.page import fenced
from coding_agent.ide.assistant import Answer
from coding_agent.ide.model_tests import Judged

_RUN = ("green", "more")


def verified(found: Judged) -> str:
    """What tests passed, in brackets: ``(verified: green in 8 runs; takes 2 branches that no test took)``."""
    seen = {name: detail for name, passed, detail in found.checks if passed}
    return f"(verified: {'; '.join(seen[name] for name in _RUN if name in seen)})"


def counted(found: Judged) -> str:
    """``2 tests; left out: test_red (failed in file order: assert 1 == 2)``"""
    tests = found.made.report.tests if found.made is not None else 0
    many = f"{tests} test{'' if tests == 1 else 's'}"
    left = "; ".join(f"{name} ({why})" for name, why in found.dropped)
    return f"{many}; left out: {left}" if left else many


def told(answer: Answer[Judged]) -> dict[str, object]:
    """An answer as a table."""
    found = answer.found
    return {
        "taken": found.passed,
        "checks": [{"name": name, "passed": passed, "detail": detail} for name, passed, detail in found.checks],
        "dropped": [{"test": name, "why": why} for name, why in found.dropped],
        "code": answer.code,
        "reason": answer.reason,
        "tests": found.made.report.tests if found.made is not None else 0,
    }


def refused(shown: str, answer: Answer[Judged]) -> str:
    """A document with what a model wrote, as text, and what it failed."""
    rows = [
        f"- {'passed' if passed else 'FAILED'}: {name}" + (f": {' '.join(detail.split())}" if detail else "")
        for name, passed, detail in answer.found.checks
    ]
    return "\n".join([f"# Not taken: tests for {shown}", "", *rows, "", *fenced(answer.code.rstrip("\n")), ""])
