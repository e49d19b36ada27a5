"""Find code by what it does: coding-agent search "where is the session cookie signed"

Names are found first, then what has the words of the question and what is near to it in meaning. Filters stand in the
question: path:PART, kind:function|method|class|module, test:yes|no, calls:NAME; a minus before one turns it around.
Exit codes: 0 something was found, 1 nothing was, 2 usage, configuration or no Python files.
"""

from argparse import ArgumentParser, Namespace
from typing import cast

from coding_agent.cli.outside import Outside
from coding_agent.cli.searching import asked_for, count, indexed, wanted
from coding_agent.errors import UsageError
from coding_agent.search.chunks import Kind

_TOP = 10


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("words", nargs="+", metavar="WORD", help="the question, with or without quotes")
    parser.add_argument("--root", metavar="DIR", help="the project's folder; by default the one around this folder")
    parser.add_argument("--path", metavar="PART", help="as path:PART in the question")
    parser.add_argument("--kind", choices=[kind.value for kind in Kind], help="as kind:KIND in the question")
    parser.add_argument("--top", type=count, default=_TOP, metavar="N", help=f"answers shown (default {_TOP})")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(given: Namespace, outside: Outside) -> int:
    said = cast("dict[str, object]", vars(given))
    words = " ".join(cast("list[str]", said["words"]))
    if not words.strip():
        raise UsageError("say what you look for")
    question = " ".join((words, *(f'{name}:"{said[name]}"' for name in ("path", "kind") if said[name])))
    place = wanted(cast("str | None", said["root"]), outside.directory, outside)
    top = cast("int", said["top"])
    found = indexed(place, outside, lambda search: search.search(question, top=top), means=True)
    return asked_for(found, str(said["format"]), outside, f"nothing answers {words!r}")
