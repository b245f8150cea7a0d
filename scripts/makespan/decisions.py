# SPDX-License-Identifier: Apache-2.0
"""When a shift is called slower, faster, the same or inconclusive, and how often that is wrong.

A change counts if the test of its series says so after the correction over all series (Holm, 1979,
Scand. J. Stat. 6), and if the estimate is at least the minimum effect. `same` is an equivalence: the
95 % interval lies within the minimum effect on both sides.

With a confirmation the planned blocks only pick the suspicious cases, without correction, and these
are judged on fresh blocks alone. The selection cannot bias those, so Holm over the confirmed cases at
CONFIRM_SHARE × alpha in the direction that was suspected holds the chance of any false change in a run
below CONFIRM_SHARE × alpha / 2: 1 % at alpha = 0.05. A case is measured again with the chance alpha times the
number of deciding metrics, so that of one case is below that times as much: 0.1 % with two. This takes no
more of the noise than that swapping the arms of a block changes nothing but signs, as their order is drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from makespan.ranks import Floats, Shifts

Bools = npt.NDArray[np.bool_]

ALPHA = 0.05
#: The level of the confirmation, as a share of alpha.
CONFIRM_SHARE = 0.4


class Outcome(Enum):
    SLOWER = "slower"
    FASTER = "faster"
    SAME = "same"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Decisions:
    """One element a series, in the shape of the shifts.

    `outcome` holds the values of Outcome. `enough` tells whether there were enough launches for any
    verdict. `borne_out` is False where the fresh blocks do not point where the planned ones did.
    """

    shifts: Shifts
    outcome: npt.NDArray[np.str_]
    adjusted_p: Floats
    enough: Bools
    borne_out: Bools


def suspects(planned: Shifts, min_log: Floats, alpha: float = ALPHA) -> Bools:
    """Which series would be called slower or faster if they were the only ones. `min_log` is the
    minimum effect as a logarithm, log(1.05) for 5 %."""
    return (planned.p < alpha) & (np.abs(planned.estimate) >= min_log)


def decide(
    planned: Shifts,
    min_log: Floats,
    alpha: float = ALPHA,
    confirming: Shifts | None = None,
    again: Bools | None = None,
    screened: bool = False,
) -> Decisions:
    """Outcomes of the series of a run, or of many runs: Holm goes along the last axis.

    `again` marks the series that were measured again, and `confirming` holds their fresh shifts.
    `screened` says that there was, or will be, a confirmation: the planned blocks then need to be
    enough to raise a suspicion only. Series that were not measured again are judged on the planned
    blocks, corrected over each other.
    """
    if confirming is None or again is None:
        confirming, again = planned, np.zeros(planned.p.shape, dtype=bool)
    shifts = planned.where(again, confirming)
    first, second = np.where(again, np.nan, shifts.p), np.where(again, shifts.p, np.nan)
    adjusted = np.where(again, holm(second), holm(first))
    level = np.where(again, CONFIRM_SHARE * alpha, alpha)
    tests = np.where(again, _count(second), 1 if screened else _count(first))
    with np.errstate(invalid="ignore"):
        enough = (shifts.best_p * tests < level) & ~np.isnan(shifts.low)
        borne_out = ~again | (np.sign(shifts.estimate) == np.sign(planned.estimate))
        changed = enough & (adjusted < level) & borne_out
        outcome = np.select(
            [
                ~enough,
                changed & (shifts.estimate >= min_log),
                changed & (shifts.estimate <= -min_log),
                (shifts.low > -min_log) & (shifts.high < min_log),
            ],
            [o.value for o in (Outcome.INCONCLUSIVE, Outcome.SLOWER, Outcome.FASTER, Outcome.SAME)],
            Outcome.INCONCLUSIVE.value,
        )
    return Decisions(shifts, outcome, adjusted, enough, borne_out)


def holm(p: Floats) -> Floats:
    """The adjusted p-values along the last axis; NaN does not count and stays NaN."""
    order = np.argsort(p, axis=-1, kind="stable")  # NaN last
    ordered = np.take_along_axis(p, order, axis=-1)
    factors = _count(p) - np.arange(p.shape[-1])
    stepped = np.maximum.accumulate(ordered * np.maximum(factors, 1), axis=-1)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(stepped, 1), axis=-1)
    return adjusted


def blocks_needed(tests: int, level: float) -> int:
    """Blocks of a paired run without which no series can be called slower: 2^(1 - n) × tests < level,
    and at least the 6 that an interval of 95 % takes."""
    return max(6, math.floor(1 + math.log2(max(tests, 1) / level)) + 1)


def launches_needed(tests: int, level: float) -> int:
    """Launches of each of two runs that were not measured by turns: 2 / (2n choose n) × tests < level."""
    return next(n for n in range(4, 1000) if 2 * max(tests, 1) < level * math.comb(2 * n, n))


def _count(p: Floats) -> npt.NDArray[np.int64]:
    """Tests along the last axis, which is kept with length 1."""
    counts: npt.NDArray[np.int64] = (~np.isnan(p)).sum(axis=-1, keepdims=True)
    return counts
