"""What a box may read: folders and files, what is hidden in them, and the links that lead there."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from coding_agent.sandbox import interpreters, secrets
from coding_agent.sandbox.spec import Spec

INSIDE = Path(__file__).parent / "inside"


@dataclass(frozen=True, slots=True)
class View:
    """Invariant: no path of ``readable`` and ``hidden`` goes through a link, so nothing has a second name.

    ``links`` are those on the way from the names a box was given, and what they say.
    """

    readable: tuple[Path, ...]
    hidden: secrets.Found
    links: Mapping[Path, str]


def view(spec: Spec) -> View:
    """Return what a box may read. Looks through it for secrets, so it takes a while.

    Raises: NoSandbox - there is too much to look through.
    """
    ours = [INSIDE, *spec.packages.values()]
    theirs = [
        spec.project,
        *spec.readable,
        *interpreters.folders(spec.interpreter),
        *interpreters.named(spec.interpreter),
    ]
    project = spec.project.resolve()
    libraries = {path.resolve() for path in interpreters.libraries(spec.interpreter)}
    wanted = [path for path in (*ours, *theirs) if path.exists()]
    return View(
        readable=tuple(dict.fromkeys(path.resolve() for path in wanted)),
        hidden=secrets.search(
            (path.resolve() for path in theirs if path.is_dir()),
            passed={path for path in libraries if path != project and project not in path.parents},
        ),
        links=dict(link for path in (spec.interpreter, *wanted) for link in interpreters.links(path)),
    )
