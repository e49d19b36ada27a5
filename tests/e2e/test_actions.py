"""Code actions: listed cheaply, resolved when chosen, applied as an editor applies them."""

import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from support.asking import actions, applied, codes, edits_for, place, pulled, resolved, titled
from support.client import PULL, Client, Message, Refusal

CONTENT_MODIFIED, REQUEST_FAILED, INVALID_PARAMS = -32801, -32803, -32602
FIX_ALL = "source.fixAll.coding-agent"
TESTS_OF_FILE = "source.generateTests.coding-agent"
BRANCHES = """\
def f(a):
    if a:
        print(1)
        print(2)
    else:
        raise ValueError
"""
GUARDED = """\
def f(a):
    if not a:
        raise ValueError
    print(1)
    print(2)
"""


def able(**changes: Any) -> dict[str, Any]:
    """The abilities of an editor that pulls, with other values at dotted places; None takes one away."""
    abilities = deepcopy(PULL)
    for path, value in changes.items():
        *parts, last = path.split("__")
        here = abilities
        for part in parts:
            here = here[part]
        if value is None:
            here.pop(last)
        else:
            here[last] = value
    return abilities


def opened(client: Client, text: str, name: str = "a.py", abilities: dict[str, Any] = PULL) -> str:
    client.initialize(abilities)
    uri = client.uri(name)
    client.open(uri, text, 7)
    return uri


def done(client: Client, uri: str, text: str, words: str, title: str) -> str:
    """The text after the action of that title at ``words``; the editor and the server agree on it."""
    edit = resolved(client, titled(actions(client, uri, place(text, words)), title))
    after = applied(text, edits_for(edit, uri))
    client.change(uri, 8, {"text": after})
    return after


# Quick fixes.


def test_quick_fix_with_the_finding_it_is_for(client: Client) -> None:
    text = 'if __name__ == "__mian__":\n    print()\n'
    uri = opened(client, text)
    (item,) = pulled(client, uri)["items"]
    item.pop("codeDescription", None)
    fix = actions(client, uri, place(text, "__mian__"))[0]
    assert fix["kind"] == "quickfix"
    assert fix["isPreferred"] is True
    assert fix["diagnostics"] == [item]
    assert "edit" not in fix
    edit = resolved(client, fix)
    assert [each["textDocument"] for each in edit["documentChanges"]] == [{"uri": uri, "version": 7}]
    after = applied(text, edits_for(edit, uri))
    assert after == 'if __name__ == "__main__":\n    print()\n'
    client.change(uri, 8, {"text": after})
    assert pulled(client, uri)["items"] == []


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_fix_adds_the_import_it_needs(client: Client, end: str) -> None:
    text = f'"""Page."""{end}{end}import os{end}{end}x = "😀", eval(os.name){end}'
    uri = opened(client, text)
    after = done(client, uri, text, "eval(os", "literal_eval")
    assert after == f'"""Page."""{end}{end}import ast{end}import os{end}{end}x = "😀", ast.literal_eval(os.name){end}'
    assert pulled(client, uri)["items"] == []


@pytest.mark.parametrize(
    ("above", "then"),
    [
        ('"""Page."""\n\n\ndef f(x):\n    ', '"""Page."""\n\nimport ast\n\n\ndef f(x):\n    '),
        ('"""Page."""\ny = ', '"""Page."""\n\nimport ast\n\ny = '),
        ('# Who\n\n"""Page."""\n\n# Why\ny = ', '# Who\n\n"""Page."""\n\nimport ast\n\n# Why\ny = '),
        ("from __future__ import annotations\n\ny = ", "from __future__ import annotations\n\nimport ast\n\ny = "),
        ("def f(x):\n    ", "import ast\n\n\ndef f(x):\n    "),
        ("y = ", "import ast\n\ny = "),
    ],
)
def test_the_first_import_stands_as_formatters_want_it(client: Client, above: str, then: str) -> None:
    text = f"{above}eval(z)\n"
    uri = opened(client, text)
    assert done(client, uri, text, "eval(z", "literal_eval") == f"{then}ast.literal_eval(z)\n"


def test_fix_that_changes_behaviour_says_so_and_is_not_preferred(client: Client) -> None:
    text = "x = eval(y)\n"
    uri = opened(client, text)
    fix = titled(actions(client, uri, place(text, "eval")), "literal_eval")
    assert fix["title"].endswith("(changes behaviour)")
    assert "isPreferred" not in fix


