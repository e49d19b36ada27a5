"""Measure functions and files: complexity, size, maintainability.

The functions that are hardest to follow come first, then the files that are hardest to maintain. Cognitive complexity
follows its specification; cyclomatic complexity, Halstead's figures and the maintainability index (0 to 100, higher is
better) are radon's.
Exit codes: 0 measured, 2 usage or configuration, 3 no Python files, 4 a file could not be analysed.
"""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from coding_agent.analysis.metrics import Metrics
from coding_agent.analysis.report import Symbol
from coding_agent.cli.core import Project
from coding_agent.cli.exits import Exit
from coding_agent.cli.outside import Outside
from coding_agent.cli.session import Session, Wish
from coding_agent.explain.radon import Maintainability, maintainability
from coding_agent.ide.facade import outline
from coding_agent.report.text import many
from coding_agent.store import source

_TOP = 20


@dataclass(frozen=True, slots=True)
class _Function:
    path: str
    line: int
    name: str
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class _File:
    """``figures`` is None where radon cannot read the file, ``problem`` says why nothing, or not all, was measured."""

    path: str
    functions: tuple[_Function, ...] = ()
    figures: Maintainability | None = None
    problem: str | None = None


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", metavar="PATH", help="file or folder; by default the current folder")
    parser.add_argument("--top", type=_count, default=_TOP, metavar="N", help=f"rows shown (default {_TOP}; 0: all)")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(given: Namespace, outside: Outside) -> int:
    said = cast("dict[str, object]", vars(given))
    paths = cast("list[str]", said["paths"]) or ["."]
    session = Session(outside, Wish(baseline=False), {})
    targets = list(session.targets([outside.absolute(path) for path in paths]))
    if not targets:
        outside.warn(session.nothing(paths))
        return Exit.NOTHING
    files = [_measured(target.path, target.project, outside.shown(target.path)) for target in targets]
    if said["format"] == "json":
        import json

        outside.say(json.dumps([_described(file) for file in files], indent=1))
    else:
        _tables(files, cast("int", said["top"]) or None, outside)
    for file in files:
        if file.problem:
            outside.warn(f"{file.path}: not analysed: {file.problem}")
    return Exit.INCOMPLETE if any(file.problem for file in files) else Exit.CLEAN


def _count(said: str) -> int:
    if not said.isdecimal():
        raise ArgumentTypeError("a whole number from 0")
    return int(said)


def _measured(path: Path, project: Project, shown: str) -> _File:
    try:
        item = source.read(path, project.settings.analysis.max_file_size)
    except source.Unreadable as error:
        return _File(shown, problem=str(error))
    checked = project.check(path, item.text, fixes=False)
    text = checked.state.text
    functions = tuple(
        _Function(shown, text.position(symbol.name_span.start).line + 1, name, metrics)
        for name, symbol, metrics in _functions(outline(checked.state))
    )
    return _File(shown, functions, maintainability(str(text)), checked.problem)


def _functions(symbols: Iterable[Symbol], owner: str = "") -> Iterator[tuple[str, Symbol, Metrics]]:
    for symbol in symbols:
        name = f"{owner}{symbol.name}"
        if symbol.metrics is not None:
            yield name, symbol, symbol.metrics
        yield from _functions(symbol.children, f"{name}.")


def _tables(files: Sequence[_File], top: int | None, outside: Outside) -> None:
    functions = sorted(
        (each for file in files for each in file.functions),
        key=lambda each: (-each.metrics.cognitive, -each.metrics.cyclomatic, each.path, each.line),
    )
    outside.say("cognitive  cyclomatic  lines  nesting  parameters  function")
    for each in functions[:top]:
        found = each.metrics
        outside.say(
            f"{found.cognitive:9}  {found.cyclomatic:10}  {found.lines:5}  {found.nesting:7}  {found.parameters:10}  "
            f"{each.path}:{each.line} {each.name}"
        )
    known = sorted(
        ((file.figures, file.path) for file in files if file.figures is not None),
        key=lambda each: (each[0].index, each[1]),
    )
    outside.say("\nindex  rank  volume  difficulty  file")
    for figures, path in known[:top]:
        outside.say(
            f"{figures.index:5.1f}  {figures.rank:>4}  {figures.volume:6.0f}  {figures.difficulty:10.1f}  {path}"
        )
    outside.say(f"\n{many(len(functions), 'function')} in {many(len(files), 'file')}")
    if top is not None and max(len(functions), len(known)) > top:
        outside.say(f"The first {top} of each are shown; --top 0 shows all.")


def _described(file: _File) -> dict[str, object]:
    figures = file.figures
    return {
        "path": file.path,
        "problem": file.problem,
        "maintainability": None if figures is None else round(figures.index, 2),
        "rank": None if figures is None else figures.rank,
        "halstead": None
        if figures is None
        else {
            "volume": round(figures.volume, 2),
            "difficulty": round(figures.difficulty, 2),
            "effort": round(figures.effort, 2),
        },
        "functions": [
            {
                "name": each.name,
                "line": each.line,
                "cognitive": each.metrics.cognitive,
                "cyclomatic": each.metrics.cyclomatic,
                "lines": each.metrics.lines,
                "nesting": each.metrics.nesting,
                "parameters": each.metrics.parameters,
            }
            for each in file.functions
        ],
    }
