"""What becomes of a model's answers: accepted, or refused by which check; what features send; what is known already.

    python bench/answers.py [--functions 40] [--seed 1]

*Checks*: the hostile and the good answers of `tests/support/hostile.py`, and of `tests/support/acting.py` for functions
that act, through `assist.checked`. *Sent*: functions of
this interpreter's library, taken at random, asked about over the scripted endpoint through the real door: bytes of a
question, and tokens as that endpoint counts them. *Known*: the same questions once more, and once more after one
function in ten was changed.
"""

import argparse
import asyncio
import random
import statistics
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from coding_agent.analysis.file import Analyser
from coding_agent.analysis.registry import all_rules
from coding_agent.analysis.ruleset import Selection, select
from coding_agent.assist import explaining, rewriting
from coding_agent.assist.checked import Checked
from coding_agent.assist.prompts import Prompt
from coding_agent.ide.asker import Asker
from coding_agent.ide.assistant import Subject, question
from coding_agent.ide.check import whole
from coding_agent.ide.explaining import definition_at
from coding_agent.ide.models import Models, Reply
from coding_agent.ide.options import ModelOptions
from coding_agent.store.folders import Folders
from coding_agent.text import Text
from support.acting import GOOD_AGAIN, GOOD_WORK, HARM, HARM_AGAIN, HARM_MORE, swapped
from support.answering import answered
from support.hostile import GOOD, HOSTILE
from support.scripted import Asked, Scripted

HARMFUL = (*HARM, *HARM_MORE, *HARM_AGAIN)
MODULES = ("textwrap", "shlex", "fractions", "statistics", "heapq", "bisect", "calendar", "difflib", "string")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--functions", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for what, cases in (("hostile", HOSTILE), ("good", GOOD)):
        checks(what, [partial(answered, case) for case in cases])
    for what, swaps in (("hostile that acts", HARMFUL), ("good that acts", (*GOOD_WORK, *GOOD_AGAIN))):
        checks(what, [partial(swapped, swap) for swap in swaps])
    with TemporaryDirectory() as folder:
        asyncio.run(sent(Path(folder), given.functions, random.Random(given.seed)))
    return 0


def checks(what: str, cases: Sequence[Callable[[], Checked]]) -> None:
    refused, took, accepted = Counter[str](), list[float](), 0
    for case in cases:
        begun = time.process_time()
        found = case()
        took.append(1e3 * (time.process_time() - begun))
        accepted += found.passed
        refused.update(next(check.name for check in found.checks if not check.passed) for _ in range(not found.passed))
    by = ", ".join(f"{name} {count}" for name, count in refused.most_common())
    took.sort()
    print(f"{what}: {accepted} of {len(cases)} accepted; refused first by: {by or 'none'}")
    print(f"  CPU for one: median {statistics.median(took):.0f} ms, p95 {took[int(0.95 * len(took))]:.0f} ms")


async def sent(folder: Path, count: int, chance: random.Random) -> None:
    root = folder / "library"
    root.mkdir()
    for name in MODULES:
        source = Path(sysconfig.get_path("stdlib"), f"{name}.py").read_text("utf-8")
        (root / f"{name}.py").write_text(source)
    subjects = list(chosen(root, count, chance))
    with Scripted(_answer) as scripted:
        options = ModelOptions(url=scripted.url, model=scripted.model, limits=(0,) * 8)
        folders = Folders(folder / "config", folder / "state", folder / "cache")
        asker = Asker()
        models = Models(asker.answer, options, folders, {"CODING_AGENT_API_KEY": scripted.key})
        for feature, ask in FEATURES.items():
            first = [await models.ask(question(feature, root, ask(each), each.gathered.files)) for each in subjects]
            tell(feature, first, [len(request.body) for request in scripted.requests[-len(subjects) :]])
        again = [await models.ask(asked) for asked in _explained(root, subjects)]
        changed = [_changed(each) if at % 10 == 0 else each for at, each in enumerate(subjects)]
        later = [await models.ask(asked) for asked in _explained(root, changed)]
        print(f"known: {_hits(again)} of the same questions, {_hits(later)} after one in ten was changed")
        await asker.close()


FEATURES = {
    "explain": lambda subject: explaining.asked(subject.gathered.pieces),
    "refactor": lambda subject: rewriting.refactor(subject.gathered.pieces, "simpler"),
    "docstring": lambda subject: rewriting.docstring(subject.gathered.pieces),
}


def _explained(root: Path, subjects: Sequence[Subject]) -> Iterator:
    for each in subjects:
        asked: Prompt = FEATURES["explain"](each)
        yield question("explain", root, asked, each.gathered.files)


def _changed(subject: Subject) -> Subject:
    text = str(subject.state.text)
    first = subject.found.lines[1]
    lines = text.splitlines(keepends=True)
    lines[first - 1] = lines[first - 1].rstrip("\n") + "  # changed\n"
    return _subject(subject.root, subject.path, "".join(lines), subject.found.line) or subject


def chosen(root: Path, count: int, chance: random.Random) -> Iterator[Subject]:
    places = [
        (path, number)
        for path in sorted(root.glob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if line.lstrip().startswith("def ")
    ]
    for path, number in chance.sample(places, min(count, len(places))):
        subject = _subject(root, path, path.read_text(), number)
        if subject is not None:
            yield subject


def _subject(root: Path, path: Path, text: str, line: int) -> Subject | None:
    analyser = Analyser(select(all_rules(), Selection()))
    state = whole(Text.of(text), analyser, path.name)
    found = definition_at(state, analyser, state.text.starts[line - 1])
    return None if found is None else Subject(root, path, f"{path.name}:{line}", state, found)


def _answer(asked: Asked) -> str:
    return '{"code": "pass", "why": "x"}' if asked.schema and "code" in asked.schema["properties"] else '{"text": "x"}'


def tell(feature: str, replies: Sequence[Reply], sizes: Sequence[int]) -> None:
    tokens = sorted(reply.tokens[0] for reply in replies if reply.tokens)
    size, middle = statistics.median(sizes), statistics.median(tokens)
    print(
        f"{feature}: {len(replies)} questions, median {size:.0f} bytes, {middle:.0f} tokens sent, at most {tokens[-1]}"
    )


def _hits(replies: Sequence[Reply]) -> str:
    return f"{sum(reply.cached for reply in replies)} of {len(replies)}"


if __name__ == "__main__":
    sys.exit(main())
