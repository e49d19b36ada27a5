# pyright: standard
# Applications of libraries that may not be there.
"""Which web application leads to a view of a module, by which paths and methods: Flask, Starlette, FastAPI, Django."""

import ast
import inspect
import re
import sys
from typing import Any, Dict, Iterator, List, NamedTuple, Tuple

from .usage import dotted
from .world import World

FLASK, STARLETTE = "flask.app.Flask", "starlette.applications.Starlette"
_ROUTERS = {
    "flask.sansio.blueprints.Blueprint": (
        "from flask import Flask",
        ("{app} = Flask('app')", "{app}.register_blueprint({it})"),
    ),
    "flask.blueprints.Blueprint": (
        "from flask import Flask",
        ("{app} = Flask('app')", "{app}.register_blueprint({it})"),
    ),
    "fastapi.routing.APIRouter": ("from fastapi import FastAPI", ("{app} = FastAPI()", "{app}.include_router({it})")),
    "starlette.routing.Router": ("", ("{app} = {it}",)),
}
_METHODS = ("get", "post", "put", "patch", "delete")


class App(NamedTuple):
    """``code`` is the application in a test, behind the statements ``before``."""

    code: str
    live: Any
    before: Tuple[str, ...] = ()
    imports: Tuple[str, ...] = ()


DJANGO = App("Client()", None, imports=("from django.test import Client",))


class Route(NamedTuple):
    """``path`` has its parameters in ``<>`` or ``{}``; ``dependant`` is what FastAPI knows of the view."""

    app: App
    path: str
    methods: Tuple[str, ...]
    view: Any
    dependant: Any = None


def is_a(value: Any, full: str) -> bool:
    """Whether a class of that full name is among an object's, without importing it."""
    return any(f"{base.__module__}.{base.__qualname__}" == full for base in type(value).__mro__)


def routes_to(name: str, world: World) -> List[Route]:
    """Return the routes of a target: of a view, of a method of a class of views, or those a factory makes inside."""
    return world.noted("routes", lambda: _by_target(world)).get(name, [])


def pages(name: str, world: World) -> List[Route]:
    """Return the routes that can be asked for with GET where a target is a hook or error handler of an application."""
    routes = world.noted("routes", lambda: _by_target(world))
    value = world.member(name)
    found = [route for rows in routes.values() for route in rows if "get" in route.methods]
    return [route for route in found if any(value is hook for hook in _hooks(route.app.live))]


def _by_target(world: World) -> Dict[str, List[Route]]:
    found: Dict[str, List[Route]] = {}
    for app in [*_apps(world), DJANGO]:
        if app is DJANGO:
            routes = _of_django(world)
        else:
            routes = _of_flask(app) if is_a(app.live, FLASK) else _of_starlette(app, app.live.routes, "")
        for route in routes:
            for name, methods in _targets(route, world):
                if methods:
                    found.setdefault(name, []).append(route._replace(methods=methods))
    return found


def _targets(route: Route, world: World) -> Iterator[Tuple[str, Tuple[str, ...]]]:
    view = inspect.unwrap(route.view)
    kind = view if isinstance(view, type) else getattr(view, "view_class", None)
    if kind is not None:
        for method in _METHODS:
            if callable(getattr(kind, method, None)) and kind.__module__ == world.module.__name__:
                yield f"{kind.__qualname__}.{method}", (method,)
    elif getattr(view, "__module__", "") == world.module.__name__:
        yield view.__qualname__.split(".<locals>")[0], tuple(one for one in _METHODS if one in route.methods)


def _apps(world: World) -> List[App]:
    """Return applications of the module, those its factories make, and, without any, one around each of its routers."""
    found = [
        App(world.spell(name), value)
        for name, value in vars(world.module).items()
        if is_a(value, FLASK) or is_a(value, STARLETTE)
    ]
    local = "app" if not hasattr(world.module, "app") else "application"
    for name, node in world.nodes.items():
        if isinstance(node, ast.FunctionDef) and "." not in name and _makes_app(node):
            for options in ("", *_switches(node)):
                live = _made(getattr(world.module, name), options)
                if live is not None:
                    found.append(App(local, live, (f"{local} = {world.spell(name)}({options})",)))
    return found or _around_routers(world, local)


