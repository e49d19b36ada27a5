"""Generate tests for the modules of ``judges/testgen_modules.toml`` and have them judged, beside Pynguin, in one run.

    python bench/testgen.py [--seconds 10 --seconds 30] [--only semver] [--generator ours] [--out .bench/testgen.json]

Prepares two environments in ``.cache/testgen`` where they are missing: the packages under test, and Pynguin, that
sees the same packages. Ours gets the seconds that are named. Pynguin writes nothing until it ends and overruns the
times it is given, so it searches for the longest of them, checks assertions for two thirds of it, and is stopped
only after three times as long. Results are in one file for each, ``testgen-ours.json`` and ``testgen-pynguin.json``.
"""

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
JUDGE = HERE / "judges" / "testgen_bench.py"
CACHE = (HERE.parent / ".cache" / "testgen").resolve()
RAW = HERE.parent / ".bench"
PYNGUIN = "pynguin==0.48.0"
PATIENCE = 3
"""How much longer Pynguin may take than it is told to search."""


def target(python: str) -> Path:
    """Return the interpreter of the environment with the packages under test."""
    home = CACHE / "env"
    made = home / "bin" / "python"
    if not made.exists():
        subprocess.run([python, str(JUDGE), "prepare", "--venv", str(home), "--base-python", python], check=True)
    return made


def pynguin(python: str, packages: Path) -> Path:
    """Return Pynguin's program; its environment reads the packages under test where they are."""
    home = CACHE / "pynguin"
    program = home / "bin" / "pynguin"
    if not program.exists():
        subprocess.run([python, "-m", "venv", str(home)], check=True)
        subprocess.run([home / "bin" / "python", "-m", "pip", "install", "--quiet", PYNGUIN], check=True)
    own = next((home / "lib").glob("python3*/site-packages"))
    (own / "under_test.pth").write_text(f"{packages}\n")
    return program


def ours() -> str:
    """Our command as the judge's template."""
    command = Path(sys.executable).with_name("coding-agent")
    return (
        f"ours={command} tests {{module}} --project {{project_dir}} --python {{python}} --out {{out_dir}} "
        "--seconds {seconds} --trust"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, action="append")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--base-python", default=sys.executable, help="Python 3.11, which the pins are for")
    parser.add_argument("--generator", action="append", choices=["ours", "pynguin"], help="both without this")
    parser.add_argument("--faketime", help="libfaketime.so: adds a run of the judge with the clock moved")
    parser.add_argument("--out", default=str(RAW / "testgen.json"))
    given = parser.parse_args()
    python = target(given.base_python)
    seconds = given.seconds or [10.0, 30.0]
    Path(given.out).parent.mkdir(parents=True, exist_ok=True)
    failed = 0
    for name in given.generator or ["ours", "pynguin"]:
        readable = [str(HERE.parent), sys.prefix, sys.base_prefix]
        if name == "ours":
            template, budgets = ours(), seconds
        else:
            template, budgets = pynguins(given.base_python, python), [PATIENCE * max(seconds)]
            readable.append(str(CACHE))
        out = Path(given.out).with_stem(f"{Path(given.out).stem}-{name}")
        command = [sys.executable, str(JUDGE), "run", "--python", str(python), "--out", str(out)]
        command += ["--work", str(CACHE / "work" / name), "--env", "PYNGUIN_DANGER_AWARE=1"]
        for option, values in (
            ("--generator", [template]),
            ("--seconds", [f"{each:g}" for each in budgets]),
            ("--only", given.only),
            ("--ro", readable),
            ("--faketime", [given.faketime] if given.faketime else []),
        ):
            command += [part for value in values for part in (option, value)]
        failed = subprocess.run(command, check=False).returncode or failed
    return failed


def pynguins(base: str, python: Path) -> str:
    """Pynguin's command as the judge's template."""
    program = pynguin(base, next((python.parent.parent / "lib").glob("python3*/site-packages")))
    again = f"{sys.executable} {Path(__file__).resolve()} --pynguin {program}"
    return f"pynguin={again} {{module}} {{project_dir}} {{out_dir}} {{seconds}}"


def run_pynguin(program: str, module: str, project: str, out: str, seconds: str) -> int:
    """Run Pynguin for a third of the wall time; what it needs to write its tests comes on top."""
    search = float(seconds) / PATIENCE
    return subprocess.run(
        [
            *(program, "--project-path", project, "--module-name", module, "--output-path", out),
            *(
                "--maximum-search-time",
                str(max(1, round(search))),
                "--maximum-mutation-time",
                str(max(1, round(search * 2 / 3))),
            ),
            *("--seed", "7"),
        ],
        check=False,
    ).returncode


if __name__ == "__main__":
    if sys.argv[1:2] == ["--pynguin"]:
        raise SystemExit(run_pynguin(*sys.argv[2:7]))
    raise SystemExit(main())
