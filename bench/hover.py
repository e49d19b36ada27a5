"""How soon hover answers over a large workspace with all it knows of the project, warm.

    python bench/hover.py --root DIR [--count 200] [--rounds 3]

DIR is a folder with at least 2 000 Python files, in a git repository where its history is to be measured as well.
Functions are taken at random, by seed, of random files. A function is hovered over once, then for most of a second
until its answer tells all of the project (callers, calls, similar code, last change), and then measured ``rounds``
times. The server is the real one, over stdio.
"""

import argparse
import ast
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from support.client import PULL, Client

KNOWN = ("**In the project**", "Last changed", "Called by", "Calls ", "Tested by", "Similar: ")
PATIENCE = 600.0
SETTLED = 16
"""Hovers, 50 ms apart, after which all is known that will be."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    root = given.root.resolve()
    files = [path for path in sorted(root.rglob("*.py")) if ".git" not in path.parts]
    chosen = list(functions(files, given.count, random.Random(given.seed)))
    print(f"{len(files)} files, {len(chosen)} functions")
    with Client.start(root) as client:
        client.initialize(PULL)
        began = time.monotonic()
        client.call("workspace/symbol", {"query": "x"}, PATIENCE)
        while command(client, "search", "x", 1)["reading"]:
            time.sleep(0.5)
        print(f"indexed after {time.monotonic() - began:.1f} s")
        took: list[float] = []
        first: list[float] = []
        seen = dict.fromkeys(KNOWN, 0)
        for path, line, column in chosen:
            uri = path.as_uri()
            client.open(uri, path.read_text("utf-8"))
            client.diagnostics(uri)
            once, text = hovered(client, uri, line, column)
            first.append(once)
            for _ in range(SETTLED):
                time.sleep(0.05)
                _, text = hovered(client, uri, line, column)
            for name in KNOWN:
                seen[name] += name in text
            took += [hovered(client, uri, line, column)[0] for _ in range(given.rounds)]
            client.close(uri)
    took.sort()
    print("answers that have it: " + ", ".join(f"{name.strip('*: ')} {count}" for name, count in seen.items()))
    print(f"first hover: median {1000 * statistics.median(first):.1f} ms, p95 {1000 * at(sorted(first), 0.95):.1f} ms")
    print(f"warm: median {1000 * statistics.median(took):.1f} ms, p95 {1000 * at(took, 0.95):.1f} ms (limit 30)")


def functions(files: list[Path], count: int, dice: random.Random) -> Any:
    """Places of names of functions: file, line and column from 0."""
    while count:
        path = dice.choice(files)
        try:
            text = path.read_text("utf-8")
            tree = ast.parse(text)
        except (UnicodeDecodeError, SyntaxError, ValueError):
            continue
        found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and len(node.body) > 1]
        if found:
            node = dice.choice(found)
            line = text.split("\n")[node.lineno - 1]
            yield path, node.lineno - 1, line.index("def ") + 5
            count -= 1


def hovered(client: Client, uri: str, line: int, column: int) -> tuple[float, str]:
    params = {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}}
    begun = time.perf_counter()
    answer = client.call("textDocument/hover", params)
    return time.perf_counter() - begun, answer["contents"]["value"] if answer else ""


def command(client: Client, name: str, *arguments: Any) -> Any:
    return client.call(
        "workspace/executeCommand", {"command": f"codingAgent.{name}", "arguments": [*arguments]}, PATIENCE
    )


def at(values: list[float], share: float) -> float:
    return values[min(int(share * len(values)), len(values) - 1)]


if __name__ == "__main__":
    main()
