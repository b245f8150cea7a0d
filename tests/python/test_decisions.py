# SPDX-License-Identifier: Apache-2.0
"""The rules by which shifts become outcomes."""

from __future__ import annotations

import numpy as np
import pytest
from makespan.decisions import blocks_needed, decide, holm, launches_needed, suspects
from makespan.ranks import Floats, Shifts, paired_shifts
from makespan.thresholds import BUILT_IN, USUAL, MinEffects, min_effects

FIVE = np.log1p([0.05])


def shifts(*ratios: float, n: int = 16, width: float = 0.001) -> Shifts:
    """Series of n differences around log(ratio), at most `width` away from it."""
    spread = np.linspace(-width, width, n) + np.sin(np.arange(n)) * 1e-6
    return paired_shifts(np.log(ratios)[:, np.newaxis] + spread)


def outcome(found: Shifts, min_log: Floats = FIVE) -> list[str]:
    return decide(found, np.repeat(min_log, len(found.p))).outcome.tolist()


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (1.2, "slower"),
        (1.06, "slower"),
        (1.04, "same"),
        (1.0, "same"),
        (0.96, "same"),
        (0.94, "faster"),
        (0.5, "faster"),
    ],
)
def test_outcomes(ratio: float, expected: str) -> None:
    assert outcome(shifts(ratio)) == [expected]


def test_equivalence_is_shown_and_not_assumed() -> None:
    wide = shifts(1.0, width=0.3)
    assert wide.p[0] > 0.5
    assert outcome(wide) == ["inconclusive"]
    assert outcome(shifts(1.049, width=0.01)) == ["inconclusive"], "sure to be above 0, not to be below 5 %"


def test_margins_mirror_each_other() -> None:
    """Faster by a factor of 1 / 1.06 is what slower by 1.06 is, seen from the other build."""
    assert outcome(shifts(1 / 1.06)) == ["faster"]
    assert outcome(shifts(1 / 1.04)) == ["same"]


def test_too_few_launches_have_no_verdict_however_clear_it_looks() -> None:
    assert outcome(shifts(2.0, n=5)) == ["inconclusive"]
    assert outcome(shifts(1.0, n=5)) == ["inconclusive"]
    assert outcome(shifts(2.0, n=6)) == ["slower"]
    assert set(outcome(shifts(2.0, 1.0, n=6))) == {"inconclusive"}, "two tests need more"
    assert set(outcome(shifts(2.0, 1.0, n=7))) == {"slower", "same"}
    screened = decide(shifts(2.0, 1.0, n=6), np.repeat(FIVE, 2), screened=True)
    assert screened.enough.all() and screened.outcome.tolist() == ["inconclusive", "same"]


def test_blocks_needed_are_the_least_that_allow_a_verdict() -> None:
    for tests in (1, 2, 3, 27, 100, 1000):
        needed = blocks_needed(tests, 0.05)
        cases = shifts(*[2.0] * tests, n=needed)
        assert set(outcome(cases)) == {"slower"}
        assert set(outcome(shifts(*[2.0] * tests, n=needed - 1))) == {"inconclusive"}
    assert blocks_needed(27, 0.05) == 11
    assert [launches_needed(tests, 0.05) for tests in (1, 27)] == [4, 7]


def test_holm() -> None:
    p = np.array([0.01, 0.04, 0.03, 0.005])
    assert holm(p) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    both = holm(np.array([[0.01, np.nan, 0.02], [0.9, 0.8, 0.5]]))
    assert both[0, [0, 2]] == pytest.approx([0.02, 0.02]) and np.isnan(both[0, 1])
    assert both[1].tolist() == [1, 1, 1]


def test_holm_keeps_the_chance_of_any_error() -> None:
    p = np.random.default_rng(1).random((20_000, 10))
    assert np.mean((holm(p) < 0.05).any(axis=1)) == pytest.approx(0.05, abs=0.006)
    assert np.mean((p < 0.05).any(axis=1)) > 0.35, "which without it would not be kept"


def test_a_suspicion_needs_no_correction_but_the_effect() -> None:
    noisy = shifts(*[1.1] * 100, n=6)
    assert suspects(noisy, np.repeat(FIVE, 100)).all()
    assert set(outcome(noisy)) == {"inconclusive"}
    assert not suspects(shifts(1.04), FIVE).any()


def test_confirmed_series_are_judged_on_fresh_blocks_alone() -> None:
    planned, fresh = shifts(1.3, 1.3, 1.3, 1.0), shifts(1.2, 0.99, 0.8, 2.0)
    again = np.array([True, True, True, False])
    found = decide(planned, np.repeat(FIVE, 4), confirming=fresh, again=again, screened=True)
    assert found.outcome.tolist() == ["slower", "same", "inconclusive", "same"]
    assert found.borne_out.tolist() == [True, False, False, True]
    assert np.exp(found.shifts.estimate) == pytest.approx([1.2, 0.99, 0.8, 1.0], rel=1e-3)


def test_the_confirmation_has_a_stricter_level() -> None:
    """Of six blocks the least p is 0.03: enough for a suspicion, too much for its confirmation."""
    six, one = shifts(1.3, n=6), np.array([True])
    assert suspects(six, FIVE).all()
    assert decide(six, FIVE, confirming=six, again=one, screened=True).outcome == ["inconclusive"]
    assert decide(six, FIVE, confirming=shifts(1.3, n=7), again=one).outcome == ["slower"]


def test_min_effects() -> None:
    asked = min_effects(["7%", "compute=2.5%,sleep = 1%".replace(" = ", "=")])
    assert [asked.of(name) for name in ("compute", "sleep", "ring")] == pytest.approx([0.025, 0.01, 0.07])
    assert MinEffects().of("compute") == BUILT_IN["compute"] < MinEffects().of("ring") == USUAL == 0.05
    doubled = MinEffects(own={"ring": 0.01}, paired=False)
    assert (doubled.of("mixed"), doubled.of("ring")) == (0.1, 0.01)
    assert MinEffects(0.03, paired=False).of("compute") == 0.03, "what was asked for is not doubled"


@pytest.mark.parametrize("text", ["5", "0.05", "0%", "-3%", "101%", "compute=", "=5%", "5%,", "", "compute:5%"])
def test_bad_min_effects(text: str) -> None:
    with pytest.raises(ValueError, match="allowed: a percentage"):
        min_effects([text])
