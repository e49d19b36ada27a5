"""A real llama.cpp server with a tiny model of random weights: the protocol is real, what it says is noise.

Free text runs on to ``max_tokens``, or for seconds without it, so that there is always something to cancel; it is
ASCII. JSON by a schema ends by itself where the schema bounds its strings, numbers and arrays; else the limit cuts
it. The same request gets the same text.

A test asks for the fixture by ``pytest_plugins = ["support.llama"]`` in its module or a conftest.
"""

import importlib.util
import json
import os
import secrets
import select
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import numpy as np

ALIAS = "tiny-random"
SLOTS = 4
CONTEXT = 8192
"""Tokens of one slot."""
MOST = 4096
"""Tokens of an answer without a limit of its own; it takes seconds."""
_START = 60.0
_LIMIT = 10.0
_TESTS = Path(__file__).parents[1]
# A proxy of this machine has no say in what stays on it.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))

_WIDTH, _BLOCKS, _HEADS, _INNER = 64, 2, 4, 128
_NORMAL, _UNKNOWN, _CONTROL, _BYTE = 1, 2, 3, 6
_END = 4
_WORDS = (
    "def",
    "return",
    "import",
    "self",
    "class",
    "None",
    "True",
    "False",
    "assert",
    "test",
    "print",
    "name",
    "value",
)
_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True)
class Llama:
    """A running server."""

    address: str
    key: str
    process: int
    """Its number, which is its group's as well."""
    log: Path
    model: str = ALIAS

    @property
    def url(self) -> str:
        """What an OpenAI client takes as its base URL."""
        return f"{self.address}/v1"

    def busy(self) -> int:
        """How many slots work at an answer."""
        return sum(slot["is_processing"] for slot in json.loads(self._ask("/slots")))

    def wait_until_idle(self, limit: float = _LIMIT) -> float:
        """Return after how many seconds no slot worked any more; it can only be asked for, again and again.

        Raises: AssertionError - one still does after ``limit``.
        """
        return self._wait(lambda: self.busy() == 0, "idle", limit)

    def wait_until_busy(self, limit: float = _LIMIT) -> float:
        """Return after how many seconds a slot worked."""
        return self._wait(lambda: self.busy() > 0, "busy", limit)

    def tokens(self, text: str) -> int:
        """How many tokens the model sees in a text, without those of the template."""
        return len(json.loads(self._ask("/tokenize", {"content": text}))["tokens"])

    def metrics(self) -> dict[str, float]:
        """The counters by name without ``llamacpp:``, such as ``tokens_predicted_total``."""
        lines = (line.split() for line in self._ask("/metrics").decode().splitlines() if not line.startswith("#"))
        return {name.removeprefix("llamacpp:"): float(value) for name, value in lines}

    def _wait(self, test: Callable[[], bool], what: str, limit: float) -> float:
        start = monotonic()
        while not test():
            assert monotonic() - start < limit, f"not {what} within {limit} s"
            sleep(0.005)
        return monotonic() - start

    def _ask(self, path: str, body: Any = None) -> bytes:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.address + path, data, headers)
        try:
            with _DIRECT.open(asked, timeout=_LIMIT) as reply:
                return reply.read()
        except urllib.error.URLError as error:
            raise AssertionError(f"{path}: {error}; its log ends: {_tail(self.log)}") from None


def missing() -> str:
    """Return why no server can run here, empty where one can."""
    absent = [name for name in ("xllamacpp", "gguf") if importlib.util.find_spec(name) is None]
    return f"no llama.cpp server here: {', '.join(absent)} not installed" if absent else ""


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Llama]:
    """The server of this module, skipped where there is no wheel of it; later tests count the processes there are."""
    if reason := missing():
        pytest.skip(reason)
    with running(tmp_path_factory.mktemp("llama")) as started:
        yield started


@pytest.fixture(scope="module")
def embedding_llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Llama]:
    """One that says what texts mean, the mean of what it thinks of their tokens, and answers nothing else."""
    if reason := missing():
        pytest.skip(reason)
    with running(tmp_path_factory.mktemp("llama"), embeds=True) as started:
        yield started


