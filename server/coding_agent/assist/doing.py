"""What one definition uses and does, all that is nested in it included."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from coding_agent.analysis.context import Context
from coding_agent.assist import harmless
from coding_agent.assist.holding import Held
from coding_agent.assist.uses import Names, Power, Uses, functions_in, uses_of
from coding_agent.explain.code import root_name
from coding_agent.explain.effects import effects
from coding_agent.explain.world import OPENERS, Kind


@dataclass(frozen=True)
class Doing:
    """A definition read for what it does. ``names``: what the names of its module mean."""

    held: Held
    names: Names

    @cached_property
    def _read(self) -> tuple[Uses, Context]:
        statement = self.held.path[0]
        assert isinstance(statement, ast.stmt)
        return uses_of(statement, self.held.node, self.names)

    @property
    def uses(self) -> Uses:
        return self._read[0]

    @cached_property
    def effects(self) -> Mapping[tuple[Kind, str], int]:
        """What is done to what, with the line."""
        found: dict[tuple[Kind, str], int] = {}
        for kind, what, line in self._effects():
            found.setdefault((kind, what), line)
        return found

    def _effects(self) -> Iterator[tuple[Kind, str, int]]:
        context = self._read[1]
        scopes = context.walk.scopes
        for function, method, around in functions_in(self.held.node):
            own = method or (self.held.method and function is self.held.node)
            enclosing = {name for each in around if each in scopes for name in scopes[each].bound}
            for each in effects(function, context.qualified, method=own, enclosing=enclosing):
                yield each.kind, each.what, each.line
        for node in ast.walk(self.held.node):
            match node:
                case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                    if root_name(node) is None:
                        yield Kind.ARGUMENT, ast.unparse(node), node.lineno
                case _:
                    pass

    @cached_property
    def kinds(self) -> Mapping[Kind, int]:
        """All that it does, by the line, also where it only names what does it."""
        found = {kind: line for (kind, _), line in reversed([*self.effects.items()])}
        for power in self.uses.powers:
            if power.group in _KINDS:
                found.setdefault(_KINDS[power.group], power.line)
        for dotted, line in self.uses.dotted.items():
            kind = harmless.kind_of(dotted)
            if kind is not None and dotted not in OPENERS:
                found.setdefault(kind, line)
        return found

    @cached_property
    def contacts(self) -> frozenset[str]:
        """The objects of which something is asked that does more than to give a value."""
        found = [_receiver(power.call) for power in self.uses.powers if harmless.acting(power.group.removeprefix("."))]
        return frozenset(filter(None, found))

    def asked(self) -> Iterator[tuple[str, str, Power]]:
        """The methods that are called: the object, the name, the call."""
        for power in self.uses.powers:
            if power.call is not None and power.group.startswith("."):
                yield _receiver(power.call), power.group[1:], power


_KINDS = {kind.value: kind for kind in Kind}


def _receiver(call: ast.Call | None) -> str:
    function = call.func if call is not None else None
    return ast.unparse(function.value) if isinstance(function, ast.Attribute) else ""
