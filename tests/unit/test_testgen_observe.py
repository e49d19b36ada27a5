"""Which checks are made of what a candidate did."""

from pathlib import Path
from typing import Any

from support.inside import run_inside

CHECKED = """
engine = engine_of("m")
found = inside("observe").Observer(engine).checked(candidate({how}))
tell(None if found is None else [list(check)[:3] + ([check.match] if check.match else []) for check in found.checks])
"""


def checks(folder: Path, source: str, how: str) -> Any:
    """Kind, subject, value (and match) of each check of one candidate."""
    return run_inside(folder, {"m.py": source}, CHECKED.format(how=how))


def test_values(tmp_path: Path) -> None:
    source = "def f(x): return x\n"
    told = {
        "'a'": ["equal", "result", "'a'"],
        "None": ["is", "result", "None"],
        "True": ["is", "result", "True"],
        "2.0": ["equal", "result", "2.0"],
        "0.1 + 0.2": ["approx", "result", "0.30000000000000004"],
        "[0.5, 1]": ["approx", "result", "[0.5, 1]"],
        "[0.5, 'a']": ["approx", "result", "[0.5, 'a']"],
        "[(0.5, 1)]": ["equal", "result", "[(0.5, 1)]"],
        "int": ["is", "result", "int"],
    }
    for number, (code, expected) in enumerate(told.items()):
        assert checks(tmp_path / str(number), source, f"'f', {code!r}") == [expected]


def test_text_of_a_class_is_compared_as_text(tmp_path: Path) -> None:
    modules = {"other.py": "class Safe(str):\n    def __str__(self): return self\n",
               "m.py": "from other import Safe\nclass Name(str): pass\nKINDS = [Safe, Name]\n"
                       "def f(at): return KINDS[at]('abc')\n"}  # fmt: skip

    found = [run_inside(tmp_path / at, modules, CHECKED.format(how=f"'f', {at!r}")) for at in "01"]
    # Whose class it is, only the project has to say.
    assert found == [[["equal", "result", "'abc'"]], [["equal", "result", "'abc'"], ["type", "result", "Name"]]]


def test_computed_floats_are_never_compared_exactly(tmp_path: Path) -> None:
    source = """
import dataclasses, math
@dataclasses.dataclass
class Side:
    length: float
class Shape:
    def __init__(self, size): self.area = math.sqrt(size)
def sides(size): return [(math.sqrt(size), 1), (2, "b")]
def one(size): return Side(math.sqrt(size))
def many(size): return {"all": [[math.sqrt(size)] * 9]}
"""

    assert checks(tmp_path / "a", source, "'Shape', '2'") == [["approx", "result.area", "1.4142135623730951"]]
    assert checks(tmp_path / "b", source, "'sides', '2'") == [
        ["equal", "len(result)", "2"],
        ["approx", "result[0]", "(1.4142135623730951, 1)"],
        ["equal", "result[1]", "(2, 'b')"],
    ]
    assert checks(tmp_path / "c", source, "'one', '2'") == [
        ["approx", "result.length", "1.4142135623730951"],
        ["type", "result", "Side"],
    ]
    assert checks(tmp_path / "d", source, "'many', '2'") == [
        ["equal", "list(result)", "['all']"],
        ["equal", "len(result['all'])", "1"],
        ["approx", "result['all'][0]", f"[{', '.join(['1.4142135623730951'] * 9)}]"],
    ]


def test_object_without_spelling_is_asked_for_its_parts(tmp_path: Path) -> None:
    source = """
class Box:
    def __init__(self, size): self.size = size; self.secret = object(); self._own = 1
    @property
    def double(self): return self.size * 2
    def __len__(self): return self.size
    def __str__(self): return "box of %d" % self.size
"""

    assert checks(tmp_path, source, "'Box', '2'") == [
        ["equal", "len(result)", "2"],
        ["equal", "result.size", "2"],
        ["equal", "result.double", "4"],
        ["equal", "str(result)", "'box of 2'"],
    ]


def test_what_a_method_changed(tmp_path: Path) -> None:
    source = """
class Stack:
    def __init__(self): self.items = []; self.name = "s"
    def push(self, item): self.items.append(item)
"""
    how = "'Stack.push', '1', callee='stack.push', arrange=('stack = Stack()',)"

    assert checks(tmp_path, source, how) == [["equal", "stack.items", "[1]"]]


def test_argument_that_was_changed(tmp_path: Path) -> None:
    source = "def f(items): items.sort()\n"

    assert checks(tmp_path, source, "'f', 'items', arrange=('items = [2, 1]',)") == [["equal", "items", "[1, 2]"]]


def test_raise_of_the_project(tmp_path: Path) -> None:
    source = "class Wrong(Exception): pass\ndef f(x):\n    raise Wrong('no (%s)' % x)\n"

    assert checks(tmp_path, source, "'f', '1'") == [["raises", "", "Wrong", r"no \(1\)"]]


def test_accident_is_no_expectation(tmp_path: Path) -> None:
    assert checks(tmp_path / "a", "def f(x): return x.y\n", "'f', '1'") is None
    assert checks(tmp_path / "b", "def f(x): return int(x)\n", "'f', repr('a')") is None
    assert checks(tmp_path / "c", "def f(x):\n    assert x, 'no'\n", "'f', '0'") is None


