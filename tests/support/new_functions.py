"""Examples of rules about what the index knows: files as in `many_files`, the last of which is being written."""

from pathlib import Path
from tempfile import TemporaryDirectory

from coding_agent.analysis.file import Analyser
from coding_agent.analysis.finding import Diagnostic, Finding
from coding_agent.analysis.report import Elsewhere
from coding_agent.ide.check import whole
from coding_agent.ide.exists import NAME, Written, said, written
from coding_agent.search.catalogue import Catalogue
from coding_agent.search.exists import Known, New, exists
from coding_agent.search.plain import Plain
from coding_agent.search.reading import reader
from coding_agent.text import Text
from support.many_files import split_files


def known_of(
    files: dict[str, str], path: str, functions: list[tuple[str, str]], *, index: Catalogue | None = None
) -> list[Known | None]:
    """For each function of a new file, by name and lines, what these files have already; by words alone, unless the
    index that is to take them knows more.
    """
    with TemporaryDirectory() as folder:
        root, make = Path(folder), reader(index is not None)
        index = Plain() if index is None else index  # An empty one is false.
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, "utf-8", newline="")
        index.take(*make.read(root, 1 << 20, [(name, b"", frozenset[bytes]()) for name in files]))
        return [exists(index, root, make, New(path, *each)) for each in functions]


def check_new(text: str, analyser: Analyser) -> list[Diagnostic]:
    """What is said of the functions of the last file, with spans in the whole text."""
    files = split_files(text)
    path, (start, source) = files.popitem()
    state = whole(Text.of(source), analyser, path)
    functions = list(written(state))
    known = known_of({name: each for name, (_, each) in files.items()}, path, [(f.name, f.code) for f in functions])
    document, shift = Text.of(text), {id(placed.piece): start + placed.offset for placed in state.placed()}
    diagnostics: list[Diagnostic] = []
    for new, found in zip(functions, known, strict=True):
        each = _said(new, found, analyser)
        if each is not None:
            span = each.span.shifted(shift[id(new.piece)])
            first, last = document.position(span.start), document.position(span.stop)
            diagnostics.append(Diagnostic(path, each.rule, each.message, each.severity, span, first, last))
    return diagnostics


def _said(new: Written, known: Known | None, analyser: Analyser) -> Finding | None:
    enabled = analyser.rules.get(NAME)
    if known is None or enabled is None:
        return None
    place = Elsewhere(new.span, known.hit.name, f"{known.hit.path}:{known.hit.at}", known.why.value)
    return said(new, place, enabled, analyser.rules)
