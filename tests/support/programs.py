"""Random programs that write down everything they do, to see whether two texts behave alike."""

import ast
import random
from functools import lru_cache
from types import CodeType

_ROUNDS = 1_000

PRELUDE = '''
class Stop(BaseException):
    pass


class Oops(Exception):
    pass


class Value:
    """Every operation on it is written down; some raise."""

    def __init__(self, world, number):
        self.__dict__["world"], self.__dict__["number"] = world, number % 11

    def note(self, *what):
        self.world.note(*what, self.number)

    def may_raise(self):
        if self.number == 7:
            raise Oops(self.number)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        self.note("get", name)
        return Value(self.world, self.number + len(name)) if name != "method" else self.__call__

    def __setattr__(self, name, value):
        self.note("set", name, number(value))

    def __call__(self, *args, **kwargs):
        self.note("call", *map(number, args), *sorted((k, number(v)) for k, v in kwargs.items()))
        self.may_raise()
        return Value(self.world, self.number + sum(map(number, args)) + 1)

    def __add__(self, other):
        self.note("add", number(other))
        self.may_raise()
        return Value(self.world, self.number + number(other))

    __radd__ = __mul__ = __add__

    def __lt__(self, other):
        self.note("lt", number(other))
        return Value(self.world, self.number < number(other))

    def __eq__(self, other):
        self.note("eq", number(other))
        return Value(self.world, self.number == number(other))

    __hash__ = None

    def __bool__(self):
        self.note("bool")
        return self.number % 2 == 1

    def __contains__(self, item):
        self.note("in", number(item))
        return (self.number + number(item)) % 3 == 0

    def __iter__(self):
        self.note("iter")
        for index in range(self.number % 4):
            yield Value(self.world, self.number + index)

    def __getitem__(self, key):
        self.note("item", number(key))
        return Value(self.world, self.number + number(key))

    def __setitem__(self, key, value):
        self.note("put", number(key), number(value))

    def __len__(self):
        self.note("len")
        return self.number

    def __enter__(self):
        self.note("enter")
        return Value(self.world, self.number + 1)

    def __exit__(self, kind, value, trace):
        self.note("exit", kind.__name__ if kind else None)
        return self.number % 3 == 0

    def __await__(self):
        self.note("await")
        return Value(self.world, self.number + 2)
        yield

    async def __aenter__(self):
        self.note("enter")
        return Value(self.world, self.number + 1)

    async def __aexit__(self, kind, value, trace):
        self.note("exit", kind.__name__ if kind else None)
        return self.number % 3 == 0

    async def __aiter__(self):
        for index in range(self.number % 4):
            yield Value(self.world, self.number + index)

    def __format__(self, spec):
        self.note("format")
        return str(self.number)


class World:
    def __init__(self):
        self.said = []

    def note(self, *what):
        self.said.append(what)
        if len(self.said) > 400:
            raise Stop


def number(value):
    if isinstance(value, Value):
        return value.__dict__["number"]
    if isinstance(value, (tuple, list)):
        return sum(map(number, value))
    return value if isinstance(value, int) else len(value) if isinstance(value, str) else 5 if callable(value) else 0
'''

GLOBALS = """import os

count = 0


def bump(value):
    global count
    count += 1
    return value
"""

NAMES = ("a", "b", "c", "x", "y", "z")


