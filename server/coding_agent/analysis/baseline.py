"""The findings that were known before, so that a team can start today and look only at what is new.

A finding is known again by its rule, its file, the class or function it stands in, and the code of its lines
with the spaces normalised; equal ones are counted. So it survives code that is added above it, and new
indentation. When a function or file was renamed, rule and code alone decide, as far as its old entry is free.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple, cast

from coding_agent.analysis.finding import Diagnostic
from coding_agent.errors import SettingError
from coding_agent.store.atomic import write_atomic
from coding_agent.text import split_lines

VERSION = 1
FILE_NAME = ".coding-agent-baseline.json"

_HEADER = re.compile(r"([ \t\f]*)(?:async[ \t]+def|def|class)[ \t]+(\w+)")
_MAX_LINES = 20
"""Lines of a finding that its code is taken from; more say nothing more."""


class Entry(NamedTuple):
    """What equal findings have in common. ``path`` is relative to the root, with slashes."""

    path: str
    rule: str
    scope: str
    """Qualified name of the class or function around it, empty at module level."""
    code: str
    """Digest of its lines, 16 hexadecimal digits."""


class Known(NamedTuple):
    """A diagnostic with what it is known by."""

    diagnostic: Diagnostic
    entry: Entry
    occurrence: int
    """From 1, among the equal ones of its file, in the order of the text."""

    @property
    def fingerprint(self) -> str:
        """A digest of all of it, 32 hexadecimal digits, for tools that follow findings over time."""
        return _digest(*self.entry, str(self.occurrence), size=16)


@dataclass(frozen=True, slots=True)
class Baseline:
    """How often each entry was found when the baseline was written."""

    counts: Mapping[Entry, int] = field(default_factory=dict[Entry, int])


@dataclass(frozen=True, slots=True)
class Split:
    """Diagnostics against a baseline; ``stale`` are its entries that are gone, with how many of each."""

    new: tuple[Diagnostic, ...]
    known: tuple[Diagnostic, ...]
    stale: Mapping[Entry, int]


def identify(diagnostics: Iterable[Diagnostic], text: str) -> tuple[Known, ...]:
    """Return the diagnostics of one text with what they are known by, in the order of the text."""
    lines = split_lines(text)
    scopes, below = Scopes(), iter(headers(lines))
    header = next(below, None)
    seen: Counter[Entry] = Counter()
    result: list[Known] = []
    for diagnostic in sorted(diagnostics, key=lambda item: (item.span, item.rule, item.message)):
        first, last = diagnostic.start[0], diagnostic.stop[0]
        while header is not None and header.line < first:
            scopes.enter(header)
            header = next(below, None)
        entry = Entry(diagnostic.path, diagnostic.rule, scopes.name(lines, first), code(lines, first, last))
        seen[entry] += 1
        result.append(Known(diagnostic, entry, seen[entry]))
    return tuple(result)


def code(lines: Sequence[str], first: int, last: int) -> str:
    """Return the digest of a finding's lines."""
    shown = lines[first : min(last, first + _MAX_LINES) + 1]
    return _digest("\n".join(" ".join(line.split()) for line in shown), size=8)


def compare(
    found: Sequence[Known],
    baseline: Baseline,
    checked: Callable[[str], bool],
    gone: Callable[[str], bool] = lambda _: False,
) -> Split:
    """Split what was found into new and known.

    ``checked`` says whether a path was looked at, ``gone`` whether it no longer exists; the
    entries of other paths are neither used nor stale.
    """
    free = Counter({entry: count for entry, count in baseline.counts.items() if checked(entry.path)})
    free.update({entry: count for entry, count in baseline.counts.items() if entry not in free and gone(entry.path)})
    old = matched([item.entry for item in found], free, gone)
    new = tuple(item.diagnostic for at, item in enumerate(found) if at not in old)
    known = tuple(item.diagnostic for at, item in enumerate(found) if at in old)
    return Split(new, known, {entry: count for entry, count in free.items() if count})


