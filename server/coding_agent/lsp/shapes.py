"""What handlers take out of a client's params, checked: a client may send anything."""

from typing import cast

from coding_agent.lsp.connection import INVALID_PARAMS, ClientError, Json


def uri_of(params: Json) -> str:
    """The URI of the document that is spoken of. Raises: ClientError - there is none."""
    uri = inside(params, "textDocument", "uri")
    if not isinstance(uri, str):
        raise ClientError(INVALID_PARAMS, "no document is named")
    return uri


def position_of(position: Json) -> tuple[int, int]:
    """Line and character. Raises: ClientError - they are no position."""
    line, character = inside(position, "line"), inside(position, "character")
    if not isinstance(line, int) or not isinstance(character, int) or line < 0 or character < 0:
        raise ClientError(INVALID_PARAMS, "a position that is none")
    return line, character


def place_of(given: tuple[Json, ...]) -> tuple[str, tuple[tuple[int, int], tuple[int, int]] | None]:
    """What a command is given of a document as its first argument: a qualified name, or a range (a line is an empty one
    at its start); "" and None where it is the document itself. Raises: ClientError - it is none of these.
    """
    place: Json = given[0] if given else None
    if place is None or isinstance(place, str):
        return place or "", None
    if isinstance(place, int) and not isinstance(place, bool) and place >= 0:
        return "", ((place, 0), (place, 0))
    if isinstance(place, dict):
        return "", (position_of(inside(place, "start")), position_of(inside(place, "end")))
    raise ClientError(INVALID_PARAMS, "a place is a line (from 0), a range or a qualified name")


def inside(value: Json, *names: str | int) -> Json:
    """What stands under these names, one inside the other; None where that is nothing."""
    for name in names:
        try:
            value = value[name]
        except (KeyError, TypeError, IndexError):
            return None
    return value


def items_of(value: Json, *names: str) -> list[Json]:
    """The list that stands under these names; empty where there is none."""
    found = inside(value, *names)
    return cast("list[Json]", found) if isinstance(found, list) else []
