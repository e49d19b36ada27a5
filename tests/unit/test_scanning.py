"""What the scan's process answers, and what it keeps on disk."""

import json
from pathlib import Path
from typing import Any

import pytest

from coding_agent.analysis import engine
from coding_agent.analysis.baseline import collect, identify, write
from coding_agent.analysis.file import Analyser
from coding_agent.analysis.project import facts_of, file_facts, plain_facts
from coding_agent.analysis.registry import all_rules
from coding_agent.analysis.ruleset import Selection, select
from coding_agent.ide.check import check_text, whole
from coding_agent.lsp.scanning import Looked, Settings, files, look, look_over
from coding_agent.text import Text

BAD = "def f(x):\n    return eval(x)\n"


class Place:
    """A workspace folder and a cache beside it."""

    def __init__(self, root: Path) -> None:
        self.folder, self.kept = root / "work", root / "facts"
        self.folder.mkdir()
        (self.folder / "pyproject.toml").write_text("[tool.coding-agent]\nanalysis.twins = false\n")

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, "utf-8")
        return str(path)

    def settings(self, editor: object = None, units: str = "utf-16") -> Settings:
        return str(self.folder.parent / "none.toml"), str(self.folder), editor, units, False

    def look(self, *paths: str, editor: object = None, units: str = "utf-16") -> list[tuple[str, str, int]]:
        found: list[Looked] = []
        while paths:  # A call answers with what it has when its time is up; at least one file it always tries.
            looked, tried, failed = look(self.settings(editor, units), str(self.kept), paths)
            assert (tried > 0, failed) == (True, ())
            found += looked
            paths = paths[tried:]
        return [(uri.rpartition("/")[2], items.decode(), count) for uri, items, count, _ in found]

    def facts(self, *paths: str) -> list[bytes]:
        """The facts of each file."""
        found = (look(self.settings(), str(self.kept), [path])[0] for path in paths)
        return [facts for looked in found for *_, facts in looked]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were analysed and not taken from disk."""
    seen = list[str]()
    original = engine.analyse

    def analyse(piece: Any, *args: Any, **more: Any) -> object:
        seen.append(piece.text)
        return original(piece, *args, **more)

    monkeypatch.setattr("coding_agent.analysis.file.analyse", analyse)
    return seen


def test_second_look_at_the_same_text_analyses_nothing(place: Place, analysed: list[str]) -> None:
    path = place.write("a.py", BAD)
    first = place.look(path)
    assert first[0][2] == 1
    assert analysed
    analysed.clear()
    assert place.look(path) == first
    assert analysed == []


def test_whatever_a_finding_depends_on_makes_it_new(place: Place, analysed: list[str]) -> None:
    path = place.write("a.py", BAD)
    before = place.look(path)
    for more in ({"units": "utf-8"}, {"editor": {"rules": {"eval-used": {"severity": "error"}}}}):
        analysed.clear()
        place.look(path, **more)  # type: ignore[arg-type]
        assert analysed, more
    place.write("a.py", "\n" + BAD)
    assert place.look(path) != before
    analysed.clear()
    place.look(place.write("b.py", BAD))
    assert analysed, "another file has another name"


def test_facts_come_from_disk_too(place: Place) -> None:
    paths = [place.write("cart.py", "from user import User\n"), place.write("user.py", "import cart\n")]
    for _ in range(2):
        over, failed = look_over(place.settings(), place.facts(*paths))
        ((uri, items, count),) = over
        assert (uri.rpartition("/")[2], count, failed) == ("cart.py", 1, ())
        assert b'"code":"import-cycle"' in items


def test_baseline_that_comes_later_hides_what_is_kept(place: Place) -> None:
    path = place.write("a.py", BAD)
    assert place.look(path)[0][2] == 1
    found = check_text("a.py", BAD, Analyser(select(all_rules(), Selection())))
    write(place.folder / ".coding-agent-baseline.json", collect(identify(found.diagnostics, BAD)))
    assert place.look(path) == [("a.py", "", 0)]


@pytest.mark.parametrize("broken", [b"", b"no database", None])
def test_cache_that_cannot_be_used_costs_only_time(place: Place, broken: bytes | None) -> None:
    path = place.write("a.py", BAD)
    if broken is None:
        place.kept.touch()
    else:
        place.kept.mkdir()
        (place.kept / "cache.db").write_bytes(broken)
    assert place.look(path)[0][2] == 1


def test_time_that_is_up_leaves_the_rest_for_the_next_call(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [place.write(f"{name}.py", BAD) for name in "abc"]
    monkeypatch.setattr("coding_agent.lsp.scanning._SECONDS", -1.0)
    found, tried, _ = look(place.settings(), str(place.kept), paths)
    assert (len(found), tried) == (1, 1)


def test_rule_that_raises_is_told_and_its_file_not_kept(
    place: Place, analysed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = place.write("a.py", BAD)

    def broken(*given: object) -> None:
        raise LookupError

    with monkeypatch.context() as patch:
        patch.setattr("coding_agent.analysis.context.Context.finding", broken)
        _, _, failed = look(place.settings(), str(place.kept), [path])
    assert [(rule, error) for rule, error, _ in failed] == [("eval-used", "LookupError")]
    analysed.clear()
    assert place.look(path)[0][2] == 1
    assert analysed


def test_files_that_do_not_count_are_tried_and_left_out(place: Place) -> None:
    generated = place.write("made.py", "# Generated by a program. DO NOT EDIT.\n" + BAD)
    place.write("a.py", BAD)
    listed = files(*place.settings()[:3], False)
    assert [(Path(path).name, uri.rpartition("/")[2]) for uri, path in listed] == [("a.py",) * 2, ("made.py",) * 2]
    assert place.look(*(path for _, path in listed), generated, str(place.folder / "none.py"))[0][0] == "a.py"
    assert place.look(generated, str(place.folder / "none.py")) == []


def test_files_are_read_in_their_encoding_up_to_their_size_in_bytes(place: Place) -> None:
    path = place.write("a.py", "")
    Path(path).write_bytes(b"# coding: latin-1\n'\xe4'\n" + BAD.encode())
    ((_, items, count),) = place.look(path)
    assert (count, json.loads(f"[{items}]")[0]["range"]["start"]["line"]) == (1, 3)
    (place.folder / "pyproject.toml").write_text("[tool.coding-agent]\nanalysis.max-file-size = 40\n")
    assert place.look(place.write("b.py", f"{BAD}#")) != []
    assert place.look(place.write("b.py", f"{BAD}#" + "\N{GRINNING FACE}" * 10)) == []


def test_facts_survive_json() -> None:
    text = (
        "import os, a.b as c\nfrom . import x, y\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import z\n"
        "def f(): ...\n# coding-agent: allow-file eval-used\nfrom q import r  # coding-agent: allow import-cycle, b\n"
    )
    facts = file_facts(whole(Text.of(text), Analyser(select((), Selection())), "p.py"), "p.py", "p")
    assert len(facts.imports) == 6
    assert len(facts.allowed) == 3
    assert facts_of(json.loads(json.dumps(plain_facts(facts)))) == facts
