"""``field()`` stands in a class that is no dataclass.

Nothing replaces it: the attribute is the ``Field`` object itself, the same for all objects. Most often the
``@dataclass`` above the class is missing.

Source: Python documentation, ``dataclasses.field``.
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Example, Rule


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    statement = context.parent(node)
    if not isinstance(statement, ast.AnnAssign):
        return
    above = context.parent(statement)
    if isinstance(above, ast.ClassDef):
        plain = not above.bases and not above.decorator_list and not above.keywords
    elif above is None and context.owner is not None:
        plain = not context.owner.bases and not context.owner.decorators
    else:
        return
    if plain:
        yield context.finding(node, "this class is no dataclass: the attribute is the field() object itself")


RULE = Rule(
    name="field-without-dataclass",
    check=check,
    calls=("dataclasses.field",),
    examples=(
        Example(
            "the decorator is missing",
            before="from dataclasses import field\n\n\nclass Box:\n    items: list = $0field(default_factory=list)$0\n",
        ),
        Example(
            "a dataclass",
            before=(
                "from dataclasses import dataclass, field\n\n\n@dataclass\nclass Box:\n"
                "    items: list = field(default_factory=list)\n"
            ),
        ),
        Example(
            "a base that may make it one",
            before=(
                "from dataclasses import field\n\n\nclass Box(Model):\n    items: list = field(default_factory=list)\n"
            ),
        ),
    ),
)
