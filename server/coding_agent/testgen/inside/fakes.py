# pyright: standard
# Looks at what the user's module imports.
"""Stand-ins for the world outside: what the module imports and a target uses is patched at the module's own import.

Answers have the shape that the code reads; failures are those it catches.
"""

from typing import Dict, List, NamedTuple, Sequence, Tuple

from . import commands, guess, outside
from .genome import Shape
from .model import Patch
from .outside import CLIENTS, VERBS, Contact
from .plausible import file_text, settings_of
from .standins import FIXED, MET, READ
from .survey import Target
from .usage import Use
from .values import NAMESPACE, merged
from .world import World

MOCK = "from unittest import mock"
MOMENT = "datetime.datetime(2024, 1, 15, 12, 30, 45)"
_PROCESS = frozenset({"run", "call", "check_call", "check_output", "Popen", "getoutput", "getstatusoutput"})


class Faked(NamedTuple):
    """A shape under one set of patches."""

    shape: Shape
    patches: Tuple[Patch, ...] = ()


class Setting(NamedTuple):
    """One state of the world: patches, and what they import."""

    patches: Tuple[Patch, ...] = ()
    imports: Tuple[str, ...] = ()


def worlds(target: Target, world: World) -> List[Setting]:
    """Return the settings under which a target is run; the plain one alone where it uses nothing outside.

    What no test can have (network, processes, waiting) is faked in each; then one thing at a time varies.
    """
    contacts = outside.contacts(target, world)
    rows = [(contact, variants) for contact in contacts for variants in [_stand_ins(contact, world)] if variants]
    around = _without_variables(target, world)
    lines = [Setting((patch,), ("import sys",)) for patch in commands.settings(target, world)]
    around = _with(around, lines[0]) if lines else around
    base = [variants[0] for _, variants in rows]
    found: List[Setting] = [_joined([around, *base])]
    for number, (_, variants) in enumerate(rows):
        found += [_joined([around, *base[:number], variant, *base[number + 1 :]]) for variant in variants[1:10]]
    found += [_with(found[0], setting) for setting in [*_environments(target, world), *lines[1:]]]
    return found[:16]


def faked(shape: Shape, setting: Setting) -> Faked:
    """Return a shape under a setting."""
    return Faked(shape._replace(imports=merged([shape.imports, setting.imports])), setting.patches)


def _joined(settings: Sequence[Setting]) -> Setting:
    found = Setting()
    for setting in settings:
        found = _with(found, setting)
    return found


def _with(one: Setting, other: Setting) -> Setting:
    anew = {(patch.owner, patch.attribute) for patch in other.patches}
    kept = tuple(patch for patch in one.patches if (patch.owner, patch.attribute) not in anew)
    return Setting(kept + other.patches, merged([one.imports, other.imports]))


def _stand_ins(contact: Contact, world: World) -> List[Setting]:
    full = contact.full
    package, _, name = full.rpartition(".")
    if not contact.owner:
        return []
    if full in FIXED:
        codes, imports = FIXED[full]
        return [_setting(contact, code, imports) for code in [*codes, *_answers(contact)]]
    if package == "subprocess" and name in _PROCESS:
        return _processes(contact, name)
    if (package in CLIENTS and name in VERBS) or full.startswith("session ") or full in ("urllib.request.urlopen",):
        return _responses(contact, world)
    helper = _clock_helper(contact, world)
    return [helper] if helper else []


def _setting(contact: Contact, code: str, imports: Tuple[str, ...] = ()) -> Setting:
    return Setting((Patch(contact.owner, contact.attribute, code),), (*contact.imports, *imports))


def _answers(contact: Contact) -> List[str]:
    """Return what a console answer is compared with."""
    if contact.full != "builtins.input":
        return []
    constants = [
        value for path, use in contact.uses.items() if path.startswith(contact.path) for value in use.constants
    ]
    return [f"lambda prompt='': {value!r}" for value in dict.fromkeys(constants) if isinstance(value, str)][:5]


