"""Runs llama.cpp's HTTP server in a process of its own, which ends when its standard input does.

    python -m support.llama_server MODEL.gguf ALIAS KEY SLOTS CONTEXT MOST [embeds]

Prints the address; the log goes to standard error. ``CONTEXT`` is the tokens of one slot, ``MOST`` those of an
answer without a limit of its own. One that embeds does nothing else.
"""

import os
import sys

import xllamacpp


def _parameters(path: str, alias: str, key: str, slots: int, context: int, most: int) -> xllamacpp.CommonParams:
    made = xllamacpp.CommonParams()
    made.model.path, made.model_alias = path, {alias}
    made.hostnames, made.port, made.api_keys = ["127.0.0.1"], 0, [key]
    made.n_parallel, made.n_ctx = slots, slots * context
    made.n_predict = most
    made.endpoint_metrics = made.endpoint_slots = True
    made.warmup = made.fit_params = made.ui = False
    made.n_gpu_layers = made.cache_ram_mib = 0
    # On a model this small, more threads wait for each other longer than they compute.
    made.cpuparams.n_threads = made.cpuparams_batch.n_threads = 1
    made.sampling.seed = 1
    return made


def main(path: str, alias: str, key: str, slots: str, context: str, most: str, embeds: str = "") -> None:
    made = _parameters(path, alias, key, int(slots), int(context), int(most))
    if embeds:
        made.embedding, made.pooling_type = True, xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    server = xllamacpp.Server(made)
    print(server.listening_address, flush=True)
    # Nobody reads the pipe from here on.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
