"""The editors' view: which `coding-agent` one would start by name, and which editors are here."""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from coding_agent import __version__
from coding_agent.cli.core import Project
from coding_agent.cli.health.check import Check, fine, trouble
from coding_agent.cli.health.programs import asked, inside, on_path, said_version
from coding_agent.cli.outside import Outside
from coding_agent.store.trust import TrustStore

_COMMAND = "coding-agent"
_SITE_LISP = tuple(f"/usr/share/emacs/site-lisp/{name}" for name in ("elpa", "elpa-src"))


@dataclass(frozen=True, slots=True)
class Editor:
    """An editor we have a set-up for; ``trouble`` is that of one older than ``oldest``.

    ``manifest`` ones are not run: in WSL and in terminals of VS Code, `code` talks to another machine.
    """

    name: str
    program: str
    oldest: tuple[int, ...] = ()
    trouble: str = "old-editor"
    manifest: bool = False


EDITORS = (
    Editor("Neovim", "nvim", (0, 11)),
    Editor("Helix", "hx"),
    Editor("Helix", "helix"),
    Editor("Emacs", "emacs", (29, 1), "no-eglot"),
    Editor("VS Code", "code", (1, 91), manifest=True),
    Editor("VSCodium", "codium", (1, 91), manifest=True),
    Editor("code-server", "code-server", manifest=True),
)


def checks(project: Project, outside: Outside) -> Iterator[Check]:
    yield _command(project, outside)
    for editor in EDITORS:
        program = on_path(editor.program, outside, project.root)
        if program is not None:
            yield _editor(editor, program, outside)


def _command(project: Project, outside: Outside) -> Check:
    name = "command on PATH"
    program = on_path(_COMMAND, outside)
    if program is None:
        return trouble("command", name, "not-on-path")
    if _is_this(program):
        return fine("command", name, f"{program} is this one")
    if inside(program, project.root) and not TrustStore(outside.folders.trust_file).is_trusted(project.root):
        return fine("command", name, f"{program} lies in this project, which is not trusted, and was not asked")
    ran = asked(program, outside)
    first, _, version = ran.out.decode("utf-8", "replace").strip().partition(" ")
    if not ran.ok or first != _COMMAND:
        answer = ran.problem or f"exit code {ran.code}"
        return trouble("command", name, "not-ours", file=str(program), answer=answer)
    if version != __version__:
        return trouble("command", name, "other-command", file=str(program), version=version, ours=__version__)
    return fine("command", name, f"{program} is another one of the same version")


def _is_this(program: Path) -> bool:
    """Whether a command starts the Python that we run on: it really lies beside it, or its first line names it."""
    ours = Path(os.path.normpath(sys.executable))
    if Path(os.path.realpath(program)).parent == Path(os.path.realpath(ours.parent)):
        return True
    try:
        with program.open("rb") as stream:
            line = stream.readline(4096).decode("utf-8", "replace")
    except OSError:
        return False
    return line.startswith("#!") and Path(os.path.normpath(line[2:].strip().strip('"'))) == ours


def _editor(editor: Editor, program: Path, outside: Outside) -> Check:
    id = f"editor-{editor.program}"
    version = manifest_version(program) if editor.manifest else said_version(program, outside)
    if version is None:
        return fine(id, editor.name, f"at {program}, of unknown version")
    number = tuple(int(part) for part in version.split(".") if part.isdigit())
    if number < editor.oldest and not (editor.trouble == "no-eglot" and _has_eglot(outside)):
        oldest = ".".join(map(str, editor.oldest))
        return trouble(id, editor.name, editor.trouble, version=version, oldest=oldest)
    return fine(id, editor.name, f"{version} at {program}")


def _has_eglot(outside: Outside) -> bool:
    """Whether an Emacs without eglot has it as a package, the user's or the system's."""
    home = Path(outside.variables.get("HOME") or "/")
    places = (home / ".emacs.d/elpa", home / ".config/emacs/elpa", *map(Path, _SITE_LISP))
    return any(place.is_dir() and any(place.glob("eglot-*")) for place in places)


def manifest_version(program: Path) -> str | None:
    """Return the version of an editor that is made like VS Code, from the manifest it is installed with."""
    real = Path(os.path.realpath(program))
    for folder in real.parents[:5]:
        for file in (folder / "resources/app/package.json", folder / "package.json"):
            try:
                data: object = json.loads(file.read_bytes())
            except (OSError, ValueError, RecursionError):
                continue
            version = cast("dict[str, object]", data).get("version") if isinstance(data, dict) else None
            if isinstance(version, str):
                return version
    return None
