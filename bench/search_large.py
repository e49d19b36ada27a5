"""A million chunks: how long a question takes, and what is lost by not comparing it with each of them.

    python bench/search_large.py --data DIR [--lance]

DIR holds source files, as many as there are; with ``--wheels FOLDER`` those of wheels are written into it before. Found
are what `search` answers by cells and what it answers when it compares a question with every chunk; recall is the share
of the latter's first ten that the former has too. Questions are the first sentences of docstrings, chosen by seed,
which are as long as people's and have rare and common words alike. With ``--lance`` LanceDB's own indexes answer for
the same vectors beside it: what they are asked is the nearest ten alone, without words.
"""

import argparse
import asyncio
import random
import re
import statistics
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from coding_agent.search import index as exact_or_not
from coding_agent.search.index import Index
from coding_agent.search.question import Question
from coding_agent.search.reading import reader
from coding_agent.search.root import Options, Root, begun
from coding_agent.workspace.files import FileOptions

TOP = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--wheels", type=Path, help="wheels whose files are written into --data before")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--lance", action="store_true", help="LanceDB's own indexes beside ours")
    given = parser.parse_args()
    if given.wheels:
        unpack(given.wheels, given.data)
    asyncio.run(measured(given))


def unpack(wheels: Path, data: Path) -> None:
    """Write the Python files of wheels, each wheel's into a folder of its own."""
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as packed:
            for name in packed.namelist():
                file = data / wheel.name.partition("-")[0] / name
                if name.endswith(".py") and ".." not in name:
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(packed.read(name))


async def measured(given: argparse.Namespace) -> None:
    options = Options(FileOptions(gitignore=False))
    begin = time.perf_counter()
    start = await begun(given.data, options)
    make = reader(True)
    root = Root(given.data, options, make, print)
    await root.read(lambda _: None, asyncio.Event(), start=start)
    took = time.perf_counter() - begin
    lines = sum((given.data / path).read_bytes().count(b"\n") for path in root.index.paths())
    print(f"{root.index.files} files, {lines} lines, {len(root.index)} chunks: searchable in {took:.0f} s")
    begin = time.perf_counter()
    while root.sorting:
        await asyncio.sleep(0.1)
    rows = len(root.index)
    print(f"cells are made {time.perf_counter() - begin:.1f} s later; memory {memory()} MiB", end="")
    print(f" = 60 MiB + {1024 * (memory() - 60) / rows:.2f} KiB a chunk")
    index = root.index
    assert isinstance(index, Index)
    asked = questions(index, given.questions, given.seed)
    found, by_cells = timed(lambda text: [(hit.path, hit.line) for hit in index.search(Question(text), TOP)], asked)
    print(f"by cells:   {shown(by_cells)}")
    cells, index._cells = index._cells, None
    wanted, by_all = timed(lambda text: [(hit.path, hit.line) for hit in index.search(Question(text), TOP)], asked)
    print(f"one by one: {shown(by_all)}")
    print(f"recall of the first ten {share(found, wanted):.3f}")
    assert cells is not None, "there are too few chunks"
    matrix = index._matrix[:rows]
    vectors = [make.encoder.query(text) for text in asked]
    truth = [np.argsort(-(matrix @ vector), kind="stable")[:TOP].tolist() for vector in vectors]
    near, took_near = timed(lambda vector: nearest(matrix, cells.likely(vector, exact_or_not._NEAR), vector), vectors)
    print(f"cells, nearest ten alone: {shown(took_near)}, recall {share(near, truth):.3f}")
    await root.close()
    if given.lance:
        beside(matrix, vectors, truth)


def questions(index: Index, count: int, seed: int) -> list[str]:
    """First sentences of docstrings, of five words at least."""
    chunks = index._chunks
    chosen = random.Random(seed).sample(range(len(chunks)), len(chunks) // 10)
    found: list[str] = []
    for slot in chosen:
        text = re.split(r"[.:](?:\s|$)", chunks.docstrings[slot])[0]
        if 5 <= len(text.split()) <= 15 and text.isascii():
            found.append(text)
        if len(found) == count:
            break
    return found


def nearest(matrix: np.ndarray, pool: np.ndarray, vector: np.ndarray) -> list[int]:
    scores = matrix[pool] @ vector
    best = np.argpartition(-scores, TOP)[:TOP]
    return pool[best].tolist()


def timed(ask: Callable, asked: list) -> tuple[list, list[float]]:
    answers, took = [], []
    for each in asked:
        begin = time.perf_counter()
        answers.append(ask(each))
        took.append(1000 * (time.perf_counter() - begin))
    return answers, took


def share(found: list, wanted: list) -> float:
    return sum(len({*a} & {*b}) for a, b in zip(found, wanted, strict=True)) / sum(map(len, wanted))


def shown(took: list[float]) -> str:
    ordered = sorted(took)
    return f"{statistics.median(ordered):.1f} ms median, {ordered[int(0.95 * (len(ordered) - 1))]:.1f} ms p95"


def memory() -> int:
    text = Path("/proc/self/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) // 1024


def beside(matrix: np.ndarray, vectors: list[np.ndarray], truth: list[list[int]]) -> None:
    warnings.simplefilter("ignore", DeprecationWarning)
    import lancedb
    import pyarrow as pa

    with tempfile.TemporaryDirectory() as folder:
        flat = pa.FixedSizeListArray.from_arrays(pa.array(matrix.ravel()), matrix.shape[1])
        table = lancedb.connect(folder).create_table(
            "chunks", pa.table({"row": pa.array(range(len(matrix))), "vector": flat})
        )
        for kind, more in (("IVF_FLAT", {"num_partitions": 1024}), ("IVF_PQ", {}), ("IVF_HNSW_SQ", {})):
            begin = time.perf_counter()
            table.create_index(metric="dot", vector_column_name="vector", index_type=kind, replace=True, **more)
            built = time.perf_counter() - begin

            def ask(vector: np.ndarray) -> list[int]:
                wanted = table.search(vector).distance_type("dot").nprobes(16).select(["row", "_distance"])
                rows = wanted.limit(TOP).to_arrow()
                return rows["row"].to_pylist()

            ask(vectors[0])
            found, took = timed(ask, vectors)
            print(f"LanceDB {kind}: built in {built:.0f} s, {shown(took)}, recall {share(found, truth):.3f}")


if __name__ == "__main__":
    main()
