"""Show what asking models took: coding-agent stats

By day, workspace, feature and model: requests, answers that were known already, tokens and cost, as the servers counted
them. What is charged in full because nobody knows what it took is marked. Nothing is sent.
Exit codes: 0 shown, 2 the count cannot be read.
"""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import cast

from coding_agent.ai.book import Row
from coding_agent.ai.ledger import Ledger
from coding_agent.cli.exits import Exit
from coding_agent.cli.outside import Outside
from coding_agent.cli.searching import count
from coding_agent.report.asking import cost

_HEAD = ("day", "workspace", "feature", "model", "requests", "known", "tokens in", "tokens out", "cost")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--days", type=count, default=7, metavar="N", help="today and the days before (default 7)")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(given: Namespace, outside: Outside) -> int:
    said = cast("dict[str, object]", vars(given))
    ledger = Ledger(outside.folders.budget_file, outside.clock)
    rows = ledger.report(cast("int", said["days"]))
    if said["format"] == "json":
        outside.say(json.dumps({"rows": [asdict(row) for row in rows]}, indent=1))
    elif rows:
        outside.say(_table([_HEAD, *map(_cells, rows)]))
    else:
        outside.say("no model was asked")
    return Exit.CLEAN


def _cells(row: Row) -> tuple[str, ...]:
    price = cost(row.cost) + (f" + {row.unpriced} unpriced" if row.unpriced else "")
    unsettled = f" ({row.unsettled} charged in full)" if row.unsettled else ""
    name = Path(row.workspace).name
    numbers = (f"{row.requests:,}{unsettled}", f"{row.cached:,}", f"{row.tokens_in:,}", f"{row.tokens_out:,}")
    return (row.day, name, row.feature, row.model, *numbers, price.removeprefix(" + ") or "-")


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
