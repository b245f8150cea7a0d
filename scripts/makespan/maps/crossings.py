# SPDX-License-Identifier: Apache-2.0
"""Where two models are as fast as each other, along a line of a map.

Between two neighbours the logarithm of the ratio of their makespans is taken as linear in the
coordinate (its logarithm, for tasks and lengths); where it is 0 is the crossover. This is exact where
both makespans are powers of the coordinate. The band is a percentile bootstrap: of each resample that
crossover of the same two models in the same direction counts which is nearest to the measured one. A
resample without any has its crossover beyond the end of the line towards which the model that is then
ahead wins.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .field import Field, Floats
from .points import AXES, Point, lines, value_at


@dataclass(frozen=True)
class Crossing:
    """Between the neighbours `low` and `high`, below which `below` is faster and above which `above`.

    `place`, and the ends of the band, `first` and `last`, are on the scale of the axis (Point.at); an
    end that lies beyond the line is infinite. Without a band both are NaN.
    """

    axis: str
    low: Point
    high: Point
    below: str
    above: str
    place: float
    first: float = math.nan
    last: float = math.nan

    @property
    def value(self) -> float:
        return value_at(self.axis, self.place)


def crossings(field: Field) -> Iterator[Crossing]:
    """All along every line: where the model with the lowest median changes between neighbours."""
    for axis in AXES:
        for line in lines(field.times, axis):
            for low, high in zip(line, line[1:]):
                below, above = field.best(low), field.best(high)
                if below is not None and above is not None and below != above:
                    yield from crossing(field, axis, line, low, high, below, above)


def crossing(
    field: Field, axis: str, line: list[Point], low: Point, high: Point, below: str, above: str
) -> Iterator[Crossing]:
    """One, or none where one of the two has no time at one of the neighbours."""
    ends = field.ratio(low, below, above), field.ratio(high, below, above)
    if any(math.isnan(ratio) for ratio in ends):
        return
    share = ends[0] / (ends[0] - ends[1]) if ends[0] != ends[1] else 0.5
    place = low.at(axis) + share * (high.at(axis) - low.at(axis))
    known = [(point.at(axis), field.ratios(point, below, above)) for point in line]
    profile = [(where, ratios) for where, ratios in known if ratios is not None]
    if {low.at(axis), high.at(axis)} <= {where for where, _ in profile}:
        places = np.array([where for where, _ in profile])
        drawn = nearest(places, np.stack([ratios for _, ratios in profile]), place)
        ranked = np.sort(drawn)
        outside = int(0.025 * len(ranked))  # order statistics, as infinities cannot be averaged
        first, last = float(ranked[outside]), float(ranked[-1 - outside])
        yield Crossing(axis, low, high, below, above, place, first, last)
    else:
        yield Crossing(axis, low, high, below, above, place)


def nearest(places: Floats, ratios: Floats, place: float) -> Floats:
    """The zero nearest to `place`, of those at which the ratio rises, for each of many profiles.

    `places` of shape (K), ascending; `ratios` of shape (K, R). The result has the shape (R): infinite
    where a profile has no such zero, upwards if the first model is ahead at the far end.
    """
    before, after = ratios[:-1], ratios[1:]
    rises = (before < 0) & (after >= 0)
    share = before / np.where(rises, before - after, 1.0)
    zeros = places[:-1, None] + share * np.diff(places)[:, None]
    apart = np.where(rises, np.abs(zeros - place), np.inf)
    best = np.argmin(apart, axis=0)[None, :]
    found: Floats = np.take_along_axis(zeros, best, axis=0)[0]
    beyond = np.where(ratios[-1] < 0, np.inf, -np.inf)
    return np.where(rises.any(axis=0), found, beyond)
