"""A project that a model is asked about, and an endpoint with what it answers written down."""

import json
import subprocess
from pathlib import Path
from typing import Any

from support.scripted import Case, Say, Scripted

KEY = "sk-of-somebody-7f3a9"
CART = '''def pay(card, total):
    """Take the money."""
    return card.charge(total)


def buy(cart, card):
    total = sum(item.price for item in cart)
    return pay(card, total)
'''
CHANGED = CART.replace("item.price for", "item.price * item.count for")
FASTER = "def buy(cart, card):\n    return pay(card, sum(item.price * item.count for item in cart))\n"
BAG = """def unique(values: list[int]) -> list[int]:
    result = []
    for value in values:
        if value not in result:
            result.append(value)
    return result
"""
QUICK = "def unique(values: list[int]) -> list[int]:\n    return list(dict.fromkeys(values))\n"
BAG_TESTS = "from bag import unique\n\n\ndef test_one():\n    assert unique([1]) == [1]\n"
TWICE = "def test_what_comes_twice():\n    assert unique([2, 2]) == [2]\n"
SAID = "The price of each item is added up (cart.py:7), and that is what `pay` takes from the card."
OLLAMA, NAMED = "http://127.0.0.1:11434/v1", "qwen2.5-coder:7b"
"""Where our pages say that a model stands, and what it is called."""
TOLD = "The text is run as code (sample.py:6)."
REMARK = {"path": "cart.py", "line": 7, "severity": "warning", "message": "an empty cart is paid for"}
MESSAGE = {"subject": "Charge for each piece", "body": "One price is that of one piece."}


def changed(project: Path) -> Path:
    """A file with changes that are not committed."""
    file = project / "cart.py"
    file.write_text(CART)
    someone = ["-c", "user.name=t", "-c", "user.email=t@t"]
    for command in (["init", "-q"], ["add", "."], [*someone, "commit", "-qm", "Sell"]):
        subprocess.run(["git", *command], cwd=project, check=True)
    file.write_text(CHANGED)
    return file


def endpoint() -> Scripted:
    """Its first explanation is to be stopped, the second one is held in the middle."""
    return Scripted(
        [
            Case(_of("remarks"), json.dumps({"remarks": [REMARK]})),
            Case(_of("subject"), json.dumps(MESSAGE)),
            Case(
                _writes_tests, json.dumps({"code": f"from bag import unique\n\n\n{TWICE}", "why": "two may be alike"})
            ),
            Case("def unique", json.dumps({"code": QUICK, "why": "a dict finds it at once"})),
            Case(_of("code"), json.dumps({"code": FASTER, "why": "one name less"})),
            Case("", Say(SAID, hold=4), Say(SAID, hold=8)),
        ],
        key=KEY,
    )


def mending() -> Scripted:
    """Mends what is found in the function that our pages show, and explains it."""
    code = 'def read(text):\n    """Return the value that a text says."""\n    return int(text)\n'
    answers = [Case(_of("code"), json.dumps({"code": code, "why": "a number is meant"})), Case("", Say(TOLD))]
    return Scripted(answers, key=KEY, models=(NAMED,))


def _writes_tests(asked: Any) -> bool:
    return "Write pytest functions" in asked.last


def _of(name: str) -> Any:
    """Whether an answer is wanted whose form has a field."""
    return lambda asked: name in asked.schema.get("properties", {})
