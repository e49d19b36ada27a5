"""Import lines: only what is used, in the order that isort and ruff keep."""

import ast
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from coding_agent.testgen.inside import parsing
from coding_agent.testgen.style import Style

_STANDARD = frozenset(sys.stdlib_module_names)


@dataclass(frozen=True, slots=True, order=True)
class Imported:
    """One name that is imported: ``import module as bound``, or ``from module import name as bound``."""

    module: str
    name: str
    bound: str

    @property
    def clause(self) -> str:
        own = self.name or self.module
        return own if self.bound in (own, own.partition(".")[0]) else f"{own} as {self.bound}"


def parsed(lines: Iterable[str]) -> list[Imported]:
    """Return what import statements bind; what is no import is left out."""
    found: list[Imported] = []
    for line in lines:
        tree = parsing.module(line.strip())
        for node in tree.body if tree is not None else ():
            if isinstance(node, ast.Import):
                found += [Imported(a.name, "", a.asname or a.name.partition(".")[0]) for a in node.names]
            elif isinstance(node, ast.ImportFrom):
                module = "." * node.level + (node.module or "")
                found += [Imported(module, a.name, a.asname or a.name) for a in node.names]
    return found


def used_names(code: str) -> set[str]:
    """Return every name that a module's text reads, and the dotted paths it reads them by."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(ast.unparse(node))
    return found


def needed(imports: Iterable[Imported], used: set[str]) -> list[Imported]:
    """Return the imports whose name is read; ``import a.b`` where ``a.b`` is."""
    kept: set[Imported] = set()
    for each in imports:
        path = each.module if not each.name and "." in each.module and each.clause == each.module else each.bound
        if path in used:
            kept.add(each)
    return sorted(kept)


def section(module: str, own: frozenset[str]) -> int:
    """0 the future, 1 standard library, 2 others, 3 the project's own, 4 relative."""
    top = module.partition(".")[0]
    if module.startswith("."):
        return 4
    if module == "__future__":
        return 0
    return 3 if top in own else 1 if top in _STANDARD else 2


def block(imports: Iterable[Imported], style: Style) -> str:
    """Return import statements, sorted, a blank line between sections; a line that is too long is put in brackets."""
    modules = sorted({each for each in imports if not each.name}, key=lambda each: (_order(each.module), each.clause))
    members: dict[str, set[Imported]] = {}
    for each in imports:
        if each.name:
            members.setdefault(each.module, set()).add(each)
    sections: dict[int, list[str]] = {}
    for each in modules:
        sections.setdefault(section(each.module, style.own), []).append(f"import {each.clause}")
    for module in sorted(members, key=_order):
        line = members_line(module, [each.clause for each in members[module]], style)
        sections.setdefault(section(module, style.own), []).append(line)
    return "\n\n".join("\n".join(sections[number]) for number in sorted(sections))


def members_line(module: str, clauses: Iterable[str], style: Style) -> str:
    """Return one ``from`` import with its names in order."""
    names = sorted(set(clauses), key=_member_order)
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= style.width:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _order(module: str) -> tuple[str, ...]:
    return (module.lower(), module)


def _member_order(clause: str) -> tuple[int, str, str]:
    name = clause.partition(" ")[0]
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name.lower(), clause


def binds(block: str) -> str:
    """Return the name that the first statement of a text binds, empty where it binds none."""
    try:
        node = ast.parse(block).body[0]
    except (SyntaxError, IndexError):
        return ""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return node.name
    return ast.unparse(node.targets[0]) if isinstance(node, ast.Assign) else ""
