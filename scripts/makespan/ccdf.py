# SPDX-License-Identifier: Apache-2.0
"""The empirical distribution of times, seen from its tail: how many took longer than a time."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MOST_STEPS = 400  # of a curve


def at_least(times: Floats) -> tuple[Floats, Floats]:
    """Some of the ascending times, dense in the tail, and the share of all that took at least that long.

    Drawn with steps before the points this is P(X > x), the complementary cumulative distribution: between
    two neighbours as many take longer than x as take at least the upper one. Up to MOST_STEPS times all are
    there. Times of 0 have no place on a logarithmic axis.
    """
    count = len(times)
    tail = np.unique(np.round(np.geomspace(1, count, min(count, MOST_STEPS))).astype(int))[::-1]
    if count <= MOST_STEPS:
        tail = np.arange(count, 0, -1)
    xs, ys = times[count - tail], tail / count
    return xs[xs > 0], ys[xs > 0]


def quantile(times: Floats, share: float) -> float:
    """The nearest-rank quantile of the ascending times, as the binaries have it: the smallest time that at
    least this share do not exceed."""
    return float(times[nearest_rank(len(times), share) - 1])


def nearest_rank(count: int, share: float) -> int:
    """Of the quantile of so many times: 1 is the least of them."""
    return max(math.ceil(share * count), 1)
