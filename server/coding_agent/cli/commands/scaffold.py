"""Start a new rule or refactoring: writes the one file it needs, ready to be filled.

It works as written: its examples pass, and the laws for all rules hold. For people who work on Coding Agent itself.
"""

import re
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import cast

import coding_agent
from coding_agent.cli.exits import Exit
from coding_agent.cli.outside import Outside
from coding_agent.errors import UsageError

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PACKAGE = Path(coding_agent.__file__).parent

_RULE = '''"""One sentence that says what is bad here.

Why it is bad: what happens to whom, and when. What to write instead. When it is fine, and the rule stays silent.

Source: where this is explained, in words.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Example, Rule


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if node.args:
        yield context.finding(node, "say what is bad, and what to do")


RULE = Rule(
    name="{name}",
    check=check,
    calls=("example.{function}",),
    examples=(
        Example("what is found", before="import example\\n\\n$0example.{function}(1)$0\\n"),
        Example("what is left alone", before="import example\\n\\nexample.{function}()\\n"),
    ),
)
'''

_REFACTORING = '''"""One sentence that says what becomes what.

What is better afterwards, and why it is safe: what is evaluated stays the same, in the same order. When it is refused.

Source: where this is explained, in words.
"""

import ast

from coding_agent.errors import Refused
from coding_agent.refactoring.refactoring import REWRITE, Example, Refactoring, Rewriting
from coding_agent.refactoring.view import View
from coding_agent.text import Edit, Span


def offer(view: View) -> str | None:
    return None if _edit(view) is None else "Say what it does"


def rewrite(view: View) -> Rewriting:
    edit = _edit(view)
    if edit is None:
        raise Refused("say what is missing here")
    return Rewriting((edit,))


def _edit(view: View) -> Edit | None:
    """Start small: a returned value loses the parentheses around it."""
    node = next((node for node in reversed(view.path) if isinstance(node, ast.Return)), None)
    if node is None or node.value is None:
        return None
    start, stop = view.source.span(node)
    value = view.source.of(node.value)
    around = Span(start + len("return "), stop)
    plain = "\\n" not in value and view.source.text[around.start : around.stop] == f"({value})"
    return Edit(around, value) if plain else None


REFACTORING = Refactoring(
    "NAME",
    REWRITE,
    offer,
    rewrite,
    (
        Example("what becomes what", before="def f(x):\\n    $0return (x)\\n", after="def f(x):\\n    return x\\n"),
        Example("what is left alone", before="def f(x):\\n    $0return (x,)\\n", after=None),
    ),
)
'''


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("kind", choices=("rule", "refactoring"))
    parser.add_argument("names", nargs="+", metavar="NAME", help="FAMILY NAME of a rule, or NAME of a refactoring")
    parser.add_argument("--into", metavar="DIR", help="the package's folder, by default where this command runs from")


def run(given: Namespace, outside: Outside) -> int:
    said = cast("dict[str, object]", vars(given))
    names = cast("list[str]", said["names"])
    for name in names:
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name!r} is no name; write it like assert-on-tuple")
    into = cast("str | None", said["into"])
    package = outside.absolute(into) if into else _PACKAGE
    path, content = _rule(package, names) if said["kind"] == "rule" else _refactoring(package, names)
    if path.exists():
        raise UsageError(f"{outside.shown(path)} exists already")
    try:
        _write(path, content, package)
    except OSError as error:
        raise UsageError(f"{outside.shown(path)} cannot be written: {error.strerror}") from error
    outside.say(outside.shown(path))
    return Exit.CLEAN


def _rule(package: Path, names: list[str]) -> tuple[Path, str]:
    if len(names) != 2:
        raise UsageError("a rule needs FAMILY and NAME: coding-agent scaffold rule bugs assert-on-tuple")
    family, name = names
    function = name.replace("-", "_")
    path = package / "analysis" / "rules" / family.replace("-", "_") / f"{function}.py"
    return path, _RULE.format(name=name, function=function)


def _refactoring(package: Path, names: list[str]) -> tuple[Path, str]:
    if len(names) != 1:
        raise UsageError("a refactoring needs NAME: coding-agent scaffold refactoring merge-nested-ifs")
    name = names[0]
    path = package / "refactoring" / "refactorings" / f"{name.replace('-', '_')}.py"
    return path, _REFACTORING.replace("NAME", name)


def _write(path: Path, content: str, package: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in (path.parent, *path.parent.parents):
        if folder == package or not folder.is_relative_to(package):
            break
        (folder / "__init__.py").touch()
    path.write_text(content, encoding="utf-8", newline="\n")
