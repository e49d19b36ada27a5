"""Runs a script against the generator's inside, in an interpreter of its own, as the warm runner would load it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import which
from typing import Any

INSIDE = Path(__file__).resolve().parents[2] / "server/coding_agent/testgen/inside"
VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")

_PRELUDE = """
import importlib, json, os, sys, types
from pathlib import Path
sys.dont_write_bytecode = True
_package = types.ModuleType("_coding_agent_testgen")
_package.__path__ = [{inside!r}]
sys.modules[_package.__name__] = _package
_out = os.fdopen(os.dup(1), "w")
folder = Path({folder!r})
sys.path.insert(0, str(folder))

def inside(name):
    return importlib.import_module("_coding_agent_testgen." + name)

def tell(value):
    print(json.dumps(value), file=_out, flush=True)

model = inside("model")

def engine_of(module, probed=True, **options):
    names = inside("names")
    loaded = inside("instrument").load_probed(module) if probed else None
    live = loaded.module if loaded else importlib.import_module(module)
    work = folder / "engine"
    work.mkdir()
    return inside("execute").Engine(live, names.names_of(live), work, loaded, **options)

def candidate(target, *codes, kind="call", callee="", **fields):
    args = tuple(model.Arg(*code) if isinstance(code, tuple) else model.Arg("", code) for code in codes)
    fields.setdefault("arrange", ())
    return model.Candidate(target, act=model.Act(kind, callee or target, args), **fields)
"""


def run_inside(
    folder: Path, modules: dict[str, str], script: str, python: str = sys.executable, seed: str = "0"
) -> Any:
    """Write the modules into the folder, run the script there, return what it told last.

    The script has ``inside(name)``, ``engine_of(module)``, ``candidate(target, *codes)``, ``folder``, ``tell(value)``.
    """
    for name, text in modules.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    code = _PRELUDE.format(inside=str(INSIDE), folder=str(folder)) + script
    ran = subprocess.run(
        [python, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": seed},
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


def interpreters() -> dict[str, str]:
    """Return an interpreter for each version of Python that is found here, by version."""
    found: dict[str, str] = {}
    for version in VERSIONS:
        places = [which(f"python{version}"), *map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))]
        path = next((each for each in places if each and _answers(each, version)), None)
        if path is not None:
            found[version] = path
    return found


def _answers(path: str, version: str) -> bool:
    """Whether it is what its name says: a shim may be there without the interpreter behind it."""
    asked = subprocess.run(
        [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, text=True
    )
    return asked.stdout.strip() == version
