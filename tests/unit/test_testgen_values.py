"""Values of annotations, names, defaults and usage, as source texts."""

import ast
import sys
from types import ModuleType

import pytest

from coding_agent.testgen.inside import pools
from coding_agent.testgen.inside.pools import kind_of
from coding_agent.testgen.inside.values import Value
from coding_agent.testgen.inside.world import World


def world(source: str, name: str = "made_up_values") -> World:
    module = ModuleType(name)
    module.__file__ = "made_up.py"
    sys.modules[name] = module
    exec(compile(source, "made_up.py", "exec"), module.__dict__)
    return World(module, ast.parse(source))


def pool(source: str, parameter: str = "value", function: str = "f") -> list[str]:
    made = world(source)
    rows = pools.for_callable(made.member(function), function, made)
    return [value.code for row in rows if row.name == parameter for value in row.pool]


@pytest.mark.parametrize(
    ("annotation", "kinds"),
    [
        ("int", {"int"}),
        ("'str | None'", {"str", "NoneType"}),
        ("Optional[bytes]", {"bytes", "NoneType"}),
        ("List[int]", {"list"}),
        ("Dict[str, float]", {"dict"}),
        ("Tuple[int, str]", {"tuple"}),
        ("Annotated[int, 'unit']", {"int"}),
        ("NewType('UserId', int)", {"int"}),
        ("TypeVar('T', int, str)", {"int", "str"}),
        ("Iterator[int]", {"iter"}),
        ("Callable[[int, int], bool]", {"callable"}),
        ("datetime.timedelta", {"datetime.timedelta"}),
        ("'Sequence[Missing]'", {"list", "tuple", "set"}),
    ],
)
def test_values_are_of_the_annotated_kinds(annotation: str, kinds: set[str]) -> None:
    codes = pool(f"import datetime\nfrom typing import *\ndef f(value: {annotation}): ...")
    assert codes
    assert {kind_of(code) for code in codes} <= kinds


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("indent", ["4", "'    '"]),
        ("line_separator", ["'\\n'", "'\\r\\n'"]),
        ("newline", ["'\\n'", "'\\r\\n'"]),
        ("encoding", ["'utf-8'", "'ascii'"]),
        ("width", ["80", "20"]),
        ("prefix", ["'> '", "'abc'"]),
    ],
)
def test_parameters_get_what_people_give(name: str, first: list[str]) -> None:
    assert pool(f"def f({name}): return {name}", name)[:2] == first


def test_a_path_is_never_a_number() -> None:
    codes = pool("def f(path): return open(path, 'w')", "path") + pool("def f(it): return open(it)", "it")
    assert {kind_of(code) for code in codes} & {"int", "bool"} == set()


def test_literals_are_exactly_their_values() -> None:
    assert pool("from typing import Literal\ndef f(value: Literal['red', 3]): ...") == ["'red'", "3"]


def test_an_enumeration_gives_its_members() -> None:
    source = "import enum\nclass Color(enum.Enum):\n    RED = 1\n    BLUE = 2\ndef f(value: Color): ..."
    assert pool(source) == ["Color.RED", "Color.BLUE"]


def test_a_dataclass_is_made_by_its_fields() -> None:
    source = (
        "from dataclasses import dataclass\n@dataclass\nclass Point:\n    x: int\n    y: int = 0\n"
        "def f(value: Point): ..."
    )
    codes = pool(source)
    assert codes[0] == "Point(3)"
    assert "Point(3, y=3)" in codes


def test_a_typed_dictionary_has_its_keys() -> None:
    source = "from typing import TypedDict\nclass Row(TypedDict):\n    name: str\n    size: int\ndef f(value: Row): ..."
    assert set(ast.literal_eval(pool(source)[0])) == {"name", "size"}


def test_a_class_that_needs_itself_comes_to_an_end() -> None:
    source = "class Node:\n    def __init__(self, value: int, next: 'Node'): ...\ndef f(value: Node): ..."
    assert isinstance(pool(source), list)


def test_classes_that_hold_each_other_come_to_an_end() -> None:
    source = (
        "class A:\n    def __init__(self, maxsize, getsizeof=None):\n"
        "        self.maxsize = maxsize\n        self.getsizeof = getsizeof or self.getsizeof\n"
        "        self.data = self.maxsize\n        self.maxsize = self.data\n"
        "    def get(self, key):\n        self.maxsize = self.getsizeof(self.maxsize)\n        return self.data[key]\n"
        "def f(value: A): ..."
    )
    assert pool(source)


