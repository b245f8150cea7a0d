# SPDX-License-Identifier: Apache-2.0
"""The table of what units cost, each beside its floor."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from makespan import units
from makespan.columns import LIFECYCLE_FLOORS
from makespan.roles import marked, role_of
from makespan.statistics import Interval
from makespan.tables import NONE, Table
from makespan.talk import Section

from .costs import Cost, costs

TITLE = "What a unit costs to create and to end"
ABOUT = (
    "time for one unit, in a burst of so many that are there at the same time; the floor is the same made"
    " of bare system calls; times floor is taken round by round; memory is what the process that makes"
    " the units has, beyond next to nothing; in brackets the 95 % interval"
)


def section(samples: pd.DataFrame) -> list[Section]:
    """One table, or none if the run has no lifecycles."""
    found = costs(samples)
    return [Section(TITLE, ABOUT, cost_table(found))] if found else []


def missing(samples: pd.DataFrame) -> list[str]:
    """One line for each unit that failed or was skipped."""
    return [f"{cost.name}, {cost.batch}: {cost.failure}" for cost in costs(samples) if cost.failure]


def cost_table(found: Sequence[Cost]) -> Table:
    """A row a unit; floors have one of their own only where nothing stands beside them."""
    header = ("unit", "burst", "memory", "n", "per unit", "floor", "times floor")
    rows = [_row(cost) for cost in found if not cost.is_floor or _alone(cost, found)]
    return Table(header, frozenset(header) - {"unit", "memory"}, rows)


def _alone(floor: Cost, found: Sequence[Cost]) -> bool:
    beside = (cost for cost in found if cost.batch == floor.batch and not cost.is_floor)
    return floor.model not in {LIFECYCLE_FLOORS.get(cost.model, cost.model) for cost in beside}


def _row(cost: Cost) -> list[str]:
    each = units.interval(cost.each) if cost.each else cost.failure.split(" ")[0]
    return [
        marked(cost.name, role_of(cost.model, cost.own)),
        f"{cost.batch.tasks:,}",
        cost.batch.memory or NONE,
        str(cost.each.n if cost.each else 0),
        each,
        units.interval(cost.floor) if cost.floor else NONE,
        times(cost.ratio) if cost.ratio else NONE,
    ]


def times(ratio: Interval) -> str:
    """Like `1.31 (1.27 … 1.36)`."""
    middle = units.significant(ratio.median, 3)
    if ratio.low is None or ratio.high is None:
        return middle
    return f"{middle} ({units.significant(ratio.low, 3)} … {units.significant(ratio.high, 3)})"
