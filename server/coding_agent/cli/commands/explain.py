"""Explain a function or class: coding-agent explain FILE:LINE

A document in Markdown: what it does, takes and gives back, its effects and complexity, who calls it and what it calls,
which tests do, what is like it, its last change, and a small call graph in Mermaid. Nothing is run and nothing is sent.
Exit codes: 0 explained, 1 nothing of a name stands there, 2 usage, configuration or no Python files.
"""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import cast

from coding_agent.cli.core import project_for
from coding_agent.cli.exits import Exit
from coding_agent.cli.outside import Outside
from coding_agent.cli.searching import indexed, place_of, wanted
from coding_agent.errors import UserError
from coding_agent.explain.project import Relations
from coding_agent.ide.related import relations
from coding_agent.ide.search import Search
from coding_agent.store import source
from coding_agent.text.text import line_body
from coding_agent.vcs.git import Git

_TOP = 20


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("place", metavar="FILE:LINE", help="a line of the function, method or class")
    parser.add_argument("--root", metavar="DIR", help="the project's folder; by default the one around the file")
    parser.add_argument("--format", choices=("markdown", "json"), default="markdown")


def run(given: Namespace, outside: Outside) -> int:
    said = cast("dict[str, object]", vars(given))
    file, line = place_of(str(said["place"]), outside)
    place, project = wanted(cast("str | None", said["root"]), file.parent, outside), project_for(file, outside)
    try:
        text = source.read(file, project.settings.analysis.max_file_size).text
    except source.Unreadable as error:
        raise UserError(f"{said['place']}: {error}") from error
    state, found = project.definition(file, text, line)
    if found is None:
        outside.warn(f"coding-agent: no function or class stands at {said['place']}")
        return Exit.FINDINGS
    first, last = found.lines
    lines = tuple(line_body(each) for each in state.text.lines[first - 1 : last])

    async def known(search: Search) -> Relations:
        about = await search.about(file, found.qualified, found.line, top=_TOP)
        history = await Git(file.parent, outside.variables).history(file.resolve())
        return relations(about, history, lines, lambda path: _shown(path, place.root), Path.as_uri) or Relations()

    page = project.explained(file, state, found, indexed(place, outside, known))
    if said["format"] == "json":
        outside.say(json.dumps({"title": page.title, "markdown": page.markdown, "picture": page.picture}, indent=1))
    else:
        outside.out.write(page.markdown)
    return Exit.CLEAN


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