def test_only_the_findings_at_the_place(client: Client) -> None:
    text = "x = eval(y)\nz = 1\nw = eval(x)\n"
    uri = opened(client, text)
    at = place(text, "w = eval(x)")
    assert {each["diagnostics"][0]["range"]["start"]["line"] for each in actions(client, uri, at)} == {2}
    assert actions(client, uri, place(text, "z = 1"), ["quickfix"]) == []


def test_who_asks_means_the_line(client: Client) -> None:
    """A light bulb that comes by itself is exact, and so is a selection."""
    text = "x = 1; y = eval(z)\nw = 1\n"
    uri = opened(client, text)
    params = {"textDocument": {"uri": uri}, "range": place(text, "x"), "context": {"diagnostics": []}}
    params["range"]["end"] = params["range"]["start"]

    def titles(trigger: int) -> list[str]:
        asked = {**params, "context": {"diagnostics": [], "triggerKind": trigger}}
        return [each["title"] for each in client.call("textDocument/codeAction", asked) if each["kind"] == "quickfix"]

    assert titles(1)[0] == "Use ast.literal_eval() (changes behaviour)"
    assert titles(2) == []
    params["range"] = place(text, "x = 1")
    assert titles(1) == []
    params["range"] = {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 0}}
    assert titles(1) == []


# Allow here.

ALLOWED = [
    ("x = eval(y)\n", "x = eval(y)  # coding-agent: allow eval-used\n"),
    ("x = eval(y)", "x = eval(y)  # coding-agent: allow eval-used"),
    ("x = eval(y)  # ours\n", "x = eval(y)  # ours  # coding-agent: allow eval-used\n"),
    ("x = eval(\n    y\n)\n", "x = eval(  # coding-agent: allow eval-used\n    y\n)\n"),
    ('x = eval(y), """\n"""\n', '# coding-agent: allow eval-used\nx = eval(y), """\n"""\n'),
    ("x = eval(y) + \\\n    '1'\n", "# coding-agent: allow eval-used\nx = eval(y) + \\\n    '1'\n"),
    (
        "class A:\n    def f(self, y):\n        return eval(y)\r\n",
        "class A:\n    def f(self, y):\n        return eval(y)  # coding-agent: allow eval-used\r\n",
    ),
]


@pytest.mark.parametrize(("text", "expected"), ALLOWED)
def test_allow_here(client: Client, text: str, expected: str) -> None:
    uri = opened(client, text)
    assert done(client, uri, text, "eval", "Allow eval-used here") == expected
    assert pulled(client, uri)["items"] == []


def test_allow_here_joins_an_earlier_allow(client: Client) -> None:
    text = "import hashlib\nx = eval(hashlib.md5(password).hexdigest())  # coding-agent: allow weak-hash (old data)\n"
    uri = opened(client, text)
    after = done(client, uri, text, "eval", "Allow eval-used here")
    assert after == text.replace("weak-hash (", "weak-hash, eval-used (")
    assert pulled(client, uri)["items"] == []


def test_allow_where_no_comment_can_stand_is_refused(client: Client) -> None:
    text = 'x = f"""\n    {eval(y)}\n"""\n'
    uri = opened(client, text)
    with pytest.raises(Refusal, match="no comment can stand here") as refused:
        resolved(client, titled(actions(client, uri, place(text, "eval")), "Allow eval-used here"))
    assert refused.value.code == REQUEST_FAILED


# Turn this rule off.


def turned_off(client: Client, uri: str, text: str) -> Message:
    return resolved(client, titled(actions(client, uri, place(text, "eval")), "Turn eval-used off"))


def test_rule_turned_off_in_the_project_file(client: Client) -> None:
    file = client.root / "pyproject.toml"
    before = '[project]\r\nname = "x"\r\n\r\n[tool.coding-agent]\r\nignore = ["weak-hash"]  # why\r\n'
    file.write_bytes(before.encode())
    text = "x = eval(y)\n"
    uri = opened(client, text)
    assert codes(pulled(client, uri)["items"]) == [(0, "eval-used")]
    edit = turned_off(client, uri, text)
    after = applied(before, edits_for(edit, file.as_uri()))
    assert after == before.replace('["weak-hash"]', '["eval-used", "weak-hash"]')
    file.write_bytes(after.encode())
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": file.as_uri(), "type": 2}]})
    client.notified("workspace/diagnostic/refresh")
    assert pulled(client, uri)["items"] == []


def test_rule_turned_off_where_there_is_no_project_file(client: Client) -> None:
    text = "x = eval(y)\n"
    uri = opened(client, text)
    create, write = turned_off(client, uri, text)["documentChanges"]
    file = (client.root / "pyproject.toml").as_uri()
    assert create == {"kind": "create", "uri": file}
    assert write["textDocument"] == {"uri": file, "version": None}
    assert applied("", write["edits"]) == '[tool.coding-agent]\nignore = ["eval-used"]\n'


