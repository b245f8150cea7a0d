# SPDX-License-Identifier: Apache-2.0
"""The table of how late tasks start and sleeps end, of a run whose trace has tasks enough."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from makespan import units
from makespan.batch import Batch
from makespan.ccdf import Floats, quantile
from makespan.statistics import Interval, ratio_of_rounds
from makespan.tables import NONE, Table
from makespan.talk import Section

from . import cyclictest
from .distributions import FEW, QUANTILES, Late, distributions

#: Nothing but a clock_nanosleep, where there is one task at a time.
FLOOR = "serial"
TITLE = "How late tasks start and sleeps end"
ABOUT = (
    "overshoot is how much longer than asked a task slept, start latency the time from the batch's first submit"
    " to its start; over all traced tasks of all launches, what has a ~ rests on fewer than"
    f" {FEW} of them; after × how many times that of serial: the median of the ratios of a round with its 95 %"
    f" interval where {FEW} tasks of each round are above both, else that of all launches together"
)
BESIDE = f"; cyclictest is {cyclictest.ABOUT}, beside all launches of serial together"


def section(
    trace: pd.DataFrame | None, samples: pd.DataFrame, beside: Sequence[cyclictest.Histogram] = ()
) -> list[Section]:
    """One table, or none. `beside`: what cyclictest says, of which the table has what slept like one of the loads."""
    found = [] if trace is None else distributions(trace, samples)
    beside = [run for run in beside if run.n and any(run.slept_like(late.batch) for late in found)]
    about = ABOUT + (BESIDE if beside else "")
    return [Section(TITLE, about, late_table(found, beside))] if found else []


def late_table(found: Sequence[Late], beside: Sequence[cyclictest.Histogram] = ()) -> Table:
    names = [f"p{100 * share:g}" for share in QUANTILES]
    figures = [f"{what} {name}" for what in ("overshoot", "start") for name in names]
    rows = []
    for batch in dict.fromkeys(late.batch for late in found):
        load = [late for late in found if late.batch == batch]
        load.sort(key=lambda late: (late.model != FLOOR, late.name))
        floor = next((late for late in load if late.model == FLOOR), None)
        rows += [_row(late, floor) for late in load]
        rows += [_row_beside(batch, run, floor) for run in beside if run.slept_like(batch)]
    return Table(("batch", "model", "tasks traced", *figures), frozenset(("tasks traced",)), rows)


def _row(late: Late, floor: Late | None) -> list[str]:
    other = None if late is floor else floor
    overshoots = [_value(late.overshoots, share) + _ratio(late, other, share) for share in QUANTILES]
    starts = [_value(late.starts, share) for share in QUANTILES]
    return [str(late.batch), late.name, f"{late.n:,}", *overshoots, *starts]


def _row_beside(batch: Batch, run: cyclictest.Histogram, floor: Late | None) -> list[str]:
    overshoots = [_few(run.n, share) + _whole_us(run.quantile_us(share), floor, share) for share in QUANTILES]
    return [str(batch), cyclictest.PROGRAM, f"{run.n:,}", *overshoots, *(NONE for _ in QUANTILES)]


def _whole_us(us: int | None, floor: Late | None, share: float) -> str:
    """A quantile of cyclictest, and how many times that of the floor, where it is known."""
    if us is None:
        return f"≥ {units.duration(cyclictest.MOST_US * 1e3)}"
    if us == 0:
        return "< 1 µs"
    return units.duration(us * 1e3, 3) + _times(us * 1e3, floor, share)


def _value(times: Floats, share: float) -> str:
    return _few(len(times), share) + units.duration(quantile(times, share), 3) if len(times) else NONE


def _few(count: int, share: float) -> str:
    """The mark of a quantile that few of so many are above."""
    return "~" if round(count * (1 - share), 6) < FEW else ""


def _ratio(late: Late, floor: Late | None, share: float) -> str:
    """How many times the same quantile of the floor; nothing without one. The highest of a round's few tasks stands
    for no quantile, so there the rounds tell nothing."""
    if floor is None or not len(late.overshoots):
        return ""
    together = _times(quantile(late.overshoots, share), floor, share)
    if not together:
        return ""
    own, others = (
        {number: quantile(times, share) for number, times in side.rounds.items() if not _few(len(times), share)}
        for side in (late, floor)
    )
    ratio = ratio_of_rounds(own, others) if min(others.values(), default=0) > 0 else None
    return together if ratio is None or ratio.low is None else f", ×{units.ratio(ratio)}"


def _times(time: float, floor: Late | None, share: float) -> str:
    """How many times the quantile of all launches of the floor together; nothing without one."""
    least = quantile(floor.overshoots, share) if floor is not None and len(floor.overshoots) else 0.0
    return f", ×{units.ratio(Interval(None, time / least, None, 1))}" if least > 0 else ""
