"""A special method that Python calls without ``await`` is ``async``.

``async def __len__`` gives a coroutine where a number is wanted; ``async def __enter__`` gives ``with`` a coroutine
instead of the object, and nothing of the body runs. The ones that are awaited have names of their own: ``__aenter__``,
``__aexit__``, ``__anext__``. An ``async def __init__`` raises at once, so whoever keeps one has a framework that awaits
it, and ``__del__`` with it: they are left alone, and so is a class with a decorator, which may do anything.

Source: Python Language Reference, "Coroutine Objects" and "Asynchronous Context Managers".
"""

import ast
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import is_method

_PLAIN = frozenset(
    f"__{name}__"
    for name in (
        *("repr", "str", "bytes", "format", "hash", "bool", "len", "contains", "iter", "next"),
        *(
            "enter",
            "exit",
            "init_subclass",
            "set_name",
            "aiter",
            "post_init",
            "setattr",
            "delattr",
            "setitem",
            "delitem",
        ),
        *("int", "float", "index", "fspath", "await", "dir"),
    )
)


def check(node: ast.AsyncFunctionDef, context: Context) -> Iterator[Finding]:
    if node.name in _PLAIN and is_method(node, context) and not _is_decorated(node, context):
        if node.name == "__aiter__" and any(isinstance(each, ast.Yield) for each in ast.walk(node)):
            # An asynchronous generator is made at once, and iterated with await.
            return
        yield context.finding(context.name_span(node), f"Python does not await '{node.name}': its body never runs")


def _is_decorated(node: ast.AsyncFunctionDef, context: Context) -> bool:
    around = next((each for each in context.ancestors(node) if isinstance(each, ast.ClassDef)), None)
    if around is not None:
        return bool(around.decorator_list)
    return context.owner is not None and bool(context.owner.decorators)


RULE = Rule(
    name="async-special-method",
    check=check,
    nodes=(ast.AsyncFunctionDef,),
    examples=(
        Example(
            "with, not async with",
            before=(
                "class Client:\n    async def $0__enter__$0(self):\n        await self.open()\n        return self\n"
            ),
        ),
        Example(
            "a framework awaits it",
            before="class Replica:\n    async def __init__(self):\n        await self.open()\n\n"
            "    async def __del__(self):\n        await self.close()\n",
        ),
        Example(
            "a decorator may do anything",
            before=(
                "import remote\n\n\n@remote.actor\nclass Rows:\n    async def __len__(self):\n"
                "        return await self.count()\n"
            ),
        ),
        Example(
            "its own name",
            before="class Client:\n    async def __aenter__(self):\n        await self.open()\n        return self\n",
        ),
        Example(
            "an asynchronous generator",
            before="class Rows:\n    async def __aiter__(self):\n        yield await self.next()\n",
        ),
        Example(
            "what is awaited may be returned",
            before="class Rows:\n    async def __call__(self):\n        await self.go()\n",
        ),
    ),
)
