# SPDX-License-Identifier: Apache-2.0
"""Rank statistics of differences: how large a shift is, with its interval, and how surely there is one.

One sample of paired differences: Wilcoxon's signed-rank test and the Hodges-Lehmann estimate with the
interval that belongs to the test (Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 3rd
ed., 3.1-3.3). Two samples: the rank-sum test and the interval of Moses (the same, 4.1-4.3). Zeros are
ranked and then left out (Pratt, 1959, J. Am. Stat. Assoc. 54), ties get their mean rank, and the
p-value is exact all the same, because the null distribution is that of the ranks at hand. The exact
p-values of scipy.stats.wilcoxon and mannwhitneyu are the same, but hold only without zeros and ties,
which memory in whole pages has; and theirs is one series at a time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CONFIDENCE = 0.95

#: Values of two samples together up to which the p-value is exact; beyond, it is scipy's asymptotic one.
EXACT_UP_TO = 100

# Differences of logarithms that are equal but for rounding must tie.
_DECIMALS = 12
# Walsh averages that are sorted at a time: bounds the memory.
_AT_A_TIME = 4_000_000


@dataclass(frozen=True)
class Shifts:
    """One element a series, in any shape that all members share.

    `n` counts the pairs, or the values of the smaller sample; `estimate`, `low` and `high` are in the
    unit of the differences, NaN where there is no estimate or no interval of 95 %; `p` is two-sided,
    `best_p` the smallest that so many values can have.
    """

    n: Ints
    estimate: Floats
    low: Floats
    high: Floats
    p: Floats
    best_p: Floats

    def where(self, mask: npt.NDArray[np.bool_], other: Shifts) -> Shifts:
        """Those of `other` where the mask is set, otherwise our own."""
        return Shifts(
            np.where(mask, other.n, self.n),
            *(np.where(mask, getattr(other, name), getattr(self, name)) for name in _REALS),
        )

    def reshaped(self, *shape: int) -> Shifts:
        return Shifts(
            self.n.reshape(shape), *(getattr(self, name).reshape(shape) for name in _REALS)
        )


_REALS = ("estimate", "low", "high", "p", "best_p")


def empty_shifts(series: int) -> Shifts:
    """What is known of series without a single value."""
    estimate, low, high, p = np.full((4, series), np.nan)
    return Shifts(np.zeros(series, dtype=np.int64), estimate, low, high, p, np.ones(series))


def paired_shifts(differences: Floats) -> Shifts:
    """Of each row of (series, pairs); NaN where a pair is missing."""
    present = ~np.isnan(differences)
    counts = present.sum(axis=1).astype(np.int64)
    found = empty_shifts(len(differences))
    found.n[:] = counts
    for n in np.unique(counts[counts > 0]):
        rows = np.flatnonzero(counts == n)
        values = differences[rows][present[rows]].reshape(len(rows), n)
        values = np.round(values, _DECIMALS)
        found.p[rows] = signed_rank_p(values)
        found.best_p[rows] = min(1.0, 2.0 ** (1 - int(n)))
        ends = _walsh(values)
        found.estimate[rows], found.low[rows], found.high[rows] = ends
    return found


def unpaired_shift(new: Sequence[float] | Floats, old: Sequence[float] | Floats) -> Shifts:
    """Of one pair of samples, new - old, as arrays of one element."""
    ours, theirs = np.asarray(new, dtype=np.float64), np.asarray(old, dtype=np.float64)
    found = empty_shifts(1)
    found.n[0] = min(len(ours), len(theirs))
    if not found.n[0]:
        return found
    differences = np.sort(np.round(np.subtract.outer(ours, theirs), _DECIMALS), axis=None)
    found.estimate[0] = np.median(differences)
    found.p[0] = rank_sum_p(ours, theirs)
    found.best_p[0] = min(1.0, 2 / math.comb(len(ours) + len(theirs), len(ours)))
    cut = rank_sum_cut(len(ours), len(theirs))
    if cut:
        found.low[0], found.high[0] = differences[cut - 1], differences[-cut]
    return found


def signed_rank_p(values: Floats) -> Floats:
    """Two-sided p of each row of (series, n), none missing; 1 where all are zero."""
    from scipy.stats import rankdata

    doubled = np.rint(2 * rankdata(np.abs(values), axis=1)).astype(np.int64)
    doubled[values == 0] = 0
    positive = (doubled * (values > 0)).sum(axis=1)
    lesser = np.minimum(positive, doubled.sum(axis=1) - positive)
    doubled.sort(axis=1)
    plain = 2 * np.arange(1, values.shape[1] + 1)
    untied = (doubled == plain).all(axis=1)
    p = np.empty(len(values))
    p[untied] = _signed_rank_table(tuple(plain.tolist()))[lesser[untied]]
    for row in np.flatnonzero(~untied):
        p[row] = _signed_rank_table(tuple(doubled[row].tolist()))[lesser[row]]
    return np.minimum(1.0, 2 * p)


@lru_cache(maxsize=1024)
def signed_rank_cut(n: int, confidence: float = CONFIDENCE) -> int:
    """The rank k, from 1, for which the k-th smallest and the k-th largest of the Walsh averages of n
    pairs hold the shift with at least this confidence; 0 where none does."""
    below = _signed_rank_table(tuple(range(1, n + 1)))
    return int(np.searchsorted(2 * below, 1 - confidence, side="right"))


def rank_sum_p(new: Floats, old: Floats) -> float:
    """Two-sided p of two samples without NaN."""
    from scipy.stats import mannwhitneyu, rankdata

    both = np.round(np.concatenate([new, old]), _DECIMALS)
    if np.ptp(both) == 0:
        return 1.0
    if len(both) > EXACT_UP_TO:
        asymptotic = mannwhitneyu(both[: len(new)], both[len(new) :], method="asymptotic")
        return float(asymptotic.pvalue)
    doubled = np.rint(2 * rankdata(both)).astype(np.int64)
    table = _rank_sum_table(tuple(sorted(doubled.tolist())), len(new))
    ours = int(doubled[: len(new)].sum())
    return min(1.0, 2 * min(float(table[ours]), float(1 - table[ours - 1])))


@lru_cache(maxsize=1024)
def rank_sum_cut(n: int, m: int, confidence: float = CONFIDENCE) -> int:
    """As signed_rank_cut(), for the n × m differences of two samples."""
    if n + m > EXACT_UP_TO:
        from scipy.stats import norm

        spread = float(norm.ppf((1 + confidence) / 2)) * math.sqrt(n * m * (n + m + 1) / 12)
        return max(0, math.floor(n * m / 2 - spread))
    smallest = n * (n + 1) // 2
    below = _rank_sum_table(tuple(range(1, n + m + 1)), n)[smallest:]
    return int(np.searchsorted(2 * below, 1 - confidence, side="right"))


def _walsh(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Estimate, low and high of each row: the median of the means of all pairs of values, each with
    itself too, and two of their order statistics."""
    rows, n = values.shape
    first, second = np.triu_indices(n)
    estimate, low, high = (np.full(rows, np.nan) for _ in range(3))
    cut = signed_rank_cut(n)
    step = max(1, _AT_A_TIME // len(first))
    for start in range(0, rows, step):
        part = slice(start, start + step)
        means = np.sort((values[part][:, first] + values[part][:, second]) / 2, axis=1)
        estimate[part] = np.median(means, axis=1)
        if cut:
            low[part], high[part] = means[:, cut - 1], means[:, -cut]
    return estimate, low, high


@lru_cache(maxsize=1024)
def _signed_rank_table(ranks: tuple[int, ...]) -> Floats:
    """P(sum of the ranks with a positive sign <= s), s = 0 … their sum, each sign a fair coin."""
    chances = np.ones(1)
    for rank in ranks:
        longer = np.zeros(len(chances) + rank)
        longer[: len(chances)] += chances / 2
        longer[rank:] += chances / 2
        chances = longer
    return np.cumsum(chances)


@lru_cache(maxsize=256)
def _rank_sum_table(ranks: tuple[int, ...], n: int) -> Floats:
    """P(sum of n of the ranks <= s), s = 0 … their sum, all choices of n equally likely."""
    ways = np.zeros((n + 1, sum(ranks) + 1))
    ways[0, 0] = 1
    for rank in ranks:
        ways[1:, rank:] += ways[:-1, : ways.shape[1] - rank].copy()
    return np.cumsum(ways[n] / math.comb(len(ranks), n))
