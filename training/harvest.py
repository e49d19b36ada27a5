"""Functions and their docstrings out of wheels, and what must not be among them.

The cleaning of docstrings follows the judge (`search_eval.py`), so that training asks what the judge asks.
"""

from __future__ import annotations

import ast
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Tests, and copies of other projects.
_SKIPPED = """
tests test testing _vendor vendor vendored _vendored _vendored_packages third_party thirdparty externals extern _extern
external site-packages node_modules __pycache__ conf idlelib packages
"""
SKIPPED = frozenset(_SKIPPED.split())
GENERATED = re.compile(r"(?i)(auto-?generated|do not edit|(code|machine) generated|generated (by|from|automatically))")
_FILE_BYTES = 500_000
_CODE = 6000


@dataclass(frozen=True, slots=True)
class Function:
    path: str
    qualname: str
    name: str
    code: str
    doc: str | None
    owner: str | None
    trivial: bool


def sources(wheel: Path) -> Iterator[tuple[str, str]]:
    """Path and text of each module that a person wrote."""
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            parts = name.split("/")
            skipped = set(parts[:-1]) & SKIPPED or parts[-1].startswith("test_") or parts[-1] == "conftest.py"
            if not name.endswith(".py") or skipped or ".data/" in name:
                continue
            if archive.getinfo(name).file_size > _FILE_BYTES:
                continue
            try:
                text = archive.read(name).decode("utf-8")
            except UnicodeDecodeError:
                continue  # In another encoding. A wheel that is broken is an error: pairs depend on it.
            if GENERATED.search(text[:800]) or name.endswith(("_pb2.py", "_pb2_grpc.py")):
                continue
            yield name, text


def functions(source: str, path: str) -> Iterator[Function]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    lines = list(io.StringIO(source))
    stack: list[tuple[ast.AST, str, str | None]] = [(tree, "", None)]
    while stack:
        node, prefix, owner = stack.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                stack.append((child, f"{prefix}{child.name}.", owner))
                yield _function(child, prefix, owner, path, lines)
            elif isinstance(child, ast.ClassDef):
                stack.append((child, f"{prefix}{child.name}.", ast.get_docstring(child)))
                yield _class(child, prefix, path, lines)
            elif not isinstance(child, ast.expr):
                stack.append((child, prefix, owner))


def _function(
    node: ast.FunctionDef | ast.AsyncFunctionDef, prefix: str, owner: str | None, path: str, lines: list[str]
) -> Function:
    start = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    doc, rest = ast.get_docstring(node), node.body
    end = node.end_lineno or start
    if doc is None:
        code = "".join(lines[start - 1 : end])
    else:
        first = node.body[0]
        code = "".join(lines[start - 1 : first.lineno - 1])
        if first.lineno <= node.lineno:
            code += lines[first.lineno - 1].encode()[: first.col_offset].decode(errors="ignore") + "\n"
        code += "".join(lines[first.end_lineno : end])
        rest = node.body[1:]
    trivial = all(
        isinstance(one, ast.Pass | ast.Raise) or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        for one in rest
    )
    return Function(path, prefix + node.name, node.name, code[:_CODE], doc, owner, trivial)


def _class(node: ast.ClassDef, prefix: str, path: str, lines: list[str]) -> Function:
    """What a class says of itself: bases, fields, and the first lines of its methods."""
    start = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    doc, body = ast.get_docstring(node), node.body
    code = "".join(lines[start - 1 : max(node.lineno, body[0].lineno - 1)])
    for one in body if doc is None else body[1:]:
        end = one.end_lineno or one.lineno
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            end = max(one.lineno, one.body[0].lineno - 1)
        elif isinstance(one, ast.ClassDef):
            end = one.lineno
        code += "".join(lines[one.lineno - 1 : end])
    return Function(path, prefix + node.name, node.name, code[:_CODE], doc, None, len(body) < 3)


def comments(code: str) -> list[str]:
    """Comments on lines of their own that read as sentences, those that follow each other joined."""
    found: list[str] = []
    current: list[str] = []
    for line in [*code.split("\n"), ""]:
        text = line.strip()
        if text.startswith("# "):
            current.append(text.lstrip("# "))
            continue
        if current:
            sentence = clean(re.split(r"(?<=[.!?])\s+(?=[A-Z`])", " ".join(current))[0])
            if asked(sentence) and not re.search(
                r"[=(){}\[\]<>]|(?i:noqa|type:|pragma|todo|fixme|xxx|copyright)", sentence
            ):
                found.append(sentence)
            current = []
    return found


def sentences(doc: str) -> list[str]:
    """The cleaned sentences of a docstring's running text; sections of parameters and examples are left out."""
    found: list[str] = []
    for paragraph in re.split(r"\n\s*\n", doc.strip()):
        lines = paragraph.splitlines()
        if re.match(r"\s*(:\w|@\w|>>>|\.\. |[-=~*]{3}|[A-Z][\w ]{0,20}:\s*$|\+-)", paragraph):
            break
        if len(lines) > 1 and re.match(r"\s*[-=~]{3,}\s*$", lines[1]):
            break
        for one in re.split(r"(?<=[.!?])\s+(?=[A-Z`])", " ".join(paragraph.split())):
            text = clean(one)
            if text:
                found.append(text)
    return found


def clean(sentence: str) -> str:
    text = re.sub(r":[a-zA-Z:]+:`~?([^`]*)`", r"\1", sentence)
    text = re.sub(r"[`*]+", "", text)
    return text.strip().rstrip(".!?").strip()


def first_sentence(doc: str) -> str:
    """What the judge takes for a question."""
    paragraph = " ".join(re.split(r"\n\s*\n", doc.strip(), maxsplit=1)[0].split())
    match = re.match(r"(.+?[.!?])(?:\s|$)", paragraph)
    text = re.sub(r":[a-zA-Z:]+:`~?([^`]*)`", r"\1", match.group(1) if match else paragraph)
    text = re.sub(r"[`*]+", "", text)
    text = re.sub(r"^\s*(\.\. .*|:param.*|@.*|>>>.*)$", "", text)
    return text.strip().rstrip(".").strip()


def asked(sentence: str) -> bool:
    words = re.findall(r"[A-Za-z]{2,}", sentence)
    if not 3 <= len(words) <= 40 or len(sentence) > 300:
        return False
    return not re.match(r"(?i)(see |todo|deprecated|internal|returns?:|args|parameters|note:|example)", sentence)


def normal(sentence: str) -> str:
    return " ".join(re.findall(r"\w+", sentence.lower()))


def key(code: str) -> bytes:
    return hashlib.blake2b("".join(code.split()).encode(), digest_size=8).digest()


def line_keys(code: str) -> set[str]:
    """The lines that say something, without white space."""
    lines = ("".join(line.split()) for line in code.split("\n"))
    return {line for line in lines if len(line) > 14}
