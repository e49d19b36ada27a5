"""What code may begin to use without anybody being told: names that read no file, reach nobody and change nothing.

The words are in ``harmless.toml``: what is not there is not harmless.
"""

import ast
import builtins
import re
import sys
import tomllib
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib import import_module
from pathlib import Path, PurePath
from types import ModuleType

from coding_agent.explain import world
from coding_agent.explain.world import Kind

_TABLE = tomllib.loads(Path(__file__).with_name("harmless.toml").read_text("utf-8"))


def _words(name: str) -> frozenset[str]:
    return frozenset(str(_TABLE[name]).split())


_BUILTINS, _ACTING, _CONTACTS, _LEADING_OUT = map(_words, ("builtins", "acting", "contacts", "leading-out"))
_BARRED, _DUNDERS, _WHOLE, _CAREFUL, _BUILDERS = map(_words, ("barred", "dunders", "whole", "careful", "builders"))
_MODULES = {**dict.fromkeys(_WHOLE, ""), **{str(name): str(words) for name, words in _TABLE["modules"].items()}}
_SAME = {name: str(group).split()[0] for group in _TABLE["same"] for name in str(group).split()}
_PROTECTING = _words("protecting")
_ENDING = frozenset({"SystemExit", "KeyboardInterrupt", "GeneratorExit", "BaseException", "BaseExceptionGroup"})
BY_NAME = frozenset({"getattr", "hasattr", "setattr", "delattr"})
"""Builtins that reach an attribute by its name."""
WORDS, KEYWORDS = _words("texts"), _words("arguments")
"""Words of texts, and arguments of calls, that mean nothing bad wherever they are added."""
_FRAMES = re.compile(r"(?:f|tb|gi|cr|ag|co|func)_[a-z]+|mro")
"""Attributes of frames, code and coroutines."""
DANGEROUS = frozenset({
    Kind.READS_FILES, Kind.WRITES_FILES, Kind.OPENS_FILES, Kind.FILE_SYSTEM, Kind.DATABASE, Kind.NETWORK,
    Kind.PROCESSES, Kind.THREADS, Kind.CODE, Kind.IMPORTS, Kind.ENVIRONMENT, Kind.SIGNALS, Kind.EXITS, Kind.TERMINAL,
})  # fmt: skip
FILES = frozenset({Kind.READS_FILES, Kind.WRITES_FILES, Kind.OPENS_FILES, Kind.FILE_SYSTEM, Kind.LOOKS_AT_FILES})
_MORE = {
    "tempfile.mktemp": Kind.WRITES_FILES,
    "builtins.compile": Kind.CODE,
    "builtins.open_code": Kind.READS_FILES,
    "marshal.loads": Kind.CODE,
    "marshal.load": Kind.CODE,
    "shelve.open": Kind.CODE,
    "yaml.load": Kind.CODE,
    "os.popen2": Kind.PROCESSES,
    "shutil.unpack_archive": Kind.WRITES_FILES,
}


def _vocabulary() -> frozenset[str]:
    """The methods of plain values, which do the same whatever object they are asked of."""
    plain = (
        str,
        bytes,
        bytearray,
        int,
        float,
        complex,
        bool,
        list,
        tuple,
        dict,
        set,
        frozenset,
        range,
        slice,
        property,
    )
    more = (Counter, OrderedDict, defaultdict, deque, date, datetime, time, timedelta, Decimal, Fraction, PurePath)
    names = {name for kind in (*plain, *more, BaseException, OSError, UnicodeError) for name in dir(kind)}
    return frozenset(name for name in names if not name.startswith("_")) | _words("named")


_HARMLESS = _vocabulary() - _ACTING - _words("ambiguous")


def harmless_builtin(name: str) -> bool:
    if name in _BUILTINS:
        return True
    made = getattr(builtins, name, None)
    return isinstance(made, type) and issubclass(made, BaseException) and name not in _ENDING


def harmless_attribute(name: str) -> bool:
    """Whether an attribute of an object that nobody knows is read without harm."""
    return name in _HARMLESS or name in _DUNDERS


def barred_attribute(name: str) -> bool:
    """Whether an attribute leads out of what code was given, or does more than to give a value."""
    dunder = name.startswith("__") and name.endswith("__")
    return (
        name in _ACTING
        or name in _LEADING_OUT
        or (dunder and name not in _DUNDERS)
        or _FRAMES.fullmatch(name) is not None
    )


def acting(name: str) -> bool:
    """Whether a method of this name does more than to give a value, whatever its object is."""
    return name in _ACTING


def acts(name: str, call: ast.Call | None) -> bool:
    """Whether a method does more than to give a value where it is called so, or handed on."""
    # A text needs two parts; with one, or as somebody else calls it, it renames files.
    dunder = name.startswith("__") and call is not None
    return acting(name) or dunder or (name == "replace" and (call is None or len(call.args) + len(call.keywords) < 2))


def contact(name: str) -> bool:
    """Whether a variable of this name surely reaches somebody."""
    return name.strip("_").lower().rpartition("_")[2] in _CONTACTS


def barred_name(dotted: str) -> bool:
    return dotted in _BARRED


def careful(dotted: str) -> bool:
    """Whether a function may take the place of another one that does the same."""
    return dotted in _CAREFUL


def same(dotted: str) -> str:
    """A name that stands for all functions that do the same: ``os.remove`` for ``pathlib.Path.unlink``."""
    return _SAME.get(dotted, dotted)


def protecting(dotted: str) -> bool:
    """Whether a function is there to keep others out; what called it goes on doing so."""
    return dotted in _PROTECTING


def builds_texts(name: str) -> bool:
    """Whether texts can be made by a name that nothing in the code says."""
    return name.rpartition(".")[2] in _BUILDERS


def kind_of(dotted: str) -> Kind | None:
    """What a library function does to the world; None where nothing is known of it, or its arguments decide."""
    return world.CALLS.get(dotted) or _MORE.get(dotted)


def importable(module: str) -> bool:
    """Whether importing a module runs nothing of note."""
    return module in _MODULES and module.partition(".")[0] in sys.stdlib_module_names


def harmless_name(dotted: str) -> bool:
    """Whether what a dotted name of a library stands for is harmless."""
    if dotted.startswith("builtins."):
        name, *rest = dotted.split(".")[1:]
        return harmless_builtin(name) and all(harmless_attribute(each) for each in rest)
    if dotted in _MODULES:
        return True
    module, name, rest = _split(dotted)
    if not module or name.startswith("_") or f"{module}.{name}" in _BARRED or name not in _public(module):
        return False
    return not any(barred_attribute(each) or each.startswith("_") for each in rest)


@cache
def _public(module: str) -> frozenset[str]:
    """The names of a module that are for everybody; modules of the standard library are asked themselves."""
    if module not in _WHOLE:
        return frozenset(_MODULES[module].split())
    found = vars(import_module(module))
    names: Iterable[str] = found.get("__all__") or [
        n for n, value in found.items() if not isinstance(value, ModuleType)
    ]
    return frozenset(name for name in names if not name.startswith("_"))


def _split(dotted: str) -> tuple[str, str, list[str]]:
    """The longest module of the table that a name begins with, the name in it, and what is asked of that."""
    parts = dotted.split(".")
    for count in range(len(parts) - 1, 0, -1):
        module = ".".join(parts[:count])
        if module in _MODULES:
            return module, parts[count], parts[count + 1 :]
    return "", "", []
