# pyright: standard
# Views of any kind.
"""How a view is asked through its application's test client: paths, queries, bodies and headers that it reads."""

import ast
import urllib.parse
from typing import Dict, List, Optional, Sequence, Tuple

from . import declared, guess, kinds, pools, schemas
from .genome import Shape
from .pools import Row
from .routes import DJANGO, FLASK, Route, filled, is_a, pages, parameters, routes_to
from .schemas import together
from .survey import Target
from .usage import Uses
from .values import Value, by_name, plain, unique
from .world import World

Parts = Sequence[Tuple[str, Tuple[str, ...]]]
_PARTS: Parts = (
    ("query_string", ("args", "values")),
    ("data", ("form",)),
    ("json", ("json", "get_json()")),
    ("headers", ("headers",)),
)
_DJANGO_PARTS: Dict[str, Parts] = {"get": (("data", ("GET",)),), "post": (("data", ("POST",)),)}
_STARTS = ("request", "flask.request", "self.request")
CLIENT = "from starlette.testclient import TestClient"
MOST = 16


def shapes(target: Target, world: World) -> List[Shape]:
    """Return the requests that lead to a target, one shape for each route and method; empty where none does."""
    routes = routes_to(target.name, world)
    if routes and not any(f"{world.spell(target.name)}(" in line for line in routes[0].app.before):
        # Other settings of an application are tried on what its factory itself defines.
        routes = [route for route in routes if route.app is routes[0].app]
    found = [shape for route in routes for method in route.methods for shape in _of_route(target, route, method, world)]
    return found or _of_hook(target, world)


def _of_hook(target: Target, world: World) -> List[Shape]:
    routes = pages(target.name, world)
    if not routes:
        return []
    paths = [value for route in routes[:8] for value in _paths(target, route, world)[:3]]
    shape = _shape(target, routes[0], "get", [Row("path", "", True, [*paths, *plain("'/missing'")])])
    return [shape] if shape else []


def _of_route(target: Target, route: Route, method: str, world: World) -> List[Shape]:
    paths = Row("path", "", True, _paths(target, route, world))
    parts = _DJANGO_PARTS.get(method, ()) if route.app is DJANGO else _PARTS
    rows = schemas.rows(route.dependant, world) if route.dependant is not None else _read(target, parts, world)
    if method == "get" and route.app is not DJANGO:
        rows = [row for row in rows if row.keyword not in ("json", "data")]
    full = _shape(target, route, method, [paths, *rows])
    if full is None:
        return []
    # What a request must have is left out once.
    bare = _shape(target, route, method, [paths]) if any(row.needed for row in rows) else None
    return [full, bare] if bare else [full]


def _shape(target: Target, route: Route, method: str, rows: Sequence[Row]) -> Optional[Shape]:
    app = route.app
    if app is DJANGO:
        return Shape(target.name, "call", f"{app.code}.{method}", tuple(rows), imports=app.imports)
    if is_a(app.live, FLASK):
        return Shape(
            target.name, "call", f"{app.code}.test_client().{method}", tuple(rows), imports=app.imports,
            before=app.before,
        )  # fmt: skip
    try:
        exec(CLIENT, {})
    except Exception:  # what the client needs is not installed
        return None
    return Shape(
        target.name, "call", f"TestClient({app.code}).{method}", tuple(rows), imports=(*app.imports, CLIENT),
        before=app.before,
    )  # fmt: skip


def _paths(target: Target, route: Route, world: World) -> List[Value]:
    names = parameters(route.path)
    if not names:
        return plain(repr(route.path))
    rows = {row.name: row.pool for row in pools.for_callable(route.view, target.name, world)}
    known = plain(*(repr(one) for one in world.constants(target.name)))
    options = {name: _segments([*rows.get(name, [])[:3], *known, *rows.get(name, [])[3:]], kind, name)
               for name, kind in names}  # fmt: skip
    first = {name: pool[0] for name, pool in options.items()}
    found = [first, *({**first, name: one} for name, pool in options.items() for one in pool[1:])]
    return unique([Value(repr(filled(route.path, one)), origin="route") for one in found], MOST)


def _segments(pool: Sequence[Value], kind: str, name: str) -> List[str]:
    """Return parts of a path that fit a converter, from the values that the view's parameter would get."""
    found: List[str] = []
    for value in [*pool, *by_name(name)]:
        try:
            one = ast.literal_eval(value.code)
        except (ValueError, SyntaxError):
            continue
        whole = isinstance(one, int) and not isinstance(one, bool)
        if kind in ("int", "float") and not (whole and one >= 0):
            continue
        if whole or isinstance(one, (str, float)):
            part = urllib.parse.quote(str(one), "/" if kind == "path" else "")
            # What must be quoted is a matter of the framework.
            found += [part] if part == str(one) and len(part) < 30 else []
    fallback = {"int": "1", "float": "1.5", "uuid": "12345678-1234-5678-1234-567812345678"}.get(kind, "abc")
    return list(dict.fromkeys(part for part in found if part not in ("", ".", "..")))[:10] or [fallback]


# What a view of Flask reads of its request


def _read(target: Target, parts: Parts, world: World) -> List[Row]:
    rows: List[Row] = []
    for keyword, names in parts:
        found: List[Value] = []
        for function in target.reach:
            uses = world.uses(function)
            for path in [f"{start}.{name}" for start in _STARTS for name in names]:
                found += _mappings(uses, path, keyword, function, world)
        if names == ("POST",):
            kinds = [world.member(text) for text in world.mentions(target.name)]
            found += [value for kind in kinds if declared.is_form(kind) for value in declared.form_data(kind)]
        if found:
            rows.append(
                Row(keyword, keyword, keyword in ("json", "data"), unique([*found, *plain("{}", "{'other': 1}")], MOST))
            )
    return rows


def _mappings(uses: Uses, path: str, keyword: str, function: str, world: World) -> List[Value]:
    use = uses.get(path)
    keys = list(dict.fromkeys(key for key in use.keys if isinstance(key, str)))[:8] if use is not None else []
    options: Dict[str, List[Value]] = {}
    for key in keys:
        told = guess.guess(uses, f"{path}[{key!r}]", key, world, 2) or guess.guess(uses, f"{path}.get()", key, world, 2)
        pool = [*told, *by_name(key)[:4]] or plain("'abc'", "'1'")
        if keyword != "json":
            whole = _is_whole(function, key, world)
            pool = [one for one in pool if kinds.kind_of(one.code) == ("int" if whole else "str")]
            pool = [*pool, *(plain("1", "0", "-1", "'abc'") if whole else plain("'abc'", "'1'"))]
        options[key] = unique(pool, 6)
    return together(options, ())


def _is_whole(function: str, key: str, world: World) -> bool:
    """``request.args.get("limit", type=int)``, or ``int(request.args["limit"])``."""
    for node in ast.walk(world.nodes.get(function, ast.Module([], []))):
        if isinstance(node, ast.Call):
            first = node.args[0] if node.args else None
            kinds = {ast.unparse(word.value) for word in node.keywords if word.arg == "type"}
            if kinds & {"int", "float"} and isinstance(first, ast.Constant) and first.value == key:
                return True
            if ast.unparse(node.func) in ("int", "float") and first is not None and repr(key) in ast.unparse(first):
                return True
    return False
