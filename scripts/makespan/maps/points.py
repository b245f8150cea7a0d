# SPDX-License-Identifier: Apache-2.0
"""The points of a map: batches of `mixed` as three coordinates, and the lines that join them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from makespan.batch import Batch
from makespan.winners import Verdict, judge

BENCHMARK = "mixed"
#: The coordinates by name; all but the share are logarithmic.
AXES = ("tasks", "length_ns", "share")

Verdicts = Mapping["Point", Verdict]


@dataclass(frozen=True, order=True)
class Point:
    """A batch of tasks of constant size: `length_ns` is what a task sleeps and computes, `share` the
    part of it that computes, to three places, as times are whole numbers of ns."""

    tasks: int
    length_ns: int
    share: float

    def at(self, axis: str) -> float:
        """The coordinate on its scale, on which neighbours are joined by straight lines."""
        value = float(getattr(self, axis))
        return value if axis == "share" else math.log10(value)

    def beside(self, axis: str) -> tuple[float, ...]:
        """The other coordinates: the same along a line."""
        return tuple(float(getattr(self, other)) for other in AXES if other != axis)

    def moved(self, axis: str, value: float) -> Point:
        return replace(self, **{axis: value if axis == "share" else round(value)})


def value_at(axis: str, place: float) -> float:
    """The coordinate of a place on its scale."""
    return place if axis == "share" else float(10**place)


def point_of(batch: Batch) -> Point | None:
    """None for a batch that is no point of a map: those under other timer slacks or on other CPUs are other
    batches."""
    length = batch.sleep_ns + batch.compute_ns
    usual = batch.sizes == "constant" and not batch.scheduling
    if batch.benchmark != BENCHMARK or not usual or not (length and batch.tasks):
        return None
    return Point(batch.tasks, length, round(batch.compute_ns / length, 3))


def find_map(summary: pd.DataFrame) -> Verdicts:
    """The verdict of every point; empty if the run holds no map: at least two numbers of tasks, each
    with the same two lengths, at one share."""
    verdicts = judge(summary[summary["benchmark"] == BENCHMARK])
    found = {point: one for one in verdicts if (point := point_of(one.batch)) is not None}
    return found if any(_is_flat(found, share) for share in shares(found)) else {}


def shares(points: Iterable[Point]) -> list[float]:
    return sorted({point.share for point in points})


def lines(points: Iterable[Point], axis: str) -> Iterator[list[Point]]:
    """All points that differ in one coordinate only, ascending: at least two."""
    found: dict[tuple[float, ...], list[Point]] = {}
    for point in sorted(points):
        found.setdefault(point.beside(axis), []).append(point)
    for line in found.values():
        if len(line) > 1:
            yield sorted(line, key=lambda point: point.at(axis))


def main_values(points: Collection[Point], axis: str) -> list[float]:
    """The coordinates of the coarse grid: those that at least half as many points have as the one that
    most have."""
    counts = Counter(getattr(point, axis) for point in points)
    most = max(counts.values(), default=0)
    return sorted(value for value, count in counts.items() if 2 * count >= most)


def _is_flat(points: Iterable[Point], share: float) -> bool:
    lengths: dict[int, set[int]] = {}
    for point in points:
        if point.share == share:
            lengths.setdefault(point.tasks, set()).add(point.length_ns)
    every = list(lengths.values())
    return any(len(one & other) >= 2 for n, one in enumerate(every) for other in every[:n])
