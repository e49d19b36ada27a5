"""A mode that lets everybody write gives the file away.

Any account of the machine, also that of a hacked service, can then replace what the program reads or
runs. A folder with the sticky bit (``0o1777``) is left alone: only owners can remove there.

Off by default: what several users share is written so on purpose, and in well kept code one finding in three was worth
acting on. Select it, or ``security``; ruff has the same as S103.

The fix takes the right to write from group and others.

Source: CWE-732, incorrect permission assignment for critical resource.
"""

import ast
import stat
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.expressions import argument, in_tests, value
from coding_agent.analysis.finding import Applicability, Finding
from coding_agent.analysis.rule import Example, Rule

_OF_OS = {"os.chmod", "os.fchmod", "os.lchmod"}
_STAT = {f"stat.{name}": bits for name, bits in vars(stat).items() if name.startswith("S_I") and isinstance(bits, int)}


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    mode = argument(node, 1 if context.qualified(node.func) in _OF_OS else 0, "mode")
    bits = _bits(mode, context) if mode is not None else None
    if mode is None or bits is None or not bits & stat.S_IWOTH or bits & stat.S_ISVTX or in_tests(context.path):
        return
    fix = None
    if isinstance(mode, ast.Constant):
        smaller = f"0o{bits & ~(stat.S_IWOTH | stat.S_IWGRP):o}"
        fix = context.replace(mode, smaller, f"Use {smaller}", Applicability.UNSAFE)
    yield context.finding(mode, f"mode 0o{bits:o} lets everybody on the machine write", fix)


def _bits(node: ast.expr, context: Context) -> int | None:
    """The bits of a mode that is written as a number or as names of ``stat`` joined by ``|``."""
    node = value(node, context)
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        left, right = _bits(node.left, context), _bits(node.right, context)
        return None if left is None or right is None else left | right
    return _STAT.get(context.qualified(node) or "")


RULE = Rule(
    name="world-writable-file",
    check=check,
    calls=("os.chmod", "os.fchmod", "os.lchmod", ".chmod"),
    cwe=732,
    twins=("ruff:S103", "bandit:B103"),
    on=False,
    examples=(
        Example(
            "everybody may write",
            before="import os\n\nos.chmod('run.sh', $00o777$0)\n",
            after="import os\n\nos.chmod('run.sh', 0o755)\n",
        ),
        Example(
            "by a path",
            before="from pathlib import Path\n\nPath('log').chmod(mode=$00o666$0)\n",
            after="from pathlib import Path\n\nPath('log').chmod(mode=0o644)\n",
        ),
        Example(
            "by names",
            before="import os\nimport stat\n\nos.chmod('log', $0stat.S_IRUSR | stat.S_IWOTH$0)\n",
        ),
        Example("a shared folder with the sticky bit", before="import os\n\nos.chmod('spool', 0o1777)\n"),
        Example("its owner only", before="import os\n\nos.chmod('key', 0o600)\n"),
    ),
)
