"""The facts of all files of a project, and the rules that need them.

Each file yields its ``FileFacts`` once; rules over files read nothing else, so an edit inside a function
costs no file but its own.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from coding_agent.analysis.context import Context, Layout
from coding_agent.analysis.engine import RuleFailed
from coding_agent.analysis.file import FileState, Placed
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.report import FileFacts, Imported, ProjectFacts
from coding_agent.analysis.ruleset import RuleSet
from coding_agent.analysis.walk import Walk
from coding_agent.syntax.suppressions import Dialect
from coding_agent.text import Span, Text, line_body


def file_facts(state: FileState, path: str, module: str) -> FileFacts:
    """What rules over files may know of one file. ``module`` is the dotted name it is imported by, "" for none."""
    placed = list(state.placed())
    return FileFacts(
        path,
        module,
        tuple(_imports(placed)),
        tuple(state.names),
        tuple(chain.from_iterable(map(_allowed, placed))),
    )


def plain_facts(facts: FileFacts) -> list[object]:
    """Facts as JSON carries them; ``facts_of`` is the inverse."""
    imports = [[each.module, each.names, *each.span, each.typing_only, each.late] for each in facts.imports]
    allowed = [[span, name] for span, name in facts.allowed]
    return [facts.path, facts.module, imports, facts.defines, allowed]


def facts_of(plain: Any) -> FileFacts:
    """Raises: ValueError, TypeError - these are no facts."""
    path, module, imports, defines, allowed = plain
    return FileFacts(
        path,
        module,
        tuple(Imported(name, tuple(names), Span(start, stop), *when) for name, names, start, stop, *when in imports),
        tuple(defines),
        tuple((None if span is None else Span(*span), name) for span, name in allowed),
    )


def module_names(paths: Collection[str]) -> dict[str, str]:
    """The dotted name each file is imported by, from where ``__init__.py`` stands; paths with forward slashes."""
    known = frozenset(paths)
    names: dict[str, str] = {}
    for path in paths:
        folder, _, file = path.rpartition("/")
        if not file.endswith(".py"):
            continue
        parts = [] if file == "__init__.py" else [file.removesuffix(".py")]
        while folder and f"{folder}/__init__.py" in known:
            folder, _, last = folder.rpartition("/")
            parts.insert(0, last)
        if all(part.isidentifier() for part in parts):
            names[path] = ".".join(parts)
    return names


def check_project(
    project: ProjectFacts, rules: RuleSet, failed: list[RuleFailed] | None = None
) -> dict[str, tuple[Finding, ...]]:
    """Run the rules over files; the findings nobody allowed, by path and in order, spans those of the file.

    A rule that raises is added to ``failed``, or raised again where that is None.
    """
    found: dict[str, list[Finding]] = {}
    for path, finding in _findings(project, rules, failed):
        if not _is_allowed(finding, project.files[path]):
            found.setdefault(path, []).append(finding)
    return {
        path: tuple(sorted(each, key=lambda f: (f.span, f.rule, f.message))) for path, each in sorted(found.items())
    }


def _findings(project: ProjectFacts, rules: RuleSet, failed: list[RuleFailed] | None) -> Iterator[tuple[str, Finding]]:
    context = Context(Layout("", False), Walk([], False), {}, None, "", False)
    for each in rules.files:
        context.said_by = each
        try:
            yield from each.check(project, context)
        except Exception as error:
            report = RuleFailed(each.rule.name)
            report.__cause__ = error
            if failed is None:
                raise report from error
            failed.append(report)


def resolved(imported: Imported, importer: FileFacts, modules: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    """The modules of the project that an import runs, each with the name it takes out of it, None for none.

    ``modules`` says which dotted names there are. ``from package import module`` runs the module.
    """
    target = absolute(imported.module, importer)
    if target is None:
        return
    if not imported.names:
        if target in modules:
            yield target, None
        return
    for name in imported.names:
        inner = f"{target}.{name}" if target else name
        if inner in modules:
            yield inner, None
        elif target in modules:
            yield target, name


def absolute(module: str, importer: FileFacts) -> str | None:
    """The absolute name of a module as ``importer`` writes it; None where its dots lead out of the project."""
    name = module.lstrip(".")
    dots = len(module) - len(name)
    if not dots:
        return name
    package = importer.module.split(".") if importer.module else []
    if not importer.path.endswith("__init__.py"):
        package = package[:-1]
    up = dots - 1
    if up >= len(package) and (up or not package):
        return None
    base = package[: len(package) - up]
    return ".".join([*base, *([name] if name else [])])


def _imports(placed: Iterable[Placed]) -> Iterator[Imported]:
    late = False
    for one in placed:
        for each in one.report.imports:
            yield Imported(each.module, each.names, each.span.shifted(one.offset), each.typing_only, late)
        # `__version__` and the like stand among the imports.
        late = late or any(not symbol.name.startswith("__") for symbol in one.report.symbols)


def _allowed(placed: Placed) -> Iterator[tuple[Span | None, str]]:
    for name in placed.report.allowed_in_file:
        yield None, name
    if placed.report.comments:
        text = Text.of(placed.piece.text)
        for comment in placed.report.comments:
            if comment.dialect is Dialect.OURS:
                start = placed.offset + text.starts[comment.line]
                line = Span(start, start + len(line_body(text.lines[comment.line])))
                yield from ((line, name) for name in comment.names)


def _is_allowed(finding: Finding, facts: FileFacts) -> bool:
    return any(name == finding.rule and (line is None or line.touches(finding.span)) for line, name in facts.allowed)


def project_facts(facts: Iterable[FileFacts]) -> ProjectFacts:
    return ProjectFacts({each.path: each for each in facts})
