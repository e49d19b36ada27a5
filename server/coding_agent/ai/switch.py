"""Whether a model may be asked at all: by the user's settings, and by an administrator's file for everybody."""

import tomllib
from pathlib import Path

from coding_agent.errors import AIOff

POLICY = "policy.toml"
UNSET = "no model is asked: set ai.base-url and ai.model in your own settings"
_DISABLED = "no model is asked: ai.enabled is off in your settings"


def demand(url: str, enabled: bool, system: Path | None) -> None:
    """``system`` is the system's folder for configuration, None where there is none. Raises: AIOff."""
    if not enabled:
        raise AIOff(_DISABLED)
    if not url:
        raise AIOff(UNSET)
    if system is not None and (why := barred(system)):
        raise AIOff(why)


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
