# pyright: standard
# Applications of libraries that may not be there.
"""Command-line and web applications through their own test clients."""

from typing import Any, List

from . import commands, views
from .genome import Shape
from .survey import Target
from .world import World


def shapes(target: Target, value: Any, world: World) -> List[Shape]:
    """Return how a command, a view or what reads a command line is driven; empty for everything else."""
    if commands.is_command(value):
        return commands.of_click(target, value, world)
    return views.shapes(target, world) or commands.of_argparse(target, value, world)
