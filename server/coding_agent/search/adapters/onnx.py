"""An encoder of the user's own: a sentence encoder as an ONNX file, with its tokeniser.

The files lie as sentence-transformers writes them: ``model.onnx``, or ``onnx/model.onnx``, and ``tokenizer.json``. What
stands in ``1_Pooling/config.json`` and ``config_sentence_transformers.json`` counts where it is there. It runs on one
core: several processes read at once. Nothing is fetched.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from coding_agent.errors import UserError
from coding_agent.search.encoder import Akin, StaticEncoder, unit
from coding_agent.search.words import Row

FloatMatrix = npt.NDArray[np.float32]
FloatVector = npt.NDArray[np.float32]

_NEEDS = "a model of your own needs two packages: pip install 'coding-agent-lsp[onnx]'"
_TOKENS = 256
"""Tokens of a text that are read, where the tokeniser does not say."""
_BATCH = 32
_CHARACTERS = 4_000
"""Characters of a text that are cut into tokens."""


class OnnxEncoder:
    """``path`` is the folder of the files, or the model itself; what parts of identifiers mean is asked of ``static``,
    whose words rows are counted by. Raises: UserError - it cannot be used.
    """

    def __init__(self, path: Path, static: StaticEncoder) -> None:
        model, tokenizer = _files(path.expanduser())
        self._static, self.words = static, static.words
        self._model, self._tokenizer = _loaded(model, tokenizer)
        self._inputs = [each.name for each in self._model.get_inputs()]
        folder = tokenizer.parent
        self._first = bool(_read(folder / "1_Pooling/config.json").get("pooling_mode_cls_token"))
        prompts = cast("dict[str, Any]", _read(folder / "config_sentence_transformers.json").get("prompts") or {})
        self._before_query = str(prompts.get("query") or "")
        self._before_chunk = str(prompts.get("document") or prompts.get("passage") or "")
        self.dim: int = self._encoded(["def"]).shape[1]
        state = hashlib.blake2b(digest_size=8)
        for file in (model, tokenizer):
            with file.open("rb") as stream:
                state.update(hashlib.file_digest(stream, "sha256").digest())
        state.update(repr((self._first, prompts)).encode())
        self.id: str = f"onnx-{self.dim}-{state.hexdigest()}"

    def chunks(self, rows: Sequence[Row]) -> FloatMatrix:
        texts = [self._before_chunk + _text(row) for row in rows]
        result = np.zeros((len(rows), self.dim), np.float32)
        # Those of one length together: what is shorter is padded.
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        for first in range(0, len(order), _BATCH):
            batch = order[first : first + _BATCH]
            result[batch] = self._encoded([texts[row] for row in batch])
        return result

    def query(self, text: str) -> FloatVector:
        return self._encoded([self._before_query + text])[0]

    def akin(self, parts: Sequence[str]) -> list[Akin]:
        return self._static.akin(parts)

    def _encoded(self, texts: list[str]) -> FloatMatrix:
        cut = self._tokenizer.encode_batch(texts)
        mask = np.array([each.attention_mask for each in cut], np.int64)
        known = {
            "input_ids": np.array([each.ids for each in cut], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        said = np.asarray(self._model.run(None, {name: known[name] for name in self._inputs})[0], np.float32)
        if said.ndim == 3:  # A vector for each token.
            weights = mask[:, :, None].astype(np.float32)
            said = said[:, 0] if self._first else (said * weights).sum(1) / np.maximum(weights.sum(1), 1)
        return unit(np.ascontiguousarray(said, np.float32))


def _text(row: Row) -> str:
    return f"{row.context} {row.name}\n{row.doc}\n{row.code}"[:_CHARACTERS]


def _files(path: Path) -> tuple[Path, Path]:
    """The model and its tokeniser. Raises: UserError - one of them is not there."""
    models = [path] if path.suffix == ".onnx" else [path / "model.onnx", path / "onnx/model.onnx"]
    model = _first_of(models)
    if model is None:
        raise UserError(f"there is no {' and no '.join(map(str, models))}")
    tokenizers = [model.parent / "tokenizer.json", model.parent.parent / "tokenizer.json"]
    tokenizer = _first_of(tokenizers)
    if tokenizer is None:
        raise UserError(f"the model's tokenizer.json is neither in {model.parent} nor above it")
    return model, tokenizer


def _first_of(files: Iterable[Path]) -> Path | None:
    return next((file for file in files if file.is_file()), None)


def _loaded(model: Path, tokenizer: Path) -> tuple[Any, Any]:
    # Newer versions of the runtime report to their maker, from the moment they are imported.
    os.putenv("ORT_DISABLE_TELEMETRY", "1")
    try:
        runtime, tokenizers = import_module("onnxruntime"), import_module("tokenizers")
    except ImportError as error:
        raise UserError(_NEEDS) from error
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = runtime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        cutter = tokenizers.Tokenizer.from_file(str(tokenizer))
    except Exception as error:  # Each library has exceptions of its own, and theirs are those of a damaged file.
        raise UserError(f"{model.parent}: the model cannot be loaded: {str(error).splitlines()[0][:200]}") from error
    unknown = {each.name for each in session.get_inputs()} - {"input_ids", "attention_mask", "token_type_ids"}
    if unknown:
        raise UserError(f"{model} is no sentence encoder: it wants {', '.join(sorted(unknown))}")
    limits = cast("dict[str, Any]", cutter.truncation or {})
    cutter.enable_truncation(limits.get("max_length", _TOKENS))
    padding = cast("dict[str, Any]", cutter.padding or {})
    cutter.enable_padding(**{key: value for key, value in padding.items() if key.startswith("pad_")})
    return session, cutter


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
