"""Generate tests for the modules of ``judges/testgen_modules.toml`` and have them judged, beside Pynguin, in one run.

    python bench/testgen.py [--seconds 10 --seconds 30] [--only semver] [--without-pynguin] [--out .bench/testgen.json]

Prepares two environments in ``.cache/testgen`` where they are missing: the packages under test, and Pynguin, that
sees the same packages. Every generator gets the same wall time, one module after the other.
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
    parser.add_argument("--without-pynguin", action="store_true")
    parser.add_argument("--faketime", help="libfaketime.so: adds a run of the judge with the clock moved")
    parser.add_argument("--out", default=str(RAW / "testgen.json"))
    given = parser.parse_args()
    python = target(given.base_python)
    packages = next((python.parent.parent / "lib").glob("python3*/site-packages"))
    generators, readable = [ours()], [str(HERE.parent), sys.prefix, sys.base_prefix]
    if not given.without_pynguin:
        program = pynguin(given.base_python, packages)
        again = f"{sys.executable} {Path(__file__).resolve()} --pynguin {program}"
        generators.append(f"pynguin={again} {{module}} {{project_dir}} {{out_dir}} {{seconds}}")
        readable.append(str(CACHE))
    Path(given.out).parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(JUDGE), "run", "--python", str(python), "--out", given.out]
    command += [
        "--work",
        str(CACHE / "work"),
        "--env",
        "PYNGUIN_DANGER_AWARE=1",
    ]
    for name, values in (
        ("--generator", generators),
        ("--seconds", [f"{each:g}" for each in given.seconds or (10, 30)]),
        ("--only", given.only),
        ("--ro", readable),
        ("--faketime", [given.faketime] if given.faketime else []),
    ):
        command += [part for value in values for part in (name, value)]
    return subprocess.run(command, check=False).returncode


def run_pynguin(program: str, module: str, project: str, out: str, seconds: str) -> int:
    """Run Pynguin with the same wall time: it searches, then tries its assertions against mutants."""
    whole = float(seconds)
    return subprocess.run(
        [
            *(program, "--project-path", project, "--module-name", module, "--output-path", out),
            *(
                "--maximum-search-time",
                str(max(1, round(whole * 0.6))),
                "--maximum-mutation-time",
                str(max(1, round(whole * 0.2))),
            ),
            *("--seed", "7"),
        ],
        check=False,
    ).returncode


if __name__ == "__main__":
    if sys.argv[1:2] == ["--pynguin"]:
        raise SystemExit(run_pynguin(*sys.argv[2:7]))
    raise SystemExit(main())
