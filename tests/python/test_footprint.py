# SPDX-License-Identifier: Apache-2.0
"""Memory per waiting task: slopes with a known answer, the lines of a run, the table and the chart."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
import synthetic
from charts_checks import assert_tidy, lines, points, with_gid, words
from footprint_rows import LOOP, POOL, STACKS, THREADS, footprint, skipped, whole_run
from makespan.charts.data import NothingToDraw, RunData
from makespan.charts.footprint import footprint as chart
from makespan.footprint.lines import find_lines, missing
from makespan.footprint.slope import Slope, slope
from makespan.footprint.table import per_task, section
from makespan.report import Report, markdown, print_report
from makespan.summary import summarise
from rich.console import Console

Frame = Callable[..., pd.DataFrame]


def report(samples: pd.DataFrame) -> Report:
    return Report(samples, summarise(samples, 2), synthetic.ENVIRONMENT)


def run_data(frame: Frame, rows: list[synthetic.Row]) -> RunData:
    return RunData.of(frame(rows), environment=dict(synthetic.ENVIRONMENT))


def test_the_slope_of_a_straight_line_is_exact() -> None:
    readings = {tasks: [5e6 + 112.5 * tasks] * 6 for tasks in (10_000, 100_000, 1_000_000)}
    found = slope(readings)
    assert found and (found.value, found.low, found.high) == pytest.approx((112.5, 112.5, 112.5))


def test_one_launch_that_another_program_disturbed_does_not_move_the_slope() -> None:
    readings = {tasks: [1e6 + 1_000.0 * tasks] * 6 for tasks in (1_000, 10_000)}
    readings[10_000][3] += 5e7
    found = slope(readings)
    assert found and found.value == pytest.approx(1_000)


def test_the_interval_holds_the_slope_as_often_as_it_says() -> None:
    held = 0
    for seed in range(100):
        dice = random.Random(seed)
        readings = {
            tasks: [300.0 * tasks + dice.gauss(0, 20_000) for _ in range(6)]
            for tasks in (1_000, 5_000, 10_000)
        }
        found = slope(readings)
        assert found and found.low is not None and found.high is not None
        held += found.low <= 300 <= found.high
    assert 88 <= held <= 100


def test_the_empty_model_is_left_out_if_two_numbers_of_tasks_remain() -> None:
    starts_processes = {0: [1e6], 1_000: [9e6], 10_000: [9e6 + 9_000 * 50.0]}
    assert slope(starts_processes) == Slope(50.0, None, None)
    assert slope({0: [1e6], 1_000: [1.5e6]}) == Slope(500.0, None, None)
    assert slope({1_000: [9e6]}) is None and slope({}) is None


def test_five_launches_give_no_interval(frame: Frame) -> None:
    (five,) = find_lines(frame(footprint(LOOP, 100, 1, rounds=5)))
    (six,) = find_lines(frame(footprint(LOOP, 100, 1, rounds=6)))
    assert five.total and five.total.low is None
    assert six.total and six.total.low == pytest.approx(101, abs=0.01)


def test_a_line_for_each_model_variant_and_shape(frame: Frame) -> None:
    found = find_lines(frame(whole_run()))
    assert [(line.name, line.shape) for line in found] == [
        ("serial", "1 × 1"),
        ("threads", "a worker per task"),
        ("threads stack-64KiB", "a worker per task"),
        ("process_pool", "8 × 1"),
        ("event_loop", "1 × 1"),
    ]
    threads = found[1]
    assert threads.user and threads.kernel and threads.total
    assert threads.user.value == pytest.approx(9_000)
    assert threads.kernel.value == pytest.approx(30_000)
    assert threads.total.value == pytest.approx(39_000)
    empty = threads.median(0)
    assert empty and empty.total == pytest.approx(2_000 * 1_024)
    assert threads.most == 10_000 and list(threads.missing) == [10_000_000]


def test_other_cpus_and_timer_slacks_have_names_of_their_own(frame: Frame) -> None:
    tags = ("", "pin-0", "pin-0-1", "slack-1us", "stack-64KiB+slack-1us+pin-0_2")
    shapes = [replace(LOOP, variant=variant) for variant in tags]
    found = find_lines(frame([row for shape in shapes for row in footprint(shape, 100, 1)]))
    assert {line.name for line in found} == {
        "event_loop",
        "event_loop on CPU 0",
        "event_loop on CPUs 0-1",
        "event_loop timer slack 1 µs",
        "event_loop stack-64KiB, timer slack 1 µs, on CPUs 0,2",
    }


def test_rows_of_one_launch_count_once(frame: Frame) -> None:
    rows = footprint(POOL, 10, 0, rounds=1)
    again = [{**row, "pss_bytes": str(int(row["pss_bytes"]) + 8_000)} for row in rows]
    (line,) = find_lines(frame([*rows, *again]))
    assert {tasks: len(found) for tasks, found in line.readings.items()} == {
        0: 1,
        1_000: 1,
        10_000: 1,
    }


def test_the_table(frame: Frame) -> None:
    (one,) = section(frame(whole_run()))
    rows = {row[0]: list(row) for row in one.table.rows}
    assert rows["event_loop"] == [
        "event_loop", "1 × 1", "112.0 B (112.0 … 112.0)", "0.25 B (0.25 … 0.25)", "112.2 B (112.2 … 112.2)",
        "1.95 MiB", "109 MiB, 1,000,000 tasks",
    ]  # fmt: skip
    assert rows["threads"][2:5] == [
        "8.79 KiB (8.79 … 8.79)", "29.3 KiB (29.3 … 29.3)", "38.1 KiB (38.1 … 38.1)",
    ]  # fmt: skip
    assert rows["process_pool"][4] == "0.00 B (0.00 … 0.00)"
    assert section(frame(synthetic.samples())) == []


def test_a_slope_in_words() -> None:
    assert per_task(None) == "–"
    assert per_task(Slope(-3.25, -9, 2)) == "-3.25 B (-9.00 … 2.00)"
    assert per_task(Slope(3 * 2**20, None, None)) == "3.00 MiB"


def test_what_could_not_be_measured_is_told(frame: Frame) -> None:
    told = missing(frame(whole_run()))
    assert told == [
        "10,000,000 waiting tasks: threads: skipped (kernel.pid_max = 4194304, 10000001 needed)"
    ]


def test_the_report_has_memory_and_no_race(frame: Frame) -> None:
    alone = report(frame(whole_run()))
    text = io.StringIO()
    print_report(alone, Console(file=text, width=200))
    for said in (markdown(alone), text.getvalue()):
        assert "112.2 B" in said and "kernel.pid_max" in said
        assert "winner" not in said.split("How to read")[0]
    both = report(frame([*whole_run(), *synthetic.samples()]))
    assert all(verdict.batch.benchmark == "sleep" for verdict in both.verdicts)
    assert "Memory per waiting task" in markdown(both)


def test_the_chart_has_a_bar_and_a_line_for_each(frame: Frame) -> None:
    data = run_data(frame, whole_run())
    figure = chart(data)
    bars, totals = figure.axes
    assert len(with_gid(bars, "user")) == len(with_gid(bars, "kernel")) == 5
    user, kernel = (with_gid(bars, name)[1] for name in ("user", "kernel"))
    assert user.get_width() == pytest.approx(9_000)
    assert (kernel.get_x(), kernel.get_width()) == pytest.approx((9_000, 30_000))
    assert [text.get_text() for text in with_gid(bars, "value")][-1] == "112.2 B"
    drawn = lines(totals)
    assert points(drawn["event_loop"])[-1] == pytest.approx((1e6, 2_000 * 1_024 + 112.25e6))
    assert "stack-64KiB" in words(figure)
    assert_tidy(figure)


def test_the_chart_needs_waiting_tasks(frame: Frame) -> None:
    for rows in (synthetic.samples(rounds=1), footprint(LOOP, 1, 1, tasks=[0])):
        with pytest.raises(NothingToDraw, match="bench_footprint"):
            chart(run_data(frame, rows))
    assert chart(run_data(frame, footprint(STACKS, 9_000, 0, tasks=[1_000]))).axes
    lost = [*footprint(THREADS, 1, 1), skipped(LOOP, 10, "no")]
    assert len(with_gid(chart(run_data(frame, lost)).axes[0], "user")) == 1
