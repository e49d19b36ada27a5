# pyright: standard
# Commands and parsers of libraries that may not be there.
"""Command lines for what reads them: click's commands through ``CliRunner``, parsers of argparse, ``main(argv)``."""

import argparse
import ast
import inspect
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from . import pools
from .genome import Shape
from .model import Patch
from .pools import Row
from .survey import Target
from .values import Value, by_name, plain, unique
from .world import World

RUNNER = "from click.testing import CliRunner"
MOST = 32
_FILE = ("path = tmp_path / 'data.txt'", "path.write_text('hello\\nworld\\n')")
_KINDS = {"integer": "3", "float": "1.5", "boolean": "true", "uuid": "12345678-1234-5678-1234-567812345678"}
_FILES = ("filename", "path", "file", "directory")


class Word(NamedTuple):
    """An expression of one word of a command line; ``file`` where it names one that must be there."""

    code: str
    file: bool = False


class Part(NamedTuple):
    """A parameter of a command line: ``flag`` is empty where it goes by place, ``options`` are its words."""

    flag: str
    options: Tuple[Word, ...]
    needed: bool
    switch: bool = False


def is_command(value: Any) -> bool:
    """Whether it is one of click's, whose package need not be there."""
    return any(
        f"{base.__module__}.{base.__qualname__}" in ("click.core.Command", "click.core.BaseCommand")
        for base in type(value).__mro__
    )


def of_click(target: Target, command: Any, world: World) -> List[Shape]:
    """Return ``CliRunner().invoke(group, ["command", ...])``: what belongs to a group is called by it."""
    root, words = _way_to(command, target.name, world)
    first = [Word(repr(word)) for word in words]
    lines = [line for parts in _alternatives(command, target.name, world) for line in _lines(parts)]
    rows = [
        Row("command", "", True, plain(root)),
        Row("args", "", True, unique([_line([*first, *line]) for line in lines], MOST)),
    ]
    if any(text.endswith(("confirm", "prompt")) for text in world.mentions(target.name)) or _prompts(command):
        rows.append(Row("input", "input", False, plain(r"'y\n'", r"'n\n'", r"'abc\n'")))
    return [Shape(target.name, "call", "CliRunner().invoke", tuple(rows), imports=(RUNNER,))]


def _way_to(command: Any, name: str, world: World) -> Tuple[str, List[str]]:
    for other, value in vars(world.module).items():
        if value is not command and is_command(value):
            for words, inner in _below(value):
                if inner is command:
                    return world.spell(other), words
    return world.spell(name), []


def _below(group: Any) -> Iterator[Tuple[List[str], Any]]:
    for name, inner in sorted((getattr(group, "commands", None) or {}).items()):
        yield [name], inner
        for words, one in _below(inner):
            yield [name, *words], one


def _alternatives(command: Any, name: str, world: World) -> Iterator[List[Part]]:
    """Give the parts of a command's line; of a group with the line of each of its commands behind."""
    own = _click_parts(command, name, world)
    below = list(_below(command))
    if not below:
        yield own
    for words, inner in below[:4]:
        if not getattr(inner, "commands", None):
            needed = [part._replace(options=part.options[:1]) for part in _click_parts(inner, "", world) if part.needed]
            yield [*own, *(Part("", (Word(repr(word)),), True) for word in words), *needed]


def _click_parts(command: Any, name: str, world: World) -> List[Part]:
    callback = inspect.unwrap(command.callback) if command.callback is not None else None
    rows = {row.name: row.pool for row in pools.for_callable(callback, name, world)} if callback is not None else {}
    found: List[Part] = []
    for one in command.params:
        if one.name == "help" or getattr(one, "is_eager", False):
            continue
        flag = max(one.opts, key=len) if one.param_type_name == "option" else ""
        switch = bool(flag) and (one.is_flag or getattr(one, "count", False))
        options = () if switch else tuple(_click_words(one, rows.get(one.name, [])))
        found.append(Part(flag, options, bool(one.required), switch))
        found += [Part(other, (), False, True) for other in getattr(one, "secondary_opts", [])[:1]]
    return [part for part in found if part.flag] + [part for part in found if not part.flag]


