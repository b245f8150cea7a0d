# SPDX-License-Identifier: Apache-2.0
"""The table of memory per waiting task."""

from __future__ import annotations

import pandas as pd

from makespan import units
from makespan.tables import NONE, Table
from makespan.talk import Section

from .lines import Line, find_lines
from .slope import Slope

TITLE = "Memory per waiting task"
ABOUT = (
    "by how much memory grows with each further task that waits, the slope over the number of tasks with"
    " its 95 % interval: user is the proportional set size of all processes, kernel its page tables,"
    " stacks and slab for them; empty is both before the first task, last column both at the most tasks"
)
#: the largest first
UNITS = (("MiB", 2**20), ("KiB", 2**10), ("B", 1))
HEADER = (
    "model",
    "shape",
    "user per task",
    "kernel per task",
    "together",
    "empty",
    "at most",
)


def section(samples: pd.DataFrame) -> list[Section]:
    """One table, or none if the run has no row of bench_footprint that was read."""
    lines = [line for line in find_lines(samples) if line.readings]
    if not lines:
        return []
    return [Section(TITLE, ABOUT, Table(HEADER, frozenset(), [_row(line) for line in lines]))]


def _row(line: Line) -> list[str]:
    empty, full = line.median(0), line.median(line.most)
    return [
        line.name,
        line.shape,
        per_task(line.user),
        per_task(line.kernel),
        per_task(line.total),
        units.data_size(empty.total) if empty else NONE,
        f"{units.data_size(full.total)}, {units.count(line.most, 'task')}" if full else NONE,
    ]


def per_task(found: Slope | None) -> str:
    """`112.4 B (112.3 … 112.6)`, all in the unit of the slope; – without one."""
    if found is None:
        return NONE
    unit, size = next((one for one in UNITS if abs(found.value) >= one[1]), UNITS[-1])
    middle = found.value / size
    places = 2 if abs(middle) < 10 else 1
    text = f"{middle:.{places}f} {unit}"
    if found.low is None or found.high is None:
        return text
    return f"{text} ({found.low / size:.{places}f} … {found.high / size:.{places}f})"
