"""A tar archive extracted without a filter writes wherever its members say.

A member named ``../../etc/cron.d/job``, or one that goes through a link of the archive, lands outside
the folder; others come with device files or foreign rights. Python 3.14 filters by default; before, and
back to 3.8 in security releases, ``filter="data"`` has to be said. Calls that choose ``members`` themselves
are left alone, and so are those for a Python that has no filters: where a condition asks ``tarfile`` for them.
Who sets ``extraction_filter`` in the same function has chosen, too.

Off by default: where the archive comes from stands elsewhere, and in well kept code neither of two findings was worth
acting on. Select it, or ``security``, for what takes archives from others.

The fix adds ``filter="data"``: members that leave the folder raise an error then.

Source: CWE-22, path traversal; PEP 706.
"""

import ast
import re
from collections.abc import Iterator

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import unsafe, with_argument
from coding_agent.analysis.expressions import annotation, has_star, in_tests, keyword, value
from coding_agent.analysis.finding import Finding, Fix
from coding_agent.analysis.rule import Example, Rule

_OPEN = {"tarfile.open", "tarfile.TarFile", "tarfile.TarFile.open", "tarfile.TarFile.gzopen"}


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    callee = node.func
    if not isinstance(callee, ast.Attribute) or has_star(node) or in_tests(context.path):
        return
    if keyword(node, "filter") or keyword(node, "members") or len(node.args) > 1:
        return
    if _is_tar(callee.value, context) and not _is_for_old_python(node, context) and not _is_filtered(node, context):
        message = f'{callee.attr}() writes where the archive says, also outside the folder; pass filter="data"'
        yield context.finding(node, message, lambda: _fix(node, context))


def _is_tar(receiver: ast.expr, context: Context) -> bool:
    opened = value(receiver, context)
    if isinstance(opened, ast.Call):
        return context.qualified(opened.func) in _OPEN
    hint = annotation(opened, context) if isinstance(opened, ast.Name) else None
    return hint is not None and context.qualified(hint) == "tarfile.TarFile"


def _is_for_old_python(node: ast.Call, context: Context) -> bool:
    return any(
        isinstance(above, ast.If) and re.search(r"_filter\b|version_info", context.source(above.test))
        for above in context.ancestors(node)
    )


def _is_filtered(node: ast.Call, context: Context) -> bool:
    """Whether the function sets the attribute that PEP 706 has for a whole archive."""
    function = context.function(node)
    return function is not None and any(
        isinstance(each, ast.Attribute) and each.attr == "extraction_filter" and isinstance(each.ctx, ast.Store)
        for each in ast.walk(function)
    )


def _fix(node: ast.Call, context: Context) -> Fix | None:
    return unsafe('Add filter="data"', with_argument(node, 'filter="data"', context))


RULE = Rule(
    name="archive-extract-unfiltered",
    check=check,
    calls=(".extractall", ".extract"),
    cwe=22,
    twins=("ruff:S202", "bandit:B202"),
    on=False,
    examples=(
        Example(
            "all members, wherever they go",
            before=(
                "import tarfile\n\n\ndef unpack(path, folder):\n    with tarfile.open(path) as tar:\n"
                "        $0tar.extractall(folder)$0\n"
            ),
            after=(
                "import tarfile\n\n\ndef unpack(path, folder):\n    with tarfile.open(path) as tar:\n"
                '        tar.extractall(folder, filter="data")\n'
            ),
        ),
        Example(
            "known by its annotation",
            before="from tarfile import TarFile\n\n\ndef unpack(tar: TarFile):\n    $0tar.extractall()$0\n",
            after=('from tarfile import TarFile\n\n\ndef unpack(tar: TarFile):\n    tar.extractall(filter="data")\n'),
        ),
        Example(
            "a filter is given",
            before="import tarfile\n\ntar = tarfile.open('a.tar')\ntar.extractall('.', filter='tar')\n",
        ),
        Example(
            "a filter for the whole archive",
            before=(
                "import tarfile\n\n\ndef unpack(path, own):\n    with tarfile.open(path) as tar:\n"
                "        tar.extraction_filter = own\n        tar.extractall()\n"
            ),
        ),
        Example(
            "where there are no filters",
            before=(
                "import tarfile\n\n\ndef unpack(path):\n    with tarfile.open(path) as tar:\n"
                "        if hasattr(tarfile, 'data_filter'):\n            tar.extractall(filter='data')\n"
                "        else:\n            tar.extractall()\n"
            ),
        ),
        Example(
            "a zip archive",
            before=(
                "import zipfile\n\n\ndef unpack(path):\n    with zipfile.ZipFile(path) as file:\n"
                "        file.extractall()\n"
            ),
        ),
    ),
)
