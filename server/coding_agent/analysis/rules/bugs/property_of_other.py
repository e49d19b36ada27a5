"""A property gives another property's value, copied and not changed.

``height`` returns ``self._width`` although the class keeps a ``height`` it is given in ``self._height``, and ``width``
returns ``self._width`` too.

Source: CWE-682, incorrect calculation; Sonar's rule S4275, "Getters and setters should access the expected fields".
"""

from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.report import ClassFacts, Member, ModuleFacts
from coding_agent.analysis.rule import Example, Kind, Rule


def check(facts: ClassFacts | ModuleFacts, context: Context) -> Iterator[tuple[Member, Finding]]:
    if not isinstance(facts, ClassFacts):
        return
    getters = {member.name: member for member in facts.members if member.decorators == ("builtins.property",)}
    if len(getters) < 2:
        return
    kept = {f"_{p}" for member in facts.members for p in member.parameters if f"_{p}" in member.writes}
    for name, member in getters.items():
        if len(member.reads) != 1 or f"_{name}" not in kept or member.calls:
            continue
        (field,) = member.reads
        other = getters.get(field.removeprefix("_"))
        if field.startswith("_") and other is not None and other is not member and other.reads == member.reads:
            message = f"'{name}' gives '{field}', as '{other.name}' does; '_{name}' is kept, too"
            yield member, context.finding(member.name_span, message)


RULE = Rule(
    name="property-of-other",
    check=check,
    kind=Kind.SIBLINGS,
    twins=("sonar:S4275",),
    examples=(
        Example(
            "copied and not changed",
            before=(
                "class Box:\n    def __init__(self, width, height):\n        self._width = width\n"
                "        self._height = height\n\n"
                "    @property\n    def width(self):\n        return self._width\n\n"
                "    @property\n    def $0height$0(self):\n        return self._width\n"
            ),
        ),
        Example(
            "its own",
            before=(
                "class Box:\n    def __init__(self, width, height):\n        self._width = width\n"
                "        self._height = height\n\n"
                "    @property\n    def width(self):\n        return self._width\n\n"
                "    @property\n    def height(self):\n        return self._height\n"
            ),
        ),
        Example(
            "another name for the same",
            before=(
                "class Box:\n    def __init__(self, width):\n        self._width = width\n\n"
                "    @property\n    def width(self):\n        return self._width\n\n"
                "    @property\n    def size(self):\n        return self._width\n"
            ),
        ),
    ),
)