def test_rule_turned_off_by_an_editor_that_cannot_create_files(client: Client) -> None:
    text = "x = eval(y)\n"
    uri = opened(client, text, abilities=able(workspace__workspaceEdit={}))
    file = (client.root / "pyproject.toml").as_uri()
    edits = turned_off(client, uri, text)["changes"][file]
    assert applied("", edits) == '[tool.coding-agent]\nignore = ["eval-used"]\n'


def test_rule_turned_off_in_the_text_the_editor_has(client: Client) -> None:
    """The project file is open with changes that are not saved yet."""
    (client.root / "pyproject.toml").write_text("")
    text = "x = eval(y)\n"
    uri = opened(client, text)
    project = client.uri("pyproject.toml")
    client.open(project, "[tool.coding-agent]\n", 3, "toml")
    (change,) = turned_off(client, uri, text)["documentChanges"]
    assert change["textDocument"] == {"uri": project, "version": 3}
    assert applied("[tool.coding-agent]\n", change["edits"]) == '[tool.coding-agent]\nignore = ["eval-used"]\n'


def test_rule_is_turned_off_where_the_settings_are(tmp_path: Path) -> None:
    """A table of its own in a folder below would hide all other settings."""
    (tmp_path / "pyproject.toml").write_text('[tool.coding-agent]\nselect = ["default"]\n')
    root = tmp_path / "below"
    root.mkdir()
    with Client.start(root) as client:
        text = "x = eval(y)\n"
        uri = opened(client, text)
        (change,) = turned_off(client, uri, text)["documentChanges"]
        assert change["textDocument"]["uri"] == (tmp_path / "pyproject.toml").as_uri()


@pytest.mark.parametrize("content", [b"[tool", b"\xff\xfe", b'tool = {coding-agent = {ignore = ["x"]}}\n'])
def test_project_file_that_cannot_be_extended_is_left_alone(client: Client, content: bytes) -> None:
    (client.root / "pyproject.toml").write_bytes(content)
    text = "x = eval(y)\n"
    uri = opened(client, text)
    with pytest.raises(Refusal, match="pyproject") as refused:
        turned_off(client, uri, text)
    assert refused.value.code == REQUEST_FAILED


# Fix all.


def test_fix_all_applies_the_safe_fixes_and_no_other(client: Client) -> None:
    text = 'x = eval(y)\nif __name__ == "__mian__":\n    x =+ 1\n'
    uri = opened(client, text)
    (action,) = actions(client, uri, place(text, "x = eval"), [FIX_ALL])
    assert action["kind"] == FIX_ALL
    after = applied(text, edits_for(resolved(client, action), uri))
    assert '"__main__"' in after
    assert "x = eval(y)" in after
    client.change(uri, 8, {"text": after})
    assert actions(client, uri, place(after, "x = eval"), [FIX_ALL]) == []


@pytest.mark.parametrize("only", ["source", "source.fixAll", FIX_ALL])
def test_fix_all_is_offered_to_whoever_asks_for_sources(client: Client, only: str) -> None:
    text = 'if __name__ == "__mian__":\n    pass\n'
    uri = opened(client, text)
    others = [TESTS_OF_FILE] if only == "source" else []
    assert [each["kind"] for each in actions(client, uri, place(text, "if"), [only])] == [FIX_ALL, *others]


def test_fix_all_is_not_among_the_actions_at_a_place(client: Client) -> None:
    text = 'if __name__ == "__mian__":\n    pass\n'
    uri = opened(client, text)
    kinds = {each["kind"] for each in actions(client, uri, place(text, "__mian__"))}
    assert kinds == {"quickfix"}
    assert actions(client, uri, place(text, "if"), ["source.organizeImports"]) == []


# Refactorings.


def guard(client: Client, uri: str) -> Message:
    return titled(actions(client, uri, place(BRANCHES, "if a"), ["refactor"]), "guard clause")


def test_refactoring_of_a_given_version(client: Client) -> None:
    uri = opened(client, BRANCHES)
    action = guard(client, uri)
    assert action["kind"] == "refactor.rewrite"
    (change,) = resolved(client, action)["documentChanges"]
    assert change["textDocument"] == {"uri": uri, "version": 7}
    assert applied(BRANCHES, change["edits"]) == GUARDED


