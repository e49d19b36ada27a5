"""URIs and paths, for POSIX and for Windows. Pure: the system is an argument, no file is touched.

Editors spell one file in several ways: ``file:///c%3A/x.py`` (VS Code), ``file:///C:/x.py`` (Neovim),
``file://server/share/x.py`` (a UNC path). `path_of` gives all spellings of one file the same text,
and `key_of` makes paths comparable where the system ignores case.
"""

import re
from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote_from_bytes, unquote_to_bytes

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_DRIVE = re.compile(r"/?([A-Za-z])[:|](?=[/\\]|$)")
_SAFE = "/-._~!$&'()*+,;=:@"


class Scheme(Enum):
    """What kind of document a URI names."""

    FILE = "file"
    UNTITLED = "untitled"
    """Not saved yet; its path, if any, is where it would be saved."""
    GIT = "git"
    """A version in the history (VS Code's diff view); never the file on disk."""
    NOTEBOOK_CELL = "vscode-notebook-cell"
    """One cell; the path is its notebook's."""
    OTHER = ""


@dataclass(frozen=True, slots=True)
class Place:
    """What a URI says about where its document lives."""

    scheme: Scheme
    path: str | None
    """Absolute path in the system's own spelling, None where the URI has none."""


def scheme_of(uri: str) -> Scheme:
    found = _SCHEME.match(uri)
    name = found[1].lower() if found else ""
    return next((scheme for scheme in Scheme if scheme.value and scheme.value == name), Scheme.OTHER)


def place_of(uri: str, *, windows: bool) -> Place:
    """Return kind and path of any URI; a text that is no URI is `Scheme.OTHER` without a path."""
    scheme = scheme_of(uri)
    if scheme is Scheme.OTHER:
        return Place(scheme, None)
    rest = uri[uri.index(":") + 1 :]
    rest = rest.split("#", 1)[0].split("?", 1)[0]
    authority = ""
    if rest.startswith("//"):
        authority, slash, path = rest[2:].partition("/")
        rest = slash + path
    if not rest.startswith("/"):
        return Place(scheme, None)
    return Place(scheme, _system_path(_decode(authority), _decode(rest), windows=windows))


def path_of(uri: str, *, windows: bool) -> str | None:
    """Return the path of a ``file:`` URI, None for every other URI."""
    place = place_of(uri, windows=windows)
    return place.path if place.scheme is Scheme.FILE else None


def uri_of(path: str, *, windows: bool) -> str:
    """Return the ``file:`` URI of an absolute path, in the spelling that VS Code, Neovim and Helix compare equal.

    Windows: the drive letter is lower case and its colon encoded, a UNC path's server is the authority.
    """
    authority = ""
    if windows:
        path = path.replace("\\", "/").removeprefix("//?/")
        if path.startswith("UNC/"):
            path = "//" + path[4:]
        if path.startswith("//"):
            authority, _, path = path[2:].partition("/")
            path = "/" + path
        elif found := _DRIVE.match(path):
            path = f"/{found[1].lower()}:{path[found.end() :]}"
    safe = _SAFE.replace(":", "") if windows else _SAFE
    return f"file://{authority.lower()}{quote_from_bytes(_encode(path), safe)}"


def key_of(path: str, *, windows: bool) -> str:
    """Return what two spellings of one path have in common: on Windows case and slashes do not count."""
    return path.replace("/", "\\").lower() if windows else path


def _system_path(authority: str, path: str, *, windows: bool) -> str:
    if not windows:
        # A POSIX file URI with a host other than this machine cannot be opened; the path is the best that can be said.
        return path
    if authority and authority.lower() != "localhost":
        return "\\\\" + authority.lower() + path.replace("/", "\\")
    if found := _DRIVE.match(path):
        return found[1].upper() + ":" + (path[found.end() :].replace("/", "\\") or "\\")
    return path.replace("/", "\\")


def _decode(part: str) -> str:
    # A file name is bytes on POSIX; those that are no UTF-8 become lone surrogates, as `os.fsdecode` does.
    return unquote_to_bytes(part.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogateescape")


def _encode(path: str) -> bytes:
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return path.encode("utf-8", "surrogatepass")
