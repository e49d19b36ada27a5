"""The workspace scan's side in its own process: finds files, looks at them a batch at a time, and over all of them.

Arguments and results are plain data (see `runtime.process`). What was found is kept on disk by the text and all else it
depends on, so that a file that did not change is only read.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any, cast

from coding_agent import __version__
from coding_agent.analysis import manifest
from coding_agent.analysis.baseline import identify
from coding_agent.analysis.engine import RuleFailed
from coding_agent.analysis.file import Analyser
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.known import Fingerprint, fingerprints
from coding_agent.analysis.project import (
    check_project,
    facts_of,
    file_facts,
    module_names,
    plain_facts,
    project_facts,
)
from coding_agent.ide.check import place, whole
from coding_agent.ide.options import FolderOptions
from coding_agent.lsp.ready import Ready, gravest
from coding_agent.settings.folder import folder_options
from coding_agent.store.cache import FactCache, Json, digest
from coding_agent.store.source import Unreadable, read
from coding_agent.text import Text, Units, split_lines
from coding_agent.workspace.files import FIRST_LINES, walk
from coding_agent.workspace.token import Token
from coding_agent.workspace.uris import uri_of

_FORMAT = "scan-1"
"""Changes with what is kept on disk."""
_SECONDS = 0.2
"""How long a call works before it answers with what it has: stopping waits for no more than that."""

_HEAD = 2_000
"""Characters that hold a file's first lines."""

Settings = tuple[str, str, object, str, bool]
"""The user's file, the workspace folder, the editor's settings, the client's units, whether this is Windows."""
Looked = tuple[str, bytes, int, bytes]
"""URI, diagnostics as the inside of a JSON array, how many, facts as JSON: empty where no rule asks for any."""
Failed = tuple[tuple[str, str, str], ...]
"""Rules that raised, as `RuleFailed.described`."""


def files(user_file: str, folder: str, editor: object, windows: bool) -> tuple[tuple[str, str], ...]:
    """The Python files of a folder that count: the URI and the path of each."""
    options, _ = folder_options(Path(user_file), Path(folder), editor)
    assert options.files is not None
    paths = (str(found.path) for found in walk(options.files, [Path(folder)], Token()))
    return tuple((uri_of(path, windows=windows), path) for path in paths)


def look(settings: Settings, kept: str, paths: Sequence[str]) -> tuple[tuple[Looked, ...], int, Failed]:
    """Look at files in their order until time is up: those that could be read, how many were tried, what failed.

    ``kept`` is the folder of what is kept on disk.
    """
    until = perf_counter() + _SECONDS
    with FactCache(Path(kept)) as cache:
        scanner = _Scanner(settings, cache)
        found: list[Looked] = []
        tried = 0
        for path in paths:
            looked = scanner.look(Path(path))
            if looked is not None:
                found.append(looked)
            tried += 1
            if perf_counter() > until:
                break
        return tuple(found), tried, _described(scanner.failed)


def look_over(settings: Settings, facts: Sequence[bytes]) -> tuple[tuple[tuple[str, bytes, int], ...], Failed]:
    """Run the rules over files: URI, diagnostics and how many of each file with any; and what failed."""
    user_file, folder, editor, units, windows = settings
    options, _ = folder_options(Path(user_file), Path(folder), editor)
    by_path = {each.path: each for each in map(facts_of, map(json.loads, facts))}
    modules = module_names(by_path)
    named = (replace(each, module=modules.get(path, "")) for path, each in by_path.items())
    failed: list[RuleFailed] = []
    ready = Ready(Units(units), lambda rule: None)
    found: list[tuple[str, bytes, int]] = []
    for name, findings in check_project(project_facts(named), options.rules, failed).items():
        file = Path(folder, name)
        source = _read(file, options.max_file_size)
        if source is not None:
            text, uri = Text.of(source), uri_of(str(file), windows=windows)
            left = _unknown(findings, text, file, options)
            found.append((uri, b",".join(ready.one(finding, text, uri) for finding in left), len(left)))
    return tuple(found), _described(failed)


def _unknown(findings: Sequence[Finding], text: Text, file: Path, options: FolderOptions) -> Sequence[Finding]:
    """The findings of rules over files that the baseline does not know."""
    if options.baseline is None:
        return findings
    entries = [item.entry for item in identify((place(each, 0, text, "") for each in findings), str(text))]
    known = options.baseline.known(file, [(entry.rule, entry.scope, entry.code) for entry in entries])
    return [finding for index, finding in enumerate(findings) if index not in known]


class _Scanner:
    """Looks at the files of one folder."""

    def __init__(self, settings: Settings, cache: FactCache) -> None:
        user_file, folder, editor, units, windows = settings
        self._options: FolderOptions = folder_options(Path(user_file), Path(folder), editor)[0]
        self._folder = Path(folder)
        self._windows = windows
        self._analyser = Analyser(self._options.rules)
        self._ready = Ready(Units(units), lambda rule: None)
        self._cache = cache
        version = f"{__version__} {sys.implementation.name} {sys.version_info}"
        self._key = digest(_FORMAT, version, manifest.stamp(), self._options.rules.key, units)

    @property
    def failed(self) -> list[RuleFailed]:
        return self._analyser.failed

    def look(self, file: Path) -> Looked | None:
        """Look at one file; None where it cannot be read or does not count."""
        options = self._options
        source = _read(file, options.max_file_size)
        if source is None:
            return None
        if options.files is not None and options.files.silent(file, split_lines(source[:_HEAD])[:FIRST_LINES]):
            return None
        uri = uri_of(str(file), windows=self._windows)
        items, prints, facts = self._found(file, source, uri)
        if options.baseline is not None:
            known = options.baseline.known(file, prints)
            items = [item for index, item in enumerate(items) if index not in known]
        shown = gravest([item.encode() for item in items], options.max_problems)
        return uri, b",".join(shown), len(items), facts

    def _found(self, file: Path, source: str, uri: str) -> tuple[list[str], list[Fingerprint], bytes]:
        """The findings of a file as JSON, what a baseline knows each by, and the file's facts; from disk if kept."""
        key = digest(self._key, uri, str(self._folder), source)
        try:
            items, prints, facts = cast("Any", self._cache.get(key))
            return items, [(rule, scope, code) for rule, scope, code in prints], facts.encode()
        except (TypeError, ValueError, AttributeError):  # Nothing is kept, or nothing of ours.
            pass
        failures = len(self.failed)
        found = self._analysed(file, source, uri)
        # A rule that raised will be mended, in this very version while we work on it.
        if len(self.failed) == failures:
            self._cache.set(key, cast("Json", found))
        return found[0], found[1], found[2].encode()

    def _analysed(self, file: Path, source: str, uri: str) -> tuple[list[str], list[Fingerprint], str]:
        name = file.relative_to(self._folder).as_posix()
        state = whole(Text.of(source), self._analyser, name)
        items = [item.decode() for item in self._ready.each(state, uri)]
        facts = json.dumps(plain_facts(file_facts(state, name, ""))) if self._options.rules.files else ""
        return items, [each for _, _, each in fingerprints(state)], facts


def _described(failed: Sequence[RuleFailed]) -> Failed:
    found: Iterator[tuple[str, str, str]] = (each.described() for each in failed)
    return tuple({each[0]: each for each in found}.values())


def _read(file: Path, limit: int) -> str | None:
    try:
        return read(file, limit).text
    except Unreadable:
        return None
