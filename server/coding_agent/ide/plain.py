"""A report of generated tests as plain data, and back: it comes from another process."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from coding_agent.testgen.report import Bug, Dropped, Gap, Mutant, Reason, Report

_PARTS = {"survivors": Mutant, "dropped": Dropped, "bugs": Bug, "gaps": Gap, "risks": Reason}


def plain(report: Report) -> dict[str, object]:
    """Return a report as what ``marshal`` carries."""
    table = asdict(report)
    table["source"] = str(report.source)
    table["file"] = str(report.file) if report.file else None
    return table


def report_of(table: Mapping[str, object]) -> Report:
    """Return the report of ``plain``'s table."""
    values = dict(table)
    values["source"] = Path(str(values["source"]))
    values["file"] = Path(str(values["file"])) if values["file"] else None
    for name, kind in _PARTS.items():
        values[name] = tuple(kind(**each) for each in cast("tuple[dict[str, Any], ...]", values[name]))
    values["problems"] = tuple(map(str, cast("tuple[object, ...]", values["problems"])))
    return Report(**values)  # pyright: ignore[reportArgumentType]
