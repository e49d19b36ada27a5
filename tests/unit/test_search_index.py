"""The index in memory: what it finds, and that it stays what it would be if it were made anew."""

import random
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")

from coding_agent.search.catalogue import Catalogue, Place  # noqa: E402
from coding_agent.search.duplicates import duplicates  # noqa: E402
from coding_agent.search.index import Index  # noqa: E402
from coding_agent.search.plain import Plain  # noqa: E402
from coding_agent.search.postings import Postings, word  # noqa: E402
from coding_agent.search.question import question  # noqa: E402
from coding_agent.search.reading import Reader, reader  # noqa: E402
from coding_agent.search.slots import Names  # noqa: E402

SHOP = {
    "shop/cart.py": '''"""What a customer wants to buy."""
from shop.money import rounded


class Cart:
    """Items and how many."""

    def total(self, rate):
        """The price of all items with tax."""
        return rounded(sum(item.price for item in self.items) * (1 + rate))

    def remove(self, item):
        self.items.remove(item)


def checkout(cart, card):
    """Take the money and send the goods."""
    charge(card, cart.total(0.2))
''',
    "shop/money.py": '''def rounded(amount):
    """Round to whole cents, half to even."""
    return quantize(amount)


def charge(card, amount):
    if amount < 0:
        raise ValueError("negative")
    gateway().pay(card, rounded(amount))
''',
    "tests/test_money.py": "from shop.money import rounded\n\n\ndef test_rounded():\n    assert rounded(1.005) == 1\n",
}


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def taken(index: Catalogue, make: Reader, folder: Path, *paths: str) -> None:
    index.take(*make.read(folder, 1 << 20, [(path, index.digest(path), index.keys(path)) for path in paths]))


def made(kind: str) -> tuple[Catalogue, Reader]:
    make = reader(kind == "meaning")
    return (Plain() if kind == "plain" else Index(make.encoder)), make


@pytest.fixture(params=["meaning", "words", "plain"])
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Catalogue, Reader, Path]:
    index, make = made(request.param)
    taken(index, make, written(tmp_path, SHOP), *SHOP)
    return index, make, tmp_path


def names(index: Catalogue, text: str, top: int = 10, near: str = "") -> list[str]:
    return [hit.name or hit.path for hit in index.search(question(text), top, Place(near))]


def test_words_are_found_in_code_and_docstring(shop: tuple[Catalogue, Reader, Path]) -> None:
    index, _, _ = shop
    assert len(index) == 8
    assert names(index, "round to cents")[0] == "rounded"
    assert names(index, "price of all items")[0] == "Cart.total"
    assert names(index, "pay by gateway")[0] == "charge"


def test_a_name_comes_first(shop: tuple[Catalogue, Reader, Path]) -> None:
    index, _, _ = shop
    for text in ("remove", "Cart.remove", "cart.REMOVE"):
        assert names(index, text)[0] == "Cart.remove"
    assert names(index, "Cart")[0] == "Cart"


def test_a_hit_says_where_it_is_and_why(shop: tuple[Catalogue, Reader, Path]) -> None:
    index, make, _ = shop
    hit = index.search(question("prices with tax"), 1)[0]
    assert hit[:8] == (
        *("shop/cart.py", "Cart.total", "method", 8, 8, 10),
        *("def total(self, rate)", "The price of all items with tax."),
    )
    assert hit.words == ("prices", "tax")
    assert (hit.meaning > 0.2) is (make.encoder is not None)


def test_filters(shop: tuple[Catalogue, Reader, Path]) -> None:
    index, _, _ = shop
    assert set(names(index, "calls:rounded")) == {"Cart.total", "charge", "test_rounded"}
    assert set(names(index, "calls:rounded test:no")) == {"Cart.total", "charge"}
    assert set(names(index, "money path:cart kind:function")) == {"checkout"}
    assert names(index, "rounded kind:class path:money") == []
    assert names(index, "-calls:rounded kind:function test:no") == ["checkout", "rounded"]


def test_what_nobody_knows_finds_nothing(shop: tuple[Catalogue, Reader, Path]) -> None:
    index, make, _ = shop
    if make.encoder is None:
        assert names(index, "zebra") == []
    assert Index(make.encoder).search(question("price"), 5) == []


def test_near_by_comes_before_far_away(tmp_path: Path) -> None:
    make = reader(False)
    index = Index(make.encoder)
    same = "def total(items):\n    return sum(items)\n"
    files = {"a/one.py": same, "b/two.py": same, "c/three.py": same}
    taken(index, make, written(tmp_path, files), *files)
    for path in files:
        assert index.search(question("sum of items"), 1, Place(path))[0].path == path
    assert index.search(question("sum of items"), 1, Place("b/other.py"))[0].path == "b/two.py"


