"""Runs what pre-commit, GitHub and GitLab run of ours, in somebody's project, with our program as the installed one."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

TOP = Path(__file__).parents[2]
FORMATS_BADLY = 'def f(x):\n    raise ValueError("no %s", x)\n'
FORMATTED = 'def f(x):\n    raise ValueError("no %s" % (x,))\n'
"""What `arguments-not-formatted` finds, and what its safe fix makes of it."""
NO_FIX = "def f(x):\n    return eval(x)\n"
_PROGRAM = '#!/bin/sh\nexec "{python}" -P -m coding_agent "$@"\n'
# Stands for a Python: notes what it is asked for; a new environment holds this one again, and our program.
_PYTHON = """\
#!/bin/sh
echo "$@" >> "{log}"
if [ "$3" = venv ]; then
  mkdir -p "$4/bin"
  cp "$0" "$4/bin/python"
  cp "{program}" "$4/bin/coding-agent"
fi
"""
_INPUT = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")


def read(name: str) -> object:
    """A YAML file at the top of the repository."""
    return yaml.safe_load((TOP / name).read_text("utf-8"))


class Team:
    """A project in a git repository, with our program on PATH and a Python that installs nothing."""

    def __init__(self, root: Path) -> None:
        self.project = root / "project"
        self.home = root / "home"
        self.installs = root / "installs.log"
        programs = root / "programs"
        for folder in (self.project, self.home, programs):
            folder.mkdir()
        self.program = _executable(programs / "coding-agent", _PROGRAM.format(python=sys.executable))
        stub = _PYTHON.format(log=self.installs, program=self.program)
        self.python = _executable(programs / "python3", stub)
        self.variables = {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            **{name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ},
        }
        subprocess.run(["git", "init", "--quiet"], cwd=self.project, env=self.variables, check=True, timeout=60)

    def write(self, name: str, text: str) -> Path:
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.project,
            env={**self.variables, **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=150,
        )


class Action:
    """The steps of the GitHub Action, run as a runner on Linux would run them."""

    @staticmethod
    def read() -> dict:
        return read("action.yml")  # type: ignore[return-value]

    def __init__(self, team: Team) -> None:
        self.data = self.read()
        self.team = team
        self.told: dict[str, str] = {}
        """The outputs of the last run."""

    def run(self, **given: str) -> subprocess.CompletedProcess[str]:
        """Run all steps with these inputs, ``_`` for ``-``; stops at the first that fails, and returns the last."""
        temp = self.team.home / "temp"
        temp.mkdir(exist_ok=True)
        output = temp / "output"
        output.write_text("")
        inputs = {name: each["default"] for name, each in self.data["inputs"].items()}
        inputs |= {name.replace("_", "-"): value for name, value in given.items()}
        runner = {"RUNNER_TEMP": str(temp), "GITHUB_OUTPUT": str(output), "GITHUB_ACTION_PATH": str(TOP)}
        for step in self.data["runs"]["steps"]:
            if "run" not in step:
                continue
            own = {name: self._filled(value, inputs) for name, value in step["env"].items()}
            shell = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"])
            done = self.team.run(*shell, **runner, **own)
            if done.returncode:
                break
        lines = [line.partition("=") for line in output.read_text().splitlines()]
        self.told = {name: value for name, _, value in lines}
        return done

    def _filled(self, value: str, inputs: Mapping[str, str]) -> str:
        found = _INPUT.fullmatch(value)
        if found:
            return inputs[found[1]]
        assert value == "${{ steps.python.outputs.python-path }}"
        return str(self.team.python)


class Job:
    """The job of the GitLab template, run as a runner in a container would run it."""

    @staticmethod
    def read() -> dict:
        return read("ci-templates/gitlab.yml")["coding-agent"]  # type: ignore[index]

    def __init__(self, team: Team) -> None:
        self.data = self.read()
        self.team = team

    def run(self, shell: str = "bash", **given: str) -> subprocess.CompletedProcess[str]:
        script = "\n".join([*self.data["before_script"], *self.data["script"]])
        variables = {**self.data["variables"], "CODING_AGENT_HOME": str(self.team.home / "installed"), **given}
        return self.team.run(shell, "-e", "-c", script, **variables)


def _executable(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    path.chmod(0o755)
    return path
