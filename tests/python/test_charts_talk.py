# SPDX-License-Identifier: Apache-2.0
"""The charts of tasks that talk, asked through their artists."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from charts_checks import assert_tidy, lines, panel, points, with_gid, words
from makespan.charts import CHARTS
from makespan.charts.data import NothingToDraw, RunData
from makespan.charts.ends import spread
from makespan.charts.labels import common
from makespan.charts.round_trips import at_least
from makespan.theme import Theme, style
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from talk_rows import PRICES, STAGES, Talk, messages, ping_pong, pipelines, quick, rings
from talk_synthetic import run_data

TALKS = ("messages", "round_trips", "hops", "pipeline")


def name_of(model: str, own: str) -> str:
    floor = " (floor)" if own == "bare_ring" else ""
    return f"{model}/{own}{floor}" if own else model


def finer() -> RunData:
    peers = ("", "2to1", "1to2", "4to4")
    stages, sizes = (1, 2, 4, 8, 16), (2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)
    payloads = (8, 64, 512, 4096, 16384, 65536)
    every = [*messages(payloads, peers), *ping_pong((8, 1024, 4096, 65536)), *rings(sizes)]
    return run_data([*every, *pipelines(stages), *pipelines(stages, text=True)])


def traced() -> RunData:
    return run_data(quick(), traced=True)


def single() -> RunData:
    every = (messages([8]), ping_pong([8], 2), rings([2]), pipelines([1]))
    return run_data([next(iter(some)) for some in every], rounds=1, traced=True)


def failures() -> RunData:
    why = "a consumer was killed by signal 9 " * 6
    lost = (t if t.model == "threads" else replace(t, status="error", error=why) for t in quick())
    return run_data(list(lost))


@pytest.fixture(scope="module")
def quick_run() -> RunData:
    return traced()


@pytest.mark.parametrize("make", [finer, traced, single, failures])
@pytest.mark.filterwarnings("error")
def test_charts_are_tidy_and_names_lie_on_nothing(make: Callable[[], RunData]) -> None:
    data = make()
    for name in TALKS:
        try:
            figure = CHARTS[name](data)
        except NothingToDraw:
            continue
        with style():
            assert_tidy(figure)
            for axes in figure.axes:
                boxes = [text.get_window_extent() for text in with_gid(axes, "name")]
                room = axes.get_window_extent()
                for place, box in enumerate(boxes):
                    assert box.x1 <= room.x1 + 1 and room.y0 - 1 <= box.y0 and box.y1 <= room.y1 + 1
                    assert all(common(box, other) < 4 for other in boxes[place + 1 :])


def test_messages_are_rates_against_payloads(quick_run: RunData) -> None:
    axes = panel(CHARTS["messages"](quick_run), "1 producer, 1 consumer")
    assert axes.get_xscale() == axes.get_yscale() == "log"
    found = lines(axes)
    assert set(found) == {name_of(*key) for key in PRICES}
    summary = quick_run.summary
    for (model, own), _ in PRICES.items():
        rows = summary[
            (summary["benchmark"] == "messages")
            & (summary["model"] == model)
            & (summary["variant"] == own)
        ]
        rates = set(zip(rows["payload_bytes"].astype(float), rows["messages_per_second"]))
        assert set(points(found[name_of(model, own)])) == rates
    assert [x for x, _ in points(found["processes/posix_queue"])] == [8, 1024]


def test_every_line_is_named_at_its_end_with_its_look(quick_run: RunData) -> None:
    axes = CHARTS["messages"](quick_run).axes[0]
    names = {text.get_text() for text in with_gid(axes, "name")}
    assert names == set(lines(axes))
    looks = {
        (to_hex(l.get_color()), l.get_marker(), l.get_fillstyle()) for l in lines(axes).values()
    }
    assert len(looks) == len(PRICES), "ten lines in one panel, all different"
    assert len(with_gid(axes, "key")) == len(with_gid(axes, "leader")) == len(PRICES)


def test_guides_are_lines_of_equal_bytes_per_second(quick_run: RunData) -> None:
    axes = CHARTS["messages"](quick_run).axes[0]
    rates = [
        {round(math.log10(x * y), 6) for x, y in points(line)} for line in with_gid(axes, "guide")
    ]
    assert all(len(rate) == 1 for rate in rates)
    exponents = [rate.pop() for rate in rates]
    assert exponents == list(range(int(exponents[0]), int(exponents[0]) + len(exponents)))
    assert "1 GB/s" in [text.get_text() for text in with_gid(axes, "guide name")]


def test_producers_and_consumers_have_panels_of_their_own() -> None:
    figure = CHARTS["messages"](run_data(messages([8, 64], ["4to4", "", "2to1"])))
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == [
        "1 producer, 1 consumer",
        "2 producers, 1 consumer",
        "4 producers, 4 consumers",
    ]


def test_a_hop_is_the_inverse_of_the_rate(quick_run: RunData) -> None:
    axes = CHARTS["hops"](quick_run).axes[0]
    found = lines(axes)
    assert set(found) == {name_of(*key) for key, price in PRICES.items() if price[3]}
    summary = quick_run.summary[quick_run.summary["benchmark"] == "ring"]
    row = summary[(summary["model"] == "event_loop") & (summary["variant"] == "channel")]
    expected = list(zip(row["tasks"].astype(float), 1e9 / row["messages_per_second"]))
    assert points(found["event_loop/channel"]) == pytest.approx(expected)
    assert [x for x, _ in expected] == [2, 16, 128]


def test_pipelines_have_the_serial_loop_dashed(quick_run: RunData) -> None:
    figure = CHARTS["pipeline"](quick_run)
    axes = panel(figure, "100,000 lines of generated text")
    found = lines(axes)
    assert set(found) == {name_of(*key) for key in STAGES}
    assert found["serial"].is_dashed() and not found["coroutines/push"].is_dashed()
    assert [x for x, _ in points(found["serial"])] == [1, 4, 16]
    both = CHARTS["pipeline"](run_data([*pipelines(), *pipelines(tasks=9, text=True)]))
    assert panel(both, "9 lines of file 1a2b3c4d")


def test_the_longest_batch_stands_for_a_point() -> None:
    few, many = (Talk("messages", "threads", "queue", n, 8) for n in (100, 1_000))
    data = run_data([few, many, replace(many, tasks=10_000, status="timeout")])
    axes = CHARTS["messages"](data).axes[0]
    rates = data.summary.set_index("tasks")["messages_per_second"]
    assert points(lines(axes)["threads/queue"]) == [(8, rates[1_000])]


def test_failures_break_the_line_and_are_explained() -> None:
    lost = [
        replace(t, status="error", error="killed") if t.payload_bytes == 1_024 else t
        for t in messages()
        if t.model == "threads"
    ]
    figure = CHARTS["messages"](run_data(lost))
    axes = figure.axes[0]
    ys = [y for _, y in points(lines(axes)["threads/queue"])]
    assert [math.isnan(y) for y in ys] == [False, True, False]
    assert [x for mark in with_gid(axes, "failure") for x, _ in points(mark)] == [1_024] * 3
    said = "threads/pipe, threads/queue and threads/tbb_queue error: 100,000 messages of 1 KiB (killed)"
    assert said in words(figure)


def test_wide_intervals_are_drawn_and_their_lack_is_told() -> None:
    talk = Talk("ring", "threads", "pipe", 16)
    data = run_data([talk])
    wide = data.summary.assign(makespan_high_ns=data.summary["makespan_median_ns"] * 3)
    figure = CHARTS["hops"](replace(data, summary=wide))
    ((_, low), (_, high)) = points(with_gid(figure.axes[0], "interval")[0])
    assert high == pytest.approx(3 * 1e9 / data.summary["messages_per_second"].iloc[0])
    assert low < high
    few = CHARTS["hops"](run_data([talk], rounds=5))
    assert not with_gid(few.axes[0], "interval")
    assert "none where fewer than 6 launches were measured" in words(few)


def test_round_trips_are_curves_of_what_was_recorded(quick_run: RunData) -> None:
    figure = CHARTS["round_trips"](quick_run)
    axes = panel(figure, "8 B there and back")
    found = lines(axes)
    assert set(found) == {name_of(*key) for key in PRICES}
    trace = quick_run.trace[quick_run.trace["variant"] == "socket_pair"]
    times = (trace["end_ns"] - trace["start_ns"]).astype(float)
    curve = points(found["processes/socket_pair"])
    assert (curve[0][0], curve[0][1], curve[-1][0]) == (times.min(), 1.0, times.max())
    for x, y in curve[:: len(curve) // 7]:
        assert y == pytest.approx((times >= x).mean())


def test_median_and_p99_are_those_of_the_summary(quick_run: RunData) -> None:
    axes = CHARTS["round_trips"](quick_run).axes[0]
    summary = quick_run.summary[quick_run.summary["benchmark"] == "ping_pong"]
    expected = {
        ((p50, 0.5), (p99, 0.01))
        for p50, p99 in zip(summary["round_trip_p50_ns"], summary["round_trip_p99_ns"])
    }
    assert {tuple(points(mark)) for mark in with_gid(axes, "marks")} == expected


def test_payloads_of_the_trace_come_from_the_samples() -> None:
    figure = CHARTS["round_trips"](run_data(ping_pong([8, 1_024], 20), traced=True))
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "8 B there and back", "1 KiB there and back"
    ]  # fmt: skip
    assert all(len(lines(axes)) == len(PRICES) for axes in figure.axes)


def test_without_traces_round_trips_are_ranges() -> None:
    data = run_data(ping_pong())
    figure = CHARTS["round_trips"](data)
    ranges = [[x for x, _ in points(line)] for line in with_gid(figure.axes[0], "range")]
    ends = data.summary[["round_trip_p50_ns", "round_trip_p99_ns"]].to_numpy().tolist()
    assert sorted(r for r in ranges if len(r) == 2) == sorted(ends)
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert rows[-1] == "processes/bare_ring (floor)" and len(rows) == len(PRICES)


def test_shares_of_a_curve_are_exact() -> None:
    xs, ys = at_least(np.array([1.0, 2.0, 2.0, 10.0]))
    assert list(zip(xs, ys)) == [(1, 1.0), (2, 0.75), (2, 0.5), (10, 0.25)]
    xs, ys = at_least(np.arange(1.0, 100_001.0))
    assert len(xs) <= 400 and (xs[0], ys[0]) == (1, 1) and (xs[-1], ys[-1]) == (100_000, 1e-5)


@pytest.mark.parametrize("name", TALKS)
def test_a_run_without_talk_has_nothing_to_draw(name: str) -> None:
    other = next(iter(pipelines())) if name != "pipeline" else next(iter(rings()))
    with pytest.raises(NothingToDraw, match="it needs a case of"):
        CHARTS[name](run_data([other]))


@pytest.mark.parametrize("name", ["makespan", "efficiency", "concurrency", "scaling", "timeline"])
def test_charts_of_plain_tasks_leave_talk_and_its_trace_alone(
    name: str, quick_run: RunData
) -> None:
    assert len(quick_run.trace) > 0
    with pytest.raises(NothingToDraw):
        CHARTS[name](quick_run)


def test_many_transports_go_into_a_legend() -> None:
    every = [Talk("ring", f"model_{n}", "pipe", size) for n in range(30) for size in (2, 16)]
    figure: Figure = CHARTS["hops"](run_data(every))
    assert not with_gid(figure.axes[0], "name")
    assert "model_29/pipe" in words(figure)
    assert_tidy(figure)


def test_names_are_spread_with_the_least_moves() -> None:
    assert spread([10, 50, 90], 10, 0, 100) == [10, 50, 90]
    assert spread([50, 50, 50], 10, 0, 100) == [40, 50, 60]
    assert spread([2, 3], 10, 0, 100) == [0, 10]
    assert spread([98, 99], 10, 0, 100) == [90, 100]
    assert spread([], 10, 0, 100) == []


def test_transports_keep_the_colour_of_their_model_and_their_own_marker() -> None:
    theme = Theme()
    pipes = [theme.look(model, "pipe") for model in ("threads", "processes", "event_loop")]
    assert len({look.colour for look in pipes}) == 3
    assert len({(look.marker, str(look.dashes)) for look in pipes}) == 1
    assert {look.colour for look in pipes} == {
        theme.look(m).colour for m in ("threads", "processes", "event_loop")
    }
    own = [theme.look("processes", own) for model, own in PRICES if model == "processes"]
    assert len({look.marker for look in own}) == len({str(look.dashes) for look in own}) == 5
    assert [look.filled for look in own].count(False) == 1, "the floor"
    assert not theme.look("processes", "bare_ring").filled
