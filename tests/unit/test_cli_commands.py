"""The smaller commands: rule, rules, baseline, trust, settings, paths, scaffold."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from coding_agent.analysis.registry import all_rules
from coding_agent.cli.commands.paths import readable
from coding_agent.explain.radon import maintainability
from coding_agent.proof import verify
from coding_agent.proof.claim import ALL_LEVELS
from coding_agent.proof.source import Source
from coding_agent.refactoring.refactoring import Refactoring
from coding_agent.refactoring.view import View
from coding_agent.text import Span, apply_edits
from support.command_line import World

BAD = "def f(x):\n    return eval(x)\n"
RULES = ("--select", "eval-used")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_rule_shows_its_page(world: World) -> None:
    ran = world.run("rule", "eval-used")
    assert ran.code == 0
    for part in ("# eval-used", "CWE-95", "ruff:S307", "allow eval-used", "Left alone:", "Fixed:"):
        assert part in ran.out
    assert "$0" not in ran.out


def test_an_unknown_rule_has_a_suggestion(world: World) -> None:
    ran = world.run("rule", "evl-used")
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean eval-used?" in ran.err


@pytest.mark.parametrize("name", [rule.name for rule in all_rules()])
def test_every_rule_has_a_page(world: World, name: str) -> None:
    ran = world.run("rule", name, "--format", "json")
    data = json.loads(ran.out)
    assert data["name"] == name
    assert data["page"].startswith(f"# {name}\n")
    assert data["summary"] in data["page"]


def test_rules_are_listed(world: World) -> None:
    data = json.loads(world.run("rules", "--format", "json").out)
    assert [item["name"] for item in data] == [rule.name for rule in all_rules()]
    found = next(item for item in data if item["name"] == "eval-used")
    assert (found["family"], found["severity"], found["cwe"], found["fix"]) == ("security", "warning", 95, True)
    listed = world.run("rules", "--family", "security").out
    assert "  eval-used  " in listed
    assert world.run("rules", "--family", "none").code == 3


def test_baseline_shows_only_what_is_new(world: World) -> None:
    world.settings('select = ["eval-used"]')
    world.write("a.py", BAD)
    ran = world.run("baseline")
    assert (ran.code, ran.out) == (0, ".coding-agent-baseline.json: 1 known finding noted\n")
    ran = world.run("check")
    assert (ran.code, ran.out) == (0, "no findings in 1 file; 1 known by the baseline\n")
    world.write("a.py", "import os\n\n\n" + BAD + "\n\ndef g(y):\n    return eval(y)\n")
    ran = world.run("check")
    assert ran.code == 1
    assert ran.out.startswith("a.py:9:12:")
    assert world.run("check", "--no-baseline").out.count("[eval-used]") == 2
    world.write("a.py", "x = 1\n")
    ran = world.run("check")
    assert (ran.code, ran.out) == (0, "no findings in 1 file; 1 in the baseline are gone (coding-agent baseline)\n")


def test_baseline_holds_from_every_folder(world: World) -> None:
    world.settings('select = ["eval-used"]')
    world.write("pkg/a.py", BAD)
    world.run("baseline")
    sub = World.__new__(World)
    sub.project, sub.folders = world.project / "pkg", world.folders
    assert sub.run("check", "a.py").code == 0


def test_a_baseline_of_some_paths_keeps_the_others(world: World) -> None:
    world.settings('select = ["eval-used"]')
    world.write("a.py", BAD)
    world.write("b.py", BAD)
    world.write("c.py", BAD)
    world.run("baseline")
    world.write("a.py", "x = 1\n")
    (world.project / "c.py").unlink()
    assert world.run("baseline", "a.py").out.endswith("0 known findings noted, 1 of other files kept\n")
    assert [row[0] for row in json.loads(world.read(".coding-agent-baseline.json"))["entries"]] == ["b.py"]


def test_a_broken_baseline_is_said_and_can_be_written_anew(world: World) -> None:
    world.settings('select = ["eval-used"]')
    world.write("a.py", BAD)
    world.run("baseline")
    (world.project / ".coding-agent-baseline.json").write_bytes(world.read(".coding-agent-baseline.json")[:-5])
    ran = world.run("check")
    assert ran.code == 2
    assert "is broken" in ran.err
    assert world.run("baseline").code == 0
    assert world.run("check").code == 0


def test_a_baseline_that_is_no_path_is_the_users_error(world: World) -> None:
    world.settings('baseline = "a\\u0000b"')
    world.write("a.py", BAD)
    for command in ("baseline", "check"):
        ran = world.run(command)
        assert ran.code == 2
        assert "null character" in ran.err


def test_a_baseline_elsewhere_is_neither_read_nor_written(world: World) -> None:
    mine = world.project.parent / "mine.json"
    mine.write_text("mine")
    world.settings(f'select = ["eval-used"]\nbaseline = "{mine}"')
    world.write("a.py", BAD)
    for command in ("baseline", "check"):
        ran = world.run(command)
        assert ran.code == 2
        assert "out of" in ran.err
    assert mine.read_text() == "mine"
    (world.project / "link.json").symlink_to(mine)
    world.settings('baseline = "link.json"')
    assert world.run("baseline").code == 2
    assert mine.read_text() == "mine"
    assert world.run("check", "--no-baseline").code == 1


def test_a_file_that_is_no_baseline_is_not_replaced(world: World) -> None:
    world.settings('select = ["eval-used"]\nbaseline = "a.py"')
    world.write("a.py", BAD)
    ran = world.run("baseline")
    assert ran.code == 2
    assert "a.py is no baseline" in ran.err
    assert world.read("a.py") == BAD.encode()


def test_trust(world: World) -> None:
    assert world.run("trust", "--show").code == 1
    assert world.run("trust").out == f"{world.project} is trusted\n"
    (world.project / "sub").mkdir()
    assert world.run("trust", "--show", "sub").code == 0
    assert world.run("trust", "--list").out == f"trusted  {world.project}\n"
    assert world.run("trust", "--refuse", "sub").code == 0
    assert world.run("trust", "--show", "sub").out.endswith(": refused\n")
    world.run("trust", "--forget", "sub")
    assert world.run("trust", "--show", "sub").code == 0
    assert world.run("trust", "nowhere").code == 2


def test_a_broken_trust_file_is_said(world: World) -> None:
    world.run("trust")
    world.folders.trust_file.write_text("{")
    assert world.run("trust", "--list").code == 2
    assert "no folder is trusted" in world.run("trust").err
    assert "remove" in world.run("doctor").out


def test_settings_say_where_values_come_from(world: World) -> None:
    world.folders.config.mkdir()
    world.folders.user_file.write_text("hover.ours-only = true\n")
    path = world.settings('ignore = ["eval-used"]\nrules.complex-function.max-cognitive = 9')
    lines = dict(line.split("  # ") for line in world.run("settings", "--origin").out.rstrip("\n").split("\n"))
    lines = {key.rstrip(): value for key, value in lines.items()}
    assert lines["hover.ours-only = true"] == str(world.folders.user_file)
    assert lines['ignore = ["eval-used"]'] == str(path)
    assert lines["rules.complex-function.max-cognitive = 9"] == str(path)
    assert lines["gitignore = true"] == "default"
    data = json.loads(world.run("settings", "--format", "json").out)
    assert data["settings"]["ignore"] == {"value": ["eval-used"], "origin": str(path)}
    assert data["problems"] == []


def test_settings_with_problems_are_an_error(world: World) -> None:
    world.settings('interpreter = "/usr/bin/python3"\nignore = ["nothing-like-it"]')
    ran = world.run("settings")
    assert ran.code == 2
    assert '"interpreter"' in ran.err
    assert '"nothing-like-it"' in ran.err
    assert 'interpreter = ""' in ran.out


def test_the_schema_knows_the_rules(world: World) -> None:
    schema = json.loads(world.run("settings", "--schema").out)
    Draft202012Validator.check_schema(schema)
    valid = Draft202012Validator(schema).is_valid
    assert valid({"rules": {"complex-function": {"max-cognitive": 9, "severity": "error"}}})
    assert not valid({"rules": {"complex-function": {"max-cognitve": 9}}})


def test_paths(world: World) -> None:
    world.run("trust")
    rows = {row["name"]: row for row in json.loads(world.run("paths", "--format", "json").out)}
    assert rows["trust"]["path"] == str(world.folders.trust_file)
    assert rows["trust"]["bytes"] == world.folders.trust_file.stat().st_size > 0
    assert str(world.folders.facts) in world.run("paths").out
    assert world.run("paths", "--clear", "config").code == 2
    assert world.run("paths", "--clear", "facts").out == "nothing was there\n"
    assert f"removed {world.folders.trust_file}" in world.run("paths", "--clear").out
    assert not world.folders.trust_file.exists()


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (3 << 20, "3.0 MiB"), (5 << 30, "5.0 GiB")],
)
def test_sizes_in_words(size: int, words: str) -> None:
    assert readable(size) == words


def test_scaffold_writes_a_rule_that_works(world: World) -> None:
    ran = world.run("scaffold", "rule", "bugs", "assert-on-tuple", "--into", "pkg")
    assert (ran.code, ran.out) == (0, "pkg/analysis/rules/bugs/assert_on_tuple.py\n")
    text = world.read("pkg/analysis/rules/bugs/assert_on_tuple.py").decode()
    names: dict[str, object] = {}
    exec(compile(text, "rule", "exec"), names)
    rule = names["RULE"]
    assert rule.name == "assert-on-tuple"  # type: ignore[attr-defined]
    assert world.run("scaffold", "rule", "bugs", "assert-on-tuple", "--into", "pkg").code == 2
    assert [path.name for path in (world.project / "pkg/analysis").rglob("__init__.py")] == ["__init__.py"] * 3


SHOP = """\
class Shop:
    def buy(self, a, b):
        if a > 1:
            for c in b:
                print(c)


