# SPDX-License-Identifier: Apache-2.0
"""The chart of latencies: curves are the data, tails are marked, and cyclictest is where it belongs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from charts_checks import assert_tidy, lines, panel, points, with_gid, words
from late_synthetic import Load, run_data, usual
from makespan.ccdf import quantile
from makespan.charts import CHARTS
from makespan.charts.data import NothingToDraw, RunData
from makespan.charts.latency import MOST_LOADS
from makespan.latency.cyclictest import Histogram
from makespan.theme import style
from synthetic import MS

COUNTS = {40: 100, 55: 880, 90: 15, 300: 4}


def histogram(interval_ns: int = MS, slack: int | None = None) -> Histogram:
    return Histogram(("cyclictest",), interval_ns, slack, COUNTS, 1, 40, 56, 25_000)


@pytest.fixture(scope="module")
def data() -> RunData:
    beside = (histogram(), histogram(MS, 1_000), histogram(50 * MS))
    return replace(run_data(usual()), beside=beside)


def test_a_row_of_panels_a_load(data: RunData) -> None:
    figure = CHARTS["latency"](data)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[::2] == [
        "1 task × sleep 1 ms\nn = 300 traced tasks a model",
        "10 tasks × sleep 1 ms\nn = 500 traced tasks a model",
        "1 task × sleep 1 ms, timer slack 1 µs\nn = 300 traced tasks a model",
        "100 tasks × sleep 10 ms\nn = 1,200 traced tasks a model",
    ]
    assert set(titles[1::2]) == {"start latency"}
    assert len({axes.get_xlim() for axes in figure.axes[::2]}) == 1, "comparable down the column"
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    assert {"fewer than 10 tasks", "cyclictest"} <= {
        text.get_text() for text in figure.legends[0].get_texts()
    }


def test_curves_and_marks_are_the_data(data: RunData) -> None:
    axes = panel(CHARTS["latency"](data), "100 tasks")
    [late] = [late for late in data.late if late.batch.tasks == 100 and late.model == "threads"]
    curve = points(lines(axes)["threads"])
    assert curve[0] == (late.overshoots[0], 1.0)
    for time, share in curve:
        near = pytest.approx(float((late.overshoots >= time).mean()), abs=2 / late.n)  # ties
        assert share == near
    marked = [points(line) for line in with_gid(axes, "marks")]
    wanted = [(quantile(late.overshoots, q), 1 - q) for q in (0.5, 0.99, 0.999)]
    assert any(np.allclose(one, wanted) for one in marked)


def test_the_end_of_the_tail_is_marked_as_few(data: RunData) -> None:
    axes = panel(CHARTS["latency"](data), "100 tasks")
    for line in with_gid(axes, "few"):
        shares = [share for _, share in points(line)]
        assert [round(share * 1_200) for share in shares] == list(range(10, 0, -1))
    for line in lines(axes).values():
        assert min(share for _, share in points(line)) == pytest.approx(10 / 1_200)


def test_p999_is_marked_only_where_a_task_is_above(data: RunData) -> None:
    axes = panel(CHARTS["latency"](data), "10 tasks")
    assert {len(points(line)) for line in with_gid(axes, "marks")} == {2}


def test_cyclictest_is_beside_the_load_that_sleeps_like_it(data: RunData) -> None:
    figure = CHARTS["latency"](data)
    having = [axes.get_title(loc="left").split("\n")[0] for axes in figure.axes if with_gid(axes, "cyclictest")]
    assert having == ["1 task × sleep 1 ms", "1 task × sleep 1 ms, timer slack 1 µs"]
    [curve] = with_gid(figure.axes[0], "cyclictest")
    found = dict(points(curve))
    assert found[40e3] == 1.0 and found[41e3] == pytest.approx(0.9)
    assert found[56e3] == pytest.approx(20 / 1_000) and found[300e3] == pytest.approx(5 / 1_000)
    assert found[301e3] == pytest.approx(1 / 1_000), "the one that came too late for the histogram"
    assert "whole µs" in words(figure)
    alone = CHARTS["latency"](replace(data, beside=()))
    assert "cyclictest" not in words(alone) and not with_gid(alone.axes[0], "cyclictest")


@pytest.mark.filterwarnings("error")
def test_it_is_tidy(data: RunData) -> None:
    many = [Load("threads", 1, n * MS, 120, 1e4 * n) for n in range(1, MOST_LOADS + 3)]
    long = [replace(load, model="a_model_with_a_name_that_nobody_would_choose") for load in usual()]
    figures = [
        CHARTS["latency"](one)
        for one in (run_data(many), data, run_data(long), run_data([Load("threads", 1, MS, 100)]))
    ]
    with style():
        for figure in figures:
            assert_tidy(figure)
    notes = words(figures[0])
    assert "Not drawn: 2 loads more: 1 task × sleep 9 ms and 1 task × sleep 10 ms." in notes


def test_without_tasks_enough_there_is_nothing_to_draw() -> None:
    with pytest.raises(NothingToDraw, match="it needs 100 traced tasks that sleep"):
        CHARTS["latency"](run_data([Load("threads", 10, MS, 9)]))
