# pyright: standard
# Applications of libraries that may not be there.
"""Command-line and web applications through their own test clients."""

from typing import Any, List

from .genome import Shape
from .pools import Row
from .values import Value, plain
from .world import World

RUNNER = "from click.testing import CliRunner"


def shapes(name: str, value: Any, world: World) -> List[Shape]:
    """Return how an application or command is driven; empty for everything else."""
    for base in type(value).__mro__:
        full = f"{base.__module__}.{base.__qualname__}"
        if full in ("click.core.Command", "click.core.BaseCommand"):
            return [_click(name, value, world)]
        if full == "flask.app.Flask":
            return _routes(
                name,
                [str(rule) for rule in value.url_map.iter_rules() if "GET" in (rule.methods or ())],
                f"{world.spell(name)}.test_client().get",
                "",
            )
        if full == "starlette.applications.Starlette":
            paths = [getattr(route, "path", "/") for route in value.routes]
            return _routes(
                name,
                paths,
                f"TestClient({world.spell(name)}).get",
                "from starlette.testclient import TestClient",
            )
    return []


def _routes(name: str, paths: List[str], callee: str, line: str) -> List[Shape]:
    codes = [repr(_filled(path)) for path in paths if "static" not in path and "openapi" not in path]
    return [
        Shape(
            name, "call", callee, (Row("path", "", True, plain(*codes, "'/missing'")),), imports=(line,) if line else ()
        )
    ]


def _filled(path: str) -> str:
    import re

    return re.sub(
        r"[<{](?:int:|float:)[^>}]*[>}]|[<{][^>}]*(?:id|number|count)[^>}]*[>}]",
        "1",
        re.sub(r"[<{][^>}:]*(?<!id)[>}]", "abc", path),
    )


def _click(name: str, command: Any, world: World) -> Shape:
    """Return ``CliRunner().invoke(command, [...])`` with the arguments, options and subcommands that it declares."""
    rows = [*_lines(command, [])][:24]
    pool = [Value(repr(row)) for row in rows] + plain("['--help']", "[]", "['--no-such-option']")
    callee = "CliRunner().invoke"
    return Shape(
        name,
        "call",
        callee,
        (Row("command", "", True, plain(world.spell(name))), Row("args", "", True, pool)),
        imports=(RUNNER,),
    )


def _lines(command: Any, before: List[str]) -> List[List[str]]:
    needed = [
        _word(parameter)
        for parameter in command.params
        if parameter.param_type_name == "argument" and parameter.required
    ]
    for parameter in command.params:
        if parameter.param_type_name == "option" and parameter.required:
            needed += [parameter.opts[-1], _word(parameter)]
    found = [before + needed]
    for parameter in command.params:
        if parameter.param_type_name == "option" and not parameter.required and parameter.name != "help":
            found.append(
                [
                    *before,
                    parameter.opts[-1],
                    *([] if parameter.is_flag or getattr(parameter, "count", False) else [_word(parameter)]),
                    *needed,
                ]
            )
            if getattr(parameter, "secondary_opts", None):
                found.append([*before, parameter.secondary_opts[-1], *needed])
    for name, inner in sorted(getattr(command, "commands", {}).items()):
        found += _lines(inner, [*before, name])
    return found


def _word(parameter: Any) -> str:
    choices = getattr(parameter.type, "choices", None)
    if choices:
        return str(next(iter(choices)))
    kind = getattr(parameter.type, "name", "text")
    return {"integer": "3", "float": "1.5", "boolean": "true", "integer range": "1"}.get(kind, "abc")
