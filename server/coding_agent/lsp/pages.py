"""Writes the rules' pages as Markdown files, so that editors can open them from a finding."""

from collections.abc import Callable
from pathlib import Path

from coding_agent import __version__
from coding_agent.analysis.registry import modules, page
from coding_agent.store.atomic import write_private
from coding_agent.workspace.uris import uri_of


def write_pages(pages: Path, windows: bool, leaving: Callable[[], bool]) -> dict[str, str]:
    """Write the page of every rule below ``pages`` and return their addresses; none where nothing can be written.

    Asked before each page, ``leaving`` stops the writing between two of them.
    """
    folder = pages / __version__
    addresses: dict[str, str] = {}
    try:
        for name in modules():
            if leaving():
                return {}
            file = folder / f"{name}.md"
            content = f"# {name}\n\n{page(name)}\n".encode()
            if not file.is_file() or file.read_bytes() != content:
                write_private(file, content)
            addresses[name] = uri_of(str(file), windows=windows)
    except OSError:
        return {}
    return addresses
