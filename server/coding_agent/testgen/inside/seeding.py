# pyright: standard
# Module data of any kind.
"""What is known before the search: calls in docstrings, call sites, kept candidates; words of the target's world."""

import ast
import re
from typing import Any, Dict, List, Optional, Sequence, Tuple

from . import texts, told
from .breeding import Breeder
from .genome import SELF, Genome, Shape
from .survey import Target
from .texts import Example
from .values import Value
from .world import World

Item = Tuple[Breeder, Genome]


def tokens(target: Target, world: World) -> List[Any]:
    """Return constants the target may meet, texts shown for it, and texts that its patterns match."""
    shown = [ast.literal_eval(value.code) for value in told.texts_of(target.name, world)]
    found = [*world.constants(target.name), *shown, *told.matched(target.reach, world)]
    return list(
        dict.fromkeys(
            token for token in found if isinstance(token, (str, int, float, bytes)) and not isinstance(token, bool)
        )
    )[:200]


def prepare(world: World, seeds: Sequence[Dict[str, Any]]) -> List[Example]:
    """Read docstrings and seeds; arguments become values of parameters, constructor calls examples of classes."""
    found: List[Example] = [texts.from_seed(seed) for seed in seeds]
    found += texts.examples(ast.get_docstring(world.tree) or "")
    for name, node in world.nodes.items():
        documented = texts.examples(ast.get_docstring(node) or "")
        # ``call(...)`` of another name in a docstring of a method means that method's class or module.
        found += documented
        del name
    for example in found:
        last = example.callee.rpartition(".")[2]
        value = Value(example.whole, example.imports, example.arrange, origin=example.origin)
        kind = getattr(world.module, last, None)
        if isinstance(kind, type) and kind.__module__ == world.module.__name__:
            code = f"{world.spell(last)}{example.whole[len(example.callee) :]}"
            world.examples.setdefault(kind.__qualname__, []).append(value._replace(code=code))
        name = _target_name(example, world)
        if name:
            for parameter, code in _bound(example, name, world):
                world.seeds.setdefault(f"{name}:{parameter}", []).append(value._replace(code=code))
    return found


def _target_name(example: Example, world: World) -> str:
    parts = example.callee.split(".")
    for start in range(len(parts)):
        name = ".".join(parts[start:])
        if name in world.nodes:
            return f"{name}.__init__" if isinstance(world.nodes[name], ast.ClassDef) else name
    last = parts[-1]
    if len(parts) == 1:
        return ""
    owners = [name for name in world.nodes if name.endswith("." + last)]
    return owners[0] if len(owners) == 1 else ""


def _bound(example: Example, name: str, world: World) -> List[Tuple[str, str]]:
    node: Any = world.nodes.get(name)
    if not hasattr(node, "args"):
        return list(example.keywords)
    parameters = [arg.arg for arg in [*node.args.posonlyargs, *node.args.args]]
    if parameters[:1] in (["self"], ["cls"]):
        parameters = parameters[1:]
    return [*zip(parameters, example.places), *example.keywords]


def seeded(target: Target, breeders: Sequence[Breeder], world: World) -> List[Item]:
    """Return the target's own examples as genomes, whole."""
    found: List[Item] = []
    if not breeders:
        return found
    for example in world.noted("sessions by target", lambda: _by_target(world)).get(target.name, ()):
        genome = _genome(example, breeders[0].shape)
        if genome is not None:
            found.append((breeders[0], genome))
    return found[:40]


def _by_target(world: World) -> Dict[str, List[Example]]:
    found: Dict[str, List[Example]] = {}
    for example in world.sessions:
        name = _target_name(example, world)
        if name:
            found.setdefault(name.replace(".__init__", ""), []).append(example)
    return found


def _genome(example: Example, shape: Shape) -> Optional[Genome]:
    args: List[Tuple[int, str, Value]] = []
    names = [row.name for row in shape.rows]
    for number, code in enumerate(example.places):
        many = [place for place, row in enumerate(shape.rows) if row.many == "*"]
        row = number if number < len(names) and not shape.rows[number].many else many[0] if many else number
        args.append((row, "", Value(code, origin=example.origin)))
    for word, code in example.keywords:
        args.append((names.index(word) if word in names else len(names), word, Value(code, origin=example.origin)))
    receiver = shape.receivers[0] if shape.receivers else None
    before, imports = list(example.arrange), example.imports
    steps: List[Value] = []
    if receiver is not None:
        subject = example.callee.rpartition(".")[0]
        made = [line for line in before if line.startswith(f"{subject} = ")]
        if made:
            receiver = Value(made[-1].partition(" = ")[2], origin=example.origin)
            rest = before[before.index(made[-1]) + 1 :]
            before = before[: before.index(made[-1])]
            steps = [Value(re.sub(rf"\b{re.escape(subject)}\b", SELF, line)) for line in rest]
    if args:
        row, word, value = args[0]
        args[0] = (row, word, value._replace(imports=imports))
    return Genome(shape, receiver, tuple(steps), tuple(args), (), (), example.origin, tuple(before))
