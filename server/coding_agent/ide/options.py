"""What the facade needs to know of the settings of one workspace folder."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from coding_agent.analysis.ruleset import RuleSet
from coding_agent.workspace.files import FileFilter

if TYPE_CHECKING:
    from coding_agent.analysis.known import KnownFindings


Stamp = tuple[int, int]
"""Size in bytes and time of change in nanoseconds."""


@dataclass(frozen=True, slots=True)
class TestOptions:
    """How tests are generated: the folder of new ones, seconds for a module, what holds the code that is run."""

    __test__ = False  # No test of ours.

    folder: str = ""
    seconds: float = 30.0
    mode: str = "auto"


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """Which model is asked, as the user's settings say it; ``embedding`` is the one that is asked what code means.
    ``limits`` are those of `ai.budget.Limits`, in its order, costs in cents.
    """

    url: str = ""
    model: str = ""
    enabled: bool = True
    key_variable: str = ""
    seconds: float = 60.0
    complete: bool = False
    prices: tuple[str, ...] = ()
    limits: tuple[int, ...] = (0,) * 8
    embedding: str = ""

    @property
    def is_set(self) -> bool:
        """Whether there is somebody to ask."""
        return self.enabled and bool(self.url)

    @property
    def embeds(self) -> bool:
        """Whether there is somebody to ask what code means."""
        return self.is_set and bool(self.embedding.strip())


@dataclass(frozen=True, slots=True)
class FolderOptions:
    """The options of one workspace folder, or of files outside all of them (``files`` is None then)."""

    rules: RuleSet
    files: FileFilter | None = None
    max_file_size: int = 1_000_000
    max_problems: int = 1_000
    complexity_lens: bool = True
    tests_lens: bool = True
    similar_lens: bool = True
    indexes: bool = True
    """Whether the folder is indexed before anybody searches."""
    encoder: str = ""
    """The folder of a sentence encoder of the user's; "" takes ours."""
    tests: TestOptions = field(default_factory=TestOptions)
    ai: ModelOptions = field(default_factory=ModelOptions)
    workspace: bool = True
    """Whether findings of files that are not open are reported."""
    hover_ours_only: bool = False
    jedi: bool = True
    jedi_deadline: float = 0.04
    """Seconds that hover waits for jedi."""
    interpreter: str = ""
    baseline: "KnownFindings | None" = None
    """What was known before; None where there is no such file."""
    read: tuple[tuple[Path, Stamp | None], ...] = ()
    """The files that these come from, or would if they existed, as they were before they were read."""

    @property
    def outdated(self) -> bool:
        """Whether one of the files they come from is no longer what was read."""
        return any(stamp(file) != seen for file, seen in self.read)


def stamp(file: Path) -> Stamp | None:
    """Size and time of a file, by which a change is noticed; None where there is none."""
    try:
        info = file.stat()
    except OSError:
        return None
    return info.st_size, info.st_mtime_ns
