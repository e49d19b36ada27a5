"""Whether tests that a model wrote touch anything but the code they are for: they will run where nothing holds them.

In the sandbox they can do no harm, but their user runs them later, outside of it. So they may use what is harmless
whoever uses it, pytest, and what of the module leads to nothing but values.
"""

import ast
import builtins
from collections.abc import Iterator, Mapping

from coding_agent.assist import harmless
from coding_agent.assist.meant import Failing
from coding_agent.assist.surroundings import Surroundings, names_of
from coding_agent.assist.uses import Uses, uses_of
from coding_agent.explain.world import OPENERS, Kind
from coding_agent.proof.source import FUNCTIONS
from coding_agent.syntax.parse import parse

_PYTEST = frozenset({
    "pytest", "pytest.raises", "pytest.approx", "pytest.param", "pytest.fixture", "pytest.warns",
    "pytest.deprecated_call", "pytest.mark.parametrize", "pytest.mark.asyncio", "pytest.mark.anyio", "asyncio",
    "asyncio.run", "asyncio.gather",
})  # fmt: skip
_CAUGHT = frozenset({"readouterr", "out", "err", "messages", "record_tuples", "records", "levelname", "type"})
"""Attributes of what pytest gives to tests."""
_UNSTEADY = frozenset({Kind.CLOCK, Kind.RANDOM})
_BY_CHANCE = frozenset({"builtins.id", "builtins.hash"})
"""What another process answers otherwise."""
_REACHING = frozenset({
    "tmp_path", "tmp_path_factory", "tmpdir", "tmpdir_factory", "monkeypatch", "pytester", "testdir", "request",
    "cache", "pytestconfig", "doctest_namespace",
})  # fmt: skip
"""Fixtures of pytest that reach files, the environment or other tests."""
_PATHS = frozenset({"pathlib.Path", "pathlib.PosixPath", "pathlib.WindowsPath"})


class Leading(Surroundings):
    """A module, and what its names surely lead to that is more than a value: files, processes, the network.

    What libraries do of which nothing is known is up to the project, which runs it anyway.
    """

    _kinds = harmless.DANGEROUS

    def __init__(self, text: str, modules: Mapping[str, str]) -> None:
        body = parse(text.removeprefix("\ufeff")).body
        super().__init__(body, None, names_of(body), modules)

    def _beside(self, text: str) -> "Leading":
        return Leading(text, {})

    @property
    def methods(self) -> frozenset[str]:
        """The names of its functions, wherever they stand."""
        return frozenset(self._functions)

    def defines(self, name: str) -> bool:
        """Whether the module binds a name itself, and not by an import."""
        found = self.bound.get(name, [])
        return bool(found) and not any(isinstance(each, ast.Import | ast.ImportFrom) for each in found)

    def _of(self, uses: Uses) -> Iterator[str]:
        for dotted in uses.dotted:
            if harmless.kind_of(dotted) in harmless.DANGEROUS or dotted in OPENERS or harmless.barred_name(dotted):
                yield f"`{dotted.removeprefix('builtins.')}`"
            elif not dotted.startswith("builtins.") and (found := self.dotted(dotted)):
                yield found
        for name in uses.attributes:
            if found := self.method(name):
                yield found
            elif harmless.acting(name) and name not in self._functions:
                yield f"`.{name}`"
        for name in uses.free:
            if found := self.name(name):
                yield found


def leads(around: Leading, name: str) -> str:
    """What a definition of a module leads to, by its qualified name; empty where that is nothing but values."""
    top, _, rest = name.partition(".")
    return around.name(top) or (around.method(rest.rpartition(".")[2]) if rest else "")