def _clock_helper(contact: Contact, world: World) -> "Setting | None":
    """A helper of the module without parameters that asks the clock is replaced whole."""
    node = world.nodes.get(contact.attribute)
    if node is None or not hasattr(node, "args") or node.args.args:
        return None
    import ast

    from .usage import dotted

    calls = {dotted(child.func) for child in ast.walk(node) if isinstance(child, ast.Call)}
    if any(call.endswith(("datetime.now", "datetime.utcnow", "datetime.today")) for call in calls):
        return _setting(contact, f"lambda: {MOMENT}", ("import datetime",))
    if any(call.endswith(("time.time", "monotonic", "perf_counter")) for call in calls):
        return _setting(contact, "lambda: 1700000000.0")
    return None


def _processes(contact: Contact, name: str) -> List[Setting]:
    if name in ("check_output", "getoutput"):
        codes = [
            "lambda *args, **kwargs: 'abc 1.2\\n'" if name == "getoutput" else "lambda *args, **kwargs: b'abc 1.2\\n'",
            "lambda *args, **kwargs: 'abc 1.2\\n'",
            "lambda *args, **kwargs: b''",
        ]
    elif name in ("call", "check_call"):
        codes = ["lambda *args, **kwargs: 0", "lambda *args, **kwargs: 1"]
    elif name == "Popen":
        codes = [
            f"lambda *args, **kwargs: SimpleNamespace(returncode={code}, communicate=lambda *args, **kwargs: ({out}), "
            f"wait=lambda *args: {code}, poll=lambda: {code}, kill=lambda: None)"
            for code, out in ((0, "b'out', b''"), (1, "b'', b'error'"), (0, "'out', ''"))
        ]
    else:
        codes = [
            f"lambda *args, **kwargs: SimpleNamespace(returncode={code}, stdout={out}, stderr={error})"
            for code, out, error in ((0, "'abc 1.2\\n'", "''"), (1, "''", "'error'"), (0, "b'abc'", "b''"))
        ]
    return [_setting(contact, code, (NAMESPACE,) if "SimpleNamespace" in code else ()) for code in codes] + _failures(
        contact
    )


def _failures(contact: Contact) -> List[Setting]:
    """Return stand-ins that raise what the code around the call catches."""
    found: List[Setting] = []
    for handler in contact.handlers[:3]:
        spelled = _spelled_exception(handler, contact)
        if spelled:
            found.append(_setting(contact, f"mock.Mock(side_effect={spelled})", (MOCK, *contact.imports)))
    return found


def _spelled_exception(handler: str, contact: Contact) -> str:
    root = contact.owner.partition(".")[0]
    name = handler.rpartition(".")[2]
    if "." not in handler:
        import builtins

        if not hasattr(builtins, name):
            return ""
        return (
            f"{name}(2, 'failed')"
            if name in ("OSError", "IOError", "FileNotFoundError", "PermissionError", "ConnectionError")
            else f"{name}('failed')"
        )
    if name == "CalledProcessError":
        return f"{root}.{handler}(1, 'command')"
    if name == "TimeoutExpired":
        return f"{root}.{handler}('command', 1)"
    return f"{root}.{handler}('failed')"


# Answers of network clients


def _responses(contact: Contact, world: World) -> List[Setting]:
    use = outside.use_at(contact)
    if "entered" in use.flags and contact.path + "()" in contact.uses:
        use.merge(contact.uses[contact.path + "()"])
    statuses = _statuses(contact)
    bodies = _bodies(contact, world)
    head = "lambda *args, **kwargs: "
    asynchronous = "aiohttp" in contact.full or "entered async" in use.flags or "awaited" in use.flags
    found: List[Setting] = []
    for status in statuses:
        for body in bodies if status == 200 else bodies[:1]:
            answer = _answer(contact, use, status, body, asynchronous)
            if "entered async" in use.flags or "aiohttp" in contact.full:
                code = f"mock.MagicMock(**{{'return_value.__aenter__.return_value': {answer}}})"
            elif asynchronous:
                code = f"mock.AsyncMock(return_value={answer})"
            elif "entered" in use.flags:
                code = f"{head}nullcontext({answer})"
            else:
                code = head + answer
            imports = (
                [NAMESPACE]
                + [MOCK] * ("mock." in code)
                + ["from contextlib import nullcontext"] * ("nullcontext(" in code)
            )
            found.append(_setting(contact, code, tuple(imports)))
    return found + _failures(contact)


