"""Count the words of mined pairs once, with the code that ships, and keep them as arrays.

usage: prepare.py --pairs DIR --out prepared.npz
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from array import array
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "server"))
from coding_agent.search.words import FIELDS, Words


class Lists:
    """Many lists of numbers in one array."""

    def __init__(self) -> None:
        self.values, self.ends = array("i"), array("q", [0])

    def add(self, values: list[int]) -> None:
        self.values.extend(values)
        self.ends.append(len(self.values))

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        return {name: np.array(self.values, np.int32), f"{name}_ends": np.array(self.ends, np.int64)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    start = time.process_time()
    words = Words()
    asked, more, comments, features, times = Lists(), Lists(), Lists(), Lists(), Lists()
    more_of, comments_of, packages, modules = array("i"), array("i"), array("i"), array("i")
    names, places, seen = [], {}, Counter()
    for path in sorted(arguments.pairs.glob("*.jsonl")):
        names.append(path.stem)
        for line in path.open():
            pair = json.loads(line)
            question = " ".join(pair["q"].lower().split())
            seen[question] += 1
            if question and seen[question] > 4:
                continue
            index = len(packages)
            packages.append(len(names) - 1)
            modules.append(places.setdefault((path.stem, pair["path"]), len(places)))
            context = " ".join(pair["qualname"].split(".")[:-1]) + " " + pair["path"].removesuffix(".py")
            counts = words.count(pair["name"], context, pair["code"])
            features.add(list(counts))
            times.add([min(one, 1000) for one in counts.values()])
            asked.add(words.query(pair["q"]))
            for text in [*pair["more"], pair["owner"]]:
                if text:
                    more.add(words.query(text))
                    more_of.append(index)
            for text in pair.get("comments", []):
                comments.add(words.query(text))
                comments_of.append(index)
    columns = asked.arrays("asked") | more.arrays("more") | features.arrays("features") | times.arrays("times")
    columns |= comments.arrays("comments")
    columns["comments_of"] = np.array(comments_of, np.int32)
    columns["more_of"] = np.array(more_of, np.int32)
    columns["packages"], columns["modules"] = np.array(packages, np.int32), np.array(modules, np.int32)
    columns["names"] = np.array(names)
    columns["parts"] = np.frombuffer("\n".join(words.parts).encode(), np.uint8)
    np.savez(arguments.out, fields=FIELDS, **columns)
    print(
        f"{len(packages)} functions, {int((np.diff(columns['asked_ends']) > 0).sum())} with a question,"
        f" {len(more_of)} further sentences, {len(comments_of)} comments, {len(words.parts)} parts,"
        f" {len(features.values) / max(1, len(packages)):.1f} features each, {time.process_time() - start:.0f} CPU s"
    )


if __name__ == "__main__":
    main()
