"""Words for values: what tests and the rows of tables are named by."""

import ast
import keyword
import re
import unicodedata

from coding_agent.testgen.inside import parsing
from coding_agent.testgen.inside.wording import snake
from coding_agent.testgen.numerals import decimal, digit_by_digit, number, of_float, without_number

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_SIGNS = {
    ".": "dot", ",": "comma", ";": "semicolon", ":": "colon", "-": "dash", "_": "underscore", "/": "slash",
    "\\": "backslash", "@": "at", "#": "hash", "%": "percent", "&": "ampersand", "*": "star", "+": "plus",
    "=": "equals", "?": "question mark", "!": "exclamation mark", "(": "open paren", ")": "close paren",
    "[": "open bracket", "]": "close bracket", "{": "open brace", "}": "close brace", "<": "less than",
    ">": "greater than", "|": "pipe", "^": "caret", "~": "tilde", "$": "dollar", "'": "quote", '"': "double quote",
    "`": "backtick", " ": "space", "\n": "newline", "\t": "tab", "\r": "carriage return", "\0": "null byte",
}  # fmt: skip
_EMPTY = {"''": "empty string", "b''": "empty bytes", "[]": "empty list", "{}": "empty dict", "()": "empty tuple",
          "set()": "empty set", "frozenset()": "empty set"}  # fmt: skip
_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "plus", ast.Sub: "minus", ast.Mult: "times", ast.Div: "over", ast.Pow: "to the power of",
}  # fmt: skip
LONGEST, _FEW_SIGNS = 36, 16
"""Characters of a description, and of a text that is shown as it is though it has no words."""


def describe(code: str, name: str = "") -> str:
    """Return a few words for an expression, in lower case; ``name`` is the parameter it is given to.

    "empty string", "none", "minus one", "three items". Empty where nothing short can be said.
    """
    node = parsing.expression(code.strip())
    if node is None:
        return ""
    words = " ".join(_node(node, name).split())
    if len(words) > LONGEST:
        words = " ".join(_brief(node, words).split())
    return words


def _brief(node: ast.expr, words: str) -> str:
    """Fewer words that are as true: how many items, what is called. Only of a text, or of names, the first ones."""
    match node:
        case ast.List() | ast.Tuple() | ast.Set():
            return _count(len(node.elts), type(node).__name__.lower(), "item")
        case ast.Dict():
            return _count(len(node.keys), "dict", "key")
        case ast.Call():
            callee = _callee(node)
            first = next((describe(ast.unparse(each)) for each in node.args), "")
            words = f"{callee} {first}"
            return words if first and len(words) <= LONGEST else callee[:LONGEST]
        case _:
            # Half a word tells less than none, and half a number another one.
            cut = words[: LONGEST + 1].rpartition(" ")[0] or words[:LONGEST]
            return cut if isinstance(node, ast.Constant) else without_number(cut)


_VAGUE = frozenset({"value", "obj", "object", "item", "other", "arg", "it", "self"})
_OF_TEXT = ("text", "string", "name", "key", "word", "line", "path")


def condition(code: str, name: str) -> str:
    """Return what is special about the value of a parameter that has a telling name, as words with that name.

    "empty name", "no owner", "negative age"; empty for a value that is nothing special, and for names like ``x``.
    """
    told = slug(name, " ")
    if len(told) < 3 or told in _VAGUE:
        return ""
    if code in _EMPTY:
        return f"empty {told}"
    node = parsing.expression(code.strip())
    value = node.value if isinstance(node, ast.Constant) else 0
    if isinstance(node, ast.Constant) and value is None:
        return f"no {told}"
    if isinstance(value, str) and value.isspace():
        return f"blank {told}"
    if told.endswith(_OF_TEXT):
        return ""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        return f"negative {told}"
    return f"zero {told}" if code in ("0", "0.0") else ""


