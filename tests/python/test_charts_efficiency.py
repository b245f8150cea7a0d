# SPDX-License-Identifier: Apache-2.0
"""The chart of efficiency per model and workload, asked through its artists."""

from __future__ import annotations

from dataclasses import replace

import pytest
from charts_checks import lines, points, with_gid, words
from charts_synthetic import LOADS, grid, run_data
from makespan.charts.cases import best_shapes
from makespan.charts.data import NothingToDraw
from makespan.charts.efficiency import efficiency

COMPUTE = [load for load in LOADS if load[0] == "compute"][1:]


def test_one_row_a_model_and_one_dot_a_number_of_tasks() -> None:
    data = run_data(grid())
    figure = efficiency(data)
    assert len(figure.axes) == len(LOADS)
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert names[:2] == ["serial", "threads"] and names[-1] == "event_loop"
    for axes in figure.axes:
        for name, line in lines(axes).items():
            rows = [y for _, y in points(line)]
            assert [round(row) for row in rows] == [names.index(name)] * 4
            assert rows == sorted(rows)


def test_dots_are_the_efficiencies_of_the_fastest_shape() -> None:
    data = run_data(grid(loads=COMPUTE))
    axes = efficiency(data).axes[0]
    for case in best_shapes(data.cases):
        shown = [x for x, _ in points(lines(axes)[case.series.name])]
        assert case.efficiency in shown


def test_the_axis_is_zero_to_a_hundred_percent() -> None:
    axes = efficiency(run_data(grid(loads=COMPUTE))).axes[0]
    left, right = axes.get_xlim()
    assert -0.05 < left <= 0 and 1 <= right < 1.1
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert "0 %" in labels and "100 %" in labels


def test_the_largest_batch_has_its_number_beside_its_row() -> None:
    axes = efficiency(run_data(grid(loads=COMPUTE))).axes[0]
    values = [text.get_text() for text in with_gid(axes, "value")]
    assert len(values) == 8
    assert values[0] in ("49 %", "50 %")  # serial, on two CPUs


def test_failures_stand_at_zero_with_their_status() -> None:
    jobs = [
        replace(job, status="timeout", error="60 s") if job.model == "processes" else job
        for job in grid(loads=COMPUTE)
    ]
    figure = efficiency(run_data(jobs))
    axes = figure.axes[0]
    assert len(with_gid(axes, "failure")) == 4
    assert all(points(mark)[0][0] == 0 for mark in with_gid(axes, "failure"))
    assert [text.get_text() for text in with_gid(axes, "value")][2] == "timeout"
    assert "× processes timeout" in words(figure)


def test_a_model_that_was_not_measured_on_a_workload_says_so() -> None:
    jobs = [job for job in grid(loads=LOADS[:4]) if job.model != "threads" or job.sleep_ns]
    figure = efficiency(run_data(jobs))
    beside = [[text.get_text() for text in with_gid(axes, "value")] for axes in figure.axes]
    assert [column[1] == "not measured" for column in beside] == [False, False, True, True]


def test_nothing_measured_is_nothing_to_draw() -> None:
    jobs = [replace(job, status="skipped", error="limit") for job in grid(loads=COMPUTE)]
    with pytest.raises(NothingToDraw):
        efficiency(run_data(jobs))
