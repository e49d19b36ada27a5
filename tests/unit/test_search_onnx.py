"""A sentence encoder of the user's: real models, tiny, run by the real libraries."""

import asyncio
import ctypes
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numpy")

import numpy as np

from coding_agent.errors import UserError
from coding_agent.ide.finder import Finder
from coding_agent.ide.search import Found, Search, Status, Wanted
from coding_agent.search.adapters.onnx import OnnxEncoder
from coding_agent.search.encoder import StaticEncoder, shipped
from coding_agent.search.reading import reader
from coding_agent.search.words import Row

onnx: Any = pytest.importorskip("onnx")
tokenizers: Any = pytest.importorskip("tokenizers")
# Only ours may load it: from its import on it reports to its maker, unless it is told not to.
if find_spec("onnxruntime") is None:
    pytest.skip("onnxruntime is not installed", allow_module_level=True)

MEANINGS = {
    "zyx": (1, 0, 0, 0),
    "pay": (0.9, 0.1, 0, 0),
    "walk": (0, 1, 0, 0),
    "query:": (0, 0, 1, 0),
    "[UNK]": (0, 0, 0, 0.1),
}
CODE = """
def pay(x):
    return x


def walk(x):
    return x
"""


@pytest.fixture(scope="module")
def ours() -> StaticEncoder:
    return shipped()


def model(folder: Path, *, pooled: bool = False, wants: str = "attention_mask", turned: bool = False) -> Path:
    """Write a model that knows four words, with its tokeniser; ``turned``: two of them mean each other's."""
    folder.mkdir(parents=True, exist_ok=True)
    h, ints = onnx.helper, onnx.TensorProto.INT64
    rows = np.array([*MEANINGS.values()], np.float32)[[0, 2, 1, 3, 4] if turned else [0, 1, 2, 3, 4]]
    nodes = [h.make_node("Gather", ["words", "input_ids"], ["each"])]
    if pooled:
        nodes.append(h.make_node("ReduceMean", ["each"], ["all"], axes=[1], keepdims=0))
    shape: list[str | int] = ["b", 4] if pooled else ["b", "n", 4]
    graph = h.make_graph(
        nodes,
        "tiny",
        [h.make_tensor_value_info(name, ints, ["b", "n"]) for name in ("input_ids", wants)],
        [h.make_tensor_value_info("all" if pooled else "each", onnx.TensorProto.FLOAT, shape)],
        [onnx.numpy_helper.from_array(rows, "words")],
    )
    made = h.make_model(graph, opset_imports=[h.make_opsetid("", 13)], ir_version=8)
    (folder / "model.onnx").write_bytes(made.SerializeToString())
    words = {word: number for number, word in enumerate(MEANINGS)}
    cutter = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))
    cutter.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    cutter.save(str(folder / "tokenizer.json"))
    return folder


def test_texts_become_unit_vectors_of_the_mean_of_their_tokens(tmp_path: Path, ours: StaticEncoder):
    encoder = OnnxEncoder(model(tmp_path), ours)
    assert encoder.dim == 4
    assert np.allclose(encoder.query("zyx"), [1, 0, 0, 0])
    both = encoder.query("zyx walk")
    assert np.allclose(both, np.array([1, 1, 0, 0]) / 2**0.5)
    rows = [Row("zyx", "", "walk"), Row("", "", "pay " * 40), Row("", "", "")]
    together = encoder.chunks(rows)
    assert together.shape == (3, 4)
    assert np.allclose(np.linalg.norm(together[:2], axis=1), 1)
    # What stands beside a text in a batch, and pads it, says nothing of it.
    assert np.allclose(together[0], encoder.chunks(rows[:1])[0], atol=1e-6)
    assert encoder.chunks([]).shape == (0, 4)


def test_the_runtime_is_told_to_report_to_nobody(tmp_path: Path, ours: StaticEncoder):
    OnnxEncoder(model(tmp_path), ours)
    said = ctypes.CDLL(None).getenv
    said.restype = ctypes.c_char_p
    # Read by native code, when it is imported; `make offline` sees whether that is enough.
    assert said(b"ORT_DISABLE_TELEMETRY") == b"1"


def test_a_model_that_pools_by_itself_is_taken_at_its_word(tmp_path: Path, ours: StaticEncoder):
    assert np.allclose(OnnxEncoder(model(tmp_path, pooled=True) / "model.onnx", ours).query("walk"), [0, 1, 0, 0])


def test_what_the_folder_says_of_pooling_and_prompts_counts(tmp_path: Path, ours: StaticEncoder):
    plain = OnnxEncoder(model(tmp_path), ours)
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling/config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    first = OnnxEncoder(tmp_path, ours)
    assert np.allclose(first.query("walk zyx"), [0, 1, 0, 0])
    (tmp_path / "config_sentence_transformers.json").write_text(json.dumps({"prompts": {"query": "query: "}}))
    asked = OnnxEncoder(tmp_path, ours)
    assert np.allclose(asked.query("walk"), [0, 0, 1, 0])
    assert len({plain.id, first.id, asked.id}) == 3


def test_a_model_that_cannot_be_used_is_said(tmp_path: Path, ours: StaticEncoder):
    with pytest.raises(UserError, match=r"there is no .*model\.onnx and no .*onnx"):
        OnnxEncoder(tmp_path, ours)
    folder = model(tmp_path / "a")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(UserError, match=r"tokenizer\.json is neither in"):
        OnnxEncoder(folder, ours)
    folder = model(tmp_path / "b")
    (folder / "model.onnx").write_bytes(b"no model")
    with pytest.raises(UserError, match="cannot be loaded"):
        OnnxEncoder(folder, ours)
    with pytest.raises(UserError, match="is no sentence encoder: it wants pixel_values"):
        OnnxEncoder(model(tmp_path / "c", wants="pixel_values"), ours)


async def search(root: Path, kept: Path, encoder: Path, text: str) -> tuple[Status, list[Found]]:
    finder = Finder()
    try:
        asking = Search(finder.answer)
        status = await asking.open(Wanted(root, folder=kept, encoder=str(encoder)), lambda done, total: None)
        found = await asking.search(text, top=1)
        await asking.settled()
        return status, found
    finally:
        await finder.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    (tmp_path / "project/code.py").write_text(CODE)
    return tmp_path / "project"


def test_questions_are_answered_by_its_meanings_and_by_those_of_its_next_version(tmp_path: Path, project: Path):
    folder = model(tmp_path / "model")
    status, found = asyncio.run(search(project, tmp_path / "kept", folder, "zyx"))
    assert status.encoder.startswith("onnx-4-")
    assert found[0].name == "pay"
    # Files that are as they were are read again by the new one.
    model(folder, turned=True)
    reader.cache_clear()
    again, found = asyncio.run(search(project, tmp_path / "kept", folder, "zyx"))
    assert again.encoder != status.encoder
    assert found[0].name == "walk"


def test_where_it_cannot_be_used_ours_answers(tmp_path: Path, project: Path):
    status, found = asyncio.run(search(project, tmp_path / "kept", tmp_path / "nowhere", "pay"))
    assert status.encoder.startswith("static-")
    assert found[0].name == "pay"
    assert [each for each in status.warned if "search.encoder: there is no" in each]
