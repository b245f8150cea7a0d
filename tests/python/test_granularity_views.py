# SPDX-License-Identifier: Apache-2.0
"""METG as people read it: the table in the reports, and the chart asked through its artists."""

from __future__ import annotations

import io
from collections.abc import Callable

import granularity_synthetic as made
import pandas as pd
import pytest
import synthetic
from charts_checks import assert_tidy, lines, panel, points, with_gid, words
from granularity_synthetic import POOL, SERIAL, TBB, THREADS, steps, sweep
from makespan.charts.by_tasks import makespan_by_tasks
from makespan.charts.data import NothingToDraw, RunData
from makespan.charts.efficiency import efficiency
from makespan.charts.granularity import granularity
from makespan.charts.labels import common
from makespan.charts.scaling import scaling
from makespan.granularity.table import section
from makespan.report import Report, markdown, print_report
from makespan.summary import summarise
from matplotlib.transforms import Bbox
from rich.console import Console

Frame = Callable[..., pd.DataFrame]
MS = synthetic.MS
FEW = steps(decades=3)


def cells(frame: Frame, rows: list[synthetic.Row]) -> list[list[str]]:
    (one,) = section(frame(rows), 2)
    return [list(row) for row in one.table.rows]


def run_data(frame: Frame, rows: list[synthetic.Row]) -> RunData:
    return RunData.of(frame(rows), environment=dict(synthetic.ENVIRONMENT))


@pytest.fixture(scope="module")
def whole() -> RunData:
    return made.run_data(made.whole_run(rounds=6))


def test_the_table_has_metg_and_the_own_work(frame: Frame) -> None:
    rows = [*sweep(POOL, 2_000.0), *sweep(SERIAL, 30.0)]
    (one,) = section(frame(rows), 2)
    assert one.table.header == (
        "model", "shape", "CPUs", "METG(50 %)", "own work at 50 %", "METG(95 %)", "own work at 95 %",
    )  # fmt: skip
    assert [list(row) for row in one.table.rows] == [
        ["serial", "1 × 1", "1 of 2", "≤ 130 ns", "≤ 100 ns", "600 ns (600 ns … 600 ns)", "570 ns"],
        ["process_pool", "2 × 1", "2 of 2", "4 µs (4 µs … 4 µs)", "2 µs", "40 µs (40 µs … 40 µs)", "38 µs"],
    ]  # fmt: skip


def test_the_table_says_what_is_not_known(frame: Frame) -> None:
    (never,) = cells(frame, sweep(TBB, lambda own: 0.25 * own + 10, FEW, rounds=1))
    assert never[3:] == ["≤ 12.5 µs", "≤ 10 µs", "not reached: at most 80 %", "–"]
    (few,) = cells(frame, made.skipped(sweep(THREADS), shorter_than=2 * MS))
    assert few[3:5] == ["too few points: 3 of 21, 5 needed", "–"]
    lengths = FEW[:7]
    wavy = [0.97, 0.9, 0.96, 0.4, 0.96, 0.8, 0.3]
    shares = dict(zip(lengths, wavy))
    (often,) = cells(frame, sweep(TBB, lambda own: own / shares[round(own)] - own, lengths, rounds=1))
    assert often[3].endswith("; crossed 3 times") and often[5].endswith("; crossed 5 times")


def test_an_interval_may_end_where_metg_does_not_exist(frame: Frame) -> None:
    (row,) = cells(frame, sweep(TBB, lambda own: own * 0.075, FEW, rounds=8, noise=0.03))
    assert "… not reached)" in row[5]


def test_the_report_has_the_table_only_of_a_run_with_a_sweep(frame: Frame) -> None:
    swept, plain = frame(sweep(TBB)), frame(synthetic.samples())
    text = io.StringIO()
    for samples, there in ((swept, True), (plain, False)):
        report = Report(samples, summarise(samples, 2), synthetic.ENVIRONMENT)
        print_report(report, Console(file=text, width=160))
        for said in (markdown(report), text.getvalue()):
            assert ("METG(50 %)" in said) is there
        text.truncate(0)
    assert "## METG: how small tasks may be\n\nMETG(50 %) is the smallest" in markdown(
        Report(swept, summarise(swept, 2), synthetic.ENVIRONMENT)
    )


