"""Where a model is: the address as the user's settings have it, checked."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from coding_agent.errors import SettingError


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``url`` has no slash at its end. ``name`` is the host in lower case, ``host`` has its port as well."""

    url: str
    model: str
    name: str
    host: str
    is_local: bool
    """Whether it is this very machine, by its address."""


def endpoint(url: str, model: str) -> Endpoint:
    """Raises: SettingError - the address is none that code may be sent to, or no model is named."""
    try:
        parts = urlsplit(url.strip())
        name, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise SettingError(f"ai.base-url: {url!r} is no address ({error})") from error
    if parts.scheme not in ("http", "https") or not name:
        raise SettingError(f"ai.base-url: {url!r} is no address; it looks like http://127.0.0.1:11434/v1")
    if parts.username or parts.password:
        raise SettingError("ai.base-url holds a password; take it out and set the key (coding-agent ai key)")
    if parts.query or parts.fragment:
        raise SettingError(f"ai.base-url: {url!r} has something behind the path, which would be lost")
    if parts.scheme == "http" and not _is_near(name):
        raise SettingError(f"ai.base-url: {url!r} would send code and key through the internet unencrypted; use https")
    if not model.strip():
        raise SettingError(f"ai.model: say which model of {name} is asked")
    shown = f"[{name}]" if ":" in name else name
    host = f"{shown}:{port}" if port else shown
    return Endpoint(url.strip().rstrip("/"), model.strip(), name, host, is_local(name))


def is_local(name: str) -> bool:
    """Whether a host is this machine: by its address, or a name that never leads elsewhere (RFC 6761)."""
    name = name.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.strip("[]").split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        return False


def _is_near(name: str) -> bool:
    """Whether a host is on this machine or, by its address or name, in a network of one's own."""
    if is_local(name) or "." not in name or name.endswith((".local", ".lan", ".internal", ".home.arpa")):
        return True
    try:
        return ipaddress.ip_address(name.split("%", maxsplit=1)[0]).is_private
    except ValueError:
        return False
