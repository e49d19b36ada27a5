"""Examples of rules over files: one text, in which lines ``# file: path`` say where each file begins."""

import re

from coding_agent.analysis.file import Analyser
from coding_agent.analysis.finding import Diagnostic
from coding_agent.analysis.project import check_project, file_facts, module_names, project_facts
from coding_agent.ide.check import whole
from coding_agent.text import Text

_FILE = re.compile(r"^# file: (\S+)(?:\r?\n|\Z)", re.MULTILINE)


def split_files(text: str) -> dict[str, tuple[int, str]]:
    """The files in a text by path, each with the offset where its own text begins."""
    marks = list(_FILE.finditer(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    return {mark[1]: (mark.end(), text[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)}


def check_files(text: str, analyser: Analyser) -> list[Diagnostic]:
    """What rules over files find, with spans in the whole text."""
    files = split_files(text)
    modules = module_names(files)
    facts = [
        file_facts(whole(Text.of(source), analyser, path), path, modules.get(path, ""))
        for path, (_, source) in files.items()
    ]
    found = check_project(project_facts(facts), analyser.rules, analyser.failed)
    document = Text.of(text)
    diagnostics: list[Diagnostic] = []
    for path, findings in found.items():
        for each in findings:
            span = each.span.shifted(files[path][0])
            start, stop = document.position(span.start), document.position(span.stop)
            diagnostics.append(Diagnostic(path, each.rule, each.message, each.severity, span, start, stop))
    return sorted(diagnostics, key=lambda each: each.span)