class Touching:
    """The statements of an answer beside the module that they are for."""

    def __init__(self, body: list[ast.stmt], module: str, around: Leading) -> None:
        self._body, self._module, self._around = body, module, around
        self._names = names_of(body)
        self._made = frozenset(_made(body))
        self._uses = [uses_of(node, node, self._names)[0] for node in body]
        self._bound = set(self._names)

    def reaching(self) -> frozenset[str]:
        """The names by which the tests reach the module."""
        found = {name for name, dotted in self._names.items() if dotted and self._own(dotted) is not None}
        return frozenset(found | {self._module.partition(".")[0]} & self._names.keys())

    def check(self) -> None:
        """Raises: Failing - it touches more than the code that it is for."""
        if given := next((each for each in _arguments(self._body) if each in _REACHING), ""):
            raise Failing(f"it asks for `{given}`: tests touch nothing but the code they are for")
        for uses in self._uses:
            for module in uses.modules:
                self._imported(module)
            for dotted in (*uses.dotted, *uses.imports.values()):
                self._dotted(dotted)
            for name in uses.free:
                if name not in self._bound and not hasattr(builtins, name):
                    raise Failing(f"`{name}` is neither defined nor imported in it")
            for code in uses.by_name:
                raise Failing(f"`{code}` reaches an attribute by a name that is made as it runs")
            for name in uses.attributes:
                self._attribute(name)
        paths = next((each for uses in self._uses for each in uses.dotted if each in _PATHS), None)
        acts = next((name for uses in self._uses for name in uses.attributes if harmless.acting(name)), None)
        if paths and acts:
            raise Failing(f"`.{acts}` may be that of `{paths}`, which reaches files")

    def _own(self, dotted: str) -> list[str] | None:
        """What a name of the module under test says behind the module; None for another's."""
        if dotted == self._module:
            return []
        head = f"{self._module}."
        return dotted.removeprefix(head).split(".") if dotted.startswith(head) else None

    def _imported(self, module: str) -> None:
        known = module in {"pytest", "asyncio", self._module} or self._module.startswith(f"{module}.")
        if not (known or harmless.importable(module) or module in self._around.imported):
            raise Failing(f"it imports `{module}`, which the module does not; importing runs it")

    def _dotted(self, dotted: str) -> None:
        shown = dotted.removeprefix("builtins.")
        if dotted in _PYTEST or self._module.startswith(f"{dotted}."):
            return
        own = self._own(dotted)
        if own is not None:
            self._of_module(own)
        elif dotted in _BY_CHANCE or harmless.kind_of(dotted) in _UNSTEADY:
            raise Failing(f"it uses `{shown}`, which gives something else each time")
        elif dotted in OPENERS or harmless.kind_of(dotted) is not None or harmless.barred_name(dotted):
            raise Failing(f"it uses `{shown}`: tests touch nothing but the code they are for")
        elif not harmless.harmless_name(dotted) and not harmless.importable(dotted):
            found = self._around.dotted(dotted)
            if found is None and dotted not in self._around.imported:
                raise Failing(f"it uses `{shown}`, and nobody knows what that does")
            if found:
                raise Failing(f"it uses `{shown}`, which leads to {found}")

    def _of_module(self, parts: list[str]) -> None:
        if not parts:
            return
        if not self._around.defines(parts[0]):
            raise Failing(f"`{self._module}` does not define `{parts[0]}`")
        found = self._around.name(parts[0])
        if found:
            raise Failing(f"it uses `{parts[0]}`, which leads to {found}")
        for each in parts[1:]:
            self._attribute(each)

    def _attribute(self, name: str) -> None:
        around = self._around
        if found := around.method(name):
            raise Failing(f"it uses `.{name}`, which leads to {found}")
        if name in around.methods:
            return
        known = name in around.attributes or name in _CAUGHT or name in self._made
        if harmless.barred_attribute(name) or not (known or harmless.harmless_attribute(name)):
            raise Failing(f"it uses `.{name}`, and nobody knows what that does")


def _made(body: list[ast.stmt]) -> Iterator[str]:
    """The attributes that an answer itself makes."""
    for node in (each for statement in body for each in ast.walk(statement)):
        match node:
            case ast.Attribute(attr=name, ctx=ast.Store()) | ast.keyword(arg=str(name)):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case _:
                pass


def _arguments(body: list[ast.stmt]) -> Iterator[str]:
    """What tests and fixtures are given."""
    for node in (each for statement in body for each in ast.walk(statement)):
        if isinstance(node, FUNCTIONS):
            yield from (each.arg for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs))
