# SPDX-License-Identifier: Apache-2.0
"""The interval of the median: known answers, its coverage, and that a wrong one would be noticed."""

from __future__ import annotations

import math
import random

import pytest
from makespan.statistics import MIN_LAUNCHES, Interval, median_interval, median_rank

#: Two-sided 95 % ranks of the sign test, as the tables of nonparametric statistics have them.
TABLE = {6: 1, 7: 1, 8: 1, 9: 2, 10: 2, 12: 3, 15: 4, 20: 6, 25: 8, 30: 10, 40: 14, 50: 18, 100: 40}


def miss(n: int, rank: int) -> float:
    """The exact probability that the interval misses the median, from binomial coefficients."""
    return float(2 * sum(math.comb(n, k) for k in range(rank)) / 2**n)


@pytest.mark.parametrize(("n", "rank"), TABLE.items())
def test_ranks_of_the_tables(n: int, rank: int) -> None:
    assert median_rank(n) == rank


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.99])
def test_never_narrower_than_asked_and_no_wider_than_needed(confidence: float) -> None:
    for n in range(1, 200):
        rank = median_rank(n, confidence) or 0
        assert miss(n, rank) <= 1 - confidence + 1e-12
        assert miss(n, rank + 1) > 1 - confidence - 1e-12


def test_fewer_than_six_have_no_interval() -> None:
    assert MIN_LAUNCHES == 6
    for n in range(1, 6):
        assert median_interval(range(n)) == Interval(None, (n - 1) / 2, None, n)
    assert median_interval([3, 1, 2, 6, 5, 4]) == Interval(1, 3.5, 6, 6)


def test_known_intervals() -> None:
    assert median_interval(range(1, 11)) == Interval(2, 5.5, 9, 10)
    assert median_interval([5] * 9) == Interval(5, 5, 5, 9)
    assert median_interval(range(1, 10)) == Interval(2, 5, 8, 9)


@pytest.mark.parametrize("values", [[], [1.0, math.nan], [1.0, math.inf]])
def test_what_has_no_median(values: list[float]) -> None:
    with pytest.raises(ValueError, match="allowed"):
        median_interval(values)


@pytest.mark.parametrize("confidence", [0, 1, -1, 95])
def test_confidence_is_a_share(confidence: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        median_interval([1, 2], confidence)


def covered(n: int, rank: int, trials: int) -> float:
    """How often the interval by this rank holds the median of a skewed distribution, by trial."""
    generator = random.Random(20260131)
    median = math.log(2)
    hits = 0
    for _ in range(trials):
        values = sorted(generator.expovariate(1) for _ in range(n))
        hits += values[rank - 1] <= median <= values[n - rank]
    return hits / trials


@pytest.mark.parametrize("n", [6, 10, 25])
def test_coverage_by_simulation(n: int) -> None:
    rank = median_rank(n)
    assert rank is not None
    assert covered(n, rank, 10_000) >= 0.945


@pytest.mark.parametrize("n", [10, 25])
def test_the_simulation_notices_an_interval_that_is_too_narrow(n: int) -> None:
    rank = median_rank(n)
    assert rank is not None
    assert covered(n, rank + 1, 10_000) < 0.945


def test_overlap() -> None:
    low, middle, high = Interval(1, 2, 3, 6), Interval(3, 4, 5, 6), Interval(3.1, 4, 5, 6)
    assert low.overlaps(middle) and middle.overlaps(low) and middle.overlaps(middle)
    assert low.overlaps(high) is False and high.overlaps(low) is False
    assert Interval(1, 2, 9, 6).overlaps(Interval(3, 4, 5, 6)), "one within the other"
    assert low.overlaps(Interval(None, 100, None, 5)) is None
