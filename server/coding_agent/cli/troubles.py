"""What can be wrong, in a user's words, and what to do about it: what `coding-agent doctor` says, and docs/trouble.md.

`TROUBLES` is the one table of both. In `said` and `remedy`, names in braces are what doctor fills in; the page shows
them in capitals, or as `shown` has them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

_WORD = re.compile(r"`\[([a-z-]+)\]`")
_NOTHING: Final[Mapping[str, str]] = {}


class Kind(StrEnum):
    """What sort of thing is to be done."""

    INSTALL = "install"
    """Install something, or something newer."""
    SETTINGS = "settings"
    """Change a setting."""
    FILES = "files"
    """Mend or remove a file or folder."""
    TRUST = "trust"
    """Answer whether code of a folder may run."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that doctor can see. ``id`` is stable: it stands in reports and in addresses of the page.

    ``grave`` troubles end doctor with 1; the others are told, and are none for who does not use what they are about.
    """

    id: str
    symptom: str
    said: str
    kind: Kind
    remedy: str
    grave: bool = True
    shown: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    def found(self, **values: str) -> str:
        """What doctor found, as it says it."""
        return self.said.format(**values)

    def to_do(self, **values: str) -> str:
        return self.remedy.format(**values)


_BWRAP = {"install": "install bubblewrap (apt install bubblewrap, dnf install bubblewrap, pacman -S bubblewrap)"}

TROUBLES: Final = {
    trouble.id: trouble
    for trouble in (
        Trouble(
            "python-too-old",
            "A file is said to be broken, and it is not",
            "{here}; this project needs 3.{wanted}",
            Kind.INSTALL,
            "newer syntax cannot be read; install coding-agent-lsp under Python 3.{wanted} or newer",
            shown={"here": "3.11 at PATH", "wanted": "N"},
        ),
        Trouble(
            "library",
            "The server ends as soon as it starts",
            "{why}",
            Kind.INSTALL,
            "install coding-agent-lsp anew, in an environment of its own (uv tool install, pipx install)",
            shown={"why": "cannot be imported, or is not the version that we were made for"},
        ),
        Trouble(
            "folder-not-writable",
            "Every start is slow, or trust is asked for again and again",
            "{folder}",
            Kind.FILES,
            "{nearest} cannot be written; what we learn is not kept. Make it yours, or make room on its disk",
        ),
        Trouble(
            "settings",
            "A setting does nothing",
            "{problem}",
            Kind.SETTINGS,
            "coding-agent settings --origin shows what counts",
            shown={"problem": "the key or value that is not used, and its file"},
        ),
        Trouble(
            "no-rules",
            "No findings at all",
            "none runs in {root}",
            Kind.SETTINGS,
            'select and ignore in your settings leave none; "default" in select brings those that are on by default',
        ),
        Trouble(
            "known-findings",
            "Old findings are not shown",
            "{number} findings are known by {file} and not shown",
            Kind.SETTINGS,
            "coding-agent check --no-baseline shows them; coding-agent baseline writes the file anew",
            grave=False,
        ),
        Trouble(
            "silent-file",
            "No findings in one file",
            "{file} is {reason}",
            Kind.SETTINGS,
            "include, exclude, gitignore, vendored and generated in your settings say which files count; named on the "
            "command line it is looked at all the same",
            shown={"reason": "excluded by the settings, ignored by a .gitignore, copied code of others ..."},
        ),
        Trouble(
            "unreadable-file",
            "No findings in one file",
            "{file} {reason}",
            Kind.FILES,
            "save it in the encoding it declares (UTF-8 where it says nothing); analysis.max-file-size is for its size",
            shown={"reason": "is too large, or not in its encoding"},
        ),
        Trouble(
            "trust-file",
            "Every folder is asked about again",
            "{problem}",
            Kind.FILES,
            "remove {file}, then trust your folders again (coding-agent trust)",
            shown={"problem": "FILE is broken, or may be written by others"},
        ),
        Trouble(
            "refused",
            "Generate tests is refused, and nobody asks whether to trust",
            "{root} is refused: you said that nothing of it may run",
            Kind.TRUST,
            "coding-agent trust {root} takes that back",
            grave=False,
        ),
        Trouble(
            "interpreter-setting",
            "Generate tests says that a path is no Python; hover knows nothing of your packages",
            "{said} is no program that can be run ({origin})",
            Kind.SETTINGS,
            "set interpreter to the path of a Python (python -c 'import sys; print(sys.executable)' prints "
            "it), or take the setting away: then one is found",
        ),
        Trouble(
            "broken-environment",
            "Hover stopped knowing your packages after an update of Python",
            "{folder} has no Python any more",
            Kind.FILES,
            "make it anew (python3 -m venv --clear {folder}) and install your packages in it; one that is active and "
            "gone is left with deactivate",
        ),
        Trouble(
            "no-interpreter",
            "Generate tests finds no Python",
            "none was found",
            Kind.INSTALL,
            "make an environment in the project (python3 -m venv .venv), or name a Python in your own settings "
            "(interpreter)",
        ),
        Trouble(
            "interpreter-version",
            "Generated tests come to nothing under an old Python",
            "{path}, Python 3.{minor}, from {step}",
            Kind.INSTALL,
            "tests are made under Python 3.{oldest} to 3.{newest}; make the project's environment with one of them",
            shown={"step": "where it was found", "minor": "N", "oldest": "9", "newest": "14"},
        ),
        Trouble(
            "no-sandbox",
            "Generate tests is refused: nothing here can hold code",
            "does not work here ({reason})",
            Kind.INSTALL,
            "code of a workspace cannot be run; {install}",
            shown=_BWRAP,
        ),
        Trouble(
            "no-git",
            "`coding-agent tests --changed` cannot tell what changed",
            "it is not on PATH",
            Kind.INSTALL,
            "install git",
            grave=False,
        ),
        Trouble(
            "not-on-path",
            "The editor cannot find coding-agent",
            "there is none on PATH",
            Kind.INSTALL,
            "editors that start it by name do not find it: install it with uv tool install or pipx install, then run "
            "uv tool update-shell or pipx ensurepath, and start the editor anew. VS Code's extension can do without",
            grave=False,
        ),
        Trouble(
            "other-command",
            "The editor shows other findings than the command line",
            "{file} is another one, {version}; this is {ours}",
            Kind.INSTALL,
            "an editor starts that one: update it the way it was installed, or remove it, and restart the server",
        ),
        Trouble(
            "not-ours",
            "The server does not start, and `coding-agent` on PATH is something else",
            "{file} does not answer as Coding Agent does ({answer})",
            Kind.INSTALL,
            "another program has the name: put the folder of ours before it on PATH, or name ours by its path in the "
            "editor",
        ),
        Trouble(
            "old-editor",
            "The editor has no way to start the server",
            "{version}, and {oldest} is the oldest that our set-up works with",
            Kind.INSTALL,
            "install a newer one, or see what its page in editors/ says about older ones",
            grave=False,
        ),
        Trouble(
            "no-eglot",
            "Emacs knows no command eglot",
            "{version}; eglot is a part of it from {oldest} on",
            Kind.INSTALL,
            "install the package eglot (M-x package-install), or a newer Emacs",
            grave=False,
        ),
    )
}


def page() -> str:
    """Return docs/trouble.md: what doctor sees, from `TROUBLES`, and what it cannot see, from `symptoms`."""
    from coding_agent.cli.symptoms import AFTER, BEFORE, SYMPTOMS

    rows = "".join(map(_row, TROUBLES.values()))
    told = "".join(f"### {title}\n\n{_linked(text.strip())}\n\n" for title, text in SYMPTOMS.items())
    return (
        "<!-- Written by editors/generate.py from server/coding_agent/cli/troubles.py and symptoms.py. -->\n"
        f"{_linked(BEFORE.strip())}\n\n"
        "## What doctor sees\n\n"
        "| what you notice | what doctor says | what to do |\n|---|---|---|\n"
        f"{rows}\n"
        "## What doctor cannot see\n\n"
        f"{told}{AFTER.strip()}\n"
    )


def _linked(text: str) -> str:
    """Let words like ``[refused]`` lead to their rows. Raises: KeyError - there is no such trouble."""
    return _WORD.sub(lambda found: f"[`[{TROUBLES[found[1]].id}]`](#{found[1]})", text)


def _row(trouble: Trouble) -> str:
    label = "LOOK" if trouble.grave else "note"
    said = _cell(trouble.said, trouble.shown)
    return (
        f'| <a id="{trouble.id}"></a>{trouble.symptom} | {label}: {said} `[{trouble.id}]` '
        f"| {_cell(trouble.remedy, trouble.shown)} |\n"
    )


def _cell(text: str, shown: Mapping[str, str]) -> str:
    return text.format_map(_Capitals(shown)).replace("|", "\\|")


class _Capitals(dict[str, str]):
    """What stands for a name in braces on the page."""

    def __missing__(self, key: str) -> str:
        return key.upper()
