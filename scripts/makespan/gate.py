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
    """What the gate said, in arrays of (runs, cases); `again` are the cases that were measured again."""

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
) -> Gate:
    """`measured` gives the differences of the blocks, of shape (runs, cases, blocks), first of the planned
    rounds and then of fresh ones; `min_log` is the minimum effect of each case as a logarithm."""

    def shifts(wanted: Bools | None = None) -> Shifts:
        found = measured()
        runs, cases, blocks = found.shape
        if wanted is not None:
            found = np.where(wanted[..., np.newaxis], found, np.nan)
        return paired_shifts(found.reshape(runs * cases, blocks)).reshaped(runs, cases)

    planned = shifts()
    least = np.broadcast_to(min_log, planned.p.shape)
    if not confirm:
        return Gate(decide(planned, least, alpha), np.zeros(planned.p.shape, dtype=bool))
    again = suspects(planned, least, alpha)
    return Gate(decide(planned, least, alpha, shifts(again), again, screened=True), again)
