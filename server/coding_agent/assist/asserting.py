"""Whether a test can fail: it asserts something of what the code under test gave, where the assertion surely runs."""

import ast
from collections.abc import Iterator, Sequence

from coding_agent.assist.meant import Failing
from coding_agent.explain.code import own_nodes
from coding_agent.proof.changes import same

Function = ast.FunctionDef | ast.AsyncFunctionDef
_RAISES = ("pytest.raises", "pytest.warns", "pytest.deprecated_call")
_ANY = frozenset({"Exception", "BaseException", "Warning"})
_HIDES = frozenset({"suppress", "contextlib.suppress"})


def can_fail(test: Function, meant: frozenset[str]) -> None:
    """``meant`` are the names by which the test reaches the code. Raises: Failing - it passes whatever that does."""
    own = own_nodes(test.body)
    if any(isinstance(node, ast.Return | ast.Yield | ast.YieldFrom) for node in own):
        raise Failing("it returns before its end, or yields; a test runs to its end")
    told = _told(test, own, meant)
    raising = False
    for node in _sure(test.body):
        if isinstance(node, ast.With | ast.AsyncWith):
            raising = raising or any(_is_raised(each.context_expr) and _reads(node, meant) for each in node.items)
        elif isinstance(node, ast.Assert) and _names(node.test) & told and not _always(node.test):
            return
    if not raising:
        raise Failing("it asserts nothing of what the code gives, where that surely runs")


def _sure(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run whatever happens before, as long as nothing fails."""
    for node in body:
        yield node
        match node:
            case ast.With() | ast.AsyncWith():
                if not any(_hides(each.context_expr) for each in node.items):
                    yield from _sure(node.body)
            case ast.For(iter=ast.List() | ast.Tuple()):
                yield from _sure(node.body)
            case ast.Try(handlers=[]):
                yield from _sure([*node.body, *node.finalbody])
            case _:
                pass


def _is_raised(given: ast.expr) -> bool:
    """Whether a manager fails unless some error comes. Raises: Failing - any error would do, also one of the test."""
    if not (isinstance(given, ast.Call) and ast.unparse(given.func) in _RAISES):
        return False
    kinds = [*given.args[:1], *(each.value for each in given.keywords if each.arg == "expected_exception")]
    if any(name in _ANY for kind in kinds for name in _names(kind)) and not any(
        each.arg == "match" for each in given.keywords
    ):
        raise Failing(f"`{ast.unparse(given)}` takes any error for the right one; name the error")
    return True


def _hides(given: ast.expr) -> bool:
    """Whether a manager swallows what fails inside of it."""
    if not isinstance(given, ast.Call):
        return False
    return ast.unparse(given.func) in {*_HIDES, *_RAISES}


def _told(test: Function, own: Sequence[ast.AST], meant: frozenset[str]) -> frozenset[str]:
    """The names that depend on what the code did: results, what it was given, what a fixture caught."""
    arguments = test.args
    told = {each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)} - {"self"} | meant
    tables = [each for each in test.decorator_list if "parametrize" in ast.unparse(each)]
    # What stands in a table is given by the test itself.
    columns = {word for table in tables for word in _columns(table)}
    told -= columns
    while True:
        more = set(_more(own, told))
        if more <= told:
            return frozenset(told)
        told |= more


def _more(own: Sequence[ast.AST], told: set[str]) -> Iterator[str]:
    for node in own:
        match node:
            case ast.Assign(targets=targets, value=value) if _names(value) & told:
                yield from (name for target in targets for name in _names(target))
            case ast.AnnAssign(target=target, value=ast.expr() as value) if _names(value) & told:
                yield from _names(target)
            case ast.AugAssign(target=target, value=value) if _names(value) & told:
                yield from _names(target)
            case ast.NamedExpr(target=target, value=value) if _names(value) & told:
                yield from _names(target)
            case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value) if _names(value) & told:
                yield from _names(target)
            case ast.withitem(context_expr=value, optional_vars=ast.expr() as target) if _names(value) & told or (
                isinstance(value, ast.Call) and ast.unparse(value.func) in _RAISES
            ):
                yield from _names(target)
            case ast.Call(func=function, args=arguments) if _names(function) & told:
                # What the code was given it may have changed.
                yield from (each.id for each in arguments if isinstance(each, ast.Name))
            case _:
                pass


def _columns(table: ast.expr) -> Iterator[str]:
    if isinstance(table, ast.Call) and table.args:
        for node in ast.walk(table.args[0]):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from node.value.replace(",", " ").split()


def _always(test: ast.expr) -> bool:
    """Whether a condition holds whatever its names are."""
    match test:
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is() | ast.GtE() | ast.LtE()], comparators=[right]):
            return same(left, right) and not any(isinstance(each, ast.Call) for each in ast.walk(left))
        case ast.Tuple(elts=[_, *_]) | ast.List(elts=[_, *_]) | ast.JoinedStr() | ast.Lambda():
            return True
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(map(_always, values)) or any(isinstance(each, ast.Constant) and each.value for each in values)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(map(_always, values))
        case ast.Call(func=ast.Name(id="isinstance"), args=[_, ast.Name(id="object")]):
            return True
        case _:
            return False


def _reads(node: ast.AST, names: frozenset[str]) -> bool:
    return bool(_names(node) & names)


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
