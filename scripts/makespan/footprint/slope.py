# SPDX-License-Identifier: Apache-2.0
"""Bytes per task: by how much memory grows with the number of waiting tasks.

The slope of Theil and Sen: the median of the slopes between any two launches with different numbers of
tasks, with the interval that Sen derives from Kendall's tau. A least-squares line would be drawn
aside by a single launch: the kernel's share is a difference of counters of the whole system, to which
any other program adds at times, and never symmetrically. Source: Sen, Estimates of the regression
coefficient based on Kendall's tau, JASA 63 (1968); scipy.stats.theilslopes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from makespan.statistics import MIN_LAUNCHES


@dataclass(frozen=True)
class Slope:
    """In bytes per task; the interval of 95 % is None, None with fewer launches of some number of tasks
    than an interval needs."""

    value: float
    low: float | None
    high: float | None


def slope(readings: Mapping[int, Sequence[float]]) -> Slope | None:
    """`readings` are bytes, one for each launch, by the number of tasks. None with readings of fewer than
    two numbers of tasks.

    No tasks at all is left out if two numbers remain: the first task may bring what all share, as a
    model that starts its processes for the batch, and that is no cost of a further task.
    """
    known = {tasks: values for tasks, values in readings.items() if values}
    some = {tasks: values for tasks, values in known.items() if tasks > 0}
    used = some if len(some) >= 2 else known
    if len(used) < 2:
        return None
    from scipy.stats import (
        theilslopes,
    )  # here, because it takes longer to load than a launch

    points = [(float(tasks), value) for tasks, values in used.items() for value in values]
    xs, ys = zip(*points)
    if len(set(ys)) == 1:  # where Sen's interval divides nothing by nothing
        found = (0.0, ys[0], 0.0, 0.0)
    else:
        found = theilslopes(ys, xs, 0.95)
    if min(len(values) for values in used.values()) < MIN_LAUNCHES:
        return Slope(float(found[0]), None, None)
    return Slope(float(found[0]), float(found[2]), float(found[3]))
