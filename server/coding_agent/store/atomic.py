"""Writing files so that a crash leaves the old content or the new one, never a half."""

import os
from contextlib import suppress
from pathlib import Path


def write_atomic(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replace the content of ``path``; parent folders are made when they are missing (mode 0700).

    A symbolic link stays one: what it points to is replaced. ``mode`` is the permission of the result.
    Raises: OSError - the file is then as it was, and nothing is left beside it.
    """
    real = Path(os.path.realpath(path))
    make_private(real.parent)
    import tempfile

    handle, temporary = tempfile.mkstemp(prefix=f".{real.name[:80]}.", suffix=".tmp", dir=real.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(real)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
    _sync_folder(real.parent)


def make_private(folder: Path) -> None:
    """Make a folder that only the user can enter; one that exists stays as it is."""
    if folder.is_dir():
        return
    make_private(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)


def _sync_folder(folder: Path) -> None:
    # The rename itself is durable only once the folder is; Windows cannot open one.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