def test_types_for_checkers_only_are_found() -> None:
    source = (
        "from __future__ import annotations\nfrom typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from decimal import Decimal\ndef f(value: Decimal): ..."
    )
    assert pool(source)[0].startswith("Decimal(")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("return value.lower()", "str"),
        ("return value['name'] + value.get('size', 1)", "dict"),
        ("return [item for item in value]", "list"),
        ("return value(1, 2)", "callable"),
        ("return value.total_seconds()", "datetime.timedelta"),
        ("return value * 2 - 1", "int"),
        ("if value: return 1", "bool"),
    ],
)
def test_without_annotation_the_body_says_what_is_wanted(body: str, kind: str) -> None:
    assert kind_of(pool(f"def f(value):\n    {body}")[0]) == kind


def test_what_a_value_is_compared_with_is_in_its_pool() -> None:
    codes = pool("def f(value):\n    if value == 'magic': return 1\n    return value in ('left', 'right')")
    assert {"'magic'", "'left'", "'right'"} <= set(codes)


def test_attributes_read_are_those_of_a_duck_object() -> None:
    code = pool("def f(value):\n    return value.weight + value.colour_of_hair")[0]
    assert code.startswith("SimpleNamespace(")
    assert "weight=" in code
    assert "colour_of_hair=" in code


def test_keys_read_of_keywords_are_parameters() -> None:
    made = world("def f(**options):\n    return options['width'] + options['height']")
    rows = pools.for_callable(made.member("f"), "f", made)
    assert [(row.keyword, row.needed) for row in rows] == [("width", True), ("height", True)]


def test_the_same_name_means_the_same_thing_in_one_module() -> None:
    codes = pool("def g(value: bytes): ...\ndef f(value): return value")
    assert {kind_of(code) for code in codes[:3]} == {"bytes"}


def test_an_unpacked_dictionary_has_the_keys_of_what_it_is_given_to() -> None:
    source = "class Point:\n    def __init__(self, x: int, y: int): ...\ndef f(value):\n    return Point(**value)"
    assert set(ast.literal_eval(pool(source)[0])) == {"x", "y"}


def test_a_value_the_code_refuses_is_among_the_others() -> None:
    codes = pool("def f(value: str):\n    if not isinstance(value, str):\n        raise TypeError(value)")
    assert any(kind_of(code) == "int" for code in codes)


def test_without_annotation_a_parameter_takes_what_callers_give_it() -> None:
    made = world("def f(value):\n    for each in value:\n        print(each)\n")
    made.seeds["f:value"] = [Value("'pen'", origin="usage")]
    (row,) = pools.for_callable(made.member("f"), "f", made)
    assert row.pool[0].code == "'pen'"
    assert {kind_of(value.code) for value in row.pool} <= {"str", "NoneType", "int"}


def test_a_parameter_is_what_a_field_of_its_name_is() -> None:
    source = "import dataclasses\n@dataclasses.dataclass\nclass A:\n    sku: bytes\ndef f(sku):\n    return sku\n"
    assert kind_of(pool(source, "sku")[0]) == "bytes"


def test_what_callers_never_give_is_ruled_out_for_a_bare_parameter() -> None:
    made = world("def f(value, other=0, kind=None):\n    return value == other or isinstance(kind, str)\n")
    for name, code in (("value", "'pen'"), ("other", "1.5"), ("kind", "2")):
        made.seeds[f"f:{name}"] = [Value(code, origin="call site")]
    rows = pools.for_callable(made.member("f"), "f", made)
    assert [set(row.kinds) for row in rows] == [{"str", "NoneType"}, {"float", "int", "NoneType"}, set()]


def test_who_takes_a_list_may_be_given_an_iterator() -> None:
    made = world("def f(items):\n    return iter(items) is items\n")
    made.seeds["f:items"] = [Value("[1, 2]", origin="usage")]
    (row,) = pools.for_callable(made.member("f"), "f", made)
    assert {"list", "iter", "tuple"} <= row.kinds
    assert "str" not in row.kinds
    assert any(value.code.startswith("iter(") for value in row.pool)


def test_an_object_of_a_class_in_a_module_that_is_named_has_the_methods_that_are_called() -> None:
    world("class Tree:\n    def leaves(self):\n        return []\n\nclass Bush(Tree):\n    pass\n", "made_up.parts")
    made = world("def f(value):\n    return value.leaves()\n", "made_up.use")
    vars(made.module)["parts"] = sys.modules["made_up.parts"]
    (row,) = pools.for_callable(made.member("f"), "f", made)
    codes = [value.code for value in row.pool]
    assert "Tree()" in codes
    assert codes.index("Tree()") < codes.index("Bush()")
