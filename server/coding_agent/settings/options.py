"""All options, put together from the rooms that use them. A field is an option's only definition.

A key is the path of fields in kebab case (``hover.ours-only``); `coding-agent settings` shows all of them.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from coding_agent.workspace.files import FileOptions
from coding_agent.workspace.option import Scope, Value, group, option

LONGEST = 3600
"""Seconds that tests for one module may be looked for."""
MODES = ("auto", "bubblewrap", "landlock", "unsafe")
"""The values of `sandbox.spec.Mode`, which is not loaded for its names alone."""


@dataclass(frozen=True, slots=True)
class AnalysisOptions:
    """How much is analysed."""

    max_file_size: int = field(
        default=1_000_000, metadata=option("Size in bytes above which a file is said to be too large.", minimum=1)
    )
    max_problems: int = field(
        default=1_000, metadata=option("Most findings an editor shows for one file; the gravest are kept.", minimum=1)
    )
    twins: bool = field(
        default=True,
        metadata=option("Stay silent where ruff or pyright says the same by default or by this project's choice."),
    )


@dataclass(frozen=True, slots=True)
class HoverOptions:
    """What hover says."""

    ours_only: bool = field(
        default=False, metadata=option("Leave out signature, type and docstring, which another server shows already.")
    )


@dataclass(frozen=True, slots=True)
class LensOptions:
    """What stands above functions."""

    complexity: bool = field(default=True, metadata=option("Show the complexity of functions as code lenses."))
    tests: bool = field(
        default=True, metadata=option('Show "Generate tests" above functions and classes as code lenses.')
    )
    similar: bool = field(
        default=True, metadata=option('Show "Similar code" above functions that others are like as code lenses.')
    )


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How the code is indexed."""

    background: bool = field(
        default=True,
        metadata=option("Index the workspace soon after the start; otherwise when something is first searched."),
    )
    encoder: str = field(
        default="",
        metadata=option(
            "Folder of a sentence encoder that compares meanings instead of ours: `model.onnx` and `tokenizer.json`.",
            Scope.USER,
        ),
    )


@dataclass(frozen=True, slots=True)
class DiagnosticsOptions:
    """Which findings the editor gets."""

    workspace: bool = field(
        default=True, metadata=option("Report findings of files that are not open, where the editor can show them.")
    )


@dataclass(frozen=True, slots=True)
class JediOptions:
    """How jedi, which knows types and names, is asked."""

    enabled: bool = field(default=True, metadata=option("Ask jedi for signatures, types and names.", Scope.USER))
    deadline_ms: int = field(
        default=35,
        metadata=option(
            "Milliseconds that hover waits for jedi; what jedi says later is shown the next time.",
            Scope.USER,
            0,
            10_000,
        ),
    )


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """What holds code of yours while we run it."""

    mode: str = field(
        default="auto",
        metadata=option(
            "`auto` takes the best that works here (bubblewrap, landlock) and refuses where nothing does; `unsafe` "
            "holds nothing back.",
            Scope.USER,
            choices=MODES,
        ),
    )


@dataclass(frozen=True, slots=True)
class TestsOptions:
    """How tests are generated."""

    __test__ = False  # No test of ours.

    folder: str = field(
        default="",
        metadata=option("Folder of new test files, from the root; empty finds where the project has its tests."),
    )
    seconds: int = field(
        default=30,
        metadata=option("Seconds that generating tests for one module may take.", minimum=2, maximum=LONGEST),
    )


@dataclass(frozen=True, slots=True)
class BudgetOptions:
    """What models may take; 0 is no limit."""

    request_tokens: int = field(
        default=100_000, metadata=option("Tokens of one request and its answer, at most.", Scope.USER, 0)
    )
    request_cents: int = field(
        default=0, metadata=option("US cents that one request may cost, at most.", Scope.USER, 0)
    )
    day_requests: int = field(default=1_000, metadata=option("Requests in a day, at most.", Scope.USER, 0))
    day_tokens: int = field(default=5_000_000, metadata=option("Tokens in a day, at most.", Scope.USER, 0))
    day_cents: int = field(default=0, metadata=option("US cents in a day, at most.", Scope.USER, 0))
    workspace_requests: int = field(
        default=0, metadata=option("Requests for one workspace in a day, at most.", Scope.USER, 0)
    )
    workspace_tokens: int = field(
        default=0, metadata=option("Tokens for one workspace in a day, at most.", Scope.USER, 0)
    )
    workspace_cents: int = field(
        default=0, metadata=option("US cents for one workspace in a day, at most.", Scope.USER, 0)
    )


