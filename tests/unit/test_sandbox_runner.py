"""The runner's own rules, where no job can show them."""

import os
import sys

import pytest

if sys.platform == "win32":
    pytest.skip("it is POSIX only", allow_module_level=True)

from coding_agent.sandbox.inside import child, runner


@pytest.mark.parametrize("kind", [child.RESULT, child.RAISED, b"?"])
@pytest.mark.parametrize(("status", "killed"), [(None, True), (0, False)])
def test_a_job_that_is_reaped_is_not_killed(
    kind: bytes, status: int | None, killed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number may be somebody else's by then."""
    kills: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, _: kills.append(pid))
    monkeypatch.setattr(os, "killpg", lambda pid, _: kills.append(pid))
    job = runner.Job(1, {"wall": 1.0}, 4_000_000, -1, -1)
    job.status = status
    runner.Runner.__new__(runner.Runner)._heard(job, kind, b'"1"')
    assert bool(kills) is killed
