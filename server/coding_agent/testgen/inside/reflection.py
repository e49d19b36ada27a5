# pyright: standard
# Looks at the user's module.
"""Inputs for code that looks at classes and annotations: local dataclasses, their data, typing forms."""

import ast
from typing import Any, Dict, List, Tuple

from . import guess
from .usage import dotted
from .values import Value, importing, plain
from .world import World

DATACLASSES = "from dataclasses import dataclass, field"
_SHAPES: Tuple[Tuple[str, str, Tuple[str, ...]], ...] = (
    ("Point", "@dataclass\nclass Point:\n    x: int\n    y: int = 0", ()),
    (
        "Person",
        "@dataclass\nclass Person:\n    name: str\n    nickname: Optional[str] = None\n"
        "    tags: List[str] = field(default_factory=list)",
        ("from typing import List, Optional",),
    ),
    (
        "Box",
        "@dataclass\nclass Box:\n    corner: Point\n    others: List[Point]\n    by_name: Dict[str, Point]",
        ("from typing import Dict, List",),
    ),
    (
        "Event",
        "@dataclass\nclass Event:\n    at: datetime.datetime\n    price: Decimal\n    key: uuid.UUID\n    color: Color",
        ("import datetime", "import enum", "import uuid", "from decimal import Decimal"),
    ),
    (
        "Mixed",
        "@dataclass\nclass Mixed:\n    value: Union[int, str]\n    pair: Tuple[int, str]\n"
        "    anything: Any = None\n    items: Set[int] = field(default_factory=set)",
        ("from typing import Any, Set, Tuple, Union",),
    ),
    (
        "Node",
        "@dataclass\nclass Node:\n    value: int\n    next: Optional['Node'] = None\n    sizes: Tuple[int, ...] = ()",
        ("from typing import Optional, Tuple",),
    ),
)
_COLOR = "class Color(enum.Enum):\n    RED = 'red'\n    BLUE = 'blue'"
_MOMENT = "datetime.datetime(2024, 1, 15, tzinfo=datetime.timezone.utc)"
_KEY = "uuid.UUID('12345678-1234-5678-1234-567812345678')"
_MADE: Dict[str, Tuple[str, ...]] = {
    "Point": ("Point(1, 2)", "Point(3)"),
    "Person": ("Person('Ada')", "Person('Bob', 'bobby', ['x'])"),
    "Box": ("Box(Point(1, 2), [Point(3)], {'a': Point(4)})",),
    "Event": (f"Event({_MOMENT}, Decimal('1.50'), {_KEY}, Color.RED)",),
    "Mixed": ("Mixed(1, (2, 'b'))", "Mixed('a', (2, 'b'), {'k': [1]}, {1, 2})"),
    "Node": ("Node(1, Node(2), (1, 2))",),
}
_DATA: Tuple[str, ...] = (
    "{'x': 1, 'y': 2}",
    "{'x': 1}",
    "{'name': 'Ada'}",
    "{'name': 'Bob', 'nickname': 'bobby', 'tags': ['x']}",
    "{'name': 'Bob', 'nickname': None}",
    "{'corner': {'x': 1, 'y': 2}, 'others': [{'x': 3}], 'by_name': {'a': {'x': 4}}}",
    "{'at': 1700000000.0, 'price': '1.50', 'key': '12345678-1234-5678-1234-567812345678', 'color': 'red'}",
    "{'value': 'a', 'pair': [1, 'b'], 'anything': [1], 'items': [1, 2]}",
    "{'value': 1, 'pair': [1, 'b']}",
    "{'value': 1, 'next': {'value': 2}, 'sizes': [1, 2]}",
    "{'x': 1, 'y': 2, 'z': 3}",
    "{'x': None}",
)
_FORMS = importing("from typing import List", "List[int]", "List[str]") + importing(
    "from typing import Optional", "Optional[int]", "Optional[str]"
)
FORMS: List[Value] = [
    *_FORMS,
    *importing("from typing import Dict", "Dict[str, int]"),
    *importing("from typing import Union", "Union[int, str]"),
    *importing("from typing import Tuple", "Tuple[int, str]", "Tuple[int, ...]"),
    *importing("from typing import Set", "Set[int]"),
    *importing("from typing import Any", "Any", "list[Any]"),
    *importing("from typing import Callable", "Callable[[int], str]"),
    *importing("from typing import Literal", "Literal['a', 1]"),
    *importing("from typing import Mapping, Sequence", "Mapping[str, int]", "Sequence[int]"),
    *importing("from typing import NewType", "NewType('UserId', int)"),
    *importing("from typing import TypeVar", "TypeVar('T')"),
    *plain("int", "str", "list", "dict", "list[int]", "dict[str, int]", "tuple[int, str]", "type(None)"),
]


