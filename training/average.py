"""Average weights that were trained from the same first vectors: what each run learned by chance cancels out.

usage: average.py --out weights.npz ONE.npz OTHER.npz ...
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    loaded = [dict(np.load(path)) for path in arguments.weights]
    first = loaded[0]
    if any(bytes(one["vocabulary"]) != bytes(first["vocabulary"]) for one in loaded):
        raise SystemExit("the weights are of different vocabularies")
    vectors = mean([one["vectors"].astype(np.float32) * one["scale"].astype(np.float32)[:, None] for one in loaded])
    peak = np.maximum(np.abs(vectors).max(1), 1e-6)
    result = first | {
        "vectors": np.round(vectors / peak[:, None] * 127).astype(np.int8),
        "scale": (peak / 127).astype(np.float16),
    }
    for name in ("asked", "told"):
        result[name] = mean([one[name].astype(np.float32) for one in loaded]).astype(np.float16)
    np.savez_compressed(arguments.out, **result)


def mean(arrays: list[np.ndarray]) -> np.ndarray:
    return np.mean(arrays, axis=0)


if __name__ == "__main__":
    main()
