# SPDX-License-Identifier: Apache-2.0
"""The chart of concurrency against parallelism, asked through its artists."""

from __future__ import annotations

from dataclasses import replace

import pytest
from charts_checks import lines, panel, points, with_gid, words
from charts_synthetic import MS, Job, grid, run_data
from makespan.charts.concurrency import concurrency
from makespan.charts.data import NothingToDraw, RunData
from matplotlib.axes import Axes
from matplotlib.figure import Figure


@pytest.fixture(scope="module")
def data() -> RunData:
    return run_data(grid())


@pytest.fixture(scope="module")
def drawn(data: RunData) -> Figure:
    return concurrency(data)


def names(axes: Axes) -> set[str]:
    return {text.get_text().rsplit(" ", 1)[0] for text in with_gid(axes, "name")}


def test_a_panel_for_each_kind_of_batch_with_a_named_point_for_each_model(drawn: Figure) -> None:
    titles = [axes.get_title(loc="left").split(":")[0] for axes in drawn.axes]
    assert titles == ["Sleep-bound", "Mixed", "CPU-bound"]
    for axes in drawn.axes:
        assert len(lines(axes)) == 8
        assert names(axes) == set(lines(axes))
        assert axes.get_xscale() == "log" and axes.get_yscale() == "linear"


def test_the_event_loop_is_concurrent_and_never_parallel(drawn: Figure) -> None:
    [(x, y)] = points(lines(panel(drawn, "Sleep-bound"))["event_loop"])
    assert x > 900 and y < 0.1
    [(x, y)] = points(lines(panel(drawn, "CPU-bound"))["event_loop"])
    assert x < 1.1 and 0.9 < y <= 1
    [(x, y)] = points(lines(panel(drawn, "CPU-bound"))["tbb_pool"])
    assert y > 1.9


def test_points_are_the_medians_of_the_summary(data: RunData, drawn: Figure) -> None:
    axes = panel(drawn, "CPU-bound")
    seen = {
        (case.in_flight, case.parallelism)
        for case in data.cases
        if case.workload.compute_ns == MS and case.workload.sleep_ns == 0 and case.tasks == 1000
    }
    assert all(points(line)[0] in seen for line in lines(axes).values())


def test_lines_tell_where_one_and_where_all_cpus_work(data: RunData, drawn: Figure) -> None:
    axes = drawn.axes[0]
    assert [list(line.get_ydata()) for line in with_gid(axes, "all CPUs")] == [[2, 2]]
    assert [list(line.get_ydata()) for line in with_gid(axes, "one CPU")] == [[1, 1]]
    assert "all 2 usable CPUs at work" in [text.get_text() for text in with_gid(axes, "zone")]
    unknown = replace(data, machine=replace(data.machine, cpus=None))
    assert not with_gid(concurrency(unknown).axes[0], "all CPUs")


def test_failures_are_named_in_their_panel_and_in_a_note() -> None:
    jobs = [
        replace(job, status="error", error="worker died") if job.model == "tbb_pool" else job
        for job in grid(loads=[("sleep", MS, 0)])
    ]
    figure = concurrency(run_data(jobs))
    [mark] = with_gid(figure.axes[0], "failure")
    assert mark.get_text() == "× no time: tbb_pool"
    assert "× tbb_pool error" in words(figure) and "(worker died)" in words(figure)


def test_a_crowd_has_a_legend_in_place_of_names() -> None:
    jobs = [Job("sleep", f"model_{number}", 10, (1, 10), MS) for number in range(20)]
    figure = concurrency(run_data(jobs))
    assert not with_gid(figure.axes[0], "name")
    assert "model_17" in words(figure)


def test_without_records_there_is_nothing_to_draw(data: RunData) -> None:
    blind = tuple(replace(case, in_flight=None) for case in data.cases)
    with pytest.raises(NothingToDraw, match="--no-records"):
        concurrency(replace(data, cases=blind))
    some = tuple(
        replace(c, in_flight=None) if c.series.model == "threads" else c for c in data.cases
    )
    assert "lack of per-task records or CPU time: threads" in words(
        concurrency(replace(data, cases=some))
    )
