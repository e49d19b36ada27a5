"""Settings: layers, scopes, messages, origins."""

import subprocess
import sys
from pathlib import Path

import pytest

from coding_agent.sandbox.spec import Mode
from coding_agent.settings.layers import Source, workspace_file
from coding_agent.settings.merge import Effective, load
from coding_agent.settings.options import MODES, Settings
from coding_agent.settings.rules import KnownRule, check_rules, selected
from coding_agent.settings.table import kebab, table
from coding_agent.workspace.option import Scope


def user(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return path


def project(tmp_path: Path, text: str, folder: str = "project") -> Path:
    path = tmp_path / folder / "pyproject.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def messages(effective: Effective) -> list[str]:
    return [problem.message for problem in effective.problems]


def test_defaults() -> None:
    effective = load(None, None)
    assert effective.settings == Settings()
    assert effective.problems == ()
    assert {origin.source for origin in effective.origins.values()} == {Source.DEFAULT}
    assert set(effective.origins) == {option.key for option in table()}


def test_missing_files_are_no_problem(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml", tmp_path / "pyproject.toml").problems == ()


def test_each_layer_lies_above_the_one_before(tmp_path: Path) -> None:
    mine = user(tmp_path, 'select = ["a"]\nignore = ["a"]\nexclude = ["a"]\ninclude = ["a"]\n')
    theirs = project(tmp_path, '[tool.coding-agent]\nignore = ["b"]\nexclude = ["b"]\ninclude = ["b"]\n')
    effective = load(mine, theirs, {"coding-agent": {"exclude": ["c"], "include": ["c"]}}, {"include": ["d"]})
    settings = effective.settings
    assert (settings.select, settings.ignore, settings.files.exclude, settings.files.include) == (
        ("a",),
        ("b",),
        ("c",),
        ("d",),
    )
    assert [effective.origins[key].source for key in ("select", "ignore", "exclude", "include", "baseline")] == [
        Source.USER,
        Source.WORKSPACE,
        Source.EDITOR,
        Source.FLAGS,
        Source.DEFAULT,
    ]
    assert str(effective.origins["ignore"]) == str(theirs)


@pytest.mark.parametrize("key", [option.key for option in table() if option.scope is Scope.USER])
def test_a_workspace_cannot_set_what_is_the_users(tmp_path: Path, key: str) -> None:
    option = next(option for option in table() if option.key == key)
    texts = {str: option.choices[-1] if option.choices else "x", tuple: ("x",)}
    other = {bool: not option.default, int: 7, **texts}[type(option.default)]
    written = str(other).lower() if isinstance(other, bool) else repr([*other] if isinstance(other, tuple) else other)
    theirs = project(tmp_path, f"[tool.coding-agent]\n{key} = {written}\n")
    effective = load(None, theirs)
    assert effective.settings == Settings()
    (problem,) = effective.problems
    assert problem.key == key
    for part in (key, str(theirs), "only you can set it", "config.toml"):
        assert part in problem.message
    assert load(user(tmp_path, f"{key} = {written}\n"), None).origins[key].source is Source.USER
    assert load(None, theirs, {key: other}).origins[key].source is Source.EDITOR


def test_the_users_scope_holds_in_every_spelling(tmp_path: Path) -> None:
    theirs = project(tmp_path, '[tool.coding-agent]\nInterpreter = "x"\nJEDI.deadline_ms = 1\n"jedi.deadlineMs" = 1\n')
    effective = load(None, theirs)
    assert effective.settings == Settings()
    assert len(effective.problems) == 3


@pytest.mark.parametrize(
    "sent",
    [
        {"hover": {"oursOnly": True}},
        {"hover": {"ours-only": True}},
        {"hover.ours-only": True},
        {"hover": {"ours_only": True}, "lens": {"complexity": None}},
        {"coding-agent": {"hover": {"oursOnly": True}}},
        {"codingAgent": {"hover": {"oursOnly": True}}},
        {"settings": {"codingAgent": {"hover.oursOnly": True}}},
    ],
)
def test_editors_write_keys_in_many_ways(sent: object) -> None:
    effective = load(None, None, sent)
    assert effective.settings.hover.ours_only
    assert effective.problems == ()
    assert effective.origins["hover.ours-only"].source is Source.EDITOR


@pytest.mark.parametrize("sent", [[], "x", 3, {"codingAgent": 3}, {"hover": 3}, {"hover": {"": 1}}, {"": {"": {}}}])
def test_an_editor_may_send_anything(sent: object) -> None:
    assert load(None, None, sent).settings == Settings()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('slect = ["x"]', 'did you mean "select"?'),
        ("hover.our-only = true", 'did you mean "hover.ours-only"?'),
        ("zzz = 1", '"zzz" in PATH is no setting'),
        ("select = 3", "expected a list of texts, got 3"),
        ("select = [3]", "expected a list of texts, got [3]"),
        ('gitignore = "yes"', 'expected true or false, got "yes"'),
        ("gitignore = 1", "expected true or false, got 1"),
        ("analysis.max-file-size = true", "expected a whole number from 1, got true"),
        ("analysis.max-file-size = 0", "expected a whole number from 1, got 0"),
        ("analysis.max-file-size = 1.5", "expected a whole number from 1, got 1.5"),
        ("analysis = 3", '"analysis" in PATH is not used: expected a table of options'),
        ("baseline = {a = 1}", "expected a text, got a table"),
        ("rules.x = 1", "write rules.RULE.OPTION = value"),
        ("rules.x.y = 1.5", "got 1.5"),
        ('baseline = ["a\\nb"]', "got ['a\\nb']"),
    ],
)
def test_what_is_wrong_is_said_and_not_used(tmp_path: Path, line: str, said: str) -> None:
    theirs = project(tmp_path, f"[tool.coding-agent]\n{line}\n")
    effective = load(None, theirs)
    assert effective.settings == Settings()
    (message,) = messages(effective)
    assert said.replace("PATH", str(theirs)) in message
    assert str(theirs) in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("jedi.deadline-ms = 1" + "0" * 40, "expected a whole number from 0 to 10000"),
        ('sandbox.mode = "off"', 'expected one of auto, bubblewrap, landlock, unsafe, got "off"'),
        ("sandbox.mode = 1", "expected one of auto, bubblewrap, landlock, unsafe, got 1"),
    ],
)
def test_what_the_user_says_wrong_is_said_and_not_used(tmp_path: Path, line: str, said: str) -> None:
    effective = load(user(tmp_path, f"{line}\n"), None)
    assert effective.settings == Settings()
    (message,) = messages(effective)
    assert said in message


