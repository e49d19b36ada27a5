"""The wire between the server and a worker: frames of a length (8 bytes, big-endian) and that many bytes of marshal.

marshal carries None, bool, int, float, str (lone surrogates too), bytes, tuple, list, dict, set and frozenset, is the
fastest there is, and needs no import of ours. It is not safe against a hostile sender and not stable between Python
versions: both ends are ours and run on the same interpreter.
"""

import marshal
from typing import BinaryIO

HEADER = 8
LARGEST = 1 << 30


def packed(value: object) -> bytes:
    """Return ``value`` as one frame.

    Raises: ValueError - it holds something that is not plain data, or it is too deep or too large.
    """
    body = marshal.dumps(value)  # pyright: ignore[reportArgumentType]
    return body_size(len(body)).to_bytes(HEADER, "big") + body


def body_size(size: int) -> int:
    """Return ``size`` if a frame's body may be so long.

    Raises: ValueError - it may not.
    """
    if size > LARGEST:
        raise ValueError(f"a frame of {size} bytes is larger than {LARGEST}")
    return size


def unpacked(body: bytes) -> object:
    """Return the value in the body of a frame.

    Raises: ValueError, EOFError, TypeError - it is no marshal data.
    """
    return marshal.loads(body)


def read_frame(stream: BinaryIO) -> object:
    """Read one frame, blocking.

    Raises: EOFError - the other end closed the wire, also in the middle of a frame.
    """
    return unpacked(_exactly(stream, body_size(int.from_bytes(_exactly(stream, HEADER), "big"))))


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
