"""Renames what a test binds where the name is one that it reads from outside, or a fixture's."""

import ast
from collections.abc import Collection, Iterable, Mapping

from coding_agent.testgen.imports import parsed
from coding_agent.testgen.inside import parsing
from coding_agent.testgen.inside.model import Act, Arg, Candidate
from coding_agent.testgen.shape import bound_names

_RESERVED = frozenset(
    {"pytest", "asyncio", "result", "expected", "request", "capsys", "caplog", "monkeypatch", "tmp_path"}
)


def normal(candidate: Candidate, outer: Collection[str] = ()) -> Candidate:
    """Return the candidate with no name that is local and global at once, which a function cannot have.

    ``outer`` are names of the file that the candidate reads. Assignments that nothing reads are left out, and doubled
    keys of dicts.
    """
    candidate = _plain(candidate)
    bound = set(bound_names(candidate.arrange))
    candidate = candidate._replace(imports=(*candidate.imports, *_owners(candidate)))
    imported = {each.bound for each in parsed(candidate.imports)} | set(outer)
    taken = imported | bound | _RESERVED
    new: dict[str, str] = {}
    for name in sorted(bound & (imported | (_RESERVED - set(candidate.fixtures)))):
        new[name] = next(
            each for each in (f"own_{name}", f"{name}_made", f"my_{name}", f"{name}_here") if each not in taken
        )
    return _renamed(candidate, new) if new else candidate


def _plain(candidate: Candidate) -> Candidate:
    arrange = list(map(single_keys, candidate.arrange))
    act = candidate.act
    args = tuple(Arg(arg.name, single_keys(arg.code)) for arg in act.args)
    patches = tuple(patch._replace(code=single_keys(patch.code)) for patch in candidate.patches)
    rest = [act.callee, *(arg.code for arg in args), *(patch.code for patch in patches)]
    rest += [text for check in candidate.checks for text in (check.subject, check.value)]
    for index in reversed(range(len(arrange))):
        found = _only_assigns(arrange[index])
        if found is not None and found[0] not in _read([*arrange[index + 1 :], *rest]):
            arrange[index : index + 1] = [ast.unparse(found[1])] if _may_do_something(found[1]) else []
    return candidate._replace(arrange=tuple(arrange), act=Act(act.kind, act.callee, args), patches=patches)


def _only_assigns(statement: str) -> tuple[str, ast.expr] | None:
    """The name and the value of ``name = value``."""
    node = parsing.statement(statement)
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id, node.value
    return None


def _may_do_something(value: ast.expr) -> bool:
    return any(isinstance(node, (ast.Call, ast.Await, ast.Yield, ast.Subscript)) for node in ast.walk(value))


def _read(texts: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for text in texts:
        tree = parsing.module(text.lstrip("*"))
        if tree is None:
            continue
        found |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return found


class _SingleKeys(ast.NodeTransformer):
    changed = False

    def visit_Dict(self, node: ast.Dict) -> ast.Dict:
        self.generic_visit(node)
        last: dict[str, int] = {ast.unparse(key): index for index, key in enumerate(node.keys) if key is not None}
        kept = [index for index, key in enumerate(node.keys) if key is None or last[ast.unparse(key)] == index]
        if len(kept) < len(node.keys):
            self.changed = True
            node.keys, node.values = [node.keys[at] for at in kept], [node.values[at] for at in kept]
        return node


def single_keys(code: str) -> str:
    """Return code whose dicts have each key once, with the value that counts."""
    if "{" not in code or code.startswith("*"):
        return code
    tree = parsing.module(code)
    if tree is None:
        return code
    visitor = _SingleKeys()
    visitor.visit(tree)
    return ast.unparse(tree) if visitor.changed else code


def _owners(candidate: Candidate) -> set[str]:
    """Import lines for modules that patches name and nothing imports: those whose names are imported from."""
    there = parsed(candidate.imports)
    modules = {each.module.rpartition(".")[2]: each.module for each in there if each.name}
    found: set[str] = set()
    for patch in candidate.patches:
        root = patch.owner.partition(".")[0]
        if root in modules and root not in {each.bound for each in there}:
            parent, _, last = modules[root].rpartition(".")
            found.add(f"from {parent} import {last}" if parent else f"import {last}")
    return found


def _renamed(candidate: Candidate, new: Mapping[str, str]) -> Candidate:
    arrange: list[str] = []
    done: dict[str, str] = {}
    for statement in candidate.arrange:
        # On the right side of its own binding a name still means what was imported.
        begins = {name: new[name] for name in bound_names((statement,)) if name in new}
        arrange.append(_put(statement, {**done, **begins}, {**done}))
        done |= begins
    act = candidate.act
    args = tuple(Arg(arg.name, _put(arg.code, done, done)) for arg in act.args)
    # In a check the name stands for what the act gave.
    done = {name: other for name, other in done.items() if name != "result"}
    checks = tuple(
        check._replace(subject=_put(check.subject, done, done), value=_put(check.value, done, done))
        for check in candidate.checks
    )
    return candidate._replace(
        arrange=tuple(arrange), act=Act(act.kind, _put(act.callee, done, done), args), checks=checks
    )


def _put(code: str, stored: Mapping[str, str], loaded: Mapping[str, str]) -> str:
    if not code or not (stored or loaded):
        return code
    star = code[: len(code) - len(code.lstrip("*"))]
    tree = parsing.module(code[len(star) :])
    if tree is None:
        return code
    changed = False
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            table = loaded if isinstance(node.ctx, ast.Load) else stored
            changed = changed or node.id in table
            node.id = table.get(node.id, node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name in stored:
            changed, node.name = True, stored[node.name]
    return star + ast.unparse(tree) if changed else code
