"""The hooks for pre-commit, the GitHub Action and the GitLab job, each run as its host would run it."""

import json
import re
import shlex
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from coding_agent.cli.commands.check import FORMATS
from support.team import FORMATS_BADLY, FORMATTED, NO_FIX, TOP, Action, Job, Team, read
from unit.test_report_gitlab import DOCUMENTED

HOOKS: dict[str, dict[str, Any]] = {hook["id"]: hook for hook in read(".pre-commit-hooks.yaml")}  # type: ignore[attr-defined]
FILES = (".pre-commit-hooks.yaml", "action.yml", "ci-templates/gitlab.yml")
MISUSE = (
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    '"; touch pwned; "',
    "'; touch pwned; '",
    "a\ntouch pwned",
)

pytestmark = pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("git")), reason="what hosts run needs bash and git"
)


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path)


@pytest.fixture
def action(team: Team) -> Action:
    return Action(team)


@pytest.fixture
def job(team: Team) -> Job:
    return Job(team)


@pytest.mark.parametrize("name", FILES)
def test_no_file_names_an_address(name: str) -> None:
    assert "://" not in (TOP / name).read_text("utf-8")


def test_the_page_tells_what_there_is() -> None:
    text = (TOP / "docs/ci.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `([\w-]+)` \| ([^|]*) \|", text, re.M))
    action, job = Action.read(), Job.read()
    inputs = {name: each["default"] for name, each in action["inputs"].items()}
    for name, default in {**inputs, **job["variables"]}.items():
        assert default == "" or told[name] == f"`{default}`", name
    for name in (*inputs, *job["variables"], *HOOKS, *FORMATS, *action["outputs"]):
        assert f"`{name}`" in text
    snippets = [yaml.safe_load(found) for found in re.findall(r"```yaml\n(.*?)```", text, re.S)]
    assert len(snippets) == 4
    for snippet in snippets:
        for step in snippet.get("steps", ()):
            if step["uses"].startswith("OWNER/"):
                assert step.get("with", {}).keys() <= inputs.keys()
        assert snippet.get("coding-agent", job)["variables"].keys() <= job["variables"].keys()
        for repo in snippet.get("repos", ()):
            assert {each["id"] for each in repo["hooks"]} <= HOOKS.keys()


# pre-commit


def hook(team: Team, name: str, *files: str, args: list[str] | None = None) -> tuple[int, str]:
    """Run a hook as pre-commit does: its entry, cut as a shell would, its arguments, the names of files."""
    chosen = HOOKS[name]
    done = team.run(*shlex.split(chosen["entry"]), *(chosen["args"] if args is None else args), *files)
    return done.returncode, done.stdout + done.stderr


def test_hooks_say_what_pre_commit_needs() -> None:
    assert set(HOOKS) == {"coding-agent", "coding-agent-fix"}
    scripts = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    for each in HOOKS.values():
        assert {"id", "name", "entry", "language"} <= each.keys()
        assert each["entry"].split()[0] in scripts
        assert (each["language"], each["types_or"], each["require_serial"]) == ("python", ["python", "pyi"], True)


def test_a_hook_fails_for_findings_and_for_what_it_cannot_read(team: Team) -> None:
    team.write("clean.py", "x = 1\n")
    team.write("pkg/a b.py", FORMATS_BADLY)
    team.write("broken.py", "def (\n")
    assert hook(team, "coding-agent", "clean.py")[0] == 0
    code, said = hook(team, "coding-agent", "clean.py", "pkg/a b.py")
    assert code == 1
    assert said.startswith("pkg/a b.py:2:11: warning")
    code, said = hook(team, "coding-agent", "broken.py")
    assert code == 4
    assert "broken.py: not analysed" in said


def test_a_hook_leaves_out_what_the_settings_and_the_baseline_leave_out(team: Team) -> None:
    team.write("pyproject.toml", '[tool.coding-agent]\nexclude = ["old/"]\n')
    team.write("old/a.py", FORMATS_BADLY)
    team.write("b.py", FORMATS_BADLY)
    assert hook(team, "coding-agent", "old/a.py")[0] == 0, "named by pre-commit, left out by the settings"
    assert hook(team, "coding-agent", "b.py")[0] == 1
    assert team.run("coding-agent", "baseline").returncode == 0
    assert hook(team, "coding-agent", "b.py")[0] == 0
    team.write("c.py", FORMATS_BADLY)
    assert hook(team, "coding-agent", "b.py", "c.py")[0] == 1


