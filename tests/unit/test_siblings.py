"""Rules over the members of a class or module: what they see, and where what they find ends up."""

from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.file import Analyser
from coding_agent.analysis.finding import Finding
from coding_agent.analysis.report import ClassFacts, Member, ModuleFacts, SymbolKind
from coding_agent.analysis.rule import Kind, Rule
from coding_agent.analysis.ruleset import RuleSet, Selection, select
from coding_agent.ide.check import check_text, whole
from coding_agent.text import Text

PATH = "src/module.py"


def _everyone(facts: ClassFacts | ModuleFacts, context: Context) -> Iterator[tuple[Member, Finding]]:
    of = facts.info.name if isinstance(facts, ClassFacts) else "module"
    for each in facts.members:
        yield each, context.finding(each.name_span, f"{each.name} in {of}")


def _rules(check: object = _everyone) -> RuleSet:
    return select([Rule("everyone", check, (), kind=Kind.SIBLINGS)], Selection())  # type: ignore[arg-type]


def _found(text: str) -> list[tuple[str, str]]:
    """What is said, with the text it is said about."""
    found = check_text(PATH, text, Analyser(_rules())).diagnostics
    return [(each.message, text[slice(*each.span)]) for each in found]


def _facts(text: str) -> ClassFacts:
    """The facts of the first class."""
    seen: list[ClassFacts | ModuleFacts] = []

    def note(facts: ClassFacts | ModuleFacts, context: Context) -> Iterator[tuple[Member, Finding]]:
        seen.append(facts)
        yield from ()

    whole(Text.of(text), Analyser(_rules(note)), PATH)
    return next(each for each in seen if isinstance(each, ClassFacts))


def test_findings_stand_at_the_member_wherever_its_piece_is() -> None:
    text = (
        "import os\n\n\nclass A:\n    x = 1\n\n    def f(self): ...\n\n"
        "    @staticmethod\n    def g(): ...\n\n\ndef h(): ...\n"
    )
    assert _found(text) == [
        ("A in module", "A"),
        ("x in A", "x"),
        ("f in A", "f"),
        ("g in A", "g"),
        ("h in module", "h"),
    ]


def test_equal_members_are_found_once_each() -> None:
    for text in (
        "def f(): ...\ndef f(): ...\nx = 1\n",
        "class A:\n    def f(self): ...\n    def f(self): ...\n    x = 1\n",
    ):
        found = check_text(PATH, text, Analyser(_rules())).diagnostics
        assert [each.start[0] for each in found if each.message.startswith("f ")] == [
            line for line, code in enumerate(text.splitlines()) if "def f" in code
        ]


def test_comments_at_the_member_allow() -> None:
    text = "class A:\n    def f(self): ...  # coding-agent: allow everyone\n\n    def g(self): ...\n\n\ndef h(): ...\n"
    assert [message for message, _ in _found(text)] == ["A in module", "g in A", "h in module"]
    assert [m for m, _ in _found(text + "# coding-agent: allow-file everyone\n")] == []


def test_what_a_class_is() -> None:
    info = _facts("import abc\nfrom a import b\n\n\n@b(1)\nclass A(abc.ABC, Other):\n    def f(self): ...\n").info
    assert (info.name, info.bases, info.decorators) == ("A", ("abc.ABC", "Other"), ("a.b",))


def test_what_a_member_does_with_its_object() -> None:
    text = (
        "import threading\n\n\nclass A(threading.Thread):\n    async def f(self, a, /, b, *c, d, **e):\n"
        "        threading.Thread.__init__(self)\n        super().run()\n"
        "        self.go(self.x)\n        self.y = a.z\n"
        "        if not self.ready and b:\n            raise ValueError(b)\n        return 1\n"
    )
    (member,) = _facts(text).members
    assert member.kind is SymbolKind.METHOD
    assert member.parameters == ("self", "a", "b", "*c", "d", "**e")
    assert member.reads == {"go", "x", "ready"}
    assert member.writes == {"y"}
    assert member.calls == {"threading.Thread.__init__", "super().run", ".go"}
    assert member.raises == ("builtins.ValueError",)
    assert (member.returns_value, member.is_async, member.is_stub) == (True, True, False)
    (name, span) = member.tested[0]
    piece = text[text.index("    async") :]
    assert (name, piece[slice(*span)], len(member.tested)) == ("ready", "self.ready", 1)


def test_what_counts_as_asked_for_being_true() -> None:
    text = (
        "class A:\n    def f(self):\n        if self.a or self.b == 1: ...\n        while not (self.c and 1): ...\n"
        "        assert self.d, self.e\n        x = self.g or 1\n        return 1 if self.h else self.i\n"
    )
    (member,) = _facts(text).members
    assert {name for name, _ in member.tested} == {"a", "c", "d", "h"}


def test_stubs() -> None:
    text = (
        "class A:\n    def a(self): ...\n    def b(self):\n        'Say.'\n"
        "    def c(self):\n        raise NotImplementedError\n"
        "    def d(self):\n        return None\n"
    )
    assert [each.is_stub for each in _facts(text).members] == [True, True, True, False]


def test_members_of_a_class_are_seen_together_after_an_edit() -> None:
    text = Text.of("class A:\n    def f(self): ...\n\n    def g(self): ...\n")
    analyser = Analyser(_rules())
    state = whole(text, analyser, PATH)
    splice = text.splice(text.position(17), text.position(18), "X")
    assert "def X(self)" in str(splice.text)
    update = analyser.update(state, splice.text, splice.head, splice.tail, PATH)
    for _ in update.steps:
        pass
    assert update.state is not None
    found = [each.message for placed in update.state.placed() for each in placed.findings]
    assert found == ["A in module", "X in A", "g in A"]
