"""Write what the editors and documents say about commands, settings and rules, from the tables of the server.

    python editors/generate.py          # writes what differs
    python editors/generate.py --check  # says what differs, and ends with 1 where something does

Between ``BEGIN`` and ``END`` marks only, or whole files that say so at their top; the rest is written by hand.
`tests/unit/test_generated.py` fails where somebody forgot.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from coding_agent import __version__
from coding_agent.cli.troubles import page
from coding_agent.lsp.table import ROWS, SECTION, Row, Takes
from coding_agent.settings.rules import SEVERITIES, SEVERITY, KnownRule
from coding_agent.settings.selection import known_rules
from coding_agent.settings.table import Kind, Option, kebab, kind_of, table
from coding_agent.workspace.option import Scope, Value

ROOT = Path(__file__).resolve().parents[1]
VSCODE = ROOT / "editors/vscode"
NEOVIM = ROOT / "editors/neovim"
TITLE = "Coding Agent"
_TYPES = {Kind.SWITCH: "boolean", Kind.NUMBER: "integer", Kind.TEXT: "string", Kind.CHOICE: "string"}
_PLACED = (Takes.FILE, Takes.PLACE, Takes.GOAL)
_YOURS = "Yours alone: a workspace cannot set it."


@dataclass(frozen=True, slots=True)
class Own:
    """A command that the VS Code extension has beyond the server's. ``icon`` is VS Code's; ``when`` limits it."""

    name: str
    title: str
    icon: str = ""
    when: str = ""

    @property
    def command(self) -> str:
        return f"{SECTION}.{self.name}"


ICONS = {"generateTests": "$(beaker)", "search": "$(search)", "similarCode": "$(copy)", "explain": "$(book)"}
"""What stands beside titles where VS Code shows that."""
PYTHON = "editorLangId == python && resourceScheme =~ /^(file|vscode-remote)$/"
REVIEWING = "resourceScheme == coding-agent-tests"
OWN = (
    Own("setUp", "Set Up the Server"),
    Own("restart", "Restart Server"),
    Own("showLogs", "Show Logs"),
    Own("copyDebugInfo", "Copy Debug Info"),
    Own("selectInterpreter", "Select Interpreter"),
    Own("fixAll", "Apply All Safe Fixes", when=PYTHON),
    Own("openSettings", "Open Settings"),
    Own("showMenu", "Show Menu", when="false"),
    Own("remove", "Remove Environment and Caches"),
    Own("setAiKey", "Set AI Key"),
    Own("removeAiKey", "Remove AI Key"),
    Own("acceptTests", "Accept What Is Shown", "$(check)", REVIEWING),
    Own("discardTests", "Discard What Is Shown", "$(discard)", REVIEWING),
)
NEOVIM_OWN = {
    "report": "Show all that the last command told.",
    "stop": "Stop what runs for a command; tests that are verified by then still come.",
    "restart": "Start the server anew, for all files that are open in it.",
}
"""The words that Neovim's command has beyond the server's, and what they do."""
OWN_SETTINGS: dict[str, dict[str, object]] = {
    "command": {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "scope": "machine",
        "markdownDescription": "Program that is the server, with its arguments (`serve` where none are given). Empty "
        "finds it: the selected interpreter's environment, PATH, the environment that *Set Up the Server* makes. "
        + _YOURS,
    },
    "package": {
        "type": "string",
        "default": "",
        "scope": "machine",
        "markdownDescription": "What *Set Up the Server* installs: a wheel or folder on this machine, or a "
        "requirement. Empty takes the package of this extension's version from your package index. " + _YOURS,
    },
    "trace.server": {
        "type": "string",
        "enum": ["messages", "verbose"],
        "default": "messages",
        "scope": "window",
        "markdownDescription": "What the channel *Coding Agent Trace* tells about messages between editor and server, "
        "once its log level is *Trace*.",
    },
}


def files() -> dict[Path, str]:
    """Return the text of every file that is written here, whole or in part."""
    return {
        VSCODE / "package.json": package_json((VSCODE / "package.json").read_text("utf-8")),
        VSCODE / "src/table.ts": typescript(),
        NEOVIM / "lua/coding_agent/table.lua": lua(),
        ROOT / "docs/trouble.md": page(),
        **{path: marked(path) for path in (*_pages(), *_helps())},
    }


def _pages() -> tuple[Path, ...]:
    docs = ROOT / "docs"
    return (docs / "settings.md", docs / "commands.md", docs / "editors/neovim.md")


def _helps() -> tuple[Path, ...]:
    return (NEOVIM / "doc/coding_agent.txt", VSCODE / "README.md")


# VS Code.


def package_json(text: str) -> str:
    """Return the manifest with everything in it that the tables know."""
    manifest = json.loads(text)
    given = manifest["contributes"]
    manifest["version"] = __version__
    manifest["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"] = [
        f"{SECTION}.{name}" for name, schema in _properties().items() if schema["scope"] == "machine"
    ]
    given["commands"] = list(_commands())
    given["menus"]["commandPalette"] = list(_palette())
    given["menus"][f"{SECTION}.editor"] = [
        {"command": row.command, "group": f"{1 + (not row.runs)}@{place}"}
        for place, row in enumerate(ROWS)
        if row.takes in _PLACED
    ]
    given["configuration"] = _configuration()
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


def _commands() -> Iterator[dict[str, object]]:
    for row in ROWS:
        icon = {"icon": icon} if (icon := ICONS.get(row.name)) else {}
        yield {"command": row.command, "title": row.title, "category": TITLE, **icon}
    for own in OWN:
        yield {
            "command": own.command,
            "title": own.title,
            "category": TITLE,
            **({"icon": own.icon} if own.icon else {}),
        }


def _palette() -> Iterator[dict[str, object]]:
    for row in ROWS:
        if row.takes in _PLACED:
            yield {"command": row.command, "when": PYTHON}
        elif row.name == "trustWorkspace":
            # VS Code asks about trust itself, unless that is switched off.
            yield {"command": row.command, "when": "!config.security.workspace.trust.enabled"}
    for own in OWN:
        if own.when:
            yield {"command": own.command, "when": own.when}


def _configuration() -> list[dict[str, object]]:
    """The settings in groups, as the settings page shows them."""
    groups: dict[str, dict[str, object]] = {}
    for name, schema in _properties().items():
        group = name.partition(".")[0].title() if "." in name and name not in OWN_SETTINGS else ""
        group = "Server" if name in OWN_SETTINGS else group
        groups.setdefault(group, {})[f"{SECTION}.{name}"] = schema
    return [
        {"title": f"{TITLE}: {group}" if group else TITLE, "order": order, "properties": properties}
        for order, (group, properties) in enumerate(groups.items())
    ]


def _properties() -> dict[str, dict[str, object]]:
    options = {_camel(option.key): _property(option) for option in table()}
    return {**OWN_SETTINGS, **options, "rules": _rules()}


def _property(option: Option) -> dict[str, object]:
    user = option.scope is Scope.USER
    schema: dict[str, object] = {
        "default": list(option.default) if isinstance(option.default, tuple) else option.default,
        "scope": "machine" if user else "resource",
        "markdownDescription": f"{option.description} {_YOURS}" if user else option.description,
    }
    if option.kind is Kind.TEXTS:
        items = {"type": "string", **({"enum": _selectors()} if option.key in ("select", "ignore") else {})}
        return {"type": "array", "items": items, **schema}
    bounds = {"minimum": option.minimum, "maximum": option.maximum, "enum": list(option.choices) or None}
    return {"type": _TYPES[option.kind], **{name: each for name, each in bounds.items() if each is not None}, **schema}


def _selectors() -> list[str]:
    return ["default", "all", *sorted({rule.family for rule in _known()}), *(rule.name for rule in _known())]


def _rules() -> dict[str, object]:
    return {
        "type": "object",
        "default": {},
        "scope": "resource",
        "markdownDescription": "Options of single rules: how grave their findings are, and what some have besides.",
        "additionalProperties": False,
        "properties": {rule.name: _rule(rule) for rule in _known()},
    }


def _rule(rule: KnownRule) -> dict[str, object]:
    own = {kebab(name): _plain(value) for name, value in rule.options.items()}
    severity = {"enum": list(SEVERITIES), "default": rule.severity}
    return {"type": "object", "additionalProperties": False, "properties": {SEVERITY: severity, **own}}


def _plain(value: Value) -> dict[str, object]:
    kind = kind_of(value)
    if kind is Kind.TEXTS:
        return {"type": "array", "items": {"type": "string"}, "default": list(value)}  # type: ignore[arg-type]
    return {"type": _TYPES[kind], "default": value}


def _known() -> list[KnownRule]:
    return sorted(known_rules(None), key=lambda rule: rule.name)


def _camel(key: str) -> str:
    """``analysis.max-file-size`` as VS Code writes it: ``analysis.maxFileSize``."""
    return re.sub(r"-(\w)", lambda found: found[1].upper(), key)


def typescript() -> str:
    """Return the table as the extension reads it; its types let the compiler find what is not in it."""
    rows = ",\n  ".join(
        json.dumps({"name": row.name, "title": row.title, "takes": row.takes.value, "long": row.long, "runs": row.runs})
        for row in ROWS
    )
    own = ",\n  ".join(json.dumps(own.name) for own in OWN)
    settings = ",\n  ".join(
        json.dumps({"key": name, "scope": schema["scope"]})
        for name, schema in _properties().items()
        if name not in OWN_SETTINGS
    )
    own_settings = " | ".join(json.dumps(name) for name in OWN_SETTINGS)
    return (
        "// Written by editors/generate.py from the server's tables.\n"
        f'export const SECTION = "{SECTION}";\n'
        f"export const ROWS = [\n  {rows},\n] as const;\n"
        f"export const OWN = [\n  {own},\n] as const;\n"
        "export type Row = (typeof ROWS)[number];\n"
        "export type Own = (typeof OWN)[number];\n"
        f"export const SETTINGS = [\n  {settings},\n] as const;\n"
        f"export type OwnSetting = {own_settings};\n"
    )


# Neovim and the documents.


def lua() -> str:
    """Return the table as Neovim reads it."""
    rows = "".join(
        f"  {{ word = '{row.word}', command = '{row.command}', title = '{row.title}', takes = '{row.takes.value}',\n"
        f"    {'long = true, ' if row.long else ''}{'runs = true, ' if row.runs else ''}"
        f"about = {json.dumps(row.about)} }},\n"
        for row in ROWS
    )
    own = "".join(
        f"  {{ word = '{word}', title = '{word.title()}', takes = 'nothing',\n    about = {json.dumps(about)} }},\n"
        for word, about in NEOVIM_OWN.items()
    )
    return (
        "-- Written by editors/generate.py from the server's tables.\n"
        "---@class coding_agent.Row One word of `:CodingAgent`; without `command` it is Neovim's own.\n"
        "---@field word string\n---@field command? string\n---@field title string\n"
        "---@field takes 'nothing'|'file'|'place'|'goal'|'words'\n---@field long? boolean\n---@field runs? boolean\n"
        f"---@field about string\n\n---@type coding_agent.Row[]\nreturn {{\n{rows}{own}}}\n"
    )


def marked(path: Path) -> str:
    """Return a document with what stands between its marks written anew."""
    text = path.read_text("utf-8")
    for name, write in _PARTS.items():
        mark = re.compile(rf"(?P<begin>^[^\n]*BEGIN {name}\b[^\n]*\n).*?(?P<end>^[^\n]*END {name}\b)", re.M | re.S)
        text = mark.sub(lambda found, write=write: f"{found['begin']}{write()}{found['end']}", text)
    return text


def options_table() -> str:
    """Return every option as rows of a Markdown table."""
    rows = "".join(
        f"| `{option.key}` | `{json.dumps(option.default)}` | {option.scope.value} | {option.description} |\n"
        for option in table()
    )
    return f"| key | default | scope | what it does |\n|---|---|---|---|\n{rows}"


def commands_table() -> str:
    """Return every command of the server as rows of a Markdown table."""
    rows = "".join(
        f"| {row.title} | `:CodingAgent {row.word}` | `{row.command}` | {_arguments(row)} | {row.about} |\n"
        for row in ROWS
    )
    head = "| VS Code | Neovim | the protocol's name | arguments | what it does |\n|---|---|---|---|---|\n"
    return head + rows


def own_table() -> str:
    """Return the extension's own commands that the palette has as rows of a Markdown table."""
    return "| command |\n|---|\n" + "".join(f"| {TITLE}: {own.title} |\n" for own in OWN if own.when != "false")


