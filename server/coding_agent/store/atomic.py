"""Writing files so that a crash leaves the old content or the new one, never a half."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

_PRIVATE, _USUAL = 0o600, 0o666


def write_atomic(path: Path, content: bytes) -> None:
    """Replace the content of a file of the user's; parent folders are made when they are missing.

    Who may do what with a file that exists stays as it is; the umask decides about what is new. A symbolic link stays
    one: what it points to is replaced.
    Raises: OSError - the file is then as it was, and nothing is left beside it.
    """
    real = Path(os.path.realpath(path))
    real.parent.mkdir(parents=True, exist_ok=True)
    try:
        was = real.stat()
    except FileNotFoundError:
        _replace(real, content, _USUAL, None)
        return
    if not stat.S_ISREG(was.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    _replace(real, content, _PRIVATE, was)


def write_private(path: Path, content: bytes) -> None:
    """Replace the content of a file of ours, which only the user can read, as the folders that are made for it.

    Raises: OSError - as ``write_atomic``.
    """
    real = Path(os.path.realpath(path))
    make_private(real.parent)
    _replace(real, content, _PRIVATE, None)


def make_private(folder: Path) -> None:
    """Make a folder that only the user can enter; one that exists stays as it is."""
    if folder.is_dir():
        return
    make_private(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)


def _replace(real: Path, content: bytes, mode: int, was: os.stat_result | None) -> None:
    temporary = real.with_name(f".{real.name[:80]}.{os.urandom(8).hex()}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if was is not None:
            _like(temporary, was)
        temporary.replace(real)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(real.parent)


def _like(file: Path, was: os.stat_result) -> None:
    if hasattr(os, "chown"):
        with suppress(OSError):  # Only root gives files away; a group is given by its members.
            os.chown(file, was.st_uid, was.st_gid)
    file.chmod(stat.S_IMODE(was.st_mode))


def _sync_folder(folder: Path) -> None:
    # The rename itself is durable only once the folder is; Windows cannot open one.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
