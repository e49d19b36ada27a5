"""What behaves otherwise than before, as text and JSON."""

import json as jsonlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from coding_agent.testgen.compare import Compared


def text(reports: Sequence[Compared], shown: Callable[[Path], str], revision: str) -> str:
    """Return it for people."""
    return "".join(f"{line}\n" for report in reports for line in _lines(report, shown, revision))


def json(reports: Sequence[Compared], shown: Callable[[Path], str], revision: str) -> str:
    """Return it for programs."""
    data = [
        {
            "module": report.module,
            "source": shown(report.source),
            "revision": revision,
            "compared": report.compared,
            "functions": report.functions,
            "why": report.why,
            "changed": [
                {"function": each.function, "call": each.call, "before": each.before, "after": each.after}
                for each in report.differences
            ],
        }
        for report in reports
    ]
    return jsonlib.dumps(data, indent=1) + "\n"


def _lines(report: Compared, shown: Callable[[Path], str], revision: str) -> Iterator[str]:
    name = shown(report.source)
    if not report.compared:
        yield f"{name}: nothing could be compared with {revision}: {report.why}"
        return
    ran = f"{report.compared} calls of {report.functions} functions, run on {revision} and now"
    if not report.differences:
        yield f"{name}: no change seen in {ran}"
        return
    yield f"{name}: {len(report.differences)} of {ran}, do something else"
    function = ""
    for each in report.differences:
        if each.function != function:
            function = each.function
            yield f"  {function}"
        yield "    " + each.call.replace("\n", "\n    ")
        yield f"      before  {each.before}"
        yield f"      after   {each.after}"
