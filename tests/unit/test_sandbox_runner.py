"""The runner's own rules, where no job can show them."""

import os
import sys
import time

import pytest

if sys.platform == "win32":
    pytest.skip("it is POSIX only", allow_module_level=True)

from coding_agent.sandbox.inside import child, runner, strays


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


def test_what_a_job_left_behind_is_gone_before_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Children that take a while to go are waited for; one that does not go is said."""
    if sys.platform != "linux":
        pytest.skip("only Linux tells of them")
    left = [os.fork() for _ in range(3)]
    if 0 in left:
        time.sleep(60)
        os._exit(0)
    others = set(strays.children()) - set(left)
    assert strays.end(others)
    assert not set(left) & set(strays.children())
    monkeypatch.setattr(strays, "_SECONDS", 0.05)
    monkeypatch.setattr(strays, "children", lambda: [4_000_000])
    assert not strays.end(())
