# SPDX-License-Identifier: Apache-2.0
"""The table and what is missing from it, on a terminal and as peers.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from makespan import units
from makespan.render import markdown_list, markdown_table, rich_table

from .judged import Answer
from .not_built import not_built_line
from .table import ABOUT, TITLE, missing, peers_table

_MISSING = "Not in the table"


def print_table(found: Sequence[Answer], not_built: Mapping[str, str], console: Console) -> None:
    table = peers_table(found)
    console.print(Text(f"{TITLE}: {ABOUT}"))
    if table.rows:
        console.print(rich_table(table))
    if not_built:
        console.print(Text(not_built_line(not_built)))
    gaps = missing(found)
    if gaps:
        console.print(Text(f"{_MISSING}:"))
    for line in gaps:
        console.print(Text(f"  {line}"))


def markdown(found: Sequence[Answer], not_built: Mapping[str, str], environment: Mapping[str, Any]) -> str:
    table = peers_table(found)
    run = environment.get("run")
    known = isinstance(run, Mapping) and run.get("run_id")
    lines = [f"# {TITLE}", "", f"{ABOUT[0].upper()}{ABOUT[1:]}.", ""]
    lines += (
        [f"Run {units.one_line(str(run['run_id']))}.", ""] if isinstance(run, Mapping) and known else []
    )
    lines += markdown_table(table) if table.rows else []
    lines += ["", not_built_line(not_built)] if not_built else []
    return "\n".join([*lines, *markdown_list(_MISSING, missing(found)), ""])