class Writer:
    """Writes one random function, or a method, that uses every kind of statement."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.temporaries = 0
        self.kind = self.random.choice(["function", "function", "method", "generator", "async"])

    def text(self) -> str:
        head = "def run(self, a, b, c):" if self.kind == "method" else "def run(a, b, c):"
        lines = [head, *self.indented(self.block(self.random.choice([1, 2, 2, 3]), False))]
        if self.kind == "async":
            lines[0] = f"async {head}"
        if self.kind == "generator":
            lines.append("    yield a")
        if self.kind == "method":
            lines = ["class Thing:", *self.indented(lines), "", "    def helper(self, n):", "        return n + 1"]
        return "\n".join([GLOBALS, "", *lines, ""])

    def indented(self, lines: list[str]) -> list[str]:
        return ["    " + line for line in lines]

    def block(self, depth: int, loop: bool) -> list[str]:
        lines: list[str] = []
        for _ in range(self.random.randint(1, 4)):
            lines += self.statement(depth, loop)
        return lines

    def statement(self, depth: int, loop: bool) -> list[str]:
        choices = ["assign", "assign", "assign", "call", "augment", "store", "pair", "shared", "temporary"]
        if depth:
            choices += ["if", "if", "if", "ifelse", "ifelse", "for", "while", "try", "with", "nested", "exit"]
        choices += ["leave"] if self.random.random() < 0.4 else []
        choices += ["yield"] if self.kind == "generator" else []
        choices += ["await"] if self.kind == "async" else []
        choices += [self.random.choice(["closure", "delete", "inner"])] if self.random.random() < 0.2 else []
        kind = self.random.choice(choices)
        lines: list[str] = getattr(self, f"do_{kind}")(depth, loop)
        if self.random.random() < 0.1:
            lines = [f"# {kind} {self.random.randint(0, 999)}", *lines]
        return lines

    def name(self) -> str:
        return self.random.choice(NAMES)

    def do_assign(self, depth: int, loop: bool) -> list[str]:
        return [f"{self.name()} = {self.expression(2)}"]

    def do_pair(self, depth: int, loop: bool) -> list[str]:
        return [f"{self.name()}, {self.name()} = {self.expression(1)}, {self.expression(1)}"]

    def do_call(self, depth: int, loop: bool) -> list[str]:
        return [f"{self.name()}({self.expression(2)})"]

    def do_augment(self, depth: int, loop: bool) -> list[str]:
        return [f"{self.name()} += {self.expression(1)}"]

    def do_store(self, depth: int, loop: bool) -> list[str]:
        target = self.random.choice([f"{self.name()}.field", f"{self.name()}[{self.name()}]"])
        return [f"{target} = {self.expression(2)}"]

    def do_yield(self, depth: int, loop: bool) -> list[str]:
        return [self.random.choice([f"yield {self.expression(1)}", f"{self.name()} = yield {self.name()}"])]

    def do_await(self, depth: int, loop: bool) -> list[str]:
        name, inner = self.name(), self.indented(self.block(max(depth - 1, 0), True))
        simple = [f"{name} = await {self.name()}"], [f"{name} = {self.name()}(await {name}, {self.name()})"]
        nested = [f"async for {name} in {self.name()}:", *inner], [f"async with {self.name()} as {name}:", "    pass"]
        return self.random.choice([*simple, *nested] if depth else simple)

    def do_shared(self, depth: int, loop: bool) -> list[str]:
        return [
            f"{self.name()} = {self.random.choice(['bump', self.name()])}({self.random.choice(['count', 'bump(1)'])})"
        ]

    def do_closure(self, depth: int, loop: bool) -> list[str]:
        return [f"{self.name()} = lambda: {self.name()}", f"{self.name()} = {self.name()}()"]

    def do_delete(self, depth: int, loop: bool) -> list[str]:
        return [f"del {self.name()}"]

    def do_inner(self, depth: int, loop: bool) -> list[str]:
        name = self.name()
        change = [f"        nonlocal {name}", f"        {name} = 3"] if self.random.random() < 0.5 else []
        lines = [f"    def inner({self.name()}_):", *change, f"        return {self.name()}"]
        return [f"{name} = 2", *(line[4:] for line in lines), f"{self.name()} = inner({self.name()})"]

    def do_temporary(self, depth: int, loop: bool) -> list[str]:
        self.temporaries += 1
        name, other = f"t{self.temporaries}", self.name()
        value = self.random.choice([self.expression(2), self.expression(1), other, "4"])
        between = [f"{self.name()} = {self.expression(1)}"] if self.random.random() < 0.2 else []
        uses = [
            f"return {name}",
            f"{self.name()} = {name}({self.expression(1)})",
            f"{self.name()} = {other}({name})",
            f"{self.name()} = {name} + {self.expression(1)}",
            f"{other}.field = {name}",
            f"{self.name()} = {other}.method({name}, {name})",
            f"{self.name()} = {self.name()} and {name}",
        ]
        use = [self.random.choice(uses)]
        if depth and self.random.random() < 0.4:
            test = self.random.choice([f"if {name}:", f"if not {name}:", f"for {other} in {name}:", f"while {name}:"])
            use = [test, *self.indented(self.block(depth - 1, test[0] in "fw" or loop))]
        return [f"{name} = {value}", *between, *use]

    def do_exit(self, depth: int, loop: bool) -> list[str]:
        """An ``if`` whose branch always leaves."""
        lines = [
            f"if {self.condition()}:",
            *self.indented(self.block(depth - 1, loop)),
            f"    return {self.expression(1)}",
        ]
        rest = self.random.choice(["else", "elif", "after"])
        if rest == "after":
            return [*lines, self.random.choice(["return a", "raise Oops(2)", "continue" if loop else "return"])]
        head = "else:" if rest == "else" else f"elif {self.condition()}:"
        return [*lines, head, *self.indented(self.block(depth - 1, loop))]

    def do_leave(self, depth: int, loop: bool) -> list[str]:
        ways = ["return", f"return {self.expression(2)}", "raise Oops(1)"]
        return [self.random.choice([*ways, "break", "continue", "break", "continue"] if loop else ways)]

    def do_if(self, depth: int, loop: bool) -> list[str]:
        return [f"if {self.condition()}:", *self.indented(self.block(depth - 1, loop))]

    def do_nested(self, depth: int, loop: bool) -> list[str]:
        return [f"if {self.condition()}:", *self.indented(self.do_if(depth, loop))]

    def do_ifelse(self, depth: int, loop: bool) -> list[str]:
        lines = self.do_if(depth, loop)
        if self.random.random() < 0.3:
            lines += [f"elif {self.condition()}:", *self.indented(self.block(depth - 1, loop))]
        return [*lines, "else:", *self.indented(self.block(depth - 1, loop))]

    def do_for(self, depth: int, loop: bool) -> list[str]:
        lines = [f"for {self.name()} in {self.expression(1)}:", *self.indented(self.block(depth - 1, True))]
        if self.random.random() < 0.2:
            lines += ["else:", *self.indented(self.block(depth - 1, loop))]
        return lines

    def do_while(self, depth: int, loop: bool) -> list[str]:
        return [f"while {self.condition()}:", *self.indented(self.block(depth - 1, True))]

    def do_try(self, depth: int, loop: bool) -> list[str]:
        lines = ["try:", *self.indented(self.block(depth - 1, loop))]
        if self.random.random() < 0.8:
            lines += [
                self.random.choice(["except Oops:", "except (Oops, NameError):", f"except Oops as {self.name()}:"]),
                *self.indented(self.block(depth - 1, loop)),
            ]
            if self.random.random() < 0.3:
                lines += ["else:", *self.indented(self.block(depth - 1, loop))]
        if not any(line.startswith("except") for line in lines) or self.random.random() < 0.3:
            lines += ["finally:", *self.indented(self.block(0, False))]
        return lines

    def do_with(self, depth: int, loop: bool) -> list[str]:
        bound = f" as {self.name()}" if self.random.random() < 0.5 else ""
        return [f"with {self.expression(1)}{bound}:", *self.indented(self.block(depth - 1, loop))]

    def condition(self) -> str:
        one, two = self.expression(1), self.expression(1)
        return self.random.choice(
            [one, f"not {self.name()}", f"{one} is None", f"{one} in {self.name()}",
             f"{self.name()} < {two}",
             f"{self.name()} == {two}", f"{self.name()} and {two}",
             f"{self.name()} or {two}", f"len({self.name()}) > 3",
             f"not ({self.name()} and {self.name()})", f"{self.name()} is not None and {one}"]
        )  # fmt: skip

    def expression(self, depth: int) -> str:
        if not depth or self.random.random() < 0.25:
            return self.random.choice([self.name(), self.name(), self.name(), "1", "(1, 2)", '"text"', "None"])
        one, two = self.expression(depth - 1), self.expression(depth - 1)
        name = self.name()
        return self.random.choice(
            [f"{name}({one})", f"{name}.field", f"{name}.method({one}, {two})", f"({one} + {name})", f"{name}[{one}]",
             f"({one} if {name} else {two})", f"({name} and {one})", f"({name} < {one})",
             f"[v + {name} for v in {name}]",
             f"(lambda: {name})()", f"f'{{{name}}}'", f"{name}({one}, key={two})", f"({name}, {one})", f"(not {one})",
             f"({one} not in {name})", f"[{one}, {name}]", f"sum(v for v in {name})"]
        )  # fmt: skip


class _Counted(ast.NodeTransformer):
    """Has every round of a ``while`` counted: some loops of random programs have no end, and do nothing to be noted."""

    def visit_While(self, node: ast.While) -> ast.While:
        self.generic_visit(node)
        node.body.insert(0, ast.parse("count_round()").body[0])
        return node


@lru_cache(maxsize=8)
def _compiled(text: str) -> CodeType:
    tree = _Counted().visit(ast.parse(PRELUDE + text))
    return compile(ast.fix_missing_locations(tree), "<program>", "exec")


def behaviour(text: str, inputs: tuple[int, int, int]) -> list[object]:
    """Everything a program says when it is run, and how it ends."""
    space: dict[str, object] = {"__name__": "program"}
    exec(_compiled(text), space)
    world = space["World"]()  # type: ignore[operator]
    make = space["Value"]
    values = [make(world, n) for n in inputs]  # type: ignore[operator]
    rounds = iter(range(_ROUNDS))

    def count_round() -> None:
        if next(rounds, None) is None:
            raise space["Stop"]  # type: ignore[misc]

    space["count_round"] = count_round
    number = space["number"]
    try:
        run = space["Thing"]().run if "Thing" in space else space["run"]  # type: ignore[operator]
        result = run(*values)  # type: ignore[operator]
        if hasattr(result, "send") and not hasattr(result, "__next__"):
            try:
                result.send(None)
            except StopIteration as stop:
                result = stop.value
        if hasattr(result, "__next__"):
            for item in result:
                world.note("yielded", number(item))  # type: ignore[operator]
            result = None
        world.said.append(("returned", type(result).__name__, number(result)))  # type: ignore[operator]
    except BaseException as error:
        kind = "NameError" if isinstance(error, NameError) else type(error).__name__
        world.said.append(("raised", kind))
    said: list[object] = world.said
    return said
