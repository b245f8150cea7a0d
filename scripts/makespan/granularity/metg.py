# SPDX-License-Identifier: Apache-2.0
"""METG, the minimum effective task granularity.

Source: Slaughter et al., "Task Bench: A Parameterized Benchmark for Evaluating Parallel Runtime
Performance", SC'20, section METG: "METG(50%) for an application A is the smallest average task
granularity (i.e., task duration) such that A achieves overall efficiency of at least 50%", where
efficiency is the rate of useful work as a share of the peak, and task granularity is "wall time × num.
cores / num. tasks". The overhead is part of this granularity: at 50 % a task's own work is half of it,
at 95 % 95 % of it. Other than in the paper, where a fixed number of tasks shrinks, here the work is cut
into more tasks; neither formula knows the difference.

Between two measured points the efficiency is linear in 1 ÷ granularity. This is the same as a time per
task that is linear in the task's own work, so METG is exact where a task costs a fixed overhead,
however coarse the steps: own work w and overhead o give granularity w + o and efficiency
w ÷ (w + o) = 1 − o ÷ (w + o). Task Bench's own script interpolates linearly in the granularity, which
for the same data gives more, the more the coarser the steps.

Nothing is smoothed and no curve is made monotone. If it crosses the threshold more than once, the
definition holds: the smallest granularity counts, and how often the curve crosses is told.

The interval is a percentile bootstrap over the launches (Efron and Tibshirani, An Introduction to the
Bootstrap, 1993, chapter 13): within each granularity the launches are drawn anew, with replacement, and
everything from the medians on is computed again. Not BCa: its acceleration comes from the jackknife,
which fails for medians (ibid., 11.6), and resamples whose METG does not exist, or lies below what was
measured, have a rank but no value. The calibration of the peak is common to all models and not part of
the interval.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from enum import Enum

import numpy as np

from makespan.statistics import MIN_LAUNCHES

from .cases import Floats
from .sweeps import FEWEST, Point, Sweep

#: The efficiencies that are asked for.
THRESHOLDS = (0.50, 0.95)
RESAMPLES = 2_000
SEED = 20


class State(Enum):
    REACHED = "reached"
    AT_MOST = "reached even at the smallest granularity measured"
    NEVER = "not reached"
    TOO_FEW = "too few points"


@dataclass(frozen=True)
class Metg:
    """METG(threshold) of a sweep.

    `granularity_ns` is the paper's, `own_ns` the task's own work there; NaN where there is none. With
    AT_MOST both are an upper limit, the smallest that was measured. `low_ns` and `high_ns` end the 95 %
    interval: 0 is "below what was measured", infinity "not reached"; None with fewer than MIN_LAUNCHES
    launches at some point. `crossings` counts how often the curve of medians crosses the threshold.
    """

    threshold: float
    state: State
    granularity_ns: float = math.nan
    own_ns: float = math.nan
    low_ns: float | None = None
    high_ns: float | None = None
    crossings: int = 0


def metg(sweep: Sweep, threshold: float, resamples: int = RESAMPLES) -> Metg:
    """By the definition above, with its interval. The same sweep gives the same interval, whatever else
    is in the run. Raises ValueError for a threshold that is no share."""
    if not 0 < threshold < 1:
        raise ValueError(f"threshold is {threshold}; allowed: between 0 and 1")
    points = sweep.points
    if len(points) < FEWEST:
        return Metg(threshold, State.TOO_FEW)
    own = np.array([point.own_ns for point in points])
    granularity = np.array([point.granularity for point in points])
    found, own_there = smallest(own, granularity, threshold)
    reaches = own / granularity >= threshold
    state = State.NEVER
    if reaches.any():
        state = State.AT_MOST if reaches[-1] else State.REACHED
    low, high = _interval(sweep, own, threshold, resamples)
    return Metg(
        threshold=threshold,
        state=state,
        granularity_ns=math.nan if state is State.NEVER else float(found),
        own_ns=math.nan if state is State.NEVER else float(own_there),
        low_ns=low,
        high_ns=high,
        crossings=int(np.count_nonzero(reaches[1:] != reaches[:-1])),
    )


def smallest(own: Floats, granularity: Floats, threshold: float) -> tuple[Floats, Floats]:
    """The smallest granularity on the curve through the points that reaches the threshold, and the own
    work there; infinity and NaN where none does.

    `own` of shape (K) is the own work of K points in ns, falling; `granularity` of shape (…, K) their
    granularities in ns, of one curve or of many. The results have the shape (…).
    """
    rate = 1 / granularity
    efficiency = own * rate
    at_points = np.where(efficiency >= threshold, granularity, np.inf)
    before, after = efficiency[..., :-1], efficiency[..., 1:]
    crosses = (before >= threshold) != (after >= threshold)
    share = (threshold - before) / np.where(crosses, after - before, 1.0)
    rate_there = rate[..., :-1] + share * (rate[..., 1:] - rate[..., :-1])
    between = np.where(crosses, 1 / np.where(crosses, rate_there, 1.0), np.inf)
    candidates = np.concatenate([at_points, between], axis=-1)
    works = np.concatenate([np.broadcast_to(own, efficiency.shape), threshold * between], axis=-1)
    best = np.argmin(candidates, axis=-1, keepdims=True)
    found = np.take_along_axis(candidates, best, axis=-1)[..., 0]
    own_there = np.take_along_axis(works, best, axis=-1)[..., 0]
    return found, np.where(np.isfinite(found), own_there, np.nan)


def resampled(point: Point, resamples: int, dice: np.random.Generator) -> Floats:
    """Median granularities in ns, of launches drawn with replacement: shape (resamples)."""
    launches = np.array(point.granularities)
    drawn = launches[dice.integers(len(launches), size=(resamples, len(launches)))]
    medians: Floats = np.median(drawn, axis=1)
    return medians


def _interval(
    sweep: Sweep, own: Floats, threshold: float, resamples: int
) -> tuple[float | None, float | None]:
    if min(len(point.makespans) for point in sweep.points) < MIN_LAUNCHES:
        return None, None
    who = f"{sweep.name} {sweep.shape}".encode()
    dice = np.random.default_rng([SEED, zlib.crc32(who)])
    curves = np.stack([resampled(point, resamples, dice) for point in sweep.points], axis=-1)
    found, _ = smallest(own, curves, threshold)
    at_most = own[-1] / curves[:, -1] >= threshold
    ranked = np.sort(np.where(at_most, 0.0, found))
    outside = int(0.025 * resamples)  # order statistics, as what has a rank only cannot be averaged
    return float(ranked[outside]), float(ranked[-1 - outside])
