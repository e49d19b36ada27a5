"""An SQL statement is built from values: what they say becomes part of the statement.

A name such as ``x' OR '1'='1`` reads other rows, or changes them. Give values beside the statement, as
parameters, and the database never reads them as SQL. The rule speaks where a value is put where a
parameter could stand: in quotes, behind a comparison, in ``VALUES``, ``IN`` or ``LIMIT``. Names of tables and
columns cannot be parameters and are left alone, as are numbers and what the program fixes itself.

The fix moves the values into parameters: with ``?`` for sqlite3, with ``%s`` for psycopg and MySQL.

Source: CWE-89, SQL injection; PEP 249, ``paramstyle``.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from coding_agent.analysis.context import Context
from coding_agent.analysis.edits import replacing, unsafe
from coding_agent.analysis.expressions import argument, in_tests, last_name, value, words
from coding_agent.analysis.finding import Finding, Fix
from coding_agent.analysis.rule import Example, Rule
from coding_agent.analysis.texts import Built, Hole, built, quoted, written

_SQL = re.compile(
    r"\s*\(*(?:select\b.*\bfrom\b|insert\s+(?:or\s+\w+\s+)?into\b|replace\s+into\b|update\b.*\bset\b|delete\s+from\b"
    r"|with\b.*\bas\b|merge\s+into\b|(?:create|alter|drop)\s+user\b)",
    re.IGNORECASE | re.DOTALL,
)
_BEFORE = re.compile(r"(?:[=<>]|\b(?:i?like|between|limit|offset)|\bin\s*\(|\bvalues\s*\([^)]*[(,])\s*$", re.IGNORECASE)
_NAME_BEHIND = re.compile(r"[.(\w]")
_SAFE = {
    *("quote", "quoted", "escape", "escaped", "literal", "identifier", "sanitize", "sanitized", "adapt", "compile"),
    *(
        "placeholder",
        "placeholders",
        "param",
        "params",
        "qmarks",
        "marks",
        "column",
        "columns",
        "table",
        "field",
        "sql",
    ),
}
_QUOTING = re.compile(r"quot|escap", re.IGNORECASE)
_STYLES = {"?": ("sqlite3",), "%s": ("psycopg", "psycopg2", "MySQLdb", "pymysql", "mysql", "django")}
_MESSAGE = "{} becomes part of the SQL statement; pass it as a parameter"


@dataclass(frozen=True, slots=True)
class _Value:
    """A place for a parameter: the parts from ``start`` to ``stop`` of a text, quotes included."""

    start: int
    stop: int
    quoted: bool


def check(node: ast.Call, context: Context) -> Iterator[Finding]:
    statement = argument(node, 0, "sql") or argument(node, 0, "query")
    if statement is None or isinstance(statement, ast.Constant) or in_tests(context.path):
        return
    for text in built(statement, context):
        if not _SQL.match(text.skeleton()):
            continue
        still_open = text.open_holes(context)
        for index, part in enumerate(text.parts):
            if isinstance(part, Hole) and part in still_open and _place(text, index) and not _is_safe(part, context):
                related = () if text.node is statement else ((text.node, "built here"),)
                message = _MESSAGE.format(quoted(part.node, context))
                yield context.finding(statement, message, partial(_fix, node, statement, text, context), related)
                return


def _place(text: Built, index: int) -> _Value | None:
    """Where a parameter could stand for the hole at ``index`` of the parts; None where only a name can."""
    before = Built(text.node, text.parts[:index]).skeleton("0")
    if before.count("'") % 2:
        start = max(at for at in range(index) if isinstance(part := text.parts[at], str) and "'" in part)
        behind = range(index + 1, len(text.parts))
        stop = next((at for at in behind if isinstance(part := text.parts[at], str) and "'" in part), None)
        return _Value(start, stop, quoted=True) if stop is not None else None
    following = text.parts[index + 1] if index + 1 < len(text.parts) else ""
    # `= {x} AND` is a value, `= {x}.id` and `= {x}_id` are parts of names.
    if not _BEFORE.search(before) or not isinstance(following, str) or _NAME_BEHIND.match(following):
        return None
    return _Value(index - 1, index + 1, quoted=False)


def _is_safe(hole: Hole, context: Context) -> bool:
    made = value(hole.node, context)
    names = {last_name(hole.node), last_name(made), last_name(made.func) if isinstance(made, ast.Call) else ""}
    return any(_SAFE.intersection(words(name)) for name in names) or bool(_QUOTING.search(context.source(hole.node)))


def _fix(node: ast.Call, statement: ast.expr, text: Built, context: Context) -> Fix | None:
    mark = _mark(context)
    if mark is None or text.node is not statement or last_name(node.func) != "execute" or len(node.args) != 1:
        return None
    made = _with_marks(text, mark, context) if not node.keywords else None
    if made is None:
        return None
    sql, given = made
    comma = "," if len(given) == 1 else ""
    return unsafe(
        "Pass values as parameters",
        replacing(statement, f"{written(sql)}, ({', '.join(given)}{comma})", context),
    )


def _mark(context: Context) -> str | None:
    """How the database that the file imports writes a parameter; None where it imports none or several kinds."""
    imported = {(meaning or "").partition(".")[0] for meaning in context.names.values()}
    marks = [mark for mark, modules in _STYLES.items() if imported.intersection(modules)]
    return marks[0] if len(marks) == 1 else None


def _with_marks(text: Built, mark: str, context: Context) -> tuple[str, list[str]] | None:
    """The statement with marks, and what stands for them; None where a hole is not a value of its own."""
    sql, given = "", list[str]()
    index = 0
    while index < len(text.parts):
        part = text.parts[index]
        if isinstance(part, str):
            sql += part.replace("%", "%%") if mark == "%s" else part
            index += 1
            continue
        place = _place(text, index)
        if place is None or not part.plain:
            return None
        if not place.quoted:
            sql += mark
            given.append(context.source(part.node))
            index += 1
            continue
        inside = _inside(text, place, context)
        if inside is None:
            return None
        opened = sql.rfind("'")
        sql = sql[:opened] + mark
        given.append(inside)
        behind = text.parts[place.stop]
        assert isinstance(behind, str)
        rest = behind.partition("'")[2]
        return _join(sql, given, _with_marks(Built(text.node, (rest, *text.parts[place.stop + 1 :])), mark, context))
    return sql, given


def _join(sql: str, given: list[str], rest: tuple[str, list[str]] | None) -> tuple[str, list[str]] | None:
    return None if rest is None else (sql + rest[0], given + rest[1])


def _inside(text: Built, place: _Value, context: Context) -> str | None:
    """The expression for what stands between two quotes."""
    first, last = text.parts[place.start], text.parts[place.stop]
    assert isinstance(first, str)
    assert isinstance(last, str)
    parts = (first.rpartition("'")[2], *text.parts[place.start + 1 : place.stop], last.partition("'")[0])
    shown = [part for part in parts if part]
    if len(shown) == 1 and isinstance(shown[0], Hole):
        return context.source(shown[0].node)
    content = ""
    for part in shown:
        source = part if isinstance(part, str) else context.source(part.node)
        if re.search(r"[\"'\\{}\n]", source) or (isinstance(part, Hole) and not part.plain):
            return None
        content += source if isinstance(part, str) else f"{{{source}}}"
    return f'f"{content}"'


RULE = Rule(
    name="sql-injection",
    check=check,
    calls=(".execute", ".executescript", ".read_sql", ".read_sql_query", ".raw", "sqlalchemy.text"),
    cwe=89,
    twins=("ruff:S608", "bandit:B608"),
    examples=(
        Example(
            "a value in quotes",
            before=(
                "import sqlite3\n\n\ndef find(db: sqlite3.Connection, name):\n"
                "    return db.execute($0f\"SELECT * FROM people WHERE name = '{name}'\"$0)\n"
            ),
            after=(
                "import sqlite3\n\n\ndef find(db: sqlite3.Connection, name):\n"
                '    return db.execute("SELECT * FROM people WHERE name = ?", (name,))\n'
            ),
        ),
        Example(
            "a pattern, for psycopg",
            before=(
                "import psycopg\n\n\ndef find(cursor: psycopg.Cursor, word, ids):\n"
                '    cursor.execute($0"DELETE FROM a WHERE t LIKE \'%" + word + "%\' OR id = " + ids$0)\n'
            ),
            after=(
                "import psycopg\n\n\ndef find(cursor: psycopg.Cursor, word, ids):\n"
                '    cursor.execute("DELETE FROM a WHERE t LIKE %s OR id = %s", (f"%{word}%", ids))\n'
            ),
        ),
        Example(
            "built before",
            before=(
                "def rename(cursor, key, name):\n    query = 'UPDATE people SET a = %s WHERE id = %s' % (name, key)\n"
                "    cursor.execute($0query$0)\n"
            ),
        ),
        Example(
            "a table's name",
            before="def count(cursor, table):\n    cursor.execute(f'SELECT COUNT(*) FROM {table} WHERE a = 1')\n",
        ),
        Example(
            "a number",
            before="def page(cursor, size: int):\n    cursor.execute(f'SELECT * FROM a LIMIT {size}')\n",
        ),
        Example(
            "marks made at run time",
            before=(
                "def find(cursor, ids):\n    marks = ','.join('?' * len(ids))\n"
                "    cursor.execute(f'SELECT * FROM a WHERE id IN ({marks})', ids)\n"
            ),
        ),
        Example(
            "parameters", before="def find(cursor, name):\n    cursor.execute('SELECT 1 FROM a WHERE b = ?', (name,))\n"
        ),
    ),
)
