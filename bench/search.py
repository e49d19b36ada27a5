"""The index: how soon a project is searchable and durable, how long a question and a saved file take, its memory.

    python bench/search.py --data DIR

DIR holds unpacked packages, as the judge's `search_eval.py fetch --data DIR` lays them out; Django is measured alone,
all together for the large one. Beside each figure stands what nobody can do without: `ast.parse` of the same files, and
LanceDB's own import.
"""

import argparse
import ast
import asyncio
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from coding_agent.ide.search import Search, Wanted, talking

QUESTIONS = (
    "where is the session cookie signed",
    "hash a password",
    "split a list into pages",
    "retry a request that failed",
    "calls:save kind:method",
    "which columns of a table are too wide",
    "parse a date from text",
    "path:core close the connection",
    "round to even",
    "read a file line by line",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(f"LanceDB's import: {imported('lancedb'):.2f} s wall, numpy's: {imported('numpy'):.2f} s")
    django = given.data / "django"
    cold = [asyncio.run(measured(django, questions=round_ == 0)) for round_ in range(given.rounds)]
    told = ", ".join(f"{name} {median(cold, name)}" for name in ("searchable", "durable", "again"))
    print(f"django: {told}")
    asyncio.run(measured(given.data, questions=True))


def imported(name: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {name}"], check=True)
    return time.perf_counter() - begun


def median(rounds: list[dict[str, float]], name: str) -> str:
    values = [each[name] for each in rounds]
    return f"{statistics.median(values):.2f} s ({min(values):.2f} to {max(values):.2f})"


async def measured(root: Path, *, questions: bool) -> dict[str, float]:
    files = [file for file in root.rglob("*.py") if file.stat().st_size <= 1_000_000]
    with tempfile.TemporaryDirectory() as kept:
        wanted = Wanted(root, folder=Path(kept))
        talk = talking(dict(os.environ))
        search = Search(talk.ask)
        begun = time.perf_counter()
        status = await search.open(wanted, lambda done, total: None)
        searchable = time.perf_counter() - begun
        await search.settled()
        durable = time.perf_counter() - begun
        if questions:
            lines = sum(file.read_bytes().count(b"\n") for file in files)
            print(f"{root.name}: {status.files} files, {lines} lines, {status.chunks} chunks")
            print(
                f"  searchable {searchable:.2f} s, durable {durable:.2f} s; ast.parse alone {parsed(files):.2f} s CPU"
            )
            print(f"  memory {memory(talk.pid)} MiB, {1024 * memory(talk.pid) / status.chunks:.2f} KiB a chunk in all")
            await asked(search)
            await saved(search, files)
        await talk.close()
        talk = talking(dict(os.environ))
        begun = time.perf_counter()
        await Search(talk.ask).open(wanted, lambda done, total: None)
        again = time.perf_counter() - begun
        await talk.close()
        if questions:
            size = sum(file.stat().st_size for file in Path(kept).rglob("*") if file.is_file()) / 1e6
            print(f"  searchable with what is kept {again:.2f} s; {size:.0f} MB kept")
    return {"searchable": searchable, "durable": durable, "again": again}


async def asked(search: Search) -> None:
    took = []
    for text in random.Random(1).choices(QUESTIONS, k=200):
        begun = time.perf_counter()
        await search.search(text, top=10)
        took.append(1000 * (time.perf_counter() - begun))
    print(f"  a question: {shown(took)}")


async def saved(search: Search, files: list[Path]) -> None:
    """Change files of about a thousand lines, each in one function, until questions know."""
    sized = sorted(files, key=lambda file: abs(file.read_bytes().count(b"\n") - 1000))[:40]
    took = []
    for file in sized:
        before = file.read_bytes()
        with tempfile.NamedTemporaryFile(delete=False) as copy:
            copy.write(before)
        try:
            file.write_bytes(before.replace(b"return ", b"return (0) or ", 1) + b"\n\ndef added():\n    return 1\n")
            begun = time.perf_counter()
            await search.changed([file])
            took.append(1000 * (time.perf_counter() - begun))
        finally:
            shutil.move(copy.name, file)
            await search.changed([file])
    print(f"  a saved file of about 1 000 lines: {shown(took)}")


def shown(took: list[float]) -> str:
    ordered = sorted(took)
    late = ordered[int(0.95 * (len(ordered) - 1))]
    return f"{statistics.median(ordered):.1f} ms median, {late:.1f} ms p95, {ordered[-1]:.1f} ms at most"


def parsed(files: list[Path]) -> float:
    begun = time.process_time()
    for file in files:
        try:
            ast.parse(file.read_bytes())
        except (SyntaxError, ValueError, RecursionError):
            continue
    return time.process_time() - begun


def memory(pid: int | None) -> int:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) // 1024


if __name__ == "__main__":
    main()
