"""Stand-ins for the world outside: what the module imports and a target uses is patched at the module's own import."""
# pyright: standard - looks at what the user's module imports.

from typing import Any, List, NamedTuple, Tuple

from .genome import Shape
from .model import Patch
from .survey import Target
from .world import World


class Faked(NamedTuple):
    """A shape under one set of patches."""

    shape: Shape
    patches: Tuple[Patch, ...] = ()


def worlds(target: Target, world: World) -> List[Tuple[Patch, ...]]:
    """Return the sets of patches under which a target is run; one empty set where it uses nothing outside."""
    del target, world
    return [()]


def faked(shape: Shape, patches: Any) -> Faked:
    """Return a shape under patches."""
    return Faked(shape, tuple(patches))
