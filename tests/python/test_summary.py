# SPDX-License-Identifier: Apache-2.0
"""The summary: one row a case, with values that can be worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import synthetic
import talk_rows
from makespan.charts.cases import failures_of
from makespan.columns import CASE_KEY
from makespan.summary import SUMMARY_COLUMNS, summarise, write_summary
from makespan.tracked import tracked_cases
from makespan.winners import contenders
from talk_rows import Talk

MS = synthetic.MS
THREADS = synthetic.SHAPES[1]
Frame = Callable[..., pd.DataFrame]


def launches(times: list[int], **changes: object) -> list[synthetic.Row]:
    return [
        synthetic.sample(THREADS, launch=number, makespan_ns=time, **changes)
        for number, time in enumerate(times, start=1)
    ]


def only(frame: pd.DataFrame) -> pd.Series:
    assert len(frame) == 1
    return frame.iloc[0]


def test_known_values(frame: Frame) -> None:
    times = [20 * MS, 12 * MS, 14 * MS, 16 * MS, 11 * MS, 10 * MS]
    more = {"user_cpu_ns": 20 * MS, "system_cpu_ns": 6 * MS, "steal_ns": MS}
    row = only(summarise(frame(launches(times, **more)), cpus=2))
    assert list(row.index) == list(SUMMARY_COLUMNS)
    assert (row["n"], row["failed"], row["status"]) == (6, 0, "ok")
    assert row["makespan_median_ns"] == 13 * MS
    assert (row["makespan_low_ns"], row["makespan_high_ns"]) == (10 * MS, 20 * MS)
    assert row["efficiency"] == pytest.approx(10 / 13)
    assert (row["efficiency_low"], row["efficiency_high"]) == (0.5, 1.0)
    assert row["overhead_per_task_ns"] == pytest.approx(0.3 * MS)
    assert row["cpu_ns"] == 26 * MS
    assert row["parallelism"] == pytest.approx((26 / 12 + 26 / 14) / 2)
    assert row["steal_share"] == pytest.approx(6 / (83 * 2))
    assert (row["max_in_flight"], row["mean_in_flight"]) == (10, 9.5)


def test_cases_are_told_apart_by_every_part_of_the_key(frame: Frame) -> None:
    base = synthetic.sample(THREADS)
    other = {"benchmark": "mixed", "model": "tbb_pool", "variant": "loop"}
    rows = [base] + [{**base, key: other.get(key, "77")} for key in CASE_KEY]
    summary = summarise(frame(rows + rows))
    assert len(summary) == 1 + len(CASE_KEY)
    assert summary["n"].eq(1).all(), "one launch, though it left two rows"
    assert pd.isna(summary["payload_bytes"].iloc[0])


def test_a_launch_counts_once_with_its_median(frame: Frame) -> None:
    rows = launches([10 * MS] * 5) + [
        {**launches([time])[0], "launch": "6"} for time in (30 * MS, 40 * MS, 90 * MS)
    ]
    row = only(summarise(frame(rows)))
    assert row["n"] == 6
    assert row["makespan_high_ns"] == 40 * MS


def test_rows_of_two_runs_are_two_launches(frame: Frame) -> None:
    rows = launches([10 * MS, 20 * MS])
    again = [{**row, "run_id": "another"} for row in rows]
    assert only(summarise(frame(rows + again)))["n"] == 4


def test_failures_are_counted_and_the_worst_is_named(frame: Frame) -> None:
    rows = launches([10 * MS] * 8)
    rows[1] = synthetic.failed(rows[1], "skipped", "limit on threads")
    rows[2] = synthetic.failed(rows[2], "error", "wrong checksum")
    rows[3] = synthetic.failed(rows[3], "timeout", "no end after 60 s")
    row = only(summarise(frame(rows)))
    assert (row["n"], row["failed"]) == (5, 3)
    assert (row["status"], row["error"]) == ("error", "wrong checksum")
    assert row["makespan_median_ns"] == 10 * MS
    assert pd.isna(row["makespan_low_ns"]) and pd.isna(row["efficiency_low"])


def test_a_case_that_never_succeeded_keeps_its_bounds(frame: Frame) -> None:
    rows = [synthetic.failed(row, "skipped", "pid_max 4096") for row in launches([MS] * 6)]
    row = only(summarise(frame(rows), cpus=2))
    assert (row["n"], row["failed"], row["status"]) == (0, 6, "skipped")
    assert row["model_bound_ns"] == 10 * MS
    for name in ("makespan_median_ns", "efficiency", "parallelism", "steal_share", "cpu_ns"):
        assert pd.isna(row[name])


def test_a_batch_of_no_tasks_has_no_efficiency(frame: Frame) -> None:
    row = only(summarise(frame([synthetic.sample(THREADS, tasks=0)])))
    assert row["makespan_median_ns"] == 1000
    assert pd.isna(row["efficiency"]) and pd.isna(row["overhead_per_task_ns"])
    assert pd.isna(row["cpu_per_task_ns"])


def test_rates_and_round_trips_are_medians_and_need_no_bounds(frame: Frame) -> None:
    talk = Talk("ping_pong", "processes", "pipe", 100, 8)
    found = [
        {**row, "messages_per_second": f"{n}.5", "round_trip_p50_ns": str(n), "round_trip_p99_ns": str(9 * n)}
        for n, row in enumerate(talk_rows.rows([talk]), start=1)
    ]
    cpu = {"user_cpu_ns": "4000", "system_cpu_ns": "3000"}
    row = only(summarise(frame([{**one, **cpu} for one in found]), cpus=2))
    assert (row["messages_per_second"], row["round_trip_p50_ns"]) == (4, 3.5)
    assert row["round_trip_p99_ns"] == 31.5
    assert (row["cpu_ns"], row["cpu_per_task_ns"]) == (7000, 70)
    assert (row["n"], row["payload_bytes"]) == (6, 8)
    for name in ("model_bound_ns", "machine_bound_ns", "efficiency", "overhead_per_task_ns"):
        assert pd.isna(row[name]), name


def test_without_the_number_of_cpus_there_is_no_steal_share(frame: Frame) -> None:
    summary = summarise(frame())
    assert summary["steal_share"].isna().all()
    assert summarise(frame(), cpus=2)["steal_share"].eq(0).all()


def test_file(frame: Frame, tmp_path: Path) -> None:
    rows = launches([10 * MS + 1, 10 * MS + 2])
    path = tmp_path / "summary.csv"
    write_summary(summarise(frame(rows)), path)
    header, line = path.read_text(encoding="utf-8").splitlines()
    assert header == ",".join(SUMMARY_COLUMNS)
    fields = dict(zip(SUMMARY_COLUMNS, line.split(",")))
    assert fields["makespan_median_ns"] == "10000001.5"
    assert (fields["tasks"], fields["n"], fields["payload_bytes"]) == ("10", "2", "")
    assert fields["makespan_low_ns"] == ""
    assert [entry.name for entry in tmp_path.iterdir() if "summary" in entry.name] == ["summary.csv"]


def test_a_launch_of_several_batches_counts_once_also_where_it_failed(frame: Frame) -> None:
    """Two of its three batches did not succeed: one launch of six, and its good one does not count."""
    rows = [{**row, "sequence": str(n)} for row in launches([10 * MS] * 6) for n in range(3)]
    rows[4] = synthetic.failed(rows[4], "timeout", "no end after 60 s")
    rows[5] = synthetic.failed(rows[5], "error", "wrong checksum")
    rows[3] = {**rows[3], "makespan_ns": str(90 * MS)}
    samples = frame(rows)
    row = only(summarise(samples))
    assert (row["n"], row["failed"], row["status"]) == (5, 1, "error")
    assert row["makespan_median_ns"] == 10 * MS
    (contender,) = next(iter(contenders(summarise(samples)).values()))
    assert contender.failure == "error in 1 of 6 launches (wrong checksum)"
    (tracked,) = tracked_cases(samples)
    assert (tracked.launches, tracked.failed, tracked.failure) == (5, 1, contender.failure)
    ((failure,),) = failures_of(samples).values()
    assert (failure.status, failure.count) == ("error", 1)
