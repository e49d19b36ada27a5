"""What leaves: how fast secrets are taken out, which planted ones are missed, and what of ordinary code goes with them.

    python bench/redaction.py [FOLDER ...] [--planted N] [--seed N] [--show]

Folders are packages, without one it is this interpreter's library. Lines a second are CPU time of ``redact`` over their
modules, one by one, two known values given. Redactions are counted for each place, in folders of tests and outside;
``--show`` prints them to be read: most that are left are passwords of examples. Planted are N secrets by a seed in
all kinds and forms (`tests/support/planted.py`); a secret leaks if it leaves in any spelling, or a piece of it does.
"""

import argparse
import re
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from coding_agent.ai.redaction import Redacted, redact

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.planted import planted

SPEED = 50_000
_KNOWN = ("c0rrect-h0rse-battery", "7f3b2c9d41e8a650")
_PLACEHOLDER = re.compile(r"<SECRET_[0-9]+>")
_TEST = re.compile(r"(?:.*/)?(?:tests?|testing|test_[^/]*|tests_[^/]*)(?:/.*|\.py)|(?:.*/)?(?:conftest|.*_tests?)\.py")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="*", help="packages of ordinary code")
    parser.add_argument("--planted", type=int, default=4000, metavar="N")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--show", action="store_true", help="print each redaction in the code")
    given = parser.parse_args()
    enough = ordinary(given.folders or [Path(sysconfig.get_path("stdlib"))], given.show)
    return 0 if leaks(given.seed, given.planted) and enough else 1


def ordinary(folders: Sequence[Path], show: bool) -> bool:
    """Print the speed over code, and what is redacted in it."""
    lines, places, spent = Counter[bool](), Counter[bool](), 0.0
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            name = path.relative_to(folder).as_posix()
            if "site-packages/" in name:
                continue
            text = path.read_text("utf-8", "replace")
            test = _TEST.fullmatch(name) is not None
            start = time.process_time()
            redacted = redact([text], _KNOWN)
            spent += time.process_time() - start
            lines[test] += text.count("\n")
            for line, value in _places(redacted):
                places[test] += 1
                if show:
                    print(f"{'test' if test else 'code'} {folder.name}/{name}:{line}  {value!r:.80}")
    speed = lines.total() / spent
    print(f"{lines.total()} lines, {speed:,.0f} a second  limit {SPEED:,}  {'ok' if speed >= SPEED else 'OVER'}")
    for test in (False, True):
        rate = places[test] / max(1, lines[test]) * 10_000
        where = "tests" if test else "code"
        print(f"  {where:<6} {places[test]:>5} places in {lines[test]:>8} lines, {rate:.2f} per 10 kLOC")
    return speed >= SPEED


def _places(redacted: Redacted) -> Iterator[tuple[int, str]]:
    """The line of each place in what was there, and what stood in it."""
    (text,) = redacted.texts
    line = done = 0
    for match in _PLACEHOLDER.finditer(text):
        line += text.count("\n", done, match.start())
        done = match.end()
        value = redacted.values.get(match.group())
        if value is not None:
            yield line + 1, value
            line += value.count("\n")


def leaks(seed: int, count: int) -> bool:
    """Print how many planted secrets leave, by kind and by form."""
    all_of_them, missed = planted(seed, count), Counter[tuple[str, str]]()
    for each in all_of_them:
        redacted = redact([each.text], each.known)
        if redacted.restored(redacted.texts[0]) != each.text:
            raise AssertionError(each)
        missed[each.kind, each.form] += each.leaked(redacted.texts[0])
    kinds, forms = ({each[at] for each in all_of_them} for at in (2, 3))
    total = missed.total()
    verdict = "OVER" if total else "ok"
    print(f"{count} planted of {len(kinds)} kinds in {len(forms)} forms: {total} leak  limit 0  {verdict}")
    for (kind, form), times in missed.most_common():
        if times:
            print(f"  {times:>4}  {kind}, {form}")
    return not total


if __name__ == "__main__":
    sys.exit(main())