_PARTNERS: Dict[str, Tuple[str, ...]] = {
    "Point": _DATA[:2] + _DATA[10:12],
    "Person": _DATA[2:5],
    "Box": _DATA[5:6],
    "Event": _DATA[6:7],
    "Mixed": _DATA[7:9],
    "Node": _DATA[9:10],
    "Tagged": ("{'value': 3}", "{}"),
    "List[int]": ("[1, 2]", "['3']", "None"),
    "Optional[int]": ("3", "None", "'4'"),
    "Dict[str, int]": ("{'a': 1}", "{}"),
    "Union[int, str]": ("'abc'", "3", "{'x': 1}"),
    "Tuple[int, str]": ("[1, 'b']", "(1, 'b')"),
    "Tuple[int, ...]": ("[1, 2]",),
    "Set[int]": ("[1, 2, 1]",),
    "Any": ("{'a': 1}",),
    "int": ("'3'", "4"),
    "list": ("(1, 2)",),
    "dict": ("[('a', 1)]",),
    "Sequence[int]": ("[1, 2]",),
    "Mapping[str, int]": ("{'a': 1}",),
    "Literal['a', 1]": ("'a'", "'b'"),
    "Color": ("'red'", "'green'"),
    "datetime.datetime": ("1700000000.0", "'2024-01-15T12:30:00'"),
    "Union[Point, str]": ("{'x': 1}", "{'z': 1}", "'abc'"),
    "List[Point]": ("[{'x': 1}]", "[]"),
    "Optional[Point]": ("{'x': 1}", "None"),
    "Decimal": ("'1.50'",),
    "uuid.UUID": ("'12345678-1234-5678-1234-567812345678'",),
}
RICH: List[Value] = [
    *importing("import datetime", "datetime.datetime"),
    *importing("from decimal import Decimal", "Decimal"),
    *importing("import uuid", "uuid.UUID"),
]


def partners(code: str) -> List[Value]:
    """Return what may stand beside a type or annotation: the data that an object of it is made of."""
    return plain(*_PARTNERS.get(code, ()), origin="shape")


def unions() -> List[Value]:
    """Return annotations over the local dataclasses."""
    return [
        Value("Union[Point, str]", (DATACLASSES, "from typing import Union"), (_SHAPES[0][1],), origin="shape"),
        Value("List[Point]", (DATACLASSES, "from typing import List"), (_SHAPES[0][1],), origin="shape"),
        Value("Optional[Point]", (DATACLASSES, "from typing import Optional"), (_SHAPES[0][1],), origin="shape"),
    ]


def types_of_dataclasses(world: World) -> List[Value]:
    """Return local dataclasses as types: flat, nested, rich, with unions, with the metadata the module reads."""
    return [
        *(
            Value(name, (DATACLASSES, *imports), _definitions(name, text), origin="shape")
            for name, text, imports in _SHAPES
        ),
        *_tagged(world),
    ]


def instances(world: World) -> List[Value]:
    """Return objects of the local dataclasses."""
    return [
        value._replace(code=code)
        for value in types_of_dataclasses(world)
        for code in _MADE.get(value.code, (f"{value.code}()",))
    ]


def data() -> List[Value]:
    """Return dictionaries as the local dataclasses would be written."""
    return plain(*_DATA, origin="shape")


def enum_types() -> List[Value]:
    """Return a local enumeration as a type."""
    return [Value("Color", ("import enum",), (_COLOR,), origin="shape")]


def _definitions(name: str, text: str) -> Tuple[str, ...]:
    found = [_SHAPES[0][1]] if "Point" in text and name != "Point" else []
    return (*found, *([_COLOR] if "Color" in text else []), text)


def _tagged(world: World) -> List[Value]:
    """Return dataclasses whose field has metadata with the keys that the module reads of some ``field.metadata``."""
    return world.noted("tagged", lambda: _find_tagged(world))


def _find_tagged(world: World) -> List[Value]:
    found: List[Value] = []
    for name in list(world.nodes):
        uses = world.uses(name)
        for path, use in list(uses.items()):
            if path.endswith(".metadata") and use.known():
                for value in guess.with_keys(uses, path, world, 3)[:6]:
                    text = f"@dataclass\nclass Tagged:\n    value: int = field(default=1, metadata={value.code})"
                    found.append(Value("Tagged", (DATACLASSES, *value.imports), (*value.arrange, text), origin="shape"))
    return list(dict.fromkeys(found))[:12]


def _mentioned(world: World) -> Any:
    return world.noted(
        "mentioned",
        lambda: {
            dotted(node).rpartition(".")[2]
            for node in ast.walk(world.tree)
            if isinstance(node, (ast.Name, ast.Attribute))
        },
    )


def on_dataclasses(world: World) -> bool:
    """Tell whether the module looks at the fields of dataclasses it is given."""
    return bool({"is_dataclass", "fields", "asdict", "__dataclass_fields__"} & _mentioned(world))


def on_annotations(world: World) -> bool:
    """Tell whether the module takes annotations apart."""
    used = {
        "get_origin",
        "get_args",
        "__origin__",
        "__args__",
        "get_type_hints",
        "is_union_type",
        "is_optional_type",
        "_GenericAlias",
    } & _mentioned(world)
    return len(used) > 1 or bool(used - {"__args__"})
