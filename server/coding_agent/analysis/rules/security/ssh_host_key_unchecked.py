"""An SSH client that accepts any host key talks to whoever answers.

``AutoAddPolicy`` and ``WarningPolicy`` of paramiko go on with an unknown host, ``known_hosts=None`` of
asyncssh asks for no check at all: somebody between the two reads the password and every command.
Load the known hosts and refuse others. Where a condition speaks of it, so that a user asked for it, the rule is silent.

The fix sets ``RejectPolicy``; connections to hosts that are not known are then refused.

Source: CWE-295, improper certificate validation.
"""

import ast
import re
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import renaming
from coding_agent.analysis.expressions import argument, in_tests, is_literal, keyword, value
from coding_agent.analysis.finding import Finding, Fix
from coding_agent.analysis.rule import Example, Rule

_SWITCHES = re.compile(r"strict|host_?key|known_?host|insecure|verify|auto_?add|policy", re.IGNORECASE)
_POLICIES = {f"paramiko.{module}{name}" for module in ("", "client.") for name in ("AutoAddPolicy", "WarningPolicy")}


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    if in_tests(context.path) or _is_chosen(node, context):
        return
    if context.qualified(node.func) == "asyncssh.connect":
        hosts = keyword(node, "known_hosts")
        if hosts is not None and is_literal(hosts.value, None):
            yield context.finding(hosts, "known_hosts=None accepts any host key; give the known hosts")
        return
    policy = argument(node, 0, "policy")
    if policy is None:
        return
    made = value(policy, context)
    named = made.func if isinstance(made, ast.Call) else made
    if context.qualified(named) in _POLICIES:
        message = "any host key is accepted; load the known hosts and set RejectPolicy"
        yield context.finding(policy, message, (lambda: _fix(named, context)) if made is policy else None)


def _is_chosen(node: ast.Call, context: Context) -> bool:
    """Whether a condition around speaks of it, so that a user asked for it."""
    return any(
        isinstance(above, ast.If) and _SWITCHES.search(context.source(above.test)) for above in context.ancestors(node)
    )


def _fix(named: ast.expr, context: Context) -> Fix | None:
    return renaming(named, "paramiko.RejectPolicy", "Refuse hosts that are not known", context)


RULE = Rule(
    name="ssh-host-key-unchecked",
    check=check,
    calls=(".set_missing_host_key_policy", "asyncssh.connect"),
    cwe=295,
    twins=("ruff:S507", "bandit:B507"),
    examples=(
        Example(
            "an instance",
            before=(
                "import paramiko\n\nclient = paramiko.SSHClient()\n"
                "client.set_missing_host_key_policy($0paramiko.AutoAddPolicy()$0)\n"
            ),
            after=(
                "import paramiko\n\nclient = paramiko.SSHClient()\n"
                "client.set_missing_host_key_policy(paramiko.RejectPolicy())\n"
            ),
        ),
        Example(
            "chosen by an option",
            before=(
                "import paramiko\n\n\ndef prepare(client, strict_host_keys):\n    if strict_host_keys:\n"
                "        client.set_missing_host_key_policy(paramiko.RejectPolicy())\n    else:\n"
                "        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())\n"
            ),
        ),
        Example(
            "a class, imported by name",
            before=(
                "from paramiko import WarningPolicy, RejectPolicy\n\n\n"
                "def prepare(client):\n    client.set_missing_host_key_policy($0WarningPolicy$0)\n"
            ),
            after=(
                "from paramiko import WarningPolicy, RejectPolicy\n\n\n"
                "def prepare(client):\n    client.set_missing_host_key_policy(RejectPolicy)\n"
            ),
        ),
        Example(
            "no known hosts",
            before=(
                "import asyncssh\n\n\nasync def run(host):\n"
                "    return await asyncssh.connect(host, $0known_hosts=None$0)\n"
            ),
        ),
        Example(
            "unknown hosts are refused",
            before=(
                "import paramiko\n\n\ndef prepare(client):\n"
                "    client.set_missing_host_key_policy(paramiko.RejectPolicy())\n"
            ),
        ),
    ),
)