@contextmanager
def running(folder: Path, *, embeds: bool = False) -> Iterator[Llama]:
    """Run a server with its model and log in ``folder``; what is there of a model is used again.

    Raises: AssertionError - it does not start; says why.
    """
    model, log, key = folder / "model.gguf", folder / "llama.log", f"sk-local-{secrets.token_hex(8)}"
    if not model.exists():
        write_model(model)
    command = [sys.executable, "-m", "support.llama_server", str(model), ALIAS, key]
    command += [*map(str, (SLOTS, CONTEXT, MOST)), *(["embeds"] if embeds else [])]
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, cwd=_TESTS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sink, start_new_session=True
        )
    try:
        started = Llama(_address(process, log), key, process.pid, log)
        started._ask("/health")
        yield started
    finally:
        _kill(process)


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    assert process.stdout
    ready, _, _ = select.select([process.stdout], [], [], _START)
    assert ready, f"no llama.cpp server within {_START} s; its log ends: {_tail(log)}"
    line = process.stdout.readline().decode().strip()
    assert line, f"the llama.cpp server ended with {process.wait(_LIMIT)}; its log ends: {_tail(log)}"
    return line


def _kill(process: "subprocess.Popen[bytes]") -> None:
    # While it is not reaped, the number is its own and its group's.
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(_LIMIT)
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


def _tail(log: Path) -> str:
    return log.read_text("utf-8", errors="replace")[-2000:]


# -------------------------------------------------------------------- the model


def write_model(path: Path) -> None:
    """Write a model of the family ``llama``, half a megabyte, the same bytes each time."""
    import gguf

    vocabulary = _vocabulary()
    # Written aside first: a file that is there is whole.
    aside = path.with_suffix(".part")
    writer = gguf.GGUFWriter(aside, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_BLOCKS)
    writer.add_feed_forward_length(_INNER)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(vocabulary))
    writer.add_tokenizer_model("llama")
    writer.add_token_list([piece for piece, _ in vocabulary])
    writer.add_token_types([kind for _, kind in vocabulary])
    writer.add_token_scores([_score(piece, kind) for piece, kind in vocabulary])
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(_END)
    writer.add_add_bos_token(True)
    # With a space put before a text, no answer begins as the grammar of the template says: 400 for any schema.
    writer.add_add_space_prefix(False)
    writer.add_chat_template(_TEMPLATE)
    for name, values in _weights(vocabulary):
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    aside.rename(path)


def _vocabulary() -> list[tuple[str, int]]:
    """(text, kind) of each token: marks, bytes, printable ASCII, and the beginnings of some words."""
    marks = [("<unk>", _UNKNOWN), *((mark, _CONTROL) for mark in ("<s>", "</s>", "<|im_start|>", "<|im_end|>"))]
    beginnings = {word[:size] for word in _WORDS for size in range(2, len(word) + 1)}
    texts = ["\u2581", *map(chr, range(33, 127)), *sorted(beginnings)]
    return [*marks, *((f"<0x{byte:02X}>", _BYTE) for byte in range(256)), *((text, _NORMAL) for text in texts)]


def _score(piece: str, kind: int) -> float:
    """Longer pieces win."""
    if kind != _NORMAL:
        return 0.0
    return float(len(piece)) if len(piece) > 1 else -100.0


def _weights(vocabulary: list[tuple[str, int]]) -> Iterator[tuple[str, "np.ndarray"]]:
    import numpy as np

    source = np.random.default_rng(0)

    def noise(*shape: int) -> np.ndarray:
        return source.normal(0, 0.05, shape).astype(np.float32)

    def ones() -> np.ndarray:
        return np.ones(_WIDTH, np.float32)

    # The first number is the same for every token and no block changes it, so the output can weigh a token by it:
    # whatever came before, marks and bytes are never said unless a grammar leaves nothing else.
    embedding, output = noise(len(vocabulary), _WIDTH), noise(len(vocabulary), _WIDTH)
    embedding[:, 0] = 0.1
    output[:, 0] = [0.0 if kind == _NORMAL or piece == "<0x0A>" else -30.0 for piece, kind in vocabulary]
    yield "token_embd.weight", embedding
    yield "output.weight", output
    yield "output_norm.weight", ones()
    for block in (f"blk.{index}." for index in range(_BLOCKS)):
        for name in ("attn_norm", "ffn_norm"):
            yield f"{block}{name}.weight", ones()
        for name in ("attn_q", "attn_k", "attn_v"):
            yield f"{block}{name}.weight", noise(_WIDTH, _WIDTH)
        for name in ("ffn_gate", "ffn_up"):
            yield f"{block}{name}.weight", noise(_INNER, _WIDTH)
        for name, width in (("attn_output", _WIDTH), ("ffn_down", _INNER)):
            values = noise(_WIDTH, width)
            values[0] = 0
            yield f"{block}{name}.weight", values
