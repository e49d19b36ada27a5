"""How one attempt fails, and whether another one may do better."""

from enum import Enum


class Kind(Enum):
    """What went wrong, by what can be done about it."""

    UNREACHABLE = "unreachable"
    """No connection, or it ended before an answer began."""
    BROKEN_OFF = "broken off"
    """The answer ended before its end."""
    NO_PROTOCOL = "no protocol"
    """What came is no answer of such an endpoint: a web page, garbage, a redirect, too much."""
    BUSY = "busy"
    """The endpoint has too much to do, or asks to wait."""
    SPENT = "spent"
    """The account behind the key has no money left."""
    KEY = "key"
    UNKNOWN = "unknown"
    """No such model, or no such address."""
    TOO_LONG = "too long"
    PARAMETER = "parameter"
    """A parameter that it does not take."""
    REFUSED = "refused"
    """It does not want to answer this."""
    SERVER = "server"
    """A mistake of its own."""


AGAIN = frozenset({Kind.UNREACHABLE, Kind.BROKEN_OFF, Kind.BUSY, Kind.SERVER})
"""What may be gone a moment later."""
EXHAUSTING = frozenset({Kind.UNREACHABLE, Kind.BROKEN_OFF, Kind.NO_PROTOCOL, Kind.SERVER})
"""What says that the endpoint itself is not well."""
