"""How long a refactoring takes to resolve in the longest modules of the standard library, and that parts lose nothing.

    python bench/resolve.py [--modules 6] [--places 150] [--seed 1] [--same 0]

At random places every offered refactoring is resolved as the server does it; refusals count, they wait for the proof
too. Times are CPU milliseconds of the process that proves. ``--same N`` also resolves N of them, by chance, over the
whole document, and stops at the first that differs.
"""

import argparse
import ast
import random
import sys
import time
from pathlib import Path

from coding_agent.errors import NotProven, Refused
from coding_agent.proof.source import Source
from coding_agent.refactoring.engine import Site, offers, resolve, resolve_whole
from coding_agent.text import Span


def modules(count: int) -> list[Path]:
    """The longest modules that hold code, not tables."""
    folder = Path(ast.__file__).parent
    found = [
        file
        for file in folder.rglob("*.py")
        if not {"test", "tests", "site-packages", "lib2to3", "pydoc_data"} & set(file.relative_to(folder).parts)
    ]
    return sorted(found, key=lambda file: -file.read_bytes().count(b"\n"))[:count]


def spans(source: Source, rng: random.Random, count: int) -> list[Span]:
    """Statements, pairs of them, expressions and cursors."""
    nodes = [n for top in source.body for n in ast.walk(top) if isinstance(n, ast.stmt | ast.expr)]
    found: list[Span] = []
    for node in rng.sample(nodes, min(count, len(nodes))):
        span = source.span(node)
        found += [span, Span(span.start, span.start)]
        block = getattr(node, "body", None)
        if isinstance(block, list) and len(block) > 1:
            first = rng.randrange(len(block) - 1)
            found.append(Span(source.span(block[first]).start, source.span(block[first + 1]).stop))
    return found


def outcome(function, *arguments: object) -> tuple[object, float]:
    began = time.process_time()
    try:
        made: object = function(*arguments)
    except (Refused, NotProven) as error:
        made = f"{type(error).__name__}: {error}"
    return made, (time.process_time() - began) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--modules", type=int, default=6)
    parser.add_argument("--places", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--same", type=int, default=0)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    print("| module | lines | resolved | proved | part p50 ms | part p95 | whole p50 | whole p95 |")
    print("|---|---|---|---|---|---|---|---|")
    for file in modules(args.modules):
        text = file.read_bytes().decode()
        source = Source(text)
        todo = [
            (offer.name, span)
            for span in spans(source, rng, args.places)
            for offer in offers(Site(text, span, tree=lambda body=source.body: body))
        ]
        rng.shuffle(todo)
        taken: list[float] = []
        whole: list[float] = []
        proved = 0
        for number, (name, span) in enumerate(todo):
            made, ms = outcome(resolve, text, name, span)
            taken.append(ms)
            proved += not isinstance(made, str)
            if number < args.same:
                same, ms = outcome(resolve_whole, text, name, span)
                whole.append(ms)
                if made != same:
                    sys.exit(f"{file.name} {name} {span}\npart:  {made}\nwhole: {same}")
        figures = " | ".join(f"{percentile(each, part):.0f}" for each in (taken, whole) for part in (50, 95))
        print(f"| {file.name} | {len(source.lines)} | {len(todo)} | {proved} | {figures} |", flush=True)


def percentile(values: list[float], part: int) -> float:
    ranked = sorted(values) or [float("nan")]
    return ranked[min(len(ranked) - 1, len(ranked) * part // 100)]


if __name__ == "__main__":
    main()
