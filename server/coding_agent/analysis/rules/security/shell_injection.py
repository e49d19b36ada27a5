"""A shell command is built from parts: what they say is run, too.

A file called ``x; rm -rf ~`` is enough. The rule speaks where the text that a shell reads is built at run
time from something that the program's own text does not fix; numbers, constants and what went through
``shlex.quote`` are no finding, nor is a command that a function is given whole, one of several that are joined by
``&&`` or ``;``, or that is configured: what it is made of is said elsewhere.

The fix, offered where the command is plain words, runs the program without a shell and gives each word
as one argument; spaces in a value no longer split it.

Source: CWE-78, OS command injection; Python's documentation of ``subprocess``, "Security Considerations".
"""

import ast
import re
from collections.abc import Iterator
from functools import partial
from itertools import pairwise

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import replacing, spelled, unsafe, without_argument
from coding_agent.analysis.expressions import argument, in_tests, is_literal, keyword, last_name, value, words
from coding_agent.analysis.finding import Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.shapes import is_function, parameters, root
from coding_agent.analysis.texts import Built, Hole, Part, built, quoted, written

_ALWAYS = ("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput")
_WHEN_ASKED = ("run", "call", "check_call", "check_output", "Popen")
_SHELLS = {"sh", "bash", "zsh", "dash", "/bin/sh", "/bin/bash", "/usr/bin/sh", "/usr/bin/bash"}
_QUOTED = {"shlex.quote", "shlex.join", "pipes.quote", "subprocess.list2cmdline"}
_SPECIAL = re.compile(r"[|&;<>()$`\\\"'*?\[\]#~%!{}\n]|^\s*\w+=")
_GLUE = re.compile(r"(?:^|[\s=/:@,.+-])$")
_MANY = {"args", "arguments", "options", "opts", "flags", "params", "cmd", "command", "extra"}
_COMMANDS = {"cmd", "command", "commands", "cmdline", "script"}
_BETWEEN = {"&&", "||", ";", "|", "\n"}
_CONFIGURED = {"conf", "config", "settings"}
_MESSAGE = "what {} says is run by a shell; pass a list of arguments, or quote it with shlex.quote()"


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    called = context.qualified(node.func) or ""
    command = _command(node, called, context)
    if command is None or in_tests(context.path):
        return
    for text in built(command, context):
        open_ones = (each for each in text.open_holes(context) if not _is_quoted(each.node, context))
        hole = next((each for each in open_ones if not _is_given_whole(each, text, context)), None)
        if hole is not None:
            message = _MESSAGE.format(quoted(hole.node, context))
            related = () if text.node is command else ((text.node, "built here"),)
            yield context.finding(command, message, partial(_fix, node, called, command, text, context), related)
            return


def _command(node: ast.Call, called: str, context: Context) -> ast.expr | None:
    """The text that a shell reads, if one does."""
    first = node.args[0] if node.args and not isinstance(node.args[0], ast.Starred) else None
    if called in _ALWAYS or called == "asyncio.create_subprocess_shell":
        return first or argument(node, 0, "cmd")
    command = first or argument(node, 0, "args")
    shell = keyword(node, "shell")
    if shell is not None and is_literal(value(shell.value, context), True):
        return command
    if isinstance(command, ast.List | ast.Tuple) and len(command.elts) > 2:
        program, option, text = command.elts[:3]
        if is_literal(option, "-c") and isinstance(program, ast.Constant) and program.value in _SHELLS:
            return text
    return None


def _is_given_whole(hole: Hole, text: Built, context: Context) -> bool:
    """Whether a text begins with a command that the function is given, or the user has configured: who says so writes
    for a shell.
    """
    if _is_in_sequence(hole.node, context):
        return True
    if hole is not next((each for each in text.parts if each), None):
        return False
    if root(hole.node) in _CONFIGURED:
        return True
    return (
        isinstance(hole.node, ast.Name)
        and not _COMMANDS.isdisjoint(words(hole.node.id)[-1:])
        and any(
            each.arg == hole.node.id
            for above in context.ancestors(hole.node)
            if is_function(above)
            for each in parameters(above)
        )
    )


def _is_in_sequence(node: ast.expr, context: Context) -> bool:
    """Whether what stands there is joined to a sequence of commands."""
    for above in context.ancestors(node):
        match above:
            case ast.Call(func=ast.Attribute(attr="join", value=ast.Constant(value=str(separator)))):
                return separator.strip(" ") in _BETWEEN
            case ast.stmt() | ast.Call():
                return False
            case _:
                pass
    return False


def _is_quoted(node: ast.expr, context: Context) -> bool:
    made = value(node, context)
    if not isinstance(made, ast.Call):
        return False
    function = made.args[0] if last_name(made.func) == "map" and made.args else made.func
    return context.qualified(function) in _QUOTED or "quote" in words(last_name(function))


