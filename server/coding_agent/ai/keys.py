"""Where the key of an endpoint is: the system's own store, or a variable; never a file of a workspace, nor of ours."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from coding_agent.ai.endpoint import Endpoint
from coding_agent.errors import UserError

SERVICE = "coding-agent"
VARIABLE = "CODING_AGENT_API_KEY"
_OF_HOST = {"api.openai.com": "OPENAI_API_KEY", "openrouter.ai": "OPENROUTER_API_KEY"}
"""The variables that have the key of one host by custom; it is sent to no other."""


def key_of(endpoint: Endpoint, variables: Mapping[str, str], named: str = "") -> str:
    """The key: of the variable that the user's settings name, of the system's store, of a variable by custom; "" for
    none.

    Raises: UserError - the variable that is named is not set.
    """
    if named:
        if not variables.get(named, "").strip():
            raise UserError(f"the variable {named} (ai.key-variable) is not set where the server was started")
        return variables[named].strip()
    kept = _kept(endpoint)
    by_custom = (variables.get(name, "") for name in (VARIABLE, _OF_HOST.get(endpoint.host, "")) if name)
    return kept or next(filter(None, (each.strip() for each in by_custom)), "")


def keep(endpoint: Endpoint, key: str) -> None:
    """Put a key into the system's store, or take it out ("").

    Raises: UserError - there is no store that works (says what to do instead).
    """
    try:
        store: Any = import_module("keyring")
        if key:
            store.set_password(SERVICE, endpoint.host, key)
        elif store.get_password(SERVICE, endpoint.host) is not None:
            store.delete_password(SERVICE, endpoint.host)
    except Exception as error:  # Each backend has its own, and none says which.
        raise UserError(
            f"this system keeps no keys for us ({type(error).__name__}: {error}); set the variable {VARIABLE} instead"
        ) from error


def _kept(endpoint: Endpoint) -> str:
    try:
        store: Any = import_module("keyring")
        return store.get_password(SERVICE, endpoint.host) or ""
    except Exception:  # Without a store there is no key in it; each backend fails in its own way.
        return ""