def _click_words(parameter: Any, pool: Sequence[Value]) -> List[Word]:
    kind = parameter.type
    choices = getattr(kind, "choices", None)
    if choices:
        return [Word(repr(str(choice))) for choice in list(choices)[:4]]
    name = getattr(kind, "name", "text")
    if name in _FILES:
        return [Word("str(path)", True), Word("'missing.txt'")]
    edges = [edge for edge in (getattr(kind, "min", None), getattr(kind, "max", None)) if edge is not None]
    wanted = {"integer": int, "float": float}.get(name.split(" ")[0], str)
    words = [repr(str(edge)) for edge in [*edges, *(edges[-1:] and [edges[-1] + 1])]]
    words += _texts(pool, wanted) or [repr(_KINDS.get(name, "abc"))]
    return [Word(word) for word in dict.fromkeys(words)][:6]


def _prompts(command: Any) -> bool:
    return any(getattr(parameter, "prompt", None) for parameter in command.params)


def _texts(pool: Sequence[Value], wanted: type) -> List[str]:
    """Return what of a pool can be written on a command line, as literals of text."""
    found: List[str] = []
    for value in pool:
        try:
            one = ast.literal_eval(value.code)
        except (ValueError, SyntaxError):
            continue
        fits = type(one) is str if wanted is str else type(one) in (int, wanted)
        if fits and len(str(one)) < 40 and not str(one).startswith("-"):
            found.append(repr(str(one)))
    return found


# Lines


def _lines(parts: Sequence[Part]) -> Iterator[List[Word]]:
    """Give command lines: what must be there; each option; each other value; each needed part left out."""
    yield [word for part in parts for word in _words(part, 0) if part.needed]
    for chosen in parts:
        for place in range(max(1, len(chosen.options))):
            if not chosen.needed or place:
                yield [
                    word
                    for part in parts
                    if part.needed or part is chosen
                    for word in _words(part, place if part is chosen else 0)
                ]
    for left_out in parts:
        if left_out.needed:
            yield [word for part in parts if part.needed and part is not left_out for word in _words(part, 0)]


def _words(part: Part, place: int) -> List[Word]:
    flag = [Word(repr(part.flag))] if part.flag else []
    return flag if part.switch else [*flag, *part.options[place : place + 1]]


def _line(words: Sequence[Word]) -> Value:
    code = "[%s]" % ", ".join(word.code for word in words)
    file = any(word.file for word in words)
    return Value(code, arrange=_FILE if file else (), fixtures=("tmp_path",) if file else (), origin="command")


# argparse


def of_argparse(target: Target, value: Any, world: World) -> List[Shape]:
    """Return how a function that makes a parser or reads a command line is given one; empty for every other."""
    made = _made_parser(target, value, world)
    if made is not None:
        row = Row("args", "", True, _arguments(made, world))
        return [Shape(target.name, "call", f"{world.spell(target.name)}().parse_args", (row,))]
    parser, name = _read_parser(target, value, world)
    if parser is None or not name:
        return []
    rows = pools.for_callable(value, target.name, world)
    pool = _arguments(parser, world)
    given = [row._replace(pool=pool, needed=True, keyword="") if row.name == name else row for row in rows]
    return [Shape(target.name, "call", world.spell(target.name), tuple(given))] if rows[0].name == name else []


def settings(target: Target, world: World) -> List[Patch]:
    """Return what ``sys.argv`` may be for a function that reads its command line from there."""
    parser, name = _read_parser(target, world.member(target.name), world)
    if parser is None or name:
        return []
    lines = [value.code for value in _arguments(parser, world) if not value.fixtures]
    start = "['tool'"
    return [Patch("sys", "argv", f"{start}, {line[1:]}" if line != "[]" else start + "]") for line in lines[:12]]