def _makes_app(node: ast.AST) -> bool:
    called = {dotted(child.func).rpartition(".")[2] for child in ast.walk(node) if isinstance(child, ast.Call)}
    return bool(called & {"Flask", "FastAPI", "Starlette"})


def _switches(node: ast.FunctionDef) -> List[str]:
    """Return the keywords that turn on what a factory has off by default."""
    names = [arg.arg for arg in node.args.args][-len(node.args.defaults) :] if node.args.defaults else []
    pairs = [
        *zip(names, node.args.defaults),
        *((arg.arg, one) for arg, one in zip(node.args.kwonlyargs, node.args.kw_defaults)),
    ]
    return [f"{name}=True" for name, one in pairs if isinstance(one, ast.Constant) and one.value is False][:2]


def _made(factory: Any, options: str) -> Any:
    try:
        live = eval(f"factory({options})", {"factory": factory})
    except Exception:  # it wants arguments or a configuration
        return None
    return live if is_a(live, FLASK) or is_a(live, STARLETTE) else None


def _around_routers(world: World, local: str) -> List[App]:
    found: List[App] = []
    for name, value in vars(world.module).items():
        for full, (line, statements) in _ROUTERS.items():
            if is_a(value, full):
                before = tuple(text.format(app=local, it=world.spell(name)) for text in statements)
                space: Dict[str, Any] = {}
                try:
                    exec("\n".join([line, *(text.format(app=local, it="router") for text in statements)]),
                         {"router": value}, space)  # fmt: skip
                except Exception:  # one that cannot stand alone
                    break
                found.append(App(local, space[local], before, (line,) if line else ()))
                break
    return found


def _of_django(world: World) -> Iterator[Route]:
    if "django" not in sys.modules:
        return
    try:
        from django.urls import get_resolver  # pyright: ignore[reportMissingImports]

        patterns = get_resolver().url_patterns
    except Exception:  # no settings, or none with routes
        return
    for path, view in _below(patterns, "/"):
        node = world.nodes.get(getattr(inspect.unwrap(view), "__qualname__", ""))
        text = ast.unparse(node) if node is not None else ""
        yield Route(DJANGO, path, tuple(one for one in _METHODS if one == "get" or one.upper() in text), view)


def _below(patterns: Any, prefix: str) -> Iterator[Tuple[str, Any]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _below(pattern.url_patterns, path)
        elif not re.search(r"[\\^$()?*+]", path):
            yield path, pattern.callback


def _of_flask(app: App) -> Iterator[Route]:
    for rule in app.live.url_map.iter_rules():
        methods = tuple(method.lower() for method in rule.methods or ())
        yield Route(app, str(rule), methods, app.live.view_functions.get(rule.endpoint))


def _of_starlette(app: App, routes: Any, prefix: str) -> Iterator[Route]:
    for route in routes or ():
        path = prefix + str(getattr(route, "path", ""))
        inner = getattr(route, "routes", None)
        if inner:
            yield from _of_starlette(app, inner, path)
        elif getattr(route, "endpoint", None) is not None:
            methods = tuple(method.lower() for method in getattr(route, "methods", None) or ())
            yield Route(app, path, methods, route.endpoint, getattr(route, "dependant", None))


def _hooks(app: Any) -> List[Any]:
    found: List[Any] = []
    for name in ("before_request_funcs", "after_request_funcs", "teardown_request_funcs", "exception_handlers"):
        for value in (getattr(app, name, None) or {}).values():
            found += value if isinstance(value, list) else [value]
    for by_code in (getattr(app, "error_handler_spec", None) or {}).values():
        for by_class in by_code.values():
            found += by_class.values()
    return found


def parameters(path: str) -> List[Tuple[str, str]]:
    """Return name and converter of each parameter of a path."""
    flask = re.findall(r"<(?:(\w+)(?:\([^>]*\))?:)?(\w+)>", path)
    return [(name, kind) for kind, name in flask] or re.findall(r"{(\w+):?(\w*)}", path)


def filled(path: str, values: Dict[str, str]) -> str:
    """Return a path with values for its parameters."""
    return re.sub(r"<(?:\w+(?:\([^>]*\))?:)?(\w+)>|{(\w+):?\w*}", lambda found: values[found[1] or found[2]], path)
