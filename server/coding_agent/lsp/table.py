"""The one table of the commands that editors run.

Palettes, menus, Neovim's user command and the documents are made of it (`editors/generate.py`), and the functions that
do the work (`lsp/commands.py`) are found by its names.
"""

import re
from dataclasses import dataclass
from enum import Enum

SECTION = "codingAgent"
"""What commands and settings stand under in editors."""
_HUMP = re.compile(r"(?=[A-Z])")


class Takes(Enum):
    """The arguments of a command, all of which may be missing."""

    NOTHING = "nothing"
    FILE = "file"
    """A URI."""
    PLACE = "place"
    """A URI; and a line (from 0), a range or a qualified name."""
    GOAL = "goal"
    """A URI; a line (from 0), a range or a qualified name; and a text that says what is wanted."""
    WORDS = "words"
    """A text; and how many answers are wanted."""


@dataclass(frozen=True, slots=True)
class Row:
    """One command. ``word`` is what people type for it where they type commands; ``verb`` names its function.

    One that is ``long`` tells its progress under the client's token; one that ``runs`` code wants what is on disk.
    """

    name: str
    word: str
    title: str
    about: str
    takes: Takes
    long: bool = False
    runs: bool = False

    @property
    def command(self) -> str:
        """What the protocol calls it."""
        return f"{SECTION}.{self.name}"

    @property
    def verb(self) -> str:
        return _HUMP.sub("_", self.name).lower()


ROWS = (
    Row(
        "generateTests",
        "tests",
        "Generate Tests",
        "Generate tests for the function or class at the cursor, verified in a sandbox.",
        Takes.PLACE,
        long=True,
        runs=True,
    ),
    Row(
        "coverGaps",
        "cover",
        "Cover the Gaps",
        "Generate tests for what no test of this file covers yet.",
        Takes.FILE,
        long=True,
        runs=True,
    ),
    Row(
        "testGaps",
        "gaps",
        "Show Test Gaps",
        "List the branches of this file that no test takes.",
        Takes.FILE,
        long=True,
        runs=True,
    ),
    Row(
        "search",
        "search",
        "Search the Code",
        "Ask the code in words: the places that answer, the best first.",
        Takes.WORDS,
    ),
    Row(
        "similarCode",
        "similar",
        "Show Similar Code",
        "List the code that is like the function or class at the cursor.",
        Takes.PLACE,
    ),
    Row(
        "explain",
        "explain",
        "Explain",
        "Explain the function or class at the cursor: what it does, who calls it, what it calls, how it changed.",
        Takes.PLACE,
    ),
    Row(
        "aiExplain",
        "ai-explain",
        "Explain with AI",
        "Ask your model to explain the function or class at the cursor.",
        Takes.PLACE,
        long=True,
    ),
    Row(
        "aiPreview",
        "ai-preview",
        "Preview What Would Be Sent",
        "Show what your model would be sent of the function or class at the cursor; nothing is sent.",
        Takes.PLACE,
    ),
    Row(
        "aiFix",
        "ai-fix",
        "Fix with AI",
        "Ask your model to mend what was found at the cursor; its answer is an edit only where it passes all checks.",
        Takes.PLACE,
        long=True,
    ),
    Row(
        "aiRefactor",
        "ai-refactor",
        "Refactor with AI",
        "Ask your model to write the function or class at the cursor anew, with a goal in your words.",
        Takes.GOAL,
        long=True,
    ),
    Row(
        "aiOptimise",
        "ai-optimise",
        "Optimise with AI",
        "Ask your model for a faster function at the cursor; taken only where the sandbox shows it equal and faster.",
        Takes.PLACE,
        long=True,
        runs=True,
    ),
    Row(
        "aiDocstring",
        "ai-docstring",
        "Write Docstring with AI",
        "Ask your model for the docstring of the function or class at the cursor.",
        Takes.PLACE,
        long=True,
    ),
    Row(
        "aiTests",
        "ai-tests",
        "Write Tests with AI",
        "Ask your model for tests of what none gets to at the cursor; taken only where the sandbox shows their worth.",
        Takes.PLACE,
        long=True,
        runs=True,
    ),
    Row(
        "aiReview",
        "ai-review",
        "Review My Changes with AI",
        "Ask your model about what was changed since the last commit.",
        Takes.NOTHING,
        long=True,
    ),
    Row(
        "aiDismiss",
        "ai-dismiss",
        "Dismiss Remarks of the Review",
        "Take away what your model remarked on your changes; a quick fix at a remark takes that one away.",
        Takes.NOTHING,
    ),
    Row(
        "aiCommit",
        "ai-commit",
        "Write Commit Message with AI",
        "Ask your model for the message of the commit that makes your changes.",
        Takes.NOTHING,
        long=True,
    ),
    Row(
        "aiStatus",
        "ai-status",
        "Show AI Status",
        "Show which model is asked, and what it took today.",
        Takes.NOTHING,
    ),
    Row(
        "showMetrics",
        "metrics",
        "Show Metrics",
        "Show complexity and size of the functions of this file, the most complex first.",
        Takes.FILE,
    ),
    Row(
        "scanWorkspace",
        "scan",
        "Scan Workspace",
        "Look at every file of the workspace and tell how much was found.",
        Takes.NOTHING,
        long=True,
    ),
    Row(
        "trustWorkspace",
        "trust",
        "Trust Workspace",
        "Trust the folders of this workspace: their interpreters and code may be run in the sandbox.",
        Takes.NOTHING,
    ),
    Row(
        "status",
        "status",
        "Show Status",
        "Show the server's version and Python, how many rules are on, and how many folders are trusted.",
        Takes.NOTHING,
    ),
)
