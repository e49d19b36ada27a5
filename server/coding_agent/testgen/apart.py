"""Keeps new tests apart from a file they are added to: what they bind gets a name that means nothing else there."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from coding_agent.testgen.imports import Imported, binds
from coding_agent.testgen.merge import Existing, clashes
from coding_agent.text import split_lines


@dataclass(frozen=True, slots=True)
class Parts:
    """What is added to a file."""

    imports: tuple[Imported, ...]
    top: tuple[str, ...]
    functions: tuple[str, ...]


def apart(there: Existing, parts: Parts) -> Parts:
    """Return the parts so that nothing that the file binds is bound again, unless to the same.

    An import gets the module's last name in front, as ``from shop.cart import parse as cart_parse``.
    """
    taken = {*there.names, *(each.bound for each in there.imports), *(each.bound for each in parts.imports)}
    renamed: dict[str, str] = {}
    imports: list[Imported] = []
    wrong = set(clashes(there, parts.imports))
    for each in parts.imports:
        if each in wrong:
            short = _free(f"{each.module.rpartition('.')[2]}_{each.name or 'module'}".lstrip("_"), taken)
            renamed[each.module if not each.name and each.clause == each.module else each.bound] = short
            each = replace(each, bound=short)  # noqa: PLW2901 - the same import, by another name
        imports.append(each)
    bound = {*there.names, *(each.bound for each in there.imports)}
    for block in parts.top:
        name = binds(block)
        if name in bound and block not in there.text:
            renamed[name] = _free(f"{name}_too", taken)
    for block in parts.functions:
        name = binds(block)
        if name in bound:
            renamed[name] = _free(f"{name}More" if name[:1].isupper() else f"{name}_too", taken)
    if not renamed:
        return parts
    top = tuple(block if block in there.text else with_names(block, renamed) for block in parts.top)
    return Parts(tuple(imports), top, tuple(with_names(block, renamed) for block in parts.functions))


def _free(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    taken.add(name)
    return name


def with_names(code: str, renamed: Mapping[str, str]) -> str:
    """Return statements with names, or dotted paths, of the top replaced; what they bind there too."""
    tree = ast.parse(code)
    changes: list[tuple[int, int, str]] = []
    starts = [0]
    encoded = [line.encode("utf-8") for line in split_lines(code)]
    for line in encoded:
        starts.append(starts[-1] + len(line))
    text = b"".join(encoded)
    for statement in tree.body:
        own = _own(statement)
        for node in ast.walk(statement):
            if (
                not isinstance(node, (ast.Name, ast.Attribute))
                or node.end_lineno is None
                or node.end_col_offset is None
            ):
                continue
            old = ast.unparse(node)
            if old in renamed and old not in own:
                start, end = (
                    starts[node.lineno - 1] + node.col_offset,
                    starts[node.end_lineno - 1] + node.end_col_offset,
                )
                if (
                    text[start:end].decode("utf-8", "replace") != old
                ):  # Inside f-strings positions are wrong before 3.12.
                    return _unparsed(tree, renamed)
                changes.append((start, end, renamed[old]))
    for start, end, new in sorted(set(changes), reverse=True):
        text = text[:start] + new.encode() + text[end:]
    found = text.decode("utf-8")
    for old, new in renamed.items():
        found = re.sub(rf"^((?:async def|def|class) ){re.escape(old)}\b", rf"\g<1>{new}", found, flags=re.MULTILINE)
    return found


def _own(statement: ast.stmt) -> set[str]:
    """Names that a function binds itself: its parameters and what it assigns."""
    if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return set()
    found = {node.arg for node in ast.walk(statement) if isinstance(node, ast.arg)}
    return found | {
        node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


class _Renaming(ast.NodeTransformer):
    def __init__(self, renamed: Mapping[str, str]) -> None:
        self.renamed = renamed

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self.renamed.get(node.id, node.id), node.ctx)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        new = self.renamed.get(ast.unparse(node))
        return ast.Name(new, node.ctx) if new else self.generic_visit(node)


def _unparsed(tree: ast.Module, renamed: Mapping[str, str]) -> str:
    for index, statement in enumerate(tree.body):
        own = _own(statement)
        tree.body[index] = _Renaming({old: new for old, new in renamed.items() if old not in own}).visit(statement)
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            statement.name = renamed.get(statement.name, statement.name)
    return ast.unparse(ast.fix_missing_locations(tree))


__all__ = ["Parts", "apart", "with_names"]