def _made_parser(target: Target, value: Any, world: World) -> Optional[argparse.ArgumentParser]:
    def make() -> Optional[argparse.ArgumentParser]:
        if not any(text.endswith("ArgumentParser") for text in world.mentions(target.name)):
            return None
        try:
            made = value()
        except BaseException:  # it wants arguments, or parses at once
            return None
        return made if isinstance(made, argparse.ArgumentParser) else None

    return world.noted(f"parser made by {target.name}", make) if target.kind == "function" else None


class _Found(BaseException):
    def __init__(self, parser: argparse.ArgumentParser, given: Any) -> None:
        self.parser = parser
        self.given = given


def _read_parser(target: Target, value: Any, world: World) -> Tuple[Optional[argparse.ArgumentParser], str]:
    """Return the parser that a function comes to, and which parameter it reads; "" for ``sys.argv``."""
    if target.kind != "function" or not any(
        text.endswith((".parse_args", ".parse_known_args")) for name in target.reach for text in world.mentions(name)
    ):
        return None, ""
    return world.noted(f"parser read by {target.name}", lambda: _stopped_at_parser(value))


def _stopped_at_parser(value: Any) -> Tuple[Optional[argparse.ArgumentParser], str]:
    def stop(parser: argparse.ArgumentParser, args: Any = None, *_: Any) -> Any:
        raise _Found(parser, args)

    try:
        first = next(iter(inspect.signature(value).parameters.values()), None)
    except (TypeError, ValueError):
        return None, ""
    before = argparse.ArgumentParser.parse_known_args
    argparse.ArgumentParser.parse_known_args = stop  # type: ignore[assignment,method-assign]
    mark = ["--mark-of-ours"]
    try:
        value(*([mark] if first is not None else []))
    except _Found as found:
        return found.parser, first.name if first is not None and found.given == mark else ""
    except BaseException:  # it does not come so far
        return None, ""
    finally:
        argparse.ArgumentParser.parse_known_args = before  # type: ignore[method-assign]
    return None, ""


def _arguments(parser: argparse.ArgumentParser, world: World) -> List[Value]:
    lines = [line for parts in _parser_parts(parser, world) for line in _lines(parts)]
    return unique([*(_line(line) for line in lines), *plain("[]", "['--no-such-option']")], MOST)


def _parser_parts(parser: argparse.ArgumentParser, world: World) -> Iterator[List[Part]]:
    own: List[Part] = []
    below: Dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            below = dict(action.choices)
        elif not isinstance(action, (argparse._HelpAction, argparse._VersionAction)):
            own.append(_part(action, world))
    own.sort(key=lambda part: not part.flag)
    if not below:
        yield own
    for name, inner in list(below.items())[:6]:
        for parts in _parser_parts(inner, world):
            yield [*own, Part("", (Word(repr(name)),), True), *parts]
            own = [part for part in own if part.needed]  # its options are tried once


def _part(action: argparse.Action, world: World) -> Part:
    flag = max(action.option_strings, key=len) if action.option_strings else ""
    needed = action.required and action.nargs not in ("?", "*")
    return Part(flag, tuple(_action_words(action, world)), needed, action.nargs == 0)


def _action_words(action: argparse.Action, world: World) -> List[Word]:
    if action.choices:
        return [Word(repr(str(one))) for one in [*list(action.choices)[:4], "no-such-choice"]]
    kind: Any = action.type
    name = getattr(kind, "__qualname__", type(kind).__name__)
    if name in ("FileType", "Path", "open"):
        return [Word("str(path)", True), Word("'missing.txt'")]
    if kind in (int, float):
        pool = [*_texts(by_name(action.dest), kind), "'3'", "'0'", "'abc'"]
        return [Word(word) for word in dict.fromkeys(pool)][:6]
    rows = pools.for_callable(kind, name, world) if inspect.isfunction(kind) and name in world.nodes else []
    values = [*(rows[0].pool if rows else ()), *by_name(action.dest)]
    words = [*_texts(values, int), *_texts(values, str)] if rows else _texts(values, str)
    found = [Word(word) for word in dict.fromkeys([*words, "'abc'"])][:8]
    if action.dest in ("path", "file", "files", "filename", "input", "source"):
        found.insert(1, Word("str(path)", True))
    return found
