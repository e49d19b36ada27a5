"""How much we say about well-kept code, and whether it is worth reading.

    python bench/noise.py [--seed 7] [--sample 100] [--corpus noise-3]

Runs ``coding-agent check`` with its defaults over the packages of a set in ``noise/README.md`` and prints findings per
thousand lines, by severity and by rule. Then it draws findings at random and lists them in ``noise/<set>.md`` for a
reader to judge; with the code around them they stand in ``.cache/noise/<set>.md``, because the code is not ours to
keep. A judgement that stands in the list already is kept where the same finding is drawn again.
"""

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpora import CORPORA, modules, trees
from servers import environment

HERE = Path(__file__).resolve().parent
LISTS, READING = HERE / "noise", HERE.parent / ".cache" / "noise"
ALL_LIMIT, LOUD_LIMIT, WORTH_LIMIT = 4.0, 0.3, 0.9
"""Findings per thousand lines, those at warning or above, and the share that is worth acting on."""
LOUD = ("error", "warning")
WORDS = ("yes", "no", "")
JUDGEMENT = re.compile(r"^### (?P<head>.+?)$.*?^Judgement: *(?P<words>[^\n]*)$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Found:
    """One finding; ``file`` begins with the package's folder."""

    file: str
    line: int
    rule: str
    severity: str
    message: str
    context: str

    @property
    def head(self) -> str:
        return f"{self.rule} at {self.file}:{self.line}"


def check(tree: Path, home: Path) -> dict[str, Any]:
    """The report of one package, whose paths are relative to it. Raises: RuntimeError - the command failed.

    The package is copied out of our checkout: neither our project file nor our ignore file has a say.
    """
    copy, out = home / tree.name, home / "report.json"
    shutil.copytree(tree, copy)
    program = Path(sys.executable).parent / "coding-agent"
    command = [str(program), "check", ".", "--format", "json", "--output", str(out), "--exit-zero"]
    ran = subprocess.run(command, cwd=copy, env=environment(home / "user"), capture_output=True, text=True)
    if ran.returncode not in (0, 4):
        raise RuntimeError(f"check {tree.name}: exit code {ran.returncode}\n{ran.stderr[-2000:]}")
    return json.loads(out.read_text())


def findings(tree: Path, report: dict[str, Any]) -> list[Found]:
    out: list[Found] = []
    for item in report["diagnostics"]:
        path = tree / item["path"]
        line = item["start"]["line"]
        rows = path.read_text(encoding="utf-8", errors="replace").split("\n")
        first, last = max(0, line - 7), min(len(rows), item["stop"]["line"] + 6)
        shown = [f"{'>' if n + 1 == line else ' '}{n + 1:>5}  {rows[n]}" for n in range(first, last)][:40]
        out.append(
            Found(
                f"{tree.name}/{item['path']}", line, item["rule"], item["severity"], item["message"], "\n".join(shown)
            )
        )
    return out


def judged(kept: Path) -> dict[str, str]:
    """What was said about findings of the last sample."""
    text = kept.read_text(encoding="utf-8") if kept.is_file() else ""
    return {found["head"]: found["words"].strip() for found in JUDGEMENT.finditer(text)}


def by_rule(drawn: list[Found], said: list[str]) -> list[str]:
    """The table of what each rule was worth."""
    rows = Counter((each.rule, words.lower()[:3].strip(":")) for each, words in zip(drawn, said, strict=True))
    rules = sorted({rule for rule, _ in rows}, key=lambda rule: (-sum(rows[rule, word] for word in WORDS), rule))
    table = [f"| {rule} | {rows[rule, 'yes']} | {rows[rule, 'no']} |" for rule in rules]
    return ["| rule | worth acting on | not |", "|---|---|---|", *table, ""]


def page(drawn: list[Found], known: dict[str, str], seed: int, total: int, *, surroundings: bool) -> str:
    said = [known.get(each.head, "") for each in drawn]
    worth = sum(words.lower().startswith("yes") for words in said)
    open_ones = said.count("")
    out = [
        "# Findings drawn at random, judged by reading\n",
        f"{len(drawn)} of {total}, seed {seed}. Worth acting on: {worth}; not: {len(drawn) - worth - open_ones}; "
        f"not judged yet: {open_ones}.\n",
        'A judgement begins with "yes" (somebody who keeps this code would change it, or be glad to know) or "no", '
        "and says why.\n",
        *by_rule(drawn, said),
    ]
    for each, words in zip(drawn, said, strict=True):
        out.append(f"### {each.head}\n\n{each.severity}: {each.message}\n")
        if surroundings:
            out.append(f"```python\n{each.context}\n```\n")
        out.append(f"Judgement: {words}".rstrip() + "\n")
    return "\n".join(out)


def rate(count: int, lines: int) -> float:
    return 1000 * count / lines


def verdict(value: float, limit: float) -> str:
    return f"limit {limit:g}  {'ok' if value <= limit else 'OVER'}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--sample", type=int, default=100)
    parser.add_argument("--corpus", default="noise-3", choices=[name for name in CORPORA if name.startswith("noise")])
    options = parser.parse_args()
    every: list[Found] = []
    total = 0
    with tempfile.TemporaryDirectory(prefix="noise-") as home:
        for tree in trees(options.corpus):
            report = check(tree, Path(home))
            found = findings(tree, report)
            lines = sum(path.read_bytes().count(b"\n") for path in modules(tree))
            loud = sum(each.severity in LOUD for each in found)
            problems = len(report["problems"])
            each = f"{rate(len(found), lines):>6.2f} per kLOC, at warning or above {rate(loud, lines):.2f}"
            print(
                f"  {tree.name:<18} {lines:>7} lines {len(found):>5} findings {each}, {problems} not analysed",
                flush=True,
            )
            every += found
            total += lines
    loud = sum(each.severity in LOUD for each in every)
    print(f"  all: {rate(len(every), total):.2f} per kLOC  {verdict(rate(len(every), total), ALL_LIMIT)}")
    print(f"  at warning or above: {rate(loud, total):.2f} per kLOC  {verdict(rate(loud, total), LOUD_LIMIT)}")
    for (rule, severity), count in Counter((each.rule, each.severity) for each in every).most_common():
        print(f"    {rule:<40} {severity:<12} {count:>5}  {rate(count, total):>6.3f} per kLOC")
    drawn = random.Random(options.seed).sample(every, min(options.sample, len(every)))
    name = f"{options.corpus}.md"
    known = judged(LISTS / name)
    READING.mkdir(parents=True, exist_ok=True)
    for kept, surroundings in ((LISTS / name, False), (READING / name, True)):
        text = page(drawn, known, options.seed, len(every), surroundings=surroundings)
        kept.write_text(text, encoding="utf-8")
        print(f"  {len(drawn)} drawn into {kept.relative_to(HERE.parent)}")


if __name__ == "__main__":
    main()
