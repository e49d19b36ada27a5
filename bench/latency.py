"""Us beside ruff server, pylsp and jedi-language-server in one run, and the ratios that matter.

    python bench/latency.py [--rounds 3] [--edits 60] [--sizes 1000,5000,20000] [--quick]

Servers take turns inside a round (``judges/lsp_latency.py`` drives them); figures are medians of CPU milliseconds of
the whole process tree, because wall time says more about the machine's other guests. A line ends with ``ok`` or
``OVER`` where the project has set itself a limit. The keystroke is compared with ruff's, at every size; the start with
that of all, on the smallest file. Tables and raw figures go to ``.bench/``.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from inputs import Input, make
from servers import JUDGES, OURS, RESULTS, specifications

KEYSTROKE = {"1000": 2.0, "5000": 0.5, "20000": 0.25}
"""At most so many times ruff server's CPU, by lines of the file; half-typed code may take twice that."""
TYPED = ("open bracket top", "open bracket inside", "open quote", "open triple", "half def", "enter", "paste 50")
START = 0.8
MEMORY = 90.0
HOVER, ACTIONS, CANCEL = 50.0, 10.0, 50.0

Summary = dict[str, dict[str, Any]]
"""The figures of one file by server, as ``lsp_latency.py`` summarises them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One comparison: what, the figure, and the limit it is held to if there is one."""

    what: str
    value: float | None
    unit: str
    limit: float | None = None

    def __str__(self) -> str:
        if self.value is None:
            return f"  {self.what:<58} {'n/a':>9}"
        verdict = (
            "" if self.limit is None else f"  limit {self.limit:g}  {'ok' if self.value <= self.limit else 'OVER'}"
        )
        return f"  {self.what:<58} {self.value:>9.2f} {self.unit:<4}{verdict}"


def drive(name: str, file: Input, labels: list[str], workspace: Path, *more: str) -> dict[str, Any]:
    """Run the judge over one file and return what it wrote."""
    RESULTS.mkdir(exist_ok=True)
    servers = RESULTS / "servers.json"
    servers.write_text(json.dumps(specifications(labels, workspace / ".home"), indent=1))
    out = RESULTS / f"{name}_{file.name}"
    command = [sys.executable, str(JUDGES / "lsp_latency.py"), "--servers", str(servers), "--workspace", str(workspace)]
    command += ["--file", f"{file.name}={file.path.relative_to(workspace)}", "--ref", "ruff"]
    command += ["--json", str(out.with_suffix(".json")), "--md", str(out.with_suffix(".md"))]
    command += ["--logs", str(RESULTS / "logs"), *more]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return json.loads(out.with_suffix(".json").read_text())


def ratio(figures: Summary, key: str, other: str, scale: str | None = None) -> float | None:
    """Our ``key`` over that of ``other`` (its ``scale`` where another figure of it is the measure)."""
    mine, theirs = figures[OURS].get(key), figures.get(other, {}).get(scale or key)
    return None if mine is None or not theirs else mine / theirs


def typed(report: dict[str, Any], size: str, label: str) -> float | None:
    """Median CPU milliseconds over everything half typed."""
    runs = report["raw"][label][size]
    found = [ms for run in runs for name in TYPED for ms in run.get(f"typed: {name} cpu", [])]
    return median(found) if found else None


def against_ruff(report: dict[str, Any], size: str) -> list[Line]:
    figures: Summary = {label: files[size] for label, files in report["summary"].items()}
    limit = KEYSTROKE.get(size)
    twice = None if limit is None else 2 * limit
    ruff = figures["ruff"].get("cpu_edit_med")
    mine, theirs = typed(report, size, OURS), typed(report, size, "ruff")
    lines = [
        Line("keystroke to true diagnostics, CPU", figures[OURS].get("cpu_edit_med"), "ms"),
        Line("  of ruff's", ratio(figures, "cpu_edit_med", "ruff"), "x", limit),
        Line("half typed, all kinds, CPU", mine, "ms"),
        Line("  of ruff's keystroke", mine / ruff if mine is not None and ruff else None, "x", twice),
        Line("  of ruff's half typed", mine / theirs if mine is not None and theirs else None, "x", twice),
    ]
    for name in TYPED:
        share = ratio(figures, f"typed: {name} cpu", "ruff", "cpu_edit_med")
        lines.append(Line(f"  {name}, of ruff's keystroke", share, "x", twice))
    return lines


