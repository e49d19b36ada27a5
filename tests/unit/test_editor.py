"""The tour's own small editor: what it reads out of the protocol, and what it says when the server ends."""

import os
import sys
from pathlib import Path

import pytest

from coding_agent.cli.editor import Editor, edits_of, get, range_of, span_of
from coding_agent.errors import WorkerLost
from coding_agent.runtime.piped import piped
from coding_agent.text import Edit, Span, Text

WIDE = Text.of("name = '\N{FACE WITH TEARS OF JOY}'; bad()\nlast\n")
BAD = {"start": {"line": 0, "character": 13}, "end": {"line": 0, "character": 16}}

ECHO = """
import json, sys
while True:
    size = 0
    while (line := sys.stdin.buffer.readline().strip()):
        size = int(line.split(b":")[1])
    message = json.loads(sys.stdin.buffer.read(size))
    if "result" in message or message["method"] == "exit":
        break
    asked = {"id": "q", "method": "workspace/configuration", "params": {"items": [{}, {}]}}
    for answer in (asked, {"id": message["id"], "result": message["params"]}):
        body = json.dumps({"jsonrpc": "2.0", **answer}).encode()
        sys.stdout.buffer.write(b"content-length: %d\\r\\n\\r\\n%b" % (len(body), body))
    sys.stdout.buffer.flush()
"""


def test_columns_behind_a_wide_character_count_two_units():
    assert span_of(BAD, WIDE) == Span(12, 15)
    assert WIDE.slice(Span(12, 15)) == "bad"
    assert range_of(Span(12, 15), WIDE) == BAD


def test_edits_of_one_document_are_read_from_both_shapes():
    change = {"range": BAD, "newText": "good"}
    ours, other = ({"textDocument": {"uri": uri}, "edits": [change]} for uri in ("file:///a.py", "file:///b.py"))
    expected = (Edit(Span(12, 15), "good"),)
    assert edits_of({"edit": {"documentChanges": [{"kind": "create"}, other, ours]}}, "file:///a.py", WIDE) == expected
    assert edits_of({"edit": {"changes": {"file:///a.py": [change]}}}, "file:///a.py", WIDE) == expected
    assert edits_of({"edit": {"documentChanges": [other]}}, "file:///a.py", WIDE) == ()
    assert edits_of({"command": {}}, "file:///a.py", WIDE) == ()


def test_get_ends_where_the_value_does():
    value = {"a": [{"b": 1}]}
    assert get(value, "a", 0, "b") == 1
    assert get(value, "a", 1, "b") is None
    assert get(value, "a", "b") is None
    assert get(value, "a", 0, "b", "c") is None


def test_an_answer_is_found_behind_a_question_of_the_server(tmp_path: Path):
    with piped([sys.executable, "-c", ECHO], cwd=tmp_path) as server:
        assert Editor(server).ask("anything", {"a": 1}).value == {"a": 1}


def test_a_server_that_ends_is_named_with_its_last_words(tmp_path: Path):
    dying = "import sys; sys.stdin.readline(); sys.exit('no such option')"
    with piped([sys.executable, "-c", dying], cwd=tmp_path) as server, pytest.raises(WorkerLost) as lost:
        Editor(server).start(tmp_path)
    assert "no such option" in str(lost.value)


def test_a_program_that_does_not_exist_is_named(tmp_path: Path):
    with pytest.raises(WorkerLost, match="no-such-program"), piped(["no-such-program"], cwd=tmp_path):
        pass


def test_a_process_that_does_not_listen_is_gone_behind_the_block(tmp_path: Path):
    deaf = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    with piped([sys.executable, "-c", deaf], cwd=tmp_path, grace=0) as server:
        pid = int(server.out.readline())
        os.kill(pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
