"""A class has one half of a pair of special methods that Python needs both of.

``with`` asks for ``__enter__`` and ``__exit__`` before it runs anything; a class with only one of them fails there.
Classes with bases are left alone, since the other half may be theirs.

Source: Python Language Reference, "The with statement" and "Asynchronous Context Managers".
"""

from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.report import ClassFacts, Member, ModuleFacts
from coding_agent.analysis.rule import Example, Kind, Rule

_PAIRS = (("__enter__", "__exit__"), ("__aenter__", "__aexit__"))
_NO_BASES = ("builtins.object", "abc.ABC")


def check(facts: ClassFacts | ModuleFacts, context: Context) -> Iterator[tuple[Member, Finding]]:
    if not isinstance(facts, ClassFacts) or any(base not in _NO_BASES for base in facts.info.bases):
        return
    names = {member.name for member in facts.members}
    # Decorators and "__getattr__" do not count: special methods are looked up on the class.
    if facts.info.decorators or names.isdisjoint(name for pair in _PAIRS for name in pair):
        return
    for one, other in _PAIRS:
        for has, lacks in ((one, other), (other, one)):
            if has in names and lacks not in names:
                member = next(each for each in facts.members if each.name == has)
                message = f"'with' needs '{lacks}' as well, and '{facts.info.name}' has none"
                yield member, context.finding(member.name_span, message)


RULE = Rule(
    name="half-protocol",
    check=check,
    kind=Kind.SIBLINGS,
    examples=(
        Example(
            "nothing to leave with",
            before=(
                "class Lock:\n    def $0__enter__$0(self):\n        return self\n\n    def close(self):\n"
                "        self.done = True\n"
            ),
        ),
        Example(
            "nothing to enter with",
            before=(
                "class Lock:\n    def open(self):\n        return self\n\n"
                "    async def $0__aexit__$0(self, *error):\n        self.done = True\n"
            ),
        ),
        Example(
            "both",
            before=(
                "class Lock:\n    def __enter__(self):\n        return self\n\n    def __exit__(self, *error):\n"
                "        self.done = True\n"
            ),
        ),
        Example(
            "a base may have the other",
            before=(
                "class Lock(Base):\n    def __enter__(self):\n        return self\n\n    def close(self):\n"
                "        self.done = True\n"
            ),
        ),
    ),
)
