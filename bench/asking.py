"""How soon a call to a model ends: at its deadline whatever the endpoint does, and when it is cancelled.

    python bench/asking.py [--rounds 3] [--cancels 100] [--seconds 1.0]

*Deadlines*: each fault plan of `tests/support/faults.py` before the scripted endpoint, asked as a chat, as a stream and
for JSON, with so many seconds; how much later than that the call ends, in this process. *Cancelling*: a real llama.cpp
with four slots is asked for an endless answer through the process that holds the door, as an editor does it, and the
question is cancelled at a random moment; how long until who asked is free, and until the server's slot is.
"""

import argparse
import asyncio
import random
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from coding_agent.ide.models import Models, Question, talking
from coding_agent.ide.options import ModelOptions
from coding_agent.store.folders import Folders
from support.faults import PLANS, FaultProxy
from support.llama import Llama, running
from support.scripted import Scripted
from unit.test_ai_calling import JSON, TEXT, WAYS, called_for

LATE, FREE, SLOT = 250.0, 50.0, 300.0
"""Milliseconds: behind the deadline, until who asked is free (99 of 100), until the slot is."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cancels", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=1.0)
    given = parser.parse_args()
    late = asyncio.run(_deadlines(given.rounds, given.seconds))
    worst = sorted(late, reverse=True)[:3]
    print(f"{len(PLANS)} plans x {len(WAYS)} ways x {given.rounds} rounds, deadline {given.seconds:g} s")
    print(f"latest: {', '.join(f'{ms:.0f} ms ({what})' for ms, what in worst)}  limit {LATE:g} ms")
    with TemporaryDirectory() as folder, running(Path(folder)) as llama:
        free, slot = asyncio.run(_cancels(llama, Path(folder), given.cancels))
    tell("who asked is free", free, FREE)
    tell("the slot is free", slot, SLOT)
    return 0


async def _deadlines(rounds: int, seconds: float) -> list[tuple[float, str]]:
    late: list[tuple[float, str]] = []
    for name in PLANS:
        for way, (asked, streams, shown) in WAYS.items():
            with Scripted(JSON if asked.schema else TEXT) as scripted, FaultProxy(scripted.url, always=name) as proxy:
                for _ in range(rounds):
                    took = await called_for(proxy.url, scripted.key, asked, seconds, streams=streams, shown=shown)
                    late.append((1e3 * (took - seconds), f"{name}, {way}"))
    return late


async def _cancels(llama: Llama, folder: Path, count: int) -> tuple[list[float], list[float]]:
    chance, free, slot = random.Random(1), list[float](), list[float]()
    talk = talking({"CODING_AGENT_API_KEY": llama.key, "HOME": str(folder)})
    options = ModelOptions(url=llama.url, model=llama.model)
    folders = Folders(folder / "config", folder / "state", folder / "cache")
    models = Models(talk.ask, options, folders, {"CODING_AGENT_API_KEY": llama.key})
    for number in range(count + 1):
        question = Question("bench", folder, (("user", f"Write number {number}."),), 8_000, known=False)
        task = asyncio.create_task(models.ask(question, lambda _: None))
        await asyncio.to_thread(llama.wait_until_busy)
        await asyncio.sleep(0.1 * chance.random())
        begun = time.perf_counter()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        freed = time.perf_counter()
        await asyncio.to_thread(llama.wait_until_idle)
        if number:  # The first one loads the libraries.
            free.append(1e3 * (freed - begun))
            slot.append(1e3 * (time.perf_counter() - begun))
    await talk.close()
    return free, slot


def tell(what: str, values: Sequence[float], limit: float) -> None:
    ordered = sorted(values)
    high = ordered[min(int(0.99 * len(ordered)), len(ordered) - 1)]
    print(
        f"{what}: median {statistics.median(ordered):.1f} ms, p99 {high:.1f} ms, longest {ordered[-1]:.1f} ms  "
        f"limit {limit:g} ms"
    )


if __name__ == "__main__":
    sys.exit(main())