def test_refactoring_for_an_editor_without_versions(client: Client) -> None:
    uri = opened(client, BRANCHES, abilities=able(workspace__workspaceEdit={}))
    edit = resolved(client, guard(client, uri))
    assert list(edit) == ["changes"]
    assert applied(BRANCHES, edit["changes"][uri]) == GUARDED


@pytest.mark.parametrize(
    ("text", "words", "title", "said"),
    [
        (BRANCHES, "if a", "guard clause", "verified by syntax, bindings, effects"),
        ("x = eval(y)\n", "eval", "literal_eval", "verified by syntax"),
        ("x = eval(y)\n", "eval", "Allow", "verified by unchanged code"),
    ],
)
def test_annotation_says_what_verified_the_edit(client: Client, text: str, words: str, title: str, said: str) -> None:
    annotated = {"documentChanges": True, "changeAnnotationSupport": {"groupsOnLabel": False}}
    uri = opened(client, text, abilities=able(workspace__workspaceEdit=annotated))
    edit = resolved(client, titled(actions(client, uri, place(text, words)), title))
    assert edit["changeAnnotations"] == {"proof": {"label": said, "needsConfirmation": False}}
    assert {each["annotationId"] for each in edits_for(edit, uri)} == {"proof"}


def test_refactoring_kinds_are_asked_for_one_by_one(client: Client) -> None:
    text = "def f(a):\n    x = a + 1\n    return x\n"
    uri = opened(client, text)
    extract = actions(client, uri, place(text, "a + 1"), ["refactor.extract"])
    assert {each["kind"] for each in extract} == {"refactor.extract"}
    inline = actions(client, uri, place(text, "x"), ["refactor.inline"])
    assert {each["kind"] for each in inline} == {"refactor.inline"}


@pytest.mark.skipif(sys.platform != "linux", reason="looks at the server's memory map")
def test_listing_loads_no_syntax_tree_library(client: Client) -> None:
    uri = opened(client, BRANCHES + "x = eval(y)\n")
    assert guard(client, uri)
    maps = Path(f"/proc/{client.process.pid}/maps")
    assert "libcst" not in maps.read_text()
    resolved(client, guard(client, uri))
    assert "libcst" not in maps.read_text()


# Time passes between listing and choosing.


@pytest.mark.parametrize("title", ["literal_eval", "Allow", "Turn eval-used off"])
def test_stale_offer_is_refused(client: Client, title: str) -> None:
    text = "x = eval(y)\n"
    uri = opened(client, text)
    action = titled(actions(client, uri, place(text, "eval")), title)
    client.change(uri, 8, {"text": "\n" + text})
    with pytest.raises(Refusal) as refused:
        resolved(client, action)
    assert refused.value.code == CONTENT_MODIFIED


def test_stale_refactoring_is_refused(client: Client) -> None:
    uri = opened(client, BRANCHES)
    action = guard(client, uri)
    number = client.request("codeAction/resolve", action)
    client.change(uri, 8, {"text": "\n" + BRANCHES})
    assert client.reply(number)["error"]["code"] == CONTENT_MODIFIED
    with pytest.raises(Refusal) as refused:
        resolved(client, action)
    assert refused.value.code == CONTENT_MODIFIED


def test_offer_of_a_closed_document_is_refused(client: Client) -> None:
    uri = opened(client, BRANCHES)
    action = guard(client, uri)
    client.close(uri)
    with pytest.raises(Refusal) as refused:
        resolved(client, action)
    assert refused.value.code == CONTENT_MODIFIED


@pytest.mark.parametrize("data", [None, {}, {"uri": "file:///a.py"}, [], "x"])
def test_action_that_was_not_offered_is_a_mistake_of_the_client(client: Client, data: object) -> None:
    opened(client, BRANCHES)
    with pytest.raises(Refusal) as refused:
        resolved(client, {"title": "mine", "data": data})
    assert refused.value.code == INVALID_PARAMS


# Editors that cannot resolve.


def test_editor_that_cannot_resolve_gets_edits_at_once(client: Client) -> None:
    text = 'x = f"""\n    {eval(y)}\n"""\n' + BRANCHES
    uri = opened(client, text, abilities=able(textDocument__codeAction__resolveSupport=None))
    (change,) = titled(actions(client, uri, place(text, "if a")), "guard clause")["edit"]["documentChanges"]
    assert applied(text, change["edits"]) == text.replace(BRANCHES, GUARDED)
    offered = actions(client, uri, place(text, "eval(y)"))
    assert all("edit" in each for each in offered)
    assert not [each for each in offered if each["title"].startswith("Allow")], "what cannot be made is not offered"