def test_the_modes_of_the_sandbox_are_all_there_are() -> None:
    assert tuple(mode.value for mode in Mode) == MODES


def test_a_wrong_value_leaves_the_layer_below(tmp_path: Path) -> None:
    effective = load(user(tmp_path, "analysis.max-problems = 7\n"), None, {"analysis": {"maxProblems": "many"}})
    assert effective.settings.analysis.max_problems == 7
    assert effective.origins["analysis.max-problems"].source is Source.USER
    assert 'expected a whole number from 1, got "many"' in messages(effective)[0]


@pytest.mark.parametrize("content", [b"[tool", b"\xff\xfe", b"a = 1\na = 2\n", b"\x00", b"a = " + b"[" * 100_000])
def test_a_broken_file_is_a_warning(tmp_path: Path, content: bytes) -> None:
    path = project(tmp_path, "")
    path.write_bytes(content)
    effective = load(path, path)
    assert effective.settings == Settings()
    assert len(effective.problems) == 2
    assert all(message.startswith(str(path)) for message in messages(effective))


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbfanalysis.max-problems = 3\n")
    assert load(path, None).settings.analysis.max_problems == 3


def test_other_tables_are_none_of_our_business(tmp_path: Path) -> None:
    assert load(None, project(tmp_path, "[project]\nname = 'x'\n[tool.ruff]\nselect = 3\n")).problems == ()
    assert load(None, project(tmp_path, "tool = 3\n")).problems == ()


