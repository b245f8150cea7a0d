# SPDX-License-Identifier: Apache-2.0
"""The timeline, asked through its artists."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
import talk_rows
import talk_synthetic
from charts_checks import panel, with_gid, words
from charts_synthetic import MS, Job, class8, run_data
from makespan.charts.data import NothingToDraw, RunData
from makespan.charts.timeline import MOST_PANELS, timeline
from makespan.theme import Theme
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure


@pytest.fixture(scope="module")
def data() -> RunData:
    return run_data(class8(), rounds=3, trace=class8())


@pytest.fixture(scope="module")
def drawn(data: RunData) -> Figure:
    return timeline(data)


def bars(axes: Axes) -> list[tuple[float, float, float]]:
    """(start, end, row) of each bar."""
    [collection] = with_gid(axes, "tasks")
    paths = [path.vertices for path in collection.get_paths()]
    return [(float(p[0][0]), float(p[1][0]), float(round(p[0][1] - 0.1))) for p in paths]


def lanes(axes: Axes) -> list[str]:
    return [label.get_text() for label in axes.get_yticklabels()]


def test_one_panel_a_shape_and_one_bar_a_task(drawn: Figure) -> None:
    titles = [axes.get_title(loc="left") for axes in drawn.axes]
    assert titles == ["serial 1×1", "threads 1×10", "processes 10×1", "process_pool 2×1",
                      "tbb_pool 1×2", "tbb_pool 1×10", "hybrid 2×5", "hybrid loop 2×1",
                      "event_loop 1×1"]  # fmt: skip
    for axes in drawn.axes:
        assert len(bars(axes)) == 10
    assert len({axes.get_xlim() for axes in drawn.axes}) == 1
    assert len({round(axes.get_position().width, 6) for axes in drawn.axes}) == 1


def test_bars_are_the_recorded_starts_and_ends(data: RunData, drawn: Figure) -> None:
    axes = panel(drawn, "process_pool")
    frame = data.trace[data.trace["model"] == "process_pool"]
    recorded = set(zip(frame["start_ns"].astype(float), frame["end_ns"].astype(float)))
    assert {(start, end) for start, end, _ in bars(axes)} <= recorded


def test_lanes_are_processes_and_threads(drawn: Figure) -> None:
    assert lanes(panel(drawn, "process_pool")) == ["process 1", "process 2"]
    assert lanes(panel(drawn, "threads")) == [f"thread {n}" for n in range(1, 11)]
    assert lanes(panel(drawn, "hybrid 2×5"))[5] == "process 2 · thread 1"
    assert lanes(panel(drawn, "hybrid loop")) == ["process 1", "process 2"]


def test_the_event_loop_has_ten_bars_below_each_other_on_one_thread(drawn: Figure) -> None:
    axes = panel(drawn, "event_loop")
    assert lanes(axes) == ["one thread"]
    assert sorted(row for _, _, row in bars(axes)) == list(range(10))
    assert {row for _, _, row in bars(panel(drawn, "serial"))} == {0}


def test_makespan_and_bound_are_drawn_and_told(data: RunData, drawn: Figure) -> None:
    axes = panel(drawn, "tbb_pool 1×2")
    [bound] = with_gid(axes, "bound")
    assert list(bound.get_xdata()) == [25e9, 25e9]
    [makespan] = with_gid(axes, "makespan")
    own = data.samples[(data.samples["model"] == "tbb_pool") & (data.samples["threads"] == 2)]
    assert float(makespan.get_xdata()[0]) in set(own["makespan_ns"].astype(float))
    assert axes.get_title(loc="right").startswith("makespan 25.")
    assert axes.get_title(loc="right").endswith("bound 25 s")


def test_bars_have_the_colour_of_their_model(drawn: Figure) -> None:
    [collection] = with_gid(panel(drawn, "threads"), "tasks")
    assert to_hex(collection.get_facecolor()[0]).upper() == Theme().look("threads").colour


def test_a_shape_that_failed_has_a_panel_that_says_so() -> None:
    jobs = [
        replace(j, status="timeout", error="9 s") if j.model == "serial" else j for j in class8()
    ]
    figure = timeline(run_data(jobs, rounds=2, trace=jobs))
    axes = panel(figure, "serial")
    assert len(with_gid(axes, "failure")) == 1
    assert "timeout: no task to show" in [text.get_text() for text in axes.texts]
    assert axes.get_title(loc="right") == "timeout · bound 50 s"
    assert "× serial timeout: 10 tasks of 5 s sleep (9 s)" in words(figure)


def test_the_batch_of_most_models_is_chosen_then_the_one_nearest_to_ten_tasks() -> None:
    few = [Job("sleep", "threads", 10, (1, 10), MS)]
    many = [Job("sleep", model, 40, (1, 4), MS) for model in ("threads", "tbb_pool")]
    assert "40 tasks of 1 ms sleep" in words(timeline(run_data([*few, *many], 1, [*few, *many])))
    both = [replace(job, tasks=tasks) for job in many for tasks in (12, 40)]
    assert "12 tasks of 1 ms sleep" in words(timeline(run_data(both, 1, both)))


def test_thousands_of_tasks_are_drawn_as_a_picture_without_names() -> None:
    jobs = [Job("sleep", "threads", 3_000, (1, 3_000), MS), Job("sleep", "event_loop", 3_000)]
    jobs[1] = replace(jobs[1], sleep_ns=MS)
    figure = timeline(run_data(jobs, rounds=1, trace=jobs))
    axes = panel(figure, "threads")
    assert lanes(axes) == ["1 process\n3,000 threads"]
    assert with_gid(axes, "tasks")[0].get_rasterized()
    assert not with_gid(axes, "task")


def test_shapes_beyond_the_room_are_listed() -> None:
    models = range(MOST_PANELS + 2)
    jobs = [Job("sleep", f"model_{n:02}", 2, (1, 2), MS) for n in models]
    figure = timeline(run_data(jobs, rounds=1, trace=jobs))
    assert len(figure.axes) == MOST_PANELS
    assert "Not drawn, for lack of room: model_16 1×2 and model_17 1×2." in words(figure)


def test_round_trips_of_a_ping_pong_are_no_tasks(data: RunData) -> None:
    """Even where they are of more models than the tasks."""
    talk = talk_synthetic.run_data(talk_rows.ping_pong(tasks=10), traced=True)
    both = replace(data, trace=pd.concat([talk.trace, data.trace]))
    shown = timeline(both)
    assert "10 tasks of 5 s sleep" in words(shown) and len(shown.axes) == 9


def test_without_a_trace_there_is_nothing_to_draw() -> None:
    with pytest.raises(NothingToDraw, match="--trace"):
        timeline(run_data(class8(), rounds=1))