def label(code: str, name: str = "") -> str:
    """Return the id of a value in a table: what is short as it is written, words for what is empty or long."""
    node = parsing.expression(code.strip())
    if node is None:
        return describe(code, name)
    if isinstance(node, ast.Constant):
        return _constant_label(node, code, name)
    told = moment(node)
    if told:
        return told
    if code in _EMPTY or len(code) > LONGEST * 2 or not code.isprintable():
        return describe(code, name)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        code = code.removeprefix(f"{node.func.value.id}.")
    return code if len(code) <= LONGEST and code.isascii() else describe(code, name)


def _constant_label(node: ast.Constant, code: str, name: str) -> str:
    value = node.value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and len(code) < 20:
        return code
    plain = isinstance(value, str) and value.strip() == value and value.isascii() and value.isprintable()
    if plain and 0 < len(str(value)) <= LONGEST and re.search(r"\w", str(value)):
        return str(value)
    # Of a few signs in a row the signs tell more than their names.
    signs = isinstance(value, str) and len(value) > 2 and value.isascii() and not value.isspace()
    return code if signs and len(code) <= _FEW_SIGNS else describe(code, name)


def moment(node: ast.expr) -> str:
    """A date or time by the clock: ``2024-01-15 12:30``; empty for all else."""
    if not isinstance(node, ast.Call) or ast.unparse(node.func).rpartition(".")[2] not in ("date", "datetime"):
        return ""
    parts = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, int)]
    if len(parts) < 3 or len(parts) != len(node.args) or node.keywords:
        return ""
    day = "-".join((f"{parts[0]:04d}", *(f"{part:02d}" for part in parts[1:3])))
    clock = parts[3:6] if len(parts) != 4 else [parts[3], 0]
    return " ".join(filter(None, (day, ":".join(f"{part:02d}" for part in clock))))


def slug(text: str, joint: str = "_") -> str:
    """Return the words of a text joined, as a part of an identifier: ASCII letters and digits only."""
    found = re.findall(r"[a-z]+\d*|\d+", re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text).lower())
    return joint.join(found)


def identifier(text: str) -> str:
    """Return words as the end of a test's name: no digits at its end, so that nothing looks like a counter."""
    found = re.sub(r"([a-z])(\d+)$", r"\1_\2", slug(text))
    parts = [_digits(part).replace(" ", "_") if part.isdigit() and len(part) < 4 else part
             for part in found.split("_") if part]  # fmt: skip
    while parts and parts[-1].isdigit():
        parts.pop()
    joined = "_".join(parts)
    return f"{joined}_" if keyword.iskeyword(joined) else joined


def _digits(part: str) -> str:
    """A whole number in words, digit by digit where it begins with a zero."""
    return digit_by_digit(part) if part.startswith("0") else number(int(part))


def _node(node: ast.expr, name: str) -> str:
    match node:
        case ast.Constant():
            return _constant(node.value, name)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return f"minus {number(value)}" if isinstance(value, int) else of_float(-value)
        case ast.List() | ast.Tuple() | ast.Set():
            return _items(node)
        case ast.Dict():
            keys = [describe(ast.unparse(key)) for key in node.keys if key is not None]
            return f"dict with {' and '.join(keys[:2])}" if 0 < len(keys) <= 2 else _count(len(keys), "dict", "key")
        case ast.Call():
            return _call(node)
        case ast.BinOp(left=ast.Constant(), right=ast.Constant(), op=op) if type(op) in _OPERATORS:
            left, right = (describe(ast.unparse(each)) for each in (node.left, node.right))
            return f"{left} {_OPERATORS[type(op)]} {right}"
        case ast.BinOp(left=ast.Name("tmp_path"), op=ast.Div(), right=ast.Constant(str() as file)):
            return slug(file, " ")
        case ast.Lambda():
            return "lambda " + slug(ast.unparse(node.body), " ")
        case ast.Attribute():
            return slug(node.attr, " ") if node.attr != node.attr.lower() else slug(ast.unparse(node), " ")
        case _:
            return slug(ast.unparse(node), " ")


