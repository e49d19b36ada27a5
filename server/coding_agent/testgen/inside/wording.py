"""The statements of a candidate as text: what is run here is what is written there."""

import re

from .model import Act, Arg, Candidate, Patch

ITEMS = 12
"""How many items of an endless iterable are looked at."""


def args_text(act: Act) -> str:
    return ", ".join(_arg(arg) for arg in act.args)


def _arg(arg: Arg) -> str:
    return "%s=%s" % (arg.name, arg.code) if arg.name else arg.code


def value_text(act: Act) -> str:
    """Return the expression whose value is the result; empty for with, awith and set, which are statements."""
    call = "%s(%s)" % (act.callee, args_text(act))
    forms = {
        "call": call,
        "await": "await " + call,
        "list": "list(%s)" % call,
        "islice": "list(islice(%s, %d))" % (call, ITEMS),
        "alist": "[item async for item in %s]" % call,
        "get": act.callee,
        "expr": act.callee,
    }
    return forms.get(act.kind, "")


def act_text(act: Act) -> str:
    """Return the act as a statement that binds ``result`` (``set`` binds nothing)."""
    value = value_text(act)
    if value:
        return "result = " + value
    if act.kind == "set":
        return "%s = %s" % (act.callee, act.args[0].code)
    opening = "async with" if act.kind == "awith" else "with"
    return "%s %s(%s) as result:\n    pass" % (opening, act.callee, args_text(act))


def call_text(candidate: Candidate) -> str:
    """Return what a candidate does as one line that somebody can try: the arrangement, then the act."""
    act = candidate.act
    acted = value_text(act) or act_text(act).replace("\n    ", " ")
    return "; ".join([*prelude(candidate).split("\n"), acted] if prelude(candidate) else [acted])


def patch_text(patch: Patch) -> str:
    """Return the call of ``monkeypatch``; a patch without owner names what it replaces by a dotted path."""
    if patch.how == "setenv":
        return "monkeypatch.setenv(%r, %s)" % (patch.attribute, patch.code)
    if patch.how == "delenv":
        return "monkeypatch.delenv(%r, raising=False)" % patch.attribute
    if patch.how == "chdir":
        return "monkeypatch.chdir(%s)" % patch.code
    if not patch.owner:
        return "monkeypatch.%s(%r, %s)" % (patch.how, patch.attribute, patch.code)
    return "monkeypatch.%s(%s, %r, %s)" % (patch.how, patch.owner, patch.attribute, patch.code)


def prelude(candidate: Candidate) -> str:
    """Return what comes before the act. What stands in for the world does so for what is arranged as well."""
    return "\n".join([*map(patch_text, candidate.patches), *candidate.arrange])


def is_async(candidate: Candidate) -> bool:
    """Whether the test is a coroutine."""
    return candidate.act.kind in ("await", "alist", "awith") or "await " in prelude(candidate)


def snake(name: str) -> str:
    """``ValueError`` -> ``value_error``, ``HTTPCode`` -> ``http_code``, ``IPv4Address`` -> ``ipv4_address``."""
    name = re.sub(r"IPv(?=\d)", "Ipv", name)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower().strip("_")
