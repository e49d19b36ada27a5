"""What holds for every test: what is left out of a normal run, and that the last lines say so."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

# One seed and no clock: the same commit gives the same verdict on a slow machine too.
settings.register_profile(
    "sampled", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("soak", parent=settings.get_profile("sampled"), derandomize=False, print_blob=True)


def _wants_soak(config: pytest.Config) -> bool:
    return "soak" in config.option.markexpr


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("soak" if _wants_soak(config) else "sampled")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the full counts to ``make soak``; naming the marker in ``-m`` brings them back."""
    if _wants_soak(config):
        return
    left_out = [item for item in items if item.get_closest_marker("soak")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("soak")]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count what did not run, by reason, above the closing line."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    if not reasons:
        return
    terminalreporter.section(f"not run here: {reasons.total()} skipped")
    for reason, count in reasons.most_common():
        terminalreporter.line(f"{count} x {reason}")
