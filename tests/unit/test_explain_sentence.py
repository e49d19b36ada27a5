"""What a function does, in one sentence made of its name and header."""

import ast

import pytest

from coding_agent.explain.code import Function
from coding_agent.explain.page import Code
from coding_agent.explain.sentence import sentence


def said(code: str, holder: str = "") -> str | None:
    (node,) = ast.parse(code).body
    assert isinstance(node, Function)
    line = sentence(node, holder)
    return None if line is None else "".join(f"`{each.text}`" if isinstance(each, Code) else str(each) for each in line)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "def get_user_by_email(email, strict=False) -> User: ...",
            "Gets user by email: takes `email`; returns `User`",
        ),
        ("def is_empty(cart): return not cart", "Tells whether it is empty: takes `cart`; returns a bool"),
        ("def to_json(value): return '{}'", "Converts to json: takes `value`; returns a text"),
        ("def copyFiles(*names): pass", "Copies files"),
        ("def parseURL(text): return (1, 2)", "Parses URL: takes `text`; returns a tuple"),
        ("def handle_request(request): pass", "Handles request: takes `request`"),
        ("def find_all(a, *, key): yield a", "Finds all: takes `a`, `key`; yields what it finds"),
        ("def push_all(a, b, c, d, e): pass", "Pushes all: takes `a`, `b`, `c`, `d` and 1 more"),
        ("def read_lines(path): return [] if path else None", "Reads lines: takes `path`"),
        (
            "def read_lines(path):\n    if path:\n        return None\n    return []",
            "Reads lines: takes `path`; returns None or a list",
        ),
        ("def undo_last() -> None: ...", "Undoes last"),
    ],
)
def test_functions(code: str, expected: str) -> None:
    assert said(code) == expected


@pytest.mark.parametrize(
    "code", ["def total(x): ...", "def test_get(x): ...", "def __eq__(a, b): ...", "def _(): ...", "def run(): ..."]
)
def test_a_name_that_tells_nothing(code: str) -> None:
    assert said(code) is None


def test_methods() -> None:
    assert said("def save(self): ...", "ShoppingCart") == "Saves the shopping cart"
    assert said("def __init__(self, path): ...", "Store") == "Sets up a new `Store`: takes `path`"
    assert said("@property\ndef full_name(self): return f'{self.a}'", "User") == "The full name: returns a text"
    assert said("@staticmethod\ndef make_one(size): ...", "Cart") == "Makes one: takes `size`"


@pytest.mark.parametrize(
    ("code", "holder", "expected"),
    [
        ("def send(self, mail): ...", "MailSender", "Sends the mail: takes `mail`"),
        ("def copy(self): ...", "FileCopier", "Copies the file"),
        ("def run(self): ...", "JobRunner", "Runs the job"),
        ("def validate(self): ...", "FormValidator", "Validates the form"),
        ("def send(self, mail): ...", "Sender", None),
        ("def send(self, mail): ...", "_", None),
    ],
)
def test_a_class_named_for_what_it_does_is_not_what_it_does_it_to(code: str, holder: str, expected: str | None) -> None:
    assert said(code, holder) == expected