def test_a_changed_file_is_found_as_it_is_now(shop: tuple[Catalogue, Reader, Path]) -> None:
    index, make, folder = shop
    text = SHOP["shop/money.py"].replace("def charge", "\n\ndef refund(card):\n    give_back(card)\n\n\ndef charge")
    (folder / "shop/money.py").write_text(text)
    taken(index, make, folder, "shop/money.py")
    assert len(index) == 9
    assert names(index, "give back")[0] == "refund"
    assert [hit.at for hit in index.search(question("charge kind:function path:money"), 1)] == [12]
    (folder / "shop/money.py").unlink()
    taken(index, make, folder, "shop/money.py")
    assert names(index, "give back kind:function path:shop/money") == []
    index.forget(["shop/cart.py"])
    assert set(names(index, "rounded cart money")) == {"tests/test_money.py", "test_rounded"} - {"tests/test_money.py"}


@pytest.mark.parametrize("kind", ["meaning", "words", "plain"])
def test_similar_code(tmp_path: Path, kind: str) -> None:
    index, make = made(kind)
    loop = "    result = 0\n    for thing in things:\n        result += round(thing.price, 2)\n"
    twin = f"def sum_of_prices(things):\n{loop}    return result or None\n"
    other = twin.replace("result", "total").replace("thing", "item").replace("sum_of_prices", "cost")
    files = {**SHOP, "twin.py": twin, "other.py": other, "less.py": twin.replace("+=", "-=")}
    taken(index, make, written(tmp_path, files), *files)
    assert {"other.py", "less.py"} <= {hit.path for hit in index.similar("twin.py", 3, 10)}
    (hit,) = duplicates(index, tmp_path, "twin.py", 3, 10)
    assert (hit.path, hit.name, hit.score) == ("other.py", "cost", pytest.approx(1))
    assert duplicates(index, tmp_path, "twin.py", 3, 0) == []
    (tmp_path / "other.py").unlink()
    assert duplicates(index, tmp_path, "twin.py", 3, 10) == []
    # What is too small says nothing, and a place without code neither.
    assert duplicates(index, tmp_path, "shop/cart.py", 12, 10) == []
    assert duplicates(index, tmp_path, "nowhere.py", 3, 10) == []
    assert index.similar("nowhere.py", 3, 1) == []


def test_a_function_is_not_like_what_it_stands_in(tmp_path: Path) -> None:
    index, make = made("meaning")
    inner = "        found = [split(line, 3) for line in lines if line.strip() and not line.startswith('#')]\n"
    text = f"def outer(lines):\n    def inner(lines):\n{inner}        return sorted(found)\n    return inner\n"
    taken(index, make, written(tmp_path, {"a.py": text, "b.py": text}), "a.py", "b.py")
    found = duplicates(index, tmp_path, "a.py", 3, 10)
    assert found[0][:2] == ("b.py", "outer.inner")
    assert all(hit.path == "b.py" for hit in found)


@pytest.mark.parametrize("kind", ["meaning", "plain"])
def test_after_many_changes_it_is_as_if_made_anew(tmp_path: Path, kind: str) -> None:
    """What it finds, with what score: slots were swept meanwhile."""
    (index, make), chance = made(kind), random.Random(3)
    words = ["price", "tax", "item", "card", "charge", "refund", "order", "send", "goods", "stock", "count", "rate"]

    def text() -> str:
        return "".join(
            f"def {chance.choice(words)}_{chance.choice(words)}_{n}({chance.choice(words)}):\n"
            f"    return {chance.choice(words)}({', '.join(chance.choices(words, k=4))})\n\n\n"
            for n in range(chance.randrange(1, 60))
        )

    paths = [f"m{n}.py" for n in range(12)]
    for _ in range(160):
        path = chance.choice(paths)
        if chance.random() < 0.1:
            (tmp_path / path).unlink(missing_ok=True)
            index.forget([path])
        else:
            written(tmp_path, {path: text()})
            taken(index, make, tmp_path, path)
    anew, _ = made(kind)
    taken(anew, make, tmp_path, *(path for path in paths if (tmp_path / path).exists()))
    assert len(index) == len(anew)
    for _ in range(40):
        asked = question(" ".join(chance.choices(words, k=3)))
        ours, theirs = index.search(asked, 8), anew.search(asked, 8)
        assert [hit[:6] for hit in ours] == [hit[:6] for hit in theirs]
        assert [hit.score for hit in ours] == pytest.approx([hit.score for hit in theirs], abs=1e-5)


