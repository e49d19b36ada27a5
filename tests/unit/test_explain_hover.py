import ast
import subprocess
import sys
from dataclasses import dataclass, replace

import pytest

from coding_agent.explain import Limits, Noted, Subject, hover, maintainability, markdown, plain, project
from coding_agent.explain.page import LINES
from coding_agent.explain.weight import heaviest
from coding_agent.semantics.symbol import Place, SymbolInfo
from support.explain_cases import function, library


@dataclass(frozen=True)
class Counted:
    cyclomatic: int = 3
    cognitive: int = 2
    lines: int = 8
    nesting: int = 1
    parameters: int = 2


TEXT = '''\
import os

def tidy(folder: str, *, seen: list[str], limit=10) -> int:
    """Remove what is old.

    Args:
        folder: where to look
        seen: gets what was removed
    Returns:
        int: how many
    """
    if not os.path.isdir(folder):
        raise NotADirectoryError(folder)
    for name in os.listdir(folder):
        os.remove(name)
        seen.append(name)
    return limit
'''


def test_a_function_at_once_without_jedi() -> None:
    node, qualified = function(TEXT)
    subject = Subject(node, metrics=Counted(), findings=(Noted("No test calls this."),), uses=3)
    assert plain(hover(subject, qualified)) == (
        "def tidy(folder: str, *, seen: list[str], limit=10) -> int\n"
        "\n"
        "Remove what is old.\n"
        "folder: where to look\n"
        "seen: gets what was removed\n"
        "Returns (int): how many\n"
        "\n"
        "Cognitive complexity 2, 3 paths, 8 lines\n"
        "\n"
        "Beside its result (calls are not followed)\n"
        "- looks at the file system: os.path.isdir (line 12), os.listdir (line 14)\n"
        "- changes the file system: os.remove (line 15)\n"
        "- changes its argument: seen (line 16)\n"
        "- raises NotADirectoryError when not os.path.isdir(folder) (line 13)\n"
        "\n"
        "Found here\n"
        "- No test calls this\n"
        "\n"
        "Used 3 times in this file"
    )


def test_ours_only_leaves_out_what_others_show() -> None:
    node, qualified = function(TEXT)
    sections = hover(Subject(node, metrics=Counted()), qualified, ours_only=True)
    assert [section.title for section in sections] == ["", "Beside its result (calls are not followed)"]
    assert not any(section.code for section in sections)


def test_lines_are_those_of_the_document() -> None:
    node, qualified = function(TEXT)
    assert "os.remove (line 115)" in plain(hover(Subject(node, line_shift=100), qualified))


def test_high_figures_are_said_with_their_reason() -> None:
    node, qualified = function(
        "def f(rows):\n"
        "    total = 0\n"
        "    for row in rows:\n"
        "        for cell in row:\n"
        "            if cell:\n"
        "                total += 1\n"
        "    return total\n"
    )
    subject = Subject(node, line_shift=10, metrics=Counted(cyclomatic=12, cognitive=17, nesting=5))
    assert plain(hover(subject, qualified, ours_only=True)) == (
        "Complexity\n"
        "Cognitive complexity 17 (above 15): mostly the nested loop in lines 14-16\n"
        "12 paths through it (cyclomatic complexity) (above 10), 8 lines, 5 levels of nesting (above 4), 2 parameters"
    )
    calm = hover(subject, qualified, ours_only=True, limits=Limits(20, 20, 20, 20, 20))
    assert "above" not in plain(calm)


def test_what_python_calls_by_itself_is_not_counted() -> None:
    node, qualified = function("def __len__(self):\n    return 1\n")
    assert plain(hover(Subject(node, uses=0), qualified)) == "def __len__(self)"


def test_who_calls_it_says_more_than_how_often_it_is_used() -> None:
    node, qualified = function("def f():\n    return 1\n")
    known = project.Relations((project.Place("g", "a.py:3"),), counts=(1, 0, 0, 0))
    said = plain(hover(Subject(node, uses=2, relations=known), qualified))
    assert said == "def f()\n\nIn the project\n- Called by g (a.py:3)"
    assert "Used 2 times" in plain(hover(Subject(node, uses=2, relations=project.Relations()), qualified))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("pass", None),
        ("if p: pass", ("the if", 2, 2, 1.0)),
        ("if p:\n        pass\n    if q:\n        pass\n", None),
        ("if p:\n        pass\n    elif q:\n        pass\n    else:\n        pass\n", ("the if", 2, 7, 1.0)),
        ("try:\n        if p: pass\n    except E: pass", ("the try", 2, 4, 1.0)),
        ("while p:\n        if q: pass", ("the nested if", 3, 3, 2 / 3)),
        ("x = p and q or r\n    if p: pass", None),
        ("match p:\n        case 1:\n            if q: pass", ("the nested if", 4, 4, 2 / 3)),
    ],
)
def test_the_heaviest_part(body: str, words: tuple[str, int, int, float] | None) -> None:
    node, _ = function(f"def f(p, q):\n    {body}\n")
    part = heaviest(node)
    assert (part and (part.words, part.first, part.last, part.share)) == words


