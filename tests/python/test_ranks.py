# SPDX-License-Identifier: Apache-2.0
"""Signed ranks and rank sums: against scipy, against all possibilities counted out, and their coverage."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from makespan.ranks import (
    EXACT_UP_TO,
    paired_shifts,
    rank_sum_cut,
    rank_sum_p,
    signed_rank_cut,
    signed_rank_p,
    unpaired_shift,
)
from scipy import stats


@pytest.mark.parametrize("n", [1, 2, 5, 6, 10, 16, 25])
def test_p_of_pairs_is_that_of_scipy(n: int) -> None:
    values = np.random.default_rng(n).normal(0.3, 1, (20, n))
    expected = [stats.wilcoxon(row, method="exact").pvalue for row in values]
    assert signed_rank_p(values) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    "values",
    [
        [1, 1, 2, -1, 3],
        [0, 0, 1, 2, 3, -1],
        [0, 1, -1, 1, -1, 1, 1],
        [2, 2, 2, 2, 2, 2],
        [0, 0, 0, 5],
    ],
)
def test_p_with_ties_and_zeros_counts_out_all_signs(values: list[float]) -> None:
    """Pratt: zeros are ranked, then left out."""
    given = np.array(values, dtype=np.float64)
    ranks = stats.rankdata(np.abs(given))[given != 0]
    observed = abs(ranks[given[given != 0] > 0].sum() - ranks.sum() / 2)
    signs = itertools.product((0, 1), repeat=len(ranks))
    off = [abs(float(np.dot(sign, ranks)) - ranks.sum() / 2) for sign in signs]
    expected = np.mean([value >= observed - 1e-9 for value in off])
    assert signed_rank_p(given[np.newaxis]) == pytest.approx([expected])


def test_no_difference_at_all_is_no_evidence() -> None:
    found = paired_shifts(np.zeros((1, 16)))
    assert (found.p[0], found.estimate[0], found.low[0], found.high[0]) == (1, 0, 0, 0)


def test_what_is_equal_but_for_rounding_ties() -> None:
    exact = paired_shifts(np.array([[1, -1, 1, 1, 1, 1, 0.0]]))
    nearly = paired_shifts(np.array([[1, -1 - 1e-15, 1 + 2e-16, 1, 1, 1, 3e-17]]))
    assert nearly.p == exact.p and exact.p[0] < 1


#: Two-sided 95 %, from tables of the signed-rank test: the critical value plus one.
@pytest.mark.parametrize(("n", "cut"), [(5, 0), (6, 1), (7, 3), (8, 4), (10, 9), (12, 14), (15, 26), (20, 53)])
def test_cuts_of_the_tables(n: int, cut: int) -> None:
    assert signed_rank_cut(n) == cut


#: Critical values of the rank-sum test, two-sided 95 %, plus one.
@pytest.mark.parametrize(("n", "m", "cut"), [(3, 3, 0), (4, 4, 1), (5, 5, 3), (6, 6, 6), (8, 8, 14), (10, 10, 24)])
def test_cuts_of_the_rank_sum(n: int, m: int, cut: int) -> None:
    assert rank_sum_cut(n, m) == cut


def test_hodges_lehmann_by_hand() -> None:
    found = paired_shifts(np.array([[1, 2, 4, 8, 16, 32.0]]))
    walsh = sorted((a + b) / 2 for a, b in itertools.combinations_with_replacement([1, 2, 4, 8, 16, 32], 2))
    assert found.estimate[0] == walsh[10]
    assert (found.low[0], found.high[0]) == (1, 32)
    assert found.p[0] == found.best_p[0] == 2 / 64


def test_rows_of_different_length() -> None:
    values = np.random.default_rng(1).normal(size=(3, 12))
    values[1, ::2] = math.nan
    values[2] = math.nan
    found = paired_shifts(values)
    alone = paired_shifts(values[1:2, 1::2])
    assert found.n.tolist() == [12, 6, 0]
    for name in ("estimate", "low", "high", "p", "best_p"):
        assert getattr(found, name)[1] == getattr(alone, name)[0]
    assert np.isnan(found.p[2]) and np.isnan(found.estimate[2]) and found.best_p[2] == 1


def test_interval_excludes_zero_just_when_the_test_rejects() -> None:
    values = np.random.default_rng(5).normal(0.5, 1, (500, 12))
    found = paired_shifts(values)
    excluded = (found.low > 0) | (found.high < 0)
    assert 100 < excluded.sum() < 400
    assert (excluded == (found.p < 0.05)).all()


@pytest.mark.parametrize("n", [6, 10, 16])
def test_coverage_of_the_interval(n: int) -> None:
    values = 0.05 + 0.02 * np.random.default_rng(n).standard_t(3, (8_000, n))
    found = paired_shifts(values)
    covered = float(np.mean((found.low <= 0.05) & (found.high >= 0.05)))
    assert 0.944 <= covered <= 0.98
    narrower = np.sort(values, axis=1)[:, [n // 4, -1 - n // 4]]
    missed = np.mean((narrower[:, 0] <= 0.05) & (narrower[:, 1] >= 0.05))
    assert missed < 0.94, "a wrong interval would be noticed"


def test_p_of_two_samples_is_that_of_scipy() -> None:
    generator = np.random.default_rng(3)
    for n, m in ((4, 6), (8, 8), (15, 12), (EXACT_UP_TO, 5)):
        new, old = generator.normal(0.4, 1, n), generator.normal(0, 1, m)
        method = "exact" if n + m <= EXACT_UP_TO else "asymptotic"
        expected = stats.mannwhitneyu(new, old, method=method).pvalue
        assert rank_sum_p(new, old) == pytest.approx(expected, rel=1e-9)


def test_p_of_two_samples_with_ties_counts_out_all_choices() -> None:
    new, old = np.array([1, 2, 2, 3.0]), np.array([0, 1, 1, 2, 2.0])
    ranks = stats.rankdata(np.concatenate([new, old]))
    sums = np.array([ranks[list(choice)].sum() for choice in itertools.combinations(range(9), 4)])
    observed = ranks[:4].sum()
    expected = 2 * min(np.mean(sums <= observed), np.mean(sums >= observed))
    assert rank_sum_p(new, old) == pytest.approx(expected)
    assert rank_sum_p(np.ones(5), np.ones(7)) == 1


def test_shift_of_two_samples() -> None:
    found = unpaired_shift([11, 12, 13, 14], [1, 2, 3, 4])
    assert (found.estimate[0], found.low[0], found.high[0]) == (10, 7, 13)
    assert [found.p[0], found.best_p[0]] == pytest.approx([2 / 70] * 2)
    assert np.isnan(unpaired_shift([1, 2, 3], [4, 5, 6]).low[0])
    assert unpaired_shift([], [1.0]).n[0] == 0


def test_coverage_of_two_samples() -> None:
    generator = np.random.default_rng(8)
    found = [unpaired_shift(1 + generator.gumbel(size=8), generator.gumbel(size=10)) for _ in range(1_500)]
    covered = np.mean([shift.low[0] <= 1 <= shift.high[0] for shift in found])
    assert 0.94 <= covered <= 0.975
    many = [unpaired_shift(generator.normal(size=60), generator.normal(size=60)) for _ in range(300)]
    assert 0.92 <= np.mean([shift.low[0] <= 0 <= shift.high[0] for shift in many]) <= 0.98
