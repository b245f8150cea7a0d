# SPDX-License-Identifier: Apache-2.0
"""Level shifts: found where they are, and not where there are none."""

from __future__ import annotations

import numpy as np
import pytest
from makespan.history.shifts import MIN_LEVEL, find_steps, shortest
from scipy.stats import binom

LEVEL = 0.05 / 30  # as of a history of 30 series


def series(seed: int, commits: int, noise: float = 0.01) -> np.ndarray:
    return noise * np.random.default_rng(seed).standard_t(4, commits)


@pytest.mark.parametrize("at", [6, 20, 35])
@pytest.mark.parametrize("ratio", [1.12, 0.88])
def test_a_shift_is_found_where_it_is(at: int, ratio: float) -> None:
    logs = series(at, 41)
    logs[at:] += np.log(ratio)
    (step,) = find_steps(logs, LEVEL, 0.05, [1])
    assert step.at == at
    assert np.exp(step.effect) == pytest.approx(ratio, rel=0.015)
    assert step.p <= LEVEL / 2


def test_a_shift_and_its_way_back_are_two_steps() -> None:
    logs = series(3, 60)
    logs[25:31] += np.log(1.15)
    up, down = find_steps(logs, LEVEL, 0.05, [1])
    assert (up.at, down.at) == (25, 31)
    assert up.effect > 0 > down.effect


def test_several_levels_are_told_apart() -> None:
    logs = series(4, 80)
    for at, ratio in ((20, 1.1), (40, 1.2), (60, 0.8)):
        logs[at:] += np.log(ratio)
    assert [step.at for step in find_steps(logs, LEVEL, 0.05, [1])] == [20, 40, 60]


def test_one_or_two_commits_are_no_level() -> None:
    logs = series(5, 40)
    logs[20:22] += np.log(2.0)
    logs[-2:] += np.log(2.0)
    assert find_steps(logs, LEVEL, 0.05, [1]) == []


def test_an_outlier_does_not_hide_a_shift() -> None:
    logs = series(6, 40)
    logs[25:] += np.log(1.1)
    logs[[5, 30]] += np.log(10.0)
    assert [step.at for step in find_steps(logs, LEVEL, 0.05, [1])] == [25]


def test_small_shifts_are_not_told() -> None:
    logs = series(7, 60, noise=0.002)
    logs[30:] += np.log(1.03)
    assert find_steps(logs, LEVEL, 0.05, [1]) == []
    assert [step.at for step in find_steps(logs, LEVEL, 0.02, [1])] == [30]


def test_the_rate_of_false_steps_is_that_of_the_level() -> None:
    runs, level = 250, 0.1
    false = sum(bool(find_steps(series(seed, 40), level, 0.0, [seed])) for seed in range(runs))
    assert false <= binom.ppf(0.9999, runs, level)
    assert false >= binom.ppf(0.0001, runs, level / 4), "a test that never fires proves nothing"


def test_the_same_seed_gives_the_same_steps() -> None:
    logs = series(8, 50)
    logs[30:] += 0.02
    first = find_steps(logs, 0.3, 0.0, [7])
    assert first and first == find_steps(logs, 0.3, 0.0, [7])


@pytest.mark.parametrize("level", [0.05, LEVEL, 0.0001])
def test_a_clear_shift_is_found_in_the_shortest_series(level: float) -> None:
    count = shortest(level)
    logs = series(9, count, noise=0.0001)
    logs[count // 2 :] += 1.0
    assert [step.at for step in find_steps(logs, level, 0.05, [1])] == [count // 2]
    assert find_steps(logs[2:-2], level, 0.05, [1]) == []


@pytest.mark.parametrize("count", [0, 1, 2 * MIN_LEVEL - 1, 30])
def test_nothing_is_found_in_equal_values(count: int) -> None:
    assert find_steps(np.zeros(count), LEVEL, 0.05, [1]) == []
