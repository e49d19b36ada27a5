"""How soon "generate tests for this function" shows its first verified test, in the real server over stdio.

    python bench/first_test.py [--functions 5] [--seed 7] [--only humanize] [--out .bench/first_test.json]

Forty functions and methods of eight packages that other people wrote, five of each by chance, among those with a
branch and 4 to 60 lines. All packages lie in one environment (``.cache/first-test``); each is copied into a project of
its own, as somebody would have it open. The clock runs from the request until the progress first speaks of a verified
test: one that was green in three isolated runs. Then the generation is stopped. One function of each project comes
before, so that the runner is warm; its time stands apart. The times are printed for the functions that got a test and
for all, where one without counts as never; the limits hold for all.

CPU is what all its processes used until then, so half of it is the least time on two idle cores. Memory is
what they hold (PSS), minus what an interpreter holds that imported the module.
"""

import argparse
import ast
import json
import math
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from support.client import PULL, Client  # noqa: E402
from support.processes import children  # noqa: E402

CACHE, RAW = HERE.parent / ".cache" / "first-test", HERE.parent / ".bench"
PACKAGES = {
    "boltons": "boltons==26.2.0",
    "humanize": "humanize==4.17.0",
    "toolz": "toolz==1.2.0",
    "packaging": "packaging==26.4",
    "requests": "requests==2.34.2",
    "sqlparse": "sqlparse==0.6.1",
    "validators": "validators==0.36.0",
    "pydash": "pydash==8.1.0",
}
MEDIAN, P95, MEMORY = 1.5, 4.0, 150.0
"""Limits in seconds and MiB."""


@dataclass
class Case:
    """One function and what became of it; ``first`` and ``cpu`` in seconds, None where no verified test came."""

    package: str
    file: str
    name: str
    first: float | None = None
    cpu: float = 0.0
    said: str = ""


def environment(base: str) -> Path:
    """Return the interpreter of the environment with all packages."""
    python = CACHE / "env" / "bin" / "python"
    wanted, made = sorted(PACKAGES.values()), CACHE / "installed.json"
    if not made.is_file() or json.loads(made.read_text()) != wanted:
        subprocess.run([base, "-m", "venv", "--clear", str(CACHE / "env")], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "pytest", *wanted], check=True)
        made.write_text(json.dumps(wanted))
    return python


def project(package: str, python: Path) -> Path:
    """Return a folder with a copy of the package, as its author may have it open."""
    root = CACHE / "projects" / package
    shutil.rmtree(root, ignore_errors=True)
    source = next((python.parent.parent / "lib").glob(f"python3*/site-packages/{package}"))
    shutil.copytree(source, root / package, ignore=shutil.ignore_patterns("__pycache__", "tests"))
    (root / "pyproject.toml").write_text(f'[project]\nname = "{package}"\nversion = "0"\n')
    return root


def functions(root: Path, package: str) -> Iterator[Case]:
    """All functions and methods that somebody would want tests for."""
    for file in sorted((root / package).rglob("*.py")):
        tree = ast.parse(file.read_text())
        for owner in (tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))):
            prefix = f"{owner.name}." if isinstance(owner, ast.ClassDef) else ""
            for node in owner.body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not prefix.startswith("_"):
                    lines = (node.end_lineno or node.lineno) - node.lineno + 1
                    branches = any(
                        isinstance(each, ast.If | ast.IfExp | ast.For | ast.While) for each in ast.walk(node)
                    )
                    if branches and 4 <= lines <= 60:
                        yield Case(package, str(file.relative_to(root)), prefix + node.name)


def chosen(root: Path, package: str, count: int, seed: int) -> list[Case]:
    """One function more than asked for: the first warms the runner."""
    known = list(functions(root, package))
    return random.Random(f"{seed} {package}").sample(known, min(count + 1, len(known)))


