"""What `coding-agent tests` shows: progress while it goes on, and the reports whatever ends it."""

import time
from typing import TYPE_CHECKING, cast

from coding_agent.cli.exits import Exit
from coding_agent.cli.outside import Outside, is_terminal
from coding_agent.errors import UsageError

if TYPE_CHECKING:
    from coding_agent.testgen.report import Progress, Report


class Line:
    """Progress on a terminal: one line that is written over; a pipe gets nothing but the report."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._terminal = is_terminal(outside.err)
        self._last = 0.0

    def progress(self, now: "Progress") -> None:
        if not self._terminal or time.monotonic() - self._last < 0.08:
            return
        self._last = time.monotonic()
        branches = f", {now.branches} of {now.total} branches" if now.total else ""
        saved = f", {now.saved} cases saved" if now.saved else ""
        self._write(f"{now.module}: {now.phase.value}{branches}{saved} ({now.seconds:.0f} s)")

    def show(self, sentence: str) -> None:
        """Show a sentence about what is done."""
        if self._terminal:
            self._write(sentence)

    def _write(self, line: str) -> None:
        self._outside.err.write(f"\r\x1b[2K{line[:110]}")
        self._outside.err.flush()

    def clear(self) -> None:
        if self._terminal:
            self._outside.err.write("\r\x1b[2K")


class Shown(Line):
    """What is known of the targets so far: progress while it goes on, the reports in the end, whatever that is."""

    def __init__(self, said: "dict[str, object]", targets: int, outside: Outside) -> None:
        from coding_agent.report import tests

        super().__init__(outside)
        self._said, self._targets = said, targets
        self._render = {"text": tests.text, "json": tests.json, "html": tests.html}[cast("str", said["format"])]
        self._delivered = False
        self.reports: list[Report] = []
        self.saved = False
        """A file of the present module is on disk."""

    def progress(self, now: "Progress") -> None:
        self.saved = self.saved or now.saved > 0
        super().progress(now)

    @property
    def code(self) -> int:
        """What the command ends with."""
        if self._said["gaps"]:
            if len(self.reports) < self._targets or any(
                report.why or (report.gaps and report.incomplete) for report in self.reports
            ):
                return Exit.INCOMPLETE
            return Exit.FINDINGS if any(report.gaps for report in self.reports) else Exit.CLEAN
        all_there = len(self.reports) + self.saved >= self._targets and all(report.file for report in self.reports)
        return Exit.CLEAN if all_there else Exit.NOTHING

    def deliver(self) -> None:
        """Write the reports there are, once."""
        self.clear()
        if self._delivered or not self.reports:
            return
        self._delivered = True
        put(self._render(self.reports, self._outside.shown, bool(self._said["gaps"])), self._said, self._outside)

    def last_words(self) -> int:
        """Say in another thread that nothing ends any more, and return the exit code."""
        if not self._delivered:
            there = "the tests on disk are the last that were green" if self.saved else "no tests were written"
            self._outside.warn(f"stopped: something did not end in time; {there}")
            self.deliver()
        self._outside.out.flush()
        self._outside.err.flush()
        return self.code


def put(text: str, said: "dict[str, object]", outside: Outside) -> None:
    """Write a report where it was asked for. Raises: UsageError - it cannot be written."""
    output = cast("str | None", said["output"])
    if not output:
        outside.out.write(text)
        return
    from coding_agent.store.atomic import write_atomic

    try:
        write_atomic(outside.absolute(output), text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"the report cannot be written to {output}: {error.strerror}") from error
