"""What probes cost: calls a second plain, under probes, under ``sys.settrace`` and ``sys.monitoring``; and whole runs.

    python bench/testgen_probes.py --python PYTHON [--calls 20000]

PYTHON is an interpreter with ``python-string-utils`` and ``semver``. CPU seconds, so a busy machine matters little.
"""

import argparse
import subprocess
from pathlib import Path

INSIDE = Path(__file__).resolve().parents[1] / "server/coding_agent/testgen/inside"
CHILD = """
import importlib, os, sys, tempfile, time, types
from pathlib import Path
package = types.ModuleType("_coding_agent_testgen")
package.__path__ = [{inside!r}]
sys.modules[package.__name__] = package
out = os.fdopen(os.dup(1), "w")
inside = lambda name: importlib.import_module("_coding_agent_testgen." + name)
calls, cases = {calls}, {{
    "string_utils.validation": ("is_isbn_13", "'978-031249858%d'"),
    "semver.version": ("Version.parse", "'1.2.%d-rc.1'"),
}}

def rate(function, values, count=calls):
    begun = time.process_time()
    for value in values[:count]:
        function(value)
    return round(count / (time.process_time() - begun))

def fresh(name, load):
    for one in [one for one in sys.modules if one.partition(".")[0] == name.partition(".")[0]]:
        del sys.modules[one]
    return load(name)

def found(module, target):
    for part in target.split("."):
        module = getattr(module, part)
    return module

def traced(function, values):
    arcs, last = set(), {{}}
    def trace(frame, event, arg):
        if event == "line":
            arcs.add((last.get(frame), frame.f_lineno)); last[frame] = frame.f_lineno
        return trace
    sys.settrace(trace)
    try:
        return rate(function, values, calls // 5)
    finally:
        sys.settrace(None)

def monitored(function, values):
    monitoring, lines = sys.monitoring, set()
    monitoring.use_tool_id(3, "bench")
    monitoring.register_callback(3, monitoring.events.LINE, lambda code, line: lines.add((code, line)))
    monitoring.set_events(3, monitoring.events.LINE)
    try:
        return rate(function, values)
    finally:
        monitoring.set_events(3, 0); monitoring.free_tool_id(3)

instrument, mutate, loading, model = inside("instrument"), inside("mutate"), inside("loading"), inside("model")
heads = ("calls/s", "plain", "arcs", "arcs+ops", "switches", "settrace", "monitor", "runs/s")
print("%-24s %9s %9s %9s %9s %9s %9s %9s" % heads, file=out)
for name, (target, form) in cases.items():
    values = [eval(form % number) for number in range(calls)]
    plain = found(fresh(name, importlib.import_module), target)
    row = [rate(plain, values)]
    for feedback in (False, True):
        loaded = fresh(name, lambda name: instrument.load_probed(name, feedback))
        function = found(loaded.module, target)
        if feedback:
            # Notes are bounded by run: forgotten between runs, as the engine does.
            row.append(rate(lambda value: (loaded.clear(), function(value)), values))
        else:
            row.append(rate(function, values))
    mutants = mutate.Mutants()
    row.append(rate(found(fresh(name, lambda name: loading.load(name, mutants.make)), target), values))
    row.append(traced(plain, values))
    row.append(monitored(plain, values) if sys.version_info >= (3, 12) else 0)
    loaded = fresh(name, instrument.load_probed)
    names = inside("names").names_of(loaded.module)
    engine = inside("execute").Engine(loaded.module, names, Path(tempfile.mkdtemp()), loaded)
    spelled = names.spell(target)
    acts = [model.Act("call", spelled, (model.Arg("", form % number),)) for number in range(calls // 2)]
    made = [model.Candidate(target, (), act) for act in acts]
    row.append(rate(engine.run, made, len(made)))
    engine.leave()
    print("%-24s %9d %9d %9d %9d %9d %9d %9d" % (name, *row), file=out)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", required=True)
    parser.add_argument("--calls", type=int, default=20_000)
    options = parser.parse_args()
    code = CHILD.format(inside=str(INSIDE), calls=options.calls)
    subprocess.run([options.python, "-c", code], check=True)


if __name__ == "__main__":
    main()
