"""Syntax that the Python we run on does not read yet: a file that uses it is not broken, and its reader should know."""

import re

_NEWER = (
    ((3, 12), "a type statement", re.compile(r"\s*type\s+\w+\s*(\[.*\])?\s*=")),
    ((3, 12), "type parameters", re.compile(r"\s*((async\s+)?def|class)\s+\w+\[")),
    ((3, 12), "a nested f-string", re.compile(r".*\b[rR]?[fF][rR]?(\"[^\"]*\{[^}]*\"|'[^']*\{[^}]*')")),
    ((3, 14), "a template string", re.compile(r".*\b([rR]?[tT]|[tT][rR])[\"']")),
    ((3, 14), "except without parentheses", re.compile(r"\s*except\*?\s+[\w.]+\s*,[^()]*:")),
)


def newer(line: str, host: tuple[int, int]) -> str | None:
    """Return why a line that does not parse may be right on a newer Python; None where nothing says so."""
    for version, what, pattern in _NEWER:
        if host < version and pattern.match(line):
            wanted = f"{version[0]}.{version[1]}"
            return (
                f"{what} needs Python {wanted}, and this is Python {host[0]}.{host[1]}; "
                f"install coding-agent-lsp under Python {wanted} or newer (coding-agent doctor names those found)"
            )
    return None
