"""Makes this process look like a script that runs: who asks whether somebody sits at a prompt gets pytest's answer."""

import sys


def as_a_script(as_module: bool = False) -> None:
    """Give ``__main__`` a file, and nothing of our command line: that of ``pytest``, or of ``python -m pytest``."""
    main = sys.modules["__main__"]
    if not hasattr(main, "__file__"):
        main.__file__ = __file__
    sys.argv = ["/nowhere/site-packages/pytest/__main__.py" if as_module else "/nowhere/bin/pytest"]
