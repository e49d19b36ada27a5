"""An interpreter that has a framework: this one, or what CODING_AGENT_FRAMEWORKS names."""

import functools
import os
import subprocess
import sys

import pytest

PYTHON = os.environ.get("CODING_AGENT_FRAMEWORKS", sys.executable)


@functools.cache
def has(*modules: str) -> bool:
    """Whether that interpreter can import all of them."""
    asked = subprocess.run([PYTHON, "-c", f"import {', '.join(modules)}"], capture_output=True)
    return asked.returncode == 0


def needs(*modules: str) -> pytest.MarkDecorator:
    """Skip where a framework is missing, and say so."""
    names = ", ".join(modules)
    return pytest.mark.skipif(
        not has(*modules), reason=f"{names} not installed here; CODING_AGENT_FRAMEWORKS names a Python that has it"
    )
