"""Real servers over real stdio, each in a workspace of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.client import Client


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A server that was not spoken to yet, in an empty folder."""
    root = tmp_path / "workspace"
    root.mkdir()
    with Client.start(root) as started:
        yield started
        assert started.stray == b"", "bytes on stdout that are no frame"
        assert "event=failed" not in started.log(), started.log()
