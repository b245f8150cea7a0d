# SPDX-License-Identifier: Apache-2.0
"""The distribution-free interval of a median.

Times of a computer are skewed and have outliers, so nothing is assumed of their distribution but
that the values are independent. Source: Conover, Practical Nonparametric Statistics, 3rd ed., 3.2;
Hahn and Meeker, Statistical Intervals, 5.3.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

Round = TypeVar("Round")

#: With fewer values even the range from the smallest to the largest covers the median in less than
#: 95 % of all cases: 1 - 2 / 2^n.
MIN_LAUNCHES = 6


@dataclass(frozen=True)
class Interval:
    """The median of `n` values and the interval that holds the true one; no interval: None, None."""

    low: float | None
    median: float
    high: float | None
    n: int

    def overlaps(self, other: Interval) -> bool | None:
        """Whether the two share a value; None where one of them has no interval."""
        if self.low is None or self.high is None or other.low is None or other.high is None:
            return None
        return self.low <= other.high and other.low <= self.high


@lru_cache(maxsize=4096)
def median_rank(n: int, confidence: float = 0.95) -> int | None:
    """The rank r, counted from 1, for which the r-th smallest and the r-th largest of n values hold
    the median with at least the confidence asked for; None where no rank does.

    The number of values below the median is binomial (n, 1/2), so the interval misses it with
    probability 2 P(B <= r - 1). The largest such r gives the narrowest symmetric interval.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; allowed: between 0 and 1")
    from scipy.stats import binom  # here, because it takes longer to load than a launch

    rank = int(binom.ppf((1 - confidence) / 2, n, 0.5))
    while rank > 0 and 2 * binom.cdf(rank - 1, n, 0.5) > 1 - confidence:
        rank -= 1
    while 2 * binom.cdf(rank, n, 0.5) <= 1 - confidence:
        rank += 1
    return rank or None


def median_interval(values: Iterable[float], confidence: float = 0.95) -> Interval:
    """The median with its order-statistic interval, never narrower than the confidence asked for.

    Raises ValueError if there is no value, or one that is not a finite number.
    """
    ordered = sorted(float(value) for value in values)
    n = len(ordered)
    if n == 0:
        raise ValueError("no values; allowed: at least one")
    if not all(math.isfinite(value) for value in ordered):
        raise ValueError("a value is not finite; allowed: finite numbers")
    middle = n // 2
    median = ordered[middle] if n % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    rank = median_rank(n, confidence)
    if rank is None:
        return Interval(None, median, None, n)
    return Interval(ordered[rank - 1], median, ordered[n - rank], n)


def ratio_of_rounds(values: Mapping[Round, float], others: Mapping[Round, float]) -> Interval | None:
    """Value ÷ other of the same round, over the rounds that have both; None without any. Both were measured one soon
    after the other, so what slows the machine for longer than a round is in neither."""
    ratios = [values[number] / others[number] for number in values if number in others]
    return median_interval(ratios) if ratios else None
