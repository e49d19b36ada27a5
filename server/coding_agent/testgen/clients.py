"""Words for tests that go through the test client of an application: paths, queries, command lines, what came back."""

import ast
import re
import shlex
from http import HTTPStatus

from coding_agent.testgen.inside import parsing
from coding_agent.testgen.inside.model import Candidate, Check
from coding_agent.testgen.words import describe, identifier, slug

_WEB = ("get", "post", "put", "patch", "delete")
_MAPPINGS = frozenset({"json", "data", "params", "query_string", "headers", "cookies"})
_LINES = frozenset({"args", "argv"})
_OWN_WORDS = {422: "unprocessable", 413: "too_large", 414: "too_long", 416: "out_of_range", 418: "teapot"}
"""Statuses whose name differs between versions of Python."""


def parameters_of(candidate: Candidate) -> tuple[str, ...]:
    """Return the names of what a client is given by place; none where the act goes through no client."""
    callee = candidate.act.callee
    if callee.startswith("CliRunner()"):
        return ("command", "args")
    if callee.endswith("().parse_args"):
        return ("args",)
    return ("path",) if is_web(candidate) else ()


def is_web(candidate: Candidate) -> bool:
    """Whether the act is a request of a test client."""
    callee, _, method = candidate.act.callee.rpartition(".")
    return (
        method in _WEB
        and callee.endswith(("test_client()", ")", "client"))
        and ("test_client()" in callee or "Client(" in callee or callee == "client")
    )


def outcome(check: Check) -> str:
    """Return what an answer says, in words; empty where it says nothing by itself."""
    if check.subject.endswith(".exit_code"):
        return "succeeds" if check.value == "0" else "fails"
    if check.subject.endswith(".status_code") and check.value.isdigit():
        return f"returns_{status_words(int(check.value))}"
    return ""


def status_words(code: int) -> str:
    """Return the name of a status of HTTP, the same in all versions of Python."""
    names = {each.value: each.name.lower() for each in HTTPStatus}
    return _OWN_WORDS.get(code) or names.get(code, "another_status")


def condition(unit: str, args: list[tuple[str, str]]) -> str | None:
    """Return words for what a client is given, names and values in order; None for what no client is given."""
    found: list[str] = []
    alone = len(args) == 1
    for name, code in args:
        node = parsing.expression(code)
        if name == "path" and isinstance(node, ast.Constant):
            # Beside a query or body, only the path's values tell something.
            found += _of_path(unit, str(node.value) if alone else re.sub(r"/[a-z_]+(?=/|$)", "", str(node.value)))
        elif name in _MAPPINGS and isinstance(node, ast.Dict):
            found.append(_of_mapping(node, name))
        elif name in _LINES and isinstance(node, ast.List):
            found.append(_of_line(unit, node))
        elif name == "input":
            found.append("answer_" + describe(code.replace("\\n", "")))
        elif name != "command":
            return None
    return "_".join(part for part in (identifier(each) for each in found) if part)


def form_data(candidate: Candidate) -> str:
    """Return words for what the form of a test was sent; empty where it is nothing simple."""
    for line in candidate.arrange:
        node = parsing.statement(line)
        call = node.value if isinstance(node, ast.Assign) else None
        if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Dict):
            return identifier(_of_mapping(call.args[0], "data"))
    return ""


def _of_path(unit: str, path: str) -> list[str]:
    """The segments that the name of the view does not tell anyway."""
    words = set(unit.split("_"))
    told = words | {f"{word}s" for word in words}
    found = [part for part in path.split("/") if part]
    if found and not set(slug(found[-1]).split("_")) <= told:
        return [describe(repr(found[-1]))]
    # A path that ends in what the view is called has its values in front of that.
    return [describe(repr(part)) for part in found if re.search(r"\d", part)]


def _of_mapping(node: ast.Dict, name: str) -> str:
    if not node.keys:
        return f"empty {name}"
    pairs = [
        (str(key.value), describe(ast.unparse(value)))
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant)
    ]
    if len(pairs) > 2:
        return " and ".join(slug(key, " ") for key, _ in pairs[:3])
    return " and ".join(f"{slug(key, ' ')} {words}" for key, words in pairs)


def _of_line(unit: str, node: ast.List) -> str:
    words = [each.value if isinstance(each, ast.Constant) else "file" for each in node.elts]
    if words and words[0] == unit.rpartition("_")[2]:
        words = words[1:]
    if not words:
        return "no arguments"
    return " ".join(slug(str(word).lstrip("-"), " ") or describe(repr(word)) for word in words)


def label(code: str, name: str) -> str:
    """Return the id of what a client is given: a command line, or the pairs of a query; empty for everything else."""
    node = parsing.expression(code)
    if name in _LINES and isinstance(node, ast.List) and all(isinstance(each, ast.Constant) for each in node.elts):
        return shlex.join(str(ast.literal_eval(each)) for each in node.elts) or "no arguments"
    if name in _MAPPINGS and isinstance(node, ast.Dict) and all(isinstance(key, ast.Constant) for key in node.keys):
        pairs = zip(node.keys, node.values, strict=True)
        return ", ".join(f"{ast.literal_eval(key)}={_bare(value)}" for key, value in pairs if key) or f"empty {name}"
    return ""


def _bare(node: ast.expr) -> str:
    """A value as a query shows it: short words without quotes."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isalnum():
        return node.value
    return ast.unparse(node)