def matched(found: Sequence[Entry], free: Counter[Entry], gone: Callable[[str], bool]) -> set[int]:
    """Return which of the entries are known, by their index, and take from ``free`` what they use up."""
    waiting = list(range(len(found)))
    known: set[int] = set()
    # The exact ones first, so that a looser match never takes an entry from the finding it was written for.
    for alike in (_exactly, _renamed_scope, _renamed_file):
        if not waiting:
            break
        by_likeness: dict[tuple[str, ...], list[Entry]] = {}
        for entry in free:
            by_likeness.setdefault(alike(entry), []).append(entry)
        for at in waiting:
            entries = by_likeness.get(alike(found[at]), [])
            if alike is _renamed_file:
                entries = [entry for entry in entries if gone(entry.path)]
            if _take(free, entries):
                known.add(at)
        waiting = [at for at in waiting if at not in known]
    return known


def collect(found: Iterable[Known]) -> Baseline:
    """Return the baseline under which all that was found is known."""
    return Baseline(Counter(item.entry for item in found))


def read(path: Path) -> Baseline:
    """Read a baseline file; it is empty where the file is missing.

    Raises: SettingError - the file cannot be read or is no baseline.
    """
    try:
        return _decode(path.read_bytes(), path)
    except FileNotFoundError:
        return Baseline()
    except OSError as error:
        raise SettingError(f"the baseline {path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        remedy = "write it anew with `coding-agent baseline`"
        raise SettingError(f"the baseline {path} is broken ({error}); {remedy}") from error


def write(path: Path, baseline: Baseline) -> None:
    """Write a baseline file: one line per entry, sorted, so that versions merge well.

    Raises: SettingError - what is there was never a baseline; OSError. The file is then as it was.
    """
    # One that is cut short or holds two sides of a merge may be replaced.
    if path.is_file() and (content := path.read_bytes()) and b'"entries"' not in content:
        raise SettingError(f"{path} is no baseline and is left as it is; name another file, or remove it")
    rows = [json.dumps([*entry, count]) for entry, count in sorted(baseline.counts.items()) if count]
    body = ",\n  ".join(rows)
    head = '"columns": ["path", "rule", "scope", "code", "count"]'
    entries = f"[\n  {body}\n ]" if rows else "[]"
    write_atomic(path, f'{{\n "version": {VERSION},\n {head},\n "entries": {entries}\n}}\n'.encode("ascii"))


def _decode(content: bytes, path: Path) -> Baseline:
    data = cast("Mapping[str, object]", json.loads(content))
    version = data["version"]
    if isinstance(version, int) and version > VERSION:
        raise SettingError(
            f"the baseline {path} was written by a newer coding-agent (version {version}); update this one"
        )
    if version != VERSION:
        raise ValueError(f"unknown version {version!r:.80}")
    counts: dict[Entry, int] = {}
    for row in cast("list[list[object]]", data["entries"]):
        *names, count = row
        if len(names) != 4 or not all(isinstance(name, str) for name in names) or not isinstance(count, int):
            raise ValueError(f"unknown entry {row!r:.80}")
        counts[Entry(*cast("list[str]", names))] = count
    return Baseline(counts)


def _exactly(entry: Entry) -> tuple[str, ...]:
    return entry


def _renamed_scope(entry: Entry) -> tuple[str, ...]:
    return entry.path, entry.rule, entry.code


def _renamed_file(entry: Entry) -> tuple[str, ...]:
    return entry.rule, entry.code


def _take(free: Counter[Entry], entries: Iterable[Entry]) -> bool:
    for entry in entries:
        if free[entry] > 0:
            free[entry] -= 1
            return True
    return False


class Header(NamedTuple):
    """A line that begins a class or a function."""

    line: int
    indent: int
    name: str


def headers(lines: Sequence[str]) -> list[Header]:
    """The headers in some lines, which count from 0."""
    # By lines, not by a parse: broken code has scopes too, and a fingerprint must be stable rather than exact.
    found = ((number, _HEADER.match(line)) for number, line in enumerate(lines))
    return [Header(number, _indent(match[1]), match[2]) for number, match in found if match]


class Scopes:
    """The classes and functions that may still be open, going down a text."""

    def __init__(self) -> None:
        self._open: list[Header] = []
        """Invariant: each is indented deeper than the one before it."""

    def enter(self, header: Header) -> None:
        while self._open and self._open[-1].indent >= header.indent:
            self._open.pop()
        self._open.append(header)

    def name(self, lines: Sequence[str], line: int) -> str:
        """The qualified name of what a line stands in, by its indentation."""
        indent = _indent(lines[line]) if line < len(lines) else 0
        return ".".join(header.name for header in self._open if header.indent < indent)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t\f"))


def _digest(*parts: str, size: int) -> str:
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()
