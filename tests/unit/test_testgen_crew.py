"""What becomes of items that work in forks is done for."""

from pathlib import Path

from support.inside import run_inside

WORK = """
crew = inside("crew")
def work(item):
    if item == "raise":
        raise KeyError("ours")
    if item == "end":
        os._exit(3)
    if item == "hang":
        import time
        time.sleep(60)
    return item

def told(result):
    return "lost" if result is crew.LOST else "failed: " + result.why if isinstance(result, crew.Failed) else result

items = ["a", "raise", "b", "end", "hang", "c"]
tell([told(result) for _, result in crew.each(work, items, 0.3)])
"""


def test_what_breaks_in_our_work_is_no_loss(tmp_path: Path) -> None:
    assert run_inside(tmp_path, {}, WORK) == ["a", "failed: KeyError: 'ours'", "b", "lost", "lost", "c"]