def test_a_panel_for_each_number_of_workers(whole: RunData) -> None:
    figure = granularity(whole)
    one, two = panel(figure, "1 worker"), panel(figure, "2 workers")
    assert list(lines(one)) == ["serial", "tbb_pool", "event_loop"]
    assert list(lines(two)) == ["process_pool", "tbb_pool", "hybrid", "hybrid loop"]
    assert list(lines(panel(figure, "a worker for each task"))) == ["threads", "processes"]
    assert "100 %: 1 of 2 CPUs" in one.get_title(loc="left")
    assert "Of shapes with as many workers" in words(figure)
    assert "× threads 1 × N skipped: tasks of 10 µs, 5.62 µs" in words(figure)
    assert "the first: needs 100,000 of them" in words(figure)


def test_points_are_efficiency_against_granularity(frame: Frame) -> None:
    figure = granularity(run_data(frame, sweep(TBB, 10_000.0, FEW)))
    (axes,) = figure.axes
    expected = [(own + 10_000, own / (own + 10_000)) for own in FEW]
    for shown, right in zip(points(lines(axes)["tbb_pool"]), expected):
        assert shown == pytest.approx(right, rel=1e-6)
    assert axes.get_xscale() == "log"
    assert [line.get_ydata()[0] for line in with_gid(axes, "threshold")] == [0.5, 0.95]
    assert len(with_gid(axes, "interval")) == len(FEW)


def test_metg_is_marked_on_its_threshold(frame: Frame) -> None:
    axes = granularity(run_data(frame, sweep(TBB, 4_000.0, noise=0.02))).axes[0]
    marks = [points(mark)[0] for mark in with_gid(axes, "metg")]
    assert [y for _, y in marks] == [0.5, 0.95]
    assert marks[0][0] == pytest.approx(8_000, rel=0.05)
    assert marks[1][0] == pytest.approx(80_000, rel=0.2)
    for bar, (x, y) in zip(with_gid(axes, "metg interval"), marks):
        (left, low), (right, high) = points(bar)
        assert left < x < right and low == high == y


def test_what_is_not_reached_is_a_note_and_no_mark(frame: Frame) -> None:
    figure = granularity(run_data(frame, sweep(TBB, lambda own: 0.25 * own, FEW)))
    assert "METG(95 %), not reached: tbb_pool 1 × 2." in words(figure)
    (mark,) = with_gid(figure.axes[0], "metg")
    assert mark.get_marker() == "<"  # reached everywhere: at most that
    values = [text.get_text() for text in with_gid(figure.axes[0], "value")]
    assert values == ["METG", "50 %", "95 %", "tbb_pool 1 × 2", "≤ 12.5 µs", "not reached"]


def test_nothing_lies_on_anything(whole: RunData) -> None:
    figure = granularity(whole)
    assert_tidy(figure)
    for axes in figure.axes:
        values = [text.get_window_extent() for text in with_gid(axes, "value")]
        assert values
        for line in lines(axes).values():
            spots = axes.transData.transform(points(line))
            for start, end in zip(spots, spots[1:]):
                for share in (0.0, 0.25, 0.5, 0.75, 1.0):
                    x, y = start + share * (end - start)
                    dot = Bbox.from_extents(x - 2, y - 2, x + 2, y + 2)
                    assert not any(common(dot, box) for box in values)


def test_other_charts_leave_a_sweep_out_that_is_not_alone(frame: Frame) -> None:
    grid = synthetic.samples(batches=[("compute", n, 0, MS) for n in (10, 100)])
    swept = [row for one in (SERIAL, TBB, THREADS) for row in sweep(one, lengths=FEW)]
    both = run_data(frame, [*grid, *made.skipped(swept, shorter_than=MS // 10)])
    for draw in (efficiency, makespan_by_tasks, scaling):
        figure = draw(both)
        assert [axes.get_title(loc="left")[:22] for axes in figure.axes] == ["CPU-bound: 1 ms per ta"]
        assert "skipped" not in words(figure)
    assert len(efficiency(run_data(frame, swept)).axes) == 6
    assert len(granularity(both).axes) == 3


def test_a_run_without_a_sweep_has_no_such_chart(frame: Frame) -> None:
    with pytest.raises(NothingToDraw, match="cut the same work"):
        granularity(run_data(frame, synthetic.samples()))
    skipped = made.skipped(sweep(THREADS, lengths=FEW), shorter_than=20 * MS)
    with pytest.raises(NothingToDraw):
        granularity(run_data(frame, skipped))