def test_a_generator_says_that_it_waits() -> None:
    node, qualified = function("def f():\n    print(1)\n    yield\n")
    assert "a generator: nothing of this happens before it is iterated" in plain(hover(Subject(node), qualified))


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("async def f(a, /, b=1, *c, d: int = 2, **e): ...", "async def f(a, /, b=1, *c, d: int = 2, **e)"),
        ("def f(*, a): ...", "def f(*, a)"),
        (
            f"def f({', '.join(f'parameter_{n}' for n in range(15))}) -> int: ...",
            "def f(\n" + "".join(f"    parameter_{n},\n" for n in range(12)) + "    ...  # 3 more\n) -> int",
        ),
    ],
)
def test_signatures(header: str, shown: str) -> None:
    node, qualified = function(header)
    assert hover(Subject(node), qualified)[0].code == shown


def test_a_class_shows_how_it_is_made() -> None:
    (node,) = ast.parse("class A(B, metaclass=M):\n    '''Doc.'''\n").body
    assert isinstance(node, ast.ClassDef)
    symbol = SymbolInfo("A", "class", "m.A", ("A(x: int)",), "", "", None)
    page = plain(hover(Subject(node, symbol=symbol), lambda _: None))
    assert page == "class A(B, metaclass=M)\nA(x: int)\n\nDoc."


JOIN = SymbolInfo(
    "join",
    "function",
    "os.path.join",
    ("join(a: str, *p: str) -> str",),
    "",
    "Join paths.",
    Place("/x/posixpath.py", 70, 4),
)


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        (JOIN, "def join(a: str, *p: str) -> str\n\nos.path.join, defined in posixpath.py, line 71\n\nJoin paths."),
        (SymbolInfo("d", "statement", "d", (), "dict[str, int]", "", None), "d: dict[str, int]"),
        (SymbolInfo("d", "param", "", (), "", "", None), "(parameter) d"),
        (SymbolInfo("os", "module", "os", (), "", "OS.", None), "(module) os\n\nOS."),
        (None, ""),
    ],
)
def test_a_name_that_is_only_used_shows_what_jedi_says(symbol: SymbolInfo | None, expected: str) -> None:
    assert plain(hover(Subject(symbol=symbol), lambda _: None)) == expected
    assert hover(Subject(symbol=symbol), lambda _: None, ours_only=True) == ()


def test_findings_carry_why_and_a_link() -> None:
    noted = Noted("'eval' runs text as code.", "Use ``ast.literal_eval``.", "https://example.com/eval")
    assert markdown(hover(Subject(findings=(noted,)), lambda _: None)) == (
        "**Found here**\n\n- 'eval' runs text as code. Use `ast.literal_eval`. [why](https://example.com/eval)"
    )


@pytest.mark.parametrize(("uses", "said"), [(0, "Not used"), (1, "Used once"), (12, "Used 12 times")])
def test_uses(uses: int, said: str) -> None:
    assert plain(hover(Subject(uses=uses, uses_in="the project"), lambda _: None)) == f"{said} in the project"


def test_hostile_depth_is_survived() -> None:
    node, qualified = function(f"def f():\n    if {' + '.join('a' * 900)}:\n        raise E\n")
    deep: ast.expr = ast.Name("a", ast.Load(), lineno=1, col_offset=0)
    for _ in range(20_000):
        deep = ast.BinOp(deep, ast.Add(), ast.Constant(1), lineno=1, col_offset=0)
    condition = node.body[0]
    assert isinstance(condition, ast.If)
    condition.test = deep
    assert "raises E when ... (line 3)" in plain(hover(Subject(node, metrics=Counted(cognitive=30)), qualified))


@pytest.mark.parametrize("path", ["shutil:copyfile", "subprocess:run", "json:dump", "shutil:rmtree"])
def test_pages_of_the_standard_library_are_short(path: str) -> None:
    node, qualified = library(path)
    page = markdown(hover(Subject(node, metrics=Counted(cognitive=30)), qualified))
    assert len(page.split("\n")) <= LINES
    assert not page.endswith("...")


def test_maintainability_is_radons() -> None:
    from radon.metrics import h_visit, mi_visit

    text = "def f(x):\n    if x:\n        return x + 1\n    return x * 2\n"
    found = maintainability(text)
    assert found
    assert (found.index, found.volume) == (mi_visit(text, True), h_visit(text).total.volume)
    assert found.rank == "A"
    node, qualified = function(text)
    page = plain(hover(Subject(node, maintainability=replace(found, index=71.3)), qualified))
    assert "Maintainability index 71 of 100 (rank A), Halstead volume" in page


@pytest.mark.parametrize("text", ["def f(:\n", "x = '\ud800'\n", "\0"])
def test_broken_code_has_no_maintainability(text: str) -> None:
    assert maintainability(text) is None


def test_nothing_heavy_is_imported() -> None:
    code = "import coding_agent.explain; print([name for name in ('radon', 'jedi', 'asyncio') if name in sys.modules])"
    path = f"import sys; sys.path = {sys.path!r}\n"
    ran = subprocess.run([sys.executable, "-c", path + code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