def test_the_nearest_file_with_our_table_counts(tmp_path: Path) -> None:
    outer = project(tmp_path, "[tool.coding-agent]\nselect = []\n", "a")
    project(tmp_path, "[project]\nname = 'x'\n", "a/b")
    (tmp_path / "a/b/c").mkdir()
    assert workspace_file(tmp_path / "a/b/c") == outer
    assert workspace_file(tmp_path / "a/b/c", top=tmp_path / "a/b") is None
    inner = project(tmp_path, "[tool.coding-agent]\nignore = []\n", "a/b")
    assert workspace_file(tmp_path / "a/b/c") == inner
    inner.write_text("[broken")
    assert workspace_file(tmp_path / "a/b/c") == inner


RULES = (
    KnownRule("eval-call", "security", True, {"allow": ("literal_eval",)}),
    KnownRule("assert-on-tuple", "bugs"),
    KnownRule("magic-number", "style", False, {"limit": 3, "strict": False}),
)


@pytest.mark.parametrize(
    ("select", "ignore", "names"),
    [
        (("default",), (), {"eval-call", "assert-on-tuple"}),
        (("default",), ("security",), {"assert-on-tuple"}),
        (("default", "magic-number"), (), {"eval-call", "assert-on-tuple", "magic-number"}),
        (("style",), (), {"magic-number"}),
        (("all",), ("eval-call",), {"assert-on-tuple", "magic-number"}),
        (("eval-call",), ("security",), {"eval-call"}),
        (("eval-call",), ("eval-call",), set()),
        ((), (), set()),
        (("all",), ("all",), set()),
    ],
)
def test_which_rules_run(select: tuple[str, ...], ignore: tuple[str, ...], names: set[str]) -> None:
    assert selected(Settings(select=select, ignore=ignore), RULES) == names


def test_options_of_rules(tmp_path: Path) -> None:
    mine = user(tmp_path, "[rules.magic-number]\nlimit = 5\nstrict = true\n")
    effective = load(mine, None, {"rules": {"eval-call": {"allow": ["x"]}}})
    assert effective.settings.of_rule("magic-number") == {"limit": 5, "strict": True}
    assert effective.settings.of_rule("eval-call") == {"allow": ("x",)}
    assert effective.origins["rules.magic-number.limit"].source is Source.USER
    assert check_rules(effective, RULES) == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("rules.magic-numbr.limit = 5", 'there is no rule "magic-numbr"; did you mean "magic-number"?'),
        ("rules.magic-number.limt = 5", 'has no option "limt"; did you mean "limit"?'),
        ('rules.magic-number.limit = "5"', 'expected a whole number, got "5"'),
        ("rules.magic-number.limit = true", "expected a whole number, got true"),
        ('rules.eval-call.severity = "fatal"', "expected one of error, warning, information, hint"),
        ('select = ["evl-call"]', '"evl-call" in "select"'),
        ('ignore = ["securty"]', 'is no rule and no family; did you mean "security"?'),
    ],
)
def test_what_is_said_about_rules_is_checked_later(tmp_path: Path, line: str, said: str) -> None:
    mine = user(tmp_path, line + "\n")
    effective = load(mine, None)
    assert effective.problems == ()
    (problem,) = check_rules(effective, RULES)
    assert said in problem.message
    assert str(mine) in problem.message


@pytest.mark.parametrize("name", ["max-file-size", "maxFileSize", "max_file_size", "MaxFileSize"])
def test_one_key_in_every_case(name: str) -> None:
    assert kebab(name) == "max-file-size"


def test_settings_are_keys_of_memos() -> None:
    assert hash(load(None, None, {"rules": {"a": {"b": ["c"]}}}).settings) != hash(Settings())


def test_reading_settings_imports_nothing_heavy(tmp_path: Path) -> None:
    theirs = project(tmp_path, '[tool.coding-agent]\nslect = 1\nexclude = ["x"]\nrules.a.b = 1\n')
    code = (
        "import sys, pathlib\n"
        "from coding_agent.settings.merge import load\n"
        "assert load(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[1]), {'select': []}).problems\n"
        "heavy = {'pydantic', 'libcst', 'jedi', 'pygls', 'lsprotocol', 'diskcache', 'pathspec', 'platformdirs'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(theirs)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
