# pyright: standard
# Values of any kind.
"""A test to be before it is text: a shape (how the target is exercised) filled with values. What is mutated is this."""

import ast
import re
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from .model import Act, Arg, Candidate, Patch
from .pools import Row
from .values import Value, merged, renamed
from .wording import snake

SELF = "SELF"
"""Stands for the object under test in steps and shapes."""
RECEIVER = "RECEIVER()"
"""The callee of a shape whose act is the making of the object itself: ``with Timer(3) as result``."""


class Shape(NamedTuple):
    """How a target is exercised.

    ``callee`` may hold SELF and, where ``kind`` is expr or set, ``{0}``, ``{1}`` for the arguments. ``owner`` is the
    qualified name of the class whose object is needed; ``receivers`` are such objects. ``frame`` are statements around
    the object, before the act: descriptors and decorated methods need a class.
    """

    target: str
    kind: str
    callee: str
    rows: Tuple[Row, ...] = ()
    owner: str = ""
    receivers: Tuple[Value, ...] = ()
    imports: Tuple[str, ...] = ()
    frame: Tuple[str, ...] = ()
    steps: Tuple[Any, ...] = ()  # Shapes of calls that may come before
    before: Tuple[str, ...] = ()  # statements that make the world what it must be
    fixtures: Tuple[str, ...] = ()


class Genome(NamedTuple):
    """``args``: (number of the row, keyword or "", value) in order. ``after``: calls of what the call returns."""

    shape: Shape
    receiver: Optional[Value]
    steps: Tuple[Value, ...]
    args: Tuple[Tuple[int, str, Value], ...]
    after: Tuple[Tuple[Value, ...], ...] = ()
    patches: Tuple[Patch, ...] = ()
    origin: str = "type"
    before: Tuple[str, ...] = ()  # statements of a session this comes from
    again: int = 0  # how often the product is called before the act


_AVOIDED = frozenset(
    {
        "result",
        "set",
        "list",
        "dict",
        "type",
        "object",
        "iter",
        "map",
        "filter",
        "property",
        "input",
        "format",
        "request",
        "class",
        "lambda",
    }
)


def candidate_of(genome: Genome) -> Candidate:
    """Return the candidate; its imports are those of its values (the module's own are added where names are known)."""
    shape = genome.shape
    taken: Dict[str, str] = {}
    arrange: List[str] = [*shape.before, *genome.before]
    values: List[Value] = []
    subject = ""
    if genome.receiver is not None:
        subject = snake(shape.owner.rpartition(".")[2]) or "value"
        subject = "subject" if subject in _AVOIDED or not subject.isidentifier() else subject
        receiver = renamed(genome.receiver, taken)
        values.append(receiver)
        arrange += receiver.arrange
        if shape.frame:
            arrange += [line.replace(SELF, receiver.code) for line in shape.frame]
            subject = bound_last(shape.frame)
        elif shape.callee == RECEIVER:
            arrange += []
        elif receiver.code.isidentifier() and receiver.arrange:
            subject = receiver.code
        else:
            arrange.append(f"{subject} = {receiver.code}")
            taken[subject] = arrange[-1]
    for step in genome.steps:
        moved = renamed(step, taken)
        values.append(moved)
        arrange += [*moved.arrange, _with_self(moved.code, subject)]
    args: List[Arg] = []
    for _, keyword, value in genome.args:
        moved = renamed(value, taken)
        values.append(moved)
        arrange += moved.arrange
        args.append(Arg(keyword, _with_self(moved.code, subject)))
    act = (
        _making(shape.kind, genome.receiver)
        if shape.callee == RECEIVER and genome.receiver
        else _act(shape, subject, args)
    )
    for number, call in enumerate(genome.after):
        moved_call = []
        for value in call:
            moved = renamed(value, taken)
            values.append(moved)
            arrange += moved.arrange
            moved_call.append(Arg("", moved.code))
        inner = _text(act)
        if number == len(genome.after) - 1:
            name = (
                "decorated"
                if len(genome.after) > 1 or any("lambda" in arg.code or arg.code == "work" for arg in act.args)
                else "function"
            )
            arrange.append(f"{name} = {inner}")
            arrange += [f"{name}({', '.join(arg.code for arg in moved_call)})"] * genome.again
            act = Act("call", name, tuple(moved_call))
        else:
            act = Act("call", inner, tuple(moved_call))
    return Candidate(
        shape.target,
        tuple(dict.fromkeys(line for line in arrange[:-1])) + tuple(arrange[-1:])
        if genome.again == 0 and not genome.steps
        else tuple(arrange),
        act,
        tuple(genome.patches) + merged(value.patches for value in values),
        merged([shape.fixtures, *(value.fixtures for value in values)]),
        merged([shape.imports, *(value.imports for value in values)]),
        genome.origin,
    )


