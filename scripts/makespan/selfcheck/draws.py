# SPDX-License-Identifier: Apache-2.0
"""Many runs of the gate from one recording.

A run takes so many rounds as planned ones and as many others as fresh ones to confirm with. In the order
of time there are few such runs, and all of their noise is as the machine made it. Drawn at random from all
rounds there are as many as one likes, which share the rounds: of a rate no more is known than so many runs
tell as fit side by side into the recording, and as no round comes twice within a run, the drawn ones differ
less than runs of other hours would.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from makespan.errors import UsageError
from makespan.gate import Gate, judge_runs
from makespan.metrics import DECIDING
from makespan.ranks import Floats

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Draws:
    """Which rounds each run takes, counted from 0, of shape (runs, blocks): disjoint within a run."""

    planned: Places
    fresh: Places


def in_order(rounds: int, blocks: int) -> Draws:
    """Runs of adjacent rounds, each confirmed in the next one, the last in the first: no round is planned
    twice."""
    sets = np.arange(rounds // blocks * blocks).reshape(-1, blocks)
    enough(rounds, blocks)
    return Draws(sets, np.roll(sets, -1, axis=0))


def at_random(random: np.random.Generator, rounds: int, blocks: int, runs: int) -> Draws:
    enough(rounds, blocks)
    drawn = np.argsort(random.random((runs, rounds)), axis=1)
    return Draws(drawn[:, :blocks], drawn[:, blocks : 2 * blocks])


def side_by_side(rounds: int, blocks: int) -> int:
    """Runs, with their confirmation, that have no round in common."""
    return rounds // (2 * blocks)


def judge_draws(
    differences: Floats,
    draws: Draws,
    min_log: Floats,
    relabel: np.random.Generator | None = None,
) -> Gate:
    """The verdicts on differences of shape (series, rounds). With `relabel`, a coin decides in every block
    which of its two arms is called the current one. The tests are then exact whatever was recorded: this
    shows that the sums are done right and how the minimum effects help, not what the machine does."""
    batches = iter((draws.planned, draws.fresh))

    def measured() -> Floats:
        found = np.moveaxis(differences[:, next(batches)], 0, 1)
        if relabel is None:
            return found
        # All metrics of a block are of the same launches: they change sides together.
        runs, series, blocks = found.shape
        sides = relabel.choice((-1.0, 1.0), (runs, series // len(DECIDING), blocks))
        result: Floats = found * np.tile(sides, (1, len(DECIDING), 1))
        return result

    return judge_runs(measured, min_log, metrics=len(DECIDING))


def enough(rounds: int, blocks: int) -> None:
    """Raises UsageError if a recording is too short for a single run."""
    if rounds < 2 * blocks:
        raise UsageError(
            f"{rounds} whole rounds; a run and its confirmation take {2 * blocks}: "
            f"record with --rounds {2 * blocks} or more"
        )
