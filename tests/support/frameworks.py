"""An interpreter that has web and command line frameworks: that of `tests/frameworks.py`, or this one."""

import functools
import subprocess
import sys

import pytest

import frameworks

PYTHON = str(frameworks.PYTHON) if frameworks.is_ready() else sys.executable


@functools.cache
def has(*modules: str) -> bool:
    """Whether that interpreter can import all of them."""
    asked = subprocess.run([PYTHON, "-c", f"import {', '.join(modules)}"], capture_output=True)
    return asked.returncode == 0


def needs(*modules: str) -> pytest.MarkDecorator:
    """Skip where a framework is missing, and say so."""
    names = ", ".join(modules)
    return pytest.mark.skipif(not has(*modules), reason=f"{names} not installed here: python tests/frameworks.py")
