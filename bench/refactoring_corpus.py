"""Apply every refactoring, alone, to real packages; check syntax and comments, then run their own test suites.

    python bench/refactoring_corpus.py --work W [--only toolz,h11] [--names invert-if] [--per 200] [--test]

The packages and their suites come from the judge ``refactor_safety.py`` (``prepare --work W`` first). No
language server is involved: this calls the engine as the facade does. With ``--test``, suites run on batches
of edits; a red batch is cut in halves until the edit that breaks it alone, twice, is found.
"""

import argparse
import ast
import collections
import importlib.util
import json
import queue
import random
import re
import shutil
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from coding_agent.errors import NotProven, Refused
from coding_agent.proof.source import Source
from coding_agent.refactoring.engine import Site, all_refactorings, offers, resolve
from coding_agent.text import Span, apply_edits

KINDS = "def,stmt,block,lines,expr,name,cursor"


def load_judge(path):
    spec = importlib.util.spec_from_file_location("refactor_safety", path)
    judge = importlib.util.module_from_spec(spec)
    sys.modules["refactor_safety"] = judge
    spec.loader.exec_module(judge)
    return judge


def spans(judge, text, rng, cap):
    """Every kind of selection the judge makes, as spans of code points."""
    lines = text.splitlines(True) or [""]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for kind, place in judge.targets(text, KINDS.split(","), rng, cap):
        first, last = place["start"], place["end"]
        yield kind, Span(judge.offset(lines, starts, first), judge.offset(lines, starts, last))


def collect(judge, texts, names, rng, args):
    """Applied actions, refusals, and the milliseconds of listing and resolving."""
    actions, refused, listing, resolving, seen = [], [], [], [], set()
    per = collections.Counter()
    todo = []
    for file, text in texts.items():
        source = Source(text)
        todo += [(file, source, kind, span) for kind, span in spans(judge, text, rng, args.cap)]
    rng.shuffle(todo)
    for file, source, kind, span in todo:
        text = source.text
        started = time.perf_counter()
        found = offers(Site(text, span, tree=lambda body=source.body: body))
        listing.append(1000 * (time.perf_counter() - started))
        for offer in found:
            if (names and offer.name not in names) or per[offer.name] >= args.per:
                continue
            started = time.perf_counter()
            try:
                resolution = resolve(text, offer.name, span)
            except (Refused, NotProven) as error:
                refused.append(
                    (offer.name, kind, file, source.line(span.start) + 1, f"{type(error).__name__}: {error}")
                )
                continue
            finally:
                resolving.append(1000 * (time.perf_counter() - started))
            key = (file, resolution.edits)
            if key in seen:
                continue
            seen.add(key)
            per[offer.name] += 1
            new = apply_edits(text, resolution.edits)
            actions.append({"family": offer.name, "file": file, "line": source.line(span.start) + 1, "target": kind,
                            "note": resolution.note, "new": {file: new}, "touched": 0, "edits": resolution.edits,
                            "place": outermost(source, span)})  # fmt: skip
    return actions, refused, listing, resolving


def outermost(source, span):
    """The number of the top-level statement, or of the class member, that a span is in."""
    for index, node in enumerate(source.body):
        start, stop = source.full(node)
        if start <= span.start <= stop:
            inner = node.body if isinstance(node, ast.ClassDef) else []
            return index, next(
                (i for i, n in enumerate(inner) if source.full(n).start <= span.start <= source.full(n).stop), -1
            )
    return -1, -1


def new_names(action):
    return {name for edit in action["edits"] for name in re.findall(r"def (\w+)", edit.new)}


def batches(actions, size):
    """Groups of actions that can be made together: one per function, and no new function twice."""
    packed = []
    for action in actions:
        key, names = (action["file"], action["place"]), {(action["file"], n) for n in new_names(action)}
        for batch in packed:
            if len(batch["actions"]) < size and key not in batch["keys"] and not names & batch["names"]:
                break
        else:
            batch = {"actions": [], "keys": set(), "names": set()}
            packed.append(batch)
        batch["actions"].append(action)
        batch["keys"].add(key)
        batch["names"] |= names
    return [batch["actions"] for batch in packed]


