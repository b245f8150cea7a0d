# SPDX-License-Identifier: Apache-2.0
"""The chart of makespan against tasks, asked through its artists."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from charts_checks import lines, panel, points, with_gid, words
from charts_synthetic import LOADS, MS, Job, grid, run_data
from makespan.charts.by_tasks import makespan_by_tasks
from makespan.charts.data import NothingToDraw
from makespan.theme import Theme
from matplotlib.colors import to_hex

SLEEP = [load for load in LOADS if load[0] == "sleep"]
REFUSED = "needs 1,000 threads, the limit is 512"


def test_one_panel_a_workload_and_one_line_a_model() -> None:
    figure = makespan_by_tasks(run_data(grid()))
    assert len(figure.axes) == len(LOADS)
    models = {"serial", "threads", "processes", "process_pool", "tbb_pool", "hybrid", "event_loop"}
    for axes in figure.axes:
        assert set(lines(axes)) == {*models, "hybrid loop"}
        assert axes.get_xscale() == axes.get_yscale() == "log"


def test_points_are_the_medians_of_the_fastest_shape() -> None:
    data = run_data(grid(loads=SLEEP[1:]))
    axes = panel(makespan_by_tasks(data), "Sleep-bound: 10 ms")
    for name, line in lines(axes).items():
        for tasks, median in points(line):
            shapes = [c for c in data.cases if c.series.name == name and c.tasks == tasks]
            assert median == min(case.median for case in shapes if case.median is not None)


def test_colour_and_marker_are_those_of_the_theme() -> None:
    axes = makespan_by_tasks(run_data(grid(loads=SLEEP[:1]))).axes[0]
    for name, line in lines(axes).items():
        look = Theme().look(*name.split())
        assert to_hex(str(line.get_color())).upper() == look.colour
        assert line.get_marker() == look.marker


def test_every_model_has_its_bound_in_its_colour() -> None:
    data = run_data(grid(loads=SLEEP[:1], models=["serial", "threads"]))
    axes = makespan_by_tasks(data).axes[0]
    bounds = {str(line.get_color()): points(line) for line in with_gid(axes, "bound")}
    serial, threads = Theme().look("serial").colour, Theme().look("threads").colour
    assert bounds[serial] == [(n, n * MS) for n in (1, 10, 100, 1000)]
    assert bounds[threads] == [(n, MS) for n in (1, 10, 100, 1000)]


def test_intervals_are_there_from_six_launches_on() -> None:
    jobs = list(grid(loads=SLEEP[:1]))
    with_them = makespan_by_tasks(run_data(jobs, rounds=6))
    assert len(with_gid(with_them.axes[0], "interval")) == 8 * 4
    without = makespan_by_tasks(run_data(jobs, rounds=5))
    assert not with_gid(without.axes[0], "interval")
    assert "none where fewer than 6 launches were measured" in words(without)


def test_failures_are_marked_at_the_bound_break_the_line_and_are_explained() -> None:
    jobs = [
        replace(job, status="skipped", error=REFUSED) if job.tasks == 100 else job
        for job in grid(loads=SLEEP[:1], models=["threads"])
    ]
    figure = makespan_by_tasks(run_data(jobs))
    axes = figure.axes[0]
    assert [points(mark) for mark in with_gid(axes, "failure")] == [[(100, MS)]]
    tasks_and_times = points(lines(axes)["threads"])
    assert [tasks for tasks, _ in tasks_and_times] == [1, 10, 100, 1000]
    assert [math.isnan(time) for _, time in tasks_and_times] == [False, False, True, False]
    assert f"× threads skipped: 100 tasks of 1 ms sleep ({REFUSED})" in words(figure)


def test_models_of_a_single_batch_stand_side_by_side_with_their_bounds() -> None:
    figure = makespan_by_tasks(run_data(grid(tasks=[100], loads=SLEEP[:1])))
    axes = figure.axes[0]
    xs = [points(line)[0][0] for line in lines(axes).values()]
    assert len(set(xs)) == 8
    assert all(30 < x < 300 for x in xs)
    strokes = [[x for x, _ in points(line)] for line in with_gid(axes, "bound")]
    assert all(any(left < x < right for left, right in strokes) for x in xs)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["100"]


def test_a_chart_of_failures_alone_is_still_a_chart() -> None:
    jobs = [replace(job, status="timeout", error="60 s") for job in grid(loads=SLEEP[:1])]
    figure = makespan_by_tasks(run_data(jobs))
    assert len(with_gid(figure.axes[0], "failure")) == 8 * 4
    assert not lines(figure.axes[0])
    assert "timeout: 1, 10, 100 and 1,000 tasks of 1 ms sleep (60 s)" in words(figure)


def test_a_shape_that_failed_is_explained_though_another_one_is_drawn() -> None:
    jobs = [
        Job("sleep", "tbb_pool", 10, (1, 2), MS),
        Job("sleep", "tbb_pool", 10, (1, 10), MS, status="error", error="worker 3 died"),
    ]
    figure = makespan_by_tasks(run_data(jobs))
    assert not with_gid(figure.axes[0], "failure")
    assert "× tbb_pool error: 10 tasks of 1 ms sleep (worker 3 died)" in words(figure)


def test_sizes_of_tasks_are_workloads_and_variants_are_series() -> None:
    job = Job("sleep", "hybrid", 10, (2, 5), MS)
    jobs = [replace(job, variant=name) for name in ("", "loop", "lognormal", "loop+lognormal")]
    figure = makespan_by_tasks(run_data(jobs))
    assert len(figure.axes) == 2
    assert all(set(lines(axes)) == {"hybrid", "hybrid loop"} for axes in figure.axes)
    assert "log-normal sizes" in figure.axes[1].get_title(loc="left")


def test_other_benchmarks_and_empty_batches_are_no_makespans_of_tasks() -> None:
    with pytest.raises(NothingToDraw, match="sleep, compute or mixed"):
        makespan_by_tasks(run_data([Job("messages", "threads", 10, (1, 2), MS)]))
