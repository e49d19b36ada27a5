"""What the proof accepts and what it rejects, level by level."""

import pytest

from coding_agent.errors import NotProven
from coding_agent.proof import ALL_LEVELS, Claim, Level, Proof, verify, verify_fix
from coding_agent.text import Edit, Span


def whole(before: str, after: str) -> list[Edit]:
    return [Edit(Span(0, len(before)), after)]


def proof(before: str, after: str, claim: Claim | None = None) -> Proof:
    return verify(before, whole(before, after), claim or Claim())


def rejected(before: str, after: str, claim: Claim | None = None) -> str:
    with pytest.raises(NotProven) as caught:
        proof(before, after, claim)
    return str(caught.value)


def function(*lines: str) -> str:
    return "\n".join(["def f(a, b):", *(f"    {line}" for line in lines), ""])


def adds(*names: str) -> Claim:
    return Claim(adds=frozenset(names))


# Syntax.


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("x = 1\n", "x = = 1\n", "syntax: the result is no Python"),
        ("def f():\n    return 1\n", "def f():\n    pass\nreturn 1\n", "syntax: it does not compile"),
        ("x = y == 1\n", "x = y is 1\n", "syntax: the result warns"),
        ("x = 1  # why\n", "x = 1\n", "syntax: a comment is lost: # why"),
        ('def f():\n    """Say."""\n    return 1\n', "def f():\n    return 1\n", "syntax: a docstring is lost"),
        ("x = 1\r\ny = 2\r\n", "x = 1\ny = 2\r\n", "syntax: the result has other line ends"),
        ("if x:\n\ty = 1\n", "if x:\n    y = 1\n", "syntax: the result is indented by other characters"),
    ],
)
def test_layout_is_kept(before: str, after: str, why: str) -> None:
    assert rejected(before, after, Claim(levels=(Level.SYNTAX,))).startswith(why)


def test_an_edit_must_not_change_what_is_around_it() -> None:
    before = 'x = 1\ny = 2\nz = """a"""\n'
    with pytest.raises(NotProven, match="outside the edits"):
        verify(before, [Edit(Span(4, 5), '"""'), Edit(Span(16, 16), '"""; z = ')], Claim(levels=(Level.SYNTAX,)))


def test_a_comment_may_move() -> None:
    before = "if a:  # why\n    pass\n"
    assert proof(before, "# why\nif a:\n    pass\n", Claim(levels=(Level.SYNTAX,))) == Proof((Level.SYNTAX,))


# Bindings.


def test_a_new_name_must_be_new() -> None:
    before = "def f(a):\n    return g(a.b)\n\n\ndef h():\n    c = 1\n    return c\n"
    after = before.replace("    return g(a.b)", "    c = a.b\n    return g(c)")
    assert "the name `c` is already used" in rejected(before, after, adds("c"))


def test_a_new_name_must_not_be_seen_by_locals() -> None:
    before = function("return g(a.b, locals())")
    after = function("c = a.b", "return g(c, locals())")
    assert "`locals` can see the names" in rejected(before, after, adds("c"))


def test_a_name_must_not_become_local() -> None:
    before = "x = 1\n\n\ndef f(a):\n    if a:\n        g(x)\n"
    after = "x = 1\n\n\ndef f(a):\n    if a:\n        g(x)\n        x = 2\n"
    assert rejected(before, after).startswith("bindings: `x` would mean something else")


def test_a_function_must_not_cease_to_be_a_generator() -> None:
    before = function("return a", "yield b")
    assert "generator" in rejected(before, function("return a"))


def test_a_closure_must_not_capture_another_name() -> None:
    before = function("c = 1", "g(lambda: b)", "return c")
    assert rejected(before, function("c = 1", "g(lambda: c)", "return c"))


