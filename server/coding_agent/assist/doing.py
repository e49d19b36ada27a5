"""What one definition uses and does, all that is nested in it included."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from coding_agent.analysis.context import Context
from coding_agent.assist import harmless
from coding_agent.assist.holding import Held
from coding_agent.assist.mutations import Mutations
from coding_agent.assist.uses import Names, Uses, functions_in, uses_of
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
    def context(self) -> Context:
        return self._read[1]

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

    @cached_property
    def changes(self) -> Mapping[tuple[str, str], int]:
        """What is changed in place that the code did not make itself, and how, with the line."""
        return Mutations(self.held.node, self._read[1].qualified).found

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
        found = [receiver(power.call) for power in self.uses.powers if harmless.acting(power.group.removeprefix("."))]
        return frozenset(filter(None, found))

    def asked(self) -> Iterator[tuple[str, str]]:
        """The methods that are called: the object, the name."""
        for power in self.uses.powers:
            if power.call is not None and power.group.startswith("."):
                yield receiver(power.call), power.group[1:]


_KINDS = {kind.value: kind for kind in Kind}


def receiver(call: ast.Call | None) -> str:
    """The object of which a method is called, as it is written; empty for a function."""
    function = call.func if call is not None else None
    return ast.unparse(function.value) if isinstance(function, ast.Attribute) else ""
