"""Patches: diffs of files, byte for byte, that `git apply` and `patch -p1` take."""

import re
from difflib import diff_bytes, unified_diff

_CONTEXT = 3
"""Lines around a change; `git apply` asks for this many by default."""
_NO_END = b"\n\\ No newline at end of file\n"
_ODD = re.compile(rb'["\\\x00-\x1f\x7f]')


def patch(before: bytes, after: bytes, name: str) -> bytes:
    """Return the patch between two contents of the file ``name``; empty when they are equal."""
    old, new = (_header(side, name) for side in (b"a/", b"b/"))
    found = diff_bytes(unified_diff, _lines(before), _lines(after), old, new, n=_CONTEXT)
    return b"".join(line if line.endswith(b"\n") else line + _NO_END for line in found)


def _lines(content: bytes) -> list[bytes]:
    # Invariant: lines end at \n alone, as patch and git see them; a lone \r is a byte like others.
    *whole, last = content.split(b"\n")
    return [line + b"\n" for line in whole] + ([last] if last else [])


def _header(side: bytes, name: str) -> bytes:
    """Return a file's name as git writes it: quoted when odd, ended by a tab when it holds a space."""
    path = side + name.lstrip("/").encode("utf-8", "surrogateescape")
    if _ODD.search(path):
        return b'"' + _ODD.sub(lambda odd: b"\\%03o" % ord(odd[0]), path) + b'"'
    return path + b"\t" if b" " in path else path
