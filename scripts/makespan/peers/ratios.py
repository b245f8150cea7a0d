# SPDX-License-Identifier: Apache-2.0
"""The ratio of two figures by rounds, also of rounds of which only limits are known.

A value that lies outside what was measured is censored, not missing: a round that is left out because of what it showed
would make the others look alike. Every round has a lower and an upper limit, which are the same where it has a value; so
has its ratio, and so has the median of the ratios. The interval is the distribution-free one of the median: from the
lower limits its lower end, from the upper limits its upper one, so limits can make it wider only. Source of the ranks:
statistics.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from makespan.statistics import median_rank

#: run_id and number.
Round = tuple[str, int]


class Span(NamedTuple):
    """A value between two limits, neither below 0; `high` may be infinite."""

    low: float
    high: float

    @property
    def exact(self) -> bool:
        return self.low == self.high


def exactly(value: float) -> Span:
    return Span(value, value)


#: Before a value that is an upper, and one that is a lower limit.
AT_MOST, AT_LEAST = "≤", "≥"
#: Nothing is known.
UNKNOWN = Span(0.0, math.inf)


@dataclass(frozen=True)
class Ratio:
    """Of `n` rounds: limits of the median, and the interval, None and None with too few rounds."""

    median: Span
    low: float | None
    high: float | None
    n: int

    @property
    def value(self) -> float | None:
        """The median or, as `limit` says, its upper limit, and if there is none its lower one; None if nothing is known."""
        return known(self.median.high) or known(self.median.low)

    @property
    def limit(self) -> str:
        if self.value is None or self.median.exact:
            return ""
        return AT_MOST if self.value == self.median.high else AT_LEAST


def known(limit: float | None) -> float | None:
    """None also for 0 and infinity, which limit nothing."""
    return limit if limit and math.isfinite(limit) else None


def ratio_of_spans(values: Mapping[Round, Span], others: Mapping[Round, Span]) -> Ratio | None:
    """Value ÷ other of the same round, over the rounds that have both; None without any."""
    both = [(values[number], others[number]) for number in values if number in others]
    if not both:
        return None
    lows = sorted(_over(value.low, other.high) for value, other in both)
    highs = sorted(_over(value.high, other.low) for value, other in both)
    n, rank = len(both), median_rank(len(both))
    ends = (None, None) if rank is None else (lows[rank - 1], highs[n - rank])
    return Ratio(Span(median(lows), median(highs)), *ends, n)


def _over(value: float, other: float) -> float:
    """A limit ÷ a limit of the other kind: nothing divides by 0 but what has no other limit."""
    return math.inf if other == 0 else 0.0 if math.isinf(other) else value / other
