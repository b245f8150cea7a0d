# SPDX-License-Identifier: Apache-2.0
"""How often the gate is wrong, and how often it finds what is there, on made-up machines.

Bounds are those of Clopper and Pearson at 95 %, one-sided; the seeds are fixed, so a test gives the same
answer every time.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from makespan.decisions import ALPHA, CONFIRM_SHARE
from makespan.gate import Gate
from makespan.presets import CI
from makespan.ranks import paired_shifts
from makespan.simulation import EVERY_VICE, REALISTIC, Noise, gate, paired_differences
from scipy.stats import beta

CASES, ROUNDS = 27, 16
HEAVY_TAILS = Noise(jitter=0.3, tail=2)
STEAL = Noise(jitter=0.01, bursts=0.03, burst_cost=0.5)
TWO_CLOCKS = Noise(jitter=0.01, clock_share=0.5, clock_cost=0.3, clock_launches=3)
DRIFTING = Noise(jitter=0.01, drift=0.05, remembered=0.1)

MACHINES = {
    "realistic": REALISTIC,
    "every vice": EVERY_VICE,
    "heavy tails": HEAVY_TAILS,
    "steal": STEAL,
    "two clocks": TWO_CLOCKS,
    "drifting": DRIFTING,
}


def at_most(found: npt.NDArray[np.bool_]) -> float:
    """The upper bound of the rate."""
    hits = int(found.sum())
    return float(beta.ppf(0.95, hits + 1, found.size - hits)) if hits < found.size else 1.0


def at_least(found: npt.NDArray[np.bool_]) -> float:
    return 1 - at_most(~found)


def measured(seed: int, runs: int, noise: Noise, **options: float | bool) -> Gate:
    return gate(np.random.default_rng(seed), runs, CASES, ROUNDS, noise, **options)


def changed(found: Gate) -> npt.NDArray[np.bool_]:
    result: npt.NDArray[np.bool_] = np.isin(found.outcome, ["slower", "faster"])
    return result


@pytest.mark.parametrize("machine", MACHINES)
def test_equal_builds_are_called_changed_in_less_than_one_of_1000_verdicts(machine: str) -> None:
    found = changed(measured(11, 400, MACHINES[machine]))
    assert at_most(found) <= 1 / 1000
    assert found.any(axis=1).mean() <= 0.01


@pytest.mark.parametrize("correlation", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("machine", ["realistic", "every vice"])
def test_by_two_metrics_a_case_is_called_changed_no_oftener(machine: str, correlation: float) -> None:
    """As the gate decides: by either, at the blocks and cases that preset ci has."""
    random = np.random.default_rng(23)
    found = gate(random, 300, 28, CI.rounds, MACHINES[machine], correlation=correlation)
    cases = changed(found).reshape(300, 2, 28).any(axis=1)
    assert at_most(cases) <= 1 / 1000
    assert cases.any(axis=1).mean() <= 0.01


def test_noise_that_nothing_is_small_against() -> None:
    """No estimate is ever below the minimum effect here, so only the levels keep the gate from error."""
    noise = Noise(jitter=1.0, tail=2)
    confirmed = measured(12, 1000, noise, min_effect=0.001)
    assert 0.04 < confirmed.again.mean() < ALPHA, "suspicions are as frequent as the exact test allows"
    assert at_most(changed(confirmed)) <= 1 / 1000
    # The bound of the docstring is CONFIRM_SHARE × alpha / 2 = 1 %; 19 of 1000 would speak against it.
    assert changed(confirmed).any(axis=1).sum() <= 1000 * CONFIRM_SHARE * ALPHA / 2 + 8
    planned = changed(measured(13, 500, noise, min_effect=0.001, confirm=False)).any(axis=1)
    assert 0.01 < planned.mean() <= ALPHA + 0.02, "Holm alone keeps alpha, and no more than that"


def test_a_shift_of_5_percent_is_found() -> None:
    for seed, ratio in ((21, 1.05), (22, 1 / 1.05)):
        found = measured(seed, 60, REALISTIC, log_shift=np.log(ratio), min_effect=0.025)
        assert at_least(found.outcome == ("slower" if ratio > 1 else "faster")) >= 0.95
        assert not (found.outcome == ("faster" if ratio > 1 else "slower")).any()


def test_a_shift_of_10_percent_is_found() -> None:
    found = measured(23, 60, REALISTIC, log_shift=np.log(1.1), min_effect=0.05)
    assert at_least(found.outcome == "slower") >= 0.99


def test_one_slower_case_among_equal_ones_is_named_and_no_other() -> None:
    shift = np.zeros(CASES)
    shift[5] = np.log(1.1)
    found = gate(np.random.default_rng(24), 200, CASES, ROUNDS, REALISTIC, shift)
    assert at_least(found.outcome[:, 5] == "slower") >= 0.95
    assert at_most(changed(found)[:, np.arange(CASES) != 5]) <= 1 / 1000


def test_equal_builds_on_a_quiet_machine_are_shown_to_be_the_same() -> None:
    found = measured(25, 60, REALISTIC)
    assert at_least(found.outcome == "same") >= 0.95


@pytest.mark.parametrize("machine", MACHINES)
def test_the_interval_holds_the_shift(machine: str) -> None:
    values = paired_differences(np.random.default_rng(31), 60, CASES, ROUNDS, MACHINES[machine], 0.05)
    found = paired_shifts(values.reshape(-1, ROUNDS))
    covered = float(np.mean((found.low <= 0.05) & (found.high >= 0.05)))
    assert 0.93 <= covered <= 0.98


def test_blocks_are_free_of_drift_and_mirrored_ones_of_being_first() -> None:
    """A crossover in adjacent launches sees little of what two separate halves would drown in."""
    drift = Noise(jitter=0.0, drift=0.01)
    blocks = paired_differences(np.random.default_rng(41), 20, CASES, ROUNDS, drift)
    assert blocks.std() < 0.02 < 0.01 * np.sqrt(CASES * ROUNDS * 4)


def test_the_seed_decides() -> None:
    first, again, other = (
        paired_differences(np.random.default_rng(seed), 2, 3, 5, EVERY_VICE) for seed in (1, 1, 2)
    )
    assert first.shape == (2, 3, 5)
    assert (first == again).all() and not (first == other).any()