def top():
    pass
"""


def test_metrics_are_those_of_the_analysis_and_of_radon(world: World) -> None:
    world.write("a.py", SHOP)
    ran = world.run("metrics", "--format", "json")
    (file,) = json.loads(ran.out)
    figures = maintainability(SHOP)
    assert figures is not None
    assert (ran.code, file["path"], file["problem"], file["rank"]) == (0, "a.py", None, figures.rank)
    assert file["maintainability"] == round(figures.index, 2)
    assert file["halstead"]["difficulty"] == round(figures.difficulty, 2)
    assert file["functions"] == [
        {"name": "Shop.buy", "line": 2, "cognitive": 3, "cyclomatic": 3, "lines": 4, "nesting": 2, "parameters": 2},
        {"name": "top", "line": 8, "cognitive": 0, "cyclomatic": 1, "lines": 2, "nesting": 0, "parameters": 0},
    ]


def test_metrics_show_the_worst_first(world: World) -> None:
    world.write("a.py", SHOP)
    world.write("b.py", "x = 1\n")
    ran = world.run("metrics", "--top", "1")
    figures = maintainability(SHOP)
    assert figures is not None
    assert ran.out == (
        "cognitive  cyclomatic  lines  nesting  parameters  function\n"
        "        3           3      4        2           2  a.py:2 Shop.buy\n\n"
        "index  rank  volume  difficulty  file\n"
        f"{figures.index:5.1f}     A  {figures.volume:6.0f}  {figures.difficulty:10.1f}  a.py\n\n"
        "2 functions in 2 files\n"
        "The first 1 of each are shown; --top 0 shows all.\n"
    )


def test_metrics_name_what_they_cannot_read(world: World) -> None:
    world.write("a.py", "def f(:\n\n\ndef g():\n    pass\n")
    ran = world.run("metrics", "a.py")
    assert ran.code == 4
    assert "a.py: not analysed: line 1: " in ran.err
    assert "a.py:4 g" in ran.out
    world.write("a.py", "")
    assert world.run("metrics", "--top", "-1").code == 2


def test_scaffold_writes_a_refactoring_that_works(world: World) -> None:
    ran = world.run("scaffold", "refactoring", "drop-parentheses", "--into", "pkg")
    assert (ran.code, ran.out) == (0, "pkg/refactoring/refactorings/drop_parentheses.py\n")
    names: dict[str, Refactoring] = {}
    exec(compile(world.read("pkg/refactoring/refactorings/drop_parentheses.py"), "refactoring", "exec"), names)
    made = names["REFACTORING"]
    assert made.name == "drop-parentheses"
    for example in made.examples:
        before, _, after = example.before.partition("$0")
        view = View(Source(before + after), Span(len(before), len(before)))
        assert (made.offer(view) is None) == (example.after is None)
        if example.after is not None:
            rewriting = made.rewrite(view)
            assert apply_edits(before + after, rewriting.edits) == example.after
            assert verify(before + after, rewriting.edits, rewriting.claim).levels == ALL_LEVELS


@pytest.mark.parametrize(
    "names", [("rule", "bugs"), ("rule", "bugs", "Not A Name"), ("rule", "..", "x"), ("refactoring", "a", "b")]
)
def test_scaffold_refuses_odd_names(world: World, names: tuple[str, ...]) -> None:
    assert world.run("scaffold", *names, "--into", "pkg").code == 2
    assert not (world.project / "pkg").exists()
