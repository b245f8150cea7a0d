# SPDX-License-Identifier: Apache-2.0
"""The chart of CPU-bound scaling, asked through its artists."""

from __future__ import annotations

from dataclasses import replace

import pytest
from charts_checks import lines, panel, points, with_gid, words
from charts_synthetic import LOADS, MS, Job, grid, run_data
from makespan.charts.data import NothingToDraw, RunData
from makespan.charts.scaling import scaling
from matplotlib.figure import Figure


@pytest.fixture(scope="module")
def data() -> RunData:
    return run_data(grid())


@pytest.fixture(scope="module")
def drawn(data: RunData) -> Figure:
    return scaling(data)


def test_a_line_for_each_model_with_several_worker_counts(drawn: Figure) -> None:
    assert len(drawn.axes) == 2
    for axes in drawn.axes:
        assert set(lines(axes)) == {"process_pool", "tbb_pool", "hybrid", "serial", "ideal"}
        assert [x for x, _ in points(lines(axes)["tbb_pool"])] == [2, 8, 1000]


def test_speed_up_is_the_serial_median_over_the_models(data: RunData, drawn: Figure) -> None:
    axes = panel(drawn, "CPU-bound: 1 ms")
    own = [c for c in data.cases if c.workload.compute_ns == MS and not c.workload.sleep_ns]
    large = [case for case in own if case.tasks == 1000]
    [serial] = [case.median for case in large if case.series.name == "serial"]
    pool = {c.workers: c.median for c in large if c.series.name == "tbb_pool"}
    for workers, gain in points(lines(axes)["tbb_pool"]):
        assert serial is not None
        assert gain == pytest.approx(serial / (pool[int(workers)] or 0))
    assert points(lines(axes)["serial"]) == [(1, 1)]


def test_the_ideal_line_rises_to_the_usable_cpus_and_stays_there(
    data: RunData, drawn: Figure
) -> None:
    ideal = points(lines(drawn.axes[0])["ideal"])
    assert ideal[0] == (1, 1)
    assert all(gain == pytest.approx(min(workers, 2)) for workers, gain in ideal)
    assert ideal[-1][0] > 1000
    unknown = replace(data, machine=replace(data.machine, cpus=None))
    figure = scaling(unknown)
    assert max(x for x, _ in points(lines(figure.axes[0])["ideal"])) <= 4
    assert "CPUs not recorded" in words(figure)


def test_splits_of_the_same_workers_count_once_at_their_best() -> None:
    jobs = [Job("compute", "serial", 100, (1, 1), 0, MS)]
    jobs += [Job("compute", "hybrid", 100, shape, 0, MS) for shape in ((2, 2), (4, 1), (1, 2))]
    axes = scaling(run_data(jobs)).axes[0]
    assert [x for x, _ in points(lines(axes)["hybrid"])] == [2, 4]


def test_failures_stand_at_zero_and_are_explained() -> None:
    jobs = [
        replace(job, status="timeout", error="60 s") if job.shape == (8, 1) else job
        for job in grid(loads=[LOADS[3]], tasks=[100])
    ]
    figure = scaling(run_data(jobs))
    assert [points(mark) for mark in with_gid(figure.axes[0], "failure")] == [[(8, 0)]]
    assert "× process_pool timeout: 100 tasks of 1 ms CPU (60 s)" in words(figure)


@pytest.mark.parametrize("missing", ["serial", "workers"])
def test_without_control_or_with_one_worker_count_there_is_nothing_to_draw(missing: str) -> None:
    jobs = [job for job in grid(loads=[LOADS[3]]) if job.model != missing]
    if missing == "workers":
        jobs = [job for job in jobs if job.shape[0] * job.shape[1] in (1, 2) and job.tasks == 100]
    with pytest.raises(NothingToDraw, match="two or more numbers of workers"):
        scaling(run_data(jobs))