def test_without_numpy_the_words_say_the_same(tmp_path: Path) -> None:
    files = {**SHOP, **{f"more{n}.py": f"def price_{n}(tax):\n    return tax * {n}\n" for n in range(30)}}
    (ours, make), (plain, _) = made("words"), made("plain")
    for index in (ours, plain):
        taken(index, make, written(tmp_path, files), *files)
    for text in ("price tax", "round money", "calls:rounded", "price kind:function path:more", "Cart"):
        one, other = ours.search(question(text), 50), plain.search(question(text), 50)
        # The one keeps strengths as halves, so what scores alike may come in another order.
        scores = {hit[:8]: hit.score for hit in other}
        assert {hit[:8]: hit.score for hit in one} == pytest.approx(scores, abs=2e-3)
        assert [hit.score for hit in one] == pytest.approx([hit.score for hit in other], abs=2e-3)


def test_postings_are_those_of_all_chunks_however_they_came() -> None:
    chance = np.random.default_rng(4)
    rows = [
        [word(int(n), int(field), int(times)) for n, field, times in chance.integers([0, 0, 1], [50, 2, 6], (9, 3))]
        for _ in range(300)
    ]

    def added(postings: Postings, some: list[list[int]]) -> None:
        ends = np.cumsum([len(row) for row in some]).astype(np.uint32)
        postings.add(np.array([each for row in some for each in row], np.uint64), ends)

    one, many = Postings([1.0, 2.0]), Postings([1.0, 2.0])
    added(one, rows)
    for start in range(0, 300, 7):
        added(many, rows[start : start + 7])
    gone = chance.choice(300, 90, replace=False)
    for postings in (one, many):
        postings.remove(gone.tolist())
    swept, kept = many.compacted()
    for number in range(50):
        assert many.having(number).tolist() == sorted(one.having(number).tolist())
        assert one.scores([number]) == pytest.approx(many.scores([number]))
        assert swept.scores([number]) == pytest.approx(one.scores([number])[kept])
        assert [slot in many.having(number) for slot in range(300)] == [
            slot not in gone and any(each >> 32 == number for each in row) for slot, row in enumerate(rows)
        ]


def test_names_as_they_are_typed(tmp_path: Path) -> None:
    index, make = made("words")
    names = ["get", "_get", "get_all", "target", "gather_text", "Budget", "other", "ge_t", "größe_t"]
    code = "".join(f"def {name}():\n    pass\n\n\n" for name in names)
    written(tmp_path, {"shop/names.py": code, "tests/test_names.py": "def get():\n    pass\n"})
    taken(index, make, tmp_path, "shop/names.py", "tests/test_names.py")

    def typed(text: str, top: int = 20) -> list[str]:
        return [f"{hit.path[:5]} {hit.name}" for hit in index.symbols(question(text), top)]

    expected = ["shop/ _get", "shop/ get", "tests get", "shop/ get_all", "shop/ Budget", "shop/ target"]
    assert typed("get")[:6] == expected
    assert typed("get")[6:] == ["shop/ ge_t", "shop/ größe_t", "shop/ gather_text"]
    # Fewer are the first of all.
    assert [typed("get", top) for top in (1, 2, 3, 4)] == [expected[:top] for top in (1, 2, 3, 4)]
    assert typed("GÖß")[:1] == typed("größe")[:1] == ["shop/ größe_t"]
    some = Names(["get", "g*t", "g]^t", "g\\t", "shop.Get"])
    assert [some.having(each) for each in ("*", "]^", "\\t", "gt")] == [
        ["g*t"], ["g]^t"], ["g\\t"], ["get", "g*t", "g]^t", "g\\t"],
    ]  # fmt: skip


def test_of_many_names_those_that_fit_best_come_first(tmp_path: Path) -> None:
    rng = random.Random(5)
    index, make = made("words")
    files: dict[str, str] = {}
    for number in range(60):
        folder = rng.choice(["shop", "tests", "web"])
        names = {"".join(rng.choice("aegt_") for _ in range(rng.randint(1, 7))) for _ in range(20)}
        made_of = (f"def {name}():\n    pass\n\n\n" for name in sorted(names) if name.strip("_"))
        files[f"{folder}/part{number}.py"] = "".join(made_of)
    written(tmp_path, files)
    taken(index, make, tmp_path, *files)
    for text in ("g", "get", "a_", "teg", "aa", "e"):
        for near in ("", "shop/part3.py", "web/part7.py"):
            every = index.symbols(question(text), 10_000, Place(near))
            for top in (1, 7, 60):
                assert index.symbols(question(text), top, Place(near)) == every[:top]
