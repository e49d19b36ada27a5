"""Reading source files as Python reads them, and writing them back as they were."""

import io
import tokenize
from dataclasses import dataclass
from pathlib import Path

from coding_agent.store.atomic import write_atomic


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text without its byte order mark, line ends as they are; ``raw`` is what was read."""

    path: Path
    raw: bytes
    text: str
    encoding: str = "utf-8"
    mark: bytes = b""

    def encoded(self, text: str) -> bytes:
        """Return the bytes of a new text, all that did not change as it was read.

        Raises: UnicodeError - the encoding lacks a character, or writes the old text differently.
        """
        if text == self.text:
            return self.raw
        if self.mark + self.text.encode(self.encoding) != self.raw:
            raise UnicodeError(f"{self.encoding} would change the rest of the file")
        return self.mark + text.encode(self.encoding)


class Unreadable(Exception):
    """A file that cannot be looked at; ``str(error)`` says why and what to do."""


class Moved(Exception):
    """A file that is no longer what was read."""


def read(path: Path, limit: int) -> Source:
    """Read a file of at most ``limit`` bytes. Raises: Unreadable."""
    try:
        size = path.stat().st_size
        if size > limit:
            raise Unreadable(
                f"too large: {size} bytes, at most {limit} are read (analysis.max-file-size in the settings)"
            )
        return decode(path, path.read_bytes())
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from error


def decode(path: Path, raw: bytes) -> Source:
    """Return the text of bytes by their byte order mark or PEP 263 comment. Raises: Unreadable."""
    mark = b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b""
    body = raw[len(mark) :]
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
    except SyntaxError as error:
        raise Unreadable(_not_utf8(raw) or f"its encoding is unclear: {error.msg}") from error
    encoding = "utf-8" if encoding == "utf-8-sig" else encoding
    try:
        return Source(path, raw, body.decode(encoding), encoding, mark)
    except UnicodeDecodeError as error:
        raise Unreadable(_not_utf8(raw) or f"is not {encoding}: byte {error.start} does not belong there") from error
    except (UnicodeError, LookupError) as error:  # Codecs that are none for texts, as rot13.
        raise Unreadable(f"cannot be read as {encoding}: {error}") from error


def write(source: Source, text: str) -> None:
    """Write a new text over a file, in its encoding, with its permissions.

    Raises: Moved - the file changed since it was read; OSError; UnicodeError - its encoding lacks a character, or
    writes the old text differently. The file is then as it was.
    """
    content = source.encoded(text)
    if source.path.read_bytes() != source.raw:
        raise Moved(f"{source.path} changed meanwhile")
    write_atomic(source.path, content)


def _not_utf8(raw: bytes) -> str | None:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return (
            f"is not UTF-8 (line {line}); save it as UTF-8, or say its encoding in a coding comment on its first line"
        )
    return None
