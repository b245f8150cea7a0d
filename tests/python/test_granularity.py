# SPDX-License-Identifier: Apache-2.0
"""METG where it is known: costs per task from a formula, and curves made by hand."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import granularity_synthetic as made
import numpy as np
import pandas as pd
import pytest
import synthetic
from granularity_synthetic import LOOP, POOL, SERIAL, TBB, THREADS, steps, sweep
from makespan.granularity.cases import Key, Measured, Reference, computing_at_once
from makespan.granularity.metg import Metg, State, metg, smallest
from makespan.granularity.sweeps import Point, Sweep, find_sweeps
from makespan.summary import summarise

Frame = Callable[..., pd.DataFrame]
MS = synthetic.MS
FEW = steps(decades=3)  # 10 ms to 10 µs


def only(frame: Frame, rows: list[synthetic.Row], cpus: float | None = 2) -> Sweep:
    (found,) = find_sweeps(frame(rows), cpus)
    return found


def by_hand(
    lengths: list[int], overhead: float, launches: int, noise: float, dice: np.random.Generator
) -> Sweep:
    """A noisy sweep on two CPUs, without the way through a file."""
    points = []
    for length in lengths:
        tasks = round(1e9 / length)
        times = (length + overhead) * tasks / 2 * np.exp(dice.normal(0, noise, launches))
        key = Key("tbb_pool", "", tasks, 1, 2, length, length)
        points.append(Point(key, float(length), tuple(map(float, times)), 2.0))
    return Sweep("tbb_pool", "", "1 × 2", 2, 2.0, Reference(2.0, 1.0), tuple(points))


@pytest.mark.parametrize("shape", [SERIAL, LOOP, TBB, POOL, THREADS], ids=lambda shape: shape.model)
@pytest.mark.parametrize("cpus", [2, None])
def test_a_fixed_cost_per_task_is_found_exactly(
    frame: Frame, shape: synthetic.Shape, cpus: float | None
) -> None:
    """Own work w and overhead o: the efficiency w / (w + o) is x at w = x o / (1 - x)."""
    found = only(frame, sweep(shape, overhead=3_141.0, rounds=1), cpus)
    half, most = metg(found, 0.5), metg(found, 0.95)
    assert half.state is State.REACHED and half.crossings == 1
    assert half.granularity_ns == pytest.approx(2 * 3_141, rel=1e-6)
    assert half.own_ns == pytest.approx(3_141, rel=1e-6)
    assert most.granularity_ns == pytest.approx(20 * 3_141, rel=1e-6)
    assert most.own_ns == pytest.approx(19 * 3_141, rel=1e-6)


def test_a_cost_that_grows_with_the_task_is_found_exactly(frame: Frame) -> None:
    found = only(frame, sweep(overhead=lambda own: 700 + 0.25 * own, rounds=1))
    own = 0.5 * 700 / (1 - 0.5 * 1.25)
    assert metg(found, 0.5).own_ns == pytest.approx(own, rel=1e-6)
    assert metg(found, 0.5).granularity_ns == pytest.approx(2 * own, rel=1e-6)


def test_a_point_on_the_threshold_is_the_metg(frame: Frame) -> None:
    found = metg(only(frame, sweep(overhead=10_000.0, lengths=FEW, rounds=1)), 0.5)
    assert (found.state, found.own_ns) == (State.AT_MOST, pytest.approx(10_000, rel=1e-6))
    finer = metg(only(frame, sweep(overhead=10_000.0, rounds=1)), 0.5)
    assert (finer.state, finer.own_ns) == (State.REACHED, pytest.approx(10_000, rel=1e-6))


def test_efficiency_is_the_suites_where_all_cpus_may_be_used(frame: Frame) -> None:
    samples = frame(sweep(THREADS, overhead=5_000.0, lengths=FEW, noise=0.05))
    (found,) = find_sweeps(samples, 2)
    summary = summarise(samples).sort_values("compute_ns", ascending=False)
    shown = [point.efficiency for point in found.points]
    assert shown == pytest.approx(summary["efficiency"].tolist(), rel=1e-3)


def test_one_worker_is_held_against_one_cpu(frame: Frame) -> None:
    found = only(frame, sweep(SERIAL, overhead=100.0, lengths=FEW))
    assert (found.cpus, found.workers, found.shape) == (1, 1, "1 × 1")
    assert found.best == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize(
    ("cpus", "share", "expected"),
    [(1.5, 1.0, 1.5), (1.5, 2 / 3, 1.0), (8, 0.25, 2), (256, 255 / 256, 255), (2, 1000 / 1001, 2)],
)
def test_cpus_of_a_shape_follow_from_its_bounds(cpus: float, share: float, expected: float) -> None:
    key = Key("tbb_pool", "", 1_000, 1, 2, 1_000, 800)
    cases = {key: Measured(model_bounds=[1e6 / share], machine_bounds=[1e6])}
    assert computing_at_once([key], cases, Reference(cpus, 1.25)) == expected


def test_of_several_crossings_the_smallest_granularity_counts() -> None:
    own = np.array([1_000.0, 100.0, 10.0, 1.0])
    granularity = own / np.array([0.9, 0.4, 0.6, 0.2])
    found, there = smallest(own, granularity, 0.5)
    rate = 0.06 + 0.25 * (0.2 - 0.06)  # a quarter of the way from 0.6 down to 0.2
    assert (found, there) == (pytest.approx(1 / rate), pytest.approx(0.5 / rate))


def test_a_smaller_task_that_takes_longer_does_not_raise_metg() -> None:
    own, granularity = np.array([100.0, 50.0]), np.array([110.0, 120.0])
    assert smallest(own, granularity, 0.5) == (110.0, 100.0)


def test_many_curves_at_once_are_each_for_itself() -> None:
    own = np.array([1_000.0, 100.0, 10.0])
    curves = np.stack([own + overhead for overhead in (1, 20, 60, 5_000)])
    found, there = smallest(own, curves, 0.5)
    assert found.tolist() == [11.0, pytest.approx(40), pytest.approx(120), math.inf]
    assert there.tolist()[:3] == [10.0, pytest.approx(20), pytest.approx(60)]
    assert math.isnan(there[3])


def test_states(frame: Frame) -> None:
    never = metg(only(frame, sweep(overhead=lambda own: 1.5 * own)), 0.5)
    assert (never.state, never.low_ns, never.high_ns) == (State.NEVER, math.inf, math.inf)
    assert math.isnan(never.granularity_ns) and math.isnan(never.own_ns)
    always = metg(only(frame, sweep(overhead=20.0)), 0.5)
    assert (always.state, always.granularity_ns) == (State.AT_MOST, pytest.approx(120, rel=1e-6))
    assert (always.low_ns, always.high_ns) == (0, 0)
    rows = made.skipped(sweep(THREADS, overhead=1_000.0), shorter_than=MS)
    tried = only(frame, rows)
    assert (len(tried.points), len(tried.missing)) == (5, 16)
    assert metg(tried, 0.5).state is State.AT_MOST
    rows = made.skipped(rows, shorter_than=2 * MS)
    assert metg(only(frame, rows), 0.5) == Metg(0.5, State.TOO_FEW)


@pytest.mark.parametrize("threshold", [0.0, 1.0, 50.0])
def test_a_threshold_is_a_share(frame: Frame, threshold: float) -> None:
    with pytest.raises(ValueError, match="allowed: between 0 and 1"):
        metg(only(frame, sweep(lengths=FEW, rounds=1)), threshold)


def test_more_overhead_is_a_larger_metg() -> None:
    dice = random.Random(5)
    for seed in range(40):
        less, more = sorted(dice.uniform(20, 500_000) for _ in range(2))
        lengths = sorted(dice.sample(steps(each=8), 12), reverse=True)
        same = [np.random.default_rng(seed) for _ in range(2)]
        found = [
            metg(by_hand(lengths, cost, 6, 0.03, noise), 0.5, resamples=50)
            for cost, noise in zip((less, more), same)
        ]
        ns = [math.inf if one.state is State.NEVER else one.granularity_ns for one in found]
        assert ns[0] <= ns[1]


def test_intervals_hold_the_truth_about_as_often_as_they_should() -> None:
    dice, lengths = np.random.default_rng(11), steps(decades=4, each=3)
    held = {0.5: 0, 0.95: 0}
    for _ in range(200):
        one = by_hand(lengths, 2_000.0, 8, 0.02, dice)
        for threshold in held:
            found = metg(one, threshold, resamples=400)
            assert found.low_ns is not None and found.high_ns is not None
            held[threshold] += found.low_ns <= 2_000 / (1 - threshold) <= found.high_ns
    assert all(176 <= count for count in held.values()), held
    assert sum(held.values()) < 400, held


def test_more_launches_narrow_the_interval() -> None:
    def width(launches: int) -> float:
        found = [
            metg(by_hand(FEW, 50_000.0, launches, 0.03, np.random.default_rng(seed)), 0.5, 400)
            for seed in range(8)
        ]
        return float(np.mean([(one.high_ns or 0) - (one.low_ns or 0) for one in found]))

    assert 0 < width(128) < 0.4 * width(8)


def test_an_interval_is_always_the_same_and_needs_six_launches(frame: Frame) -> None:
    rows = sweep(TBB, noise=0.03)
    alone = metg(only(frame, rows), 0.5)
    others = [*sweep(POOL, noise=0.03, seed=2), *sweep(SERIAL, noise=0.03, seed=3)]
    among = next(s for s in find_sweeps(frame([*others, *rows]), 2) if s.model == "tbb_pool")
    assert metg(among, 0.5).low_ns == pytest.approx(alone.low_ns, rel=1e-6)
    assert alone.low_ns is not None and alone.high_ns is not None
    assert alone.low_ns < alone.granularity_ns < alone.high_ns
    five = metg(only(frame, sweep(TBB, rounds=5, noise=0.03)), 0.5)
    assert (five.low_ns, five.high_ns) == (None, None)


def test_rows_of_one_launch_count_once(frame: Frame) -> None:
    once = only(frame, sweep(lengths=FEW, rounds=1, noise=0.1))
    rows = sweep(lengths=FEW, rounds=1, noise=0.1)
    twice = only(frame, [{**row, "sequence": str(place)} for place in (1, 2) for row in rows])
    assert twice.points == once.points


def test_an_ordinary_grid_is_no_sweep(frame: Frame) -> None:
    batches = [("compute", tasks, 0, ns) for tasks in (10, 100, 1_000) for ns in (MS, 10 * MS)]
    assert find_sweeps(frame(synthetic.samples(batches=batches)), 2) == []
    assert find_sweeps(frame(synthetic.samples()), 2) == []
    assert find_sweeps(frame(sweep(lengths=FEW[:4])), 2) == []


def test_other_batches_of_the_same_shape_stay_out(frame: Frame) -> None:
    swept = sweep(lengths=FEW)
    less = sweep(lengths=FEW[:5], total_ns=970_000_000)  # 3 % off
    more = sweep(lengths=FEW[5:7], total_ns=3_000_000_000)
    found = only(frame, [*less, *swept, *more])
    assert [point.key.compute_ns for point in found.points] == FEW
    assert {round(point.key.tasks * point.own_ns / 1e9, 2) for point in found.points} == {1.0}


def test_a_short_task_may_be_off_by_half_an_iteration(frame: Frame) -> None:
    rows = sweep(lengths=FEW)
    short = [{**row, "compute_iterations": "33"} for row in sweep(lengths=[40], total_ns=10**9)]
    work = int(short[0]["tasks"]) * 33 / (10**9 / 1.25)
    assert work == pytest.approx(1.03, abs=0.005)
    assert len(only(frame, [*rows, *short]).points) == len(FEW)
    near = [{**row, "compute_iterations": "33", "tasks": "24350000"} for row in short]
    assert len(only(frame, [*rows, *near]).points) == len(FEW) + 1


def test_shapes_and_variants_are_swept_apart(frame: Frame) -> None:
    eight = synthetic.Shape("tbb_pool", threads=8, concurrency=8, cpus=2)
    loop = synthetic.Shape("hybrid", processes=2, threads=1, variant="loop", cpus=2)
    shapes = [THREADS, loop, eight, TBB, SERIAL]
    found = find_sweeps(frame([row for one in shapes for row in sweep(one, lengths=FEW)]), 2)
    assert [(one.name, one.shape, one.cpus) for one in found] == [
        ("serial", "1 × 1", 1),
        ("hybrid loop", "2 × 1", 2),
        ("tbb_pool", "1 × 2", 2),
        ("tbb_pool", "1 × 8", 2),
        ("threads", "1 × N", 2),
    ]


def test_tasks_of_varied_size_are_no_sweep(frame: Frame) -> None:
    rows = [{**row, "variant": "uniform"} for row in sweep(lengths=FEW)]
    assert find_sweeps(frame(rows), 2) == []


def test_rows_without_bounds_or_work_are_no_sweep(frame: Frame) -> None:
    rows = sweep(lengths=FEW)
    for name in ("machine_bound_ns", "compute_iterations", "compute_ns"):
        assert find_sweeps(frame([{**row, name: ""} for row in rows]), 2) == []
