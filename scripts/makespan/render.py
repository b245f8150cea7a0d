# SPDX-License-Identifier: Apache-2.0
"""A table or a list as rich prints it and as Markdown has it."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table as RichTable
from rich.text import Text

from makespan.tables import Table


def rich_table(table: Table) -> RichTable:
    result = RichTable(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in table.header:
        result.add_column(name, justify="right" if name in table.numeric else "left")
    for row in table.rows:
        result.add_row(*(Text(cell) for cell in row))
    return result


def markdown_table(table: Table) -> list[str]:
    """The lines of the table."""
    rules = ["---:" if name in table.numeric else "---" for name in table.header]
    rows = [table.header, rules, *table.rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]


def markdown_list(title: str, entries: Sequence[str], level: int = 2) -> list[str]:
    """Nothing where there is no entry."""
    return ["", f"{'#' * level} {title}", "", *(f"- {e}" for e in entries)] if entries else []
