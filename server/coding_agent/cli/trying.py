"""Whose code runs to try what a model wrote, as the command line says it."""

from pathlib import Path

from coding_agent.assist.meant import Purpose
from coding_agent.cli.asking import Asking
from coding_agent.errors import NotTrusted, UserError
from coding_agent.ide.testable import may_have_tests
from coding_agent.ide.testing import Order, untrusted
from coding_agent.ide.trying import is_tried
from coding_agent.settings.roots import root_for_tests
from coding_agent.store.trust import TrustStore


def order_of(asking: Asking, file: Path, purpose: Purpose, *, trusted: bool) -> tuple[Order | None, str]:
    """What is to run; without that, why nothing is. ``trusted``: the user said so for this once.

    Raises: UserError - it has to be faster, and nothing can be run.
    """
    if not is_tried(purpose):
        return None, ""
    outside, settings = asking.outside, asking.project.settings
    root = root_for_tests(file.parent, outside.directory)
    must = purpose is Purpose.OPTIMISE
    if not may_have_tests(file):
        if must:
            raise UserError(f"{file.name} is no module that can be run")
        return None, f"{file.name} is no module that tests are made for"
    if not trusted and not TrustStore(outside.folders.trust_file).is_trusted(root):
        if must:
            raise NotTrusted(f"{untrusted(root, 'timing code')}, `--trust` does for one run")
        return None, f"{root.name} is not trusted (`coding-agent trust`, or --trust for one run)"
    order = Order(
        file=str(file),
        project=str(root),
        interpreter=settings.interpreter,
        active=outside.variables.get("VIRTUAL_ENV", ""),
        path=outside.variables.get("PATH", ""),
        seconds=float(settings.tests.seconds),
        mode=settings.sandbox.mode,
        folder=settings.tests.folder,
    )
    return order, ""
