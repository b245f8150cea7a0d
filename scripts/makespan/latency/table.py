# SPDX-License-Identifier: Apache-2.0
"""The table of how late tasks start and sleeps end, of a run whose trace has tasks enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from makespan import units
from makespan.ccdf import Floats, quantile
from makespan.tables import NONE, Table
from makespan.talk import Section

from .distributions import FEW, QUANTILES, Late, distributions

#: Nothing but a clock_nanosleep, where there is one task at a time.
FLOOR = "serial"
TITLE = "How late tasks start and sleeps end"
ABOUT = (
    "overshoot is how much longer than asked a task slept, start latency the time from the batch's first submit"
    " to its start; over all traced tasks of all launches, in brackets times the same of serial under the"
    f" same load; what has a ~ rests on fewer than {FEW} tasks"
)


def section(trace: pd.DataFrame | None) -> list[Section]:
    """One table, or none."""
    found = [] if trace is None else distributions(trace)
    return [Section(TITLE, ABOUT, late_table(found))] if found else []


def late_table(found: Sequence[Late]) -> Table:
    names = [f"p{100 * share:g}" for share in QUANTILES]
    figures = [f"{what} {name}" for what in ("overshoot", "start") for name in names]
    rows = []
    for batch in dict.fromkeys(late.batch for late in found):
        load = [late for late in found if late.batch == batch]
        load.sort(key=lambda late: (late.model != FLOOR, late.name))
        floor = next((late for late in load if late.model == FLOOR), None)
        rows += [_row(late, floor) for late in load]
    return Table(("batch", "model", "tasks traced", *figures), frozenset(("tasks traced",)), rows)


def _row(late: Late, floor: Late | None) -> list[str]:
    other = None if late is floor or floor is None else floor.overshoots
    cells = [*_cells(late.overshoots, other), *_cells(late.starts, None)]
    return [str(late.batch), late.name, f"{late.n:,}", *cells]


def _cells(times: Floats, floor: Floats | None) -> Iterator[str]:
    for share in QUANTILES:
        if not len(times):
            yield NONE
            continue
        value = quantile(times, share)
        few = "~" if round(len(times) * (1 - share), 6) < FEW else ""
        least = quantile(floor, share) if floor is not None and len(floor) else 0.0
        ratio = f" ({units.significant(value / least, 3)}×)" if least > 0 else ""
        yield f"{few}{units.duration(value, 3)}{ratio}"
