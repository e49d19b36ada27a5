"""``__name__`` is compared with a text that is almost ``"__main__"``.

The block never runs, whether the file is imported or executed.

Source: Python documentation, ``__main__``.
"""

import ast
from collections.abc import Iterable

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Example, Rule


def check(node: ast.Compare, context: Context) -> Iterable[Finding]:
    left = node.left
    if not isinstance(left, ast.Name) or left.id != "__name__" or not isinstance(node.ops[0], ast.Eq):
        return ()
    right = node.comparators[0]
    if not isinstance(right, ast.Constant) or not isinstance(right.value, str) or right.value == "__main__":
        return ()
    if right.value.strip("_ ").lower() in ("main", "mian", "man", "maim", "mani") and "." not in right.value:
        quote = "'" if context.source(right).endswith("'") else '"'
        new = f"{quote}__main__{quote}"
        message = "never true: a file that is run is called '__main__'"
        return (context.finding(right, message, context.replace(right, new, "Compare with '__main__'")),)
    return ()


RULE = Rule(
    name="main-guard-misspelled",
    check=check,
    nodes=(ast.Compare,),
    examples=(
        Example(
            "no underscores",
            before="if __name__ == $0'main'$0:\n    print('run')\n",
            after="if __name__ == '__main__':\n    print('run')\n",
        ),
        Example(
            "one is missing",
            before='if __name__ == $0"__main_"$0:\n    print(1)\n',
            after='if __name__ == "__main__":\n    print(1)\n',
        ),
        Example("right", before="if __name__ == '__main__':\n    print('run')\n"),
        Example("another module", before="if __name__ == 'server':\n    print('run')\n"),
    ),
)
