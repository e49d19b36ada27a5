"""The long form: all that is known of a definition, as a document in Markdown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from coding_agent.explain.graph import mermaid, svg
from coding_agent.explain.page import Section, markdown
from coding_agent.explain.project import Relations, listed

_LINES = 400


@dataclass(frozen=True, slots=True)
class Document:
    """``markdown`` draws its call graph with Mermaid; ``picture`` is the same graph as SVG, "" without one."""

    title: str
    markdown: str
    picture: str


def document(name: str, where: str, sections: Sequence[Section], known: Relations) -> Document:
    """Write the document of a definition; ``sections`` are what hover says of it, without its project."""
    said = [*sections, *listed(known)]
    title = markdown([Section(lines=((f"{name} ({where})",),))])
    graph = mermaid(name, known)
    return Document(name, "\n\n".join(_parts(title, markdown(said, _LINES), graph)) + "\n", svg(name, known))


def _parts(title: str, body: str, graph: str) -> Iterator[str]:
    yield f"# {title}"
    yield body
    if graph:
        yield f"## Who calls it, and what it calls\n\n```mermaid\n{graph}\n```"
