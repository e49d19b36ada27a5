"""Makes this process look like a script that runs: who asks whether somebody sits at a prompt gets pytest's answer."""

import sys


def as_a_script() -> None:
    """Give ``__main__`` the file that it has under ``python -m pytest``, and nothing of our command line."""
    main = sys.modules["__main__"]
    if not hasattr(main, "__file__"):
        main.__file__ = __file__
    sys.argv = ["pytest"]
