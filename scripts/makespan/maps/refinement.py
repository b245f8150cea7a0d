# SPDX-License-Identifier: Apache-2.0
"""Where a map is too coarse: points between neighbours that have different winners.

The winner changes between two neighbours of a line if no model is in the first place of both, by the
rule of the table of winners: with one model first at both ends, alone or not separated from others,
nothing says that there is a change to be found. What lies between two such neighbours is halved:
tasks and lengths by their geometric mean, shares by the arithmetic one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from makespan.winners import Contender, Outcome, Verdict, contenders

from .points import AXES, Point, Verdicts, find_map, lines, point_of

#: A model whose median is more than so many times the lowest, at both ends, is not measured between them.
HOPELESS = 3.0
#: Digits of tasks and lengths in ns between two points.
DIGITS = 2


@dataclass(frozen=True)
class Change:
    """Two neighbours with different winners; `axis` is the coordinate that they differ in."""

    axis: str
    low: Point
    high: Point


def changes(verdicts: Verdicts) -> Iterator[Change]:
    for axis in AXES:
        for line in lines(verdicts, axis):
            for low, high in zip(line, line[1:]):
                if winner_changes(verdicts, low, high):
                    yield Change(axis, low, high)


def winner_changes(verdicts: Verdicts, low: Point, high: Point) -> bool:
    """Whether both have a first place, and no model in common there."""
    ends = first(verdicts[low]), first(verdicts[high])
    return all(ends) and not ends[0] & ends[1]


def first(verdict: Verdict) -> frozenset[str]:
    """Who has the first place; nobody where too few launches were made to tell, or nobody competed."""
    if verdict.outcome not in (Outcome.WON, Outcome.SHARED):
        return frozenset()
    return frozenset(contender.name for contender in verdict.first)


def midpoint(change: Change) -> Point | None:
    """None where the two are next to each other already."""
    axis, low, high = change.axis, change.low, change.high
    ends = float(getattr(low, axis)), float(getattr(high, axis))
    if axis == "share":
        middle = low.moved(axis, round(sum(ends) / 2, 3))
    else:
        mean = math.sqrt(ends[0] * ends[1])
        step = 10.0 ** max(0, math.floor(math.log10(mean)) + 1 - DIGITS)
        middle = low.moved(axis, round(mean / step) * step)
    return middle if low < middle < high else None


def refinement(summary: pd.DataFrame) -> dict[Point, frozenset[str]]:
    """The points to be measured next, ascending, each with the models that may win there."""
    verdicts = find_map(summary)
    batches = {point_of(batch): found for batch, found in contenders(summary).items()}
    wanted: dict[Point, frozenset[str]] = {}
    for change in changes(verdicts):
        middle = midpoint(change)
        if middle is not None and middle not in verdicts:
            ends = (hopeful(batches[point]) for point in (change.low, change.high))
            wanted[middle] = wanted.get(middle, frozenset()).union(*ends)
    return dict(sorted(wanted.items()))


def hopeful(found: list[Contender]) -> frozenset[str]:
    """Models that are not too far behind the best; several shapes of one are judged by its best."""
    times = [contender for contender in found if contender.complete and not contender.floor]
    lowest = min((contender.pace_ns for contender in times), default=math.nan)
    return frozenset(one.name for one in times if one.pace_ns <= HOPELESS * lowest)
