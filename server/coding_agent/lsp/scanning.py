"""The workspace scan's side in its own process: finds files and looks at them, a batch at a time.

Arguments and results are plain data (see `runtime.process`).
"""

from pathlib import Path

from coding_agent.analysis.file import Analyser
from coding_agent.ide.check import whole
from coding_agent.lsp.ready import Ready
from coding_agent.settings.folder import folder_options
from coding_agent.text import Text, Units
from coding_agent.workspace.files import FIRST_LINES, walk
from coding_agent.workspace.token import Token
from coding_agent.workspace.uris import uri_of


def files(user_file: str, folder: str, editor: object) -> tuple[str, ...]:
    """The Python files of a folder that count."""
    options, _ = folder_options(Path(user_file), Path(folder), editor)
    assert options.files is not None
    return tuple(str(found.path) for found in walk(options.files, [Path(folder)], Token()))


def look(
    user_file: str, folder: str, editor: object, paths: tuple[str, ...], units: str, windows: bool
) -> tuple[tuple[str, bytes, int], ...]:
    """Look at files: (URI, diagnostics as the inside of a JSON array, how many) of each that could be read."""
    options, _ = folder_options(Path(user_file), Path(folder), editor)
    analyser, ready = Analyser(options.rules), Ready(Units(units), lambda rule: None)
    found: list[tuple[str, bytes, int]] = []
    for path in paths:
        file = Path(path)
        try:
            source = file.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            continue
        text = Text.of(source)
        silent = options.files is not None and options.files.silent(file, list(text.lines[:FIRST_LINES]))
        if silent or len(source) > options.max_file_size:
            continue
        state = whole(text, analyser, file.relative_to(folder).as_posix())
        if options.baseline is not None:
            state = options.baseline.unknown(state, file)
        uri = uri_of(path, windows=windows)
        count = sum(len(placed.findings) for placed in state.placed())
        found.append((uri, ready.items(state, uri), count))
    return tuple(found)
