"""How people write a name and a value, or a value alone: in code, in settings, in shells, in comments."""

import base64
import json
import random
import shlex
from collections.abc import Callable
from urllib.parse import quote

Form = Callable[[random.Random, str, str], str]


def _python(name: str) -> str:
    """A name as Python takes it."""
    return name.replace("-", "_")


def _literal(value: str, mark: str = '"') -> str:
    body = value.replace("\\", "\\\\").replace(mark, "\\" + mark).replace("\n", "\\n")
    return mark + body + mark


def _halves(chance: random.Random, value: str) -> tuple[str, str]:
    at = chance.randint(len(value) // 3, len(value) - len(value) // 3)
    return _literal(value[:at]), _literal(value[at:])


def _concatenated(chance: random.Random, name: str, value: str) -> str:
    first, second = _halves(chance, value)
    return f"{_python(name)} = (\n    {first}\n    {second}\n)"


def _added(chance: random.Random, name: str, value: str) -> str:
    first, second = _halves(chance, value)
    return f"{_python(name)} = {first} + {second}"


def _continued(chance: random.Random, name: str, value: str) -> str:
    first, second = _halves(chance, value)
    return f"{_python(name)} = {first} \\\n    {second}"


QUOTED: dict[str, Form] = {
    "assigned": lambda _, name, value: f"{_python(name)} = {_literal(value)}",
    "single quotes": lambda _, name, value: f"{_python(name)}={_literal(value, chr(39))}",
    "annotated": lambda _, name, value: f"{_python(name)}: str | None = {_literal(value)}",
    "attribute": lambda _, name, value: f"    self.{_python(name)} = {_literal(value)}",
    "keyword argument": lambda _, name, value: f"client = Client(host, {_python(name)}={_literal(value)}, timeout=3)",
    "default": lambda _, name, value: f"def connect(host, *, {_python(name)}={_literal(value)}):\n    ...",
    "dict entry": lambda _, name, value: f"options = {{'user': 'me', {name!r}: {_literal(value, chr(39))}, 'port': 1}}",
    "subscript": lambda _, name, value: f'config["{name}"] = {_literal(value)}',
    "JSON": lambda _, name, value: json.dumps({"user": "me", name: value, "port": 5432}, indent=2),
    "JSON in a literal": lambda _, name, value: f"body = {_literal(json.dumps({name: value}))}",
    "JSON in one line": lambda _, name, value: f"payload = {json.dumps({'a': 1, name: value})!r}",
    "YAML, quoted": lambda _, name, value: f"db:\n  {name}: {_literal(value)}\n  port: 5432",
    "TOML": lambda _, name, value: f"[service]\n{name} = {_literal(value)}\nretries = 3",
    "environment, quoted": lambda _, name, value: f"export {_python(name).upper()}={_literal(value)}",
    "bytes": lambda _, name, value: f"{_python(name)} = b{_literal(value)}",
    "raw": lambda _, name, value: (
        f"{_python(name)} = r'{value}'" if "\n" not in value else f"{_python(name)} = r'''{value}'''"
    ),
    "f-string": lambda _, name, value: f"{_python(name)} = f{_literal(value.replace('{', '{{').replace('}', '}}'))}",
    "triple quotes": lambda _, name, value: f'{_python(name)} = """{value}"""',
    "concatenated": _concatenated,
    "added": _added,
    "continued": _continued,
    "comment, quoted": lambda _, name, value: f"x = 1  # was {_python(name)} = {_literal(value)}",
    "wrapped": lambda _, name, value: f"{_python(name)} = SecretStr({_literal(value)})",
    "lookup with default": lambda _, name, value: f'{_python(name)} = os.environ.get("{name}", {_literal(value)})',
    "or": lambda _, name, value: f"{_python(name)} = given or {_literal(value)}",
    "compared": lambda _, name, value: f"if {_python(name)} == {_literal(value)}:\n    return True",
    "compared the other way": lambda _, name, value: f"if {_literal(value)} == self.{_python(name)}:\n    return True",
    "given": lambda _, name, value: f"user.set_{_python(name)}({_literal(value)})",
    "given with others": lambda _, name, value: f'store.set_{_python(name)}("svc", who, b{_literal(value)})',
    "tuples": lambda _, name, value: f'pairs = [("user", "me"), ("{name}", {_literal(value)})]',
    "header": lambda _, name, value: f'headers = {{"{name}": {_literal(value)}}}',
    "arguments": lambda _, name, value: f'run(["tool", "--{name}", {_literal(value)}])',
    "minified": lambda _, name, value: "var a=1;" * 200 + f"b={{{_python(name)}:{_literal(value)}}};" + "c=2;" * 200,
}
UNQUOTED: dict[str, Form] = {
    "environment": lambda _, name, value: f"{_python(name).upper()}={value}",
    "export": lambda _, name, value: f"export {_python(name).upper()}={value}",
    "ini": lambda _, name, value: f"[db]\n{name} = {value}\nport = 1",
    "properties": lambda _, name, value: f"spring.datasource.{name}={value}",
    "YAML": lambda _, name, value: f"db:\n  - {name}: {value}\n    port: 5432",
    "YAML pair": lambda _, name, value: f"  - name: {_python(name).upper()}\n    value: {value}",
    "comment": lambda _, name, value: f"# {name}: {value}",
    "comment behind code": lambda _, name, value: f"connect()  # {name}={value}",
    "docstring": lambda _, name, value: f'def f():\n    """Log in.\n\n    {name}: {value}\n    """',
    "flag": lambda _, name, value: f"$ tool --{name} {shlex.quote(value)} --verbose",
    "flag with sign": lambda _, name, value: f"tool --verbose --{name}={shlex.quote(value)}",
    "HTTP header": lambda _, name, value: f"GET / HTTP/1.1\nHost: example.com\n{name}: {value}\n",
    "query": lambda _, name, value: f'url = "https://example.com/v1?a=1&{_python(name)}={quote(value, safe="")}&b=2"',
    "log": lambda _, name, value: f'log.info("connected with {_python(name)}={value} to db")',
    "XML": lambda _, name, value: f"<config><{_python(name)}>{value}</{_python(name)}></config>",
    "XML attribute": lambda _, name, value: f'<add key="{name}" value="{value}" />',
    "Dockerfile with a blank": lambda _, name, value: f"FROM python:3.12\nENV {_python(name).upper()} {value}\nRUN x",
    "Dockerfile": lambda _, name, value: f"FROM python:3.12\nENV {_python(name).upper()}={value}\nRUN x",
}
NAMELESS: dict[str, Form] = {
    "bare literal": lambda _, __, value: f"call({_literal(value)})",
    "list": lambda _, __, value: f"items = ['a', {_literal(value, chr(39))}, 'b']",
    "prose": lambda _, __, value: f"# I used {value} before, see the wiki",
    "sentence": lambda _, __, value: f'"""Works with {value}."""',
    "behind an escape": lambda _, __, value: 'text = "first line\\n' + _literal(value)[1:],
    "Markdown": lambda _, __, value: f"Use `{value}` for staging.",
    "bearer": lambda _, __, value: f'curl -H "Authorization: Bearer {value}" https://example.com',
    "CSV": lambda _, __, value: f"id,value\n1,{value}\n2,x",
}
SPELLED: dict[str, Form] = {
    "as a URL": lambda _, __, value: f"https://example.com/{quote(value, safe='')}/x",
    "as base64": lambda _, __, value: f"data: {base64.b64encode(value.encode()).decode()}",
    "as base64 in a pair": lambda _, __, value: f"Basic {base64.b64encode(f'user:{value}:x'.encode()).decode()}",
    "as base64 for URLs": lambda _, __, value: base64.urlsafe_b64encode(f"u={value}".encode()).decode().rstrip("="),
    "as JSON": lambda _, __, value: json.dumps({"x": value}),
    "as JSON in JSON": lambda _, __, value: json.dumps({"x": json.dumps({"y": value})}),
    "as repr": lambda _, __, value: repr([value]),
    "as points": lambda _, __, value: "x = '" + "".join(f"\\u{ord(sign):04x}" for sign in value) + "'",
    "over lines": lambda _, __, value: f'x = "{value[:4]}\\\n{value[4:]}"' if "\\" not in value else json.dumps(value),
    "in parts": lambda chance, __, value: "f({} {})".format(*_halves(chance, value)),
}
BLOCK_FORMS: dict[str, Form] = {
    "block": lambda _, __, value: value,
    "block in a literal": lambda _, name, value: f'{name} = """{value}"""',
    "block with escapes": lambda _, name, value: f"{name} = {_literal(value)}",
    "block in JSON": lambda _, name, value: json.dumps({"type": "service_account", name: value}),
    "block in YAML": lambda _, name, value: f"{name}: |\n" + "".join(f"    {line}\n" for line in value.split("\n")),
    "block in parts": lambda _, name, value: (
        f"{name} = (\n" + "".join(f'    {_literal(line)[:-1]}\\n"\n' for line in value.split("\n")) + ")"
    ),
    "block cut off": lambda chance, __, value: value[: chance.randint(len(value) // 2, len(value) - 40)],
    "block in a comment": lambda _, __, value: "".join(f"# {line}\n" for line in value.split("\n")),
    "block in a variable": lambda _, __, value: "KEY=" + value.replace("\n", "\\n"),
    "block with CRLF": lambda _, __, value: value.replace("\n", "\r\n"),
}
AROUND = (
    ("", "\n"),
    ("import os\n\n", "\nprint(os.name)\n"),
    ("def run(self, name):\n    return name\n\n\n", "\n\n\ndef stop(self):\n    pass\n"),
    ('"""Settings."""\n\nDEBUG = True\n', "\nPORT = 8080\n"),
    ("# Größe 🎉\n", "\n# fin\n"),
)
AROUND_SETTINGS = (
    ("", "\n"),
    ("# Größe 🎉\n", "\n# fin\n"),
    ("name: service\nversion: 2\n", "\nreplicas: 3\n"),
    ("HOST=localhost\n", "\nPORT=80\n"),
)
SETTINGS = frozenset({"environment", "export", "ini", "properties", "YAML", "TOML", "XML", "Dockerfile"}) | {
    "YAML pair",
    "XML attribute",
    "Dockerfile with a blank",
}