def test_the_fixing_hook_mends_and_fails_while_something_is_left(team: Team) -> None:
    path = team.write("a.py", FORMATS_BADLY)
    assert hook(team, "coding-agent-fix", "a.py")[0] == 0, "pre-commit sees itself that the file changed"
    assert path.read_text() == FORMATTED
    team.write("a.py", FORMATS_BADLY + NO_FIX)
    code, said = hook(team, "coding-agent-fix", "a.py", args=["--select", "default,eval-used"])
    assert code == 1
    assert "[eval-used]" in said
    assert path.read_text() == FORMATTED + NO_FIX


def test_a_hook_may_show_the_fixes_only(team: Team) -> None:
    path = team.write("a.py", FORMATS_BADLY)
    code, said = hook(team, "coding-agent", "a.py", args=["--diff"])
    assert code == 1
    assert '+    raise ValueError("no %s" % (x,))\n' in said
    assert path.read_text() == FORMATS_BADLY


# GitHub


def test_the_action_is_whole(action: Action) -> None:
    data = action.data
    assert data["runs"]["using"] == "composite"
    for each in data["inputs"].values():
        assert isinstance(each["default"], str), "a runner takes texts"
        assert each["description"]
    text = (TOP / "action.yml").read_text("utf-8")
    used = set(re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", text))
    assert used == set(data["inputs"])
    steps = data["runs"]["steps"]
    ids = {step["id"] for step in steps if "id" in step}
    for each in data["outputs"].values():
        assert re.fullmatch(r"\$\{\{ steps\.(\w+)\.outputs\.[\w-]+ \}\}", each["value"])[1] in ids  # type: ignore[index]
    for step in steps:
        assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step["uses"]) if "uses" in step else step["shell"] == "bash"
        assert "${{" not in step.get("run", ""), "an input in a script is read as shell"


def test_the_action_installs_itself_and_reads_no_module_of_the_project(action: Action) -> None:
    action.team.write("a.py", "x = 1\n")
    assert action.run().returncode == 0
    made, installed = action.team.installs.read_text().splitlines()
    assert made.startswith("-I -m venv ")
    assert installed.startswith("-I -m pip install ")
    assert installed.endswith(f" --constraint {TOP}/constraints.txt {TOP}")


def test_the_action_puts_findings_beside_the_lines(action: Action) -> None:
    action.team.write("a.py", FORMATS_BADLY)
    done = action.run()
    assert (done.returncode, action.told) == (1, {"exit-code": "1"})
    assert done.stdout.startswith("::warning file=a.py,line=2,")
    done = action.run(fail_on_findings="false")
    assert (done.returncode, action.told) == (0, {"exit-code": "1"})
    action.team.write("a.py", FORMATTED)
    assert action.run().returncode == 0
    assert action.told == {"exit-code": "0"}


@pytest.mark.parametrize(
    ("text", "given", "code"),
    [
        ("def (\n", {"fail_on_findings": "false"}, 4),
        ("x = 1\n", {"format": "xml"}, 2),
        ("x = 1\n", {"select": "no-such-rule"}, 2),
        ("x = 1\n", {"paths": "nowhere"}, 2),
        (NO_FIX, {"select": "eval-used"}, 1),
        (NO_FIX, {"select": "eval-used", "ignore": "eval-used"}, 0),
    ],
)
def test_what_else_ends_the_action(action: Action, text: str, given: dict[str, str], code: int) -> None:
    action.team.write("a.py", text)
    assert action.run(**given).returncode == code
    assert action.told["exit-code"] == str(code)


def test_the_action_looks_at_the_paths_it_is_given(action: Action) -> None:
    action.team.write("one folder/a.py", FORMATS_BADLY)
    action.team.write("two/b.py", FORMATS_BADLY)
    action.team.write("three/c.py", FORMATS_BADLY)
    done = action.run(paths="one folder\n\ntwo/b.py\n")
    assert re.findall(r"file=([^,]+),", done.stdout) == ["one folder/a.py", "two/b.py"]