def _constant(value: object, name: str) -> str:
    match value:
        case None:
            return "none"
        case True | False:
            word = slug(name, " ") if name else ""
            return (word or "true") if value else (f"not {word}" if word else "false")
        case int():
            return number(value)
        case float():
            return of_float(value)
        case str() | bytes():
            return _text(value)
        case complex():
            return "complex number"
        case _:
            return slug(str(value), " ")


def _text(value: str | bytes) -> str:
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    if not text:
        return "empty bytes" if isinstance(value, bytes) else "empty string"
    if text.isspace():
        return "blanks" if len(text) > 1 else _SIGNS.get(text, "blank")
    if len(text) > LONGEST and len(set(text)) <= 2:
        return "long text"
    if len(text) > LONGEST * 2:
        return "long " + slug(text, " ")[:20].rpartition(" ")[0]
    if len(re.findall(r"\d+", text)) > 2 or re.search(r"\d{5}", text) or re.search(r"(?:[a-zA-Z]\d+){3}", text):
        return _classes(text)
    words = decimal(text)
    if words or re.fullmatch(r"[+-]?[\d.]+[eE][+-]?\d+|[nN]a[nN]", text, re.ASCII):
        return words or ("number with exponent" if text[-1].isdigit() else "nan")
    words = slug(text, " ")
    if not text.isascii():
        return _beyond_ascii(text, words)
    if not words:
        return " ".join(_SIGNS.get(char, "sign") for char in text[:4])
    # Signs at the ends, and runs of them, are what such a value is about.
    lead = _SIGNS.get(text[0], "") if not text[0].isalnum() else ""
    tail = _SIGNS.get(text[-1], "") if not text[-1].isalnum() else ""
    return " ".join(part for part in (lead, words, f"then {tail}" if tail else "") if part)


def _beyond_ascii(text: str, words: str) -> str:
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    if sum(map(str.isalpha, bare)) == sum(map(str.isalpha, text)) > 0:
        return f"{slug(bare, ' ')} with accents"
    return f"{words} and non ascii" if words else "non ascii text"


def _classes(text: str) -> str:
    """What a text of many digits is made of: "digits and dots"."""
    parts = ["letters"] if re.search(r"[^\W\d_]", text) else []
    parts.append("digits")
    signs = dict.fromkeys(
        _SIGNS.get(char, "signs") + ("" if char.isspace() else "s") for char in text if not char.isalnum()
    )
    parts += list(signs)[:2]
    return " and ".join((", ".join(parts[:-1]).replace(",", ""), parts[-1])) if len(parts) > 1 else parts[0]


def _items(node: ast.List | ast.Tuple | ast.Set) -> str:
    kind = type(node).__name__.lower()
    if len(node.elts) == 1:
        return f"{kind} of {describe(ast.unparse(node.elts[0])) or 'one item'}"
    if len(node.elts) in (2, 3):
        words = [describe(ast.unparse(each)) for each in node.elts]
        joined = " and ".join(words)
        if all(words) and len(joined) <= LONGEST - 4:
            return joined
    return _count(len(node.elts), kind, "item")


def _count(many: int, kind: str, what: str) -> str:
    return f"empty {kind}" if not many else f"{number(many)} {what}{'s' if many > 1 else ''}"


def _call(node: ast.Call) -> str:
    if ast.unparse(node) in _EMPTY:
        return _EMPTY[ast.unparse(node)]
    told = moment(node)
    if told:
        month = int(told[5:7])
        return f"{_MONTHS[month - 1] if 0 < month < 13 else 'date'} {told[:4]}"
    parts = [describe(ast.unparse(each)) for each in node.args]
    if _named(node)[:1].isupper():
        # An object is known by what it is made of first; the rest is to be read in the test.
        parts += [describe(ast.unparse(each.value), each.arg or "") for each in node.keywords[: not parts]]
    else:
        parts += [f"{each.arg or ''} {describe(ast.unparse(each.value))}" for each in node.keywords]
    return " ".join((_callee(node), *parts))


def _named(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)


def _callee(node: ast.Call) -> str:
    return snake(_named(node)).replace("_", " ")