def neovim_own() -> str:
    """Return the words of Neovim's command that are its own as rows of a Markdown table."""
    rows = "".join(f"| `:CodingAgent {word}` | {about} |\n" for word, about in NEOVIM_OWN.items())
    return f"| command | what it does |\n|---|---|\n{rows}"


def neovim_words() -> str:
    """Return all words of Neovim's command as rows of a Markdown table."""
    rows = "".join(f"| `{word}` | {about} |\n" for word, about in _words().items())
    return f"| word | what it does |\n|---|---|\n{rows}"


def _words() -> dict[str, str]:
    return {**{row.word: row.about for row in ROWS}, **NEOVIM_OWN}


def help_commands() -> str:
    """Return every command as Neovim's help writes it."""
    widest = max(map(len, _words()))
    indent = len(":CodingAgent ") + widest + 1
    return "".join(f":CodingAgent {word:{widest}} {_wrapped(about, indent)}\n" for word, about in _words().items())


def _wrapped(words: str, indent: int) -> str:
    lines, width = [""], 78 - indent
    for word in words.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return ("\n" + " " * indent).join(lines)


def _arguments(row: Row) -> str:
    return {
        Takes.NOTHING: "",
        Takes.FILE: "URI",
        Takes.PLACE: "URI; line from 0, range or name",
        Takes.GOAL: "URI; line from 0, range or name; what is wanted",
        Takes.WORDS: "question; how many answers",
    }[row.takes]


_PARTS = {
    "options": options_table,
    "commands": commands_table,
    "own": own_table,
    "neovim own": neovim_own,
    "neovim words": neovim_words,
    "help commands": help_commands,
}


def main() -> int:
    different = [path for path, text in files().items() if not path.is_file() or path.read_text("utf-8") != text]
    for path in different:
        print(path.relative_to(ROOT))
        if "--check" not in sys.argv:
            path.write_text(files()[path], "utf-8")
    return int(bool(different) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
