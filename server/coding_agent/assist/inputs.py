"""Inputs for a definition, found in the sandbox by the generator of tests: in its old text and in its new one."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

from coding_agent.assist.trial import Trial
from coding_agent.assist.variations import varied
from coding_agent.sandbox.spec import Said
from coding_agent.testgen.boxes import PACKAGE, Boxes
from coding_agent.testgen.inside import wording
from coding_agent.testgen.inside.model import Act, Arg, Candidate, from_json
from coding_agent.testgen.problems import told
from coding_agent.testgen.signatures import Definition, definitions, functions

MOST = 200
"""Inputs that are compared."""
_NAME = "argument_"
_MORE = 5.0
"""Seconds in which a search may end beyond those it was told."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Calls with what was arranged for them; ``why`` there are none."""

    candidates: tuple[Candidate, ...]
    why: str = ""


async def inputs_of(boxes: Boxes, trial: Trial, seconds: float) -> Inputs:
    """Search both texts at once: what only the new one asks for, such as a special case, is an input too.

    First comes what was found, then variations of the same types, at last others.
    Raises: NoSandbox, WorkerLost.
    """
    target = searched(trial)
    if target is None:
        return Inputs((), "it stands where nothing can call it")
    found = await asyncio.gather(*(_found(boxes, trial, text, target.name, seconds) for text in (trial.old, trial.new)))
    candidates = dict.fromkeys(each for inputs in found for each in map(_plain, inputs.candidates))
    first = list(candidates)
    more = varied(first, True, MOST * 2 // 3)
    if not _is_typed(trial):
        more = list(dict.fromkeys((*more, *varied(first, False, MOST))))[:MOST]
    why = next((inputs.why for inputs in found if inputs.why), "")
    return Inputs(tuple(map(with_names, more)), why)


def _plain(candidate: Candidate) -> Candidate:
    """A call without what was seen of it."""
    return candidate._replace(checks=(), arcs=(), kills=(), arranged=())


def _is_typed(trial: Trial) -> bool:
    """Whether somebody said of what types the parameters are."""
    found = searched(trial)
    nodes = [node for name, node in functions(trial.old) if found is not None and name == found.name]
    arguments = [arg for node in nodes for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    given = [arg for arg in arguments if arg.arg not in {"self", "cls"}]
    return any(arg.annotation is not None for arg in given)


def searched(trial: Trial) -> Definition | None:
    """The definition that can be called: itself, or the function that it stands in."""
    known = {each.name: each for each in definitions(trial.old)}
    parts = trial.name.split(".")
    names = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((known[name] for name in names if name in known), None)


def given_of(trial: Trial, text: str) -> dict[str, object]:
    """What jobs take to have a module with another text."""
    target = trial.target
    return {
        "module": target.module,
        "text": text,
        "file": str(target.file),
        "project": str(target.project),
        "paths": list(target.paths),
    }


async def _found(boxes: Boxes, trial: Trial, text: str, name: str, seconds: float) -> Inputs:
    given = {**given_of(trial, text), "targets": [name], "seconds": seconds}
    candidates: list[Candidate] = []
    why = ""
    box = await boxes.of(0)
    limit = seconds + _MORE
    async with aclosing(box.job(f"{PACKAGE}.compared:explore", given, wall=limit, cpu=limit)) as news:
        async for each in news:
            if isinstance(each, Said):
                data = cast("dict[str, object]", each.data) if isinstance(each.data, dict) else {}
                if "candidate" in data:
                    candidates.append(from_json(cast("dict[str, object]", data["candidate"])))
            elif not each.done:
                why = told(each.why or str(each.kind), trial.target.interpreter, trial.target.project)
    return Inputs(tuple(candidates), why)


def with_names(candidate: Candidate) -> Candidate:
    """The same call with its arguments arranged before it, so that it shows what becomes of them."""
    lines: list[str] = []
    args: list[Arg] = []
    for number, arg in enumerate(candidate.act.args):
        if arg.code.startswith("*"):
            return candidate
        lines.append(f"{_NAME}{number} = {arg.code}")
        args.append(Arg(arg.name, f"{_NAME}{number}"))
    act = Act(candidate.act.kind, candidate.act.callee, tuple(args))
    return candidate._replace(arrange=(*candidate.arrange, *lines), act=act)


def call(candidate: Candidate) -> str:
    """A call with its arguments where people write them."""
    codes = {line.partition(" = ")[0]: line.partition(" = ")[2] for line in candidate.arrange if line.startswith(_NAME)}
    args = tuple(arg._replace(code=codes.get(arg.code, arg.code)) for arg in candidate.act.args)
    lines = tuple(line for line in candidate.arrange if not line.startswith(_NAME))
    plain = candidate._replace(arrange=lines, act=candidate.act._replace(args=args))
    text = " ".join(wording.call_text(plain).split())
    return f"`{text if len(text) <= 160 else text[:157] + '...'}`"


def shown(candidates: Sequence[Candidate]) -> str:
    """How many inputs there are."""
    return f"{len(candidates)} input{'' if len(candidates) == 1 else 's'}"
