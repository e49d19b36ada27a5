"""What an editor asks and how it applies the answers. One helper per feature is its only caller in tests."""

import re
from typing import Any

from support.client import Client, Message

EOL = re.compile(r"\r\n|\n|\r")
WIDTH = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def position(text: str, offset: int, units: str = "utf-16") -> Message:
    """The client's position of an offset in code points."""
    ends = [0, *(found.end() for found in EOL.finditer(text))]
    line = max(index for index, start in enumerate(ends) if start <= offset)
    codec, size = WIDTH[units]
    head = text[ends[line] : offset].encode(codec, "surrogatepass")
    return {"line": line, "character": len(head) // size}


def place(text: str, words: str, units: str = "utf-16") -> Message:
    """The range of the first ``words`` in ``text``."""
    start = text.index(words)
    return {"start": position(text, start, units), "end": position(text, start + len(words), units)}


def offset(text: str, at: Message, units: str = "utf-16") -> int:
    """The offset of a client's position that is inside the text."""
    ends = [0, *(found.end() for found in EOL.finditer(text))]
    assert at["line"] < len(ends), f"line {at['line']} of {len(ends)}"
    codec, size = WIDTH[units]
    rest = text[ends[at["line"]] :].encode(codec, "surrogatepass")
    return ends[at["line"]] + len(rest[: at["character"] * size].decode(codec, "surrogatepass"))


def applied(text: str, edits: list[Message], units: str = "utf-16") -> str:
    """``text`` after edits that do not overlap, made as the protocol says: all at once, inserts in their order."""
    spans = [
        (offset(text, each["range"]["start"], units), offset(text, each["range"]["end"], units), index, each["newText"])
        for index, each in enumerate(edits)
    ]
    parts, done = list[str](), 0
    for start, stop, _, new in sorted(spans):
        assert start >= done, f"edits overlap at {start}"
        parts += (text[done:start], new)
        done = stop
    return "".join(parts) + text[done:]


def edits_for(edit: Message, uri: str) -> list[Message]:
    """The text edits of one document, however the workspace edit spells them."""
    found = list(edit.get("changes", {}).get(uri, ()))
    for change in edit.get("documentChanges", ()):
        if "textDocument" in change and change["textDocument"]["uri"] == uri:
            found += change["edits"]
    return found


def actions(client: Client, uri: str, at: Message, only: list[str] | None = None) -> list[Message]:
    context: Message = {"diagnostics": []} if only is None else {"diagnostics": [], "only": only}
    return client.call("textDocument/codeAction", {"textDocument": {"uri": uri}, "range": at, "context": context})


def titled(offered: list[Message], words: str) -> Message:
    """The one action whose title has these words."""
    found = [each for each in offered if words in each["title"]]
    assert len(found) == 1, [each["title"] for each in offered]
    return found[0]


def resolved(client: Client, action: Message) -> Message:
    """The workspace edit of an action."""
    return client.call("codeAction/resolve", action)["edit"]


def command(client: Client, name: str, *arguments: Any) -> Any:
    params = {"command": f"codingAgent.{name}", "arguments": list(arguments)}
    return client.call("workspace/executeCommand", params)


def pulled(client: Client, uri: str, previous: str | None = None) -> Message:
    """The whole report of one document."""
    more = {} if previous is None else {"previousResultId": previous}
    return client.call("textDocument/diagnostic", {"textDocument": {"uri": uri}, **more})


def codes(items: list[Message]) -> list[tuple[int, str]]:
    """(line, rule) of each diagnostic."""
    return [(item["range"]["start"]["line"], item["code"]) for item in items]
