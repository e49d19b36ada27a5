"""Values that come from outside the program, as far as one function shows."""

import ast
from collections.abc import Callable

from coding_agent.analysis.context import Context
from coding_agent.analysis.expressions import last_name, value, words

_DEPTH = 6
_OF_REQUESTS = {
    *("args", "form", "values", "json", "data", "files", "cookies", "headers", "get_json", "get_data", "query_params"),
    *("GET", "POST", "FILES", "COOKIES", "META", "body", "path_params", "match_info", "rel_url", "query"),
    "query_string",
}
_CLIENTS = ("requests.", "httpx.", "urllib.request.urlopen", "urllib3.")
_RECEIVES = {"recv", "recvfrom", "recv_into"}
_KEEPS = {
    *("base64.b64decode", "base64.urlsafe_b64decode", "base64.decodebytes", "zlib.decompress", "gzip.decompress"),
    *(
        "os.path.join",
        "pathlib.Path",
        "urllib.parse.unquote",
        "urllib.parse.unquote_plus",
        "builtins.bytes",
        "builtins.str",
        "io.BytesIO",
    ),
    "os.fsdecode",
}
_KEEPING = {"get", "getlist", "read", "json", "decode", "encode", "strip", "lstrip", "rstrip", "lower", "upper"}
_CHECKS = {
    *(
        "safe",
        "secure",
        "allowed",
        "valid",
        "validate",
        "check",
        "verify",
        "startswith",
        "match",
        "fullmatch",
        "isalnum",
    ),
    *(
        "urlparse",
        "urlsplit",
        "abspath",
        "realpath",
        "resolve",
        "normpath",
        "relative",
        "basename",
        "commonpath",
        "isdigit",
    ),
}
_Source = Callable[[ast.expr, Context], bool]


def from_request(node: ast.expr, context: Context, depth: int = _DEPTH) -> bool:
    """Whether a value is what a web request says: of Flask, Django, Starlette or aiohttp, by their names."""
    return _comes(node, context, depth, _reads_request)


def from_network(node: ast.expr, context: Context, depth: int = _DEPTH) -> bool:
    """Whether a value was received: in a request, in the answer of another server, from a socket."""
    return _comes(node, context, depth, _reads_request) or _comes(node, context, depth, _receives)


def is_checked(node: ast.AST, context: Context) -> bool:
    """Whether the function around ``node`` checks or cleans anything, by the names it calls or a test of membership.

    What exactly is checked is not worked out: such functions are left alone.
    """
    around: ast.AST | None = context.function(node) or context.statement(node)
    for each in ast.walk(around) if around is not None else ():
        if isinstance(each, ast.Call) and _CHECKS.intersection(words(last_name(each.func))):
            return True
        if isinstance(each, ast.Compare) and any(isinstance(op, ast.In | ast.NotIn) for op in each.ops):
            return True
    return False


def _comes(node: ast.expr, context: Context, depth: int, source: _Source) -> bool:
    node = value(node, context)
    if depth == 0:
        return False
    if source(node, context):
        return True
    within: list[ast.expr] = []
    match node:
        case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Await(value=inner):
            within = [inner]
        case ast.FormattedValue(value=inner) | ast.NamedExpr(value=inner):
            within = [inner]
        case ast.Call(func=function, args=args):
            if context.qualified(function) in _KEEPS:
                within = args
            elif isinstance(function, ast.Attribute) and function.attr in _KEEPING:
                within = [function.value]
        case ast.BinOp(left=left, right=right):
            within = [left, right]
        case ast.JoinedStr(values=inner) | ast.BoolOp(values=inner):
            within = inner
        case _:
            pass
    return any(_comes(each, context, depth - 1, source) for each in within)


def _reads_request(node: ast.expr, context: Context) -> bool:
    if not isinstance(node, ast.Attribute) or node.attr not in _OF_REQUESTS:
        return False
    known = context.qualified(node.value)
    if known is not None:
        return known in ("flask.request", "quart.request", "bottle.request")
    return last_name(node.value) == "request" and isinstance(node.value, ast.Name | ast.Attribute)


def _receives(node: ast.expr, context: Context) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if (context.qualified(node.func) or "").startswith(_CLIENTS):
        return True
    return isinstance(node.func, ast.Attribute) and node.func.attr in _RECEIVES and bool(node.args)
