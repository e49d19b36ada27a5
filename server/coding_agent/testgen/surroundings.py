"""What stands in for the world while a test runs: the status of an answer, a failure, a variable of the environment."""

import ast
import copy
import keyword
from collections.abc import Iterator

from coding_agent.testgen import clients
from coding_agent.testgen.inside import parsing
from coding_agent.testgen.inside.model import Candidate, Patch
from coding_agent.testgen.inside.wording import snake
from coding_agent.testgen.words import describe, identifier

_STATUS = "status_code"


def failures(candidate: Candidate) -> Iterator[str]:
    """Yield words for what goes wrong outside: ``unauthorized_answer``, ``when_get_raises_timeout_error``."""
    for patch in candidate.patches:
        node = parsing.expression(patch.code) if patch.how == "setattr" else None
        given = _status(node)
        if given is not None and not 200 <= _whole(given) < 300:
            yield f"{clients.status_words(_whole(given))}_answer"
        for error in _raised(node):
            yield f"when_{snake(patch.attribute)}_raises_{snake(error)}"


def environment(candidate: Candidate) -> str:
    """Return words for the variables that a test sets, empty where it sets none: ``with_debug_one``."""
    given = [
        f"{patch.attribute} {describe(patch.code)}"
        for patch in candidate.patches
        if patch.how == "setenv" and "tmp_path" not in patch.code
    ]
    return "with_" + identifier(" ".join(given)) if given else ""


def varying(patch: Patch) -> tuple[str, str] | None:
    """Return the name and the code of the value by which tests of one table may differ; None where there is none."""
    if patch.how == "setenv":
        name = patch.attribute.lower()
        return (name, patch.code) if name.isidentifier() and not keyword.iskeyword(name) else None
    given = _status(parsing.expression(patch.code)) if patch.how == "setattr" else None
    return (_STATUS, ast.unparse(given.value)) if given is not None else None


def varied(patch: Patch, code: str) -> Patch:
    """Return a patch with another expression for its varying value."""
    if patch.how == "setenv":
        return patch._replace(code=code)
    node = copy.deepcopy(parsing.expression(patch.code))
    given = _status(node)
    assert node is not None
    assert given is not None
    given.value = ast.Name(code)
    return patch._replace(code=ast.unparse(node))


def _status(node: ast.expr | None) -> ast.keyword | None:
    """The status of what a stand-in answers."""
    body = node.body if isinstance(node, ast.Lambda) else None
    if not isinstance(body, ast.Call):
        return None
    whole = (each for each in body.keywords if isinstance(each.value, ast.Constant) and type(each.value.value) is int)
    return next((each for each in whole if each.arg == _STATUS), None)


def _whole(given: ast.keyword) -> int:
    assert isinstance(given.value, ast.Constant)
    assert isinstance(given.value.value, int)
    return given.value.value


def _raised(node: ast.expr | None) -> Iterator[str]:
    """The exceptions that a stand-in raises instead of an answer."""
    for each in node.keywords if isinstance(node, ast.Call) else ():
        made = each.value.func if isinstance(each.value, ast.Call) else each.value
        if each.arg == "side_effect" and isinstance(made, (ast.Name, ast.Attribute)):
            yield ast.unparse(made).rpartition(".")[2]