def test_the_action_writes_sarif(action: Action) -> None:
    action.team.write("a.py", FORMATS_BADLY)
    done = action.run(format="sarif")
    assert done.returncode == 1
    assert action.told == {"exit-code": "1", "sarif-file": "coding-agent.sarif"}
    log = json.loads((action.team.project / "coding-agent.sarif").read_text())
    assert [each["ruleId"] for each in log["runs"][0]["results"]] == ["arguments-not-formatted"]


def test_the_action_knows_the_baseline(action: Action) -> None:
    action.team.write("a.py", FORMATS_BADLY)
    action.team.run("coding-agent", "baseline")
    assert action.run().returncode == 0
    assert action.run(baseline="off").returncode == 1
    (action.team.project / ".coding-agent-baseline.json").rename(action.team.project / "known findings.json")
    assert action.run().returncode == 1
    assert action.run(baseline="known findings.json").returncode == 0


@pytest.mark.parametrize("text", MISUSE)
def test_no_input_of_the_action_is_read_as_shell(action: Action, text: str) -> None:
    action.team.write("a.py", "x = 1\n")
    for name in ("paths", "format", "select", "ignore", "baseline", "fail-on-findings"):
        action.run(**{name.replace("-", "_"): text})
    action.run(format="sarif", sarif_file=text)
    assert set(action.told) <= {"exit-code", "sarif-file"}
    assert not list(action.team.project.glob("**/pwned"))


# GitLab


def test_the_job_is_whole(job: Job) -> None:
    assert all(isinstance(value, str) for value in job.data["variables"].values())
    report = job.data["artifacts"]["reports"]["codequality"]
    assert f"--output {report} " in job.data["script"][-1]
    assert job.data["artifacts"]["when"] == "always"


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_the_job_reports_findings_and_shows_them_in_the_log(job: Job, shell: str) -> None:
    job.team.write("one folder/a.py", FORMATS_BADLY)
    job.team.write("two/b.py", FORMATS_BADLY)
    job.team.write("three/c.py", FORMATS_BADLY)
    done = job.run(shell, CODING_AGENT_INSTALL="a wheel", CODING_AGENT_PATHS="one folder\ntwo/b.py")
    assert done.returncode == 1, done.stderr
    assert "one folder/a.py:2:11: warning" in done.stdout
    items = json.loads((job.team.project / job.data["artifacts"]["reports"]["codequality"]).read_text())
    Draft202012Validator(DOCUMENTED).validate(items)
    assert [item["location"]["path"] for item in items] == ["one folder/a.py", "two/b.py"]
    made, installed = job.team.installs.read_text().splitlines()
    assert made == f"-I -m venv {job.team.home / 'installed'}"
    assert installed == "-I -m pip install --quiet --disable-pip-version-check -- a wheel"


def test_the_job_knows_the_baseline_and_when_to_fail(job: Job) -> None:
    job.team.write("a.py", FORMATS_BADLY)
    assert job.run(CODING_AGENT_INSTALL="x", CODING_AGENT_FAIL="false").returncode == 0
    job.team.run("coding-agent", "baseline")
    assert job.run(CODING_AGENT_INSTALL="x").returncode == 0
    assert job.run(CODING_AGENT_INSTALL="x", CODING_AGENT_BASELINE="off").returncode == 1
    assert job.run(CODING_AGENT_INSTALL="x", CODING_AGENT_BASELINE="none.json").returncode == 2
    job.team.write("b.py", "def (\n")
    done = job.run(CODING_AGENT_INSTALL="x", CODING_AGENT_FAIL="false")
    assert done.returncode == 4
    assert "b.py: not analysed" in done.stdout


def test_the_job_says_what_to_set(job: Job) -> None:
    done = job.run()
    assert done.returncode == 2
    assert "CODING_AGENT_INSTALL" in done.stderr
    assert not job.team.installs.exists(), "nothing was installed"


@pytest.mark.parametrize("text", MISUSE)
def test_no_variable_of_the_job_is_read_as_shell(job: Job, text: str) -> None:
    job.team.write("a.py", "x = 1\n")
    for name in ("INSTALL", "PATHS", "BASELINE", "FAIL"):
        job.run(**{"CODING_AGENT_INSTALL": "x", f"CODING_AGENT_{name}": text})
    assert not list(job.team.project.glob("**/pwned"))
