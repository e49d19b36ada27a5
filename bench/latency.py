"""Us beside ruff server, pylsp and jedi-language-server in one run, and the ratios that matter.

    python bench/latency.py [--rounds 3] [--edits 60] [--sizes 1000,5000,20000] [--quick]

Servers take turns inside a round (``judges/lsp_latency.py`` drives them); figures are medians of CPU milliseconds of
the whole process tree, because wall time says more about the machine's other guests. A line ends with ``ok`` or
``OVER`` where the project has set itself a limit. The peers written in Python are slow on large files, so at 5 000
lines and above only ruff stands beside us unless ``--all`` is given. Tables and raw figures go to ``.bench/``.
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


def drive(file: Input, labels: list[str], workspace: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Run the judge over one file and return what it wrote."""
    RESULTS.mkdir(exist_ok=True)
    servers = RESULTS / "servers.json"
    servers.write_text(json.dumps(specifications(labels, workspace / ".home"), indent=1))
    out = RESULTS / f"latency_{file.name}"
    command = [sys.executable, str(JUDGES / "lsp_latency.py"), "--servers", str(servers), "--workspace", str(workspace)]
    command += ["--file", f"{file.name}={file.path.relative_to(workspace)}", "--ref", "ruff"]
    command += ["--rounds", str(options.rounds), "--edits", str(options.edits)]
    command += ["--json", str(out.with_suffix(".json")), "--md", str(out.with_suffix(".md"))]
    command += ["--logs", str(RESULTS / "logs")]
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
        Line("start to first diagnostics, of pylsp's (wall)", ratio(figures, "cold", "pylsp"), "x", START),
        Line("start to first diagnostics, of pylsp's (CPU)", ratio(figures, "cpu_open", "pylsp"), "x", START),
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--edits", type=int, default=60)
    parser.add_argument("--sizes", default="1000,5000,20000")
    parser.add_argument("--all", action="store_true", help="every peer at every size")
    parser.add_argument("--quick", action="store_true", help="one round of 20 edits")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.edits = 1, 20
    sizes = [int(size) for size in options.sizes.split(",")]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        workspace = Path(folder)
        for file in make(workspace, sizes):
            many = options.all or file.lines < 2000
            labels = ["ruff", *(["pylsp", "jedi-ls"] if many else []), OURS]
            report = drive(file, labels, workspace, options)
            figures: Summary = {label: files[file.name] for label, files in report["summary"].items()}
            print(f"\n{file.lines} lines, beside {', '.join(labels[:-1])}, {options.rounds} round(s)")
            print(*against_ruff(report, file.name), *alone(figures), sep="\n", flush=True)
            for label in labels:
                for trouble in (*figures[label]["died"], *figures[label]["errors"]):
                    print(f"  {label}: {trouble}")


if __name__ == "__main__":
    main()
