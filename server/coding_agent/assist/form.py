"""What others see of a definition: its name, parameters and decorators, and whether it is async or a generator."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence

from coding_agent.assist.holding import DEFINITIONS, Definition
from coding_agent.assist.meant import Failing, Purpose
from coding_agent.explain.code import is_generator
from coding_agent.proof.changes import same
from coding_agent.proof.scopes import bound_names, own_nodes
from coding_agent.proof.source import FUNCTIONS

_BLOCKS = (ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)
_KINDS = {ast.FunctionDef: "a plain function", ast.AsyncFunctionDef: "an async function", ast.ClassDef: "a class"}


def same_form(old: Definition, new: Definition, purpose: Purpose) -> None:
    """Raises: Failing - the new one looks other from outside."""
    if type(old) is not type(new):
        raise Failing(f"`{old.name}` has to be {_KINDS[type(old)]} as before, not {_KINDS[type(new)]}")
    if old.name != new.name:
        raise Failing(f"it has to be called `{old.name}` as before, not `{new.name}`")
    if not same(old.decorator_list, new.decorator_list):
        raise Failing(f"the decorators of `{old.name}` have to stay as they are")
    if isinstance(old, ast.ClassDef) and isinstance(new, ast.ClassDef):
        _same_class(old, new, purpose)
    elif isinstance(old, FUNCTIONS) and isinstance(new, FUNCTIONS):
        _same_function(old, new)
    if not same(getattr(old, "type_params", []), getattr(new, "type_params", [])):
        raise Failing(f"the type parameters of `{old.name}` have to stay as they are")


def _same_function(old: ast.FunctionDef | ast.AsyncFunctionDef, new: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    if not same(old.args, new.args):
        raise Failing(f"the parameters of `{old.name}`, with defaults and annotations, have to stay as they are")
    if not same(old.returns, new.returns):
        raise Failing(f"the annotation of what `{old.name}` returns has to stay as it is")
    if is_generator(old) != is_generator(new):
        raise Failing(f"`{old.name}` would {'cease to be' if is_generator(old) else 'become'} a generator")


def _same_class(old: ast.ClassDef, new: ast.ClassDef, purpose: Purpose) -> None:
    if not (same(old.bases, new.bases) and same(old.keywords, new.keywords)):
        raise Failing(f"what `{old.name}` derives from has to stay as it is")
    before, after = _members(old), _members(new)
    for name, members in before.items():
        if len(after.get(name, ())) != len(members):
            raise Failing(f"`{old.name}.{name}` has to stay a member")
        for one, other in zip(members, after[name], strict=True):
            _same_member(one, other, purpose)
    if sum(isinstance(each, _BLOCKS) for each in new.body) > sum(isinstance(each, _BLOCKS) for each in old.body):
        raise Failing(f"the body of `{old.name}` would do more than to name its members")
    more = [name for name in after if name not in before]
    if more and not (purpose is Purpose.REFACTOR and all(name.startswith("_") and name[1:2] != "_" for name in more)):
        raise Failing(f"`{old.name}` would have a new member `{more[0]}`")


def _same_member(old: ast.stmt, new: ast.stmt, purpose: Purpose) -> None:
    if isinstance(old, DEFINITIONS) or isinstance(new, DEFINITIONS):
        if not (isinstance(old, DEFINITIONS) and isinstance(new, DEFINITIONS)):
            raise Failing("a method or class has to stay one")
        same_form(old, new, purpose)
    elif isinstance(old, ast.AnnAssign) and not (
        isinstance(new, ast.AnnAssign) and same(old.annotation, new.annotation)
    ):
        raise Failing("the annotations of a class have to stay as they are")
    elif not isinstance(old, DEFINITIONS) and _constants(old) != _constants(new):
        raise Failing("the values of a class have to stay as they are")


def _constants(statement: ast.stmt) -> list[str]:
    return [repr(each.value) for each in ast.walk(statement) if isinstance(each, ast.Constant)]


def _members(node: ast.ClassDef) -> dict[str, list[ast.stmt]]:
    """The statements that bind each name in the body of a class."""
    found: defaultdict[str, list[ast.stmt]] = defaultdict(list)
    for statement in node.body:
        for name in dict.fromkeys(_bound(statement)):
            found[name].append(statement)
    return dict(found)


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, DEFINITIONS):
        yield statement.name
    else:
        for node in own_nodes(statement):
            yield from sorted(bound_names(node))


def docstring_of(node: Definition) -> ast.Expr | None:
    """The statement that is the docstring, where there is one."""
    match node.body:
        case [ast.Expr(value=ast.Constant(value=str())) as first, *_]:
            return first
        case _:
            return None


def texts(node: Definition) -> str:
    """All texts in a definition, one under the other."""
    found = [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]
    return "\n".join(each for each in found if isinstance(each, str))


def without_docstring(node: Definition) -> Sequence[ast.stmt]:
    return node.body[1:] if docstring_of(node) is not None else node.body


def same_code(old: Definition, new: Definition) -> bool:
    """Whether two definitions differ in nothing but the docstring of their own."""
    heads = all(same(value, getattr(new, name)) for name, value in ast.iter_fields(old) if name != "body")
    one, other = without_docstring(old), without_docstring(new)
    if not one or not other:
        # A docstring alone is a body; without it there has to be something that does as little.
        return heads and all(isinstance(each, ast.Pass) for each in (*one, *other))
    return heads and same(list(one), list(other))
