"""A condition asks whether a method is true, and every method is.

``if self.is_open:`` where ``is_open`` is a method of the class: the brackets are missing. Attributes that are
also assigned somewhere in the class, and properties, are left alone. Off by default, since type checkers that are set
to be strict see the same.

Source: CWE-571, expression is always true.
"""

from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.report import ClassFacts, Member, ModuleFacts, SymbolKind
from coding_agent.analysis.rule import Example, Kind, Rule


def check(facts: ClassFacts | ModuleFacts, context: Context) -> Iterator[tuple[Member, Finding]]:
    if not isinstance(facts, ClassFacts) or not any(member.tested for member in facts.members):
        return
    # What decorators make of a function is unknown; what is assigned as well may be anything.
    methods = {m.name for m in facts.members if m.kind is SymbolKind.METHOD and not m.decorators}
    methods -= {m.name for m in facts.members if m.kind is not SymbolKind.METHOD or m.decorators}
    methods = methods.difference(*(member.writes for member in facts.members))
    for member in facts.members:
        for name, span in member.tested:
            if name in methods:
                yield member, context.finding(span, f"always true: '{name}' is a method and is not called here")


RULE = Rule(
    name="method-as-condition",
    check=check,
    kind=Kind.SIBLINGS,
    twins=("pylint:W0143", "pyright:reportUnnecessaryComparison"),
    on=False,
    examples=(
        Example(
            "the brackets are missing",
            before=(
                "class File:\n    def is_open(self):\n        return self.handle is not None\n\n"
                "    def read(self):\n        if not $0self.is_open$0:\n            self.open()\n"
            ),
        ),
        Example(
            "a property",
            before=(
                "class File:\n    @property\n    def is_open(self):\n        return self.handle is not None\n\n"
                "    def read(self):\n        if not self.is_open:\n            self.open()\n"
            ),
        ),
        Example(
            "called",
            before=(
                "class File:\n    def is_open(self):\n        return self.handle is not None\n\n"
                "    def read(self):\n        if not self.is_open():\n            self.open()\n"
            ),
        ),
        Example(
            "assigned as well",
            before=(
                "class File:\n    def hook(self):\n        pass\n\n    def stop(self):\n        self.hook = None\n\n"
                "    def read(self):\n        if self.hook:\n            self.hook()\n"
            ),
        ),
    ),
)