def test_what_goes_wrong_while_an_exception_is_made_is_no_expectation(tmp_path: Path) -> None:
    sources = {
        "format": "def f(x):\n    raise ValueError('too large: {:d}'.format(x))\n",
        "look up": "def f(x):\n    raise ValueError({}[x])\n",
        "deeper": "def g(x): return int(x)\ndef f(x):\n    raise ValueError(g('a'))\n",
        "no exception": "def f(x):\n    raise NotImplemented\n",
        "passed on": "def f(x):\n    try:\n        return int('a')\n    except ValueError as error: raise error\n",
        "again": "def f(x):\n    try:\n        return int('a')\n    except ValueError: raise\n",
    }
    assert {name: checks(tmp_path / name, source, "'f', '5.5'") for name, source in sources.items()} == dict.fromkeys(
        sources
    )


def test_exception_made_elsewhere_or_of_another_one_is_expected(tmp_path: Path) -> None:
    made = "def wrong(x):\n    return KeyError(x)\ndef f(x):\n    raise wrong(\n        x\n    )\n"
    other = (
        "def f(x):\n    try:\n        return int('a')\n    except ValueError as e:\n        raise KeyError(x) from e\n"
    )

    assert checks(tmp_path / "made", made, "'f', '5'") == [["raises", "", "KeyError", "5"]]
    assert checks(tmp_path / "other", other, "'f', '5'") == [["raises", "", "KeyError", "5"]]


def test_documented_error_of_a_library_is_one(tmp_path: Path) -> None:
    source = "def f(x):\n    '''Raises: ValueError'''\n    return int(x)\n"

    assert checks(tmp_path, source, "'f', repr('a')") == [["raises", "", "ValueError"]]


def test_private_class_is_caught_by_its_base(tmp_path: Path) -> None:
    source = "def f():\n    class Local(KeyError): pass\n    raise Local('k')\n"

    assert checks(tmp_path, source, "'f'") == [["raises", "", "KeyError", "'k'"]]


def test_prints_logs_and_warnings(tmp_path: Path) -> None:
    source = """
import logging, warnings
def f():
    print("hello")
    logging.getLogger("a").error("bad %d", 1)
    warnings.warn("use g", DeprecationWarning, stacklevel=2)
"""

    assert checks(tmp_path, source, "'f'") == [
        ["prints", "capsys.readouterr().out", r"'hello\n'"],
        ["logs", "caplog.messages", "['bad 1']"],
        ["warns", "", "DeprecationWarning", "use g"],
    ]


def test_files_that_were_written(tmp_path: Path) -> None:
    source = "def f(path):\n    path.write_text('a\\n')\n    return path\n"
    how = "'f', \"tmp_path / 'x.txt'\", fixtures=('tmp_path',)"

    assert checks(tmp_path, source, how) == [
        ["equal", "result", "tmp_path / 'x.txt'"],
        ["file", "(tmp_path / 'x.txt').read_text()", r"'a\n'"],
    ]


def test_what_differs_the_second_time_is_left_out(tmp_path: Path) -> None:
    source = """
count = 0
class Ticket:
    def __init__(self, name):
        global count
        count += 1
        self.name, self.number = name, count
"""

    assert checks(tmp_path, source, "'Ticket', repr('a')") == [["equal", "result.name", "'a'"]]


def test_what_is_written_elsewhere_is_dropped(tmp_path: Path) -> None:
    source = "def f():\n    open(__file__ + 'c', 'w').close()\n    return 1\n"

    assert checks(tmp_path, source, "'f'") is None


def test_what_is_written_into_the_working_directory_is_looked_at(tmp_path: Path) -> None:
    source = "def f():\n    open('stray', 'w').close()\n    return 1\n"

    assert checks(tmp_path, source, "'f'") == [
        ["equal", "result", "1"],
        ["file", "(tmp_path / 'stray').read_text()", "''"],
    ]


def test_imports_and_fixtures_are_complete(tmp_path: Path) -> None:
    source = (
        "import datetime, enum\nclass Kind(enum.Enum):\n    A = 1\ndef f(x):\n    print('p')\n    return [Kind.A, x]\n"
    )
    script = """
engine = engine_of("m")
given = candidate("f", "datetime.timedelta(1)", imports=("import datetime",))
found = inside("observe").Observer(engine).checked(given)
tell([found.imports, found.fixtures])
"""

    assert run_inside(tmp_path, {"m.py": source}, script) == [
        ["from m import Kind", "from m import f", "import datetime"],
        ["capsys"],
    ]


def test_group_of_exceptions_is_known_by_its_message_alone(tmp_path: Path) -> None:
    source = (
        "class Group(Exception):\n    def __init__(self, message, exceptions):\n"
        "        super().__init__(message)\n        self.message, self.exceptions = message, exceptions\n"
        "    def __str__(self):\n        return f'{self.message} ({len(self.exceptions)} sub-exceptions)'\n"
        "def f():\n    raise Group('invalid data', [KeyError('a'), KeyError('b')])\n"
    )

    assert checks(tmp_path, source, "'f'") == [["raises", "", "Group", "invalid data"]]


def test_object_that_tells_nothing_of_itself_is_known_by_its_class(tmp_path: Path) -> None:
    source = "import gettext\ndef f():\n    return gettext.NullTranslations()\ndef g():\n    return object()\n"

    assert checks(tmp_path / "a", source, "'f'") == [["type", "result", "NullTranslations"]]
    assert checks(tmp_path / "b", source, "'g'") is None
