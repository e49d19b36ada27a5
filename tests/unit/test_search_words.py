"""Words of code: where identifiers are cut, and what stands in which field."""

import pytest

from coding_agent.search.words import (
    ATTRIBUTE,
    CALL,
    CONTEXT,
    DOC,
    FIELDS,
    NAME,
    REST,
    SIGNATURE,
    TEXT,
    Words,
    split,
    whole,
)


@pytest.mark.parametrize(
    ("identifier", "parts"),
    [
        ("get_user", ["get", "user"]),
        ("getUserName", ["get", "user", "name"]),
        ("HTTPServer_v2", ["http", "server", "v", "2"]),
        ("base64", ["base", "64"]),
        ("__init__", ["init"]),
        ("MAX_SIZE", ["max", "size"]),
        ("x", ["x"]),
        ("_", []),
        ("parseÄrgerÜber2", ["parse", "ärger", "über", "2"]),
        ("naïveBayes", ["naïve", "bayes"]),
        ("名前_x", ["名前", "x"]),
        ("ﬁle_ﬂag", ["file", "flag"]),
        ("a" * 25, []),
    ],
)
def test_split(identifier: str, parts: list[str]) -> None:
    assert split(identifier) == parts


def test_a_whole_name_is_one_word_too() -> None:
    assert whole(["data", "frame"]) == "+dataframe"
    assert whole(["frame"]) == ""
    assert whole(["a", "b", "c", "d", "e"]) == ""


def counted(code: str, name: str = "", context: str = "", doc: str = "") -> dict[tuple[str, int], int]:
    words = Words()
    row = words.row(name, context, code, doc)
    return {(words.parts[feature // FIELDS], feature % FIELDS): times for feature, times in row.counts.items()}


def test_fields() -> None:
    code = (
        "@app.route\ndef save(self, path: Path) -> None:\n    open(path).write(self.text)  # to disk\n"
        '    raise OSError("no space")\n'
    )
    found = counted(code, "save", "Report app/files", "Keep it.")
    assert found["save", NAME] == 1
    assert ("save", SIGNATURE) not in found
    assert found["report", CONTEXT] == found["files", CONTEXT] == 1
    assert found["keep", DOC] == 1
    assert found["route", SIGNATURE] == 1
    assert found["path", SIGNATURE] == 2
    assert found["open", CALL] == found["write", CALL] == 1
    assert found["text", ATTRIBUTE] == 1
    assert found["path", REST] == 1
    assert found["disk", TEXT] == found["space", TEXT] == 1


def test_counts_and_whole_names() -> None:
    found = counted("data_frame = DataFrame(data_frame)\n")
    assert found["data", REST] == found["frame", REST] == found["+dataframe", REST] == 2
    assert found["data", CALL] == found["+dataframe", CALL] == 1


@pytest.mark.parametrize("quote", ["'", '"', "'''", '"""'])
def test_strings_are_text(quote: str) -> None:
    found = counted(f"x = f{quote}not # a \\\\ call(){quote}\nlast()\n")
    assert found["call", TEXT] == 1
    assert found["last", CALL] == 1


@pytest.mark.parametrize("code", ['x = "open', "x = '''open", "# open", "\\", '"""' * 3, "\ud800 open"])
def test_half_typed_code_is_counted(code: str) -> None:
    assert counted(code) == counted(code)


def test_numbers_are_kept_and_vocabulary_comes_first() -> None:
    words = Words(["save", "load"])
    assert words.query("load and Save") == [1, 2, 0]
    assert words.parts == ["save", "load", "and"]
    assert words.known("load") == 1
    assert words.known("other") is None


def test_the_same_identifier_is_cut_once() -> None:
    words = Words()
    assert words.identifier("get_user") is words.identifier("get_user")