class Suite:
    """Runs a package's tests on a copy of it with some actions made."""

    def __init__(self, judge, work, row, root, texts, number):
        self.judge, self.work, self.row, self.texts = judge, work, row, texts
        self.copy = root.parent / f"{row['name']}.c{number}"
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(root, self.copy, ignore=shutil.ignore_patterns("__pycache__", ".git"))

    def green(self, actions):
        edits = collections.defaultdict(list)
        for action in actions:
            edits[action["file"]] += action["edits"]
        try:
            for file, some in edits.items():
                (self.copy / file).write_bytes(apply_edits(self.texts[file], some).encode())
            return self.judge.run_suite(self.work, self.row, self.copy)
        finally:
            for file in edits:
                (self.copy / file).write_bytes(self.texts[file].encode())

    def search(self, actions):
        """Mark the actions that break the suite alone, twice."""
        good, _, tail = self.green(actions)
        if good:
            for action in actions:
                action["broken"] = False
        elif len(actions) == 1:
            good, _, tail = self.green(actions)
            actions[0]["broken"], actions[0]["tail"] = not good, tail.splitlines()[-3:]
        else:
            middle = len(actions) // 2
            self.search(actions[:middle])
            self.search(actions[middle:])
            if not any(action["broken"] for action in actions):
                for action in actions:
                    action["interaction"] = True


def run_suites(judge, args, row, root, actions, texts):
    todo = batches(actions, args.batch)
    free = queue.Queue()
    for number in range(args.jobs):
        free.put(Suite(judge, Path(args.work), row, root, texts, number))

    def one(batch):
        suite = free.get()
        try:
            suite.search(batch)
        finally:
            free.put(suite)

    with ThreadPoolExecutor(args.jobs) as pool:
        list(pool.map(one, todo))
    while not free.empty():
        shutil.rmtree(free.get().copy)
    return len(todo)


def percentile(values, part):
    return round(sorted(values)[int(len(values) * part)], 2) if values else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = Path(__file__).resolve().parent
    parser.add_argument("--work", required=True)
    parser.add_argument("--judge", default=str(here / "judges" / "refactor_safety.py"))
    parser.add_argument("--only")
    parser.add_argument("--names", default="")
    parser.add_argument("--cap", type=int, default=60, help="selections of each kind per file")
    parser.add_argument("--per", type=int, default=100, help="most edits per refactoring and package")
    parser.add_argument("--test", action="store_true", help="run the packages' suites")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--batch", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all", action="store_true", help="print every refusal and every edit")
    args = parser.parse_args()
    judge = load_judge(args.judge)
    args.corpus, args.split = str(Path(args.judge).with_name("refactor_corpus.toml")), "public"
    names = set(filter(None, args.names.split(",")))
    totals = {r.name: collections.Counter() for r in all_refactorings()}
    listing, resolving, reasons, broken = [], [], collections.Counter(), []
    for row in judge.corpus(args):
        rng = random.Random(args.seed)
        root = judge.pkg_dir(Path(args.work), row)
        texts = {}
        for file in judge.source_files(root, row):
            text = (root / file).read_bytes().decode()
            ast.parse(text)
            texts[file] = text
        actions, refused, fast, slow = collect(judge, texts, names, rng, args)
        listing += fast
        resolving += slow
        covered = judge.load_cov(args.work, row, root)
        for action in actions:
            judge.measure(action, texts, root, covered)
            totals[action["family"]]["applied"] += 1
            totals[action["family"]]["bad syntax"] += not action["syntax"]
            totals[action["family"]]["comments lost"] += action["comments_lost"]
            totals[action["family"]]["covered"] += action["covered"]
            if args.all:
                print(judge.unified(action["new"], root, texts))
        for name, kind, file, line, why in refused:
            totals[name]["refused" if why.startswith("Refused") else "not proven"] += 1
            reasons[name, why] += 1
            if args.all:
                print(f"{name} {kind} {row['name']}/{file}:{line} {why}")
        if args.test:
            ready = [a for a in actions if a["covered"] and a["syntax"]]
            run_suites(judge, args, row, root, ready, texts)
            for action in ready:
                totals[action["family"]]["tested"] += "broken" in action
                totals[action["family"]]["broken"] += action.get("broken") is True
                totals[action["family"]]["interaction"] += bool(action.get("interaction"))
                if action.get("broken") is True:
                    broken.append(action)
                    print(
                        "BROKEN",
                        row["name"],
                        action["family"],
                        action["line"],
                        action["tail"],
                        judge.unified(action["new"], root, texts),
                        flush=True,
                    )
        print(row["name"], len(actions), "applied", len(refused), "refused", flush=True)
    for (name, why), count in reasons.most_common(40):
        print(f"{count:5} {name}: {why}")
    print(json.dumps({name: dict(counts) for name, counts in totals.items()}, indent=1))
    print("list ms p50/p95/max", statistics.median(listing), percentile(listing, 0.95), max(listing))
    print("resolve ms p50/p95", percentile(resolving, 0.5), percentile(resolving, 0.95))
    return bool(broken)


if __name__ == "__main__":
    raise SystemExit(main())