def _statuses(contact: Contact) -> List[int]:
    found: Dict[int, None] = {200: None}
    for path, use in contact.uses.items():
        if path.endswith((".status_code", ".status", ".code", "getcode()")):
            for value in use.constants:
                if type(value) is int:
                    found.setdefault(value)
            if "ordered" in use.flags or use.names:
                found.update({404: None, 500: None})
            for name in use.names:
                found.setdefault(
                    {"too_many": 429, "not_found": 404, "forbidden": 403, "unauthorized": 401}.get(
                        name.rpartition(".")[2], 500
                    )
                )
    if len(found) == 1:
        found[404] = None
    return list(found)[:7]


def _bodies(contact: Contact, world: World) -> List[str]:
    """Return what ``.json()`` gives: dictionaries with the keys that are read of it, wherever it goes."""
    found: List[str] = []
    for path, use in contact.uses.items():
        if path.endswith((".json()", "loads()")) and use.known():
            found += [
                value.code
                for value in guess.guess(contact.uses, path, "data", world, 3)
                if value.code.startswith(("{", "[")) and not value.imports
            ][:4]
    return list(dict.fromkeys([*found[:4], "{'name': 'abc', 'id': 1}", "{'abc': {'name': 'abc'}}", "[]"]))[:6]


def _answer(contact: Contact, use: Use, status: int, body: str, asynchronous: bool) -> str:
    names = set(use.attributes) | {
        path[len(contact.path) + 1 :].split("(")[0]
        for path in contact.uses
        if path.startswith(contact.path + ".") and path.count(".") == contact.path.count(".") + 1 and "[" not in path
    }
    names |= {"status_code", "json", "text"} if not names else set()
    parts: List[str] = []
    for name in sorted(names):
        if name in ("status_code", "status", "code"):
            parts.append(f"{name}={status}")
        elif name == "ok":
            parts.append(f"ok={status < 400}")
        elif name == "json" or name in use.methods or (name in MET and f"{contact.path}.{name}()" in contact.uses):
            result = body if name == "json" else MET.get(name, "'abc'")
            if name == "raise_for_status":
                parts.append(f"{name}={_raising(contact) if status >= 400 else 'lambda: None'}")
            elif asynchronous and name in ("json", "text", "read"):
                parts.append(f"{name}=mock.AsyncMock(return_value={result})")
            else:
                parts.append(f"{name}=lambda *args, **kwargs: {result}")
        else:
            parts.append(f"{name}={READ.get(name, repr('abc'))}")
    return f"SimpleNamespace({', '.join(parts)})"


def _raising(contact: Contact) -> str:
    handler = next((name for name in contact.handlers if "." in name), "")
    error = _spelled_exception(handler, contact) if handler else "RuntimeError('404 Not Found')"
    return f"mock.Mock(side_effect={error})"


# Environment and folders


def _without_variables(target: Target, world: World) -> Setting:
    """No variable that is read is left as it happens to be."""
    names = [variable.name for variable in outside.environment(target, world)]
    return Setting(tuple(Patch("os.environ", name, "", "delenv") for name in names))


def _environments(target: Target, world: World) -> List[Setting]:
    found: List[Setting] = []
    for variable in outside.environment(target, world):
        values = [*variable.values[:4], *settings_of(variable.name)][:5]
        found += [Setting((Patch("os.environ", variable.name, repr(value), "setenv"),)) for value in values]
    return found[:8]


def present(name: str) -> List[Tuple[str, ...]]:
    """Return the statements by which something of this name is there: a file of what it may hold, or a folder."""
    folder, _, last = name.rpartition("/")
    above = (f"(tmp_path / {folder!r}).mkdir()",) if folder else ()
    texts = [file_text(name), *(["[]", "{}"] if name.endswith(".json") else [])]
    found = [(*above, f"(tmp_path / {name!r}).write_text({text!r})") for text in texts]
    return found if "." in last[1:] else [*found, (*above, f"(tmp_path / {name!r}).mkdir()")]