def _making(kind: str, receiver: Value) -> Act:
    node = ast.parse(receiver.code, mode="eval").body
    if not isinstance(node, ast.Call):
        return Act(kind, f"(lambda: {receiver.code})")
    args = [Arg("", ast.unparse(arg)) for arg in node.args] + [
        Arg(item.arg or "", ast.unparse(item.value)) for item in node.keywords
    ]
    return Act(kind, ast.unparse(node.func), tuple(args))


def bound_last(frame: Tuple[str, ...]) -> str:
    """Return the name that the last statement of a frame binds."""
    return frame[-1].split(" = ")[0]


def _with_self(code: str, subject: str) -> str:
    return re.sub(rf"\b{SELF}\b", subject, code) if subject else code


def _text(act: Act) -> str:
    return (
        f"{act.callee}({', '.join(f'{arg.name}={arg.code}' if arg.name else arg.code for arg in act.args)})"
        if act.kind != "expr"
        else act.callee
    )


def _act(shape: Shape, subject: str, args: List[Arg]) -> Act:
    callee = _with_self(shape.callee, subject)
    if shape.kind in ("expr", "get", "set"):
        used = 0
        for number, arg in enumerate(args):
            if "{%d}" % number in callee:
                callee = callee.replace("{%d}" % number, arg.code)
                used += 1
        return Act(shape.kind, callee, tuple(args[used:]) if shape.kind == "set" else ())
    return Act(shape.kind, callee, tuple(args))


Place = Tuple[str, int, int]


def components(genome: Genome) -> Iterator[Tuple[Place, str]]:
    """Give each piece of source of a genome that may be changed, with its place."""
    if genome.receiver is not None:
        yield from _pieces("receiver", 0, genome.receiver)
    for number, step in enumerate(genome.steps):
        yield from _pieces("step", number, step)
    for number, (_, _, value) in enumerate(genome.args):
        yield from _pieces("arg", number, value)
    for number, call in enumerate(genome.after):
        for inner, value in enumerate(call):
            yield (f"after{number}", inner, -1), value.code
    for number, patch in enumerate(genome.patches):
        yield ("patch", number, -1), patch.code


def _pieces(kind: str, number: int, value: Value) -> Iterator[Tuple[Place, str]]:
    yield (kind, number, -1), value.code
    for line, statement in enumerate(value.arrange):
        if not statement.startswith(("@", "class ", "async def", "def ")):
            yield (kind, number, line), statement


def with_component(genome: Genome, place: Place, code: str) -> Genome:
    """Return the genome with one piece of source exchanged; whoever wrote it did not write that."""
    genome = genome._replace(origin="type")
    kind, number, line = place
    if kind == "receiver" and genome.receiver is not None:
        return genome._replace(receiver=_changed(genome.receiver, line, code))
    if kind == "step":
        steps = list(genome.steps)
        steps[number] = _changed(steps[number], line, code)
        return genome._replace(steps=tuple(steps))
    if kind == "arg":
        args = list(genome.args)
        row, keyword, value = args[number]
        args[number] = (row, keyword, _changed(value, line, code))
        return genome._replace(args=tuple(args))
    if kind == "patch":
        patches = list(genome.patches)
        patches[number] = patches[number]._replace(code=code)
        return genome._replace(patches=tuple(patches))
    after = [list(call) for call in genome.after]
    after[int(kind[5:])][number] = after[int(kind[5:])][number]._replace(code=code)
    return genome._replace(after=tuple(tuple(call) for call in after))


def _changed(value: Value, line: int, code: str) -> Value:
    if line < 0:
        return value._replace(code=code)
    arrange = list(value.arrange)
    arrange[line] = code
    return value._replace(arrange=tuple(arrange))
