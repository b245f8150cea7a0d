# SPDX-License-Identifier: Apache-2.0
"""The table of how late tasks start and sleeps end, of a run whose trace has tasks enough."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from makespan import units
from makespan.ccdf import Floats, quantile
from makespan.statistics import Interval, ratio_of_rounds
from makespan.tables import NONE, Table
from makespan.talk import Section

from .distributions import FEW, QUANTILES, Late, distributions

#: Nothing but a clock_nanosleep, where there is one task at a time.
FLOOR = "serial"
TITLE = "How late tasks start and sleeps end"
ABOUT = (
    "overshoot is how much longer than asked a task slept, start latency the time from the batch's first submit"
    " to its start; over all traced tasks of all launches, what has a ~ rests on fewer than"
    f" {FEW} of them; after × how many times that of serial in the same round, with the 95 % interval over the"
    " rounds, or of all launches together where there are too few rounds for one"
)


def section(trace: pd.DataFrame | None, samples: pd.DataFrame) -> list[Section]:
    """One table, or none."""
    found = [] if trace is None else distributions(trace, samples)
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
    other = None if late is floor else floor
    overshoots = [_value(late.overshoots, share) + _ratio(late, other, share) for share in QUANTILES]
    starts = [_value(late.starts, share) for share in QUANTILES]
    return [str(late.batch), late.name, f"{late.n:,}", *overshoots, *starts]


def _value(times: Floats, share: float) -> str:
    if not len(times):
        return NONE
    few = "~" if round(len(times) * (1 - share), 6) < FEW else ""
    return f"{few}{units.duration(quantile(times, share), 3)}"


def _ratio(late: Late, floor: Late | None, share: float) -> str:
    """How many times the same quantile of the floor; nothing without one."""
    if floor is None or not len(late.overshoots) or not len(floor.overshoots):
        return ""
    least = quantile(floor.overshoots, share)
    if least <= 0:
        return ""
    own, others = (
        {number: quantile(times, share) for number, times in side.rounds.items()} for side in (late, floor)
    )
    ratio = ratio_of_rounds(own, others) if all(others.values()) else None
    if ratio is None or ratio.low is None:
        ratio = Interval(None, quantile(late.overshoots, share) / least, None, 1)
    return f", ×{units.ratio(ratio)}"