def generate(client: Client, case: Case) -> None:
    """Have one function tested until the progress tells of a verified test, then stop it."""
    uri, text = client.uri(case.file), (client.root / case.file).read_text()
    client.open(uri, text)
    before = len(client.seen("$/progress"))

    def verified() -> Any:
        return next((each for each in client.seen("$/progress")[before:] if "verified" in _message(each)), None)

    used, began = cpu(client.process.pid), time.monotonic()
    number = client.request(
        "workspace/executeCommand", {"command": "codingAgent.generateTests", "arguments": [uri, case.name]}
    )
    told = client.wait(lambda: verified() or client.replies.get(number), case.name, 60)
    if "token" in told:
        case.first = time.monotonic() - began
        case.cpu = cpu(client.process.pid) - used
        client.notify("window/workDoneProgress/cancel", {"token": told["token"]})
    reply = client.reply(number, 60)
    result = reply.get("result") or {}
    case.said = result.get("why") or "; ".join(result.get("problems", ())) or str(reply.get("error", ""))
    client.close(uri)


def _message(progress: Any) -> str:
    return progress["value"].get("message") or ""


def cpu(server: int) -> float:
    """Return the CPU seconds of all processes below the server, those that ended and were waited for included."""
    ticks = 0
    for pid in children(server):
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(server: int, python: Path, module: str) -> tuple[float, float]:
    """Return MiB that generating holds, and that an interpreter holds that imported the module."""
    held = sum(
        _pss(pid) for pid, command in children(server).items() if "talking" in command or "_coding_agent" in command
    )
    code = f"import {module}\nprint(open('/proc/self/smaps_rollup').read())"
    ran = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return held, _field(ran.stdout)


def _pss(pid: int) -> float:
    try:
        return _field(Path(f"/proc/{pid}/smaps_rollup").read_text())
    except OSError:
        return 0.0


def _field(text: str) -> float:
    return next(int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("Pss:"))


def measured(package: str, python: Path, count: int, seed: int) -> tuple[list[Case], float]:
    """Return the cases of one project, the one that warmed first, and MiB above the user's imports."""
    root = project(package, python)
    cases = chosen(root, package, count, seed)
    with Client.start(root) as client:
        client.answers["workspace/applyEdit"] = lambda _: {"applied": False}
        client.answers["window/showMessageRequest"] = lambda params: params["actions"][0]
        client.initialize(PULL, initializationOptions={"interpreter": str(python)})
        for case in cases:
            generate(client, case)
        held, own = memory(client.process.pid, python, package)
        assert client.shutdown() == 0
    return cases, held - own


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, math.ceil(share * len(values)) - 1)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--functions", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--base-python", default=sys.executable)
    parser.add_argument("--out", default=str(RAW / "first_test.json"))
    given = parser.parse_args()
    python = environment(given.base_python)
    rows: list[Case] = []
    cold: list[Case] = []
    memories: dict[str, float] = {}
    for package in given.only or PACKAGES:
        (warmed, *cases), memories[package] = measured(package, python, given.functions, given.seed)
        cold.append(warmed)
        rows += cases
        for case in (warmed, *cases):
            shown = f"{case.first:5.2f} s" if case.first is not None else "   none"
            said = case.said if case.first is None else ""
            print(f"{shown} {case.cpu:5.2f} CPU  {'cold ' * (case is warmed)}{package} {case.name}  {said}", flush=True)
    times = [case.first for case in rows if case.first is not None]
    every = [case.first if case.first is not None else math.inf for case in rows]
    middle, late, most = median(every), percentile(every, 0.95), max(memories.values())
    print(f"of the {len(times)} with a test: median {median(times):.2f} s, p95 {percentile(times, 0.95):.2f} s")
    print(f"of all {len(every)}, never where there is none: median {middle:.2f} s, p95 {late:.2f} s")
    print(f"CPU: median {median(case.cpu for case in rows if case.first is not None):.2f} s")
    print(f"functions without a useful test: {len(rows) - len(times)} of {len(rows)}")
    print(f"cold: median {median(case.first or math.inf for case in cold):.2f} s")
    print(f"memory above the user's imports: at most {most:.0f} MiB")
    Path(given.out).parent.mkdir(parents=True, exist_ok=True)
    Path(given.out).write_text(json.dumps({"cases": [asdict(case) for case in rows], "memory": memories}, indent=1))
    return int(middle > MEDIAN or late > P95 or most > MEMORY)


if __name__ == "__main__":
    raise SystemExit(main())
