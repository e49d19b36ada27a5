"""Exit codes, the same for every command."""

from enum import IntEnum


class Exit(IntEnum):
    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    """Usage or configuration."""
    NOTHING = 3
    """Nothing useful could be made."""
    INCOMPLETE = 4
    """Something could not be looked at; wins over FINDINGS."""
    INTERRUPTED = 130
