# ruff: noqa: E501 - a program for a child process stands in it
"""How far the search alone gets: probes reached per module after some seconds, and which stay open.

    python bench/testgen_explore.py --python PYTHON [--seconds 6] [--open] MODULE...

PYTHON is an interpreter with the modules installed. Nothing is sandboxed: only for code you trust.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

INSIDE = Path(__file__).resolve().parents[1] / "server/coding_agent/testgen/inside"
CHILD = """
import importlib, json, os, sys, time, types
package = types.ModuleType("_coding_agent_testgen"); package.__path__ = [{inside!r}]; sys.modules[package.__name__] = package
sys.path.insert(0, os.getcwd())
out = os.fdopen(os.dup(1), "w")
jobs = importlib.import_module("_coding_agent_testgen.jobs")
clock = time.process_time if {cpu!r} else time.monotonic
start, reached, marks, texts, table = clock(), set(), {{}}, [], []
def say(said):
    if "candidate" not in said:
        table.extend(said["survey"]["table"])
        return
    reached.update(said["candidate"]["arcs"]); texts.append(said["candidate"])
    marks[round(clock() - start, 2)] = len(reached)
begun = time.monotonic()
import resource, traceback
if {cpu!r}:
    # On a busy machine seconds of the processor say more; one process then, for each has its own clock.
    search, supervise = (importlib.import_module("_coding_agent_testgen." + name) for name in ("search", "supervise"))
    jobs.time = search.time = types.SimpleNamespace(monotonic=time.process_time)
    jobs.supervised = lambda work, say, until: [work(say, supervise.Pulse(), [])]
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
try:
    result = jobs.explore(say, {module!r}, seconds={seconds}, random_seed={seed}, targets={targets!r})
except BaseException:
    print(json.dumps(traceback.format_exc()), file=out, flush=True)
    os._exit(1)
print(json.dumps({{"marks": marks, "covered": result["covered"], "open": result["open"], "runs": result["executions"], "done": result["done"],
    "took": time.monotonic() - begun, "findings": result["findings"], "problems": result["problems"], "candidates": texts, "table": table}}), file=out, flush=True)
os._exit(0)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="+")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target", action="append", default=[])
    parser.add_argument("--cpu", action="store_true", help="count seconds of the processor")
    parser.add_argument("--open", action="store_true")
    parser.add_argument("--show", type=int, default=0, help="print this many candidates")
    args = parser.parse_args()
    for module in args.modules:
        report(module, args)


def child(code: str, args: argparse.Namespace) -> dict:
    try:
        ran = subprocess.run(
            [args.python, "-c", code],
            capture_output=True,
            text=True,
            timeout=args.seconds + (200 if args.cpu else 20),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {}
    if not ran.stdout.strip():
        print(ran.stderr[-3000:])
        return {}
    return json.loads(ran.stdout.strip().splitlines()[-1])


def report(module: str, args: argparse.Namespace) -> None:
    result = child(
        CHILD.format(
            inside=str(INSIDE), module=module, seconds=args.seconds, seed=args.seed, targets=args.target, cpu=args.cpu
        ),
        args,
    )
    if not result or isinstance(result, str):
        print(f"{module:40} FAILED\n{str(result)[-700:]}")
        return
    total = len(result["covered"]) + len(result["open"])
    at = [
        max([count for moment, count in result["marks"].items() if float(moment) <= second], default=0)
        for second in (1, 3, args.seconds + 60)
    ]
    share = " ".join(f"{100 * count / max(1, total):5.1f}" for count in at)
    print(
        f"{module:40} {total:5} probes  {share} %  {result['runs']:6} runs  {len(result['candidates']):4} kept  {'done' if result['done'] else ''} {result['took']:.1f} s"
    )
    if args.open:
        table = result["table"]
        lines = [
            f"    {table[number]['line']:5} {table[number]['function']}: {table[number]['outcome']}"
            for number in result["open"]
        ]
        print("\n".join(lines))
        print("    findings:", result["findings"])
        print("    problems:", result["problems"])
    for candidate in result["candidates"][: args.show]:
        act = candidate["act"]
        text = f"{act['kind']} {act['callee']}({', '.join((a['name'] + '=' if a['name'] else '') + a['code'] for a in act['args'])})"
        print(
            "   ",
            candidate["origin"],
            "|",
            "; ".join(candidate["arrange"]),
            "|",
            text,
            "|",
            candidate["patches"] or "",
            candidate["imports"],
        )


if __name__ == "__main__":
    main()
