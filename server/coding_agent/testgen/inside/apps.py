# pyright: standard
# Applications of libraries that may not be there.
"""Command-line and web applications through their own test clients."""

from typing import Any, List

from . import commands, declared, views
from .genome import SELF, Shape
from .survey import Target
from .world import World


def shapes(target: Target, value: Any, world: World) -> List[Shape]:
    """Return how a command, a view or what reads a command line is driven; empty for everything else."""
    if commands.is_command(value):
        return commands.of_click(target, value, world)
    if declared.is_form(world.member(target.owner or target.name)):
        return [_of_form(target, world)]
    return views.shapes(target, world) or commands.of_argparse(target, value, world)


def _of_form(target: Target, world: World) -> Shape:
    """A form of Django is asked whether it is valid: that calls its methods as they are meant to be called."""
    owner = target.owner or target.name
    data = declared.form_data(world.member(owner))
    receivers = tuple(one._replace(code=f"{world.spell(owner)}({one.code})") for one in data)
    return Shape(target.name, "call", f"{SELF}.is_valid", (), owner, receivers)
