"""Facts of files, names of modules, and rules over all files."""

from collections.abc import Iterator

import pytest

from coding_agent.analysis.context import Context
from coding_agent.analysis.engine import RuleFailed
from coding_agent.analysis.file import Analyser
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.project import (
    absolute,
    check_project,
    file_facts,
    module_names,
    project_facts,
    resolved,
)
from coding_agent.analysis.report import FileFacts, Imported, ProjectFacts
from coding_agent.analysis.rule import Example, Kind, Rule
from coding_agent.analysis.ruleset import RuleSet, Selection, select
from coding_agent.ide.check import whole
from coding_agent.text import Span, Text


def _facts(text: str, path: str = "a.py", module: str = "a") -> FileFacts:
    return file_facts(whole(Text.of(text), Analyser(select((), Selection())), path), path, module)


def test_modules_are_named_from_where_packages_begin() -> None:
    paths = [
        "src/shop/__init__.py",
        "src/shop/cart.py",
        "src/shop/deep/x.py",
        "tool.py",
        "a-b.py",
        "notes.txt",
        "src/y.py",
    ]
    assert module_names(paths) == {
        "src/shop/__init__.py": "shop",
        "src/shop/cart.py": "shop.cart",
        "src/shop/deep/x.py": "x",
        "tool.py": "tool",
        "src/y.py": "y",
    }


def test_facts_hold_imports_at_their_places_in_the_file() -> None:
    text = (
        "import os\n\n\ndef f():\n    import lazy\n\n\ntry:\n    from . import b\nexcept ImportError:\n    b = None\n"
    )
    facts = _facts(text)
    assert [(each.module, each.names, text[slice(*each.span)]) for each in facts.imports] == [
        ("os", (), "import os"),
        (".", ("b",), "from . import b"),
    ]
    assert set(facts.defines) == {"os", "f", "b"}


def test_imports_for_types_are_told_apart() -> None:
    facts = _facts("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a\nelse:\n    import b\n")
    assert [(each.module, each.typing_only) for each in facts.imports] == [("typing", False), ("a", True), ("b", False)]


def test_an_edit_inside_a_function_leaves_the_facts_alone() -> None:
    before = "import os\n\n\ndef f(x):\n    return os.fspath(x)\n"
    after = before.replace("return os.fspath(x)", "import json\n    return json.dumps(x)")
    assert _facts(before) == _facts(after)


@pytest.mark.parametrize(
    ("module", "path", "own", "expected"),
    [
        ("a.b", "x/y.py", "x.y", "a.b"),
        (".b", "x/y.py", "x.y", "x.b"),
        (".", "x/y.py", "x.y", "x"),
        ("..b", "x/y/z.py", "x.y.z", "x.b"),
        (".b", "x/__init__.py", "x", "x.b"),
        (".", "x/__init__.py", "x", "x"),
        ("..b", "x/y.py", "x.y", None),
        (".b", "y.py", "y", None),
    ],
)
def test_relative_imports_become_absolute(module: str, path: str, own: str, expected: str | None) -> None:
    assert absolute(module, FileFacts(path, own, (), ())) == expected


def test_an_import_runs_the_module_it_names() -> None:
    importer = FileFacts("p/q.py", "p.q", (), ())
    modules = {"p": "", "p.a": "", "p.b": ""}

    def targets(module: str, *names: str) -> list[tuple[str, str | None]]:
        return list(resolved(Imported(module, names, Span(0, 0)), importer, modules))

    assert targets("p.a") == [("p.a", None)]
    assert targets("p", "a", "one") == [("p.a", None), ("p", "one")]
    assert targets(".a", "one") == [("p.a", "one")]
    assert targets("elsewhere", "one") == []


def _all_imports(project: ProjectFacts, context: Context) -> Iterator[tuple[str, Finding]]:
    for facts in project.files.values():
        for each in facts.imports:
            yield facts.path, context.finding(each.span, each.module)


def _broken(project: ProjectFacts, context: Context) -> Iterator[tuple[str, Finding]]:
    raise KeyError(len(project.files))
    yield from ()


def _rules(*checks: object) -> RuleSet:
    named = [(f"imports-{index}", check) for index, check in enumerate(checks)]
    rules = [Rule(name, check, (Example("", ""),), kind=Kind.FILES) for name, check in named]  # type: ignore[arg-type]
    return select(rules, Selection())


def test_findings_come_by_path_and_in_order() -> None:
    project = project_facts(
        [_facts("import d\nimport c\n", "b.py"), _facts("import e\n", "a.py"), _facts("x = 1\n", "c.py")]
    )
    found = check_project(project, _rules(_all_imports))
    assert [(path, [each.message for each in findings]) for path, findings in found.items()] == [
        ("a.py", ["e"]),
        ("b.py", ["d", "c"]),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import d  # coding-agent: allow imports-0\nimport c\n", ["c"]),
        ("# coding-agent: allow imports-0 (both need it)\nimport d\nimport c\n", ["c"]),
        ("import d\nimport c\n# coding-agent: allow-file imports-0\n", []),
        ("import d  # coding-agent: allow imports-1\n", ["d"]),
        ("x = 1\n\n\n# before\nimport d  # coding-agent: allow imports-0\n", []),
    ],
)
def test_comments_allow_findings_of_rules_over_files(text: str, expected: list[str]) -> None:
    found = check_project(project_facts([_facts(text)]), _rules(_all_imports))
    assert [each.message for findings in found.values() for each in findings] == expected


def test_a_rule_that_raises_is_reported_and_the_others_go_on() -> None:
    failed: list[RuleFailed] = []
    found = check_project(project_facts([_facts("import d\n")]), _rules(_broken, _all_imports), failed)
    assert [str(each) for each in failed] == ["imports-0"]
    assert isinstance(failed[0].__cause__, KeyError)
    assert list(found) == ["a.py"]
    with pytest.raises(RuleFailed):
        check_project(project_facts([]), _rules(_broken))
