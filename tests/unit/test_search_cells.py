"""Very many chunks: the likely are compared alone, and the answers stay those of all."""

import asyncio
import random
from array import array

import pytest

np = pytest.importorskip("numpy")

from coding_agent.search import index as index_module  # noqa: E402
from coding_agent.search import postings as postings_module  # noqa: E402
from coding_agent.search.cells import Cells, centres, sampled  # noqa: E402
from coding_agent.search.columns import Columns, Place, packed  # noqa: E402
from coding_agent.search.encoder import unit  # noqa: E402
from coding_agent.search.index import Index  # noqa: E402
from coding_agent.search.lexical import number_of  # noqa: E402
from coding_agent.search.postings import Postings, word  # noqa: E402
from coding_agent.search.question import Question, question  # noqa: E402
from coding_agent.search.reading import reader  # noqa: E402

WORDS = (
    *("open", "close", "read", "write", "parse", "send", "take", "cookie", "token"),
    *("price", "file", "line", "page", "user", "order", "cart", "text", "date"),
)


def clusters(count: int, groups: int) -> "np.ndarray":
    generator = np.random.default_rng(5)
    middle = generator.standard_normal((groups, 16)).astype(np.float32)
    noise = generator.standard_normal((count, 16)).astype(np.float32)
    return unit(middle[np.arange(count) % groups] + np.float32(0.3) * noise)


def test_the_nearest_are_in_the_nearest_cells():
    rows = clusters(4000, 20)
    cells = Cells(centres(sampled(rows, 20), 20))
    for start in range(0, 4000, 700):
        cells.add(rows[start : start + 700])
    assert len(cells) == 4000
    found = [set(cells.likely(rows[at], 600).tolist()) for at in range(50)]
    assert all(len(each) < 2400 for each in found)
    nearest = [set(np.argsort(-(rows @ rows[at]))[:10].tolist()) for at in range(50)]
    assert np.mean([len(a & b) / 10 for a, b in zip(found, nearest, strict=True)]) > 0.99


def test_rows_that_came_last_are_found_and_those_that_are_gone_are_not():
    rows = clusters(2000, 10)
    cells = Cells(centres(sampled(rows, 10), 10))
    cells.add(rows[:1990])
    cells.add(rows[1990:])
    assert {*range(1990, 2000)} <= set(cells.likely(-rows[0], 10).tolist())
    kept = np.arange(0, 2000, 2)
    fewer = cells.kept(kept)
    assert len(fewer) == 1000
    assert sorted(fewer.likely(rows[0], 1000).tolist()) == [*range(1000)]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Index:
    """An index that thinks some thousand chunks are very many."""
    for name, value in {"EXACT": 1000, "_CELLS": 32, "_NEAR": 300, "_SAID": 200}.items():
        monkeypatch.setattr(index_module, name, value)
    index = Index(reader(meaning=True).encoder)
    taken(index, 0, 3000)
    return index


def taken(index: Index, start: int, stop: int) -> None:
    """Chunks with some words each, a hundred in a file, and vectors of what they say."""
    generator = random.Random(start)
    for first in range(start, stop, 100):
        keys = [number.to_bytes(16, "big") for number in range(first, first + 100)]
        said = [generator.sample(WORDS, 4) for _ in keys]
        words, ends = array("Q"), array("I")
        for each in said:
            words.extend(word(number_of(one), 0, 1) for one in each)
            ends.append(len(words))
        assert index.encoder
        vectors = np.stack([index.encoder.query(" ".join(each)) for each in said]).astype(np.float16)
        names = tuple("_".join(each) for each in said)
        texts = (tuple(f"f{first}.py" for _ in keys), names, ("function",) * 100, names, ("",) * 100)
        fresh: Columns = (b"".join(keys), texts, vectors.tobytes(), words.tobytes(), ends.tobytes())
        places = [Place(key, at + 1, at + 1, at + 1) for at, key in enumerate(keys)]
        index.take([(f"f{first}.py", b"%d" % first, packed(places))], fresh)


def found(index: Index, asked: Question) -> list[tuple[str, int]]:
    return [(hit.path, hit.line) for hit in index.search(asked, 10)]


def test_answers_are_those_of_all(large: Index):
    texts = [" ".join(random.Random(number).sample(WORDS, 3)) for number in range(40)]
    wanted = [found(large, Question(text)) for text in texts]
    assert large.unsorted
    asyncio.run(large.sort())
    assert not large.unsorted
    answers = [found(large, Question(text)) for text in texts]
    same = sum(len({*a} & {*b}) for a, b in zip(wanted, answers, strict=True))
    assert same >= 0.9 * sum(map(len, wanted))


def test_it_stays_current(large: Index):
    asyncio.run(large.sort())
    taken(large, 3000, 3300)
    name = large.named("_".join(random.Random(3000).sample(WORDS, 4)))[0]
    assert name.path == "f3000.py"
    assert found(large, Question(name.name))[0] == ("f3000.py", name.line)
    large.forget(f"f{first}.py" for first in range(0, 2800, 100))
    assert len(large) == 500
    assert all(
        path in {f"f{first}.py" for first in range(2800, 3300, 100)} for path, _ in found(large, Question("cookie"))
    )
    assert found(large, question("cookie path:f3000"))[0][0] == "f3000.py"
    taken(large, 4000, 16000)
    assert large.unsorted


def test_cells_are_made_while_chunks_come_and_go(large: Index):
    async def both() -> None:
        sorting = asyncio.create_task(large.sort())
        await asyncio.sleep(0)
        large.forget(f"f{first}.py" for first in range(0, 2500, 100))
        taken(large, 3000, 3500)
        await sorting

    asyncio.run(both())
    assert len(large) == 1000
    hits = found(large, Question("cookie token"))
    assert hits == found(large, question("cookie token -path:nowhere"))
    assert len(hits) == 10


def test_gathered_postings_say_the_same(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(postings_module, "_SMALL", 100)
    monkeypatch.setattr(postings_module, "_PART", 70)
    generator = np.random.default_rng(9)

    def filled(postings: Postings, count: int) -> None:
        for _ in range(count):
            sizes = generator.integers(0, 5, 8)
            numbers = (generator.integers(0, 30, int(sizes.sum())) * 140_000_000).tolist()
            packed_words = np.array([word(number, 0, 1 + number % 3) for number in numbers], np.uint64)
            postings.add(packed_words, np.cumsum(sizes).astype(np.uint32))

    postings = Postings((1.0,))
    filled(postings, 9)
    numbers = [number * 140_000_000 for number in range(30)]
    before = [(postings.having(number).tolist(), postings.scores([number])) for number in numbers]
    assert postings.scattered

    async def both() -> None:
        gathering = asyncio.create_task(postings.gather())
        await asyncio.sleep(0)
        filled(postings, 1)
        await gathering

    asyncio.run(postings.gather())
    assert not postings.scattered
    for number, (having, scores) in zip(numbers, before, strict=True):
        assert postings.having(number).tolist() == having
        assert postings.scores([number]) == pytest.approx(scores)
    few = np.arange(0, len(postings), 3)
    assert postings.more(numbers, few) == pytest.approx(postings.scores(numbers)[few], abs=1e-5)
    filled(postings, 9)
    asyncio.run(both())
    assert sum(len(postings.having(number)) for number in numbers) > sum(len(having) for having, _ in before)
    assert postings.rare(numbers, 0) == [min(numbers, key=lambda each: (len(postings.having(each)), each))]
