"""What edits leave behind equals what a look at the whole text from scratch finds."""

import ast
import random
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from coding_agent.analysis.context import Context
from coding_agent.analysis.file import Analyser, FileState
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.registry import all_rules
from coding_agent.analysis.report import ClassFacts, Member, ModuleFacts
from coding_agent.analysis.rule import Kind, Rule
from coding_agent.analysis.ruleset import RuleSet, Selection, select
from coding_agent.ide.check import whole
from coding_agent.text import Position, Text

PATH = "src/module.py"
STDLIB = Path(sysconfig.get_path("stdlib"))
SNIPPETS = (
    *(
        "import os\n",
        "import os.path as os\n",
        "from a import run\n",
        "from b import run\n",
        "run = None\n",
        "\n",
        "\n\n",
    ),
    *(
        "    run()\n",
        "        run(os.fspath(1))\n",
        "eval(x)\n",
        "def eval(x): pass\n",
        "# coding-agent: allow calls\n",
    ),
    *("# coding-agent: allow-file calls\n", "print(1)  # coding-agent: allow calls\n", "del run\n", "list = 3\n"),
    *("def f(a):\n    return run(a)\n", "def f(a):\n    return run(a)\n", "def g(run):\n    run()\n    os.getcwd()\n"),
    *(
        "class A:\n",
        "class A(run):\n",
        "class B(A, os.PathLike):\n    x = 1\n",
        "@run\n",
        "    @run\n",
        "    x = run()\n",
    ),
    *("    def m(self):\n        return run(self.n())\n", "    def n(self):\n        if self.m:\n            pass\n"),
    *("    def m(self):  # coding-agent: allow members\n        self.n = eval(1)\n", "    def n(self): pass\n"),
    *("if run:\n    import os\n", "try:\n    import c as run\nexcept E:\n    run = 1\n", "else:\n", "    pass\n"),
    *("x = (\n", ")\n", "'''\n", "def half(\n", "    def half\n", "from a import *\n", "global run\n", "\x0c\n"),
)


# Rules that see all there is to see.


def _calls(node: ast.Call, context: Context) -> Iterator[Finding]:
    owner = context.owner
    yield context.finding(
        node, f"{context.qualified(node.func)} in {owner and (owner.name, owner.bases, owner.decorators)}"
    )


def _members(facts: ClassFacts | ModuleFacts, context: Context) -> Iterator[tuple[Member, Finding]]:
    of = facts.info.name if isinstance(facts, ClassFacts) else "module"
    names = [each.name for each in facts.members]
    for index, each in enumerate(facts.members):
        yield each, context.finding(each.name_span, f"{index} of {names} in {of}: {sorted(each.reads)}")


SEEING = (
    Rule("calls", _calls, (), nodes=(ast.Call,)),
    Rule("members", _members, (), kind=Kind.SIBLINGS),
)


def _shown(state: FileState) -> list[object]:
    return [
        (each.line, each.offset, each.piece.text, each.report.broken, each.findings, each.report.symbols)
        for each in state.placed()
    ]


class Editor:
    """A text under random edits, and what is known of it."""

    def __init__(self, text: str, rules: RuleSet, seed: int) -> None:
        self.random = random.Random(seed)
        self.rules = rules
        self.analyser = Analyser(rules)
        self.text = Text.of(text)
        self.state = whole(self.text, self.analyser, PATH)

    def edit(self) -> None:
        lines = self.text.lines
        first = self.random.randrange(len(lines))
        last = min(len(lines) - 1, first + self.random.choice((0, 0, 0, 1, 1, 2, 5)))
        start, stop = Position(first, 0), Position(last, 0)
        if self.random.random() < 0.2:
            at = self.random.randrange(len(lines[first]) + 1)
            start = stop = Position(first, min(at, len(lines[first].rstrip("\r\n"))))
        new = "".join(self.random.choice(SNIPPETS) for _ in range(self.random.choice((0, 1, 1, 2))))
        splice = self.text.splice(start, stop, new)
        base = self.state
        if self.random.random() < 0.2:
            # The key comes before a first look is done.
            begun = self.analyser.update(None, self.text, 0, 0, PATH)
            for _, _ in zip(range(self.random.randrange(1, 9)), begun.steps, strict=False):
                pass
            base = begun.partial()
        update = self.analyser.update(base, splice.text, splice.head, splice.tail, PATH)
        self.text = splice.text
        for _ in update.steps:
            pass
        assert update.state is not None
        self.state = update.state

    def check(self) -> None:
        assert not self.analyser.failed
        fresh = whole(Text.of(str(self.text)), Analyser(self.rules), PATH)
        assert _shown(self.state) == _shown(fresh), str(self.text)


def _module(seed: int) -> str:
    chosen = random.Random(seed)
    return "".join(chosen.choice(SNIPPETS) for _ in range(chosen.randrange(25)))


def _run(seed: int, edits: int) -> None:
    editor = Editor(_module(seed), select(SEEING, Selection()), seed)
    for _ in range(edits):
        editor.edit()
        editor.check()


@pytest.mark.parametrize("seed", range(40))
def test_edits_give_what_a_look_from_scratch_gives(seed: int) -> None:
    _run(seed, 25)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1000, 1400))
def test_many_edits_give_what_a_look_from_scratch_gives(seed: int) -> None:
    _run(seed, 60)


@pytest.mark.parametrize("name", ["threading.py", "asyncio/queues.py", "configparser.py", "zipapp.py"])
def test_edits_of_real_code_with_all_rules(name: str) -> None:
    editor = Editor((STDLIB / name).read_text(encoding="utf-8"), select(all_rules(), Selection()), len(name))
    for _ in range(8):
        editor.edit()
        editor.check()