@dataclass(frozen=True, slots=True)
class AIOptions:
    """Which model is asked, and what it may take. All of it is yours alone."""

    base_url: str = field(
        default="",
        metadata=option(
            "Address of an OpenAI-compatible endpoint, as `http://127.0.0.1:11434/v1`; empty asks no model.", Scope.USER
        ),
    )
    model: str = field(default="", metadata=option("The model that is asked there.", Scope.USER))
    embedding_model: str = field(
        default="",
        metadata=option(
            "The model there that says what code means, for search; empty sends no code for that.", Scope.USER
        ),
    )
    enabled: bool = field(default=True, metadata=option("Off asks no model, whatever else is set.", Scope.USER))
    key_variable: str = field(
        default="",
        metadata=option(
            "Variable of the environment that holds the key; empty looks into the system's keyring first.", Scope.USER
        ),
    )
    deadline_seconds: int = field(
        default=60,
        metadata=option(
            "Seconds that an answer may take, all attempts together; an edit that did not pass takes a second answer.",
            Scope.USER,
            1,
            600,
        ),
    )
    complete: bool = field(default=False, metadata=option("Offer what could be typed next while you type.", Scope.USER))
    prices: tuple[str, ...] = field(
        default=(),
        metadata=option(
            "Prices in dollars for a million tokens, `MODEL=IN/OUT` or `MODEL=IN/CACHED/OUT`; before those we know.",
            Scope.USER,
        ),
    )
    budget: BudgetOptions = field(default_factory=BudgetOptions, metadata=group())


class RuleOption(NamedTuple):
    """One option of one rule: ``rules.RULE.NAME = value``."""

    rule: str
    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Settings:
    """The effective options of one workspace folder."""

    select: tuple[str, ...] = field(
        default=("default",),
        metadata=option("Rules and families that run; `default` means the rules on by default, `all` every rule."),
    )
    ignore: tuple[str, ...] = field(default=(), metadata=option("Rules and families that do not run."))
    baseline: str = field(
        default=".coding-agent-baseline.json",
        metadata=option("File with the findings that were known before, below the workspace's root."),
    )
    interpreter: str = field(
        default="",
        metadata=option(
            "Path of the Python whose packages are read; empty finds it: active environment, the project's own, PATH.",
            Scope.USER,
        ),
    )
    files: FileOptions = field(default_factory=FileOptions, metadata=group(""))
    analysis: AnalysisOptions = field(default_factory=AnalysisOptions, metadata=group())
    hover: HoverOptions = field(default_factory=HoverOptions, metadata=group())
    lens: LensOptions = field(default_factory=LensOptions, metadata=group())
    search: SearchOptions = field(default_factory=SearchOptions, metadata=group())
    diagnostics: DiagnosticsOptions = field(default_factory=DiagnosticsOptions, metadata=group())
    jedi: JediOptions = field(default_factory=JediOptions, metadata=group())
    sandbox: SandboxOptions = field(default_factory=SandboxOptions, metadata=group())
    tests: TestsOptions = field(default_factory=TestsOptions, metadata=group())
    ai: AIOptions = field(default_factory=AIOptions, metadata=group())
    rules: tuple[RuleOption, ...] = ()
    """The rules' own options that somebody set, sorted. `settings.rules` asks later whether such rules exist."""

    def of_rule(self, rule: str) -> dict[str, Value]:
        """Return the options of one rule that somebody set."""
        return {item.name: item.value for item in self.rules if item.rule == rule}
