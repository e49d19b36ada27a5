"""Whether models may be asked on this machine at all: an administrator's file says no for everybody."""

import tomllib
from pathlib import Path

POLICY = "policy.toml"


def barred(folder: Path) -> str:
    """Why nobody may ask a model here, as a sentence; "" where one may. ``folder`` is the system's for configuration.

    A file that cannot be read or understood bars: who wrote it wanted something.
    """
    path = folder / POLICY
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, ValueError, RecursionError) as error:
        return f"{path} cannot be read ({error}), so no model is asked; your administrator can mend it"
    if said.get("ai", True) is True:
        return ""
    return f"models are switched off on this machine ({path})"