def alone(figures: Summary) -> list[Line]:
    ours = figures[OURS]

    def ms(key: str) -> float | None:
        return None if ours.get(key) is None else 1e3 * ours[key]

    return [
        Line("findings in the file", ours.get("diags"), ""),
        Line("hover, p95", ms("hover_p95"), "ms", HOVER),
        Line("code action list, p95", ms("action_p95"), "ms", ACTIONS),
        Line("answer to a cancelled request, p95", ms("cancel_p95"), "ms", CANCEL),
        Line("cancelled requests never answered", ours.get("cancel_lost"), "", 0.0),
        Line("exit", ms("shutdown"), "ms", 1000.0),
        Line("memory idle without jedi's worker", ours.get("rss_idle"), "MiB", MEMORY),
        Line("  of ruff's", ratio(figures, "rss_idle", "ruff"), "x"),
        Line("share of a core used when idle", ours.get("idle_cpu"), "", 0.005),
        Line("machine: wall over CPU time of a spin", ours.get("slowdown"), "x"),
    ]


def started(figures: Summary, labels: list[str]) -> list[Line]:
    """Start to first diagnostics, each server's and ours as a share of each."""
    lines: list[Line] = []
    for label in labels:
        own = figures[label]
        lines.append(Line(f"{label}: start to first diagnostics, wall", 1e3 * own.get("cold", 0.0), "ms"))
        lines.append(Line(f"{label}: until they are settled, CPU", 1e3 * own.get("cpu_open", 0.0), "ms"))
        lines.append(Line(f"{label}: memory idle", own.get("rss_idle"), "MiB"))
        if label != OURS:
            limit = START if label == "pylsp" else None
            lines.append(Line("  ours of that, start, wall", ratio(figures, "cold", label), "x", limit))
            lines.append(Line("  ours of that, settled, CPU", ratio(figures, "cpu_open", label), "x", limit))
    return lines


def summary(report: dict[str, Any], file: Input) -> Summary:
    return {label: files[file.name] for label, files in report["summary"].items()}


def tell(title: str, lines: list[Line], figures: Summary) -> None:
    print(f"\n{title}", *lines, sep="\n", flush=True)
    for label, own in figures.items():
        for trouble in (*own["died"], *own["errors"]):
            print(f"  {label}: {trouble}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--edits", type=int, default=60)
    parser.add_argument("--starts", type=int, default=5, help="rounds of the comparison of starts; 0: none")
    parser.add_argument("--sizes", default="1000,5000,20000")
    parser.add_argument("--quick", action="store_true", help="one round of 20 edits, two starts")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.edits, options.starts = 1, 20, min(2, options.starts)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        workspace = Path(folder)
        files = list(make(workspace, [int(size) for size in options.sizes.split(",")]))
        if options.starts:
            labels = ["ruff", "pylsp", "jedi-ls", OURS]
            few = ("--rounds", str(options.starts), "--edits", "4", "--scenario-edits", "0", "--phase", "4")
            figures = summary(drive("start", files[0], labels, workspace, *few), files[0])
            tell(f"start on {files[0].lines} lines, {options.starts} rounds", started(figures, labels), figures)
        for file in files:
            many = ("--rounds", str(options.rounds), "--edits", str(options.edits))
            report = drive("latency", file, ["ruff", OURS], workspace, *many)
            figures = summary(report, file)
            lines = [*against_ruff(report, file.name), *alone(figures)]
            tell(f"{file.lines} lines beside ruff, {options.rounds} round(s)", lines, figures)


if __name__ == "__main__":
    main()
