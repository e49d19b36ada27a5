"""Documents with definitions that a model is asked to write anew, for tests of what its answers have to pass."""

import ast
from functools import cache
from typing import NamedTuple

from coding_agent.analysis.file import Analyser
from coding_agent.analysis.registry import all_rules
from coding_agent.analysis.ruleset import Selection, select
from coding_agent.assist.checked import Checked, Gone, Meant, Purpose, checked
from coding_agent.text import Span, split_lines

PATH = "shop/cart.py"
SHOP = '''"""What a shop needs."""

import json
import logging
import os
import re
import subprocess
from collections import Counter
from decimal import Decimal

import requests

from shop.words import slugged

_LOG = logging.getLogger(__name__)
CACHE = {}
LIMIT = 100
SESSION = requests.Session()


def rounded(value):
    return round(value, 2)


def wipe(folder):
    os.rmdir(folder)


def count_up():
    global LIMIT
    LIMIT = LIMIT + 1


class Cart:
    """Things to be bought."""

    kind: str = "cart"

    def __init__(self, items, owner=None):
        self.items = items
        self.owner = owner
        self.seen = []

    @property
    def empty(self):
        return len(self.items) == 0

    def total(self, discount=0.0):
        """Add up what is in it.

        Prices that are not known count nothing.
        """
        # All of it.
        result = 0
        for item in self.items:
            if item.price != None:  # not known yet
                result += item.price
        return result * (1 - discount)

    def note(self, text):
        self.seen.append(text)
        return len(self.seen)

    async def ask(self, client, name: str = "x") -> str:
        found = await client.find(name)
        if found == None:
            return ""
        return found


def shown(names, sep=", "):
    text = ""
    for name in names:
        text = text + str(name) + sep
    if text:
        text = text[: -len(sep)]
    return text


def evens(numbers):
    for number in numbers:
        if number % 2 == 0:
            yield number


def unique(values):
    result = []
    for value in values:
        if value not in result:
            result.append(value)
    return result


def load(path):
    handle = open(path)
    text = handle.read()
    handle.close()
    return json.loads(text)


def fetch(name, limit=10):
    answer = requests.get("https://shop.example/api/" + name)
    answer.raise_for_status()
    return answer.json()[:limit]


def listing(folder):
    return subprocess.run(["ls", "-l", folder], capture_output=True, text=True).stdout


def find(cursor, name):
    cursor.execute("SELECT id, price FROM items WHERE name = '%s'" % name)
    return cursor.fetchall()


def price_of(text, default=None):
    try:
        return Decimal(text.strip())
    except Exception:
        return default


def bump():
    global LIMIT
    LIMIT += 1
    return LIMIT


def outer(values, scale):
    def inner(value):
        return value * scale + LIMIT

    return [inner(value) for value in values]


def query(table):
    text = """
    SELECT *
      FROM items
    """
    return text.replace("items", table)
'''
TABS = 'def area(sides):\r\n\t"""Area."""\r\n\tresult = 1\r\n\tfor side in sides:\r\n\t\tresult = result * side\r\n\treturn result\r\n'
WORDS = '"""Words."""\n\nimport os\nimport re\n\n\ndef slugged(text):\n    return re.sub("[^a-z]+", "-", text.lower())\n\n\ndef gone(path):\n    os.remove(path)\n'


class Case(NamedTuple):
    """An answer for a definition of ``SHOP``; ``failing`` is the check that has to fail, empty for a good one."""

    title: str
    base: str
    code: str
    purpose: Purpose
    failing: str = ""


@cache
def analyser() -> Analyser:
    return Analyser(select(all_rules(), Selection()))


def meant(name: str, document: str = SHOP) -> Meant:
    """What is sent for a definition of a document, by its qualified name."""
    body: list[ast.stmt] = ast.parse(document).body
    node = None
    for part in name.split("."):
        node = next(each for each in body if isinstance(each, DEFINITIONS) and each.name == part)
        body = node.body
    assert node is not None
    lines = split_lines(document)
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)]) - 1
    starts = [sum(map(len, lines[:count])) for count in (first, node.end_lineno or 0)]
    return Meant(document, Span(*starts), name, {"shop.words": WORDS})


DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def own(name: str, document: str = SHOP) -> str:
    """The lines of a definition as they stand there."""
    span = meant(name, document).span
    return document[span.start : span.stop]


def answered(case: Case, gone: Gone | None = None, document: str = SHOP) -> Checked:
    """What comes of an answer."""
    return checked(meant(case.base, document), case.code, case.purpose, analyser(), PATH, gone)