def _fix(node: ast.Call, called: str, command: ast.expr, text: Built, context: Context) -> Fix | None:
    arguments = _arguments(text, context) if text.node is command else None
    if arguments is None:
        return None
    title = "Run it without a shell"
    if called == "os.system" and isinstance(context.parent(node), ast.Expr) and len(node.args) == 1:
        run = spelled("subprocess.run", node, context)
        edit = replacing(command, f"[{arguments}], check=False", context)
        return unsafe(title, replacing(node.func, run[0], context), edit, imports=run[1]) if run is not None else None
    shell = keyword(node, "shell")
    if shell is None or not called.startswith("subprocess."):
        return None
    return unsafe(title, replacing(command, f"[{arguments}]", context), without_argument(node, shell, context))


def _arguments(text: Built, context: Context) -> str | None:
    """The command as the items of a list; None where a shell would do more than to split it into words."""
    if any(isinstance(part, str) and _SPECIAL.search(part) for part in text.parts):
        return None
    if not all(hole.plain and isinstance(hole.node, ast.Name | ast.Attribute) for hole in text.holes):
        return None
    if any(_MANY.intersection(words(last_name(hole.node))) for hole in text.holes):
        return None
    if any(isinstance(a, str) and isinstance(b, Hole) and not _GLUE.search(a) for a, b in pairwise(text.parts)):
        # What follows a word without a break may bring words of its own.
        return None
    items = _split(text.parts)
    return ", ".join(_item(item, context) for item in items) if items and isinstance(items[0][0], str) else None


def _split(parts: tuple[Part, ...]) -> list[list[Part]]:
    """The words of the command, each the parts it is made of."""
    found: list[list[Part]] = [[]]
    for part in parts:
        if isinstance(part, Hole):
            found[-1].append(part)
            continue
        for index, word in enumerate(re.split(r"[ \t]+", part)):
            if index:
                found.append([])
            if word:
                found[-1].append(word)
    return [word for word in found if word]


def _item(word: list[Part], context: Context) -> str:
    if len(word) == 1 and isinstance(word[0], str):
        return written(word[0])
    if len(word) == 1 and isinstance(word[0], Hole):
        return f"str({context.source(word[0].node)})"
    return 'f"' + "".join(part if isinstance(part, str) else f"{{{context.source(part.node)}}}" for part in word) + '"'


RULE = Rule(
    name="shell-injection",
    check=check,
    calls=(*_ALWAYS, "asyncio.create_subprocess_shell", *(f"subprocess.{name}" for name in _WHEN_ASKED)),
    cwe=78,
    twins=("ruff:S602", "ruff:S605", "bandit:B602", "bandit:B605"),
    examples=(
        Example(
            "a command that is given whole",
            before=(
                "import os\nimport subprocess\nimport tempfile\n\n\ndef run(command):\n"
                "    out = os.path.join(tempfile.mkdtemp(), 'out')\n"
                "    subprocess.run(f'{command} > {out}', shell=True)\n"
            ),
        ),
        Example(
            "plain words",
            before=(
                "import subprocess\n\n\ndef pack(name, level):\n"
                '    subprocess.run($0f"gzip -{level} {name}"$0, shell=True, check=True)\n'
            ),
            after=(
                "import subprocess\n\n\ndef pack(name, level):\n"
                '    subprocess.run(["gzip", f"-{level}", str(name)], check=True)\n'
            ),
        ),
        Example(
            "os.system",
            before="import os\n\n\ndef show(path):\n    os.system($0'less ' + path$0)\n",
            after=(
                "import subprocess\nimport os\n\n\ndef show(path):\n"
                '    subprocess.run(["less", str(path)], check=False)\n'
            ),
        ),
        Example(
            "built before",
            before=(
                "import subprocess\n\n\ndef count(word):\n    command = 'grep -c %s log | sort' % word\n"
                "    return subprocess.check_output($0command$0, shell=True)\n"
            ),
        ),
        Example(
            "a shell by name",
            before="import subprocess\n\n\ndef run(x):\n    subprocess.run(['sh', '-c', $0f'ls {x}'$0])\n",
        ),
        Example(
            "quoted",
            before=(
                "import shlex\nimport subprocess\n\n\ndef count(word):\n    safe = shlex.quote(word)\n"
                "    subprocess.run(f'grep {safe} log', shell=True)\n"
            )
            .replace("    safe = shlex.quote(word)\n", "    safe = shlex.quote(word)\n")
            .replace("{word}", "{safe}"),
        ),
        Example(
            "a sequence of commands",
            before=(
                "import subprocess\n\n\ndef install(steps):\n"
                "    subprocess.run(['bash', '-c', ' && '.join(['set -e', *steps])])\n"
                "    subprocess.run(' ; '.join(steps), shell=True)\n"
            ),
        ),
        Example(
            "numbers of the operating system",
            before=(
                "import os\nimport subprocess\n\n\ndef watch(child):\n    parent = os.getpid()\n"
                "    subprocess.Popen(f'while kill -s 0 {parent}; do sleep 1; done; kill {child.pid}', shell=True)\n"
            ),
        ),
        Example("fixed by the program", before="import os\n\nfor name in ('a', 'b'):\n    os.system(f'rm {name}')\n"),
        Example("no shell", before="import subprocess\n\n\ndef run(x):\n    subprocess.run(['ls', f'{x}'])\n"),
    ),
)