# Effects.


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (function("g(a)", "g(b)"), function("g(b)", "g(a)")),
        (function("g(a)"), function("g(a)", "g(a)")),
        (function("return a"), function("return b")),
        (function("if a:", "    g(a)"), function("if b:", "    g(a)")),
        (function("if a < b:", "    return 1", "return 2"), function("if a >= b:", "    return 2", "return 1")),
        (function("if a == b:", "    return 1", "return 2"), function("if a != b:", "    return 2", "return 1")),
        (function("try:", "    g(a)", "finally:", "    g(b)"), function("g(a)", "g(b)")),
        (function("try:", "    g(a)", "    g(b)", "except E:", "    pass"),
         function("try:", "    g(a)", "except E:", "    pass", "else:", "    g(b)")),
        (function("with a:", "    g(b)", "g(a)"), function("with a:", "    g(b)", "    g(a)")),
        (function("for x in a:", "    if x:", "        break", "    g(x)"),
         function("for x in a:", "    if x:", "        continue", "    g(x)")),
        (function("while g(a):", "    pass"), function("if g(a):", "    pass")),
        (function("try:", "    g(a)", "except E:", "    g(b)", "    h(a)"),
         function("try:", "    g(a)", "except E:", "    g(b)", "    return", "h(a)")),
        (function("assert g(a)"), function("g(a)", "assert True")),
        (function("a.b = 1", "return a.b"), function("a.b = 1", "return 1")),
        (function("return [x for x in a]"), function("return [x for x in b]")),
        (function("yield a", "yield b"), function("yield b", "yield a")),
    ],
)  # fmt: skip
def test_other_effects_are_rejected(before: str, after: str) -> None:
    assert rejected(before, after).startswith(("effects: ", "bindings: "))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (function("if not a:", "    g(b)", "else:", "    g(a)"), function("if a:", "    g(a)", "else:", "    g(b)")),
        (function("if a is b:", "    g(a)"), function("if a is not b:", "    return", "g(a)")),
        (function("if len(a) < 3:", "    g(a)"), function("if len(a) >= 3:", "    return", "g(a)")),
        (function("if not (a and b):", "    g(a)"), function("if not a or not b:", "    g(a)")),
        (function("if a:", "    return 1", "else:", "    return b"), function("if a:", "    return 1", "return b")),
        (function("with a:", "    if b:", "        g(a)"),
         function("with a:", "    if not b:", "        return", "    g(a)")),
        (function("try:", "    if b:", "        g(a)", "finally:", "    g(b)"),
         function("try:", "    if not b:", "        return", "    g(a)", "finally:", "    g(b)")),
        (function("for x in a:", "    if x in b:", "        g(x)"),
         function("for x in a:", "    if x not in b:", "        continue", "    g(x)")),
        (function("g(a)", "return None"), function("g(a)")),
    ],
)  # fmt: skip
def test_the_same_effects_in_other_words_are_proved(before: str, after: str) -> None:
    assert proof(before, after) == Proof(ALL_LEVELS)


def test_a_comparison_is_not_turned_round_where_len_is_another() -> None:
    rest = "def f(a):\n    if len(a) {} 3:\n        {}\n    {}\n"
    before, after = rest.format("<", "g(a)", "h()"), rest.format(">=", "return", "h()")
    assert rejected(f"len = ord\n{before}", f"len = ord\n{after}")


def test_a_value_is_not_moved_over_an_effect() -> None:
    before = function("return g() + a.b")
    assert rejected(before, function("c = a.b", "return g() + c"), adds("c")).startswith("effects")


def test_what_is_taken_for_granted_is_said() -> None:
    before, after = function("a.put(b.get())"), function("c = b.get()", "a.put(c)")
    assert proof(before, after, adds("c")).assumptions == (
        "reading the method `put` has no effect, and gives the same a little later",
    )


def test_nothing_is_taken_for_granted_about_attributes_read_as_values() -> None:
    before, after = function("g(a.x, b.get())"), function("c = b.get()", "g(a.x, c)")
    assert rejected(before, after, adds("c")).startswith("effects")


def test_a_variable_that_may_have_no_value_is_not_read_later() -> None:
    before, after = function("z += g(a)"), function("c = g(a)", "z += c")
    assert rejected(before, after, adds("c")).startswith("effects: read z")


def test_a_global_that_functions_rebind_is_read_when_it_was() -> None:
    shared = "n = 0\n\n\ndef bump():\n    global n\n    n += 1\n\n\n"
    before, after = function("return g(n, bump())"), function("c = bump()", "return g(n, c)")
    assert rejected(shared + before, shared + after, adds("c")).startswith("effects")


def test_a_handed_over_variable_must_have_a_value() -> None:
    before = function("if a:", "    x = 1", "g(x)", "g(b)", "return x")
    after = function("if a:", "    x = 1", "new(x)", "g(b)", "return x") + "\n\ndef new(x):\n    g(x)\n"
    assert "`x` may have no value" in rejected(before, after, Claim(function="new"))


def test_the_new_function_must_be_called_once() -> None:
    before, new = function("g(a)", "g(a)"), "\n\ndef new(a):\n    g(a)\n"
    assert "called 2 times" in rejected(before, function("new(a)", "new(a)") + new, Claim(function="new"))


# Quick fixes.


def test_a_fix_is_proved_on_a_piece() -> None:
    piece = "    def f(self):\n        # Why.\n        return self.x == None\n"
    start = piece.index("== None")
    assert verify_fix(piece, [Edit(Span(start, start + 7), "is None")], indented=True) == Proof((Level.SYNTAX,))


def test_a_fix_that_loses_a_comment_is_rejected() -> None:
    before = "x = f(\n    1,  # one\n)\n"
    with pytest.raises(NotProven, match="a comment is lost"):
        verify_fix(before, [Edit(Span(4, len(before) - 1), "f(1)")])


def test_a_fix_that_is_no_python_is_rejected() -> None:
    with pytest.raises(NotProven, match="no Python"):
        verify_fix("x = 1\n", [Edit(Span(4, 5), "")])


def test_hopeless_code_is_not_proven_and_nothing_worse() -> None:
    deep = "x = " + "-" * 100_000 + "1\n"
    with pytest.raises(NotProven):
        verify_fix(deep, [Edit(Span(0, 1), "y")])
    with pytest.raises(NotProven):
        verify("x = '\ud800'\n", [Edit(Span(0, 1), "y")], Claim())
