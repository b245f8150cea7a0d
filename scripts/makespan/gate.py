# SPDX-License-Identifier: Apache-2.0
"""The verdicts of many paired runs at once, each with a confirmation: what its error rates are counted on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from makespan.decisions import ALPHA, Bools, Decisions, decide, suspects
from makespan.ranks import Floats, Shifts, paired_shifts


@dataclass(frozen=True)
class Gate:
    """What the gate said, in arrays of (runs, series); `again` are those that were measured again."""

    decisions: Decisions
    again: Bools

    @property
    def outcome(self) -> npt.NDArray[np.str_]:
        return self.decisions.outcome


def judge_runs(
    measured: Callable[[], Floats],
    min_log: Floats,
    confirm: bool = True,
    alpha: float = ALPHA,
    metrics: int = 1,
) -> Gate:
    """`measured` gives the differences of the blocks, of shape (runs, series, blocks), first of the planned
    rounds and then of fresh ones; `min_log` is the minimum effect of each series as a logarithm. With so
    many `metrics` the series are all cases of the first, then all of the next: what looks suspicious by one
    of them is measured again for all."""

    def shifts(wanted: Bools | None = None) -> Shifts:
        found = measured()
        runs, series, blocks = found.shape
        if wanted is not None:
            found = np.where(wanted[..., np.newaxis], found, np.nan)
        return paired_shifts(found.reshape(runs * series, blocks)).reshaped(runs, series)

    planned = shifts()
    least = np.broadcast_to(min_log, planned.p.shape)
    if not confirm:
        return Gate(decide(planned, least, alpha), np.zeros(planned.p.shape, dtype=bool))
    suspected = suspects(planned, least, alpha)
    again = np.tile(suspected.reshape(len(suspected), metrics, -1).any(axis=1), metrics)
    return Gate(decide(planned, least, alpha, shifts(again), again, screened=True), again)
